"""Statistics that the page's readers use: RGB factors of FLUX.2, and each family's distribution of latent vectors.

    python training/fit_recognition.py --photos PHOTOS --weights WEIGHTS --out src/latent/fitted

`PHOTOS` holds `train/` and `val/`; `WEIGHTS` the TAESD encoders. Two small JSON files are written:

- `flux2-rgb.json`: the linear map from the 32 model-space channels of FLUX.2 to the mean colour (RGB in [-1, 1])
  of the 8x8 pixels behind a position, by least squares on encoded photographs; residuals on `val/` in the file.
- `channel-statistics.json`: mean, precision matrix and log determinant of the covariance of the latent vectors
  (one per position) of the families that share a channel count. The readers compare a file's moments with them, to
  tell SD 1.5 from SDXL and SD3 from FLUX.1, and model from decoder space, where the file does not say.
  `temperature` turns differences in log likelihood per position into confidences: fitted on `val/`, because
  positions of one picture are far from independent.
"""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from leap.data.crops import centre_crop, list_pictures
from leap.families import STRIDE
from leap.networks.taesd import load_taesd

# decoder space = model space / scale + shift (the VAE configurations that diffusers publishes)
AFFINE = {
    "sd15": (0.18215, 0.0),
    "sdxl": (0.13025, 0.0),
    "sd3": (1.5305, 0.0609),
    "flux1": (0.3611, 0.1159),
}
GROUPS = (("sd15", "sdxl"), ("sd3", "flux1"))
SPACES = ("model", "decoder")
TEMPERATURES = np.geomspace(0.25, 64, 33)


def load_pictures(folder: Path, count: int, side: int) -> Tensor:
    """Evenly chosen centre crops of a folder: [N,3,side,side] in [0,1]."""
    paths = list_pictures(folder)
    chosen = [paths[i] for i in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]
    return torch.stack([centre_crop(path, side) for path in chosen]).float() / 255


def encode(family: str, weights: Path, pictures: Tensor) -> np.ndarray:
    """Model-space latents as vectors per position, per picture: float64 [N, positions, C]."""
    encoder = load_taesd("encoder", family, weights)
    with torch.inference_mode():
        latents = torch.cat([encoder(batch) for batch in pictures.split(4)])
    return latents.flatten(2).transpose(1, 2).double().numpy()


def fit_rgb(train: np.ndarray, train_rgb: np.ndarray, val: np.ndarray, val_rgb: np.ndarray) -> dict:
    """Least squares [positions, C+1] -> [positions, 3]; residuals as RMS on [-1, 1] and share of variance."""

    def with_one(x: np.ndarray) -> np.ndarray:
        flat = x.reshape(-1, x.shape[-1])
        return np.concatenate([flat, np.ones((len(flat), 1))], axis=1)

    solution = np.linalg.lstsq(with_one(train), train_rgb.reshape(-1, 3), rcond=None)[0]
    error = with_one(val) @ solution - val_rgb.reshape(-1, 3)
    return {
        "residual": {
            "rms": round(float(np.sqrt((error**2).mean())), 4),
            "explained": round(float(1 - error.var() / val_rgb.reshape(-1, 3).var()), 4),
        },
        "bias": solution[-1].round(4).tolist(),
        "factors": solution[:-1].round(4).tolist(),
    }


def fit_gaussian(vectors: np.ndarray) -> dict:
    """Moments over all positions of all pictures, as the readers need them."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    covariance = np.cov(flat, rowvar=False)
    return {
        "std": round(float(flat.std()), 4),
        "mean": flat.mean(axis=0).round(4).tolist(),
        "logDet": round(float(np.linalg.slogdet(covariance)[1]), 4),
        "precision": np.linalg.inv(covariance).round(4).tolist(),
    }


def likelihood(raw: np.ndarray, family: str, space: str, fitted: dict) -> float:
    """Mean log likelihood per position of a file's vectors [positions, C], if it were `family` in `space`."""
    scale, shift = AFFINE[family] if space == "decoder" else (1.0, 0.0)
    centred = (raw - shift) * scale - np.array(fitted["mean"])
    mahalanobis = np.einsum("nc,cd,nd->n", centred, np.array(fitted["precision"]), centred).mean()
    return raw.shape[1] * np.log(scale) - 0.5 * (mahalanobis + fitted["logDet"])


def calibrate(val: dict[str, np.ndarray], fitted: dict[str, dict]) -> dict:
    """Temperature with the least log loss on the val pictures, and how often the first guess is right."""
    scores, truths = [], []
    for group in GROUPS:
        candidates = list(product(group, SPACES))
        for truth, (family, space) in enumerate(candidates):
            scale, shift = AFFINE[family]
            for vectors in val[family]:
                raw = vectors if space == "model" else vectors / scale + shift
                scores.append([likelihood(raw, f, s, fitted[f]) for f, s in candidates])
                truths.append(truth)
    table, right = np.array(scores), np.array(truths)

    def log_loss(temperature: float) -> float:
        logits = table * temperature
        logits -= logits.max(axis=1, keepdims=True)
        return float(
            (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(right)), right]).mean()
        )

    temperature = min(TEMPERATURES, key=log_loss)
    return {
        "temperature": round(float(temperature), 3),
        "valAccuracy": round(float((table.argmax(axis=1) == right).mean()), 4),
        "valFiles": len(right),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("src/latent/fitted"))
    parser.add_argument("--count", type=int, default=120, help="pictures per folder")
    parser.add_argument("--side", type=int, default=256, help="pixels of a crop")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    train, val = (
        load_pictures(args.photos / part, args.count, args.side) for part in ("train", "val")
    )

    rgb = [
        torch.nn.functional.avg_pool2d(p * 2 - 1, STRIDE)
        .flatten(2)
        .transpose(1, 2)
        .double()
        .numpy()
        for p in (train, val)
    ]
    flux2 = fit_rgb(
        encode("flux2", args.weights, train), rgb[0], encode("flux2", args.weights, val), rgb[1]
    )
    (args.out / "flux2-rgb.json").write_text(json.dumps(flux2) + "\n")
    print("flux2 rgb", flux2["residual"])

    fitted, unseen = {}, {}
    for family in AFFINE:
        fitted[family] = fit_gaussian(encode(family, args.weights, train))
        unseen[family] = encode(family, args.weights, val)
    quality = calibrate(unseen, fitted)
    print("recognition", quality)
    (args.out / "channel-statistics.json").write_text(
        json.dumps({**quality, "families": fitted}) + "\n"
    )


if __name__ == "__main__":
    main()
