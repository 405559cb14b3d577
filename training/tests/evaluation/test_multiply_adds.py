"""The counts of known networks, and the classical configuration's shape."""

import pytest
import torch

from leap.evaluation.multiply_adds import count_multiply_adds, count_parameters
from leap.networks.lua import Lua, LuaConfig
from leap.training.train_lua import CLASSICAL, SMALL

RELEASED = LuaConfig(16, 360, (6,) * 6, (12,) * 6, 16, 2, 256)


@pytest.mark.parametrize(
    ("config", "scale", "millions", "parameters"),
    [
        (RELEASED, 2, 55.5, 54.9),  # as published
        (RELEASED, 4, 65.4, 54.9),
        (CLASSICAL, 2, 12.5, 12.2),
        (CLASSICAL, 4, 13.2, 12.2),
        (SMALL, 2, 2.46, 2.52),
        (SMALL, 4, 5.52, 2.52),
    ],
)
def test_counts(config: LuaConfig, scale: int, millions: float, parameters: float) -> None:
    with torch.device("meta"):
        model, z = Lua(config), torch.empty(1, 16, 16, 16)
        count = count_multiply_adds(model, lambda: model(z, scale))
    assert count / 16**2 / 1e6 == pytest.approx(millions, rel=5e-3)
    assert count_parameters(model) / 1e6 == pytest.approx(parameters, rel=5e-3)


def test_classical_runs() -> None:
    z = torch.randn(1, 16, 9, 8)
    with torch.inference_mode():
        for scale in (2, 4):
            out = Lua(CLASSICAL).eval()(z, scale)
            assert out.shape == (1, 16, 9 * scale, 8 * scale) and torch.isfinite(out).all()
