"""The kept rows of an evaluation are those of the same pictures and of the networks of now."""

from pathlib import Path

import pytest
import torch

from leap.evaluation.results import OtherPictures, Results, digest_of

PHOTOS = torch.arange(2 * 3 * 4 * 4, dtype=torch.uint8).view(2, 3, 4, 4)


def kept(path: Path) -> Results:
    results = Results(path, digest_of(PHOTOS))
    for method in ("LUA", "decode, bicubic"):
        for family in ("sd15", "sdxl"):
            results.rows[method, family, "x2", "0"] = [20, 0.5, 0.5, 0.5, 0.5]
    results.save()
    return results


def test_rows_of_other_pictures_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    rows = kept(path).rows
    assert Results(path, digest_of(PHOTOS)).rows == rows
    changed = PHOTOS.clone()
    changed[1, 2, 3, 3] += 1
    for others in (changed, PHOTOS[:1], PHOTOS.transpose(2, 3).contiguous()):
        with pytest.raises(OtherPictures, match="rows of other pictures"):
            Results(path, digest_of(others))


def test_rows_that_nobody_noted_the_pictures_of_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    kept(path)
    (tmp_path / "pictures.sha256").unlink()
    with pytest.raises(OtherPictures, match="that nobody noted"):
        Results(path, digest_of(PHOTOS))


def test_what_is_judged_anew_leaves_no_earlier_row(tmp_path: Path) -> None:
    results = kept(tmp_path / "results.csv")
    results.forget({"LUA"}, ["sd15"])
    left = {key[:2] for key in results.rows}
    assert left == {("LUA", "sdxl"), ("decode, bicubic", "sd15"), ("decode, bicubic", "sdxl")}
