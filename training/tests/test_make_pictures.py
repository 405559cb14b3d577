"""Pictures that we draw ourselves."""

import math

import numpy as np
import pytest

from prepare.make_pictures import SIDE, blend_point, draw_picture


def test_drawn_pictures_are_defined_by_their_number() -> None:
    a, b, c = (np.asarray(draw_picture(0, i, [])) for i in (1, 1, 2))
    assert a.shape == (SIDE, SIDE, 3)
    assert (a == b).all() and (a != c).any()


def test_a_picture_of_points_has_points_and_a_quiet_ground() -> None:
    """Most pixels are as their neighbours, a few stand out from the middle of all by far."""
    picture = np.asarray(draw_picture(0, 0, [], "points"), np.float32).mean(2)
    steps = np.abs(np.diff(picture, axis=1))
    assert np.median(steps) < 2
    assert np.abs(picture - np.median(picture)).max() > 60


@pytest.mark.parametrize("place", [(10.25, 12.5), (0.0, 3.9), (19.7, 0.2)])
def test_a_point_is_a_gaussian_that_is_blended(place: tuple[float, float]) -> None:
    """As each pixel's own sum says, also at the canvas's border."""
    ink, share, sigma = np.array([200.0, 100.0, 0.0]), 0.7, 1.3
    canvas = np.full((20, 24, 3), 40.0)
    blend_point(canvas, np.array(place), sigma, share, ink)
    for y in range(20):
        for x in range(24):
            squared = (y - place[0]) ** 2 + (x - place[1]) ** 2
            part = share * math.exp(-squared / (2 * sigma**2))
            wanted = 40 + part * (ink - 40)
            # Beyond three deviations nothing is drawn: a ninetieth of the share at most.
            tolerance = 1e-3 if squared < (3 * sigma) ** 2 else share / 90 * 160
            assert np.abs(canvas[y, x] - wanted).max() <= tolerance
