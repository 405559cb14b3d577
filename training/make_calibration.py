"""Latents whose family and space are known, to see what the readers' confidences are worth.

    python training/make_calibration.py --photos PHOTOS --weights WEIGHTS --out FOLDER
    npx tsx scripts/calibrate.ts FOLDER

Photographs that the statistics were not fitted on are encoded for each family, distorted (gain and
noise) and saved in both spaces, `<number>_<family>_<space>.npy`. Of families that are not read
there are stand-ins: FLUX.1's and FLUX.2's channels in rotations that the fit has not seen.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import torch

from fit_recognition import AFFINE, FOREIGN, SPACES, affine, distort, encode, rotate
from leap.data.crops import centre_crop, list_pictures

DISTORTIONS = ((1.0, 0.0), (0.85, 0.15), (1.2, 0.3))
FIRST_ROTATION = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--side", type=int, default=192)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    paths = list_pictures(args.photos / "val") + list_pictures(args.photos / "train")[5::17]
    crops = [centre_crop(path, args.side) for path in paths[: args.count]]
    pictures = torch.stack(crops).float() / 255
    vectors = {f: encode(f, args.weights, pictures) for f in (*AFFINE, "flux2")}
    for family, source in FOREIGN.items():
        rotated = [rotate(vectors[source], FIRST_ROTATION + i) for i in range(args.count)]
        vectors[family] = np.stack([r[i] for i, r in enumerate(rotated)])
    rng = np.random.default_rng(1)
    number = 0
    for (family, latents), space, (gain, noise) in product(vectors.items(), SPACES, DISTORTIONS):
        if (family, space) == ("white", "decoder"):
            continue
        scale, shift = affine(family, space)
        for latent in latents:
            raw = distort(latent, gain, noise, rng) / scale + shift
            side = args.side // 8
            image = raw.T.reshape(1, -1, side, side).astype(np.float32)
            np.save(args.out / f"{number:05d}_{family}_{space}.npy", image)
            number += 1
    print(number, "files")


if __name__ == "__main__":
    main()
