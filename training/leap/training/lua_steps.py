"""What one step of our LUA's training looks at."""

from dataclasses import dataclass

import numpy as np

from leap.data.cache import Cache
from leap.data.fresh_crops import FreshCrops
from leap.data.lua_windows import LuaWindows, draw_lua_windows
from leap.networks.leap_decoder import any_toned
from leap.training.lua_phases import LuaPhase

LARGER_EVERY = 3
"""One step in so many is on the larger crops, if there are any."""


@dataclass(frozen=True)
class StepPlan:
    """scale: 2 or 4; anchored: its windows are from crops whose large latents are known; pull:
    weight of the L1 to those; foreign: through TAESD's decoder; large: on the larger crops; fresh:
    on crops made anew."""

    scale: int
    anchored: bool
    pull: float
    foreign: bool
    large: bool
    fresh: bool


def plan_step(
    phase: LuaPhase,
    families: list[str],
    step: int,
    rng: np.random.Generator,
    larger: bool,
    encoder: bool,
) -> StepPlan:
    """The plan of this step; larger, encoder: there are larger crops, and a frozen encoder. A tone
    sees the whole picture's statistics, so families that have one get whole crops (x4) only."""
    scale = 4 if rng.random() < phase.quarter else 2
    toned = any_toned(families)
    every, pull = (
        (phase.anchor_every, phase.anchor) if toned else (phase.foreign_every, phase.latent)
    )
    anchored = every > 0 and step % every == 0
    large = larger and step % LARGER_EVERY == 1
    free = encoder and not anchored and not large and not (toned and scale == 2)
    fresh = free and rng.random() < phase.fresh[scale]
    return StepPlan(scale, anchored, pull * anchored, anchored and not toned, large, fresh)


def draw_step(
    phase: LuaPhase,
    families: list[str],
    plan: StepPlan,
    crops: Cache | FreshCrops,
    rng: np.random.Generator,
) -> LuaWindows:
    """The windows of a step: half as many and smaller ones through TAESD. On larger crops all of a
    family are from one, as their wholes take long to enlarge."""
    batch, side = phase.windows_each(families), phase.decoded
    if plan.foreign:
        batch, side = max(1, batch // 2), phase.foreign_side
    rows = crops.count_large(families) if plan.anchored else None
    return draw_lua_windows(crops, rng, families, plan.scale, batch, side, rows, plan.large)
