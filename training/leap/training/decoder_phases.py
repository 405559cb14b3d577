"""The two phases of the decoder's training, and what a GPU changes in them."""

from dataclasses import dataclass, field

from leap.data.windows import WindowRule
from leap.training.trainer import Schedule, own_schedule


@dataclass
class DecoderPhase:
    """name: of its state; weights: of the loss terms; adversarial: length of the critic's gradient
    at the picture, relative to that of the other terms together; perceptual_images: how many
    pictures of a step the perceptual term looks at; small: share of steps on the crops at half or a
    quarter of their size; taught: weights where TAESD's decode is a target."""

    name: str
    windows: WindowRule
    schedule: Schedule
    weights: dict[str, float]
    adversarial: float = 0.0
    perceptual_images: int = 0
    small: float = 0.0
    taught: dict[str, float] = field(default_factory=dict)


ENERGY_EMPHASIS = {"flux2": 0.65}
"""Factors of the energy term: from latents that tell so much, detail comes without being asked."""

ACCURATE = {"log_mse": 0.1, "coarse": 1.0}

SHARP = ACCURATE | {
    "perceptual": 0.15,
    "energy": 0.045,
    "grid": 0.02,
    "phase": 0.3,
    "spectrum": 0.5,
}

TAUGHT = SHARP | {"log_mse": 0.05, "met": 0.05, "perceptual": 0.3, "energy": 0.02}
"""Where TAESD's decode, which can be met, is the target of the perceptual term and of half of the
error. With these, on windows of half of the pictures made smaller, SDXL's decoder gained what no
other weights brought (experiments/journal.md)."""

CPU_WINDOWS = 6
"""Windows of a step on a CPU, shared by the families of the trunk."""


def decoder_phase(name: str, preset: str, families: list[str]) -> DecoderPhase:
    """`plain`: accurate, so soft. `sharp`, from its end: perceptual and energy terms. `taught`,
    from any of these: TAESD's decode is a target, half of the pictures are small. On CPU few
    windows of 128 pixels, as more steps gain more than larger ones. No critic: it cost 0.8 dB for
    detail that the energy term gives (experiments/journal.md). families: those that share the
    trunk."""
    gpu = preset != "cpu"
    windows = WindowRule(
        batch=8 if gpu else max(1, CPU_WINDOWS // len(families)),
        crop=32 if gpu else 16,
        families=families,
    )
    schedule = own_schedule(1e-3 if name == "plain" else 7e-4, 20_000 if gpu else 12_000, 0.999)
    if name == "plain":
        return DecoderPhase("decoder", windows, schedule, ACCURATE)
    if name == "sharp":
        images = 16 if gpu else 3
        return DecoderPhase("decoder-sharp", windows, schedule, SHARP, perceptual_images=images)
    images = windows.batch * len(families)
    return DecoderPhase(
        *("decoder-taught", windows, schedule, SHARP),
        perceptual_images=images,
        small=0.5,
        taught=TAUGHT,
    )
