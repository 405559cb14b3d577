"""Crops of the cache in other colours and directions, encoded on the spot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from leap.data.cache import LATENTS, Cache
from leap.data.crops import recolour, shrink

FRESH_SIDES = {1: 160, 2: 320, 4: 512}
"""Side of a fresh crop by scale, pixels: a window's 16 small positions; at x1 and x2 four more, so
that most windows have a side inside of the picture."""

Encode = Callable[[str, Tensor], Tensor]
"""Frozen encoder: (family, images [B,3,8h,8w] in [0,1]) -> latents [B,C,h,w]."""


@dataclass
class FreshCrops:
    """What windows are drawn from, as Cache has it. pixels: uint8 [n,3,s,s]; latents["flux1.x4"]
    and so on: [n,C,h,w], of one scale, whose name is "hr" for 1."""

    pixels: Tensor
    latents: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.pixels)

    def count_large(self, families: list[str]) -> int:
        """All have large latents, or none: only those of scale 1 are asked."""
        return len(self)


def renew_crops(
    cache: Cache, rng: np.random.Generator, families: list[str], scale: int, n: int, encode: Encode
) -> FreshCrops:
    """`n` crops from any place of the cache's crops, varied.

    The cache alone has as many inputs for x4 as it has crops, since LUA's window is then the whole
    small picture, and some ten thousand for x2. On them LUA's lead over decode-then-bicubic was 0.2
    dB larger than on the validation pictures (SD 1.5, both scales).
    """
    whole = cache.pixels.shape[-1]
    side = min(FRESH_SIDES[scale], whole)
    crops = []
    for row in rng.integers(len(cache), size=n).tolist():
        top, left = rng.integers(0, whole - side + 1, 2).tolist()
        crops.append(vary(cache.pixels[row, :, top : top + side, left : left + side], rng))
    pixels = torch.stack(crops)
    low = shrink(pixels.float() / 255, scale)
    return FreshCrops(pixels, {f"{f}.{LATENTS[scale]}": encode(f, low) for f in families})


def small_pictures(
    cache: Cache, rng: np.random.Generator, families: list[str], n: int, scale: int
) -> FreshCrops:
    """`n` crops at a half or a quarter (scale 2 or 4) of their size, each another one where there
    are enough, with the small latents that the cache has of them: whole pictures of 256 or 128
    pixels.

    FLUX.2's decoder sees statistics of the whole latent. Trained on crops of 512 pixels only, it
    had 29.98 dB at 256 and 27.61 at 128, where TAESD's has 30.68 and 29.24 (18 pictures).
    """
    rows = rng.choice(len(cache), n, replace=n > len(cache)).tolist()
    low = shrink(cache.pixels[rows].float() / 255, scale)
    latents = {f"{f}.hr": cache.latents[f"{f}.x{scale}"][rows] for f in families}
    return FreshCrops((low * 255).round().to(torch.uint8), latents)


def vary(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """uint8 [3,s,s] to the same: mirrored half the time, turned by a right angle one time in four,
    in other colours every second time."""
    if rng.random() < 0.5:
        pixels = pixels.flip(2)
    if rng.random() < 0.25:
        pixels = pixels.transpose(1, 2)
    return recolour(pixels, rng) if rng.random() < 0.5 else pixels
