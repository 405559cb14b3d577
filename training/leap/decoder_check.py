"""What the scripts share that compare our decoders with TAESD's on the validation latents."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from leap.families import FAMILIES
from leap.frozen import leap_decode, open_decoder, taesd_decode
from leap.lua_losses import Decode


def parse_check(description: str) -> argparse.Namespace:
    """The command line of such a script; sets the threads."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--val", type=Path, required=True, help="val.safetensors of build_cache.py")
    parser.add_argument("--decoder", type=Path, nargs="+", required=True, help="states")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    return args


def read_validation(args: argparse.Namespace) -> dict[str, Tensor]:
    """The first pictures and their latents."""
    return {name: z[: args.pictures] for name, z in load_file(args.val).items()}


def each_decoder(args: argparse.Namespace) -> Iterator[tuple[str, str, Decode]]:
    """(family, name, decoder): TAESD's, then the states' that know the family."""
    taesd = taesd_decode(args.weights, "cpu")
    ours = {path: leap_decode([path], "cpu") for path in args.decoder}
    knows = {path: set(open_decoder(path).conv_in) for path in args.decoder}
    for family in args.families:
        yield family, "TAESD", taesd
        yield from ((family, str(p), d) for p, d in ours.items() if family in knows[p])
