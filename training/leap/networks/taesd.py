"""TAESD-layout autoencoders: the makers of our latents and the frozen decoders of the pixel losses.

Layout by madebyollin/taesd (MIT); the state-dict keys are the nn.Sequential indices. The weights
are inputs of the training, never part of what we ship.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.families import FAMILIES
from leap.networks.conv3 import Conv3

WIDTH = 64
POOL_WIDTH = 256


class Clamp(nn.Module):
    """Soft clamp of a latent to +-3, as TAESD decoders begin."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x / 3) * 3


class Block(nn.Module):
    """ReLU(conv3(x) + skip(x)); `pooled` adds FLUX.2's global statistics to the input first."""

    def __init__(self, width: int = WIDTH, pooled: bool = False):
        super().__init__()
        self.conv = nn.Sequential(
            Conv3(width, width),
            nn.ReLU(inplace=True),
            Conv3(width, width),
            nn.ReLU(inplace=True),
            Conv3(width, width),
        )
        self.pool = (
            nn.Sequential(
                nn.Conv2d(width, POOL_WIDTH, 1, bias=False),
                nn.GroupNorm(4, POOL_WIDTH),
                nn.ReLU(inplace=True),
                nn.Conv2d(POOL_WIDTH, width, 1, bias=False),
            )
            if pooled
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.pool is not None:
            x = x + self.pool(x)
        return torch.relu(self.conv(x) + x)


def build_encoder(channels: int, pooled: bool = False) -> nn.Sequential:
    """Image [B,3,8h,8w] in [0,1] -> model-space latent [B,channels,h,w]."""

    def down() -> nn.Conv2d:
        return nn.Conv2d(WIDTH, WIDTH, 3, stride=2, padding=1, bias=False)

    return nn.Sequential(
        nn.Conv2d(3, WIDTH, 3, padding=1),
        Block(),
        *(down(), Block(), Block(), Block()),
        *(down(), Block(), Block(), Block()),
        *(down(), Block(pooled=pooled), Block(pooled=pooled), Block(pooled=pooled)),
        nn.Conv2d(WIDTH, channels, 3, padding=1),
    )


def build_decoder(channels: int, pooled: bool = False) -> nn.Sequential:
    """Model-space latent [B,channels,h,w] -> image [B,3,8h,8w], about [0,1], not clamped."""

    def up() -> list[nn.Module]:
        return [nn.Upsample(scale_factor=2), Conv3(WIDTH, WIDTH, bias=False)]

    return nn.Sequential(
        *(Clamp(), nn.Conv2d(channels, WIDTH, 3, padding=1), nn.ReLU(inplace=True)),
        *(Block(pooled=pooled), Block(pooled=pooled), Block(pooled=pooled), *up()),
        *(Block(), Block(), Block(), *up()),
        *(Block(), Block(), Block(), *up()),
        *(Block(), nn.Conv2d(WIDTH, 3, 3, padding=1)),
    )


def load_taesd(part: str, family: str, folder: Path | str) -> nn.Sequential:
    """The frozen TAESD `part` ('encoder' or 'decoder') of `family`, fp32, channels-last.

    Raises FileNotFoundError when the folder lacks the file.
    """
    info = FAMILIES[family]
    build = {"encoder": build_encoder, "decoder": build_decoder}[part]
    net = build(info.channels, pooled=family == "flux2")
    stem = Path(folder) / f"{info.taesd}_{part}"
    if stem.with_suffix(".safetensors").exists():
        state = load_file(stem.with_suffix(".safetensors"))
    else:
        state = torch.load(stem.with_suffix(".pth"), map_location="cpu", weights_only=True)
    net.load_state_dict({k: v.float() for k, v in state.items()})
    return net.eval().requires_grad_(False).to(memory_format=torch.channels_last)
