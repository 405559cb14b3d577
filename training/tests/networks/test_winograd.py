"""Winograd's filtering against plain convolutions in float64."""

import pytest
import torch
import torch.nn.functional as F

from leap.networks.leap_decoder import ConvBlock
from leap.winograd import convolve as winograd
from leap.winograd.build import find_compiler, open_library

pytestmark = pytest.mark.skipif(
    find_compiler() is None, reason="needs a C++ compiler: install g++, or set CXX"
)

SHAPES = [
    (2, 96, 96, 20, 20),
    (1, 16, 112, 1, 2),  # smaller than a tile; seven groups of sixteen channels
    (3, 32, 48, 37, 5),  # borders cut tiles
    (1, 80, 64, 41, 40),  # several chunks of tiles, the last one not full
]
CLOSE = 3e-5
"""Of the largest value."""


def assert_close(got, expected):
    assert got.shape == expected.shape
    assert (got - expected).abs().max() <= CLOSE * expected.abs().max()


@pytest.mark.parametrize("batch,inner,outer,height,width", SHAPES)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_results_and_gradients(batch, inner, outer, height, width, layout):
    torch.manual_seed(0)
    x = torch.randn(batch, inner, height, width).to(memory_format=layout)
    weight = (torch.randn(outer, inner, 3, 3) / (9 * inner) ** 0.5).to(memory_format=layout)
    parts = [t.requires_grad_() for t in (x, weight, torch.randn(outer))]
    exact = [t.detach().double().requires_grad_() for t in parts]
    got, expected = winograd.convolve(*parts), F.conv2d(*exact, padding=1)
    assert_close(got, expected)
    gradient = torch.randn(got.shape)
    of_parts = torch.autograd.grad(got, parts, gradient)
    of_exact = torch.autograd.grad(expected, exact, gradient.double())
    for ours, theirs in zip(of_parts, of_exact, strict=True):
        assert_close(ours, theirs)


def test_without_bias_and_for_frozen_weights():
    torch.manual_seed(0)
    x, weight = torch.randn(1, 16, 9, 9, requires_grad=True), torch.randn(16, 16, 3, 3)
    got = winograd.convolve(x, weight, None)
    assert_close(got, F.conv2d(x.double(), weight.double(), padding=1))
    (of_x,) = torch.autograd.grad(got.square().sum(), x)
    exact = x.detach().double().requires_grad_()
    expected = F.conv2d(exact, weight.double(), padding=1).square().sum()
    assert_close(of_x, torch.autograd.grad(expected, exact)[0])


@pytest.fixture
def asked_for(monkeypatch):
    """As after `use_winograd` on a machine where it pays."""
    monkeypatch.setattr(winograd, "_used", True)


def test_networks_use_it_where_asked_for(asked_for, monkeypatch):
    block, x = ConvBlock(32), torch.randn(1, 32, 10, 10)
    calls = []
    run = winograd._run
    monkeypatch.setattr(winograd, "_run", lambda *given: calls.append(1) or run(*given))
    with torch.no_grad():
        got = block(x)
        assert len(calls) == 3
        monkeypatch.setattr(winograd, "_used", False)
        assert_close(got, block(x).double())
        assert len(calls) == 3


def test_other_channels_and_types_are_left_to_pytorch(asked_for):
    weight = torch.zeros(16, 16, 3, 3)
    assert winograd.takes(torch.zeros(1, 16, 4, 4), weight)
    assert not winograd.takes(torch.zeros(1, 16, 4, 4), torch.zeros(12, 16, 3, 3))
    assert not winograd.takes(torch.zeros(1, 4, 4, 4), torch.zeros(16, 4, 3, 3))
    assert not winograd.takes(torch.zeros(1, 16, 4, 4).double(), weight.double())


def test_a_compiler_that_refuses_leaves_convolutions_to_pytorch(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CXX", "false")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert open_library.__wrapped__() is None
    assert "false refuses" in capsys.readouterr().err


def test_needs_one_thread_and_a_compiler(monkeypatch):
    monkeypatch.setattr(winograd, "_used", False)
    assert not winograd.use_winograd("cpu", threads=2)
    monkeypatch.setattr(winograd, "open_library", lambda: None)
    assert not winograd.use_winograd("cpu", threads=1)
    assert open_library() is not None
