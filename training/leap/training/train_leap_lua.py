"""Trains our LUA: through our own decoder, against the photograph, a trunk at a time."""

from dataclasses import KW_ONLY, dataclass

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.evaluation.metrics import energy_ratio, psnr
from leap.families import channels_of
from leap.frozen import open_decoder
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.precision import autocast
from leap.training.loop import report, train_to_end
from leap.training.lua_loss import LuaOptions, open_crops, step_terms
from leap.training.trainer import Trainer, read_ema

VAL_PICTURES = 6
"""Validation pictures looked at during training; evaluate.py takes all."""


@dataclass
class LeapLuaRun(LuaOptions):
    """Options of a run. decode: our frozen decoder, which the loss looks through; `decoder` begins
    a LUA that has no `start`, of the kind `network`."""

    _: KW_ONLY
    decode: Decode
    config: LeapLuaConfig = LeapLuaConfig()
    network: type[FamilyLeapLua] = FamilyLeapLua


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
                with autocast(device):
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
        return run.network.from_state(read_ema(run.start))
    model = run.network(run.config, channels_of(run.families))
    if run.decoder:
        model.begin_from(open_decoder(run.decoder))
    return model


def train_leap_lua(run: LeapLuaRun) -> Trainer:
    """Runs (or resumes) to the end of the phase; the state is in run.out/<phase.name>.state.pt."""
    torch.manual_seed(run.seed)
    crops = open_crops(run)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = build_model(run).to(run.device, memory_format=torch.channels_last)
    distance = FeatureDistance().to(run.device)
    seen = distance if run.phase.weights.get("perceptual") else None
    trainer = Trainer(model, run.phase.schedule, run.out, run.phase.name, run.deadline)
    resumed = trainer.resume()
    forward = torch.compile(model, dynamic=False) if run.compile else model

    def judge(averaged: FamilyLeapLua) -> dict[str, float]:
        return validate(averaged, val, run.decode, distance, run.device)

    def learn(step: int) -> None:
        trainer.update(*step_terms(run, forward, run.decode, crops, step, seen))

    if not resumed and run.start:
        report(trainer, judge)
    train_to_end(trainer, run, learn, judge, crops.all())
    return trainer
