"""Statistics for the readers: RGB factors of FLUX.2, and how each family's latents are distributed.

    python -m recognition.fit_recognition --photos PHOTOS --weights WEIGHTS

`PHOTOS` holds `train/` and `val/`; `WEIGHTS` the TAESD encoders. Two small JSON files are written
(`npm run format` afterwards):

- `flux2-rgb.json`: the linear map from the 32 model-space channels of FLUX.2 to the mean colour
  (RGB in [-1, 1]) of the 8x8 pixels behind a position, by least squares on encoded photographs;
  residuals on `val/` in the file.
- `channel-statistics.json`: mean, precision matrix and log determinant of the covariance of the
  latent vectors (one per position) of every family. The readers compare a file's moments with
  them, to tell SD 1.5 from SDXL and SD3 from FLUX.1, and model from decoder space, where the file
  does not say. Families that are not read are compared, too: their latents are normalised per
  channel, so that they are white in model space, and decoder space is known from published
  statistics or not at all. As none of their encoders is at hand, the pictures that stand for them
  here are rotations of FLUX.1's and FLUX.2's channels, normalised as a whole. Real latents may be
  noisier and of more contrast than TAESD's encodings of photographs, so the covariance gets a
  ridge, and it and `temperature` (which turns differences in log likelihood per position into
  confidences: positions of one picture are far from independent) are chosen on `val/` with noise
  and gain added.
"""

import argparse
import json
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from leap.data.crops import centre_crop, list_pictures
from leap.families import AFFINE, FAMILIES, STRIDE, channels_of
from leap.networks.taesd import load_taesd

PUBLISHED = Path(__file__).resolve().parents[2] / "src/latent/fitted"
FLUX2 = json.loads((PUBLISHED / "flux2-batch-norm.json").read_text())
WAN = json.loads((PUBLISHED / "wan-channels.json").read_text())
SPACES = ("model", "decoder")
# families that are not read, and whose rotated channels stand for them
FOREIGN = {"wan": "flux1", "white": "flux2"}
ROTATIONS = 4
TEMPERATURES = np.geomspace(0.25, 64, 33)
# variances added to every channel, of about 1 in model space
RIDGES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
# gain of the val latents, and standard deviation of the noise added to them, in model space
DISTORTIONS = tuple(product((0.8, 1.0, 1.25), (0.0, 0.2, 0.4)))


def group_families() -> list[tuple[str, ...]]:
    """Families with as many channels as each other, in which the readers have to choose."""
    channels = channels_of() | {f: FAMILIES[like].channels for f, like in FOREIGN.items()}
    counts = sorted(set(channels.values()))
    return [tuple(f for f in channels if channels[f] == count) for count in counts]


def spread(paths: int, count: int) -> list[int]:
    """Which of so many pictures are taken, evenly over their names."""
    return np.linspace(0, paths - 1, min(count, paths)).astype(int).tolist()


def load_pictures(folder: Path, count: int, side: int) -> Tensor:
    """Evenly chosen centre crops of a folder: [N,3,side,side] in [0,1]."""
    paths = list_pictures(folder)
    chosen = [paths[i] for i in spread(len(paths), count)]
    return torch.stack([centre_crop(path, side) for path in chosen]).float() / 255


def encode(family: str, weights: Path, pictures: Tensor) -> np.ndarray:
    """Model-space latents as vectors per position, per picture: float64 [N, positions, C]."""
    encoder = load_taesd("encoder", family, weights)
    with torch.inference_mode():
        latents = torch.cat([encoder(batch) for batch in pictures.split(4)])
    return latents.flatten(2).transpose(1, 2).double().numpy()


def fit_rgb(train: np.ndarray, train_rgb: np.ndarray, val: np.ndarray, val_rgb: np.ndarray) -> dict:
    """Least squares [positions, C+1] -> [positions, 3]; residuals on `val`, RGB in [-1, 1]."""

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


def fit_gaussian(vectors: np.ndarray, ridge: float) -> dict:
    """Moments over all positions of all pictures, as the readers need them."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    covariance = np.cov(flat, rowvar=False) + ridge * np.eye(flat.shape[1])
    return {
        "mean": flat.mean(axis=0).round(4).tolist(),
        "logDet": round(float(np.linalg.slogdet(covariance)[1]), 4),
        "precision": np.linalg.inv(covariance).round(4).tolist(),
    }


def affine(family: str, space: str) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift per channel, model = (raw - shift) * scale; FLUX.2's patches averaged."""
    if space == "model" or family == "white":
        return np.ones(1), np.zeros(1)
    if family == "wan":
        return 1 / np.array(WAN["deviation"]), np.array(WAN["mean"])
    if family == "flux2":
        deviation, mean = (np.array(FLUX2[k]).reshape(32, 4).mean(1) for k in ("deviation", "mean"))
        return 1 / deviation, mean
    scale, shift = AFFINE[family]
    return np.array([scale]), np.array([shift])


def candidates(group: tuple[str, ...]) -> list[tuple[str, str]]:
    """Readings that share a channel count; of what is white without statistics only model space."""
    return [pair for pair in product(group, SPACES) if pair != ("white", "decoder")]


def rotate(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Latents of an autoencoder that is not at hand: rotated channels, each normalised over all."""
    channels = vectors.shape[-1]
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(channels, channels)))
    rotated = vectors @ rotation
    return (rotated - rotated.mean((0, 1))) / rotated.std((0, 1))


def likelihood(raw: np.ndarray, family: str, space: str, fitted: dict) -> float:
    """Mean log likelihood of a file's vectors [positions, C], if it were `family` in `space`."""
    scale, shift = affine(family, space)
    centred = (raw - shift) * scale - np.array(fitted["mean"])
    mahalanobis = np.einsum("nc,cd,nd->n", centred, np.array(fitted["precision"]), centred).mean()
    log_scale = np.log(np.broadcast_to(scale, raw.shape[1:])).sum()
    return log_scale - 0.5 * (mahalanobis + fitted["logDet"])


def distort(vectors: np.ndarray, gain: float, noise: float, rng: np.random.Generator) -> np.ndarray:
    return vectors * gain + rng.normal(0, noise, vectors.shape) if noise else vectors * gain


def score(
    val: dict[str, np.ndarray], fitted: dict[str, dict]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every val picture, distorted, in both spaces.

    Log likelihoods [files, readings], the right column, whether a file is undistorted, and whether
    its family is not read here, [files].
    """
    rng = np.random.default_rng(0)
    scores, truths, plain, foreign = [], [], [], []
    groups = group_families()
    most = max(len(candidates(group)) for group in groups)
    for group in groups:
        readings = candidates(group)
        for truth, (family, space) in enumerate(readings):
            scale, shift = affine(family, space)
            for vectors, (gain, noise) in product(val[family], DISTORTIONS):
                model = distort(vectors, gain, noise, rng)
                raw = model / scale + shift
                row = [likelihood(raw, f, s, fitted[f]) for f, s in readings]
                scores.append(row + [-np.inf] * (most - len(row)))
                truths.append(truth)
                plain.append((gain, noise) == (1.0, 0.0))
                foreign.append(family in FOREIGN)
    return np.array(scores), np.array(truths), np.array(plain), np.array(foreign)


def log_loss(table: np.ndarray, right: np.ndarray, temperature: float) -> float:
    logits = table * temperature
    logits -= logits.max(axis=1, keepdims=True)
    return float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(right)), right]).mean())


def choose(train: dict[str, np.ndarray], val: dict[str, np.ndarray]) -> dict:
    """Ridge and temperature with the least log loss, and how often the first guess is right."""
    best: tuple[float, dict] | None = None
    for ridge in RIDGES:
        fitted = {family: fit_gaussian(vectors, ridge) for family, vectors in train.items()}
        own = dict(fitted)
        for family, source in FOREIGN.items():
            channels = train[source].shape[-1]
            fitted[family] = {
                "mean": np.zeros(channels),
                "logDet": 0,
                "precision": np.eye(channels),
            }
        table, right, plain, foreign = score(val, fitted)
        temperature = min(TEMPERATURES, key=lambda t: log_loss(table, right, t))
        loss = log_loss(table, right, temperature)
        hits, spaces = table.argmax(axis=1) == right, table.argmax(axis=1) % 2 == right % 2
        plain &= ~foreign
        quality = {
            "ridge": ridge,
            "temperature": round(float(temperature), 3),
            "accuracy": round(float(hits[plain].mean()), 3),
            "spaceAccuracy": round(float(spaces[plain].mean()), 3),
            "distortedAccuracy": round(float(hits[~foreign].mean()), 3),
            "distortedSpaceAccuracy": round(float(spaces[~foreign].mean()), 3),
            "foreignAccuracy": round(float(hits[foreign].mean()), 3),
            "files": len(right),
        }
        print("recognition", round(loss, 4), quality)
        if best is None or loss < best[0]:
            best = (loss, {**quality, "families": own})
    assert best is not None
    return best[1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PUBLISHED)
    parser.add_argument("--count", type=int, default=64, help="pictures per folder")
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
    seen = {f: encode(f, args.weights, train) for f in FAMILIES}
    unseen = {f: encode(f, args.weights, val) for f in FAMILIES}
    flux2 = fit_rgb(seen["flux2"], rgb[0], unseen["flux2"], rgb[1])
    (args.out / "flux2-rgb.json").write_text(json.dumps(flux2) + "\n")
    print("flux2 rgb", flux2["residual"])

    for family, source in FOREIGN.items():
        rotations = [rotate(unseen[source], seed) for seed in range(ROTATIONS)]
        share = len(unseen[source]) // ROTATIONS
        unseen[family] = np.concatenate([r[i::ROTATIONS][:share] for i, r in enumerate(rotations)])
    (args.out / "channel-statistics.json").write_text(json.dumps(choose(seen, unseen)) + "\n")


if __name__ == "__main__":
    main()
