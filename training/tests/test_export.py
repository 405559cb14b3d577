"""What an export takes of a folder of runs."""

from pathlib import Path

import pytest

from export import decoder_folders


def test_decoders_of_the_trunks_that_are_there(tmp_path: Path) -> None:
    """A sitting that ended early leaves some of them; one for all families lies in the folder."""
    with pytest.raises(SystemExit):
        decoder_folders(tmp_path, [])
    (tmp_path / "decoder-sharp.state.pt").touch()
    assert decoder_folders(tmp_path, []) == [tmp_path]
    trunk = tmp_path / "trunk-sdxl"
    trunk.mkdir()
    (trunk / "decoder-pair.state.pt").touch()
    assert decoder_folders(tmp_path, []) == [trunk]
    with pytest.raises(SystemExit):
        decoder_folders(tmp_path, ["trunk-sd15"])
