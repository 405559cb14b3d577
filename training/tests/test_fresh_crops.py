"""Crops made anew: of the cache's pictures, with latents of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from leap.data.cache import Cache
from leap.data.crops import shrink
from leap.data.fresh_crops import FRESH_SIDES, renew_crops, vary
from leap.data.lua_windows import draw_lua_windows, photographs
from leap.families import channels_of
from leap.frozen import taesd_encode
from leap.networks.leap_lua import FamilyLeapLua
from leap.networks.taesd import load_taesd
from leap.training.lua_loss import LuaCrops, step_terms
from leap.training.trainer import step_rng
from tests.networks.test_leap_lua import FAMILIES, TINY, lua_run
from tests.stand_ins import decode, encode


def test_a_varied_crop_is_the_same_picture() -> None:
    """Mirrored, turned or neither; half keep their colours; the same draw gives the same."""
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (3, 16, 16), dtype=torch.uint8)
    ways = [pixels, pixels.flip(2), pixels.transpose(1, 2), pixels.flip(2).transpose(1, 2)]
    found = [0] * len(ways)
    for seed in range(200):
        varied = vary(pixels, np.random.default_rng(seed))
        assert torch.equal(varied, vary(pixels, np.random.default_rng(seed)))
        assert varied.dtype == torch.uint8 and varied.shape == pixels.shape
        for i, way in enumerate(ways):
            found[i] += torch.equal(varied, way)
    assert 70 < sum(found) < 130 and min(found[:2]) > 2 * max(found[2:]) > 0


def test_windows_of_fresh_crops_have_their_own_latents_and_pixels(cache: Path) -> None:
    """Each window is of another crop; its small latent is of the pixels it is judged by."""
    rng = np.random.default_rng(0)
    crops = renew_crops(Cache(cache), rng, ["sd3", "flux1"], 4, 6, encode)
    assert len(crops) == 6 and {k: v.shape[1:] for k, v in crops.latents.items()} == {
        "sd3.x4": (16, 2, 2),
        "flux1.x4": (16, 2, 2),
    }
    windows = draw_lua_windows(crops, rng, ["sd3", "flux1"], 4, 6, decoded=8)
    targets = photographs(crops, windows, "cpu").split(6)
    for family, pictures in zip(["sd3", "flux1"], targets, strict=True):
        assert sorted(c.row for c in windows.cuts[family]) == list(range(6))
        expected = encode(family, shrink(pictures, 4))
        torch.testing.assert_close(windows.lows[family], expected)


def test_fresh_crops_of_x2_are_parts_of_the_caches(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From any pixel on; a window that lies inside of such a part loses a margin there."""
    monkeypatch.setitem(FRESH_SIDES, 2, 48)
    data = Cache(cache)
    plain = data.pixels.unfold(2, 48, 1).unfold(3, 48, 1)
    crops = renew_crops(data, np.random.default_rng(3), ["sd3"], 2, 12, encode)
    assert crops.pixels.shape == (12, 3, 48, 48) and crops.latents["sd3.x2"].shape[-1] == 3
    found = [
        any(torch.equal(part[:, y, x], crop) for y in range(17) for x in range(17))
        for crop in crops.pixels
        for part in plain
    ]
    assert 0 < sum(found) < 12  # the rest are mirrored, turned or recoloured


def test_some_steps_are_on_fresh_crops(cache: Path, tmp_path: Path) -> None:
    """All of x4 and half of x2; never where large latents are needed, nor at x2 with a tone."""
    asked: list[tuple[int, ...]] = []

    def spy(family: str, images: torch.Tensor) -> torch.Tensor:
        asked.append(tuple(images.shape))
        return encode(family, images)

    for families, each in ((FAMILIES, 2), (["flux2"], 4)):
        model = FamilyLeapLua(TINY, channels_of(families))
        run = replace(lua_run(cache, tmp_path, 1), families=families, encode=spy)
        data, counts = Cache(cache), {}
        for step in range(60):
            asked.clear()
            loss, _ = step_terms(run, model, decode, LuaCrops(data), step, None)
            loss.backward()
            scale = 4 if step_rng(run.seed, step).random() < run.phase.quarter else 2
            every = run.phase.anchor_every if families == ["flux2"] else run.phase.foreign_every
            counts.setdefault((scale, step % every == 0), []).append(len(asked))
            assert all(shape == (each, 3, 64 // scale, 64 // scale) for shape in asked)
        n = len(families)
        assert set(counts[4, False]) == {n}
        assert counts[4, True].count(0) == len(counts[4, True])
        assert counts[2, True].count(0) == len(counts[2, True])
        assert set(counts[2, False]) == ({0} if families == ["flux2"] else {0, n})
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("family", ["sd15", "flux2"])
def test_the_frozen_encoder_is_taesds(weights: Path, family: str) -> None:
    torch.manual_seed(0)
    images = torch.rand(2, 3, 64, 64)
    found = taesd_encode(weights, "cpu", [family])(family, images)
    expected = load_taesd("encoder", family, weights)(images)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=0.05)
