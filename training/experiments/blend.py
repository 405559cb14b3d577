"""Blends two stages' averaged weights: between the accurate and the crisp one.

    python -m experiments.blend RUNS/TRUNK/lua-{accurate,sharp}.state.pt --share 0.5 --out BLEND \
        --head x2=0.6 x4=0.8

A head of LUA may have a share of its own, so that each factor is as crisp as it can afford to be.
Works because the second stage starts from the first, or both from one. Takes states or the
.ema.safetensors that gpu_session.py leaves; writes a state under the second one's name, for
evaluate.py and export.py.
"""

import argparse
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor


def read_stage(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Averaged weights, fp32, and {step, seconds} (zeros where the file does not know)."""
    if path.suffix == ".safetensors":
        with safe_open(path, "pt") as file:
            known = file.metadata() or {}
        record = {"step": int(known.get("step", 0)), "seconds": float(known.get("seconds", 0))}
        weights = load_file(path)
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
        weights, record = state["ema"], {k: state[k] for k in ("step", "seconds")}
    return {k: v.float() for k, v in weights.items()}, record


def blend(
    a: dict[str, Tensor], b: dict[str, Tensor], share: float, heads: dict[str, float] | None = None
) -> dict[str, Tensor]:
    """(1 - share) of `a` and `share` of `b`; `heads` has the shares of some heads, by their names
    in the keys: {"x4": 0.8}. Raises ValueError for a head that is not there."""

    for head in heads or {}:
        if not any(head in key.split(".") for key in b):
            raise ValueError(f"there is no head {head} in these weights")

    def share_of(key: str) -> float:
        found = [own for head, own in (heads or {}).items() if head in key.split(".")]
        return found[0] if found else share

    return {k: a[k].lerp(b[k], share_of(k)) for k in b}


def read_head(text: str) -> tuple[str, float]:
    """`x4=0.8` as ("x4", 0.8)."""
    name, share = text.split("=")
    return name, float(share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", type=Path, nargs=2)
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    parser.add_argument("--head", type=read_head, nargs="*", default=[], help="NAME=SHARE")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    args = parser.parse_args()
    (a, first), (b, record) = (read_stage(p) for p in args.stages)
    heads = dict(args.head)
    weights = blend(a, b, args.share, heads)
    record["blend"] = {"share": args.share, "heads": heads, "other": first}
    args.out.mkdir(parents=True, exist_ok=True)
    name = args.stages[1].name.removesuffix(".ema.safetensors").removesuffix(".state.pt")
    torch.save({"model": weights, "ema": weights, **record}, args.out / f"{name}.state.pt")


if __name__ == "__main__":
    main()
