"""Takes the lattice out of a finished LUA and its decoder, and leaves all else as it is.

    python -m experiments.remove_lattice --cache CACHE --family sd15 \\
        --lua RUNS/TRUNK/lua-pair.state.pt --decoder RUNS/TRUNK/decoder-pair.state.pt --out OUT

A pixel-shuffle leaves a pattern that repeats with every position. It is faint, at most a step of
8 bits on average, and so no term of a window sees it among the picture's own detail. But it is the
same in all pictures: the mean of all cells of many windows shows it. Here both networks learn to
lower that mean, and are held to the pictures that they made before. Prints the pattern's root mean
square, in steps of 8 bits, by factor (1: the decoder alone) and the change of the pictures.

For families without a tone, as windows stand for whole latents. Writes states that `export.py`
takes; the same command goes on with nothing: a run is short.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leap.data.cache import LATENTS, Cache
from leap.loss.losses import gaussian_residual
from leap.networks.leap_decoder import TONED, FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua
from leap.training.trainer import step_rng

SIDES = {1: 24, 2: 32, 4: 32}
"""Positions along a side of a window of the large latent, by LUA's factor."""

PERIODS = {1: 16, 2: 16, 4: 32}
"""Pixels after which a pattern repeats: one position of the small latent, two of a decoder's."""

EDGE = 32
"""Pixels left out along a window's border, a multiple of all periods."""

MEMORY = 0.98
"""Share of the known pattern that a step keeps: one step's windows alone show it in noise."""

STRENGTH = 10.0
"""Weight of the pattern's mean square over that of the pictures' change: a pattern that both
networks could take away at will would be left to one part in eleven."""


class Pair(nn.Module):
    """A LUA and its decoder, as one that learns."""

    def __init__(self, lua: dict[str, Tensor], decoder: dict[str, Tensor]):
        super().__init__()
        self.lua = FamilyLeapLua.from_state(lua)
        self.decoder = FamilyDecoder.from_state(decoder)

    def forward(self, family: str, latents: Tensor, scale: int) -> Tensor:
        """Small latents [B,C,h,w] (large ones for the factor 1) to pictures [B,3,8sh,8sw]."""
        large = latents if scale == 1 else self.lua({family: latents}, scale)[family]
        return self.decoder({family: large})[family]


def draw_windows(
    cache: Cache, family: str, scale: int, batch: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Latents of `batch` windows, and the photograph's pixels where they are, in [0,1]."""
    latents = cache.latents[f"{family}.{LATENTS[scale]}"]
    side = SIDES[scale] // scale
    pixels = SIDES[scale] * 8
    lows, photos = [], []
    for row in rng.integers(len(latents), size=batch).tolist():
        top, left = rng.integers(0, latents.shape[-1] - side + 1, 2).tolist()
        lows.append(latents[row, :, top : top + side, left : left + side])
        y, x = (start * scale * 8 for start in (top, left))
        photos.append(cache.pixels[row, :, y : y + pixels, x : x + pixels])
    return torch.stack(lows).float(), torch.stack(photos).float() / 255


def mean_cell(difference: Tensor, period: int) -> Tensor:
    """Mean over all cells of the high frequencies of [B,3,H,W]: [3 period²]."""
    inner = gaussian_residual(difference)[..., EDGE:-EDGE, EDGE:-EDGE]
    return F.pixel_unshuffle(inner, period).mean((0, 2, 3))


class Pattern:
    """What repeats in the pictures of one factor, averaged over the steps so far."""

    def __init__(self):
        self.mean: Tensor | None = None
        self.weight = 0.0

    def add(self, cell: Tensor) -> Tensor:
        """Takes a step's mean cell; returns the average, and does not follow its gradient."""
        cell = cell.detach()
        self.mean = cell * 0 if self.mean is None else self.mean
        self.mean = self.mean.lerp(cell, 1 - MEMORY)
        self.weight = self.weight * MEMORY + 1 - MEMORY
        return self.mean / self.weight

    def rms(self) -> float:
        """In steps of 8 bits."""
        return 0.0 if self.mean is None else (self.mean / self.weight).square().mean().sqrt().item() * 255


def train(args: argparse.Namespace, pair: Pair, cache: Cache) -> Pair:
    """The pair after the run: its averaged weights."""
    before = copy.deepcopy(pair).eval().requires_grad_(False)
    averaged = copy.deepcopy(before)
    optimizer = torch.optim.Adam(pair.parameters(), args.lr, betas=(0.9, 0.99))
    patterns = {scale: Pattern() for scale in args.scales}
    changes: list[float] = []
    start = time.monotonic()
    for step in range(args.steps):
        rng = step_rng(args.seed, step)
        scale = args.scales[step % len(args.scales)]
        low, photo = draw_windows(cache, args.family, scale, args.batch, rng)
        image = pair(args.family, low, scale)
        with torch.no_grad():
            target = before(args.family, low, scale)
        cell = mean_cell(image - photo, PERIODS[scale])
        # The gradient of the squared mean over all windows, of which a step's are only a sample.
        pattern = 2 * (patterns[scale].add(cell) * cell).mean()
        change = (image - target).square()[..., EDGE:-EDGE, EDGE:-EDGE].mean()
        progress = (step + 1) / args.steps
        rate = args.lr * min(1.0, (step + 1) / 30) * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        (change + STRENGTH * pattern).mul(1e4).backward()
        nn.utils.clip_grad_norm_(pair.parameters(), args.clip)
        optimizer.step()
        with torch.no_grad():
            for mine, theirs in zip(averaged.parameters(), pair.parameters(), strict=True):
                mine.lerp_(theirs, 1 - min(0.98, (1 + step) / (10 + step)))
        changes.append(change.item())
        if (step + 1) % 50 == 0:
            shown = ", ".join(f"x{s} {p.rms():.3f}" for s, p in patterns.items())
            moved = 255 * math.sqrt(sum(changes[-50:]) / 50)
            seconds = time.monotonic() - start
            print(f"step {step + 1} {seconds:.0f} s: pattern {shown}; moved {moved:.3f}", flush=True)
    return averaged


def write_state(before: Path, network: nn.Module, steps: int, seconds: float, out: Path) -> None:
    """The state of before with the new weights, and what this run was."""
    state = torch.load(before, map_location="cpu", weights_only=True)
    state.pop("optimizer", None)
    weights = {k: v.detach().clone() for k, v in network.state_dict().items()}
    state |= {"model": weights, "ema": weights, "lattice": {"step": steps, "seconds": seconds}}
    out.mkdir(parents=True, exist_ok=True)
    torch.save(state, out / before.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--family", required=True)
    parser.add_argument("--lua", type=Path, required=True, help="a state")
    parser.add_argument("--decoder", type=Path, required=True, help="a state")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--scales", type=int, nargs="+", default=[2, 4, 1], choices=LATENTS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.family in TONED:
        parser.error(f"{args.family} sees statistics of the whole latent, which windows lack")
    torch.set_num_threads(args.threads)
    states = [torch.load(p, map_location="cpu", weights_only=True) for p in (args.lua, args.decoder)]
    pair = Pair(*(state["ema"] for state in states)).to(memory_format=torch.channels_last)
    start = time.monotonic()
    done = train(args, pair, Cache(args.cache))
    seconds = time.monotonic() - start
    write_state(args.lua, done.lua, args.steps, seconds, args.out)
    write_state(args.decoder, done.decoder, args.steps, seconds, args.out)


if __name__ == "__main__":
    main()
