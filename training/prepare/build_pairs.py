"""Puts LUA's outputs beside the cache's latents, for training the decoder on what it will decode.

    python -m prepare.build_pairs --cache CACHE --lua RUNS/trunk-*/lua-sharp.state.pt --threads 1

Writes CACHE/pair-*.safetensors: {family}.x2 and {family}.x4 hold LUA's enlargements of the crop's
small latents, fp16 [N,C,64,64], of the families that the LUAs are for. Run again it makes what is
missing; a new LUA needs the old files removed.
"""

import argparse
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.families import FAMILIES
from leap.frozen import EnlargeLatent, lua_enlarge
from leap.training.train_lua import CONFIGS
from leap.training.trainer import read_ema
from prepare.build_cache import save_shard

SCALES = (2, 4)


@torch.inference_mode()
def enlarge_shard(
    enlarge: EnlargeLatent, shard: dict[str, Tensor], families: list[str], device: str, batch: int
) -> dict[str, Tensor]:
    """{family}.x2 and .x4 of a core shard, enlarged to the size of {family}.hr, `batch` latents at
    a time."""
    out = {}
    for family in families:
        for scale in SCALES:
            parts = []
            for low in shard[f"{family}.x{scale}"].split(batch):
                with torch.autocast(device, torch.bfloat16):
                    high = enlarge(family, low.to(device).float(), scale)
                parts.append(high.half().cpu())
            out[f"{family}.x{scale}"] = torch.cat(parts)
    return out


def families_of(states: list[Path]) -> list[str]:
    """Those that some LUA has a first convolution for."""
    names = {name for state in states for name in read_ema(state)}
    return [f for f in FAMILIES if f"conv_first.{f}.weight" in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder of build_cache.py")
    parser.add_argument("--lua", type=Path, nargs="+", required=True, help="states of its trunks")
    parser.add_argument("--config", choices=list(CONFIGS), default="small")
    parser.add_argument("--batch", type=int, default=4, help="latents enlarged at a time")
    parser.add_argument("--stop-after", type=float, help="seconds until no new shard is begun")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    enlarge = lua_enlarge(args.lua, CONFIGS[args.config], args.device)
    families = families_of(args.lua)
    begin = time.monotonic()
    for core in sorted(args.cache.glob("core-*.safetensors")):
        if args.stop_after and time.monotonic() - begin > args.stop_after:
            print("stopped for the time", flush=True)
            return
        path = core.with_name(core.name.replace("core", "pair"))
        if path.exists():
            continue
        shard = load_file(core)
        save_shard(enlarge_shard(enlarge, shard, families, args.device, args.batch), path)
        print(path.name, flush=True)


if __name__ == "__main__":
    main()
