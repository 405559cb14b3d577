"""Metrics per picture in a CSV, and the table of their means."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import torch
from torch import Tensor

from leap.evaluation.costs import Costs
from leap.evaluation.metrics import energy_ratio, psnr, ssim
from leap.loss.perceptual import FeatureDistance
from leap.whole_files import write_text_whole

METRICS = ("psnr", "ssim", "distance", "unseen", "energy")
"""distance: of the network that trainings use; unseen: of the one that was never a loss."""
HEADER = ("method", "family", "scale", "picture", *METRICS)
DECODE = "decode"
"""The scale of rows that compare decoders with the photograph."""

Key = tuple[str, str, str, str]


class OtherPictures(Exception):
    """The rows that are kept are of other pictures."""


PICTURES_FILE = "pictures.sha256"
"""Beside the CSV: of which pictures its rows are."""


def digest_of(pixels: Tensor) -> str:
    """SHA-256 of pictures, uint8 [N,3,H,W]: what the rows of a table have in common."""
    digest = hashlib.sha256(f"{list(pixels.shape)}".encode())
    digest.update(pixels.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


class Results:
    """Metrics by (method, family, scale, picture), kept in a CSV. pictures: digest of those that
    are judged, kept in a file beside it.

    Raises OtherPictures where the file has rows of others: their means would be mixed.
    """

    def __init__(self, path: Path, pictures: str, costs: Costs | None = None):
        self.path, self.pictures, self.costs = path, pictures, costs or Costs()
        self.rows: dict[Key, list[float]] = {}
        beside = path.with_name(PICTURES_FILE)
        if path.exists():
            known = beside.read_text().strip() if beside.exists() else "pictures that nobody noted"
            if known != pictures:
                raise OtherPictures(
                    f"{path} has rows of other pictures ({known}): name another folder"
                )
            with open(path, newline="") as file:
                for row in csv.DictReader(file):
                    key = tuple(row[k] for k in HEADER[:4])
                    self.rows[key] = [float(row[m]) for m in METRICS]

    def forget(self, methods: Collection[str], families: Collection[str]) -> None:
        """Drops the rows of what is judged anew: none of them may stay if it is broken off, or if
        fewer pictures are looked at."""
        self.rows = {
            k: v for k, v in self.rows.items() if k[0] not in methods or k[1] not in families
        }

    def save(self) -> None:
        """Writes all rows, and their table beside them."""
        write_text_whole(self.path.with_name(PICTURES_FILE), f"{self.pictures}\n")
        write_text_whole(self.path.with_name("table.md"), self.table())
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(HEADER)
        writer.writerows([*k, *(f"{x:.5g}" for x in v)] for k, v in sorted(self.rows.items()))
        write_text_whole(self.path, text.getvalue())

    def table(self) -> str:
        """Means over pictures as Markdown, and what decoding costs."""
        groups: dict[tuple[str, str, str], list[list[float]]] = defaultdict(list)
        for (method, family, scale, _), values in self.rows.items():
            groups[scale, family, method].append(values)
        names = ["", "family", "method", "PSNR dB", "SSIM", "Lite0", "Lite1 (unseen)", "HF energy"]
        names += ["pictures", *self.costs.columns]
        lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
        for (scale, family, method), values in sorted(groups.items()):
            p, s, d, u, e = torch.tensor(values).mean(0).tolist()
            cells = [scale, family, method, f"{p:.2f}", f"{s:.3f}", f"{d:.3f}", f"{u:.3f}"]
            cells.append(f"{e:.2f}")
            costs = self.costs.row(method, family)
            cost = costs if scale == DECODE else [""] * len(costs)
            lines.append(f"| {' | '.join([*cells, str(len(values)), *cost])} |")
        return "\n".join(lines) + "\n"


class Judge:
    """Computes and stores the metrics of one image."""

    def __init__(self, results: Results, device: str):
        self.results = results
        self.distance, self.unseen = (FeatureDistance(lite).to(device) for lite in (0, 1))

    def add(self, key: Key, image: Tensor, reference: Tensor) -> None:
        image, reference = image.float().clamp(0, 1), reference.float().clamp(0, 1)
        values = (psnr, ssim, self.distance, self.unseen, energy_ratio)
        self.results.rows[key] = [f(image, reference).item() for f in values]
