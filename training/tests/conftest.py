"""Test setup: the package on the path, one thread, and the shared inputs if they are there."""

import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
torch.set_num_threads(1)

WEIGHTS = ROOT.parent / "shared" / "weights"
OUTSIDE = ROOT.parents[1] / "shared" / "weights"


@pytest.fixture
def weights() -> Path:
    """Folder of the TAESD weights; skips the test where it is missing."""
    for folder in (WEIGHTS, OUTSIDE):
        if folder.exists():
            return folder
    pytest.skip("the TAESD weights (shared/weights) are not here")
