"""Exports read back, runs resume to the step, trainings go down."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from leap import run
from leap.data.cache import Cache
from leap.data.windows import WindowRule, draw_corners, draw_small, draw_windows
from leap.families import FAMILIES, channels_of
from leap.loss.lua_losses import crop_inputs
from leap.loss.picture_terms import Look
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.training.decoder_phases import DecoderPhase, decoder_phase
from leap.training.muon import orthogonalise
from leap.training.stages import PIXEL, Stage
from leap.training.train_decoder import (
    DecoderRun,
    Target,
    learn_from,
    start_with,
    train_decoder,
)
from leap.training.train_lua import LuaRun, train_lua
from leap.training.trainer import Schedule, Trainer
from leap.weights_file import load_weights, read_record, save_weights
from tests.networks.test_lua import TINY
from tests.stand_ins import decode


def test_cache_reads_rows_and_teachers(cache: Path) -> None:
    data = Cache(cache)
    assert len(data) == 8 and data.teacher_rows.tolist() == list(range(8))
    assert not data.refresh()


def test_a_shard_whose_rows_would_be_anothers_is_refused(cache: Path) -> None:
    """Large latents of a later shard only: they would be taken for the first crops'."""
    core = load_file(cache / "core-0000.safetensors")
    small = {k: v for k, v in core.items() if not k.endswith(".hr")}
    save_file(small, cache / "core-0000.safetensors")
    save_file(core, cache / "core-0001.safetensors")
    with pytest.raises(ValueError, match=r"core-0001.* has \w+.hr"):
        Cache(cache)


def test_decoders_learn_from_the_crops_with_large_latents(cache: Path) -> None:
    core = load_file(cache / "core-0000.safetensors")
    small = {k: v for k, v in core.items() if not k.endswith(".hr")}
    for n in range(1, 6):
        save_file(small, cache / f"core-{n:04d}.safetensors")
    rule = WindowRule(batch=30, crop=4, families=["sd3"])
    drawn = draw_windows(Cache(cache), np.random.default_rng(0), rule, "cpu")
    assert drawn.latents["sd3"].shape == (30, 16, 4, 4)


def test_windows_lie_on_the_border_half_as_often_as_on_other_positions() -> None:
    corners = draw_corners(np.random.default_rng(0), 40_000, side=64, crop=16)
    assert corners.min() == 0 and corners.max() == 48
    seen = (corners[:, 0, None] <= np.arange(64)) & (np.arange(64) < corners[:, 0, None] + 16)
    share = seen.mean(0)
    assert share[0] == pytest.approx(9 / 65, rel=0.05)
    assert share[63] == pytest.approx(9 / 65, rel=0.05)
    assert share[32] == pytest.approx(16 / 65, rel=0.05)
    whole = draw_corners(np.random.default_rng(0), 100, side=16, crop=16)
    assert (whole == 0).all()


def test_weights_file_round_trip(tmp_path: Path) -> None:
    tensors = {"b": torch.randn(3), "a": torch.randn(675), "c": torch.randn(2, 5)}
    path = tmp_path / "w.safetensors"
    assert save_weights(path, tensors, {"kind": "test"}) == path.stat().st_size
    assert read_record(path) == {"kind": "test"}
    back = load_weights(path)
    assert set(back) == set(tensors)
    for name, tensor in tensors.items():
        torch.testing.assert_close(back[name], tensor.half().float(), rtol=0, atol=0)
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    begins = {k: v["data_offsets"][0] for k, v in header.items() if k in tensors}
    assert size % 8 == 0 and all(begin % 8 == 0 for begin in begins.values())


def test_weights_that_overflow_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="big"):
        save_weights(tmp_path / "w.safetensors", {"big": torch.tensor([1e6])}, {})


def lua_run(cache: Path, out: Path, steps: int) -> LuaRun:
    schedule = Schedule(lr=1e-3, steps=steps, warmup=2, clip=0.4, ema=0.9, optimizer="muon")
    stages = [
        Stage("imitate", {"latent_l1": 1.0, "latent_fft": 0.1}, schedule, "teacher", joint=0.5),
        Stage("pixel", PIXEL, replace(schedule, steps=2), window=4, decoded=3),
    ]
    return LuaRun(cache, out, stages, decode, decode, TINY, log_every=2, val_every=4)


def test_lua_resumes_to_the_step(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run stopped at its middle and started again equals one that ran through."""
    monkeypatch.setattr("leap.training.trainer.SAVE_EVERY", 4)
    whole = lua_run(cache, tmp_path / "whole", 8)
    train_lua(replace(whole, stages=whole.stages[:1]))
    halves = lua_run(cache, tmp_path / "halves", 8)
    stop_at(halves, 4)
    halves = lua_run(cache, tmp_path / "halves", 8)
    train_lua(replace(halves, stages=halves.stages[:1]))
    a, b = (
        torch.load(tmp_path / n / "lua-imitate.state.pt", weights_only=True)
        for n in ("whole", "halves")
    )
    assert a["step"] == b["step"] == 8
    for part in ("model", "ema"):
        for key in a[part]:
            torch.testing.assert_close(a[part][key], b[part][key], rtol=0, atol=0)


def test_lua_is_repeatable(cache: Path, tmp_path: Path) -> None:
    """The same finished cache and seed give the same weights, to the bit; another seed others."""

    def weights(name: str, seed: int) -> dict[str, torch.Tensor]:
        run = replace(lua_run(cache, tmp_path / name, 3), seed=seed, val_every=0)
        return torch.load(train_lua(run), weights_only=True)["ema"]

    a, b, c = weights("a", 5), weights("b", 5), weights("c", 6)
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert any(not torch.equal(a[k], c[k]) for k in a)


def stop_at(run: LuaRun, step: int) -> None:
    """Runs the first stage and breaks it off right after the save at `step`."""

    class Stop(Exception):
        pass

    def judge(family: str, latents: torch.Tensor) -> torch.Tensor:
        raise Stop  # the first validation comes right after the save

    run.judge, run.val_every = judge, step
    with pytest.raises(Stop):
        train_lua(replace(run, stages=run.stages[:1]))


def test_lua_goes_through_all_stages(cache: Path, tmp_path: Path) -> None:
    state = train_lua(lua_run(cache, tmp_path / "run", 4))
    assert state.name == "lua-pixel.state.pt"
    assert "val.psnr.x4.flux2" in (tmp_path / "run" / "lua-pixel.log.csv").read_text()


def tiny_phase(name: str, steps: int, **schedule: float) -> DecoderPhase:
    """A phase of the CPU preset, on windows of four positions."""
    phase = decoder_phase(name, "cpu", list(FAMILIES))
    phase.windows = replace(phase.windows, crop=4)
    phase.schedule = replace(phase.schedule, steps=steps, warmup=5, lr=2e-3, **schedule)
    return phase


DECODER = DecoderConfig(widths=(12, 8, 8), blocks=(1, 1, 1))


def test_decoder_loss_goes_down(cache: Path, tmp_path: Path) -> None:
    phase = tiny_phase("plain", 40)
    train_decoder(DecoderRun(cache, tmp_path, phase, DECODER, log_every=20))
    rows = (tmp_path / "decoder.log.csv").read_text().splitlines()
    losses = [float(r.split(",")[3]) for r in rows if ",loss," in r]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("families", [["sd3", "flux1"], ["flux2"]])
def test_the_taught_phase_is_shown_taesds_decodes(
    cache: Path, tmp_path: Path, families: list[str]
) -> None:
    """Of windows of large and of small pictures; of a family with a tone, of whole small ones."""
    shown: list[tuple[str, torch.Size]] = []

    def foreign(family: str, latents: Tensor, whole: Tensor | None = None) -> Tensor:
        shown.append((family, latents.shape))
        return decode(family, latents)

    phase = decoder_phase("taught", "cpu", families)
    phase.windows = replace(phase.windows, crop=4)
    phase.schedule = replace(phase.schedule, steps=40, warmup=5, lr=2e-3)
    # The other terms cannot see pictures of 16 pixels.
    phase.weights, phase.taught = {"log_mse": 0.1}, {"log_mse": 0.05, "met": 0.05}
    run = DecoderRun(cache, tmp_path, phase, DECODER, foreign, log_every=20)
    train_decoder(run)
    assert (tmp_path / "decoder-taught.state.pt").exists()
    log = (tmp_path / "decoder-taught.log.csv").read_text().splitlines()
    met = [float(row.split(",")[3]) for row in log if ",met," in row]
    assert len(met) == 2 and met[1] < met[0]
    sides = {family: [shape[-1] for f, shape in shown if f == family] for family in families}
    for those in sides.values():
        if families == ["flux2"]:
            assert 10 <= len(those) <= 30 and set(those) == {2, 4}
        else:
            assert len(those) == 40 and 5 <= those.count(2) <= 20
    if families == ["flux2"]:
        # As many positions as six windows of four: 24 of two, and six wholes of four.
        assert {shape[0] * shape[-1] ** 2 for _, shape in shown} == {96}


@pytest.mark.parametrize("teaches", [True, False])
def test_what_a_step_weighs_where_taesd_teaches_and_where_not(teaches: bool) -> None:
    image, pixels, taught = torch.rand(3, 2, 3, 64, 64)
    phase = decoder_phase("taught", "cpu", ["sd3"])
    phase.weights, phase.taught = {"log_mse": 0.1}, {"log_mse": 0.02, "met": 0.07}
    losses: list[Tensor] = []

    class Noted:
        def update(self, loss: Tensor, terms: dict[str, Tensor]) -> None:
            losses.append(loss)

    look = Look(None, torch.arange(2), (0, 0), torch.ones(2))
    learn_from(Noted(), image, Target(pixels, taught if teaches else None), phase, look, None)
    to_pixels, to_taught = ((image - t).square().mean((1, 2, 3)) for t in (pixels, taught))
    expected = 0.1 * to_pixels.log().mean()
    if teaches:
        expected = 0.02 * to_pixels.log().mean() + 0.07 * to_taught.log().mean()
    torch.testing.assert_close(losses[0], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("family, count", [("flux2", 8), ("sd3", 2)])
def test_small_windows_are_each_of_another_crop(cache: Path, family: str, count: int) -> None:
    """Of a family with a tone: whole ones, as many positions as two windows of four."""
    rule = WindowRule(2, 4, [family])
    for seed in range(20):
        drawn = draw_small(Cache(cache), np.random.default_rng(seed), rule, "cpu").latents[family]
        if drawn.shape[-1] == 2:
            assert len(drawn) == count
        assert len(drawn.flatten(1).unique(dim=0)) == len(drawn)


def test_a_taught_decoder_that_a_pair_would_hide_is_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs" / "trunk-sdxl"
    folder.mkdir(parents=True)
    words = f"run decoder --phase taught --trunk trunk-sdxl --compile --cache {cache}"
    monkeypatch.setattr("sys.argv", [*words.split(), "--out", str(folder.parent)])
    with pytest.raises(SystemExit, match="No decoder in"):
        run.main()
    net = FamilyDecoder(DECODER, channels_of(["sdxl"]))
    torch.save({"ema": net.state_dict()}, folder / "decoder-pair.state.pt")
    with pytest.raises(SystemExit, match="has a pair"):
        run.main()


def test_a_trunk_for_some_families_begins_where_one_for_more_ended(tmp_path: Path) -> None:
    ended = FamilyDecoder(DECODER, channels_of(["sd15", "sdxl"]))
    torch.save({"ema": ended.state_dict()}, tmp_path / "ended.pt")
    begun = FamilyDecoder(DECODER, channels_of(["sdxl"]))
    start_with(begun, tmp_path / "ended.pt")
    z = {"sdxl": torch.randn(1, 4, 8, 8)}
    assert torch.equal(begun(z)["sdxl"], ended(z)["sdxl"])


def test_an_encoder_begins_without_its_tone_where_the_run_had_none(tmp_path: Path) -> None:
    """And gives what it gave: a new tone changes nothing."""
    torch.manual_seed(0)
    shape = EncoderConfig(widths=(4, 6, 8), blocks=(1, 1, 1))
    ended = FamilyEncoder(shape, channels_of(["sd3", "flux2"]))
    ema = {k: v for k, v in ended.state_dict().items() if not k.startswith("tone.")}
    torch.save({"ema": ema}, tmp_path / "ended.pt")
    begun = FamilyEncoder(shape, channels_of(["flux2"]))
    start_with(begun, tmp_path / "ended.pt")
    photo = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(begun(photo)["flux2"], ended(photo)["flux2"])
    torch.save({"ema": {}}, tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match="conv_in"):
        start_with(begun, tmp_path / "other.pt")


def test_the_sharp_phase_resumes_with_its_critic(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four steps in a row, and two and two, end in the same decoder and the same critic."""
    monkeypatch.setattr("leap.training.trainer.SAVE_EVERY", 2)

    def state(folder: str, steps: list[int]) -> list[dict]:
        for n in steps:
            phase = tiny_phase("sharp", 4)
            phase.weights = {k: w for k, w in phase.weights.items() if k != "perceptual"}
            phase.adversarial = 0.5
            run = DecoderRun(cache, tmp_path / folder, phase, DECODER, val_every=100)
            if n < 4:
                break_off_after(run, n, monkeypatch)
            else:
                train_decoder(run)
        names = ("decoder-sharp", "decoder-sharp-critic")
        return [
            torch.load(tmp_path / folder / f"{name}.state.pt", weights_only=True) for name in names
        ]

    for whole, halves in zip(state("whole", [4]), state("halves", [2, 4]), strict=True):
        assert whole["step"] == halves["step"] == 4
        for key, value in whole["model"].items():
            torch.testing.assert_close(value, halves["model"][key], rtol=0, atol=0)


def break_off_after(run: DecoderRun, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs until the save at `step`, as a process that is killed right after it."""

    class Killed(Exception):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("leap.training.loop.report", killed)
        train_decoder(replace(run, val_every=step))


def test_a_window_knows_the_whole_it_was_cut_from(cache: Path) -> None:
    """FLUX.2's statistics are the crop's, whatever the window."""
    data = Cache(cache)
    rule = WindowRule(batch=3, crop=2)
    drawn = draw_windows(data, np.random.default_rng(0), rule, "cpu")
    assert {f: len(z) for f, z in drawn.latents.items()} == dict.fromkeys(FAMILIES, 3)
    assert set(drawn.wholes) == {"flux2"}
    for window, whole in zip(drawn.latents["flux2"], drawn.wholes["flux2"], strict=True):
        places = whole.unfold(1, 2, 1).unfold(2, 2, 1).permute(1, 2, 0, 3, 4).flatten(0, 1)
        assert any(torch.equal(window, place) for place in places)


def test_tiles_of_a_toned_latent_know_the_whole() -> None:
    """With the whole's statistics, the middle of a window decodes as in the whole picture."""
    torch.manual_seed(0)
    model = FamilyDecoder(DECODER, channels_of(["flux2"])).eval()
    torch.nn.init.normal_(model.tone["flux2"].fc1.weight, std=0.1)
    whole = torch.randn(1, 32, 24, 24)
    window = whole[:, :, 4:20, 4:20]
    with torch.inference_mode():
        expected = model({"flux2": whole})["flux2"][:, :, 88:104, 88:104]
        tiled = model({"flux2": window}, {"flux2": whole})["flux2"][:, :, 56:72, 56:72]
        alone = model({"flux2": window})["flux2"][:, :, 56:72, 56:72]
    assert (tiled - expected).abs().max() < 1e-5 < (alone - expected).abs().max()


def test_decoder_multiply_adds_and_size() -> None:
    """Issue bars: at most 90 k multiply-adds per output pixel and 1.5 M parameters."""
    model = FamilyDecoder(DecoderConfig(), channels_of(["flux1"]))
    assert sum(p.numel() for p in model.parameters()) <= 1.5e6
    per_pixel = 0.0
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            level = 0
            if "stages." in name:
                level = int(name.split("stages.")[1][0])
            elif "up." in name:
                level = int(name[-1])
            elif "conv_out" in name:
                level = 2
            per_pixel += module.weight.numel() / (64 / 4**level)
    assert per_pixel <= 90e3


def test_muon_steps_are_near_orthogonal() -> None:
    """U V^T of the gradient, singular values within Newton-Schulz's usual band."""
    torch.manual_seed(0)
    g = torch.randn(24, 60)
    values = torch.linalg.svdvals(orthogonalise(g))
    assert values.min() > 0.5 and values.max() < 1.4
    u, _, v = torch.linalg.svd(g, full_matrices=False)
    cosine = torch.nn.functional.cosine_similarity(
        orthogonalise(g).flatten(), (u @ v).flatten(), dim=0
    )
    assert cosine > 0.97


def test_a_part_with_a_pace_learns_at_its_own_rate(tmp_path: Path) -> None:
    """From the same gradients the part with half the pace moves half as far: its matrix, which Muon
    takes, and its bias, which Adam takes."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 6))
    model[1].load_state_dict(model[0].state_dict())
    before = {k: v.clone() for k, v in model.named_parameters()}
    schedule = Schedule(lr=1e-2, steps=9, optimizer="muon", clip=1e9, paces={"1": 0.5})
    trainer = Trainer(model, schedule, tmp_path, "two")
    x = torch.randn(5, 6)
    trainer.update(model[0](x).square().sum() + model[1](x).square().sum(), {})
    moved = {k: v - before[k] for k, v in model.named_parameters()}
    for part in ("weight", "bias"):
        assert moved[f"0.{part}"].abs().max() > 1e-3
        assert torch.allclose(moved[f"1.{part}"], 0.5 * moved[f"0.{part}"], rtol=0.02, atol=1e-6)


def test_cropped_inputs_show_the_windows() -> None:
    """A nearest enlargement of the crop holds at its place what the whole one has there."""

    def enlarged(z: torch.Tensor, scale: int) -> torch.Tensor:
        return torch.nn.functional.interpolate(z, scale_factor=scale)

    low = {"a": torch.randn(2, 1, 32, 32), "b": torch.randn(2, 1, 32, 32)}
    windows = [("a", 1, 0, 47), ("b", 0, 48, 13), ("b", 1, 21, 22)]
    crops, places = crop_inputs(low, windows, 16, 2)
    assert crops["b"].shape == (2, 1, 16, 16)
    for (f, row, y, x), (_, i, v, u) in zip(windows, places, strict=True):
        whole = enlarged(low[f], 2)[row, :, y : y + 16, x : x + 16]
        assert torch.equal(enlarged(crops[f], 2)[i, :, v : v + 16, u : u + 16], whole)
