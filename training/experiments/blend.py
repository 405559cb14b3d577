"""Blends two stages' averaged weights: between the accurate and the crisp one.

    python -m experiments.blend RUNS/TRUNK/lua-{accurate,sharp}.state.pt --share 0.5 --out BLEND

Works because the second stage starts from the first, or both from one. Takes states or the
.ema.safetensors that gpu_session.py leaves; writes a state under the second one's name, for
evaluate.py and export.py.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor


def read_stage(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Averaged weights, fp32, and {step, seconds} (zeros where the file does not know)."""
    if path.suffix == ".safetensors":
        weights, record = load_file(path), {"step": 0, "seconds": 0.0}
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
        weights, record = state["ema"], {k: state[k] for k in ("step", "seconds")}
    return {k: v.float() for k, v in weights.items()}, record


def blend(a: dict[str, Tensor], b: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """(1 - share) of `a` and `share` of `b`."""
    return {k: a[k].lerp(b[k], share) for k in b}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", type=Path, nargs=2)
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    args = parser.parse_args()
    (a, first), (b, record) = (read_stage(p) for p in args.stages)
    weights = blend(a, b, args.share)
    record["blend"] = {"share": args.share, "other": first}
    args.out.mkdir(parents=True, exist_ok=True)
    name = args.stages[1].name.removesuffix(".ema.safetensors").removesuffix(".state.pt")
    torch.save({"model": weights, "ema": weights, **record}, args.out / f"{name}.state.pt")


if __name__ == "__main__":
    main()
