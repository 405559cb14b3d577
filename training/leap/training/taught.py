"""What TAESD's decoder sees in a latent, as a target of perceptual terms and of errors.

Detail of a photograph is partly lost in its latent, and a perceptual term that asks for it teaches
the mean of what it may have been. TAESD's decode of the same latent is a function of that latent,
and nearer to the photograph than ours by the distance. From SD 1.5's decoder it brought in 456
steps what the photograph as target brought in 1,170; half of the error's weight on it brought
SDXL's what no weight of other terms did (experiments/journal.md). Not for families with a tone:
TAESD's decoder for FLUX.2 pools over what it is given, so it cannot show windows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from leap.data.lua_windows import LuaWindows
from leap.families import STRIDE
from leap.loss.losses import log_mse
from leap.loss.lua_losses import Decode
from leap.training.train_decoder import Look


@torch.no_grad()
def decode_taught(foreign: Decode, latents: dict[str, Tensor]) -> Tensor:
    """TAESD's decodes of latents {family: [B,C,h,w]}, in [0,1], all in one: [N,3,8h,8w]."""
    return torch.cat([foreign(f, z).float().clamp(0, 1) for f, z in latents.items()])


def seen_terms(
    foreign: Decode, windows: LuaWindows, image: Tensor, look: Look
) -> dict[str, Tensor]:
    """Of LUA's judged pictures [N,3,H,W], shrunk by its factor, to what TAESD sees at the same
    places of the small latents: the perceptual distance `seen`, and `met`, the log of the mean
    square error. LUA is to make no less of them."""
    side, scale = windows.judged * STRIDE // windows.scale, windows.scale
    cuts = [c for those in windows.cuts.values() for c in those]
    parts = []
    for picture, cut in zip(decode_taught(foreign, windows.lows), cuts, strict=True):
        y, x = (at * STRIDE // scale for at in (cut.y + cut.inner_y, cut.x + cut.inner_x))
        parts.append(picture[:, y : y + side, x : x + side])
    small = F.interpolate(image, (side, side), mode="bicubic", antialias=True)
    met = torch.stack(parts)
    return {"seen": look.perceive(small, met), "met": log_mse(small, met)}
