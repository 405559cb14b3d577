"""Windows of small latents with the photograph's pixels: what our LUA learns from."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from leap.data.cache import Cache
from leap.data.fresh_crops import FreshCrops
from leap.families import STRIDE
from leap.networks.leap_decoder import TONED, any_toned

LOW = 16
"""Side of the window that LUA sees, latent positions of the small picture."""

DECODED = 32
"""Side of the part of LUA's output that is decoded, positions of the large latent."""

MARGIN = 2
"""Positions left out along those sides of the decoded part that lie inside of the picture: there
LUA and the decoder lack what a whole picture would show them."""

TONED_MARGIN = 4
"""The same for families with a tone. On the validation pictures FLUX.2's LUA loses 0.29 dB where it
sees a window in place of the whole, judged with two positions left out; with six it loses 0.04.
FLUX.1's loses 0.04 and 0.01."""


@dataclass(frozen=True)
class Cut:
    """Places of one window: LUA sees the small latent from (top, left) on; of its output, the part
    from (y, x) on is decoded; of that, the part from (inner_y, inner_x) on is judged."""

    row: int
    top: int
    left: int
    y: int
    x: int
    inner_y: int
    inner_x: int


@dataclass
class LuaWindows:
    """lows and cuts by family; wholes: for toned families, the small latents that the windows were
    cut from, one for each or one for all; side: of the decoded part; judged: of what is judged,
    positions."""

    scale: int
    lows: dict[str, Tensor]
    wholes: dict[str, Tensor]
    cuts: dict[str, list[Cut]]
    side: int
    judged: int


def draw_lua_windows(
    cache: Cache | FreshCrops,
    rng: np.random.Generator,
    families: list[str],
    scale: int,
    batch: int,
    decoded: int = DECODED,
    rows: int | None = None,
    together: bool = False,
) -> LuaWindows:
    """`batch` windows of each family, from the first `rows` crops (all without), each from another
    one where there are enough; together: of a family all from one crop, as large crops' wholes take
    long to enlarge."""
    high = cache.pixels.shape[-1] // STRIDE
    low = min(LOW, high // scale)
    side = min(decoded, low * scale)
    margin = TONED_MARGIN if any_toned(families) else MARGIN
    if side == high:
        margin = 0
    judged = side - 2 * margin
    lows, wholes, cuts = {}, {}, {}
    for family in families:
        latents, cuts[family] = [], []
        count, wanted = rows or len(cache), 1 if together else batch
        drawn = rng.choice(count, wanted, replace=wanted > count).tolist()
        for row in drawn * batch if together else drawn:
            top, left = (int(v) for v in rng.integers(0, high // scale - low + 1, 2))
            y, x = (int(v) for v in rng.integers(0, low * scale - side + 1, 2))
            inner = [
                inner_corner(start * scale + offset, side, high, margin)
                for start, offset in ((top, y), (left, x))
            ]
            cuts[family].append(Cut(row, top, left, y, x, *inner))
            z = cache.latents[f"{family}.x{scale}"][row]
            latents.append(z[:, top : top + low, left : left + low])
        lows[family] = torch.stack(latents).float()
        if family in TONED:
            wholes[family] = cache.latents[f"{family}.x{scale}"][drawn].float()
    return LuaWindows(scale, lows, wholes, cuts, side, judged)


def inner_corner(start: int, side: int, whole: int, margin: int) -> int:
    """Where the judged part begins within a decoded part that begins at `start` of `whole`
    positions: at the picture's own border nothing is left out."""
    if start == 0:
        return 0
    return 2 * margin if start + side == whole else margin


def cut_outputs(outputs: dict[str, Tensor], windows: LuaWindows) -> dict[str, Tensor]:
    """The parts of LUA's outputs that are decoded: [B,C,side,side] a family."""
    n = windows.side
    return {
        f: torch.stack(
            [z[:, c.y : c.y + n, c.x : c.x + n] for z, c in zip(out, windows.cuts[f], strict=True)]
        )
        for f, out in outputs.items()
    }


def cut_images(images: dict[str, Tensor], windows: LuaWindows) -> Tensor:
    """The judged parts of decoded images, all families in one: [N,3,8 judged,8 judged]."""
    n = windows.judged * STRIDE
    parts = []
    for family, batch in images.items():
        for image, c in zip(batch, windows.cuts[family], strict=True):
            y, x = c.inner_y * STRIDE, c.inner_x * STRIDE
            parts.append(image[:, y : y + n, x : x + n])
    return torch.stack(parts)


def photographs(cache: Cache | FreshCrops, windows: LuaWindows, device: str) -> Tensor:
    """The pixels of the judged parts, in [0,1]: [N,3,8 judged,8 judged]; they travel as bytes."""
    n, s = windows.judged * STRIDE, windows.scale
    parts = []
    for cuts in windows.cuts.values():
        for c in cuts:
            y = (c.top * s + c.y + c.inner_y) * STRIDE
            x = (c.left * s + c.x + c.inner_x) * STRIDE
            parts.append(cache.pixels[c.row, :, y : y + n, x : x + n])
    return torch.stack(parts).to(device, non_blocking=True).float() / 255


def high_latents(cache: Cache, windows: LuaWindows) -> dict[str, Tensor]:
    """The large picture's own latents of the decoded parts. Rows must have them."""
    n, s = windows.side, windows.scale
    out = {}
    for family, cuts in windows.cuts.items():
        parts = []
        for c in cuts:
            y, x = c.top * s + c.y, c.left * s + c.x
            parts.append(cache.latents[f"{family}.hr"][c.row, :, y : y + n, x : x + n])
        out[family] = torch.stack(parts).float()
    return out
