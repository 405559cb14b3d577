"""Parameters and multiply-adds of a network, counted while it runs."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from leap.networks.swin import WindowAttention


def count_parameters(model: nn.Module) -> int:
    """All trained numbers."""
    return sum(p.numel() for p in model.parameters())


def count_multiply_adds(model: nn.Module, run: Callable[[], Tensor]) -> int:
    """Multiply-adds of `run()` in the convolutions, linear layers and window attentions of `model`.

    A convolution or linear layer: its weight's size per output position; attention: 2 n E per
    token of a window of n (scores and sum).
    """
    total = 0

    def weighted(module: nn.Module, _: tuple, out: Tensor) -> None:
        nonlocal total
        channels = out.shape[1 if isinstance(module, nn.Conv2d) else -1]
        total += module.weight.numel() * (out.numel() // channels)

    def attending(module: nn.Module, inputs: tuple, out: Tensor) -> None:
        nonlocal total
        total += 2 * inputs[0].shape[1] * out.numel()

    hooks = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            hooks.append(module.register_forward_hook(weighted))
        elif isinstance(module, WindowAttention):
            hooks.append(module.register_forward_hook(attending))
    with torch.inference_mode():
        run()
    for hook in hooks:
        hook.remove()
    return total
