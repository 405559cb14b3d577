"""Trains our decoder: the families of a trunk together, against the photographs."""

from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.data.windows import Windows, draw_small, draw_windows
from leap.evaluation.metrics import energy_ratio, psnr
from leap.families import channels_of
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance
from leap.loss.picture_terms import SHIFT, Look, terms_of
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.precision import autocast
from leap.training.adversary import PatchCritic, balanced_pull, critic_loss, fool_loss
from leap.training.decoder_phases import ENERGY_EMPHASIS, DecoderPhase
from leap.training.loop import train_to_end
from leap.training.taught import decode_wholes
from leap.training.trainer import RunOptions, Schedule, Trainer, read_ema, step_rng

VAL_PICTURES = 6
"""Validation pictures looked at during training; evaluate.py takes all."""

CRITIC_RATE = 4e-4


@dataclass
class DecoderRun(RunOptions):
    """Options of a run. foreign: TAESD's frozen decoder, for the phase that it teaches."""

    phase: DecoderPhase
    config: DecoderConfig = DecoderConfig()
    foreign: Decode | None = None


def start_small(model: nn.Module) -> None:
    """Residual branches begin at a tenth, which allows the learning rate we use."""
    for name, parameter in model.named_parameters():
        if ".conv2." in name:
            parameter.data.mul_(0.1)


def start_with(model: nn.Module, state: Path) -> None:
    """A run's averaged weights; those of families that `model` has not are left out. A tone that
    the run had not stays as it is made: it changes nothing at first."""
    own, ema = model.state_dict(), read_ema(state)
    tones = {k: v for k, v in own.items() if k.startswith("tone.") and k not in ema}
    model.load_state_dict({k: v for k, v in ema.items() if k in own} | tones)


@torch.no_grad()
def validate(model: FamilyDecoder, val: dict[str, Tensor], device: str) -> dict[str, float]:
    """PSNR (dB) and energy ratio against the validation photographs, per family."""
    target = val["pixels"].float() / 255
    out = {}
    for family in model.conv_in:
        images = []
        for z in val[f"{family}.hr"].split(2):
            with autocast(device):
                images.append(model({family: z.to(device).float()})[family].float().cpu())
        image = torch.cat(images)
        out[f"val.psnr.{family}"] = psnr(image, target).mean().item()
        out[f"val.energy.{family}"] = energy_ratio(image, target).mean().item()
    return out


class Adversary:
    """The critic with its own optimizer and state; plays against one decoder."""

    def __init__(self, run: DecoderRun):
        self.share, self.device = run.phase.adversarial, run.device
        critic = PatchCritic().to(run.device, memory_format=torch.channels_last)
        schedule = Schedule(lr=CRITIC_RATE, steps=1_000_000, betas=(0.5, 0.99), clip=1.0, ema=0.0)
        self.trainer = Trainer(critic, schedule, run.out, f"{run.phase.name}-critic")
        self.trainer.resume()

    def _scores(self, image: Tensor) -> Tensor:
        with autocast(self.device):
            return self.trainer.model(image).float()

    def pull(self, image: Tensor, steady: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient of both terms to the image, a leaf; and the adversarial loss."""
        loss = fool_loss(self._scores(image))
        return balanced_pull(image, steady, loss, self.share), loss.detach()

    def learn(self, image: Tensor, photograph: Tensor) -> Tensor:
        """One step of the critic; returns its loss."""
        real, fake = self._scores(torch.cat([photograph, image.detach()])).chunk(2)
        loss = critic_loss(real, fake)
        self.trainer.update(loss, {})
        self.trainer.sums.clear()
        return loss.detach()


def train_decoder(run: DecoderRun) -> Trainer:
    """Runs (or resumes) to the end of the phase; the state is in run.out/<phase.name>.state.pt."""
    torch.manual_seed(run.seed)
    phase = run.phase
    cache = Cache(run.cache, run.device)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = FamilyDecoder(run.config, channels_of(phase.windows.families))
    start_small(model)
    if run.start:
        start_with(model, run.start)
    model = model.to(run.device, memory_format=torch.channels_last)
    distance = FeatureDistance().to(run.device) if phase.weights.get("perceptual") else None
    trainer = Trainer(model, phase.schedule, run.out, phase.name, run.deadline)
    trainer.resume()
    adversary = Adversary(run) if phase.adversarial else None
    if adversary is not None:
        trainer.followers.append(adversary.trainer)
    forward = torch.compile(model, dynamic=False) if run.compile else model

    def learn(step: int) -> None:
        rng = step_rng(run.seed, step)
        batch = draw_batch(phase, cache, rng, run.device)
        taught = decode_wholes(run.foreign, batch) if run.foreign else None
        with autocast(run.device):
            images = forward(batch.latents, batch.wholes)
        image = torch.cat([images[f].float() for f in batch.latents])
        target = torch.cat([batch.pixels[f] for f in batch.latents])
        picked = index(rng.permutation(len(image))[: phase.perceptual_images].tolist(), run.device)
        corner = tuple(rng.integers(0, SHIFT, 2).tolist())
        asked = energy_asked(batch.latents, ENERGY_EMPHASIS, run.device)
        look = Look(distance, picked, corner, asked)
        learn_from(trainer, image, Target(target, taught), phase, look, adversary)

    train_to_end(trainer, run, learn, lambda net: validate(net, val, run.device), [cache])
    return trainer


def energy_asked(windows: dict[str, Sized], emphasis: dict[str, float], device: str) -> Tensor:
    """The energy term's factor of each window [B], by its family."""
    factors = [emphasis.get(f, 1.0) for f, those in windows.items() for _ in range(len(those))]
    return torch.tensor(factors).to(device, non_blocking=True)


def draw_batch(phase: DecoderPhase, cache: Cache, rng: np.random.Generator, device: str) -> Windows:
    """Windows of one step: of the crops, or a part of the time of the same made smaller."""
    small = phase.small > 0 and rng.random() < phase.small
    return (draw_small if small else draw_windows)(cache, rng, phase.windows, device)


@dataclass
class Target:
    """What a batch of pictures is to be: the photographs, and what TAESD makes of the latents."""

    pixels: Tensor
    taught: Tensor | None = None


def learn_from(
    trainer: Trainer,
    image: Tensor,
    target: Target,
    phase: DecoderPhase,
    look: Look,
    adversary: Adversary | None,
) -> None:
    """One step of the decoder, and one of the critic if there is one."""
    if adversary is None:
        weights = phase.weights if target.taught is None else phase.taught
        terms = terms_of(image, target.pixels, weights, look, target.taught)
        trainer.update(sum(weights[k] * v for k, v in terms.items()), terms)
        return
    leaf = image.detach().requires_grad_()
    terms = terms_of(leaf, target.pixels, phase.weights, look)
    steady = sum(phase.weights[k] * v for k, v in terms.items())
    pull, terms["fool"] = adversary.pull(leaf, steady)
    terms["critic"] = adversary.learn(leaf, target.pixels)
    terms["loss"] = steady
    # Its gradient to the image is `pull`; so each loss is traced back to the image only once.
    trainer.update((image * pull).sum(), terms)


def index(values: list[int], device: str) -> Tensor:
    """int64 on the device, sent without waiting for what it has queued."""
    return torch.tensor(values).to(device, non_blocking=True)
