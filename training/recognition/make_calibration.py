"""Photographs as each family encodes them, to see what the readers' confidences are worth.

    python -m recognition.make_calibration --photos PHOTOS --weights WEIGHTS --out FILE

Training photographs are encoded for each family, of which `fit_recognition` has seen none: neither
its statistics nor its choices on `val/` are of them. Of each only the first and second moments of
its model-space vectors are kept, which are all that the readers look at: `<family>_mean`
[photographs, C] and `<family>_second` [photographs, C (C + 1) / 2], the lower triangle of E[x x^T]
row by row. FILE is `src/latent/recognise/__fixtures__/calibration.safetensors`;
`src/testing/latent/calibration.ts` distorts what it holds, brings it into both spaces, and makes
the stand-ins of other families.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from leap.data.crops import centre_crop, list_pictures
from leap.families import FAMILIES
from recognition.fit_recognition import encode, spread


def moments(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[photographs, positions, C] -> [photographs, C] and [photographs, C (C + 1) / 2]."""
    second = np.einsum("npc,npd->ncd", vectors, vectors) / vectors.shape[1]
    rows, columns = np.tril_indices(vectors.shape[2])
    return vectors.mean(1), np.ascontiguousarray(second[:, rows, columns])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--side", type=int, default=192)
    parser.add_argument("--fitted", type=int, default=64, help="--count of fit_recognition")
    args = parser.parse_args()
    paths = list_pictures(args.photos / "train")
    seen = set(spread(len(paths), args.fitted))
    unseen = [path for i, path in enumerate(paths) if i not in seen]
    chosen = [unseen[i] for i in spread(len(unseen), args.count)]
    crops = [centre_crop(path, args.side) for path in chosen]
    pictures = torch.stack(crops).float() / 255
    kept: dict[str, np.ndarray] = {}
    for family in FAMILIES:
        mean, second = moments(encode(family, args.weights, pictures))
        kept[f"{family}_mean"] = mean.astype(np.float32)
        kept[f"{family}_second"] = second.astype(np.float32)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(kept, args.out)
    print({name: tensor.shape for name, tensor in kept.items()})


if __name__ == "__main__":
    main()
