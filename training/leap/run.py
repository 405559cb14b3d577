"""One command for all trainings: python -m leap.run lua|pair|decoder|encoder|curriculum ...

Run it again with the same arguments and it goes on from the last saved step.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import torch

from leap.data.windows import WindowRule
from leap.families import FAMILIES, TRUNKS
from leap.frozen import (
    LUA_PHASES,
    find_decoder,
    find_decoders,
    last_state,
    leap_decode,
    lua_enlarge,
    taesd_decode,
    taesd_encode,
)
from leap.networks.lua import LuaConfig
from leap.training.decoder_phases import decoder_phase
from leap.training.lua_phases import LuaPhase, lua_phase
from leap.training.stages import PRESETS
from leap.training.train_decoder import DecoderRun, train_decoder
from leap.training.train_encoder import EncoderRun, train_encoder
from leap.training.train_leap_lua import LeapLuaRun, train_leap_lua
from leap.training.train_lua import CONFIGS, LuaRun, train_lua
from leap.training.train_pair import PairRun, train_pair
from leap.training.trainer import Paused, RunOptions, Schedule
from leap.winograd.convolve import use_winograd

PAUSED = 75
"""Exit code of a run that stopped at `--stop-after` and goes on when it is started again."""


PHASES = {"lua": ("accurate", "sharp"), "decoder": ("plain", "sharp", "taught")}
"""Of each network that has several, the first one first."""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=list(RUNS))
    parser.add_argument("--preset", choices=list(PRESETS), default="cpu")
    parser.add_argument("--cache", type=Path, required=True, help="folder of build_cache.py")
    parser.add_argument("--out", type=Path, required=True, help="folder of states and logs")
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument(
        "--config", choices=list(CONFIGS), default="small", help="size of the paper's LUA"
    )
    parser.add_argument(
        "--steps", nargs="*", default=[], help="N, or for the curriculum stage=N ..."
    )
    parser.add_argument("--minutes", type=float, help="length instead of steps")
    parser.add_argument("--stop-after", type=float, help="seconds until this process ends itself")
    parser.add_argument("--start", type=Path, help="state whose averaged weights begin the run")
    parser.add_argument("--decoder", type=Path, help="state to learn through; else that of OUT")
    parser.add_argument("--lua", type=Path, help="an encoder's LUA; else that of OUT")
    parser.add_argument("--larger", type=Path, help="a cache of larger crops, for FLUX.2's LUA")
    parser.add_argument("--compile", action="store_true", help="torch.compile: pays in long runs")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--decoder-lr", type=float, help="of a pair's decoder; else as --lr")
    parser.add_argument("--loss-decoder", choices=["taesd", "leap"], default="taesd")
    parser.add_argument(
        "--phase",
        choices=["plain", "accurate", "sharp", "taught"],
        help="plain (default), sharp or taught of a decoder, accurate (default) or sharp of LUA",
    )
    parser.add_argument("--trunk", choices=list(TRUNKS), help="some families' instead of all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    known = PHASES.get(args.what, ())
    if args.phase is not None and args.phase not in known:
        parser.error(
            f"{args.what} has no phase {args.phase}"
            + (f", only {', '.join(known)}" if known else "")
        )
    args.phase = args.phase or next(iter(known), None)
    args.deadline = time.monotonic() + args.stop_after if args.stop_after else None
    return args


def run_lua(args: argparse.Namespace) -> None:
    """Our LUA: `accurate`, begun from the trunk's decoder, then `sharp` from its end."""
    phase = lua_phase(args.phase, args.preset)
    out, decoder = trunk_folder(args)
    before = out / "lua-accurate.state.pt"
    start = args.start or (before if args.phase == "sharp" else None)
    decode = leap_decode([decoder], args.device)
    run = LeapLuaRun(**lua_options(args, phase, decoder), start=start, decode=decode)
    limit(run, phase.schedule, args)
    train_leap_lua(run)


def run_pair(args: argparse.Namespace) -> None:
    """Our LUA and its decoder as one, from where both ended."""
    phase = lua_phase("pair", args.preset)
    out, decoder = trunk_folder(args)
    start = args.start or find_lua(out, "--start")
    families = list(TRUNKS[args.trunk])
    rule = WindowRule(max(1, phase.batch // 2 // len(families)), 16, families)
    run = PairRun(**lua_options(args, phase, decoder), start=start, rule=rule)
    limit(run, phase.schedule, args)
    if args.decoder_lr:
        phase.schedule.paces = {"decoder": args.decoder_lr / phase.schedule.lr}
    train_pair(run)


def trunk_folder(args: argparse.Namespace) -> tuple[Path, Path]:
    """The folder of the trunk, and the state of the decoder to learn through."""
    if args.trunk is None:
        raise SystemExit(f"{args.what} is trained a trunk at a time: --trunk " + "|".join(TRUNKS))
    out = args.out / args.trunk
    decoder = args.decoder or find_decoder(out)
    if decoder is None:
        raise SystemExit(f"No decoder in {out}: train it first, or run restore.py.")
    return out, decoder


def find_lua(out: Path, option: str) -> Path:
    """The trunk's LUA of the last phase. option: what names another one."""
    lua = last_state(out, LUA_PHASES)
    if lua is None:
        raise SystemExit(f"No LUA in {out}: train it first (leap.run lua), or pass {option}.")
    return lua


def lua_options(args: argparse.Namespace, phase: LuaPhase, decoder: Path) -> dict:
    """What a LUA's training and a pair's have in common."""
    families = list(TRUNKS[args.trunk])
    return {
        "cache": args.cache,
        "out": args.out / args.trunk,
        "phase": phase,
        "families": families,
        "foreign": taesd_decode(args.weights, args.device, families),
        "encode": taesd_encode(args.weights, args.device, families),
        "decoder": decoder,
        "larger": args.larger,
        "seed": args.seed,
        "device": args.device,
    }


def run_curriculum(args: argparse.Namespace) -> None:
    """The paper's LUA through its stages; `--steps imitate=3000 pixel=0` changes or drops some."""
    steps = {k: int(v) for k, v in (item.split("=") for item in args.steps)}
    stages = PRESETS[args.preset]()
    whole = sum(s.schedule.minutes or 0 for s in stages if steps.get(s.name) != 0)
    for stage in stages:
        schedule = stage.schedule
        if stage.name in steps:
            schedule.steps, schedule.minutes = steps[stage.name], None
        elif args.minutes and schedule.minutes:
            schedule.minutes *= args.minutes / whole
    judge = taesd_decode(args.weights, args.device)
    ours = args.loss_decoder == "leap"
    train_lua(
        LuaRun(
            args.cache,
            args.out,
            [s for s in stages if s.schedule.steps > 0],
            leap_decode(find_decoders(args.out), args.device) if ours else judge,
            judge,
            CONFIGS[args.config],
            seed=args.seed,
            device=args.device,
            start=args.start,
            deadline=args.deadline,
            truths=args.device == "cuda" and args.preset == "gpu",
            compile=args.compile,
        )
    )


def run_decoder(args: argparse.Namespace) -> None:
    """Our decoder: `plain` first, then `sharp` from its end, then `taught` from the last one's; a
    trunk has its own folder in RUNS."""
    out = args.out / (args.trunk or "")
    families = list(TRUNKS.get(args.trunk, FAMILIES))
    phase = decoder_phase(args.phase, args.preset, families)
    before = {"sharp": out / "decoder.state.pt", "taught": find_decoder(out)}
    run = DecoderRun(args.cache, out, phase, start=args.start or before.get(args.phase))
    run.seed, run.device = args.seed, args.device
    if args.phase == "taught":
        if run.start is None:
            raise SystemExit(f"No decoder in {out}: train it first, or pass --start.")
        if (out / "decoder-pair.state.pt").exists():
            raise SystemExit(
                f"{out} has a pair, which the next phases would begin with: use another --out."
            )
        run.foreign = taesd_decode(args.weights, args.device, families)
    limit(run, phase.schedule, args)
    train_decoder(run)


def limit(run: RunOptions, schedule: Schedule, args: argparse.Namespace) -> None:
    """Steps or minutes, the rate, and the deadline, from the command line."""
    run.deadline, run.compile = args.deadline, args.compile
    schedule.lr = args.lr or schedule.lr
    if args.steps:
        schedule.steps, schedule.minutes = int(args.steps[0]), None
    elif args.minutes:
        schedule.steps, schedule.minutes = 1_000_000, args.minutes


def run_encoder(args: argparse.Namespace) -> None:
    """The encoder of a trunk's families, through their decoder and their LUA."""
    out, decoder = trunk_folder(args)
    lua = args.lua or find_lua(out, "--lua")
    families = list(TRUNKS[args.trunk])
    run = EncoderRun(
        args.cache,
        out,
        families=families,
        decode=leap_decode([decoder], args.device),
        foreign=taesd_decode(args.weights, args.device, families),
        enlarge=lua_enlarge([lua], LuaConfig(), args.device),
        encode=taesd_encode(args.weights, args.device, families),
        seed=args.seed,
        device=args.device,
    )
    if args.preset != "cpu":
        run.batch, run.looked, run.schedule.steps = 32, 32, 20_000
    limit(run, run.schedule, args)
    run.start = args.start
    train_encoder(run)


RUNS = {
    "lua": run_lua,
    "pair": run_pair,
    "decoder": run_decoder,
    "encoder": run_encoder,
    "curriculum": run_curriculum,
}


def main() -> None:
    args = parse()
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    if args.device == "cuda":
        torch.backends.cudnn.benchmark = True  # shapes repeat
        torch.set_float32_matmul_precision("high")
    if not args.compile and use_winograd(args.device, args.threads):
        print("3x3 convolutions by Winograd's filtering", flush=True)
    try:
        RUNS[args.what](args)
    except Paused as pause:
        print(f"paused: {pause}", flush=True)
        sys.exit(PAUSED)


if __name__ == "__main__":
    main()
