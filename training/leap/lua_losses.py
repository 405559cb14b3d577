"""The loss terms of a LUA step: latent ones on whole latents, decoded ones on a window."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from leap.losses import downsample_l1, eagle, fft_l1, high_frequency_l1, l1

Latents = dict[str, Tensor]
Decode = Callable[[str, Tensor], Tensor]
"""Frozen decoder: (family, latents [B,C,h,w]) -> images [B,3,8h,8w], gradients kept."""

DECODED = {"downsample", "high_frequency", "pixel_l1", "pixel_fft", "eagle"}


def latent_terms(prediction: Latents, target: Latents, weights: dict[str, float]) -> Latents:
    """Means over families of the terms on latents that have a weight."""
    functions = {"latent_l1": l1, "latent_fft": fft_l1}
    return {
        name: torch.stack([f(prediction[k], target[k]) for k in prediction]).mean()
        for name, f in functions.items()
        if weights.get(name, 0) > 0
    }


def decoded_terms(image: Tensor, target: Tensor, weights: dict[str, float], scale: int) -> Latents:
    """Terms on decoded images [B,3,H,W] that have a weight; the shrink is by the LUA scale."""
    functions = {
        "downsample": lambda p, t: downsample_l1(p, t, scale),
        "high_frequency": high_frequency_l1,
        "pixel_l1": l1,
        "pixel_fft": fft_l1,
        "eagle": eagle,
    }
    return {k: f(image, target) for k, f in functions.items() if weights.get(k, 0) > 0}


def choose_windows(
    latents: Latents, count: int, window: int, rng: np.random.Generator
) -> list[tuple[str, int, int, int]]:
    """`count` samples (0 = all) as (family, row, top, left) of a window of the latents."""
    samples = [(f, row) for f, z in latents.items() for row in range(len(z))]
    if 0 < count < len(samples):
        samples = [samples[i] for i in sorted(rng.permutation(len(samples))[:count])]
    side = next(iter(latents.values())).shape[-1]
    corners = rng.integers(0, side - window + 1, (len(samples), 2))
    return [(f, row, int(y), int(x)) for (f, row), (y, x) in zip(samples, corners, strict=True)]


def decode_windows(
    latents: Latents, windows: list[tuple[str, int, int, int]], side: int, decode: Decode
) -> Tensor:
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
