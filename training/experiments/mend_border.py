"""Teaches a finished decoder the border of a picture, and nothing else.

    T=trunk-flux2
    python -m experiments.mend_border --trunk $T --cache CACHE --minutes 14 --out BLEND/$T \\
        --lua RUNS/$T/lua-pair.state.pt --decoder RUNS/$T/decoder-pair.state.pt

Windows lie on the border of pictures whose latents are the cache's own or LUA's. Near the border
the photograph is the target, by the means of cells and the error; farther inside it is what the
decoder made before, so that LUA's pictures, which the decoder learnt together with LUA, stay as
they are.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from leap.data.cache import Cache
from leap.families import STRIDE, TRUNKS
from leap.frozen import EnlargeLatent, lua_enlarge, open_decoder
from leap.networks.leap_decoder import TONED
from leap.networks.lua import LuaConfig
from leap.precision import autocast
from leap.training.trainer import save_state_whole

SIDE = 16
"""Of a window, latent positions."""

BAND = 16
"""Pixels from the border whose target is the photograph."""

CUT = 24
"""Pixels left out along the sides of a window that lie inside of the picture."""

WINDOWS = 6
STAY = 8.0
"""Weight of the L1 to what the decoder made before."""


def draw_windows(
    cache: Cache, family: str, rng: np.random.Generator, enlarge: EnlargeLatent
) -> tuple[Tensor, Tensor | None, Tensor, Tensor]:
    """Windows on the border of one picture: latents [B,C,SIDE,SIDE], the whole latent where the
    family has a tone, pixels, and each pixel's place: 1 near the border, 0 inside, NaN left out."""
    row = int(rng.integers(len(cache)))
    scale = int(rng.choice([1, 2, 4], p=[0.5, 0.3, 0.2]))
    if scale == 1:
        whole = cache.latents[f"{family}.hr"][row][None].float()
    else:
        with torch.no_grad(), autocast("cpu"):
            whole = enlarge(family, cache.latents[f"{family}.x{scale}"][row][None].float(), scale)
        whole = whole.float()
    free = whole.shape[-1] - SIDE
    latents, pixels, places = [], [], []
    for _ in range(WINDOWS):
        corner = [int(rng.integers(0, free + 1)), int(rng.choice([0, free]))]
        y, x = corner if rng.random() < 0.5 else corner[::-1]
        latents.append(whole[0, :, y : y + SIDE, x : x + SIDE])
        top, left, span = y * STRIDE, x * STRIDE, SIDE * STRIDE
        pixels.append(cache.pixels[row, :, top : top + span, left : left + span])
        lines = [place_line(start, free) for start in (y, x)]
        places.append(torch.maximum(lines[0][:, None], lines[1][None]))
        places[-1][lines[0].isnan()[:, None] | lines[1].isnan()[None]] = torch.nan
    return (
        torch.stack(latents),
        whole if family in TONED else None,
        torch.stack(pixels).float() / 255,
        torch.stack(places)[:, None],
    )


def place_line(start: int, free: int) -> Tensor:
    """Of a line of pixels across a window that begins at `start`: 1 near the picture's border, 0
    inside, NaN near a side of the window that lies inside of the picture."""
    line = torch.zeros(SIDE * STRIDE)
    for at_border, part in (
        (start == 0, slice(None, BAND if start == 0 else CUT)),
        (start == free, slice(-(BAND if start == free else CUT), None)),
    ):
        line[part] = 1.0 if at_border else torch.nan
    return line


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp(min=1) / values.shape[1]


def loss_of(image: Tensor, before: Tensor, pixels: Tensor, places: Tensor) -> dict[str, Tensor]:
    """The weighted terms: near the border to the photograph, inside to the picture before."""
    near, inside = (places == 1).float(), (places == 0).float()
    cells, cells_near = F.avg_pool2d(image - pixels, 4), F.avg_pool2d(near, 4)
    return {
        "log_mse": 0.1 * (masked_mean((image - pixels).square(), near) + 1e-6).log(),
        "coarse": masked_mean(cells.abs(), (cells_near == 1).float()),
        "stay": STAY * masked_mean((image - before).abs(), inside),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trunk", choices=list(TRUNKS), required=True)
    for name in ("cache", "lua", "decoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=14)
    parser.add_argument("--lr", type=float, default=6e-5)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    cache, families = Cache(args.cache), list(TRUNKS[args.trunk])
    enlarge = lua_enlarge([args.lua], LuaConfig(), "cpu")
    before = open_decoder(args.decoder).to(memory_format=torch.channels_last)
    model = open_decoder(args.decoder).train().requires_grad_(True)
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=0)
    rng, start, step, sums = np.random.default_rng(args.seed), time.monotonic(), 0, {}
    while (gone := (time.monotonic() - start) / 60 / args.minutes) < 1:
        optimizer.param_groups[0]["lr"] = args.lr * min(1, step / 20) * math.cos(gone * math.pi / 2)
        family = families[step % len(families)]
        latents, whole, pixels, places = draw_windows(cache, family, rng, enlarge)
        wholes = None if whole is None else {family: whole.expand(len(latents), -1, -1, -1)}
        with autocast("cpu"):
            image = model({family: latents}, wholes)[family].float()
            with torch.no_grad():
                old = before({family: latents}, wholes)[family].float()
        terms = loss_of(image, old, pixels, places)
        optimizer.zero_grad()
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        sums = {k: sums.get(k, 0) + v.item() for k, v in terms.items()}
        if step % 50 == 0:
            print(step, *(f"{k} {v / 50:.4f}" for k, v in sums.items()), flush=True)
            sums = {}
    state = {k: v.detach().clone() for k, v in model.state_dict().items()}
    # The last phase is still what it was.
    begun = torch.load(args.decoder, map_location="cpu", weights_only=True)
    record = {key: begun[key] for key in ("step", "seconds")}
    args.out.mkdir(parents=True, exist_ok=True)
    save_state_whole({"model": state, "ema": state, **record}, args.out / "decoder-pair.state.pt")


if __name__ == "__main__":
    main()
