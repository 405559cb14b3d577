"""Which pixels of a window on a picture's border are compared with what."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from experiments.mend_border import BAND, CUT, SIDE, draw_windows, loss_of, place_line
from leap.data.cache import Cache
from leap.families import STRIDE


def test_a_line_is_near_the_border_inside_or_left_out() -> None:
    first, middle, last = (place_line(start, 20) for start in (0, 7, 20))
    assert (first[:BAND] == 1).all() and first[-CUT:].isnan().all()
    assert (first[BAND:-CUT] == 0).all()
    assert middle[:CUT].isnan().all() and middle[-CUT:].isnan().all()
    torch.testing.assert_close(last, first.flip(0), equal_nan=True)


def test_windows_lie_on_the_border_with_their_pixels(cache: Path) -> None:
    """The cache's pictures of 64 pixels are enlarged to hold windows of SIDE positions."""
    data = Cache(cache)
    side = data.pixels.shape[-1] // STRIDE
    times = -(-2 * SIDE // side)
    grow = lambda z: z.repeat_interleave(times, -1).repeat_interleave(times, -2)  # noqa: E731
    data.pixels = grow(data.pixels)
    data.latents = {k: grow(v) for k, v in data.latents.items()}

    def enlarge(_: str, latents: Tensor, scale: int) -> Tensor:
        return latents.repeat_interleave(scale, -1).repeat_interleave(scale, -2)

    for seed in range(6):
        latents, whole, pixels, places = draw_windows(
            data, "flux2", np.random.default_rng(seed), enlarge
        )
        assert whole is not None and latents.shape[-2:] == (SIDE, SIDE)
        assert pixels.shape[-1] == places.shape[-1] == SIDE * STRIDE
        assert all((place == 1).any() and (place == 0).any() for place in places)


def test_near_the_border_it_is_the_photograph_and_inside_what_was_there() -> None:
    line = place_line(0, 20)
    places = torch.maximum(line[:, None], line[None])[None, None]
    places[0, 0, line.isnan()] = torch.nan
    places[..., line.isnan()] = torch.nan
    pixels, before = torch.zeros(1, 3, 128, 128), torch.ones(1, 3, 128, 128)
    image = torch.where(places == 1, pixels, before)
    terms = loss_of(image, before, pixels, places)
    assert terms["stay"] == 0 and terms["coarse"] == 0
    off = loss_of(image + 0.1, before, pixels, places)
    assert off["stay"] > 0 and off["coarse"] > 0.09 and off["log_mse"] > terms["log_mse"]
