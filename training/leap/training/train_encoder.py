"""Trains our encoders, a trunk's families together, through the decoders that show the latents.

TAESD's encoder says what the latent of a picture is, but the distance to it does not see what a
decoder makes of the rest: an encoder trained by that distance alone cost a photograph 0.6 to 6.8 dB
(experiments/journal.md). So the latent is decoded, by our own decoder, by the same after LUA, or by
TAESD's, and the picture is compared with the photograph and with what the same networks make of
TAESD's latent.
"""

from dataclasses import KW_ONLY, dataclass, field

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.data.crops import shrink
from leap.data.fresh_crops import Encode, vary
from leap.evaluation.metrics import psnr
from leap.families import channels_of
from leap.frozen import EnlargeLatent
from leap.loss.losses import coarse_l1, inner_residual, l1, log_mse
from leap.loss.lua_losses import Decode
from leap.loss.perceptual import FeatureDistance
from leap.loss.picture_terms import SHIFT, Look
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.precision import autocast
from leap.training.loop import train_to_end
from leap.training.train_decoder import VAL_PICTURES, index, start_small, start_with
from leap.training.trainer import RunOptions, Schedule, Trainer, own_schedule, step_rng

WEIGHTS = {
    "latent": 0.3,
    "log_mse": 0.05,
    "met": 0.05,
    "coarse": 1.0,
    "perceptual": 1.5,
    "energy": 0.1,
}
"""latent: L1 to TAESD's latent; log_mse and coarse: to the photograph; met, perceptual and energy:
to what the same networks make of TAESD's latent, which can be met."""

SMALLER = 2
"""A step's pictures have the cache's sides over this: 256 pixels of 512."""

ROUNDS = ("own", "lua", "own", "taesd")
"""What the rounds of the families go through: our decoder, LUA at x2 and our decoder, TAESD's
decoder. TAESD's takes eight times as long as ours."""

LUA_SCALE = SMALLER
"""So that LUA's picture has the size of the crop that its latent is a smaller picture of."""


@dataclass
class EncoderRun(RunOptions):
    """Options of a run. decode, foreign: our frozen decoder and TAESD's; enlarge: frozen LUA;
    encode: TAESD's encoder; batch: pictures of a step, of LUA's a quarter, as it makes four times
    as many pixels; looked: how many of them the perceptual term sees."""

    _: KW_ONLY
    families: list[str]
    decode: Decode
    foreign: Decode
    enlarge: EnlargeLatent
    encode: Encode
    batch: int = 4
    looked: int = 4
    schedule: Schedule = field(default_factory=lambda: own_schedule(1e-3, 12_000, 0.998))
    config: EncoderConfig = EncoderConfig()


@dataclass(frozen=True)
class Drawn:
    """photos [B,3,h,w] in [0,1]: what is encoded; truths: the photograph in the size in which it is
    shown, the same or, for LUA, LUA_SCALE times as large."""

    photos: Tensor
    truths: Tensor


def draw_pictures(cache: Cache, rng: np.random.Generator, run: EncoderRun, through: str) -> Drawn:
    """Pictures for a step, whose sides are those of the cache's crops over SMALLER: for LUA whole
    crops made smaller, else half of the time such, half of the time parts of them; varied. Each is
    a picture of its own to all networks, so that FLUX.2's, which pool over what they are given,
    agree."""
    count = max(1, run.batch // LUA_SCALE**2) if through == "lua" else run.batch
    side = cache.pixels.shape[-1] // SMALLER
    rows = rng.integers(len(cache), size=count).tolist()
    smaller = through == "lua" or rng.random() < 0.5
    if smaller:
        parts = [cache.pixels[row] for row in rows]
    else:
        corners = rng.integers(0, cache.pixels.shape[-1] - side + 1, (count, 2)).tolist()
        parts = [
            cache.pixels[row, :, y : y + side, x : x + side]
            for row, (y, x) in zip(rows, corners, strict=True)
        ]
    pixels = torch.stack([vary(part, rng) for part in parts]).to(run.device).float() / 255
    photos = shrink(pixels, SMALLER) if smaller else pixels
    return Drawn(photos, pixels if through == "lua" else photos)


def show_by(run: EncoderRun, through: str) -> Decode:
    """What makes pictures of latents in a round of ROUNDS."""

    def enlarged(family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        with autocast(run.device):
            larger = run.enlarge(family, latents, LUA_SCALE)
        return run.decode(family, larger.float(), whole)

    return {"own": run.decode, "lua": enlarged, "taesd": run.foreign}[through]


@torch.no_grad()
def validate(model: FamilyEncoder, val: dict[str, Tensor], run: EncoderRun) -> dict[str, float]:
    """Per family, on the validation pictures: L1 to TAESD's latents, and PSNR (dB) of what our
    decoder and TAESD's make of the latent."""
    photos = val["pixels"].float() / 255
    out = {}
    for family in run.families:
        with autocast(run.device):
            parts = [model(p.to(run.device), [family])[family].float() for p in photos.split(1)]
        latents = torch.cat(parts).cpu()
        out[f"val.latent_l1.{family}"] = l1(latents, val[f"{family}.hr"].float()).item()
        for name, decode in (("own", run.decode), ("taesd", run.foreign)):
            images = torch.cat([decode(family, z).float().cpu() for z in parts])
            out[f"val.psnr.{name}.{family}"] = psnr(images.clamp(0, 1), photos).mean().item()
    return out


def terms_through(
    decode: Decode, family: str, latents: tuple[Tensor, Tensor], truths: Tensor, look: Look
) -> dict[str, Tensor]:
    """The terms of WEIGHTS. latents: ours and TAESD's; truths: what `decode` makes pictures of,
    [B,3,H,W]."""
    made, known = latents
    image = decode(family, made).float()
    with torch.no_grad():
        met = decode(family, known).float().clamp(0, 1)
    return {
        "latent": l1(made, known),
        "log_mse": log_mse(image, truths),
        "met": log_mse(image, met),
        "coarse": coarse_l1(image, truths),
        "perceptual": look.perceive(image, met),
        "energy": look.lack(inner_residual(image), inner_residual(met)).mean(),
    }


def train_encoder(run: EncoderRun) -> Trainer:
    """Runs (or resumes) to the end of the schedule; the state is in run.out/encoder.state.pt."""
    torch.manual_seed(run.seed)
    cache = Cache(run.cache, run.device)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    model = FamilyEncoder(run.config, channels_of(run.families))
    start_small(model)
    if run.start:
        start_with(model, run.start)
    model = model.to(run.device, memory_format=torch.channels_last)
    distance = FeatureDistance().to(run.device)
    trainer = Trainer(model, run.schedule, run.out, "encoder", run.deadline)
    trainer.resume()
    forward: nn.Module = torch.compile(model, dynamic=False) if run.compile else model

    def learn(step: int) -> None:
        rng = step_rng(run.seed, step)
        family = run.families[step % len(run.families)]
        through = ROUNDS[step // len(run.families) % len(ROUNDS)]
        drawn = draw_pictures(cache, rng, run, through)
        photos = drawn.photos.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            known = run.encode(family, photos).float()
        with autocast(run.device):
            made = forward(photos, [family])[family].float()
        count = len(photos)
        picked = index(rng.permutation(count)[: run.looked].tolist(), run.device)
        corner = tuple(rng.integers(0, SHIFT, 2).tolist())
        look = Look(distance, picked, corner, torch.ones(count, device=run.device))
        terms = terms_through(show_by(run, through), family, (made, known), drawn.truths, look)
        loss = sum(WEIGHTS[name] * term for name, term in terms.items())
        trainer.update(loss, {f"{name}.{through}.{family}": t for name, t in terms.items()})

    train_to_end(trainer, run, learn, lambda net: validate(net, val, run), [cache])
    return trainer
