"""What TAESD sees of a small latent is compared with LUA's picture at the same places."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from leap.data.lua_windows import Cut, LuaWindows
from leap.training.taught import decode_taught, seen_terms


def ramps(count: int, height: int, width: int) -> Tensor:
    """Pictures whose red is a pixel's x and whose green its y, in two hundredths: [count,3,h,w]."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    return (torch.stack([x, y, torch.zeros_like(x)]) / 200).expand(count, 3, height, width)


class Measure:
    """In the place of Look: the largest difference, but for borders, where bicubic bends."""

    def perceive(self, image: Tensor, target: Tensor) -> Tensor:
        return (image - target)[..., 4:-4, 4:-4].abs().max()


def draw_windows(scale: int) -> LuaWindows:
    """Twelve, of which parts of 16 positions are decoded, and 12 judged."""
    rng = np.random.default_rng(3)
    places = rng.integers(0, 16 * scale - 16 + 1, (12, 2)).tolist()
    cuts = [Cut(0, 0, 0, y, x, inner_y=2, inner_x=2) for y, x in places]
    return LuaWindows(scale, {"sd3": torch.zeros(12, 16, 16, 16)}, {}, {"sd3": cuts}, 16, 12)


def judged(windows: LuaWindows) -> Tensor:
    """The judged parts of enlarged ramps, as a perfect LUA would make them."""
    scale, side = windows.scale, windows.judged * 8
    whole = ramps(1, 128 * scale, 128 * scale)[0] / scale
    parts = []
    for c in windows.cuts["sd3"]:
        y, x = (c.y + c.inner_y) * 8, (c.x + c.inner_x) * 8
        parts.append(whole[:, y : y + side, x : x + side])
    return torch.stack(parts)


@pytest.mark.parametrize("scale", [2, 4])
def test_places_are_those_of_the_small_picture(scale: int) -> None:
    def foreign(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
        return ramps(len(z), 8 * z.shape[2], 8 * z.shape[3])

    windows = draw_windows(scale)
    image = judged(windows)
    at_home = seen_terms(foreign, windows, image, Measure())
    assert at_home["seen"] < 5e-4
    moved = seen_terms(foreign, windows, torch.roll(image, scale, -1), Measure())
    assert moved["seen"] > 4e-3
    # Ramps of a two-hundredth a pixel, moved by one: the square of that, at least.
    assert at_home["met"] < moved["met"] and moved["met"] > math.log(0.5 * 0.005**2)


def test_targets_are_pictures_without_gradients() -> None:
    def foreign(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
        return z[:, :3] * 9

    latents = {f: torch.randn(2, 16, 4, 4, requires_grad=True) for f in ("sd3", "flux1")}
    found = decode_taught(foreign, latents)
    assert found.shape == (4, 3, 4, 4) and not found.requires_grad
    assert found.min() == 0 and found.max() == 1
