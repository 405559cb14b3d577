"""The adversarial term of our decoders: a small patch critic, hinge losses, balanced gradients.

Pixel losses alone blur: an average of the sharp pictures that fit a latent is a soft one. The
critic tells crops of photographs from decoded ones, patch by patch (its scores see about 50
pixels), and the decoder is pulled towards what it cannot tell apart. It is trained from scratch
and never shipped.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchCritic(nn.Module):
    """Pictures [B,3,H,W] in [0,1] -> a score per patch [B,1,H/8,W/8]; photographs score high.

    Spectral norms keep its slope bounded (Miyato et al. 2018), so it needs no gradient penalty.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        plan = [
            (12, width, 3, 1),
            (width, 2 * width, 4, 2),
            (2 * width, 4 * width, 4, 2),
            (4 * width, 4 * width, 3, 1),
            (4 * width, 1, 3, 1),
        ]
        self.convs = nn.ModuleList(
            spectral_norm(nn.Conv2d(inner, outer, kernel, stride, padding=1))
            for inner, outer, kernel, stride in plan
        )

    def forward(self, image: Tensor) -> Tensor:
        x = F.pixel_unshuffle(image * 2 - 1, 2)
        for conv in self.convs[:-1]:
            x = F.leaky_relu(conv(x), 0.2)
        return self.convs[-1](x)


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the critic's scores."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def fool_loss(fake: Tensor) -> Tensor:
    """What the decoder lowers: minus the critic's mean score."""
    return -fake.mean()


def balanced_pull(image: Tensor, steady: Tensor, adversarial: Tensor, share: float) -> Tensor:
    """Gradient of `steady` to the image, plus that of `adversarial` at `share` of its length.

    Both losses are functions of `image` (a leaf that requires a gradient). VQGAN (Esser et al.
    2021) balances at the decoder's last layer; at the picture it costs no second backward pass.
    """
    (pull,) = torch.autograd.grad(steady, image)
    (push,) = torch.autograd.grad(adversarial, image)
    return pull + push * (share * pull.norm() / (push.norm() + 1e-12))
