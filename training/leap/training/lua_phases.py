"""The phases of our LUA's training, and what a GPU changes in them."""

from dataclasses import dataclass, field

from leap.data.lua_windows import DECODED
from leap.training.decoder_phases import ACCURATE, SHARP
from leap.training.trainer import Schedule, own_schedule

ENERGY_EMPHASIS = {
    2: {"flux1": 1, "sd3": 1, "sdxl": 0.8, "sd15": 0.8, "flux2": 0.6},
    4: {"flux1": 1.5, "sd3": 1.5, "sdxl": 1.5, "sd15": 1.5, "flux2": 0.8},
}
"""Factors of the energy term by LUA's factor and the family. At x2 what is asked beyond these comes
from waves under 4 pixels, of which the latents tell next to nothing: it costs PSNR and distance. At
x4 SDXL came to a weave with 2. From FLUX.2's latents, which tell so much, detail comes without
being asked (experiments/journal.md)."""

SEEN = {"seen": 0.45, "met": 0.05}
"""Weights of `seen_terms`, a pair's. With .45 in the place of .15, and more of the perceptual term
in train_pair.py, SDXL's distance got smaller at the same PSNR (experiments/journal.md)."""


@dataclass
class LuaPhase:
    """One phase.

    name: of its state; weights: of the loss terms on the picture that our decoder makes; batch:
    windows of a step, shared by the families of the trunk; perceptual_images: how many of them the
    perceptual term looks at; foreign_every: one step in so many looks through TAESD, at
    `foreign_side` positions a side; latent: weight of the latent L1 in those steps.

    fresh: share of the steps of a scale whose crops are made anew, if the run has an encoder.

    TAESD's decoder for FLUX.2, the family with a tone, pools over what it is given and cannot show
    windows. So one step in `anchor_every` is anchored there: through our decoder, with a latent L1
    of weight `anchor`. A tone takes away the scale of what it is given. With nothing to hold them,
    LUA's outputs grew to 1.4 times that of real latents, and x2 got worse.
    """

    name: str
    schedule: Schedule
    weights: dict[str, float]
    batch: int = 4
    perceptual_images: int = 2
    decoded: int = DECODED
    foreign_every: int = 8
    foreign_side: int = 20
    latent: float = 0.05
    anchor_every: int = 2
    anchor: float = 0.2
    quarter: float = 0.5  # share of steps that enlarge by 4
    fresh: dict[int, float] = field(default_factory=lambda: {2: 0.5, 4: 1.0})

    def windows_each(self, families: list[str]) -> int:
        """Windows of a step for each family."""
        return max(1, self.batch // len(families))


def lua_phase(name: str, preset: str) -> LuaPhase:
    """`accurate`: log of each window's mean square error, and means of cells; `sharp`, from its
    end: also the decoder's perceptual, energy and grid terms; `pair`: those of `sharp`, while the
    decoder learns, too."""
    gpu = preset != "cpu"
    rate = {"accurate": 1e-3, "sharp": 7e-4, "pair": 2.5e-4}[name]
    schedule = own_schedule(rate, 1_000_000, 0.998, warmup=50, minutes=60)
    weights = {"accurate": ACCURATE, "sharp": SHARP, "pair": SHARP | SEEN}[name]
    batch = 32 if gpu else 4
    state = name if name == "pair" else f"lua-{name}"
    return LuaPhase(state, schedule, dict(weights), batch, batch // 2)
