"""The LIIF head against a plain loop over queries, in float64."""

import numpy as np
import pytest
import torch

from leap.networks.liif import LiifHead
from leap.networks.lua import FamilyLua
from tests.networks.test_lua import TINY


def ask(head: LiifHead, features: np.ndarray, scale: int) -> np.ndarray:
    """[embed,h,w] -> [width,s*h,s*w], one query and one neighbour at a time."""
    state = {k: v.numpy() for k, v in head.state_dict().items()}
    _, h, w = features.shape
    padded = np.pad(features, ((0, 0), (1, 1), (1, 1)))
    out = np.zeros((state["place.weight"].shape[0], h * scale, w * scale))
    for i in range(h * scale):
        for j in range(w * scale):
            y, x = (i + 0.5) / scale - 0.5, (j + 0.5) / scale - 0.5
            y0, x0 = int(np.floor(y)), int(np.floor(x))
            for v, wy in ((y0, 1 - (y - y0)), (y0 + 1, y - y0)):
                for u, wx in ((x0, 1 - (x - x0)), (x0 + 1, x - x0)):
                    cy, cx = min(max(v, 0), h - 1), min(max(u, 0), w - 1)
                    patch = padded[:, cy : cy + 3, cx : cx + 3]
                    answer = np.einsum("oikl,ikl->o", state["features.weight"], patch)
                    answer += state["features.bias"]
                    answer += state["place.weight"] @ np.array([y - cy, x - cx, 1 / scale])
                    answer = np.maximum(answer, 0)
                    for n in range(len(head.hidden)):
                        weight, bias = state[f"hidden.{n}.weight"], state[f"hidden.{n}.bias"]
                        answer = np.maximum(weight @ answer + bias, 0)
                    out[:, i, j] += wy * wx * answer
    return out


@pytest.mark.parametrize("scale", [2, 4])
def test_liif_head(scale: int) -> None:
    torch.manual_seed(scale)
    head = LiifHead(5, 6).double()
    features = torch.randn(1, 5, 3, 4, dtype=torch.float64)
    with torch.no_grad():
        got = head(features, scale)[0].numpy()
    np.testing.assert_allclose(got, ask(head, features[0].numpy(), scale), rtol=1e-6, atol=1e-7)


def test_a_model_with_the_liif_head_learns_both_scales() -> None:
    from dataclasses import replace

    model = FamilyLua(replace(TINY, upsampler="liif"), {"a": 4})
    for scale in (2, 4):
        out = model({"a": torch.randn(1, 4, 5, 6)}, scale)["a"]
        assert out.shape == (1, 4, 5 * scale, 6 * scale)
        out.sum().backward()
    assert model.shared.liif.place.weight.grad is not None
