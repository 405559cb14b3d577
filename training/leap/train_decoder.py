"""Trains our decoder: one trunk for all families, against the photographs."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.families import FAMILIES, STRIDE, channels_of
from leap.losses import downsample_l1, eagle, fft_l1, gradient_l1, l1
from leap.metrics import energy_ratio, psnr
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.lua import FamilyLua
from leap.perceptual import FeatureDistance
from leap.train_lua import SMALL
from leap.trainer import Schedule, Trainer, load_ema, step_rng

VAL_PICTURES = 6
"""Validation pictures looked at during training; evaluate.py takes all."""

SHRINK = 4
"""Factor of the downsampled L1, which takes out colour mottling."""


@dataclass
class DecoderRun:
    """Options of a run.

    weights: of the loss terms; crop: window side in latent positions; start: state whose averaged
    weights begin the run; lua: state of a LUA whose x2 outputs stand in for the latents of
    `lua_families` families a step, so that the pair lands on the photograph.
    """

    cache: Path
    out: Path
    steps: int = 4000
    batch: int = 1  # crops per family and step
    shares: dict[str, int] = field(default_factory=dict)  # of a family in the batch, else 1
    crop: int = 32
    weights: dict[str, float] = field(
        default_factory=lambda: {"l1": 1.0, "gradient": 0.5, "fft": 0.02, "eagle": 0.0}
    )
    schedule: Schedule = field(
        default_factory=lambda: Schedule(
            lr=2e-3, warmup=100, kind="cosine", optimizer="muon", betas=(0.9, 0.99), clip=1.0
        )
    )
    config: DecoderConfig = DecoderConfig()
    name: str = "decoder"
    start: Path | None = None
    lua: Path | None = None
    lua_families: int = 1
    perceptual_images: int = 1
    seed: int = 0
    device: str = "cpu"
    deadline: float | None = None  # `time.monotonic()` to stop at
    compile: bool = False
    log_every: int = 50
    val_every: int = 400


@dataclass
class Batch:
    """Latent windows {f: [B,C,crop,crop]}, their pixels {f: [B,3,8 crop,8 crop] in [0,1]}, and
    where they lie: {f: [(row, top, left)]}, in latent positions."""

    latents: dict[str, Tensor]
    pixels: dict[str, Tensor]
    places: dict[str, list[tuple[int, int, int]]]


def sample(cache: Cache, rng: np.random.Generator, run: DecoderRun) -> Batch:
    """Every family gets its own crops: a step sees as many pictures as it has samples."""
    batch = Batch({}, {}, {})
    span = run.crop * STRIDE
    side = cache.pixels.shape[-1] // STRIDE
    for family in FAMILIES:
        count = run.batch * run.shares.get(family, 1)
        rows = rng.integers(0, len(cache), count)
        corners = rng.integers(0, side - run.crop + 1, (count, 2))
        places = [(int(r), int(y), int(x)) for r, (y, x) in zip(rows, corners, strict=True)]
        high = cache.latents[f"{family}.hr"]
        z = [high[r, :, y : y + run.crop, x : x + run.crop] for r, y, x in places]
        pixels = [
            cache.pixels[r, :, y * STRIDE :, x * STRIDE :][:, :span, :span] for r, y, x in places
        ]
        batch.places[family] = places
        batch.latents[family] = torch.stack(z).to(run.device).float()
        batch.pixels[family] = torch.stack(pixels).to(run.device).float() / 255
    return batch


def index(values: list[int], device: str) -> Tensor:
    """int64 on the device, sent without waiting for what it has queued."""
    return torch.tensor(values).to(device, non_blocking=True)


@torch.no_grad()
def upscale_some(
    batch: Batch, cache: Cache, lua: FamilyLua, rng: np.random.Generator, run: DecoderRun
) -> None:
    """Puts LUA's x2 outputs in the place of the latents of `lua_families` random families."""
    for family in rng.permutation(list(FAMILIES))[: run.lua_families]:
        rows = index([r for r, _, _ in batch.places[family]], cache.device)
        low = cache.latents[f"{family}.x2"][rows].to(run.device).float()
        with torch.autocast(run.device, torch.bfloat16):
            high = lua({family: low}, 2)[family].float()
        windows = [
            high[i, :, y : y + run.crop, x : x + run.crop]
            for i, (_, y, x) in enumerate(batch.places[family])
        ]
        batch.latents[family] = torch.stack(windows)


def terms_of(
    image: Tensor,
    target: Tensor,
    weights: dict[str, float],
    distance: nn.Module | None,
    picked: Tensor,
) -> dict[str, Tensor]:
    """The loss terms with a weight above zero, unweighted; `distance`, the perceptual one, looks
    at the `picked` images of the batch."""
    functions = {
        "l1": l1,
        "gradient": gradient_l1,
        "fft": fft_l1,
        "eagle": eagle,
        "downsample": lambda p, t: downsample_l1(p, t, SHRINK),
    }
    terms = {k: f(image, target) for k, f in functions.items() if weights.get(k, 0) > 0}
    if distance is not None:
        with torch.autocast(image.device.type, torch.bfloat16):
            terms["perceptual"] = distance(image[picked], target[picked]).mean()
    return terms


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
    """Runs (or resumes) to `run.steps`; the state is in run.out/<run.name>.state.pt."""
    torch.manual_seed(run.seed)
    cache = Cache(run.cache, run.device)
    run.crop = min(run.crop, cache.pixels.shape[-1] // STRIDE)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = FamilyDecoder(run.config, channels_of())
    start_small(model)
    if run.start:
        load_ema(model, run.start)
    model = model.to(run.device, memory_format=torch.channels_last)
    lua = load_lua(run.lua, run.device) if run.lua else None
    distance = FeatureDistance().to(run.device) if run.weights.get("perceptual") else None
    run.schedule.steps = run.steps
    trainer = Trainer(model, run.schedule, run.out, run.name, run.deadline)
    trainer.resume()
    forward = torch.compile(model, dynamic=False) if run.compile else model
    done = trainer.finished
    while not done:
        rng = step_rng(run.seed, trainer.step)
        batch = sample(cache, rng, run)
        if lua is not None:
            upscale_some(batch, cache, lua, rng, run)
        with torch.autocast(run.device, torch.bfloat16):
            images = forward(batch.latents)
        image = torch.cat([images[f].float() for f in batch.latents])
        target = torch.cat([batch.pixels[f] for f in batch.latents])
        picked = index(rng.permutation(len(image))[: run.perceptual_images].tolist(), run.device)
        terms = terms_of(image, target, run.weights, distance, picked)
        trainer.update(sum(run.weights[k] * v for k, v in terms.items()), terms)
        if trainer.step % run.log_every == 0:
            print(trainer.log(), flush=True)
            cache.refresh()
        done = trainer.save_sometimes()
        if trainer.step % run.val_every == 0 or done:
            report(trainer, val, run)
    return trainer


def load_lua(state: Path, device: str) -> FamilyLua:
    """The frozen small LUA of a training state."""
    model = load_ema(FamilyLua(SMALL, channels_of()), state)
    return model.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)


def report(trainer: Trainer, val: dict[str, Tensor], run: DecoderRun) -> None:
    """Validates the averaged weights and logs the numbers."""
    model = FamilyDecoder(run.config, channels_of()).to(run.device)
    model.load_state_dict(trainer.ema)
    for key, value in validate(model.eval(), val, run.device).items():
        trainer.sums[key] = [value]
    print(trainer.log(), flush=True)
