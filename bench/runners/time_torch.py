"""Times LUA and our decoder with the exported weights, for `npm run bench -- --pytorch PYTHON`.

Prints one JSON object: milliseconds of each round by step, the peak of memory, version and device.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "training"))

from leap.networks.leap_decoder import FamilyDecoder  # noqa: E402
from leap.networks.leap_lua import FamilyLeapLua  # noqa: E402
from leap.weights_file import read_record  # noqa: E402
from restore import gather  # noqa: E402


def load_lua(folder: Path, family: str) -> FamilyLeapLua:
    """The embedded LUA of a family, with those that share its trunk."""
    record = read_record(folder / f"lua-s.{family}.safetensors")
    return FamilyLeapLua.from_state(gather(folder / record["files"][0]))


def load_decoder(folder: Path, family: str) -> FamilyDecoder:
    """The embedded decoder of a family, with those that share its trunk."""
    record = read_record(folder / f"decoder-s.{family}.safetensors")
    return FamilyDecoder.from_state(gather(folder / record["files"][0]))


def run_timed(work: Callable[[], Tensor], device: torch.device) -> tuple[Tensor, float]:
    """The result and the milliseconds, the device idle before and after."""
    start = time.perf_counter()
    result = work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return result, 1000 * (time.perf_counter() - start)


def resident_bytes() -> int:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Reads the options, runs the rounds, prints the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=ROOT / "public" / "models")
    parser.add_argument("--family", default="flux1")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warmups", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", help="cpu, cuda, or auto: cuda where it is")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cuda = args.device == "cuda" or (args.device == "auto" and torch.cuda.is_available())
    device = torch.device("cuda" if cuda else "cpu")
    before, start = resident_bytes(), time.perf_counter()
    lua = load_lua(args.models, args.family).eval().to(device)
    decoder = load_decoder(args.models, args.family).eval().to(device)
    create_ms = 1000 * (time.perf_counter() - start)
    channels = lua.conv_first[args.family].in_channels
    latent = torch.randn(1, channels, args.size, args.size, device=device)
    samples: dict[str, list[float]] = {"upscale": [], "decode": []}
    with torch.inference_mode():
        for i in range(args.warmups + args.rounds):
            large, upscale_ms = run_timed(
                lambda: lua({args.family: latent}, args.scale)[args.family], device
            )
            _, decode_ms = run_timed(lambda z=large: decoder({args.family: z})[args.family], device)
            if i >= args.warmups:
                samples["upscale"].append(upscale_ms)
                samples["decode"].append(decode_ms)
    result = {
        "version": torch.__version__,
        "device": torch.cuda.get_device_name() if cuda else f"CPU, {args.threads} threads",
        "create_ms": create_ms,
        "peak_bytes": torch.cuda.max_memory_allocated() if cuda else resident_bytes() - before,
        "samples": samples,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
