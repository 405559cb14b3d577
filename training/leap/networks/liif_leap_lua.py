"""Our LUA with one implicit head for every factor in place of its two, for the ablation only."""

from torch import Tensor

from leap.networks.leap_lua import FamilyLeapLua, LeapLuaConfig, LeapLuaTrunk
from leap.networks.liif import LiifHead


class LiifTrunk(LeapLuaTrunk):
    """Queries the features at twice the latent's size; widths[1] equals widths[2]."""

    def __init__(self, config: LeapLuaConfig):
        super().__init__(config)
        _, double, fourfold = config.widths
        assert double == fourfold, "one head gives the last convolutions of both factors one width"
        self.heads = LiifHead(double, fourfold)

    def enlarge(self, x: Tensor, scale: int) -> Tensor:
        return self.heads(x, scale // 2)


class LiifLeapLua(FamilyLeapLua):
    """A family's first and last convolutions around a `LiifTrunk`."""

    trunk = LiifTrunk
