"""Muon (Jordan et al. 2024) for matrices and convolutions, Adam for the rest, as one optimizer.

Muon orthogonalises the momentum of each weight matrix, so all directions learn at one rate. Steps
are scaled to Adam's usual size (0.2 x sqrt of the longer side, Liu et al. 2025), so one learning
rate serves both parts. Where compute is short it buys more per step than Adam alone. Tensors are
handled in lists: launching kernels one by one takes a GPU's host as long as a step.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from leap.precision import fast_dtype

ITERATION = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic Newton-Schulz iteration."""

EDGES = ("conv_first", "conv_last", "conv_in", "conv_out", "relative_position")
"""Parameters at the edges of a network, which Adam takes whatever their shape."""


def orthogonalise(g: Tensor, steps: int = 5) -> Tensor:
    """About U V^T of matrices [..., rows, columns] (singular values near 1), in the fast
    precision inside."""
    a, b, c = ITERATION
    x = g.to(fast_dtype(g.device.type))
    if tall := x.shape[-2] > x.shape[-1]:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(g.dtype)


def parameter_groups(model: nn.Module, paces: dict[str, float]) -> list[dict]:
    """Weights that Muon takes, and then the others. paces: names of direct parts of the model that
    learn at so many times the rate of the rest."""
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        inside = parameter.ndim >= 2 and not any(edge in name for edge in EDGES)
        pace = paces.get(name.split(".")[0], 1.0)
        groups.setdefault((inside, pace), []).append(parameter)
    first_muon = sorted(groups.items(), key=lambda item: not item[0][0])
    return [{"params": those, "muon": m, "pace": pace} for (m, pace), those in first_muon]


class Muon(torch.optim.Optimizer):
    """Muon with Nesterov momentum on the matrices, Adam with `betas` on the others; groups and
    paces as in `parameter_groups`."""

    def __init__(
        self,
        model: nn.Module,
        lr: float,
        betas: tuple[float, float],
        momentum: float = 0.95,
        paces: dict[str, float] | None = None,
    ):
        groups = parameter_groups(model, paces or {})
        super().__init__(groups, {"lr": lr, "betas": betas, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        """Updates every parameter that has a gradient."""
        for group in self.param_groups:
            having = [p for p in group["params"] if p.grad is not None]
            if not group["muon"]:
                self._adam(having, group)
                continue
            alike: dict[tuple[int, int], list[Tensor]] = {}
            for p in having:
                alike.setdefault((p.shape[0], p[0].numel()), []).append(p)
            for shape, matrices in alike.items():
                self._muon(matrices, shape, group)

    def _muon(self, matrices: list[Tensor], shape: tuple[int, int], group: dict) -> None:
        """Matrices of one shape together: a twelfth of the kernels of one after the other."""
        for p in matrices:
            if not self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        momenta = [self.state[p]["momentum"] for p in matrices]
        gradients = [p.grad for p in matrices]
        torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, momenta, group["momentum"])
        made = orthogonalise(torch.stack([g.reshape(shape) for g in ahead]))
        steps = [g.view(p.shape) for g, p in zip(made, matrices, strict=True)]
        torch._foreach_add_(matrices, steps, alpha=-group["lr"] * 0.2 * max(shape) ** 0.5)

    def _adam(self, others: list[Tensor], group: dict) -> None:
        for p in others:
            state = self.state[p]
            if not state:
                state.update(step=0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
            state["step"] += 1
        b1, b2 = group["betas"]
        states, gradients = [self.state[p] for p in others], [p.grad for p in others]
        means, squares = [s["mean"] for s in states], [s["square"] for s in states]
        torch._foreach_lerp_(means, gradients, 1 - b1)
        torch._foreach_lerp_(squares, torch._foreach_mul(gradients, gradients), 1 - b2)
        mean = torch._foreach_div(means, [1 - b1 ** s["step"] for s in states])
        root = torch._foreach_div(squares, [1 - b2 ** s["step"] for s in states])
        torch._foreach_sqrt_(root)
        torch._foreach_add_(root, 1e-8)
        torch._foreach_addcdiv_(others, mean, root, value=-group["lr"])
