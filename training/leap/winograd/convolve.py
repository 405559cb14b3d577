"""The convolution with its gradients, and whether networks use it.

On one core with AVX-512 a convolution with its gradients takes half of the time of PyTorch's, and a
step of the pair two thirds (experiments/journal.md). Its results differ from exact ones by some
1e-5 of the largest, so it is for training: what is exported or judged is computed plainly.
"""

import torch
from torch import Tensor

from leap.precision import fast_dtype
from leap.winograd.build import open_library

LANES = 16
"""Channels have to be a multiple."""

_used = False


def use_winograd(device: str, threads: int) -> bool:
    """Lets networks convolve so from now on, if that is faster: on one thread of a CPU that
    computes in fp32 and has AVX-512, with a C++ compiler. Returns whether they do."""
    global _used
    plain = torch.device(device).type != "cpu" or fast_dtype(device) != torch.float32
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    _used = not plain and wide and threads == 1 and open_library() is not None
    return _used


def takes(x: Tensor, weight: Tensor) -> bool:
    """Whether networks convolve x [B,C,H,W] by weight [K,C,3,3] so."""
    floats = x.dtype == weight.dtype == torch.float32
    whole = all(channels % LANES == 0 for channels in weight.shape[:2])
    return _used and floats and whole and x.device.type == "cpu"


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x [B,C,H,W] by weight [K,C,3,3], with zero padding of one: [B,K,H,W], channels last."""
    return _Convolution.apply(x, weight, bias)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _run(x, _spread(weight), bias)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad
        turned = weight.flip(2, 3).transpose(0, 1) if of_x else None
        return (
            None if turned is None else _run(gradient, _spread(turned), None),
            _correlate(x, gradient) if of_weight else None,
            gradient.sum((0, 2, 3)) if of_bias else None,
        )


def _spread(weight: Tensor) -> Tensor:
    """[K,C,3,3] -> its frequencies [36,C,K]."""
    if weight.stride(2) != 3 * weight.stride(3):
        weight = weight.contiguous()
    outer, inner = weight.shape[:2]
    out = weight.new_empty(36, inner, outer)
    steps = (weight.stride(1), weight.stride(0), weight.stride(3))
    open_library().leap_spread_weights(weight.data_ptr(), inner, outer, *steps, out.data_ptr())
    return out


def _channels_last(x: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """x [B,C,H,W], channels innermost in memory, and its (B, H, W, C)."""
    batch, channels, height, width = x.shape
    return x.contiguous(memory_format=torch.channels_last), (batch, height, width, channels)


def _run(x: Tensor, spread: Tensor, bias: Tensor | None) -> Tensor:
    x, sizes = _channels_last(x)
    outer = spread.shape[2]
    shape = (x.shape[0], outer, *x.shape[2:])
    out = torch.empty(shape, memory_format=torch.channels_last)
    shift = None if bias is None else bias.contiguous()
    open_library().leap_convolve(
        x.data_ptr(),
        *sizes,
        spread.data_ptr(),
        outer,
        None if shift is None else shift.data_ptr(),
        out.data_ptr(),
    )
    return out


def _correlate(x: Tensor, gradient: Tensor) -> Tensor:
    """Gradient of the weights [K,C,3,3]."""
    x, sizes = _channels_last(x)
    gradient, (*_, outer) = _channels_last(gradient)
    out = torch.empty(3, 3, x.shape[1], outer)
    open_library().leap_correlate(x.data_ptr(), *sizes, gradient.data_ptr(), outer, out.data_ptr())
    return out.permute(3, 2, 0, 1)
