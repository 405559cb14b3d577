"""Trains our decoder: one trunk for all families, against the photographs."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.families import FAMILIES, STRIDE, channels_of
from leap.losses import eagle, fft_l1, gradient_l1, l1
from leap.metrics import energy_ratio, psnr
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.trainer import Schedule, Trainer, step_rng

VAL_PICTURES = 6
"""Validation pictures looked at during training; evaluate.py takes all."""


@dataclass
class DecoderRun:
    """Options of a run. Weights are those of the loss terms; `crop` is in latent positions."""

    cache: Path
    out: Path
    steps: int = 4000
    batch: int = 1  # crops per family and step
    crop: int = 32
    weights: dict[str, float] = field(
        default_factory=lambda: {"l1": 1.0, "gradient": 0.5, "fft": 0.02, "eagle": 0.0}
    )
    schedule: Schedule = field(
        default_factory=lambda: Schedule(
            lr=1e-3, warmup=100, kind="cosine", betas=(0.9, 0.99), clip=1.0
        )
    )
    config: DecoderConfig = DecoderConfig()
    seed: int = 0
    device: str = "cpu"
    log_every: int = 50
    val_every: int = 500


def sample(
    cache: Cache, rng: np.random.Generator, run: DecoderRun
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Latent windows and their pixels: {f: [B,C,crop,crop]}, {f: [B,3,8 crop,8 crop] in [0,1]}.

    Every family gets its own crops: a step sees as many pictures as it has samples.
    """
    latents, pixels = {}, {}
    for family in FAMILIES:
        z, x = [], []
        for row in rng.integers(0, len(cache), run.batch):
            side = cache.latents[f"{family}.hr"].shape[-1]
            top, left = rng.integers(0, side - run.crop + 1, 2)
            z.append(cache.latents[f"{family}.hr"][row, :, top:, left:][:, : run.crop, : run.crop])
            span = run.crop * STRIDE
            corner = cache.pixels[row, :, top * STRIDE :, left * STRIDE :]
            x.append(corner[:, :span, :span])
        latents[family] = torch.stack(z).to(run.device).float()
        pixels[family] = torch.stack(x).to(run.device).float() / 255
    return latents, pixels


def terms_of(image: Tensor, target: Tensor, weights: dict[str, float]) -> dict[str, Tensor]:
    """The loss terms with a weight above zero, unweighted."""
    functions = {"l1": l1, "gradient": gradient_l1, "fft": fft_l1, "eagle": eagle}
    return {k: functions[k](image, target) for k, w in weights.items() if w > 0 and k in functions}


def start_small(model: nn.Module) -> None:
    """Residual branches begin at a tenth, which allows the learning rate we use."""
    for name, parameter in model.named_parameters():
        if ".conv2." in name:
            parameter.data.mul_(0.1)


@torch.no_grad()
def validate(model: FamilyDecoder, val: dict[str, Tensor], device: str) -> dict[str, float]:
    """PSNR (dB) and energy ratio against the validation photographs, per family."""
    target = val["pixels"].float() / 255
    out = {}
    for family in FAMILIES:
        images = []
        for z in val[f"{family}.hr"].split(2):
            with torch.autocast(device, torch.bfloat16):
                images.append(model({family: z.to(device).float()})[family].float().cpu())
        image = torch.cat(images)
        out[f"val.psnr.{family}"] = psnr(image, target).mean().item()
        out[f"val.energy.{family}"] = energy_ratio(image, target).mean().item()
    return out


def train_decoder(run: DecoderRun) -> Trainer:
    """Runs (or resumes) to `run.steps`; the state is in run.out/decoder.state.pt."""
    torch.manual_seed(run.seed)
    cache = Cache(run.cache, run.device)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = FamilyDecoder(run.config, channels_of())
    start_small(model)
    model = model.to(run.device, memory_format=torch.channels_last)
    run.schedule.steps = run.steps
    trainer = Trainer(model, run.schedule, run.out, "decoder")
    trainer.resume()
    forward = torch.compile(model) if run.device == "cuda" else model
    while trainer.step < run.steps:
        latents, pixels = sample(cache, step_rng(run.seed, trainer.step), run)
        with torch.autocast(run.device, torch.bfloat16):
            images = forward(latents)
        image = torch.cat([images[f].float() for f in latents])
        terms = terms_of(image, torch.cat([pixels[f] for f in latents]), run.weights)
        trainer.update(sum(run.weights[k] * v for k, v in terms.items()), terms)
        if trainer.step % run.log_every == 0:
            print(trainer.log(), flush=True)
            cache.refresh()
        if trainer.step % run.val_every == 0 or trainer.step == run.steps:
            trainer.save()
            report(trainer, val, run)
    return trainer


def report(trainer: Trainer, val: dict[str, Tensor], run: DecoderRun) -> None:
    """Validates the averaged weights and logs the numbers."""
    model = FamilyDecoder(run.config, channels_of()).to(run.device)
    model.load_state_dict(trainer.ema)
    for key, value in validate(model.eval(), val, run.device).items():
        trainer.sums[key] = [value]
    print(trainer.log(), flush=True)
