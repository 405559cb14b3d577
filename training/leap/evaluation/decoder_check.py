"""What the scripts share that compare our decoders with TAESD's on the validation latents, or on
what a LUA makes of the small ones."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.families import FAMILIES
from leap.frozen import leap_decode, lua_enlarge, open_decoder, taesd_decode
from leap.loss.lua_losses import Decode
from leap.networks.lua import LuaConfig


def parse_check(
    description: str, add: Callable[[argparse.ArgumentParser], object] | None = None
) -> argparse.Namespace:
    """The command line of such a script; sets the threads. add: gives the parser options of the
    script's own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--val", type=Path, required=True, help="val.safetensors of build_cache.py")
    parser.add_argument("--decoder", type=Path, nargs="+", required=True, help="states")
    parser.add_argument(
        "--lua", type=Path, nargs="*", default=[], help="states: decode its outputs"
    )
    parser.add_argument("--scale", type=int, choices=[2, 4], default=2, help="of --lua")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    if add:
        add(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    return args


def read_validation(args: argparse.Namespace) -> dict[str, Tensor]:
    """The first pictures and their latents; with --lua, `<family>.hr` is LUA's enlargement of the
    small latents."""
    val = {name: z[: args.pictures] for name, z in load_file(args.val).items()}
    if not args.lua:
        return val
    enlarge = lua_enlarge(args.lua, LuaConfig(), "cpu")
    for family in args.families:
        small = val[f"{family}.x{args.scale}"].float()
        with torch.inference_mode():
            larger = [enlarge(family, z, args.scale) for z in small.split(1)]
        val[f"{family}.hr"] = torch.cat(larger)
    return val


def each_decoder(args: argparse.Namespace) -> Iterator[tuple[str, str, Decode]]:
    """(family, name, decoder): TAESD's, then the states' that know the family."""
    taesd = taesd_decode(args.weights, "cpu")
    ours = {path: leap_decode([path], "cpu") for path in args.decoder}
    knows = {path: set(open_decoder(path).conv_in) for path in args.decoder}
    for family in args.families:
        yield family, "TAESD", taesd
        yield from ((family, str(p), d) for p, d in ours.items() if family in knows[p])
