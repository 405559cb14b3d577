"""Latents whose family and space are known, to see what the readers' confidences are worth.

    python training/make_calibration.py --photos PHOTOS --weights WEIGHTS --out FOLDER
    npx tsx scripts/calibrate.ts FOLDER

Photographs that the statistics were not fitted on are encoded for each family, distorted (gain and
noise) and saved in both spaces, `<number>_<family>_<space>.npy`.

Of families that are not read no encoder is at hand, so there are stand-ins. Playground 2.5 has
SDXL's channels with statistics of its own. The others are the channels of a family with as many,
in rotations that the fit has not seen, each normalised. What their VAEs' configurations publish,
the means and deviations or the scale between model and decoder space, is theirs.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import torch

from fit_recognition import AFFINE, SPACES, affine, distort, encode, rotate
from leap.data.crops import centre_crop, list_pictures

DISTORTIONS = ((1.0, 0.0), (0.85, 0.15), (1.2, 0.3))
FIRST_ROTATION = 100
# the source of the channels, and decoder space = model space / scale + shift: Wan's as the readers
# know it, the others from ComfyUI comfy/latent_formats.py and diffusers' VAE configurations
STAND_INS = {
    "wan": ("flux1", *affine("wan", "decoder")),
    "hunyuan": ("flux1", 0.476986, 0.0),
    "cogvideo": ("flux1", 1.15258426, 0.0),
    "sana": ("flux2", 0.41407, 0.0),
    "hunyuan15": ("flux2", 1.03682, 0.0),
    "cascade": ("sdxl", 1 / 0.43, 0.0),
}
PLAYGROUND = (
    0.5 / np.array([8.4927, 5.9022, 6.5498, 5.2299]),
    np.array([-1.6574, 1.886, -1.383, 2.5155]),
)


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
    spaces = {family: affine(family, "decoder") for family in vectors}
    for family, (source, scale, shift) in STAND_INS.items():
        rotated = [rotate(vectors[source], FIRST_ROTATION + i) for i in range(args.count)]
        vectors[family] = np.stack([r[i] for i, r in enumerate(rotated)])
        spaces[family] = (scale, shift)
    scale, shift = PLAYGROUND
    vectors["playground"] = (vectors["sdxl"] / AFFINE["sdxl"][0] - shift) * scale
    spaces["playground"] = PLAYGROUND
    rng = np.random.default_rng(1)
    number = 0
    for (family, latents), space, (gain, noise) in product(vectors.items(), SPACES, DISTORTIONS):
        scale, shift = spaces[family] if space == "decoder" else (1.0, 0.0)
        for latent in latents:
            raw = distort(latent, gain, noise, rng) / scale + shift
            side = args.side // 8
            image = raw.T.reshape(1, -1, side, side).astype(np.float32)
            np.save(args.out / f"{number:05d}_{family}_{space}.npy", image)
            number += 1
    print(number, "files")


if __name__ == "__main__":
    main()
