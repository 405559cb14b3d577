"""Swin transformer parts in SwinIR's layout (BasicSR's names), on tokens [B,H,W,E]."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.networks.conv3 import Conv3

MASKED = -100.0
"""What SwinIR adds to the scores of positions that the cyclic shift brought together."""


def relative_index(window: int) -> Tensor:
    """Row of the bias table for each pair of positions in a window: int64 [w*w, w*w]."""
    axis = torch.arange(window)
    y, x = (a.flatten() for a in torch.meshgrid(axis, axis, indexing="ij"))
    dy = y[:, None] - y[None, :] + window - 1
    dx = x[:, None] - x[None, :] + window - 1
    return dy * (2 * window - 1) + dx


def shift_mask(
    height: int, width: int, window: int, shift: int, device: torch.device | str = "cpu"
) -> Tensor:
    """Score mask of the shifted grid, 0 or -100: [windows, w*w, w*w].

    Made on the device: a copy from the host would make a GPU wait for all that it has queued.
    """

    def pieces(n: int) -> Tensor:
        """Which of the three pieces that a shift brings together a row (or column) is of."""
        i = torch.arange(n, device=device)
        return (i >= n - window).float() + (i >= n - shift).float()

    labels = 3 * pieces(height)[:, None] + pieces(width)[None]
    flat = split_windows(labels[None, :, :, None], window)[..., 0]
    return (flat[:, None, :] != flat[:, :, None]).float() * MASKED


def split_windows(x: Tensor, window: int) -> Tensor:
    """[B,H,W,E] -> [B*windows, w*w, E], windows row by row."""
    b, h, w, e = x.shape
    x = x.view(b, h // window, window, w // window, window, e)
    return x.transpose(2, 3).reshape(-1, window * window, e)


def join_windows(x: Tensor, window: int, height: int, width: int) -> Tensor:
    """Inverse of `split_windows`."""
    e = x.shape[-1]
    x = x.view(-1, height // window, width // window, window, window, e)
    return x.transpose(2, 3).reshape(-1, height, width, e)


class WindowAttention(nn.Module):
    """Multi-head attention inside each window, with a learned bias per relative position."""

    def __init__(self, width: int, window: int, heads: int):
        super().__init__()
        self.heads = heads
        self.relative_position_bias_table = nn.Parameter(torch.empty((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        self.register_buffer("relative_position_index", relative_index(window), persistent=False)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x [B*windows, n, E]; mask [windows, n, n] or None."""
        bw, n, e = x.shape
        q, k, v = self.qkv(x).view(bw, n, 3, self.heads, e // self.heads).permute(2, 0, 3, 1, 4)
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.view(n, n, self.heads).permute(2, 0, 1)[None]
        # Written out: the fused attention checks for empty rows when the bias needs a gradient.
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1) + bias.to(q.dtype)
        if mask is not None:
            scores = scores.view(-1, mask.shape[0], self.heads, n, n) + mask[:, None].to(q.dtype)
            scores = scores.view(bw, self.heads, n, n)
        x = scores.softmax(-1).to(v.dtype) @ v
        return self.proj(x.transpose(1, 2).reshape(bw, n, e))


class Mlp(nn.Module):
    """fc2(GELU(fc1(x))), GELU by erf."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class SwinBlock(nn.Module):
    """x + attention(LN(x)), then x + mlp(LN(x)); `shift` > 0 moves the window grid."""

    def __init__(self, width: int, heads: int, window: int, shift: int, mlp_ratio: float):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1 = nn.LayerNorm(width)
        self.attn = WindowAttention(width, window, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, int(width * mlp_ratio))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [B,H,W,E], H and W multiples of the window; mask as `shift_mask` of that size."""
        h, w = x.shape[1:3]
        y = self.norm1(x)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        y = self.attn(split_windows(y, self.window), mask if self.shift else None)
        y = join_windows(y, self.window, h, w)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.mlp(self.norm2(x))


class ResidualGroup(nn.Module):
    """SwinIR's BasicLayer: the blocks, odd ones shifted by half a window."""

    def __init__(self, width: int, depth: int, heads: int, window: int, mlp_ratio: float):
        super().__init__()
        self.blocks = nn.ModuleList(
            SwinBlock(width, heads, window, window // 2 if j % 2 else 0, mlp_ratio)
            for j in range(depth)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x, mask)
        return x


class Rstb(nn.Module):
    """Residual Swin group: x + conv(blocks(x)), on [B,H,W,E]."""

    def __init__(self, width: int, depth: int, heads: int, window: int, mlp_ratio: float):
        super().__init__()
        self.residual_group = ResidualGroup(width, depth, heads, window, mlp_ratio)
        self.conv = Conv3(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        y = self.residual_group(x, mask).permute(0, 3, 1, 2)
        return x + self.conv(y).permute(0, 2, 3, 1)
