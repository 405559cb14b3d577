"""Crops of the cache in other colours and directions, encoded on the spot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from leap.data.cache import Cache
from leap.data.crops import recolour, shrink

Encode = Callable[[str, Tensor], Tensor]
"""Frozen encoder: (family, images [B,3,8h,8w] in [0,1]) -> latents [B,C,h,w]."""


@dataclass
class FreshCrops:
    """What windows are drawn from, as Cache has it. pixels: uint8 [n,3,s,s]; latents["flux1.x4"]
    and so on: [n,C,h,w], of one scale."""

    pixels: Tensor
    latents: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.pixels)


def renew_crops(
    cache: Cache, rng: np.random.Generator, families: list[str], scale: int, n: int, encode: Encode
) -> FreshCrops:
    """`n` crops of the cache, varied. At x4 LUA's window is nearly the whole small picture, so that
    from the cache alone it sees no more inputs than there are crops: on those its lead over
    decode-then-bicubic was 0.2 dB larger than on the validation pictures (SD 1.5)."""
    rows = rng.integers(len(cache), size=n).tolist()
    pixels = torch.stack([vary(cache.pixels[row], rng) for row in rows])
    low = shrink(pixels.float() / 255, scale)
    return FreshCrops(pixels, {f"{f}.x{scale}": encode(f, low) for f in families})


def vary(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """uint8 [3,s,s] to the same: mirrored half the time, turned by a right angle one time in four,
    in other colours every second time."""
    if rng.random() < 0.5:
        pixels = pixels.flip(2)
    if rng.random() < 0.25:
        pixels = pixels.transpose(1, 2)
    return recolour(pixels, rng) if rng.random() < 0.5 else pixels
