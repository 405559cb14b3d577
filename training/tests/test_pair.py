"""LUA and the decoder as one: both learn, the run resumes, own latents have their own windows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from leap.data.cache import Cache
from leap.data.crops import shrink
from leap.data.windows import WindowRule
from leap.families import channels_of
from leap.frozen import leap_decode, lua_enlarge
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua
from leap.networks.lua import LuaConfig
from leap.training.lua_phases import lua_phase
from leap.training.train_pair import PairRun, open_pair, own_windows, train_pair
from leap.training.trainer import Paused, read_ema
from tests.networks.test_leap_lua import FAMILIES, TINY
from tests.stand_ins import decode, encode

SHAPE = DecoderConfig(widths=(8, 6, 4), blocks=(1, 1, 1))


def pair_run(cache: Path, out: Path, steps: int, families: list[str] = FAMILIES) -> PairRun:
    """A run from networks that are the same each time."""
    out.mkdir(exist_ok=True)
    torch.manual_seed(4)
    states = out / "lua-sharp.state.pt", out / "decoder-sharp.state.pt"
    nets = FamilyLeapLua(TINY, channels_of(families)), FamilyDecoder(SHAPE, channels_of(families))
    for net, state in zip(nets, states, strict=True):
        torch.save({"ema": net.state_dict(), "step": 1, "seconds": 1.0}, state)
    phase = lua_phase("pair", "cpu")
    phase.schedule.steps, phase.schedule.minutes = steps, None
    phase = replace(phase, foreign_every=3, decoded=8, foreign_side=8)
    return PairRun(
        *(cache, out, phase, families, decode),
        encode=encode,
        start=states[0],
        decoder=states[1],
        rule=WindowRule(1, 8, families),
        log_every=2,
        val_every=5,
    )


def test_both_learn_and_come_apart(cache: Path, tmp_path: Path) -> None:
    """The two states are networks of their kind, and neither is what it began with."""
    run = pair_run(cache, tmp_path / "run", 4)
    lua, decoder = train_pair(run)
    assert [p.name for p in (lua, decoder)] == ["lua-pair.state.pt", "decoder-pair.state.pt"]
    for state, begun in ((lua, run.start), (decoder, run.decoder)):
        learnt, before = read_ema(state), read_ema(begun)
        assert learnt.keys() == before.keys()
        assert all(not torch.equal(learnt[k], before[k]) for k in learnt if "conv" in k)
    z = torch.randn(1, 16, 4, 4)
    large = lua_enlarge([lua], LuaConfig(), "cpu")("sd3", z, 2)
    assert leap_decode([decoder], "cpu")("sd3", large).shape == (1, 3, 64, 64)
    log = (run.out / "pair.log.csv").read_text()
    assert all(f",{name}," in log for name in ("log_mse.own", "val.own.psnr.sd3"))


def test_the_decoder_learns_from_luas_windows(cache: Path, tmp_path: Path) -> None:
    """Its gradient has a part of LUA's windows: without it other weights come out."""
    run = pair_run(cache, tmp_path / "run", 3)
    both = read_ema(train_pair(run)[1])
    frozen = pair_run(cache, tmp_path / "frozen", 3)
    frozen.phase.weights = dict.fromkeys(frozen.phase.weights, 0.0)
    alone = read_ema(train_pair(frozen)[1])
    assert any((both[k] - alone[k]).abs().max() > 1e-5 for k in both)


def test_resumes_to_the_step(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leap.training.trainer.SAVE_EVERY", 2)
    train_pair(pair_run(cache, tmp_path / "whole", 4))
    with pytest.raises(Paused):
        train_pair(replace(pair_run(cache, tmp_path / "halves", 4), deadline=0.0))
    assert (tmp_path / "halves" / "decoder-pair.state.pt").exists()
    train_pair(pair_run(cache, tmp_path / "halves", 4))
    for name in ("lua-pair", "decoder-pair"):
        whole, halves = (read_ema(tmp_path / n / f"{name}.state.pt") for n in ("whole", "halves"))
        for key, value in whole.items():
            torch.testing.assert_close(halves[key], value, rtol=0, atol=0)


def test_own_windows_are_made_anew_but_with_a_tone(cache: Path, tmp_path: Path) -> None:
    """A decoder that sees the whole picture's statistics needs the cache's whole latents; one time
    in three they are of small pictures, whose windows are wholes, which TAESD can show."""
    asked: list[str] = []

    def spy(family: str, images: torch.Tensor) -> torch.Tensor:
        asked.append(family)
        return encode(family, images)

    for families, expected in ((FAMILIES, FAMILIES), (["flux2"], [])):
        asked.clear()
        run = replace(pair_run(cache, tmp_path / families[0], 1, families), encode=spy)
        windows = own_windows(run, Cache(cache), np.random.default_rng(0))
        assert asked == expected and set(windows.latents) == set(families)
    run = pair_run(cache, tmp_path / "toned", 1, ["flux2"])
    known = load_file(cache / "core-0000.safetensors")
    sides = []
    for seed in range(60):
        windows = own_windows(run, Cache(cache), np.random.default_rng(seed))
        whole, pixels = windows.wholes["flux2"][0], windows.pixels["flux2"][0]
        sides.append(whole.shape[-1])
        assert windows.latents["flux2"].shape[-1] == sides[-1]
        name = {8: "hr", 4: "x2", 2: "x4"}[sides[-1]]
        row = next(i for i, z in enumerate(known[f"flux2.{name}"]) if torch.equal(z.float(), whole))
        picture = shrink(known["pixels"][row : row + 1].float() / 255, 8 // sides[-1])[0]
        torch.testing.assert_close(pixels, picture, rtol=0, atol=0.5 / 255 + 1e-6)
    assert 10 <= sum(side < 8 for side in sides) <= 30 and {2, 4} < set(sides)


@torch.no_grad()
@pytest.mark.parametrize("families", [FAMILIES, ["flux2"]])
def test_a_pair_begins_as_it_ended_apart(cache: Path, tmp_path: Path, families: list[str]) -> None:
    """It decodes as the frozen decoder does, windows of a toned family with the whole's
    statistics."""
    run = pair_run(cache, tmp_path / "run", 1, families)
    pair, frozen = open_pair(run), leap_decode([run.decoder], "cpu")
    z = torch.randn(1, channels_of(families)[families[0]], 8, 8)
    part = z[:, :, :4, :4]
    for latent, whole in ((z, None), (part, z)):
        found, expected = (f(families[0], latent, whole).float() for f in (pair.decode, frozen))
        torch.testing.assert_close(found, expected, rtol=0, atol=0.02)
