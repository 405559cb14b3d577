"""The loss of one step of our LUA's training, by itself or with its decoder."""

from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.data.fresh_crops import Encode, renew_crops
from leap.data.lua_windows import (
    LuaWindows,
    cut_images,
    cut_outputs,
    high_latents,
    photographs,
)
from leap.loss.losses import LUA_GRID_SIDES, l1
from leap.loss.lua_losses import Decode
from leap.loss.picture_terms import SHIFT, Look, terms_of
from leap.precision import autocast
from leap.training.decoder_phases import ACCURATE
from leap.training.lua_phases import ENERGY_EMPHASIS, LuaPhase
from leap.training.lua_steps import draw_step, plan_step
from leap.training.taught import seen_terms
from leap.training.train_decoder import energy_asked, index
from leap.training.trainer import RunOptions, step_rng


@dataclass
class LuaOptions(RunOptions):
    """Options of a run that trains a LUA.

    foreign: TAESD's frozen decoder; encode: TAESD's encoder, for crops made anew (without it all
    are the cache's); decoder: a state of our decoder; larger: a cache of larger crops. A tone sees
    statistics of the whole latent, which differ with its size: trained on crops of 512 pixels
    alone, FLUX.2's lead over bicubic at x4 was 0.5 dB smaller on pictures of 1024.
    """

    phase: LuaPhase
    families: list[str]
    foreign: Decode
    _: KW_ONLY
    encode: Encode | None = None
    decoder: Path | None = None
    larger: Path | None = None
    log_every: int = 100
    val_every: int = 2000


@dataclass(frozen=True)
class LuaCrops:
    """What windows are drawn from: a cache, and one of larger crops if the run has it."""

    cache: Cache
    larger: Cache | None = None

    def all(self) -> list[Cache]:
        """Those that there are."""
        return [self.cache, self.larger] if self.larger else [self.cache]


def open_crops(run: LuaOptions) -> LuaCrops:
    """The run's caches, in memory."""
    return LuaCrops(*(Cache(f, "cpu") for f in (run.cache, run.larger) if f))


def step_terms(
    run: LuaOptions,
    model: nn.Module,
    decode: Decode,
    crops: LuaCrops,
    step: int,
    distance: nn.Module | None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss of one step, and its terms by name and factor. decode: our decoder; distance: the
    perceptual one, if it has a weight."""
    rng = step_rng(run.seed, step)
    plan = plan_step(
        run.phase, run.families, step, rng, crops.larger is not None, run.encode is not None
    )
    drawn = crops.larger if plan.large else crops.cache
    if plan.fresh:
        n = run.phase.windows_each(run.families)
        drawn = renew_crops(crops.cache, rng, run.families, plan.scale, n, run.encode)
    windows = draw_step(run.phase, run.families, plan, drawn, rng)
    lows, wholes = (
        {f: z.to(run.device, non_blocking=True) for f, z in some.items()}
        for some in (windows.lows, windows.wholes)
    )
    windows = replace(windows, lows=lows, wholes=wholes)
    with autocast(run.device):
        outputs = model(lows, plan.scale, wholes)
        results = enlarge_wholes(model, wholes, outputs, plan.scale)
    parts = cut_outputs(outputs, windows)
    seen_by = run.foreign if plan.foreign else decode
    images = {f: seen_by(f, z, results.get(f)).float() for f, z in parts.items()}
    image = cut_images(images, windows)
    target = photographs(drawn, windows, run.device)
    look = look_at(run, windows, rng, None if plan.foreign else distance)
    # TAESD is not asked for detail, which our own decoder is to give.
    weights = run.phase.weights
    if plan.foreign:
        weights = {k: weights.get(k, 0) for k in ACCURATE}
    terms = terms_of(image, target, weights, look)
    if weights.get("seen") and look.distance is not None:
        terms |= seen_terms(run.foreign, windows, image, look)
    loss = sum(weights[k] * v for k, v in terms.items())
    if plan.pull:
        high = high_latents(drawn, windows)
        gaps = [l1(parts[f], high[f].to(run.device)) for f in parts]
        terms["latent"] = torch.stack(gaps).mean()
        loss = loss + plan.pull * terms["latent"]
    place = f"x{plan.scale}.foreign" if plan.foreign else f"x{plan.scale}"
    return loss, {f"{k}.{place}": v for k, v in terms.items()}


@torch.no_grad()
def enlarge_wholes(
    model: nn.Module, wholes: dict[str, Tensor], outputs: dict[str, Tensor], scale: int
) -> dict[str, Tensor]:
    """What LUA makes of whole latents, whose statistics a decoder with a tone takes at use; a
    window's own in their place cost it 5 dB."""
    small = {f: z for f, z in wholes.items() if z.shape[-1] * scale > outputs[f].shape[-1]}
    known = {f: outputs[f].detach() for f in wholes if f not in small}
    return known | (model(small, scale) if small else {})


def look_at(
    run: LuaOptions, windows: LuaWindows, rng: np.random.Generator, distance: nn.Module | None
) -> Look:
    """Which images the perceptual term sees, and where; how much energy is asked of each."""
    asked = energy_asked(windows.cuts, ENERGY_EMPHASIS[windows.scale], run.device)
    picked = rng.permutation(len(asked))[: run.phase.perceptual_images].tolist()
    corner = tuple(rng.integers(0, SHIFT, 2).tolist())
    sides = LUA_GRID_SIDES[windows.scale]
    return Look(distance, index(picked, run.device), corner, asked, sides)
