"""Trains LUA through its stages: one trunk for all families, both heads, then one at random."""

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.data.cache import Cache
from leap.data.truths import decode_truths
from leap.evaluation.metrics import energy_ratio, psnr
from leap.families import FAMILIES, channels_of
from leap.loss.lua_losses import (
    DECODED,
    LATENT_TERMS,
    Decode,
    Latents,
    Window,
    choose_windows,
    crop_inputs,
    decode_whole,
    decode_windows,
    decoded_terms,
    latent_terms,
)
from leap.loss.perceptual import FeatureDistance
from leap.networks.lua import FamilyLua, LuaConfig
from leap.precision import autocast
from leap.training.loop import train_to_end
from leap.training.stages import Stage
from leap.training.trainer import RunOptions, Trainer, load_ema, step_rng

VAL_PICTURES = 4
"""Validation pictures looked at during training; evaluate.py takes all."""

SMALL = LuaConfig(
    in_chans=16,
    embed_dim=96,
    depths=(2,) * 6,
    num_heads=(3,) * 6,
    window_size=8,
    mlp_ratio=2,
    head_width=64,
    skip="bicubic",
    refine=2,
    residual_bound=4.0,
)
CLASSICAL = LuaConfig(embed_dim=180, depths=(6,) * 6, num_heads=(6,) * 6, skip="bicubic")
CONFIGS = {"small": SMALL, "classical": CLASSICAL}


@dataclass
class LuaRun(RunOptions):
    """Options of a run through `stages`; its `start` begins the first of them.

    decode: the frozen decoder of the loss, `judge` that of the validation; truths: keep the decodes
    of all targets in memory (for stages that decode whole latents).
    """

    stages: list[Stage]
    decode: Decode
    judge: Decode
    config: LuaConfig = SMALL
    _: KW_ONLY
    families: list[str] = field(default_factory=lambda: list(FAMILIES))
    truths: bool = False
    log_every: int = 20
    val_every: int = 10_000  # and at a stage's end; 0 = never


@dataclass
class Batch:
    """Latents of a step: `inputs` and `targets` by scale, `high` those of the high resolution;
    `rows` of the cache by family. Every family has crops of its own."""

    inputs: dict[int, Latents]
    targets: dict[int, Latents]
    high: Latents
    rows: dict[str, Tensor]


def sample(cache: Cache, rng: np.random.Generator, stage: Stage, run: LuaRun) -> Batch:
    """The step's draw of crops."""
    scales = run.config.scales
    batch = Batch({s: {} for s in scales}, {s: {} for s in scales}, {}, {})
    taught = stage.target == "teacher"
    count = len(cache.teacher_rows) if taught else cache.count_large(run.families)
    for family in run.families:
        size = stage.batch * stage.shares.get(family, 1)
        draw = torch.from_numpy(rng.integers(0, count, size))
        picked = draw.to(cache.device, non_blocking=True)
        rows = cache.teacher_rows[picked] if taught else picked
        batch.rows[family] = rows
        high = cache.latents[f"{family}.hr"][rows].to(run.device).float()
        batch.high[family] = high
        for s in scales:
            low = cache.latents[f"{family}.x{s}"][rows]
            batch.inputs[s][family] = low.to(run.device).float()
            teacher = cache.teachers[f"{family}.x{s}"][picked] if taught else None
            batch.targets[s][family] = teacher.to(run.device).float() if taught else high
    return batch


def scales_of(
    stage: Stage, progress: float, rng: np.random.Generator, scales: tuple[int, ...]
) -> list[int]:
    """All heads in the first part of a stage, then one of them, each as likely."""
    if progress < stage.joint:
        return list(scales)
    return [int(rng.choice(scales))]


@dataclass
class Frozen:
    """What the losses look through: decodes of the cached targets (or none kept), the perceptual
    network (or none wanted)."""

    truths: dict[str, Tensor] | None = None
    distance: torch.nn.Module | None = None


@torch.no_grad()
def decode_targets(batch: Batch, windows: list[Window], stage: Stage, run: LuaRun, frozen: Frozen):
    """The target images of a step; no `windows` stands for whole latents."""
    if windows:
        return decode_windows(batch.high, windows, stage.window, run.decode)
    if frozen.truths is None:
        return decode_whole(batch.high, run.decode)
    kept = [frozen.truths[f][rows].to(run.device) for f, rows in batch.rows.items()]
    return torch.cat(kept).float() / 255


def stage_terms(
    run: LuaRun,
    stage: Stage,
    model: torch.nn.Module,
    cache: Cache,
    step: int,
    progress: float,
    frozen: Frozen,
) -> tuple[Tensor, Latents]:
    """Loss of one step and its terms by name and scale."""
    rng = step_rng(run.seed, step)
    batch = sample(cache, rng, stage, run)
    windows, image_target = [], None
    if DECODED & stage.weights.keys():
        side = next(iter(batch.high.values())).shape[-1]
        if stage.window < side or stage.decoded:
            windows = choose_windows(batch.high, stage.decoded, stage.window, rng)
        image_target = decode_targets(batch, windows, stage, run, frozen)
    loss, logged = torch.zeros((), device=run.device), {}
    for s in scales_of(stage, progress, rng, run.config.scales):
        inputs, places = batch.inputs[s], windows
        if windows and not LATENT_TERMS & stage.weights.keys():  # the rest would be in vain
            inputs, places = crop_inputs(inputs, windows, stage.window, s)
        with autocast(run.device):
            prediction = model(inputs, s)
        terms = latent_terms(prediction, batch.targets[s], stage.weights)
        if image_target is not None and windows:
            image = decode_windows(prediction, places, stage.window, run.decode)
        elif image_target is not None:
            image = decode_whole(prediction, run.decode)
        if image_target is not None:
            terms |= decoded_terms(image, image_target, stage.weights, s, frozen.distance)
        loss = loss + sum(stage.weights[k] * v for k, v in terms.items())
        logged |= {f"{k}.x{s}": v for k, v in terms.items()}
    return loss, logged


@torch.no_grad()
def validate(model: FamilyLua, val: Latents, judge: Decode, device: str) -> dict[str, float]:
    """PSNR (dB) of the decode against the decode of the HR latent, and the energy ratio."""
    out = {}
    for family in model.conv_first:
        truth = torch.cat([judge(family, z.to(device)) for z in val[f"{family}.hr"].split(1)])
        for s in model.config.scales:
            z = model({family: val[f"{family}.x{s}"].to(device).float()}, s)[family]
            image = torch.cat([judge(family, one) for one in z.split(1)])
            out[f"val.psnr.x{s}.{family}"] = psnr(image, truth).mean().item()
            out[f"val.energy.x{s}.{family}"] = energy_ratio(image, truth).mean().item()
    return out


def train_stage(
    run: LuaRun, stage: Stage, cache: Cache, start: Path | None, frozen: Frozen
) -> Path:
    """Runs or resumes one stage from `start` (the stage before); returns its state file."""
    torch.manual_seed(run.seed)
    model = FamilyLua(run.config, channels_of(run.families))
    if start is not None:
        load_ema(model, start)
    model = model.to(run.device, memory_format=torch.channels_last)
    trainer = Trainer(model, stage.schedule, run.out, f"lua-{stage.name}", run.deadline)
    trainer.resume()
    forward = torch.compile(model, dynamic=False) if run.compile else model
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}

    def learn(step: int) -> None:
        progress = stage.schedule.progress(step, trainer.elapsed())
        trainer.update(*stage_terms(run, stage, forward, cache, step, progress, frozen))

    # Kept truths are those of the crops that were there at the start.
    growing = [] if frozen.truths else [cache]
    train_to_end(
        trainer, run, learn, lambda net: validate(net, val, run.judge, run.device), growing
    )
    return trainer.state_path


def train_lua(run: LuaRun) -> Path:
    """All stages in order, each from the averaged weights of the one before."""
    cache = Cache(run.cache, run.device, with_pixels=False)
    taught = [stage.name for stage in run.stages if stage.target == "teacher"]
    if taught and len(cache.teacher_rows) == 0:
        raise SystemExit(
            f"{run.cache} has no teachers, which {', '.join(taught)} learns from: build the cache "
            "with --teachers, or leave the stage out (--steps imitate=0)."
        )
    frozen = Frozen()
    if any(stage.weights.get("perceptual") for stage in run.stages):
        frozen.distance = FeatureDistance().to(run.device)
    if run.truths:
        frozen.truths = decode_truths(cache, run.families, run.decode)
    state = run.start
    for stage in run.stages:
        state = train_stage(run, stage, cache, state, frozen)
    assert state is not None
    return state
