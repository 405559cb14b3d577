"""Windows of cached latents with their pixels: what the decoder learns from."""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from leap.data.cache import Cache
from leap.data.fresh_crops import FreshCrops, small_pictures
from leap.families import FAMILIES, STRIDE
from leap.networks.leap_decoder import TONED, any_toned


@dataclass(frozen=True)
class WindowRule:
    """How windows are drawn. batch: windows of each family; crop: side in latent positions, at most
    the cached crops'."""

    batch: int
    crop: int
    families: list[str] = field(default_factory=lambda: list(FAMILIES))


@dataclass
class Windows:
    """Per family: latents [B,C,crop,crop], pixels [B,3,8 crop,8 crop] in [0,1], and for toned
    families the whole latents [B,C,h,w] that the windows were cut from."""

    latents: dict[str, Tensor]
    pixels: dict[str, Tensor]
    wholes: dict[str, Tensor]


def draw_small(cache: Cache, rng: np.random.Generator, rule: WindowRule, device: str) -> Windows:
    """Windows of the cache's crops at half or a quarter of their size, each of another one; where a
    family has a tone, whole ones, about as many positions, as only those can be shown by TAESD's
    decoder."""
    scale = int(rng.choice([2, 4]))
    if any_toned(rule.families):
        side = cache.pixels.shape[-1] // STRIDE // scale
        rule = replace(rule, crop=side, batch=max(1, round(rule.batch * (rule.crop / side) ** 2)))
    crops = small_pictures(cache, rng, rule.families, rule.batch, scale)
    return draw_windows(crops, rng, rule, device)


def draw_windows(
    cache: Cache | FreshCrops, rng: np.random.Generator, rule: WindowRule, device: str
) -> Windows:
    """Every family gets its own crops, and every window another one where there are enough: a step
    sees as many pictures as it has samples."""
    out = Windows({}, {}, {})
    side = cache.pixels.shape[-1] // STRIDE
    crop = min(rule.crop, side)
    span = crop * STRIDE
    for family in rule.families:
        count = cache.count_large([family])
        rows = rng.choice(count, rule.batch, replace=rule.batch > count).tolist()
        corners = draw_corners(rng, rule.batch, side, crop).tolist()
        wholes = [cache.latents[f"{family}.hr"][row] for row in rows]
        cut = [z[:, y : y + crop, x : x + crop] for z, (y, x) in zip(wholes, corners, strict=True)]
        pixels = [
            cache.pixels[row, :, y * STRIDE :, x * STRIDE :][:, :span, :span]
            for row, (y, x) in zip(rows, corners, strict=True)
        ]
        out.latents[family] = torch.stack(cut).to(device).float()
        out.pixels[family] = torch.stack(pixels).to(device).float() / 255
        if family in TONED:
            out.wholes[family] = torch.stack(wholes).to(device).float()
    return out


def draw_corners(rng: np.random.Generator, count: int, side: int, crop: int) -> np.ndarray:
    """Where windows of `crop` positions begin in a picture of `side`: [count,2], each from 0 to
    side - crop. Windows that would reach up to half of their side beyond the picture are moved to
    its border: drawn evenly, the outermost positions are seen `crop` times less often than the
    others, and FLUX.2's decoder made 2 dB more error there (experiments/journal.md)."""
    beyond = crop // 2 if side > crop else 0
    corners = rng.integers(-beyond, side - crop + 1 + beyond, (count, 2))
    return corners.clip(0, side - crop)
