"""The loss terms of a LUA step: latent ones on whole latents, decoded ones on a window."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from leap.loss.losses import downsample_l1, eagle, fft_l1, high_frequency_l1, l1
from leap.precision import autocast

Latents = dict[str, Tensor]


class Decode(Protocol):
    """A frozen decoder that lets gradients through."""

    def __call__(self, family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        """latents [B,C,h,w] -> images [B,3,8h,8w]. whole: what windows were cut from, for a decoder
        that sees statistics of the whole latent."""
        ...


Window = tuple[str, int, int, int]
"""(family, row, top, left) of a window of an enlarged latent, in its positions."""

CONTEXT = 4
"""Low-resolution positions kept around a window, at least: half an attention window."""

ATTENTION = 8
"""Crops are a multiple of this, as LUA would pad them to it anyway."""

LATENT_TERMS = {"latent_l1", "latent_fft"}
DECODED = {"downsample", "high_frequency", "pixel_l1", "pixel_fft", "eagle", "perceptual"}


def latent_terms(prediction: Latents, target: Latents, weights: dict[str, float]) -> Latents:
    """Means over families of the terms on latents that have a weight."""
    functions = {"latent_l1": l1, "latent_fft": fft_l1}
    return {
        name: torch.stack([f(prediction[k], target[k]) for k in prediction]).mean()
        for name, f in functions.items()
        if weights.get(name, 0) > 0
    }


def decoded_terms(
    image: Tensor,
    target: Tensor,
    weights: dict[str, float],
    scale: int,
    distance: nn.Module | None = None,
) -> Latents:
    """Terms on decoded images [B,3,H,W] that have a weight; the shrink is by the LUA scale,
    `distance` the perceptual one's network."""

    def perceptual(p: Tensor, t: Tensor) -> Tensor:
        with autocast(p.device.type):
            return distance(p, t).mean()

    functions = {
        "downsample": lambda p, t: downsample_l1(p, t, scale),
        "high_frequency": high_frequency_l1,
        "pixel_l1": l1,
        "pixel_fft": fft_l1,
        "eagle": eagle,
        "perceptual": perceptual,
    }
    return {k: f(image, target) for k, f in functions.items() if weights.get(k, 0) > 0}


def choose_windows(
    latents: Latents, count: int, window: int, rng: np.random.Generator
) -> list[Window]:
    """`count` samples (0 = all) as (family, row, top, left) of a window of the latents."""
    samples = [(f, row) for f, z in latents.items() for row in range(len(z))]
    if 0 < count < len(samples):
        samples = [samples[i] for i in sorted(rng.permutation(len(samples))[:count])]
    side = next(iter(latents.values())).shape[-1]
    corners = rng.integers(0, side - window + 1, (len(samples), 2))
    return [(f, row, int(y), int(x)) for (f, row), (y, x) in zip(samples, corners, strict=True)]


def crop_inputs(
    low: Latents, windows: list[Window], window: int, scale: int
) -> tuple[Latents, list[Window]]:
    """The low-resolution latents around the windows, CONTEXT positions wider on each side, and
    the windows' places in what LUA makes of them."""
    size = -(-(window // scale + 2 * CONTEXT) // ATTENTION) * ATTENTION
    crops: dict[str, list[Tensor]] = {}
    places = []
    for family, row, y, x in windows:
        side = low[family].shape[-1]
        size_here = min(size, side)
        top, left = (min(max(c // scale - CONTEXT, 0), side - size_here) for c in (y, x))
        crop = low[family][row, :, top : top + size_here, left : left + size_here]
        crops.setdefault(family, []).append(crop)
        places.append((family, len(crops[family]) - 1, y - top * scale, x - left * scale))
    return {f: torch.stack(c) for f, c in crops.items()}, places


def decode_whole(latents: Latents, decode: Decode) -> Tensor:
    """All of every family's latents decoded: images [count,3,8h,8w]."""
    return torch.cat([decode(family, z).float() for family, z in latents.items()])


def decode_windows(latents: Latents, windows: list[Window], side: int, decode: Decode) -> Tensor:
    """The windows of `latents` decoded: images [count,3,8 side,8 side]."""
    images = []
    for family in dict.fromkeys(f for f, *_ in windows):
        picked = [
            latents[family][row, :, y : y + side, x : x + side]
            for f, row, y, x in windows
            if f == family
        ]
        images.append(decode(family, torch.stack(picked)).float())
    return torch.cat(images)
