"""LUA's layouts: names, padding, bounded outputs, one family of many."""

import numpy as np
import pytest
import torch

from leap.networks.lua import FamilyLua, Lua, LuaConfig, pad_reflect

TINY = LuaConfig(
    in_chans=4,
    embed_dim=12,
    depths=(2, 2),
    num_heads=(2, 2),
    window_size=4,
    head_width=8,
    skip="bicubic",
    refine=1,
    residual_bound=3.0,
)


@pytest.mark.parametrize("shape", [(5, 7), (1, 3), (2, 9), (8, 8)])
def test_padding_is_numpys_reflection(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).random(shape)
    pads = [(0, -n % 8) for n in shape]
    expected = np.pad(x, pads, mode="reflect")
    got = pad_reflect(torch.from_numpy(x)[None, None], 8)[0, 0].numpy()
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("size", [(5, 7), (8, 4), (1, 1)])
@pytest.mark.parametrize("scale", [2, 4])
def test_output_size(size: tuple[int, int], scale: int) -> None:
    out = Lua(TINY)(torch.randn(1, 4, *size), scale)
    assert out.shape == (1, 4, scale * size[0], scale * size[1])


def test_names_are_the_published_ones() -> None:
    names = set(Lua(TINY).state_dict())
    for name in (
        "conv_first.weight",
        "patch_embed.norm.bias",
        "layers.1.residual_group.blocks.1.attn.relative_position_bias_table",
        "layers.0.residual_group.blocks.0.attn.qkv.weight",
        "layers.0.residual_group.blocks.0.mlp.fc2.bias",
        "layers.1.conv.weight",
        "norm.weight",
        "conv_after_body.bias",
        "heads.x2.conv_before.0.weight",
        "heads.x4.upsample.2.weight",
        "heads.x4.refine.1.0.conv2.bias",
        "heads.x4.conv_last.weight",
    ):
        assert name in names


@pytest.mark.parametrize("upsampler", ["pixelshuffle", "pixelshuffledirect"])
def test_basicsr_layouts(upsampler: str) -> None:
    config = LuaConfig(4, 12, (2,), (2,), 4, 2, 8, (2,), upsampler)
    model = Lua(config)
    assert model(torch.randn(1, 4, 6, 6), 2).shape == (1, 4, 12, 12)
    assert "upsample.0.weight" in model.state_dict()


def test_a_family_alone_equals_the_shared_model() -> None:
    torch.manual_seed(0)
    shared = FamilyLua(TINY, {"a": 4, "b": 16}).double()
    z = {"a": torch.randn(2, 4, 6, 5).double(), "b": torch.randn(1, 16, 6, 5).double()}
    alone = Lua(TINY).double()
    alone.load_state_dict({**shared.shared.state_dict(), **shared.family_state("a")})
    for scale in (2, 4):
        torch.testing.assert_close(shared(z, scale)["a"], alone(z["a"], scale))


@pytest.mark.parametrize("kind", ["noise", "half", "double", "saturated"])
def test_outputs_stay_bounded(kind: str) -> None:
    """Whatever the weights: within the bicubic enlargement's range plus the bound."""
    torch.manual_seed(1)
    model = Lua(TINY)
    for parameter in model.parameters():
        parameter.data.mul_(5)
    z = torch.randn(1, 4, 8, 8)
    z = {"noise": z * 3, "half": z / 2, "double": z * 2, "saturated": torch.sign(z) * 10}[kind]
    up = torch.nn.functional.interpolate(z, scale_factor=2, mode="bicubic", align_corners=False)
    difference = (model(z, 2) - up).abs().max()
    assert torch.isfinite(difference) and difference <= TINY.residual_bound + 1e-5
