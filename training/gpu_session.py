"""One sitting on a rented GPU: cache, LUA, LUA and decoder as one, table, export.

    python gpu_session.py unpack --parcels PARCELS --work WORK     # as often as parcels arrive
    python gpu_session.py run --work WORK --out OUT --minutes 12 --stop-after 560

`run` goes on where the last call stopped, ends itself after --stop-after seconds, and leaves in
OUT, each time, what there is by then: exported models, averaged weights of each stage, table,
sheets, logs, in tars under 15 MiB. README.md says how the minutes are divided and why.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from leap.bounded_tars import open_parcels, write_parcels
from leap.evaluation.results import PICTURES_FILE
from leap.families import TRUNKS
from leap.frozen import LUA_PHASES, find_decoder, last_state
from leap.loss.perceptual import WEIGHTS_FOLDER
from leap.run import PAUSED
from leap.training.lua_phases import lua_phase
from leap.training.train_pair import split_state
from leap.whole_files import write_text_whole

SHARES = {
    "cache": 0.12,
    **{f"decoder {trunk}": 0.01 for trunk in TRUNKS},
    **{f"lua {trunk}": 0.10 for trunk in TRUNKS},
    **{f"pair {trunk}": 0.085 for trunk in TRUNKS},
    "evaluate": 0.10,
}
"""Phases in order, and their parts of the minutes. LUA alone gets the larger one: a pair's step
takes longer, and gained most in its first minutes."""

LEAVE = 40.0
"""Seconds kept at a call's end for the export."""

LEAST = 15.0
"""Seconds under which no phase is begun."""

PARCEL = 15 * 2**20
HERE = Path(__file__).resolve().parent

Runner = Callable[[list[str], float], int]
"""Runs a script of this folder with its arguments, for some seconds at most; returns the exit code,
PAUSED if the time was up."""


@dataclass
class Session:
    """The state of a sitting, in WORK/session.json: {phase: 'done', 'paused' or 'failed'}."""

    args: argparse.Namespace
    run_script: Runner
    deadline: float

    def __post_init__(self) -> None:
        work = self.args.work
        self.inputs, self.cache, self.runs = work / "inputs", work / "cache", work / "runs"
        self.runs.mkdir(parents=True, exist_ok=True)
        self.path = work / "session.json"
        self.phases = json.loads(self.path.read_text()) if self.path.exists() else {}

    def left(self) -> float:
        """Seconds of this call that a phase may use."""
        return self.deadline - LEAVE - time.monotonic()

    def go(self) -> None:
        """Every phase that is not done, until the time is up; a failed one stops no other."""
        self.restore()
        for phase in SHARES:
            if self.phases.get(phase) == "done" or self.carried(phase):
                continue
            if self.left() < LEAST:
                break
            start = time.monotonic()
            code = self.run_script(self.command(phase), self.left() + LEAST)
            self.phases[phase] = {0: "done", PAUSED: "paused"}.get(code, "failed")
            write_text_whole(self.path, json.dumps(self.phases))
            print(f"{phase}: {self.phases[phase]}, {time.monotonic() - start:.0f} s", flush=True)
            if code == PAUSED:
                break

    def restore(self) -> None:
        """Carried models become the states that the trainings begin with."""
        start = self.args.work / "start"
        if (self.inputs / "models").exists() and not start.exists():
            models, part = str(self.inputs / "models"), start.with_suffix(".part")
            code = self.run_script(["restore.py", "--models", models, "--out", str(part)], LEAVE)
            if code:
                raise SystemExit(f"restore.py ended with {code}: no phase would begin as it should")
            part.rename(start)

    def carried(self, phase: str) -> bool:
        """Whether the phase's work came along: a first decoder, which LUA learns through."""
        name, _, trunk = phase.partition(" ")
        return name == "decoder" and self.start_of("decoder", trunk) is not None

    def start_of(self, kind: str, trunk: str) -> Path | None:
        """The state of carried models for a trunk, if they came along."""
        return next(
            iter(sorted((self.args.work / "start" / trunk).glob(f"{kind}*.state.pt"))), None
        )

    def command(self, phase: str) -> list[str]:
        """The script of a phase and its arguments."""
        args, minutes = self.args, self.args.minutes * SHARES[phase]
        stop = f"{self.left():.0f}"
        weights, cache = str(self.inputs / "weights"), str(self.cache)
        if phase == "cache":
            sizes = {"crops": args.crops, "teachers": 0, "side": args.side}
            sizes["recolour-from"] = args.crops * 2 // 3
            # Those of decoders and of FLUX.2, which take three quarters of the time.
            sizes["large"] = args.crops // 4
            reading = {"shard": args.shard, "batch": args.batch, "workers": args.workers}
            reading["threads"] = 1  # each worker would start as many
            return [
                *("prepare.build_cache", "--photos", str(self.inputs / "photos"), "--out", cache),
                *("--val", str(self.inputs / "val"), "--weights", weights),
                *("--stop-after", f"{min(self.left(), 60 * minutes):.0f}"),
                *(t for k, v in {**sizes, **reading}.items() for t in (f"--{k}", str(v))),
                *("--device", args.device),
            ]
        if phase == "evaluate":
            return self.evaluation()
        return self.training(phase, [*("--stop-after", stop), *("--minutes", f"{minutes:.3f}")])

    def training(self, phase: str, length: list[str]) -> list[str]:
        """A training of a trunk: LUA begins with what came along, a pair with LUA's end and the
        decoder that came along or was trained."""
        what, _, trunk = phase.partition(" ")
        start = self.start_of("lua", trunk) if what == "lua" else None
        decoder = self.start_of("decoder", trunk) if what != "decoder" else None
        first = {
            "lua": ["--phase", "accurate"],
            "decoder": ["--phase", "plain"],
            "pair": ["--lr", "7e-4", "--decoder-lr", "3e-4"],
        }
        if start:  # a finished LUA gains most by the sharp terms, at a rate below that of the start
            first["lua"] = ["--phase", "sharp", "--lr", "8e-4"]
        return [
            *("leap.run", what, "--preset", "gpu", "--cache", str(self.cache)),
            *("--out", str(self.runs), "--weights", str(self.inputs / "weights"), *length),
            *("--trunk", trunk, *first.get(what, []), "--device", self.args.device),
            *(["--start", str(start)] if start else []),
            *(["--decoder", str(decoder)] if decoder else []),
            *("--seed", str(list(SHARES).index(phase))),  # no phase sees another's windows again
        ]

    def evaluation(self) -> list[str]:
        """LUA with our decoders and TAESD's, beside the rivals of an earlier table."""
        folder = self.args.work / "eval"
        folder.mkdir(exist_ok=True)
        if not (folder / "results.csv").exists():
            for name in ("results.csv", PICTURES_FILE):
                if (self.inputs / name).exists():
                    (folder / name).write_bytes((self.inputs / name).read_bytes())
        # A trunk whose training failed stops no other.
        pairs = {t: (last_state(self.runs / t, LUA_PHASES), self.decoder_of(t)) for t in TRUNKS}
        whole = {t: pair for t, pair in pairs.items() if all(pair)}
        return [
            *("evaluate.py", "--val", str(self.cache / "val.safetensors"), "--out", str(folder)),
            *("--weights", str(self.inputs / "weights"), "--peers", str(self.inputs / "peers")),
            *("--device", self.args.device, "--pictures", str(self.args.pictures), "--pairs"),
            *("--families", *(f for trunk in whole for f in TRUNKS[trunk])),
            *("--lua", *(f"LUA={lua}" for lua, _ in whole.values())),
            *("--decoder", *(str(decoder) for _, decoder in whole.values())),
        ]

    def decoder_of(self, trunk: str) -> Path | None:
        """The trained decoder of a trunk, or the one that came along where there is none."""
        folders = (self.runs, self.args.work / "start")
        return next(filter(None, (find_decoder(folder / trunk) for folder in folders)), None)

    def if_there(self, option: str, path: Path) -> list[str]:
        """The option with its file, if there is one."""
        return [option, str(path)] if path.exists() else []

    def leave(self) -> list[Path]:
        """Exports what has been trained; writes the result parcels."""
        work = self.args.work
        # A pair's own state holds what its two networks' states hold. Where its process was ended,
        # nobody has written them.
        for pair in self.runs.rglob("pair.state.pt"):
            split_state(pair)
        states = [f for f in self.runs.rglob("*.state.pt") if f.name != "pair.state.pt"]
        kinds = {f.name.split(".")[0].split("-")[0] for f in states}
        if kinds:
            code = self.run_script(
                [
                    *("export.py", "--runs", str(self.runs), "--cache", str(self.cache)),
                    *("--out", str(work / "models"), "--parts", *sorted(kinds)),
                    *self.if_there("--manifest", self.inputs / "MANIFEST.csv"),
                    *self.if_there("--table", work / "eval" / "table.md"),
                    *("--batch", str(lua_phase("sharp", "gpu").batch)),
                ],
                LEAVE,
            )
            if code:
                print(f"export.py ended with {code}: the averaged weights go without models")
        for state in states:
            whole = torch.load(state, map_location="cpu", weights_only=True)
            halves = {k: v.half().contiguous() for k, v in whole["ema"].items()}
            record = {key: str(whole[key]) for key in ("step", "seconds")}
            target = state.with_name(state.name.replace(".state.pt", ".ema.safetensors"))
            save_file(halves, target, record)
        kept = [  # the first parcels have what cannot be made again elsewhere
            *sorted(self.runs.rglob("*.ema.safetensors")),
            *sorted(self.runs.rglob("*.csv")),
            *sorted((work / "eval").glob("*")),
            *sorted((work / "models").glob("*")),
        ]
        files = [(p, str(p.relative_to(work))) for p in kept if p.stat().st_size < PARCEL]
        return write_parcels(
            [*files, (self.path, "session.json")], self.args.out, "results", PARCEL
        )


def run_script(command: list[str], seconds: float) -> int:
    """A script (or module) of this folder in a process of its own, its output on ours."""
    script, *rest = command
    how = [str(HERE / script)] if script.endswith(".py") else ["-m", script]
    print("+", " ".join(command), flush=True)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    call = [sys.executable, *how, *rest]
    try:
        return subprocess.run(call, cwd=HERE, env=environment, timeout=seconds).returncode
    except subprocess.TimeoutExpired:
        return PAUSED


def main(arguments: list[str] | None = None, runner: Runner = run_script) -> None:
    begin = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["unpack", "run"])
    parser.add_argument("--parcels", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="a fast disk, or /dev/shm")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=12, help="of all calls together")
    parser.add_argument("--stop-after", type=float, default=560, help="seconds of this call")
    parser.add_argument("--crops", type=int, default=4096)
    parser.add_argument("--side", type=int, default=512, help="of a crop, pixels")
    parser.add_argument("--shard", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=14)
    parser.add_argument("--pictures", type=int, default=18)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args(arguments)
    args.work = args.work.resolve()
    if args.what == "unpack":
        print(open_parcels(args.parcels, args.work / "inputs"), "files")
        return
    args.out = args.out.resolve()
    perceptual = args.work / "inputs" / "perceptual"
    if perceptual.exists():
        os.environ[WEIGHTS_FOLDER] = str(perceptual)
    session = Session(args, runner, begin + args.stop_after)
    session.go()
    write_text_whole(session.path, json.dumps(session.phases))
    for parcel in session.leave():
        print(parcel, f"{parcel.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
