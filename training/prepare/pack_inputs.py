"""Packs what gpu_session.py needs into tars small enough to carry to a machine without a network.

    python -m prepare.pack_inputs --photos PHOTOS --val VAL --weights WEIGHTS --out PARCELS \\
        --limit-mib 40

Training photographs are re-encoded as WebP (41 dB from the JPEGs at quality 85, half their bytes;
--quality 0 keeps the files); validation ones are cut to the middle 512 pixels, without loss.
"""

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from safetensors.torch import save_file

from leap.bounded_tars import write_parcels
from leap.data.crops import centre_crop, list_pictures
from leap.evaluation.contact_sheet import to_picture
from leap.evaluation.results import PICTURES_FILE
from leap.loss.perceptual import FeatureDistance


def shrink_photo(source: Path, folder: Path, quality: int) -> Path:
    """The photograph as WebP of this quality."""
    target = folder / f"{source.stem}.webp"
    with Image.open(source) as image:
        image.convert("RGB").save(target, "WEBP", quality=quality)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--photos", type=Path, nargs="+", default=[Path("../shared/photos/train")], help="folders"
    )
    parser.add_argument("--val", type=Path, default=Path("../shared/photos/val"))
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights"))
    parser.add_argument("--peers", type=Path, default=Path("../shared/peers"))
    parser.add_argument("--manifest", type=Path, default=Path("../shared/photos/MANIFEST.csv"))
    parser.add_argument("--baselines", type=Path, help="results.csv of an earlier evaluation")
    parser.add_argument("--models", type=Path, help="exported models that the trainings start from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit-mib", type=float, default=40)
    parser.add_argument("--quality", type=int, default=85)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = small_files(args, folder)
        photos = [p for photos in args.photos for p in list_pictures(photos)]
        if args.quality:
            with ThreadPoolExecutor(args.threads) as pool:
                photos = list(pool.map(lambda p: shrink_photo(p, folder, args.quality), photos))
        files += [(p, f"photos/{p.name}") for p in photos]
        for parcel in write_parcels(files, args.out, "inputs", int(args.limit_mib * 2**20)):
            print(f"{parcel} {parcel.stat().st_size:,} bytes")


def small_files(args: argparse.Namespace, folder: Path) -> list[tuple[Path, str]]:
    """All but the training photographs, as (file, name inside)."""
    files = [(p, f"weights/{p.name}") for p in sorted(args.weights.iterdir())]
    if args.peers.exists():
        files += [(p, f"peers/{p.name}") for p in sorted(args.peers.iterdir())]
    if args.models:
        files += [(p, f"models/{p.name}") for p in sorted(args.models.glob("*.safetensors"))]
    if args.manifest.exists():
        files.append((args.manifest, "MANIFEST.csv"))
    if args.baselines:
        names = (args.baselines.name, PICTURES_FILE)
        files += [(args.baselines.with_name(name), name) for name in names]
    for lite in (0, 1):
        path = folder / f"lite{lite}.safetensors"
        save_file(FeatureDistance(lite).state_dict(), path)
        files.append((path, f"perceptual/{path.name}"))
    for photo in list_pictures(args.val):
        target = folder / f"val-{photo.stem}.png"
        to_picture(centre_crop(photo) / 255).save(target)
        files.append((target, f"val/{photo.stem}.png"))
    return files


if __name__ == "__main__":
    main()
