"""Reads the shards of build_cache.py into memory (or onto the GPU) and picks up new ones."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor


class Cache:
    """Crops with their latents.

    pixels: uint8 [N,3,512,512]; latents["flux1.hr"]: fp16 [N,C,64,64] and so on; teachers:
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
        self.teacher_rows: Tensor = torch.empty(0, dtype=torch.long)
        self.refresh()
        if not self.seen:
            raise FileNotFoundError(f"no shards in {folder}: run build_cache.py first")

    def __len__(self) -> int:
        return sum(self.rows.values())

    def refresh(self) -> bool:
        """Loads shards that appeared since; true if there were any."""
        new = [p for p in sorted(self.folder.glob("core-*.safetensors")) if p.name not in self.seen]
        for path in new:
            self._add_core(path)
        for path in sorted(self.folder.glob("teacher-*.safetensors")):
            core = path.name.replace("teacher", "core")
            if path.name not in self.seen and core in self.seen:
                self._add_teacher(path, core)
                new.append(path)
        return bool(new)

    def _add_core(self, path: Path) -> None:
        shard = load_file(path, device=self.device)
        pixels = shard.pop("pixels")
        self.first_row[path.name] = len(self)
        self.rows[path.name] = len(pixels)
        if self.with_pixels:
            self.pixels = torch.cat([self.pixels.to(pixels), pixels]) if self.seen else pixels
        for name, z in shard.items():
            self.latents[name] = torch.cat([self.latents[name], z]) if name in self.latents else z
        self.seen.add(path.name)

    def _add_teacher(self, path: Path, core: str) -> None:
        for name, z in load_file(path, device=self.device).items():
            old = self.teachers.get(name)
            self.teachers[name] = z if old is None else torch.cat([old, z])
        start = self.first_row[core]
        rows = torch.arange(start, start + self.rows[core])
        self.teacher_rows = torch.cat([self.teacher_rows, rows])
        self.seen.add(path.name)
