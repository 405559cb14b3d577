"""Tars of bounded size: how inputs and results travel where only small files may."""

import tarfile
from pathlib import Path


def write_parcels(files: list[tuple[Path, str]], folder: Path, name: str, limit: int) -> list[Path]:
    """Packs (file, name inside) into <name>-0.tar, <name>-1.tar ... of at most `limit` bytes.

    Each is written whole before it takes its place, and then what is left of older ones is removed.
    Raises ValueError for a file that fits none.
    """
    folder.mkdir(parents=True, exist_ok=True)
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
        part = parcels[-1].with_suffix(".part")
        with tarfile.open(part, "w") as tar:
            for path, inside in group:
                tar.add(path, inside)
        part.replace(parcels[-1])
    for old in set(folder.glob(f"{name}-*.tar")) - set(parcels):
        old.unlink()
    return parcels


def open_parcels(folder: Path, into: Path) -> int:
    """Unpacks every tar of `folder`; returns how many files `into` holds then."""
    for parcel in sorted(folder.glob("*.tar")):
        with tarfile.open(parcel) as tar:
            tar.extractall(into, filter="data")
    return sum(p.is_file() for p in into.rglob("*"))
