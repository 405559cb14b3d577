"""Reads the shards of build_cache.py into memory (or onto the GPU) and picks up new ones."""

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

LATENTS = {1: "hr", 2: "x2", 4: "x4"}
"""How the latents of a picture are named that is so many times smaller."""


class Cache:
    """Crops with their latents.

    pixels: uint8 [N,3,512,512]; latents["flux1.hr"]: fp16 [n,C,64,64] and so on, of the first n
    crops (all, but of large latents those of build_cache.py's --large); teachers:
    the same names for the first `len(teacher_rows)` rows listed in `teacher_rows`.
    """

    def __init__(self, folder: Path | str, device: str = "cpu", with_pixels: bool = True):
        self.folder, self.device, self.with_pixels = Path(folder), device, with_pixels
        self.seen: set[str] = set()
        self.rows: dict[str, int] = {}
        self.first_row: dict[str, int] = {}
        self.pixels: Tensor = torch.empty(0)
        self.latents: dict[str, Tensor] = {}
        self.teachers: dict[str, Tensor] = {}
        self.teacher_rows: Tensor = torch.empty(0, dtype=torch.long, device=device)
        self.refresh()
        if not self.seen:
            raise FileNotFoundError(f"no shards in {folder}: run build_cache.py first")

    def __len__(self) -> int:
        return sum(self.rows.values())

    def count_large(self, families: Iterable[str]) -> int:
        """Crops whose large latents are kept, in all of these families: the first so many."""
        return min(len(self.latents[f"{family}.hr"]) for family in families)

    def refresh(self) -> bool:
        """Loads shards that appeared since; true if there were any."""
        cores = self._unseen("core")
        added: dict[str, list[Tensor]] = {}
        for path in cores:
            shard = load_file(path, device=self.device)
            self.first_row[path.name] = len(self)
            self.rows[path.name] = len(shard["pixels"])
            for name, z in shard.items():
                if name != "pixels" or self.with_pixels:
                    parts = added.setdefault(name, [])
                    before = len(self.latents.get(name, ())) + sum(map(len, parts))
                    if name != "pixels" and before < self.first_row[path.name]:
                        raise ValueError(
                            f"{path} has {name}, but an earlier shard has not: rows would be those "
                            "of other crops. Remove it, or build the earlier ones with --large."
                        )
                    parts.append(z)
        if added and self.with_pixels:
            old = [self.pixels] if len(self.pixels) else []
            self.pixels = torch.cat([*old, *added["pixels"]])
        added.pop("pixels", None)
        join(self.latents, added)
        self.seen.update(p.name for p in cores)
        teachers = [p for p in self._unseen("teacher") if self._core(p) in self.seen]
        self._add_teachers(teachers)
        return bool(cores or teachers)

    def _unseen(self, kind: str) -> list[Path]:
        found = sorted(self.folder.glob(f"{kind}-*.safetensors"))
        return [p for p in found if p.name not in self.seen]

    def _core(self, teacher: Path) -> str:
        return teacher.name.replace("teacher", "core")

    def _add_teachers(self, paths: list[Path]) -> None:
        added: dict[str, list[Tensor]] = {}
        rows = [self.teacher_rows]
        for path in paths:
            for name, z in load_file(path, device=self.device).items():
                added.setdefault(name, []).append(z)
            start = self.first_row[self._core(path)]
            count = self.rows[self._core(path)]
            rows.append(torch.arange(start, start + count, device=self.device))
        join(self.teachers, added)
        self.teacher_rows = torch.cat(rows)
        self.seen.update(p.name for p in paths)


def join(whole: dict[str, Tensor], added: dict[str, list[Tensor]]) -> None:
    """Appends the rows of `added` to the tensors of the same name, each moved once."""
    for name, parts in added.items():
        whole[name] = torch.cat([whole[name], *parts] if name in whole else parts)
