"""Exported files become training states again: the shipped ones, and decoders of several trunks."""

import sys
from pathlib import Path

import pytest
import torch

import restore
from export import decoder_folders, drop_unused_trunks, export_trunk
from leap.families import FAMILIES, TRUNKS, channels_of
from leap.frozen import build_lua
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig
from leap.training.train_lua import SMALL
from leap.weights_file import read_record
from restore import find_trunks, gather, kind_of, last_run

MODELS = Path(__file__).resolve().parents[2] / "public" / "models"
LOADS = {
    "lua": lambda state: open_state(state),
    "decoder": FamilyDecoder.from_state,
    "encoder": FamilyEncoder.from_state,
}


def open_state(state: dict[str, torch.Tensor]) -> torch.nn.Module:
    """A LUA of either layout: ours, or the paper's."""
    return build_lua(state, SMALL)


@pytest.mark.parametrize("trunk", find_trunks(MODELS), ids=lambda path: path.stem)
def test_shipped_files_restore(trunk: Path) -> None:
    LOADS[kind_of(trunk)](gather(trunk))


def test_every_family_has_a_shipped_network_of_each_kind() -> None:
    families = {
        "lua": lambda net: net.conv_first,
        "decoder": lambda net: net.conv_in,
        "encoder": lambda net: net.conv_out,
    }
    found = {kind: [] for kind in families}
    for path in find_trunks(MODELS):
        kind = kind_of(path)
        found[kind] += families[kind](LOADS[kind](gather(path)))
    assert found.keys() == families.keys()
    for of_kind in found.values():
        assert sorted(of_kind) == sorted(FAMILIES)


def export_untrained(families: list[str], runs: Path, models: Path) -> dict[str, torch.Tensor]:
    """Exports a decoder for these families; returns its state."""
    ema = FamilyDecoder(DecoderConfig(), channels_of(families)).state_dict()
    runs.mkdir()
    torch.save({"ema": ema, "step": 1, "seconds": 60.0}, runs / "decoder.state.pt")
    export_trunk("decoder", runs, models, {})
    drop_unused_trunks(models)
    return ema


def test_trunks_of_some_families(tmp_path: Path) -> None:
    """Two decoders in place of one for all: each comes back as it was; the old trunk is gone."""
    models = tmp_path / "models"
    export_untrained(list(FAMILIES), tmp_path / "all", models)
    states = {n: export_untrained(list(f), tmp_path / n, models) for n, f in TRUNKS.items()}
    trunks = find_trunks(models)
    assert {path.stem for path in trunks} == {f"decoder-s.{name}" for name in TRUNKS}
    for trunk in trunks:
        state = states[trunk.stem.partition(".")[2]]
        again = gather(trunk)
        assert set(again) == set(state)
        for name, tensor in state.items():
            torch.testing.assert_close(again[name], tensor, rtol=1e-3, atol=1e-4)


def test_one_trunk_of_those_in_runs(tmp_path: Path) -> None:
    """Those that are named must be there; if none is named, those that are there are taken, as
    after a sitting that ended early."""
    with pytest.raises(SystemExit, match="trunk-sd15"):
        decoder_folders(tmp_path, [])
    export_untrained(["sdxl"], tmp_path / "trunk-sdxl", tmp_path / "models")
    for named in (["trunk-sdxl"], []):
        assert decoder_folders(tmp_path, named) == [tmp_path / "trunk-sdxl"]
    with pytest.raises(SystemExit, match="trunk-sd15"):
        decoder_folders(tmp_path, ["trunk-sdxl", "trunk-sd15"])


def test_a_lua_comes_back_as_it_was(tmp_path: Path) -> None:
    """With its run's name, so that the training of the next phase finds it."""
    runs, models = tmp_path / "runs", tmp_path / "models"
    config = LeapLuaConfig(widths=(8, 6, 4), stem=1, groups=1, heads=2, middle=1, tail=1)
    ema = FamilyLeapLua(config, channels_of(["sdxl"])).state_dict()
    runs.mkdir()
    torch.save({"ema": ema, "step": 3, "seconds": 60.0}, runs / "lua-sharp.state.pt")
    export_trunk("lua", runs, models, {})
    (trunk,) = find_trunks(models)
    again = gather(trunk)
    assert set(again) == set(ema)
    for name, tensor in ema.items():
        torch.testing.assert_close(again[name], tensor, rtol=1e-3, atol=1e-4)
    name, record = last_run("lua", read_record(trunk)["training"])
    assert (name, record["steps"]) == ("lua-sharp", 3)


@pytest.mark.parametrize("trunk", TRUNKS)
def test_an_encoder_comes_back_as_it_was(tmp_path: Path, trunk: str) -> None:
    runs, models = tmp_path / "runs", tmp_path / "models"
    config = EncoderConfig(widths=(4, 6, 8), blocks=(1, 2, 1))
    ema = FamilyEncoder(config, channels_of(list(TRUNKS[trunk]))).state_dict()
    runs.mkdir()
    torch.save({"ema": ema, "step": 5, "seconds": 60.0}, runs / "encoder.state.pt")
    export_trunk("encoder", runs, models, {})
    (path,) = find_trunks(models)
    assert path.name == f"encoder-s.{trunk}.safetensors"
    again = gather(path)
    assert set(again) == set(ema)
    for name, tensor in ema.items():
        torch.testing.assert_close(again[name], tensor, rtol=1e-3, atol=1e-4)
    assert last_run("encoder", read_record(path)["training"])[1]["steps"] == 5


def test_the_record_of_earlier_phases_outlives_a_restore(tmp_path: Path) -> None:
    ema = FamilyDecoder(DecoderConfig(), channels_of(["sdxl"])).state_dict()
    models = tmp_path / "models"
    runs_phases = (
        {"decoder": 9, "decoder-pair": 3},
        {"decoder-sharp": 7, "decoder-pair": 4},
    )
    for number, phases in enumerate(runs_phases):
        runs = tmp_path / str(number)
        runs.mkdir()
        for phase, step in phases.items():
            state = {"ema": ema, "step": step, "seconds": 60.0}
            torch.save(state, runs / f"{phase}.state.pt")
        export_trunk("decoder", runs, models, {})
    training = read_record(models / "decoder-s.trunk-sdxl.safetensors")["training"]
    steps = {phase: of["steps"] for phase, of in training["phases"].items()}
    assert steps == {"decoder": 9, "decoder-sharp": 7, "decoder-pair": 4}
    assert last_run("decoder", training)[0] == "decoder-pair"


def test_a_blend_stays_in_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exported, restored and exported again."""
    ema = FamilyDecoder(DecoderConfig(), channels_of(["sdxl"])).state_dict()
    other = {"step": 5, "seconds": 7200.0}
    blend = {"share": 0.3, "heads": {}, "other": other}
    runs, models = tmp_path / "trunk-sdxl", tmp_path / "models"
    runs.mkdir()
    state = {"ema": ema, "step": 4, "seconds": 3600.0, "blend": blend}
    torch.save(state, runs / "decoder-pair.state.pt")
    export_trunk("decoder", runs, models, {})
    back = tmp_path / "back"
    monkeypatch.setattr(sys, "argv", f"restore.py --models {models} --out {back}".split())
    restore.main()
    again = torch.load(back / "trunk-sdxl" / "decoder-pair.state.pt", weights_only=True)
    assert again["blend"] == blend
    export_trunk("decoder", back / "trunk-sdxl", models, {})
    phase = read_record(models / "decoder-s.trunk-sdxl.safetensors")["training"]["phases"]
    assert phase["decoder-pair"]["blend"]["share"] == 0.3
