"""Trains LUA through its stages: one trunk for all families, both heads, then one at random."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.data.cache import Cache
from leap.families import FAMILIES, channels_of
from leap.lua_losses import (
    DECODED,
    LATENT_TERMS,
    Decode,
    Latents,
    choose_windows,
    crop_inputs,
    decode_windows,
    decoded_terms,
    latent_terms,
)
from leap.metrics import energy_ratio, psnr
from leap.networks.lua import FamilyLua, LuaConfig
from leap.stages import Stage
from leap.trainer import Trainer, load_ema, step_rng

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
class LuaRun:
    """Options of a run through `stages`; `decode` is the frozen decoder of the loss."""

    cache: Path
    out: Path
    stages: list[Stage]
    decode: Decode
    judge: Decode
    config: LuaConfig = SMALL
    seed: int = 0
    device: str = "cpu"
    families: list[str] = field(default_factory=lambda: list(FAMILIES))
    log_every: int = 20
    val_every: int = 10_000  # and at a stage's end; 0 = never


def sample(
    cache: Cache, rng: np.random.Generator, stage: Stage, run: LuaRun
) -> tuple[dict[int, Latents], dict[int, Latents], Latents]:
    """Inputs by scale, targets by scale, high-resolution latents; other crops for each family."""
    inputs: dict[int, Latents] = {s: {} for s in run.config.scales}
    targets: dict[int, Latents] = {s: {} for s in run.config.scales}
    high: Latents = {}
    device = run.device
    count = len(cache.teacher_rows) if stage.target == "teacher" else len(cache)
    for family in run.families:
        size = stage.batch * stage.shares.get(family, 1)
        picked = torch.from_numpy(rng.integers(0, count, size)).to(cache.device)
        rows = cache.teacher_rows.to(cache.device)[picked] if stage.target == "teacher" else picked
        high[family] = cache.latents[f"{family}.hr"][rows].to(device).float()
        for s in inputs:
            inputs[s][family] = cache.latents[f"{family}.x{s}"][rows].to(device).float()
            if stage.target == "teacher":
                targets[s][family] = cache.teachers[f"{family}.x{s}"][picked].to(device).float()
            else:
                targets[s][family] = high[family]
    return inputs, targets, high


def scales_of(
    stage: Stage, step: int, rng: np.random.Generator, scales: tuple[int, ...]
) -> list[int]:
    """All heads in the first part of a stage, then one of them, each as likely."""
    if step < stage.joint * stage.schedule.steps:
        return list(scales)
    return [int(rng.choice(scales))]


def stage_terms(
    run: LuaRun, stage: Stage, model: torch.nn.Module, cache: Cache, step: int
) -> tuple[Tensor, Latents]:
    """Loss of one step and its terms by name and scale."""
    rng = step_rng(run.seed, step)
    inputs, targets, high = sample(cache, rng, stage, run)
    windows, image_target = [], None
    if DECODED & stage.weights.keys():
        windows = choose_windows(high, stage.decoded, stage.window, rng)
        with torch.no_grad():
            image_target = decode_windows(high, windows, stage.window, run.decode)
    loss, logged = torch.zeros((), device=run.device), {}
    for s in scales_of(stage, step, rng, run.config.scales):
        places = windows
        if not LATENT_TERMS & stage.weights.keys():  # what is not decoded would be in vain
            inputs[s], places = crop_inputs(inputs[s], windows, stage.window, s)
        with torch.autocast(run.device, torch.bfloat16):
            prediction = model(inputs[s], s)
        terms = latent_terms(prediction, targets[s], stage.weights)
        if image_target is not None:
            image = decode_windows(prediction, places, stage.window, run.decode)
            terms |= decoded_terms(image, image_target, stage.weights, s)
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


def train_stage(run: LuaRun, stage: Stage, cache: Cache, start: Path | None) -> Path:
    """Runs or resumes one stage from `start` (the stage before); returns its state file."""
    torch.manual_seed(run.seed)
    model = FamilyLua(run.config, channels_of(run.families))
    if start is not None:
        load_ema(model, start)
    model = model.to(run.device, memory_format=torch.channels_last)
    trainer = Trainer(model, stage.schedule, run.out, f"lua-{stage.name}")
    trainer.resume()
    if trainer.step >= stage.schedule.steps:
        return trainer.state_path
    forward = torch.compile(model) if run.device == "cuda" else model
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    while trainer.step < stage.schedule.steps:
        trainer.update(*stage_terms(run, stage, forward, cache, trainer.step))
        if trainer.step % run.log_every == 0:
            print(trainer.log(), flush=True)
            cache.refresh()
        trainer.save_sometimes()
        at_end = trainer.step == stage.schedule.steps
        if run.val_every and (trainer.step % run.val_every == 0 or at_end):
            averaged = FamilyLua(run.config, channels_of(run.families)).to(run.device)
            averaged.load_state_dict(trainer.ema)
            for key, value in validate(averaged.eval(), val, run.judge, run.device).items():
                trainer.sums[key] = [value]
            print(trainer.log(), flush=True)
    return trainer.state_path


def train_lua(run: LuaRun) -> Path:
    """All stages in order, each from the averaged weights of the one before."""
    cache = Cache(run.cache, run.device, with_pixels=False)
    state: Path | None = None
    for stage in run.stages:
        state = train_stage(run, stage, cache, state)
    assert state is not None
    return state
