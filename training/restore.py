"""Makes training states out of the exported files, so that the shipped runs can go on.

    python restore.py --models ../public/models --out RUNS

What has a trunk that only some families share gets a folder of that trunk's name in RUNS. The
states hold the averaged weights (fp16 precision) and the step, no optimizer moments: the first
steps after a restore warm those up again.
"""

import argparse
from pathlib import Path

from torch import Tensor

from leap.families import FAMILIES
from leap.weights_file import load_weights, read_record
from leap.whole_files import save_state_whole

MODULES = {"lua": "shared", "decoder": "trunk", "encoder": "trunk"}
"""Where a family model keeps its trunk."""


def gather(trunk: Path) -> dict[str, Tensor]:
    """A trunk and its families' files as the state dict of the family model (FamilyLua,
    FamilyDecoder, ...)."""
    kind = kind_of(trunk)
    state = {f"{MODULES[kind]}.{k}": v for k, v in load_weights(trunk).items()}
    for family in FAMILIES:
        path = trunk.with_name(f"{kind}-s.{family}.safetensors")
        if path.exists() and trunk.name in read_record(path)["files"]:
            for name, tensor in load_weights(path).items():
                state[family_key(name, family)] = tensor
    return state


def find_trunks(folder: Path) -> list[Path]:
    """The trunks of all kinds."""
    return sorted(folder.glob("*-s.trunk*.safetensors"))


def kind_of(trunk: Path) -> str:
    """lua, decoder or encoder."""
    return trunk.name.split("-")[0]


def family_key(name: str, family: str) -> str:
    """conv_first.weight -> conv_first.<family>.weight; heads.x2.conv_last.bias ->
    conv_last.<family>.x2.bias."""
    parts = name.split(".")
    if parts[0] == "heads":
        return f"conv_last.{family}.{parts[1]}.{parts[3]}"
    return ".".join([parts[0], family, *parts[1:]])


def last_run(kind: str, training: dict) -> tuple[str, dict]:
    """Name of the state file's run and its record (steps, hours)."""
    if "stages" in training:  # the paper's LUA
        stage = list(training["stages"])[-1]
        return f"lua-{stage}", training["stages"][stage]
    if kind in ("lua", "decoder"):
        phase = list(training["phases"])[-1]
        return phase, training["phases"][phase]
    return kind, training


def undescribe(record: dict) -> dict:
    """Steps and hours of a record as a state has them."""
    return {"step": record["steps"], "seconds": record["hours"] * 3600}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=Path("../public/models"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for trunk in find_trunks(args.models):
        state = gather(trunk)
        name, record = last_run(kind_of(trunk), read_record(trunk)["training"])
        part = trunk.name.split(".")[1]
        out = args.out if part == "trunk" else args.out / part
        out.mkdir(exist_ok=True)
        whole = {"model": state, "ema": state, **undescribe(record)}
        if blend := record.get("blend"):
            whole["blend"] = {**blend, "other": undescribe(blend["other"])}
        save_state_whole(whole, out / f"{name}.state.pt")
        print(f"{out / name}.state.pt at step {record['steps']}")


if __name__ == "__main__":
    main()
