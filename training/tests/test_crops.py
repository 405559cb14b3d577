"""What augmentation does to a crop's tones, and what it leaves."""

import numpy as np
import pytest
import torch
from PIL import Image

from leap.data.crops import centre_crop, list_large_pictures, random_crop, recolour
from prepare.build_cache import crop_at


def test_recolouring_changes_tones_and_keeps_shapes() -> None:
    """Flat stays flat, an edge stays where it is, and every draw gives other tones."""
    pixels = torch.full((3, 8, 16), 60, dtype=torch.uint8)
    pixels[:, :, 8:] = torch.tensor([150, 130, 120], dtype=torch.uint8)[:, None, None]
    draws = [recolour(pixels, np.random.default_rng(seed)) for seed in range(20)]
    for drawn in draws:
        assert drawn.dtype == torch.uint8 and drawn.shape == pixels.shape
        assert (drawn[:, :, :8] == drawn[:, :1, :1]).all()
        assert (drawn[:, :, 8:] == drawn[:, :1, 15:]).all()
        assert (drawn[:, 0, 15] >= drawn[:, 0, 0]).all()
    means = torch.stack([drawn.float().mean((1, 2)) for drawn in draws])
    assert (means.std(0) > 10).all()
    again = recolour(pixels, np.random.default_rng(3))
    assert torch.equal(again, draws[3])


def test_pictures_too_small_for_a_crop_are_left_out(tmp_path) -> None:
    for name, size in (("a", (64, 30)), ("b", (40, 48))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    assert [path.stem for path in list_large_pictures(tmp_path, 32)] == ["b"]
    with pytest.raises(FileNotFoundError, match="41 pixels both ways"):
        list_large_pictures(tmp_path, 41)


def test_a_recoloured_crop_is_the_same_window(tmp_path) -> None:
    """Its draws come after the window's, so the picture is recoloured, not another one."""
    path = tmp_path / "a.png"
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 3, (48, 64, 3))
    Image.fromarray(np.ascontiguousarray(ramp)).save(path)
    plain, other = (crop_at([path], 0, 0, 32, recoloured) for recoloured in (False, True))
    assert not torch.equal(plain, other)
    for channel in other.float().flatten(1):
        order = np.corrcoef(plain[0].flatten(), channel)[0, 1]
        assert order > 0.8


def test_black_is_not_added_to_a_small_picture(tmp_path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), (200, 100, 50)).save(path)
    assert centre_crop(path, 30).flatten(1).T.unique(dim=0).tolist() == [[200, 100, 50]]
    with pytest.raises(ValueError, match="40 x 30 pixels, fewer than 31"):
        centre_crop(path, 31)


def test_a_palette_is_shrunk_like_any_picture(tmp_path) -> None:
    """Black and white lines become grey, not one of the two."""
    lines = np.zeros((64, 64), dtype=np.uint8)
    lines[:, ::2] = 1
    image = Image.fromarray(lines).convert("P")
    image.putpalette([0, 0, 0, 255, 255, 255])
    image.save(tmp_path / "a.png")

    class Whole:
        """Draws the window of the whole picture, not mirrored."""

        def random(self) -> float:
            return 1.0

        def integers(self, low: int, high: int) -> int:
            return low

    crop = random_crop(tmp_path / "a.png", Whole(), 32)
    assert ((crop > 100) & (crop < 155)).all()
