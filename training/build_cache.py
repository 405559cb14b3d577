"""Makes the latent cache once: photographs -> crops -> latents of every family, in shards.

Shard files (safetensors; `n` crops each, model space, fp16 latents):
  core-NNNN:    pixels uint8 [n,3,512,512]; <family>.hr [n,C,64,64]; <family>.x2 [n,C,32,32];
                <family>.x4 [n,C,16,16] (encoded from the antialiased bicubic shrinks)
  teacher-NNNN: <family>.x2, <family>.x4 [n,C,64,64] = encode(bicubic_up(decode(z_lr))), the
                target of stage 0 (a function of the input, so plain latent L1 can reach it)
  val:          as core, the centre crops of the validation photographs
A shard is written under a temporary name and renamed, so the script can be stopped and run again;
crops depend on (seed, index) only.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from leap.data.crops import centre_crop, enlarge, list_pictures, random_crop, shrink
from leap.families import FAMILIES
from leap.networks.taesd import load_taesd

SHARD = 8


class Codec:
    """The frozen autoencoders of all families, run in bf16 where that is what the device likes."""

    def __init__(self, weights: Path, device: str, families: list[str]):
        self.device = device
        compiled = torch.compile if os.environ.get("LEAP_COMPILE", "1") == "1" else (lambda m: m)
        load = lambda part, f: compiled(  # noqa: E731
            load_taesd(part, f, weights).to(device=device, dtype=torch.bfloat16)
        )
        self.encoders = {f: load("encoder", f) for f in families}
        self.decoders = {f: load("decoder", f) for f in families}

    def encode(self, family: str, images: Tensor) -> Tensor:
        """[B,3,8h,8w] in [0,1] -> fp16 latents [B,C,h,w], a picture at a time to bound memory."""
        return torch.cat([self._run(self.encoders[family], i) for i in images.split(1)]).half()

    def decode(self, family: str, latents: Tensor) -> Tensor:
        """[B,C,h,w] -> float images [B,3,8h,8w] clamped to [0,1]."""
        images = torch.cat([self._run(self.decoders[family], z) for z in latents.split(1)])
        return images.float().clamp(0, 1)

    def _run(self, net: torch.nn.Module, x: Tensor) -> Tensor:
        x = x.to(device=self.device, dtype=torch.bfloat16, memory_format=torch.channels_last)
        return net(x).cpu()


def encode_core(codec: Codec, pixels: Tensor) -> dict[str, Tensor]:
    """uint8 crops [n,3,512,512] -> the tensors of a core shard."""
    images = pixels.float() / 255
    lows = {f"x{s}": shrink(images, s) for s in (2, 4)}
    shard = {"pixels": pixels}
    for family in codec.encoders:
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


def save_shard(tensors: dict[str, Tensor], path: Path) -> None:
    """Writes a shard whole or not at all."""
    part = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, part)
    part.rename(path)


def crop_at(photos: list[Path], seed: int, index: int) -> Tensor:
    """The crop with this index: every photograph once per round, in a shuffled order."""
    turn = index // len(photos)
    order = np.random.default_rng([seed, turn]).permutation(len(photos))
    photo = photos[order[index % len(photos)]]
    return random_crop(photo, np.random.default_rng([seed, turn, index]))


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=Path("../shared/photos/train"))
    parser.add_argument("--val", type=Path, default=Path("../shared/photos/val"))
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--crops", type=int, default=512)
    parser.add_argument("--teachers", type=int, default=256, help="crops that also get a teacher")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch._inductor.config.freezing = True
    torch._dynamo.config.recompile_limit = 64  # ten networks, three sizes each
    args.out.mkdir(parents=True, exist_ok=True)
    codec = Codec(args.weights, args.device, args.families)

    val = args.out / "val.safetensors"
    if not val.exists():
        pixels = torch.stack([centre_crop(p) for p in list_pictures(args.val)])
        save_shard(encode_core(codec, pixels), val)
    photos = list_pictures(args.photos)
    for number in range((args.crops + SHARD - 1) // SHARD):
        start = time.monotonic()
        core_path = args.out / f"core-{number:04d}.safetensors"
        teacher_path = args.out / f"teacher-{number:04d}.safetensors"
        wants_teacher = number * SHARD < args.teachers and not teacher_path.exists()
        if core_path.exists() and not wants_teacher:
            continue
        indices = range(number * SHARD, (number + 1) * SHARD)
        pixels = torch.stack([crop_at(photos, args.seed, i) for i in indices])
        core = encode_core(codec, pixels)
        save_shard(core, core_path)
        if wants_teacher:
            save_shard(encode_teacher(codec, core), teacher_path)
        print(f"shard {number}: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
