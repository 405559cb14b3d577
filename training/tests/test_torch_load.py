"""The reader of the page finds in files of torch.save what torch.load finds."""

import shutil
from pathlib import Path

import pytest

from references.compare_torch_load import ROOT, compare


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_reader_agrees_with_torch(tmp_path: Path) -> None:
    if not shutil.which("npx") or not (ROOT / "node_modules" / "tsx").exists():
        pytest.skip("node and its packages (npm install) are not here: the reader cannot run")
    # Torch refuses more than half of what the generator makes.
    files, tensors, otherwise = compare(140, 7, tmp_path)
    assert files > 40
    assert tensors > 60
    assert otherwise == []
