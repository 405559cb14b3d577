"""What TAESD sees of a small latent is compared with LUA's picture at the same places."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from leap.data.lua_windows import Cut, LuaWindows
from leap.data.windows import Windows
from leap.training.taught import decode_taught, decode_wholes, seen_terms


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


def draw_of_wholes(scale: int, alone: bool) -> LuaWindows:
    """The same of a toned family, from anywhere in small latents of 24 x 20 positions: in one each,
    or all in one."""
    rng = np.random.default_rng(4)
    windows = draw_windows(scale)
    cuts = [
        replace(c, top=int(rng.integers(9)), left=int(rng.integers(5))) for c in windows.cuts["sd3"]
    ]
    lows = {"flux2": torch.zeros(12, 32, 16, 16)}
    wholes = {"flux2": torch.zeros(1 if alone else 12, 32, 24, 20)}
    return LuaWindows(scale, lows, wholes, {"flux2": cuts}, 16, 12)


def judged(windows: LuaWindows) -> Tensor:
    """The judged parts of enlarged ramps, as a perfect LUA would make them."""
    scale, side = windows.scale, windows.judged * 8
    whole = ramps(1, 192 * scale, 192 * scale)[0] / scale
    parts = []
    for c in next(iter(windows.cuts.values())):
        y, x = (
            (corner * scale + at) * 8
            for corner, at in ((c.top, c.y + c.inner_y), (c.left, c.x + c.inner_x))
        )
        parts.append(whole[:, y : y + side, x : x + side])
    return torch.stack(parts)


def decode_ramps(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
    """In the place of TAESD: a position's pixels tell where in the given latent it is."""
    return ramps(len(z), 8 * z.shape[2], 8 * z.shape[3])


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("kind", ["windows", "a whole each", "one whole"])
def test_places_are_those_of_the_small_picture(scale: int, kind: str) -> None:
    windows = draw_windows(scale)
    if kind != "windows":
        windows = draw_of_wholes(scale, kind == "one whole")
    image = judged(windows)
    at_home = seen_terms(decode_ramps, windows, image, Measure())
    assert at_home["seen"] < 5e-4
    moved = seen_terms(decode_ramps, windows, torch.roll(image, scale, -1), Measure())
    assert moved["seen"] > 4e-3
    # Ramps of a two-hundredth a pixel, moved by one: the square of that, at least.
    assert at_home["met"] < moved["met"] and moved["met"] > math.log(0.5 * 0.005**2)


def test_each_window_has_its_own_whole() -> None:
    """What TAESD sees of the third whole is the third window's target."""

    def shade(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
        return z[:, :1].repeat(1, 3, 8, 8)

    windows = draw_of_wholes(2, alone=False)
    shades = torch.arange(12.0) / 12
    windows.wholes["flux2"] += shades[:, None, None, None]
    image = shades[:, None, None, None].expand(12, 3, 96, 96)
    assert seen_terms(shade, windows, image, Measure())["seen"] < 1e-5


def test_parts_of_a_toned_whole_are_not_decoded() -> None:
    """TAESD cannot show them; where all of it is there, it is decoded."""
    z = torch.zeros(2, 32, 4, 4)
    part, whole, free = (
        Windows({"flux2": z[..., :n, :]}, {}, {"flux2": z} if toned else {})
        for n, toned in ((2, True), (4, True), (2, False))
    )
    assert decode_wholes(decode_ramps, part) is None
    assert decode_wholes(decode_ramps, whole).shape == (2, 3, 32, 32)
    assert decode_wholes(decode_ramps, free).shape == (2, 3, 16, 32)


def test_targets_are_in_the_order_of_the_windows() -> None:
    """As the decoder's pictures are: a family after the other, each window at its place."""

    def shade(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
        return z[:, :3]

    shades = torch.arange(6.0).view(2, 3, 1, 1, 1) / 6
    latents = {f: of.expand(3, 16, 4, 4) for f, of in zip(("sd3", "flux1"), shades, strict=True)}
    found = decode_wholes(shade, Windows(latents, {}, {}))
    assert found.mean((1, 2, 3)).tolist() == pytest.approx((torch.arange(6.0) / 6).tolist())


def test_targets_are_pictures_without_gradients() -> None:
    def foreign(family: str, z: Tensor, whole: Tensor | None = None) -> Tensor:
        return z[:, :3] * 9

    latents = {f: torch.randn(2, 16, 4, 4, requires_grad=True) for f in ("sd3", "flux1")}
    found = decode_taught(foreign, latents)
    assert found.shape == (4, 3, 4, 4) and not found.requires_grad
    assert found.min() == 0 and found.max() == 1
