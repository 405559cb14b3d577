"""Our LUA: begun from the decoder it equals it, windows show what they say, a run resumes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from leap.data.cache import Cache
from leap.data.lua_windows import (
    cut_images,
    cut_outputs,
    draw_lua_windows,
    high_latents,
    photographs,
)
from leap.families import channels_of
from leap.frozen import build_lua
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.networks.liif_leap_lua import LiifLeapLua
from leap.networks.lua import LuaConfig
from leap.training.lua_loss import LuaCrops, step_terms
from leap.training.lua_phases import lua_phase
from leap.training.train_leap_lua import LeapLuaRun, train_leap_lua
from leap.training.trainer import Paused, step_rng
from tests.stand_ins import decode

FAMILIES = ["sd3", "flux1"]
TINY = LeapLuaConfig(widths=(8, 6, 4), stem=1, groups=1, heads=2, window_size=4, middle=1, tail=1)


@torch.no_grad()
def test_begins_with_the_decoders_features() -> None:
    """Without what is added, the x2 features are the decoder's own at 1/4 of the picture."""
    torch.manual_seed(0)
    decoder = FamilyDecoder(
        DecoderConfig(widths=(8, 6, 4), blocks=(1, 1, 1)), channels_of(FAMILIES)
    )
    lua = FamilyLeapLua(TINY, channels_of(FAMILIES))
    lua.begin_from(decoder)
    for block in [*lua.shared.heads["x2"]["blocks"], *lua.shared.layers]:
        last = block.conv2 if hasattr(block, "conv2") else block.conv
        nn.init.zeros_(last.weight)
    z = torch.randn(2, 16, 8, 8)
    x = decoder.conv_in["flux1"](3 * torch.tanh(z / 3))
    x = decoder.trunk.stages[0].blocks[0](x)
    x = nn.functional.pixel_shuffle(decoder.trunk.up[0](x), 2)
    expected = nn.functional.relu(decoder.trunk.stages[1].blocks[0](x))
    first = lua.conv_first["flux1"](3 * torch.tanh(z / 3))
    torch.testing.assert_close(lua.shared(first, 2), expected)


@torch.no_grad()
def test_takes_the_decoders_tone_and_the_wholes_statistics() -> None:
    """FLUX.2: a window's first features are those that the decoder has of the same window."""
    torch.manual_seed(0)
    shape = DecoderConfig(widths=(8, 6, 4), blocks=(1, 1, 1))
    decoder = FamilyDecoder(shape, channels_of(["flux2"]))
    nn.init.normal_(decoder.tone["flux2"].fc1.weight)
    lua = FamilyLeapLua(TINY, channels_of(["flux2"]))
    lua.begin_from(decoder)
    whole = torch.randn(2, 32, 8, 8)
    window = whole[:, :, :4, 4:]
    seen: list[torch.Tensor] = []
    for net in (decoder, lua):
        conv = (net.conv_in if net is decoder else net.conv_first)["flux2"]
        conv.register_forward_hook(lambda _, inputs, out: seen.append(out))
    decoder({"flux2": window}, {"flux2": whole})
    lua({"flux2": window}, 2, {"flux2": whole})
    lua({"flux2": window}, 2)
    torch.testing.assert_close(seen[1], seen[0])
    assert (seen[2] - seen[0]).abs().max() > 0.1


def test_the_decoder_sees_what_lua_makes_of_the_whole(cache: Path, tmp_path: Path) -> None:
    """FLUX.2: a window is decoded with the statistics that the whole result will have."""
    model = FamilyLeapLua(TINY, channels_of(["flux2"]))
    wholes: list[torch.Tensor] = []

    def spy(family: str, latents: torch.Tensor, whole: torch.Tensor | None = None) -> torch.Tensor:
        wholes.append(whole)
        return decode(family, latents)

    run = replace(lua_run(cache, tmp_path, 1), families=["flux2"])
    step_terms(run, model, spy, LuaCrops(Cache(cache)), 1, None)
    scale = 4 if step_rng(run.seed, 1).random() < run.phase.quarter else 2
    side = Cache(cache).latents[f"flux2.x{scale}"].shape[-1]
    assert wholes[0].shape[1:] == (32, scale * side, scale * side)


def larger_cache(folder: Path) -> Path:
    """Three crops of 512 pixels, FLUX.2's latents."""
    folder.mkdir()
    torch.manual_seed(1)
    shard = {"pixels": torch.randint(0, 256, (3, 3, 512, 512), dtype=torch.uint8)}
    shard |= {f"flux2.{k}": torch.randn(3, 32, n, n).half() for k, n in SIDES.items()}
    save_file(shard, folder / "core-0000.safetensors")
    return folder


SIDES = {"hr": 64, "x2": 32, "x4": 16}


def test_one_step_in_three_is_on_larger_crops(cache: Path, tmp_path: Path) -> None:
    """FLUX.2: all windows of such a step are from one crop, whose statistics LUA and the decoder
    see; the loss and its gradients are finite."""
    model = FamilyLeapLua(TINY, channels_of(["flux2"]))
    wholes = []
    crops = LuaCrops(Cache(cache), Cache(larger_cache(tmp_path / "larger")))

    def spy(family: str, latents: torch.Tensor, whole: torch.Tensor | None = None) -> torch.Tensor:
        wholes.append(whole)
        return decode(family, latents)

    run = replace(lua_run(cache, tmp_path, 1), families=["flux2"])
    run.phase.decoded, run.phase.quarter = 12, 0.0
    for step in range(6):
        loss, _ = step_terms(run, model, spy, crops, step, None)
        loss.backward()
        large = step % 3 == 1
        assert wholes[-1].shape == ((1, 32, 64, 64) if large else (4, 32, 8, 8))
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def test_a_toned_family_is_held_near_real_latents(cache: Path, tmp_path: Path) -> None:
    """FLUX.2: every second step adds the distance from the large latent; no step looks through
    TAESD, which cannot show windows of it."""
    model = FamilyLeapLua(TINY, channels_of(["flux2"]))

    def refuse(
        family: str, latents: torch.Tensor, whole: torch.Tensor | None = None
    ) -> torch.Tensor:
        raise AssertionError("looked through TAESD")

    run = replace(lua_run(cache, tmp_path, 1), families=["flux2"], foreign=refuse)
    for step in range(4):
        loss, terms = step_terms(run, model, decode, LuaCrops(Cache(cache)), step, None)
        pulls = [value for name, value in terms.items() if name.startswith("latent")]
        assert len(pulls) == (step % 2 == 0)
        rest = sum(
            run.phase.weights[name.split(".")[0]] * value
            for name, value in terms.items()
            if not name.startswith("latent")
        )
        torch.testing.assert_close(loss, rest + sum(run.phase.anchor * p for p in pulls))


@torch.no_grad()
@pytest.mark.parametrize("scale", [2, 4])
def test_any_size_and_close_to_bicubic_at_first(scale: int) -> None:
    lua = FamilyLeapLua(TINY, channels_of(FAMILIES))
    z = torch.randn(1, 16, 5, 7)
    out = lua({"sd3": z}, scale)["sd3"]
    bicubic = nn.functional.interpolate(z, scale_factor=scale, mode="bicubic")
    assert out.shape == (1, 16, 5 * scale, 7 * scale)
    assert 0 < (out - bicubic).abs().max() < 0.2


def test_a_state_tells_its_shape() -> None:
    lua = FamilyLeapLua(TINY, channels_of(["flux2"]))
    again = FamilyLeapLua.from_state(lua.state_dict())
    kept = ("widths", "stem", "groups", "heads", "window_size", "mlp_ratio", "middle", "tail")
    assert [getattr(again.config, k) for k in kept] == [getattr(TINY, k) for k in kept]
    assert again.config.in_chans == 32


@pytest.mark.parametrize("change", [{"groups": 0}, {"scales": (2,)}, {"scales": (4,)}])
def test_a_state_tells_what_it_lacks(change: dict) -> None:
    """Without Swin groups, or with one head only: the ablations' networks."""
    torch.manual_seed(0)
    lua = FamilyLeapLua(replace(TINY, **change), channels_of(["flux1"]))
    again = FamilyLeapLua.from_state(lua.state_dict())
    assert (again.config.groups, again.config.scales) == (lua.config.groups, lua.config.scales)
    z, scale = torch.randn(1, 16, 8, 8), lua.config.scales[0]
    assert torch.equal(again({"flux1": z}, scale)["flux1"], lua({"flux1": z}, scale)["flux1"])


def test_an_implicit_head_serves_both_factors() -> None:
    """The ablation's network: its state tells that it is one, and every weight of it is used."""
    torch.manual_seed(0)
    lua = LiifLeapLua(replace(TINY, widths=(8, 6, 6)), channels_of(["flux1"]))
    again = build_lua(lua.state_dict(), LuaConfig())
    z = torch.randn(1, 16, 5, 7)
    for scale in (2, 4):
        out = lua({"flux1": z}, scale)["flux1"]
        assert out.shape == (1, 16, 5 * scale, 7 * scale)
        assert torch.equal(again({"flux1": z}, scale)["flux1"], out)
        out.sum().backward()
    assert all(p.grad.abs().max() > 0 for p in lua.shared.heads.parameters())


@pytest.mark.parametrize("scale", [2, 4])
def test_windows_show_one_place(cache: Path, scale: int) -> None:
    """Small latents, large latents and pixels of a window come from one place of the picture, and
    only sides inside of the picture lose a margin."""
    data = Cache(cache)
    side = data.pixels.shape[-1]
    ramp = torch.arange(side).expand(side, side)
    places = torch.stack([ramp.T, ramp, ramp]).to(torch.uint8)
    data.pixels = places.expand(len(data), -1, -1, -1)
    for name, step in (("hr", 8), ("x2", 16), ("x4", 32)):
        n = side // step
        corner = step * torch.arange(n, dtype=torch.float16)
        z = torch.stack([corner[:, None].expand(n, n), corner.expand(n, n)])
        data.latents[f"sd3.{name}"] = z.repeat(8, 1, 1)[:16].expand(len(data), -1, -1, -1)
    windows = draw_lua_windows(data, np.random.default_rng(1), ["sd3"], scale, 40, decoded=6)
    high = high_latents(data, windows)["sd3"]
    low = nn.functional.interpolate(windows.lows["sd3"], scale_factor=scale)
    cut = cut_outputs({"sd3": low}, windows)["sd3"]
    assert torch.equal(cut, (high / (8 * scale)).floor() * 8 * scale)
    target = (photographs(data, windows, "cpu") * 255).round()
    seen = cut_images({"sd3": nn.functional.interpolate(high[:, :3], scale_factor=8)}, windows)
    assert torch.equal(seen[:, 0], (target[:, 0] / 8).floor() * 8)
    assert torch.equal(seen[:, 1], (target[:, 1] / 8).floor() * 8)
    starts = {(int(t[0, 0, 0]), int(h[0, 0, 0])) for t, h in zip(target, high, strict=True)}
    whole = side // 8
    for judged, decoded in starts:
        inner = {0: 0, whole - 6: 4}.get(decoded // 8, 2)
        assert judged == decoded + 8 * inner


def lua_run(cache: Path, out: Path, steps: int) -> LeapLuaRun:
    phase = lua_phase("sharp", "cpu")
    phase.schedule.steps, phase.schedule.minutes = steps, None
    phase = replace(phase, foreign_every=3, decoded=8, foreign_side=8)
    return LeapLuaRun(
        *(cache, out, phase, FAMILIES, decode),
        decode=decode,
        config=TINY,
        log_every=2,
        val_every=5,
    )


def test_resumes_to_the_step(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run stopped at its middle and started again equals one that ran through."""
    monkeypatch.setattr("leap.training.trainer.SAVE_EVERY", 3)
    train_leap_lua(lua_run(cache, tmp_path / "whole", 6))
    with pytest.raises(Paused):
        train_leap_lua(replace(lua_run(cache, tmp_path / "halves", 6), deadline=0.0))
    train_leap_lua(lua_run(cache, tmp_path / "halves", 6))
    whole, halves = (
        torch.load(tmp_path / n / "lua-sharp.state.pt", weights_only=True)
        for n in ("whole", "halves")
    )
    assert whole["step"] == halves["step"] == 6
    for part in ("model", "ema"):
        for key, value in whole[part].items():
            torch.testing.assert_close(halves[part][key], value, rtol=0, atol=0)
