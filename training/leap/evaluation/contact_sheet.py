"""Contact sheets: pictures side by side at 1:1, a row per subject, labelled."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

LABEL = 14
"""Height of a label strip, pixels."""


def to_picture(image: Tensor) -> Image.Image:
    """[3,H,W] in [0,1] -> 8-bit RGB."""
    values = (image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(np.ascontiguousarray(values))


def write_sheet(rows: list[list[tuple[str, Tensor]]], path: Path, side: int = 256) -> None:
    """Writes a PNG of the middle `side` pixels of every image, never scaled."""
    width = max(len(row) for row in rows) * side
    sheet = Image.new("RGB", (width, len(rows) * (side + LABEL)), "white")
    draw = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        for x, (label, image) in enumerate(row):
            top, left = (image.shape[1] - side) // 2, (image.shape[2] - side) // 2
            crop = to_picture(image[:, top : top + side, left : left + side])
            corner = (x * side, y * (side + LABEL))
            draw.text((corner[0] + 2, corner[1] + 1), label, fill="black")
            sheet.paste(crop, (corner[0], corner[1] + LABEL))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
