"""What TAESD's decoder sees in a latent, as a target of perceptual terms and of errors.

Detail of a photograph is partly lost in its latent, and a perceptual term that asks for it teaches
the mean of what it may have been. TAESD's decode of the same latent is a function of that latent,
and nearer to the photograph than ours by the distance. From SD 1.5's decoder it brought in 456
steps what the photograph as target brought in 1,170; half of the error's weight on it brought
SDXL's what no weight of other terms did (experiments/journal.md). TAESD's decoder for FLUX.2, the
family with a tone, pools over what it is given and cannot show windows: there it is given the
whole latent.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from leap.data.lua_windows import LuaWindows
from leap.data.windows import Windows
from leap.families import STRIDE
from leap.loss.losses import log_mse
from leap.loss.lua_losses import Decode
from leap.loss.picture_terms import Look


@torch.no_grad()
def decode_taught(foreign: Decode, latents: dict[str, Tensor]) -> Tensor:
    """TAESD's decodes of latents {family: [B,C,h,w]}, in [0,1], all in one: [N,3,8h,8w]."""
    return torch.cat([foreign(f, z).float().clamp(0, 1) for f, z in latents.items()])


def decode_wholes(foreign: Decode, windows: Windows) -> Tensor | None:
    """TAESD's decodes of own latents' windows: [N,3,8h,8w]. None where a toned family's windows are
    parts: to decode the whole of a large picture takes longer than the rest of a step."""
    whole = all(z.shape == windows.latents[f].shape for f, z in windows.wholes.items())
    return decode_taught(foreign, windows.latents) if whole else None


def seen_terms(
    foreign: Decode, windows: LuaWindows, image: Tensor, look: Look
) -> dict[str, Tensor]:
    """Of LUA's judged pictures [N,3,H,W], shrunk by its factor, to what TAESD sees at the same
    places of the small latents: the perceptual distance `seen`, and `met`, the log of the mean
    square error. LUA is to make no less of them."""
    side = windows.judged * STRIDE // windows.scale
    small = F.interpolate(image, (side, side), mode="bicubic", antialias=True)
    met = torch.cat([judged_parts(foreign, windows, f, side) for f in windows.lows])
    return {"seen": look.perceive(small, met), "met": log_mse(small, met)}


def judged_parts(foreign: Decode, windows: LuaWindows, family: str, side: int) -> Tensor:
    """What TAESD sees of the small latents at the judged places of a family's windows, `side`
    pixels each: [B,3,side,side]."""
    whole = windows.wholes.get(family)
    latents = windows.lows[family] if whole is None else whole
    pictures = decode_taught(foreign, {family: latents})
    parts = []
    for i, c in enumerate(windows.cuts[family]):
        picture = pictures[i % len(pictures)]  # one for each, or one for all
        top, left = (0, 0) if whole is None else (c.top * STRIDE, c.left * STRIDE)
        y, x = (at * STRIDE // windows.scale for at in (c.y + c.inner_y, c.x + c.inner_x))
        parts.append(picture[:, top + y :, left + x :][:, :side, :side])
    return torch.stack(parts)
