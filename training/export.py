"""Writes the trained networks as the files the page loads: a shared trunk, small family files.

What has a trunk that only some families share comes from the trunk's folder in RUNS; its file is
named after it.
"""

import argparse
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from leap.evaluation.model_card import write_card
from leap.families import TRUNKS
from leap.frozen import DECODER_PHASES, LUA_PHASES, find_decoder
from leap.networks.leap_decoder import FamilyDecoder
from leap.networks.leap_encoder import FamilyEncoder
from leap.networks.leap_lua import FamilyLeapLua
from leap.training.lua_phases import lua_phase
from leap.weights_file import read_record, save_weights


def export_parts(
    kind: str,
    folder: Path,
    trunk: dict[str, Tensor],
    families: dict[str, dict[str, Tensor]],
    configs: dict[str, dict],
    training: dict,
) -> int:
    """Writes <kind>-s.trunk (or another of TRUNKS, by its families) and <kind>-s.<family>; returns
    all bytes.

    The trunk's record carries the first family's config; a family's record carries its own.
    """
    base = {"kind": kind, "name": "leap-s", "space": "model", "licence": "Apache-2.0"}
    file = trunk_file(kind, set(families))
    record = {**base, "part": "trunk", "config": next(iter(configs.values())), "training": training}
    total = save_weights(folder / file, trunk, record)
    for family, tensors in families.items():
        name = f"{kind}-s.{family}.safetensors"
        record = {
            **base,
            "part": "family",
            "family": family,
            "config": configs[family],
            "files": [file, name],
            "training": training,
        }
        total += save_weights(folder / name, tensors, record)
    return total


def trunk_file(kind: str, families: set[str]) -> str:
    """Name of the file of the trunk that these families share: of TRUNKS, or everybody's."""
    name = next((name for name, found in TRUNKS.items() if set(found) == families), "trunk")
    return f"{kind}-s.{name}.safetensors"


def count_crops(shard: Path) -> int:
    """Crops of a shard, from its header."""
    with safe_open(shard, "pt") as file:
        return file.get_slice("pixels").get_shape()[0]


def load_run(runs: Path, name: str) -> tuple[dict[str, Tensor], dict]:
    """Averaged weights of a run and its record (steps, hours, its blend)."""
    state = torch.load(runs / f"{name}.state.pt", map_location="cpu", weights_only=True)
    record = describe(state)
    if blend := state.get("blend"):
        shares = {k: v for k, v in blend.items() if k != "other"}
        record["blend"] = {**shares, "other": describe(blend["other"])}
    return state["ema"], record


def describe(state: dict) -> dict:
    """Steps, and hours of wall time."""
    return {"steps": state["step"], "hours": round(state["seconds"] / 3600, 2)}


def export_trunk(kind: str, runs: Path, folder: Path, data: dict) -> int:
    """The LUA ("lua"), the decoders ("decoder") or the encoders ("encoder") of a trunk, from its
    last phase with a state."""
    if kind == "encoder":
        return export_encoder(runs, folder, data)
    if kind == "lua":
        ema, record = load_phases(runs, LUA_PHASES)
        model = FamilyLeapLua.from_state(ema)
        firsts, field, trunk = model.conv_first, "in_chans", model.shared
    else:
        ema, record = load_phases(runs, DECODER_PHASES)
        model = FamilyDecoder.from_state(ema)
        firsts, field, trunk = model.conv_in, "channels", model.trunk
    configs = {
        f: replace(model.config, **{field: conv.in_channels}).to_json()
        for f, conv in firsts.items()
    }
    families = {f: model.family_state(f) for f in configs}
    new = record["phases"]
    replaced = folder / trunk_file(kind, set(configs))
    earlier = {k: v for k, v in recorded_phases(replaced).items() if k not in new}
    training = {**data, "phases": earlier | new}  # restore.py takes the last for the weights' own
    return export_parts(kind, folder, trunk.state_dict(), families, configs, training)


def recorded_phases(trunk: Path) -> dict[str, dict]:
    """The phases of the file that an export replaces. restore.py makes a state of the last one
    only, so the record of those before it comes from here."""
    return read_record(trunk)["training"].get("phases", {}) if trunk.exists() else {}


def load_phases(runs: Path, phases: tuple[str, ...]) -> tuple[dict[str, Tensor], dict]:
    """Averaged weights of the last phase that has a state, and the record of all that have one."""
    done = [p for p in phases if (runs / f"{p}.state.pt").exists()]
    return load_run(runs, done[-1])[0], {"phases": {p: load_run(runs, p)[1] for p in done}}


def export_encoder(runs: Path, folder: Path, data: dict) -> int:
    """The encoders of a trunk."""
    ema, record = load_run(runs, "encoder")
    model = FamilyEncoder.from_state(ema)
    configs = {
        f: replace(model.config, channels=conv.out_channels).to_json()
        for f, conv in model.conv_out.items()
    }
    families = {f: model.family_state(f) for f in configs}
    trunk = model.trunk.state_dict()
    return export_parts("encoder", folder, trunk, families, configs, {**data, **record})


def state_folders(kind: str, runs: Path, trunks: list[str]) -> list[Path]:
    """Folders of the trunks asked for, or of all, that hold a LUA ("lua") or an encoder
    ("encoder"). Raises SystemExit if none."""
    name = {"lua": "lua-*.state.pt", "encoder": "encoder.state.pt"}[kind]
    found = [runs / t for t in trunks or TRUNKS if any((runs / t).glob(name))]
    if len(found) < (len(trunks) or 1):
        raise SystemExit(
            f"No {kind} in {runs} for {', '.join(trunks or TRUNKS)} (leap.run {kind})."
        )
    return found


def decoder_folders(runs: Path, trunks: list[str]) -> list[Path]:
    """Folders of the trunks asked for, or of all decoders in RUNS. Raises SystemExit where a state
    is missing."""
    found = [runs / t for t in trunks or TRUNKS if find_decoder(runs / t)]
    if not trunks and not found and find_decoder(runs):
        found = [runs]
    if len(found) < (len(trunks) or 1):
        raise SystemExit(
            f"No decoder in {runs}: expected decoder.state.pt or decoder-sharp.state.pt "
            f"there or in each of {', '.join(trunks or TRUNKS)} (python -m leap.run decoder)."
        )
    return found


def part_folders(kind: str, runs: Path, trunks: list[str]) -> list[Path]:
    """Where an export's parts of this kind come from. Raises SystemExit where one is missing."""
    find = decoder_folders if kind == "decoder" else partial(state_folders, kind)
    return find(runs, trunks)


def drop_unused_trunks(folder: Path) -> None:
    """Deletes trunks of an earlier export that no family needs any more."""
    families = [p for p in folder.glob("*-s.*.safetensors") if ".trunk" not in p.name]
    needed = {name for path in families for name in read_record(path)["files"]}
    for trunk in folder.glob("*-s.trunk*.safetensors"):
        if trunk.name not in needed:
            trunk.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("../public/models"))
    parser.add_argument("--seed", type=int, default=0, help="of the cache's crops")
    parser.add_argument(
        "--manifest",
        type=Path,
        help="CSV of the photographs with their licences; without it the card keeps what it says",
    )
    parser.add_argument(
        "--table", type=Path, help="Markdown table of evaluate.py: its rows go into the card"
    )
    parser.add_argument(
        "--trunks",
        nargs="+",
        choices=list(TRUNKS),
        default=[],
        help="only these (where the others had another cache)",
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=lua_phase("sharp", "cpu").batch,
        help="windows of a step of LUA, for the card",
    )
    parts = ["lua", "decoder", "encoder"]
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    args = parser.parse_args()
    for named in (args.manifest, args.table):
        if named and not named.exists():
            parser.error(f"there is no {named}")
    crops = sum(count_crops(p) for p in args.cache.glob("core-*.safetensors"))
    data = {
        "crops": crops,
        "crop_pixels": 512,
        "latents": "TAESD family encoders",
        "seed": args.seed,
    }
    folders = {part: part_folders(part, args.runs, args.trunks) for part in args.parts}
    sizes = {
        part: sum(export_trunk(part, folder, args.out, data) for folder in found)
        for part, found in folders.items()
    }
    drop_unused_trunks(args.out)
    exported = {f for trunk in args.trunks or TRUNKS for f in TRUNKS[trunk]}
    changed = {part: exported for part in args.parts}
    write_card(args.out, args.manifest, args.table, args.batch, changed)
    print(json.dumps(sizes))


if __name__ == "__main__":
    main()
