"""A blend of two stages, from a state and from averaged weights alone."""

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from experiments import blend


def test_a_quarter_of_the_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "lua-pixel.state.pt", tmp_path / "lua-sharp.ema.safetensors"
    torch.save({"ema": {"w": torch.zeros(2)}, "step": 3, "seconds": 1.0}, first)
    save_file({"w": torch.full((2,), 4.0).half()}, second)
    command = f"blend.py {first} {second} --share 0.25 --out {tmp_path / 'out'}"
    monkeypatch.setattr(sys, "argv", command.split())
    blend.main()
    state = torch.load(tmp_path / "out" / "lua-sharp.state.pt", weights_only=True)
    assert state["ema"]["w"].tolist() == [1.0, 1.0]
    assert state["blend"] == {"share": 0.25, "other": {"step": 3, "seconds": 1.0}}
