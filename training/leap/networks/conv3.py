"""The 3x3 convolution of our networks."""

from torch import Tensor, nn

from leap.winograd.convolve import convolve, takes


class Conv3(nn.Conv2d):
    """3x3, with zero padding of one; by Winograd's filtering where a training has asked for it."""

    def __init__(self, inner: int, outer: int, bias: bool = True):
        super().__init__(inner, outer, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        if takes(x, self.weight):
            return convolve(x, self.weight, self.bias)
        return super().forward(x)
