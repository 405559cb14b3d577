"""Trains our encoder to give the TAESD encoders' latents: one pass gives five families."""

from dataclasses import dataclass, field

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.data.cache import Cache
from leap.families import FAMILIES, STRIDE, channels_of
from leap.loss.losses import l1
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.precision import autocast
from leap.training.loop import train_to_end
from leap.training.train_decoder import VAL_PICTURES, start_small
from leap.training.trainer import RunOptions, Schedule, Trainer, load_ema, own_schedule, step_rng

MARGIN = 2
"""Latent positions at a window's edge left out of the loss: the cached latents saw beyond it."""


@dataclass
class EncoderRun(RunOptions):
    """Options of a run; `crop` is in latent positions."""

    batch: int = 2
    crop: int = 24
    schedule: Schedule = field(default_factory=lambda: own_schedule(1e-3, 12_000, 0.995))
    config: EncoderConfig = EncoderConfig()


def sample(
    cache: Cache, rng: np.random.Generator, run: EncoderRun
) -> tuple[Tensor, dict[str, Tensor]]:
    """Pixel windows [B,3,8 crop,8 crop] in [0,1] and every family's latents of them."""
    pixels, latents = [], {f: [] for f in FAMILIES}
    side = cache.pixels.shape[-1] // STRIDE
    for row in rng.integers(0, cache.count_large(FAMILIES), run.batch):
        top, left = rng.integers(0, side - run.crop + 1, 2)
        span = run.crop * STRIDE
        corner = cache.pixels[row, :, top * STRIDE :, left * STRIDE :]
        pixels.append(corner[:, :span, :span])
        for f, parts in latents.items():
            z = cache.latents[f"{f}.hr"][row, :, top:, left:]
            parts.append(z[:, : run.crop, : run.crop])
    images = torch.stack(pixels).to(run.device).float() / 255
    return images, {f: torch.stack(z).to(run.device).float() for f, z in latents.items()}


def inner(z: Tensor) -> Tensor:
    """A latent window without its margin."""
    return z[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]


@torch.no_grad()
def validate(model: FamilyEncoder, val: dict[str, Tensor], device: str) -> dict[str, float]:
    """Latent L1 on the validation pictures, per family."""
    with autocast(device):
        parts = [model((p.float() / 255).to(device)) for p in val["pixels"].split(2)]
    return {
        f"val.latent_l1.{f}": l1(torch.cat([p[f].float().cpu() for p in parts]), val[f"{f}.hr"])
        .mean()
        .item()
        for f in FAMILIES
    }


def train_encoder(run: EncoderRun) -> Trainer:
    """Runs (or resumes) to `run.steps`; the state is in run.out/encoder.state.pt."""
    torch.manual_seed(run.seed)
    cache = Cache(run.cache, run.device)
    run.crop = min(run.crop, cache.pixels.shape[-1] // STRIDE)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = FamilyEncoder(run.config, channels_of())
    start_small(model)
    if run.start:
        load_ema(model, run.start)
    model = model.to(run.device, memory_format=torch.channels_last)
    trainer = Trainer(model, run.schedule, run.out, "encoder", run.deadline)
    trainer.resume()
    forward = torch.compile(model, dynamic=False) if run.compile else model

    def learn(step: int) -> None:
        images, latents = sample(cache, step_rng(run.seed, step), run)
        with autocast(run.device):
            made = forward(images.contiguous(memory_format=torch.channels_last))
        terms = {f"l1.{f}": l1(inner(made[f].float()), inner(z)) for f, z in latents.items()}
        trainer.update(torch.stack(list(terms.values())).mean(), terms)

    train_to_end(trainer, run, learn, lambda net: validate(net, val, run.device), [cache])
    return trainer
