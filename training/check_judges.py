"""Judges decoders by two perceptual networks: one they were trained with, and one they were not.

    python check_judges.py --val CACHE/val.safetensors --decoder STATES [--families sd3 flux1]

Prints, for TAESD and each state, means over the validation pictures: PSNR, energy ratio, and the
distances of EfficientNet-Lite0 (a loss of phase `sharp`) and -Lite1 (never a loss). What falls in
the first but not in the second has only learnt its judge.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from leap.families import FAMILIES
from leap.frozen import leap_decode, open_decoder, taesd_decode
from leap.judges import Judges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--decoder", type=Path, nargs="+", required=True, help="states")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    val = {name: z[: args.pictures] for name, z in load_file(args.val).items()}
    judges = Judges(val)
    taesd = taesd_decode(args.weights, "cpu")
    ours = {path: leap_decode([path], "cpu") for path in args.decoder}
    knows = {path: set(open_decoder(path).conv_in) for path in args.decoder}
    for family in args.families:
        able = {str(path): decode for path, decode in ours.items() if family in knows[path]}
        for name, decode in {"TAESD": taesd, **able}.items():
            decibels, known, energy, unseen = judges.means(decode, family)
            print(
                f"{family} {name}: {decibels:.2f} dB, energy {energy:.2f}, "
                f"distance {known:.3f} (Lite1, unseen: {unseen:.3f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
