"""Writes src/picture/__fixtures__: small pictures in every layout of which the page reads the size.

python training/make_picture_fixtures.py
"""

from pathlib import Path

from PIL import Image

DESTINATION = Path(__file__).parent.parent / "src/picture/__fixtures__"
SIZE = (37, 23)
# Of one orientation tag: a segment before the one that holds the size.
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\0"

PICTURES = {
    "plain.png": {},
    "baseline.jpg": {},
    "progressive.jpg": {"progressive": True, "exif": EXIF},
    "lossy.webp": {},
    "lossless.webp": {"lossless": True},
    "extended.webp": {"icc_profile": bytes(100)},
    "plain.avif": {},
}


def main() -> None:
    DESTINATION.mkdir(exist_ok=True)
    for name, options in PICTURES.items():
        Image.new("RGB", SIZE, (200, 100, 50)).save(DESTINATION / name, **options)


if __name__ == "__main__":
    main()
