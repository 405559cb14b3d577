"""A LIIF-style head (Chen et al. 2021), for the ablation only: any scale by querying coordinates.

Each position of the enlarged latent asks its four nearest trunk positions; each answers through an
MLP that sees its 3x3 features, where the query lies from it, and how large a query cell is; the
answers are blended by area. The first layer is linear, so its part over the unfolded 3x3 features
is a convolution, done once per trunk position instead of once per query.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


class LiifHead(nn.Module):
    """[B,embed,h,w] -> [B,width,s*h,s*w]; the caller's 1x1 `conv_last` is the MLP's last layer."""

    def __init__(self, embed: int, width: int, hidden_layers: int = 2):
        super().__init__()
        self.features = nn.Conv2d(embed, width, 3, padding=1)
        self.place = nn.Linear(3, width, bias=False)  # (dy, dx, cell), in trunk positions
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(hidden_layers))

    def forward(self, features: Tensor, scale: int) -> Tensor:
        f = self.features(features).permute(0, 2, 3, 1)
        rows, columns = (corner_axes(n, scale, f.device) for n in f.shape[1:3])
        blended = 0
        for i, j in CORNERS:
            (y, dy, wy), (x, dx, wx) = rows[i], columns[j]
            offset = torch.stack(
                [
                    dy[:, None].expand(-1, len(dx)),
                    dx[None].expand(len(dy), -1),
                    torch.full((len(dy), len(dx)), 1 / scale, device=f.device),
                ],
                -1,
            )
            h = F.relu(f[:, y][:, :, x] + self.place(offset.to(self.place.weight.dtype)))
            for layer in self.hidden:
                h = F.relu(layer(h))
            blended = blended + h * (wy[:, None] * wx[None])[..., None]
        return blended.permute(0, 3, 1, 2)


def corner_axes(n: int, scale: int, device: torch.device) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Along one axis of n positions, for the lower and the upper neighbour of each of the n*scale
    queries: (its index, the query's offset from it, its share of the blend)."""
    at = (torch.arange(n * scale, device=device) + 0.5) / scale - 0.5
    low = at.floor()
    out = []
    for k, share in ((low, 1 - (at - low)), (low + 1, at - low)):
        index = k.clamp(0, n - 1)
        out.append((index.long(), at - index, share))
    return out
