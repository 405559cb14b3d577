"""Trains a trunk's LUA and its decoder as one: each learns what the other makes of a latent.

LUA's windows are those of its own training, decoded by a decoder that learns with it. Beside them
stand windows of the pictures' own latents, which the decoder has to decode as well as before.
"""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from leap.data.cache import Cache
from leap.data.fresh_crops import renew_crops
from leap.data.windows import WindowRule, Windows, draw_small, draw_windows
from leap.frozen import open_decoder
from leap.loss.perceptual import FeatureDistance
from leap.loss.picture_terms import SHIFT, Look, terms_of
from leap.networks.leap_decoder import FamilyDecoder, any_toned
from leap.networks.leap_lua import FamilyLeapLua
from leap.precision import autocast
from leap.training import train_decoder, train_leap_lua
from leap.training.decoder_phases import SHARP
from leap.training.loop import report, train_to_end
from leap.training.lua_loss import LuaOptions, open_crops, step_terms
from leap.training.taught import decode_wholes
from leap.training.train_decoder import energy_asked
from leap.training.train_leap_lua import VAL_PICTURES
from leap.training.trainer import Trainer, read_ema
from leap.whole_files import save_state_whole

OWN_WEIGHTS = SHARP | {"energy": 0.1}
"""Terms of the pictures' own latents. LUA's outputs pull the decoder towards less detail, so more
of it is asked here than where it learnt alone."""

TAUGHT_WEIGHTS = OWN_WEIGHTS | {"perceptual": 0.5, "log_mse": 0.05, "met": 0.05}
"""The same where TAESD's decode, which can be met, is the target of the perceptual term and of half
of the error."""

OWN_EMPHASIS = {"sd15": 0.3, "sdxl": 0.5, "flux2": 0.4}
"""Factors of their energy term. With 1, SD 1.5's pictures had 1.08 of the photograph's energy after
a thousand steps, and 0.8 dB less."""


SMALL = 1 / 3
"""Share of steps whose own windows are whole small pictures, for a decoder that sees statistics of
the whole."""


@dataclass
class PairRun(LuaOptions):
    """Options of a run whose `start` and `decoder` both learn. rule: of the windows of own latents,
    128 pixels a side."""

    _: KW_ONLY
    rule: WindowRule


class Pair(nn.Module):
    """LUA and the decoder, one state."""

    def __init__(self, lua: FamilyLeapLua, decoder: FamilyDecoder):
        super().__init__()
        self.lua, self.decoder = lua, decoder

    def decode(self, family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        """As a frozen decoder does, with gradients for its weights."""
        wholes = None if whole is None else {family: whole}
        with autocast(latents.device.type):
            return self.decoder({family: latents}, wholes)[family]


def open_pair(run: PairRun) -> Pair:
    """The pair that a run begins with."""
    lua = FamilyLeapLua.from_state(read_ema(run.start))
    return Pair(lua, open_decoder(run.decoder).train().requires_grad_(True))


def own_windows(run: PairRun, cache: Cache, rng: np.random.Generator) -> Windows:
    """Windows of the pictures' own latents: of crops made anew; where a decoder sees statistics of
    the whole picture, the cache's, and one time in three whole small pictures."""
    crops = cache
    if any_toned(run.families):
        if rng.random() < SMALL:
            return draw_small(cache, rng, run.rule, run.device)
    elif run.encode:
        crops = renew_crops(cache, rng, run.families, 1, run.rule.batch, run.encode)
    return draw_windows(crops, rng, run.rule, run.device)


def own_terms(
    run: PairRun, pair: Pair, cache: Cache, step: int, distance: nn.Module
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss of the windows of own latents, and its terms."""
    rng = np.random.default_rng([run.seed, step, 1])  # draws apart from those of LUA's windows
    batch = own_windows(run, cache, rng)
    with autocast(run.device):
        images = pair.decoder(batch.latents, batch.wholes)
    image = torch.cat([images[f].float() for f in batch.latents])
    target = torch.cat([batch.pixels[f] for f in batch.latents])
    asked = energy_asked(batch.latents, OWN_EMPHASIS, run.device)
    corner = tuple(rng.integers(0, SHIFT, 2).tolist())
    look = Look(distance, torch.arange(len(image), device=run.device), corner, asked)
    taught = decode_wholes(run.foreign, batch)
    weights = OWN_WEIGHTS if taught is None else TAUGHT_WEIGHTS
    terms = terms_of(image, target, weights, look, taught)
    return sum(weights[k] * v for k, v in terms.items()), terms


def validate(
    run: PairRun, pair: Pair, val: dict[str, Tensor], distance: nn.Module
) -> dict[str, float]:
    """PSNR, distance and energy ratio of LUA's pictures; PSNR and energy ratio of own latents'."""
    of_lua = train_leap_lua.validate(pair.lua, val, pair.decode, distance, run.device)
    own = train_decoder.validate(pair.decoder, val, run.device)
    return of_lua | {key.replace("val.", "val.own."): value for key, value in own.items()}


def split_state(state: Path) -> list[Path]:
    """Writes the averaged weights of a pair as states of its two networks, beside it."""
    whole = torch.load(state, map_location="cpu", weights_only=True)
    record = {key: whole[key] for key in ("step", "seconds")}
    written = []
    for part in ("lua", "decoder"):
        begin = f"{part}."
        ema = {k.removeprefix(begin): v for k, v in whole["ema"].items() if k.startswith(begin)}
        written.append(state.with_name(f"{part}-pair.state.pt"))
        save_state_whole({"model": ema, "ema": ema, **record}, written[-1])
    return written


def train_pair(run: PairRun) -> list[Path]:
    """Runs (or resumes) to the end: run.out/lua-pair.state.pt and decoder-pair.state.pt, which a
    broken-off run leaves, too."""
    torch.manual_seed(run.seed)
    crops = open_crops(run)
    val = {k: v[:VAL_PICTURES] for k, v in load_file(run.cache / "val.safetensors").items()}
    pair = open_pair(run).to(run.device, memory_format=torch.channels_last)
    distance = FeatureDistance().to(run.device)
    seen = distance if run.phase.weights.get("perceptual") else None
    trainer = Trainer(pair, run.phase.schedule, run.out, run.phase.name, run.deadline)

    def judge(averaged: Pair) -> dict[str, float]:
        return validate(run, averaged, val, distance)

    def learn(step: int) -> None:
        loss, terms = step_terms(run, pair.lua, pair.decode, crops, step, seen)
        own, of_own = own_terms(run, pair, crops.cache, step, distance)
        trainer.update(loss + own, terms | {f"{k}.own": v for k, v in of_own.items()})

    if not trainer.resume():
        report(trainer, judge)
    try:
        train_to_end(trainer, run, learn, judge, crops.all())
    finally:
        if trainer.state_path.exists():
            written = split_state(trainer.state_path)
    return written
