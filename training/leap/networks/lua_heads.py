"""LUA's heads: pixel-shuffle upsamplers from trunk features to a latent of s times the size."""

import torch.nn.functional as F
from torch import Tensor, nn

LEAK = 0.01


class RefineBlock(nn.Module):
    """h + conv2(LeakyReLU(conv1(h))): capacity where the enlarged latent lives."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.leaky_relu(self.conv1(x), LEAK))


def build_upsample(width: int, scale: int) -> nn.Sequential:
    """conv + PixelShuffle(2) per doubling; indices 0,1 and 2,3 as in BasicSR."""
    layers: list[nn.Module] = []
    for _ in range(scale.bit_length() - 1):
        layers += [nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2)]
    return nn.Sequential(*layers)


class Head(nn.Module):
    """One scale's head. Without `channels` the last convolution is left to the caller."""

    def __init__(self, embed: int, width: int, scale: int, refine: int, channels: int | None):
        super().__init__()
        self.conv_before = nn.Sequential(nn.Conv2d(embed, width, 3, padding=1), nn.LeakyReLU(LEAK))
        self.upsample = build_upsample(width, scale)
        if refine:
            self.refine = nn.ModuleList(
                nn.ModuleList(RefineBlock(width) for _ in range(refine))
                for _ in range(scale.bit_length() - 1)
            )
        self.conv_last = nn.Conv2d(width, channels, 3, padding=1) if channels else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """[B,embed,h,w] -> [B,channels,s*h,s*w] (or [B,width,...] without `channels`)."""
        x = self.conv_before(features)
        for stage in range(len(self.upsample) // 2):
            x = self.upsample[2 * stage + 1](self.upsample[2 * stage](x))
            for block in self.refine[stage] if hasattr(self, "refine") else ():
                x = block(x)
        return self.conv_last(x)
