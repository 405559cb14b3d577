"""One command for all trainings: python -m leap.run decoder|encoder|lua --preset cpu|gpu ...

Run it again with the same arguments and it goes on from the last saved step.
"""

import argparse
import os
from pathlib import Path

import torch

from leap.frozen import leap_decode, taesd_decode
from leap.stages import PRESETS
from leap.train_decoder import DecoderRun, train_decoder
from leap.train_encoder import EncoderRun, train_encoder
from leap.train_lua import CONFIGS, LuaRun, train_lua


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["decoder", "encoder", "lua"])
    parser.add_argument("--preset", choices=list(PRESETS), default="cpu")
    parser.add_argument("--cache", type=Path, required=True, help="folder of build_cache.py")
    parser.add_argument("--out", type=Path, required=True, help="folder of states and logs")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--config", choices=list(CONFIGS), default="small", help="LUA's size")
    parser.add_argument("--steps", nargs="*", default=[], help="N, or for LUA stage=N ...")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--loss-decoder", choices=["taesd", "leap"], default="taesd")
    parser.add_argument(
        "--phase", choices=["plain", "sharp"], default="plain", help="of the decoder's training"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def run_lua(args: argparse.Namespace) -> None:
    """LUA's stages; `--steps imitate=3000 pixel=0` changes or drops stages of the preset."""
    steps = {k: int(v) for k, v in (item.split("=") for item in args.steps)}
    stages = PRESETS[args.preset]()
    for stage in stages:
        stage.schedule.steps = steps.get(stage.name, stage.schedule.steps)
    judge = taesd_decode(args.weights, args.device)
    ours = args.loss_decoder == "leap"
    train_lua(
        LuaRun(
            args.cache,
            args.out,
            [s for s in stages if s.schedule.steps > 0],
            leap_decode(args.out / "decoder.state.pt", args.device) if ours else judge,
            judge,
            CONFIGS[args.config],
            args.seed,
            args.device,
        )
    )


def run_decoder(args: argparse.Namespace) -> None:
    """Our decoder: `plain` first, then `sharp`, with the perceptual term and LUA's outputs."""
    run = DecoderRun(args.cache, args.out, seed=args.seed, device=args.device)
    if args.preset != "cpu":
        run.batch, run.steps, run.perceptual_images = 8, 20_000, 16
    if args.steps:
        run.steps = int(args.steps[0])
    if args.phase == "sharp":
        run.name, run.start = "decoder-sharp", args.out / "decoder.state.pt"
        run.weights |= {"fft": 0.05, "downsample": 2.0, "perceptual": 0.03}
        run.schedule.lr = 8e-4
        states = [args.out / f"lua-{s.name}.state.pt" for s in PRESETS[args.preset]()]
        run.lua = next((s for s in reversed(states) if s.exists()), None)
    run.schedule.lr = args.lr or run.schedule.lr
    train_decoder(run)


def run_encoder(args: argparse.Namespace) -> None:
    """Our encoder."""
    run = EncoderRun(args.cache, args.out, seed=args.seed, device=args.device)
    if args.preset != "cpu":
        run.batch, run.steps = 32, 20_000
    if args.steps:
        run.steps = int(args.steps[0])
    run.schedule.lr = args.lr or run.schedule.lr
    train_encoder(run)


def main() -> None:
    args = parse()
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    {"lua": run_lua, "decoder": run_decoder, "encoder": run_encoder}[args.what](args)


if __name__ == "__main__":
    main()
