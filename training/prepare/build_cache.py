"""Makes the latent cache once: photographs -> crops -> latents of every family, in shards.

Shard files (safetensors; `n` crops each, model space, fp16 latents):
  core-NNNN:    pixels uint8 [n,3,512,512]; <family>.hr [n,C,64,64]; <family>.x2 [n,C,32,32];
                <family>.x4 [n,C,16,16] (encoded from the antialiased bicubic shrinks); from crop
                --large on without the first
  teacher-NNNN: <family>.x2, <family>.x4 [n,C,64,64] = encode(bicubic_up(decode(z_lr))), the
                target of stage 0 (a function of the input, so plain latent L1 can reach it)
  val:          as core, the centre crops of the validation photographs
A shard is written under a temporary name and renamed, so the script can be stopped and run again
(with the same --shard); crops depend on (seed, index) and the list of photographs only. Photographs
are read by threads ahead of the networks: a GPU encodes faster than one core decodes JPEGs.
"""

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from leap.data.crops import (
    CROP,
    centre_crop,
    enlarge,
    list_large_pictures,
    list_pictures,
    random_crop,
    recolour,
    shrink,
)
from leap.families import FAMILIES
from leap.networks.full_vae import load_vae
from leap.networks.taesd import load_taesd
from leap.precision import fast_dtype

SHARD = 8
"""Crops of a shard, unless another number is asked for (a GPU takes 64 and all at once)."""

AHEAD = 3
"""Shards whose photographs are read before they are needed."""


class Codec:
    """The frozen autoencoders of all families, in the fast precision, `batch` pictures at a time:
    TAESD's, or the full VAEs of `vaes`, folders of diffusers by family.

    Compiled they take 0.31 instead of 0.45 s a crop on CPU; on a GPU that does not pay.
    """

    def __init__(
        self,
        weights: Path,
        device: str,
        families: list[str],
        batch: int = 1,
        compiled: bool = False,
        vaes: dict[str, Path] | None = None,
    ):
        self.device, self.batch = device, batch

        def load(part: str, family: str) -> torch.nn.Module:
            full = (vaes or {}).get(family)
            net = load_vae(part, full) if full else load_taesd(part, family, weights)
            net = net.to(device=device, dtype=fast_dtype(device))
            return torch.compile(net) if compiled else net

        self.encoders = {f: load("encoder", f) for f in families}
        self.decoders = {f: load("decoder", f) for f in families}

    def encode(self, family: str, images: Tensor) -> Tensor:
        """[B,3,8h,8w] in [0,1] -> fp16 latents [B,C,h,w]."""
        parts = [self._run(self.encoders[family], i) for i in images.split(self.batch)]
        return torch.cat(parts).half()

    def decode(self, family: str, latents: Tensor) -> Tensor:
        """[B,C,h,w] -> float images [B,3,8h,8w] clamped to [0,1]."""
        parts = [self._run(self.decoders[family], z) for z in latents.split(self.batch)]
        images = torch.cat(parts)
        return images.float().clamp(0, 1)

    def _run(self, net: torch.nn.Module, x: Tensor) -> Tensor:
        x = x.to(self.device, fast_dtype(self.device), memory_format=torch.channels_last)
        return net(x)


def encode_core(codec: Codec, pixels: Tensor, large: bool = True) -> dict[str, Tensor]:
    """uint8 crops [n,3,512,512] -> the tensors of a core shard, on the codec's device; without
    `large` those of the small pictures only."""
    pixels = pixels.to(codec.device)
    images = pixels.float() / 255
    lows = {f"x{s}": shrink(images, s) for s in (2, 4)}
    shard = {"pixels": pixels}
    for family in codec.encoders:
        if large:
            shard[f"{family}.hr"] = codec.encode(family, images)
        for scale, low in lows.items():
            shard[f"{family}.{scale}"] = codec.encode(family, low)
    return shard


def encode_teacher(codec: Codec, core: dict[str, Tensor]) -> dict[str, Tensor]:
    """A core shard -> the tensors of its teacher shard."""
    shard = {}
    for family in codec.encoders:
        for s in (2, 4):
            low = codec.decode(family, core[f"{family}.x{s}"])
            shard[f"{family}.x{s}"] = codec.encode(family, enlarge(low, s).clamp(0, 1))
    return shard


def read_vaes(texts: list[str]) -> dict[str, Path]:
    """['sdxl=folder'] -> folders by family; FLUX.2's VAE normalises in a way of its own."""
    vaes = {family: Path(folder) for family, _, folder in (t.partition("=") for t in texts)}
    for family in vaes:
        if family not in FAMILIES or family == "flux2":
            raise SystemExit(f"--vae takes sd15, sdxl, sd3 or flux1, not {family}")
    return vaes


def save_shard(tensors: dict[str, Tensor], path: Path) -> None:
    """Writes a shard whole or not at all."""
    part = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, part)
    part.rename(path)


def read_crops(
    numbers: list[int], photos: list[Path], args: argparse.Namespace
) -> Iterator[tuple[int, Tensor]]:
    """(shard number, its crops [shard,3,side,side]) in order, read by threads ahead of their
    use."""
    with ThreadPoolExecutor(args.workers) as pool:

        def start(number: int) -> list:
            indices = range(number * args.shard, (number + 1) * args.shard)
            return [
                pool.submit(crop_at, photos, args.seed, i, args.side, i >= args.recolour_from)
                for i in indices
            ]

        waiting = deque()
        left = iter(numbers)
        for number in left:
            waiting.append((number, start(number)))
            if len(waiting) < min(AHEAD, len(numbers)):
                continue
            number, crops = waiting.popleft()
            yield number, torch.stack([c.result() for c in crops])
        for number, crops in waiting:
            yield number, torch.stack([c.result() for c in crops])


def crop_at(
    photos: list[Path], seed: int, index: int, side: int = CROP, recoloured: bool = False
) -> Tensor:
    """The crop with this index: every photograph once per round, in a shuffled order."""
    turn = index // len(photos)
    order = np.random.default_rng([seed, turn]).permutation(len(photos))
    photo = photos[order[index % len(photos)]]
    rng = np.random.default_rng([seed, turn, index])
    crop = random_crop(photo, rng, side)
    return recolour(crop, rng) if recoloured else crop


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos/train"))
    parser.add_argument("--val", type=Path, default=Path("../shared/photos/val"))
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--crops", type=int, default=512)
    parser.add_argument(
        "--recolour-from",
        type=int,
        default=sys.maxsize,
        metavar="CROP",
        help="crops from this number on get other tones and colours (for decoders)",
    )
    parser.add_argument("--teachers", type=int, default=256, help="crops that also get a teacher")
    parser.add_argument(
        "--large",
        type=int,
        default=sys.maxsize,
        help="crops whose large latents are kept, too (LUA needs few, decoders all; they take "
        "three quarters of the time)",
    )
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument(
        "--vae",
        nargs="*",
        default=[],
        metavar="FAMILY=FOLDER",
        help="a full VAE (diffusers' AutoencoderKL) instead of TAESD; not for flux2",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--side", type=int, default=CROP, help="of a crop, pixels")
    parser.add_argument("--shard", type=int, default=SHARD, help="crops in a file")
    parser.add_argument("--batch", type=int, default=1, help="pictures encoded at a time")
    parser.add_argument("--workers", type=int, default=1, help="threads that read photographs")
    parser.add_argument("--stop-after", type=float, help="seconds until no new shard is begun")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch._inductor.config.freezing = True
    torch._dynamo.config.recompile_limit = 64  # ten networks, three sizes each
    args.out.mkdir(parents=True, exist_ok=True)
    compiled = args.device == "cpu" and os.environ.get("LEAP_COMPILE", "1") == "1"
    vaes = read_vaes(args.vae)
    codec = Codec(args.weights, args.device, args.families, args.batch, compiled, vaes)

    val = args.out / "val.safetensors"
    if not val.exists():
        pixels = torch.stack([centre_crop(p, args.side) for p in list_pictures(args.val)])
        save_shard(encode_core(codec, pixels), val)
    build_shards(args, codec)


def build_shards(args: argparse.Namespace, codec: Codec) -> None:
    """The shards that are not there yet."""
    begin = start = time.monotonic()

    def path(kind: str, number: int) -> Path:
        return args.out / f"{kind}-{number:04d}.safetensors"

    def lacks_teacher(number: int) -> bool:
        return number * args.shard < args.teachers and not path("teacher", number).exists()

    numbers = range(-(-args.crops // args.shard))
    missing = [n for n in numbers if lacks_teacher(n) or not path("core", n).exists()]
    photos = list_large_pictures(args.photos, args.side)
    for number, pixels in read_crops(missing, photos, args):
        core = encode_core(codec, pixels, number * args.shard < args.large)
        save_shard(core, path("core", number))
        if lacks_teacher(number):
            save_shard(encode_teacher(codec, core), path("teacher", number))
        now = time.monotonic()
        print(f"shard {number}: {now - start:.1f} s", flush=True)
        start = now
        if args.stop_after and now - begin > args.stop_after:
            print("stopped for the time", flush=True)
            return


if __name__ == "__main__":
    main()
