"""Photographs to 512-pixel crops: augmentation in pixels, before anything is encoded."""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

CROP = 512
"""Side of a high-resolution crop, pixels."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def list_pictures(folder: Path | str) -> list[Path]:
    """Pictures of a folder in name order. Raises FileNotFoundError if there are none."""
    found = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"no pictures in {folder}")
    return found


def list_large_pictures(folder: Path | str, side: int) -> list[Path]:
    """Pictures of at least `side` pixels both ways. Raises FileNotFoundError if there are none."""

    def is_large(path: Path) -> bool:
        with Image.open(path) as image:
            return min(image.size) >= side

    found = [path for path in list_pictures(folder) if is_large(path)]
    if not found:
        raise FileNotFoundError(f"no picture in {folder} has {side} pixels both ways")
    return found


def to_tensor(image: Image.Image) -> Tensor:
    """RGB picture -> uint8 [3,H,W]."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def centre_crop(path: Path, side: int = CROP) -> Tensor:
    """The middle `side` x `side` pixels, unscaled: uint8 [3,side,side]. Raises ValueError for a
    picture that has fewer: black would be added."""
    with Image.open(path) as image:
        if min(image.size) < side:
            raise ValueError(f"{path} has {image.width} x {image.height} pixels, fewer than {side}")
        left, top = (image.width - side) // 2, (image.height - side) // 2
        return to_tensor(image.crop((left, top, left + side, top + side)))


def random_crop(path: Path, rng: np.random.Generator, side: int = CROP) -> Tensor:
    """A jittered crop: uint8 [3,side,side].

    The window's side is log-uniform between `side` and the picture's short side, shrunk to `side`
    by Lanczos (so a large window gives a sharper, denser picture); mirrored half the time, upside
    down one time in ten.
    """
    with Image.open(path) as opened:
        # First, as pictures with a palette are enlarged and shrunk by their nearest pixels.
        image = opened.convert("RGB")
        short = min(image.size)
        window = int(round(side * (max(short, side) / side) ** rng.random()))
        left = int(rng.integers(0, image.width - window + 1))
        top = int(rng.integers(0, image.height - window + 1))
        box = (left, top, left + window, top + window)
        pixels = to_tensor(image.resize((side, side), Image.Resampling.LANCZOS, box=box))
    if rng.random() < 0.5:
        pixels = pixels.flip(2)
    if rng.random() < 0.1:
        pixels = pixels.flip(1)
    return pixels.contiguous()


def recolour(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """Other tones and colours for a crop: uint8 [3,H,W] to the same. Exposure, contrast, white
    balance, saturation, and half the time the channels in another order: some hundred photographs
    have too few tones to learn a latent's from, textures enough."""
    x = pixels.float() / 255
    if rng.random() < 0.5:
        x = x[rng.permutation(3).tolist()]
    x = x ** math.exp(rng.normal(0, 0.4))
    x = x * torch.from_numpy(np.exp(rng.normal(0, 0.15, (3, 1, 1)))).float()
    grey = x.mean(0, keepdim=True)
    x = grey + (x - grey) * rng.uniform(0, 1.8)
    x = 0.5 + (x - 0.5) * rng.uniform(0.6, 1.3) + rng.uniform(-0.15, 0.15)
    return (x.clamp(0, 1) * 255).round().to(torch.uint8)


def shrink(images: Tensor, factor: int) -> Tensor:
    """Antialiased bicubic by 1/factor: float [B,3,H,W] in [0,1] -> [B,3,H/factor,W/factor]."""
    size = (images.shape[2] // factor, images.shape[3] // factor)
    small = F.interpolate(images, size, mode="bicubic", antialias=True, align_corners=False)
    return small.clamp(0, 1)


def enlarge(images: Tensor, factor: int) -> Tensor:
    """Bicubic by `factor` (align_corners False): [B,3,H,W] -> [B,3,H*factor,W*factor]."""
    return F.interpolate(images, scale_factor=factor, mode="bicubic", align_corners=False)
