"""Muon (Jordan et al. 2024) for matrices and convolutions, Adam for the rest, as one optimizer.

Muon orthogonalises the momentum of each weight matrix, so all directions learn at one rate. Steps
are scaled to Adam's usual size (0.2 x sqrt of the longer side, Liu et al. 2025), so one learning
rate serves both parts. Where compute is short it buys more per step than Adam alone.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

ITERATION = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic Newton-Schulz iteration."""

EDGES = ("conv_first", "conv_last", "conv_in", "conv_out", "relative_position")
"""Parameters at the edges of a network, which Adam takes whatever their shape."""


def orthogonalise(g: Tensor, steps: int = 5) -> Tensor:
    """About U V^T of a matrix [rows, columns] (singular values near 1), in bf16 inside."""
    a, b, c = ITERATION
    x = g.bfloat16()
    if tall := x.shape[0] > x.shape[1]:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).to(g.dtype)


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(weights that Muon takes, the others)."""
    matrices, others = [], []
    for name, parameter in model.named_parameters():
        inside = parameter.ndim >= 2 and not any(edge in name for edge in EDGES)
        (matrices if inside else others).append(parameter)
    return matrices, others


class Muon(torch.optim.Optimizer):
    """Muon with Nesterov momentum on `matrices`, Adam with `betas` on `others`."""

    def __init__(
        self,
        model: nn.Module,
        lr: float,
        betas: tuple[float, float],
        momentum: float = 0.95,
    ):
        matrices, others = split_parameters(model)
        groups = [{"params": matrices, "muon": True}, {"params": others, "muon": False}]
        super().__init__(groups, {"lr": lr, "betas": betas, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        """Updates every parameter that has a gradient."""
        for group in self.param_groups:
            update = self._muon if group["muon"] else self._adam
            for p in group["params"]:
                if p.grad is not None:
                    update(p, group)

    def _muon(self, p: Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        g = p.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
        scale = 0.2 * max(g.shape) ** 0.5
        p.add_(orthogonalise(g).view(p.shape), alpha=-group["lr"] * scale)

    def _adam(self, p: Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
        b1, b2 = group["betas"]
        state["step"] += 1
        state["mean"].lerp_(p.grad, 1 - b1)
        state["square"].lerp_(p.grad.square(), 1 - b2)
        mean = state["mean"] / (1 - b1 ** state["step"])
        square = state["square"] / (1 - b2 ** state["step"])
        p.addcdiv_(mean, square.sqrt() + 1e-8, value=-group["lr"])
