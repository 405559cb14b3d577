"""Tars of bounded size: how inputs and results travel where only small files may."""

import tarfile
from pathlib import Path


def write_parcels(files: list[tuple[Path, str]], folder: Path, name: str, limit: int) -> list[Path]:
    """Packs (file, name inside) into <name>-0.tar, <name>-1.tar ... of at most `limit` bytes.

    Older parcels of the name are removed. Raises ValueError for a file that fits none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*.tar"):
        old.unlink()
    groups: list[list[tuple[Path, str]]] = [[]]
    room = limit - tarfile.RECORDSIZE
    for path, inside in files:
        size = 1024 + -(-path.stat().st_size // 512) * 512
        if size > limit - tarfile.RECORDSIZE:
            raise ValueError(f"{path} alone is over {limit} bytes")
        if size > room:
            groups.append([])
            room = limit - tarfile.RECORDSIZE
        groups[-1].append((path, inside))
        room -= size
    parcels = []
    for number, group in enumerate(groups):
        parcels.append(folder / f"{name}-{number}.tar")
        with tarfile.open(parcels[-1], "w") as tar:
            for path, inside in group:
                tar.add(path, inside)
    return parcels


def open_parcels(folder: Path, into: Path) -> int:
    """Unpacks every tar of `folder`; returns how many files `into` holds then."""
    for parcel in sorted(folder.glob("*.tar")):
        with tarfile.open(parcel) as tar:
            tar.extractall(into, filter="data")
    return sum(p.is_file() for p in into.rglob("*"))
