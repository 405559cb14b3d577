"""Test setup: the package on the path, one thread, and the shared inputs if they are there."""

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
torch.set_num_threads(1)

from leap.families import FAMILIES  # noqa: E402
from leap.loss.lua_losses import Latents  # noqa: E402

WEIGHTS = ROOT.parent / "shared" / "weights"
OUTSIDE = ROOT.parents[1] / "shared" / "weights"


@pytest.fixture
def weights() -> Path:
    """Folder of the TAESD weights; skips the test where it is missing."""
    for folder in (WEIGHTS, OUTSIDE):
        if folder.exists():
            return folder
    pytest.skip("the TAESD weights (shared/weights) are not here")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of eight crops of 64 pixels, random latents and teachers; two val pictures."""
    torch.manual_seed(0)

    def shard(n: int) -> Latents:
        out = {"pixels": torch.randint(0, 256, (n, 3, 64, 64), dtype=torch.uint8)}
        for f, info in FAMILIES.items():
            for name, side in (("hr", 8), ("x2", 4), ("x4", 2)):
                out[f"{f}.{name}"] = torch.randn(n, info.channels, side, side).half()
        return out

    save_file(shard(8), tmp_path / "core-0000.safetensors")
    save_file(shard(2), tmp_path / "val.safetensors")
    enlarged = {
        f"{f}.x{s}": torch.randn(8, i.channels, 8, 8).half()
        for f, i in FAMILIES.items()
        for s in (2, 4)
    }
    save_file(enlarged, tmp_path / "teacher-0000.safetensors")
    return tmp_path
