"""One command for all trainings: python -m leap.run decoder|encoder|lua --preset cpu|gpu ..."""

import argparse
from pathlib import Path

import torch

from leap.train_decoder import DecoderRun, train_decoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["decoder"])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    run = DecoderRun(args.cache, args.out)
    if args.steps:
        run.steps = args.steps
    if args.lr:
        run.schedule.lr = args.lr
    train_decoder(run)


if __name__ == "__main__":
    main()
