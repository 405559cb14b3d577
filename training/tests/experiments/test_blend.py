"""A blend of two stages, from a state and from averaged weights alone, a head by itself."""

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from experiments import blend


def test_a_quarter_of_the_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "lua-pixel.state.pt", tmp_path / "lua-sharp.ema.safetensors"
    keys = ("w", "shared.heads.x2.w", "conv_last.sd3.x4.weight")
    torch.save({"ema": {k: torch.zeros(2) for k in keys}, "step": 3, "seconds": 1.0}, first)
    save_file({k: torch.full((2,), 4.0).half() for k in keys}, second)
    command = f"blend.py {first} {second} --share 0.25 --head x4=0.5 --out {tmp_path / 'out'}"
    monkeypatch.setattr(sys, "argv", command.split())
    blend.main()
    state = torch.load(tmp_path / "out" / "lua-sharp.state.pt", weights_only=True)
    assert [state["ema"][k].tolist() for k in keys] == [[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]
    assert state["blend"] == {
        "share": 0.25,
        "heads": {"x4": 0.5},
        "other": {"step": 3, "seconds": 1.0},
    }


def test_a_misspelt_head_is_refused() -> None:
    weights = {"shared.heads.x4.w": torch.zeros(2)}
    with pytest.raises(ValueError, match="no head X4"):
        blend.blend(weights, weights, 0.5, {"X4": 0.7})
