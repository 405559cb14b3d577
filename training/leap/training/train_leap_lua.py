"""Trains our LUA: through our own decoder, against the photograph, a trunk at a time."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
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
from leap.evaluation.metrics import energy_ratio, psnr
from leap.families import channels_of
from leap.frozen import open_decoder
from leap.loss.losses import LUA_GRID_SIDES, l1
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.training.decoder_phases import ACCURATE
from leap.training.lua_phases import ENERGY_EMPHASIS, LuaPhase
from leap.training.lua_steps import draw_step, plan_step
from leap.training.train_decoder import SHIFT, Look, energy_asked, index, terms_of
from leap.training.trainer import RunOptions, Trainer, read_ema, step_rng

VAL_PICTURES = 6
"""Validation pictures looked at during training; evaluate.py takes all."""


@dataclass
class LeapLuaRun(RunOptions):
    """Options of a run.

    decode: our frozen decoder, which the loss looks through; foreign: TAESD's; encode: TAESD's
    encoder, for crops made anew (without it all are the cache's); decoder: state of a
    decoder that begins a LUA without `start`; larger: a cache of larger crops. A tone sees
    statistics of the whole latent, which differ with its size: trained on crops of 512 pixels
    alone, FLUX.2's lead over bicubic at x4 was 0.5 dB smaller on pictures of 1024.
    """

    phase: LuaPhase
    families: list[str]
    decode: Decode
    foreign: Decode
    config: LeapLuaConfig = LeapLuaConfig()
    _: KW_ONLY
    encode: Encode | None = None
    decoder: Path | None = None
    larger: Path | None = None
    log_every: int = 100
    val_every: int = 2000


def step_terms(
    run: LeapLuaRun,
    model: nn.Module,
    cache: Cache,
    step: int,
    distance: nn.Module | None,
    larger: Cache | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss of one step, and its terms by name and factor."""
    rng = step_rng(run.seed, step)
    plan = plan_step(run.phase, run.families, step, rng, larger is not None, run.encode is not None)
    crops = larger if plan.large else cache
    if plan.fresh:
        n = run.phase.windows_each(run.families)
        crops = renew_crops(cache, rng, run.families, plan.scale, n, run.encode)
    windows = draw_step(run.phase, run.families, plan, crops, rng)
    lows, wholes = (
        {f: z.to(run.device, non_blocking=True) for f, z in some.items()}
        for some in (windows.lows, windows.wholes)
    )
    with torch.autocast(run.device, torch.bfloat16):
        outputs = model(lows, plan.scale, wholes)
        results = enlarge_wholes(model, wholes, outputs, plan.scale)
    parts = cut_outputs(outputs, windows)
    decode = run.foreign if plan.foreign else run.decode
    images = {f: decode(f, z, results.get(f)).float() for f, z in parts.items()}
    image = cut_images(images, windows)
    target = photographs(crops, windows, run.device)
    look = look_at(run, windows, rng, None if plan.foreign else distance)
    # TAESD is not asked for detail, which our own decoder is to give.
    weights = run.phase.weights
    if plan.foreign:
        weights = {k: weights.get(k, 0) for k in ACCURATE}
    terms = terms_of(image, target, weights, look)
    loss = sum(weights[k] * v for k, v in terms.items())
    if plan.pull:
        high = high_latents(crops, windows)
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
    run: LeapLuaRun, windows: LuaWindows, rng: np.random.Generator, distance: nn.Module | None
) -> Look:
    """Which images the perceptual term sees, and where; how much energy is asked of each."""
    asked = energy_asked(windows.cuts, ENERGY_EMPHASIS, run.device)
    picked = rng.permutation(len(asked))[: run.phase.perceptual_images].tolist()
    corner = tuple(rng.integers(0, SHIFT, 2).tolist())
    sides = LUA_GRID_SIDES[windows.scale]
    return Look(distance, index(picked, run.device), corner, asked, grey=True, sides=sides)


@torch.no_grad()
def validate(
    model: FamilyLeapLua, val: dict[str, Tensor], decode: Decode, distance: nn.Module, device: str
) -> dict[str, float]:
    """PSNR (dB), distance and energy ratio of LUA and our decoder against the photographs."""
    target = val["pixels"].float().to(device) / 255
    out = {}
    for family in model.conv_first:
        for scale in model.config.scales:
            found = []
            for z, photo in zip(val[f"{family}.x{scale}"], target, strict=True):
                with torch.autocast(device, torch.bfloat16):
                    high = model({family: z[None].float().to(device)}, scale)[family].float()
                image = decode(family, high).float().clamp(0, 1)
                measures = (psnr, distance, energy_ratio)
                found.append(torch.cat([m(image, photo[None]).float() for m in measures]))
            means = torch.stack(found).mean(0).tolist()
            for name, value in zip(("psnr", "distance", "energy"), means, strict=True):
                out[f"val.{name}.x{scale}.{family}"] = value
    return out


def build_model(run: LeapLuaRun) -> FamilyLeapLua:
    """The LUA that a run begins with."""
    if run.start:
        return FamilyLeapLua.from_state(read_ema(run.start))
    model = FamilyLeapLua(run.config, channels_of(run.families))
    if run.decoder:
        model.begin_from(open_decoder(run.decoder))
    return model


def train_leap_lua(run: LeapLuaRun) -> Trainer:
    """Runs (or resumes) to the end of the phase; the state is in run.out/<phase.name>.state.pt."""
    torch.manual_seed(run.seed)
    cache = Cache(run.cache, "cpu")
    larger = Cache(run.larger, "cpu") if run.larger else None
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = build_model(run).to(run.device, memory_format=torch.channels_last)
    distance = FeatureDistance().to(run.device)
    seen = distance if run.phase.weights.get("perceptual") else None
    trainer = Trainer(model, run.phase.schedule, run.out, run.phase.name, run.deadline)
    resumed = trainer.resume()
    forward = torch.compile(model, dynamic=False) if run.compile else model

    def report() -> None:
        averaged = FamilyLeapLua(model.config, channels_of(run.families)).to(run.device)
        averaged.load_state_dict(trainer.ema)
        found = validate(averaged.eval(), val, run.decode, distance, run.device)
        trainer.sums |= {key: [value] for key, value in found.items()}
        print(trainer.log(), flush=True)

    if not resumed and run.start:
        report()
    done = trainer.finished
    while not done:
        trainer.update(*step_terms(run, forward, cache, trainer.step, seen, larger))
        if trainer.step % run.log_every == 0:
            print(trainer.log(), flush=True)
            for growing in filter(None, (cache, larger)):
                growing.refresh()
        done = trainer.save_sometimes()
        if trainer.step % run.val_every == 0 or done:
            report()
    return trainer
