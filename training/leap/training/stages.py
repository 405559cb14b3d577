"""LUA's curriculum: what each stage compares, with which weights, for how long.

Stages `latent`, `mixed` and `pixel` are the paper's I, II and III. `imitate` is ours: the target is
encode(bicubic_up(decode(z))), a function of the input, so a plain latent loss can reach it and no
decoder runs in the loop.
"""

from dataclasses import dataclass, field

from leap.loss.losses import eagle_weight
from leap.training.trainer import Schedule

JOINT_SHARE = 0.6
"""Share of a stage in which both heads learn each step (75k of the published 125k); one after."""

GPU_MINUTES = 11.0
"""Length of the `gpu` preset if no other is asked for."""

GPU_SHARES = {"imitate": 0.12, "pixel": 0.55, "sharp": 0.33}
"""How the `gpu` preset divides its minutes."""


@dataclass
class Stage:
    """One stage.

    target: 'teacher' or 'hr', the latents compared; weights: of the loss terms, see
    `lua_losses.py`; window: side of the decoded window, latent positions at the high resolution;
    decoded: samples of a step that are decoded (0 = all).
    """

    name: str
    weights: dict[str, float]
    schedule: Schedule
    target: str = "hr"
    batch: int = 1  # per family and step
    window: int = 24
    decoded: int = 0
    joint: float = field(default=JOINT_SHARE)
    shares: dict[str, int] = field(default_factory=dict)  # of a family in the batch, else 1


LATENT = {"latent_l1": 1.0, "latent_fft": 0.1}
MIXED = {**LATENT, "downsample": 0.1, "high_frequency": 0.05}
PIXEL = {"pixel_l1": 10.0, "pixel_fft": 1.0, "eagle": 5e-5}


def published() -> list[Stage]:
    """Stages I, II and III with the paper's numbers (batch: about 2048, 32 and 32 over all)."""
    early = dict(lr=2e-4, steps=125_000, betas=(0.9, 0.995), clip=0.4, ema=0.999)
    return [
        Stage("latent", LATENT, Schedule(**early), batch=400, joint=JOINT_SHARE),
        Stage("mixed", MIXED, Schedule(**early), batch=6, window=64),
        Stage("pixel", PIXEL, Schedule(**{**early, "betas": (0.9, 0.99)}), batch=6, window=64),
    ]


def gpu() -> list[Stage]:
    """Minutes on one large GPU (experiments/journal.md has the reasons). Lengths are times, steps a
    limit.

    Imitation on latents alone; then the paper's stage III on whole crops, with stage II's
    downsampled L1 (colours) and a little latent L1 (so that the latents stay what other decoders
    know); then `sharp`, with the terms that bring detail back.
    """
    short = dict(steps=1_000_000, kind="cosine", clip=0.4, optimizer="muon", betas=(0.9, 0.99))
    whole = dict(batch=2, window=64, joint=0.0, shares={"sdxl": 2, "sd15": 2})
    eagle = eagle_weight(PIXEL["eagle"], 512)
    pixel = {**PIXEL, "eagle": eagle, "downsample": 5.0, "latent_l1": 0.2}
    sharp = {**pixel, "pixel_fft": 4.0, "eagle": 10 * eagle, "perceptual": 0.5}
    minutes = {k: GPU_MINUTES * v for k, v in GPU_SHARES.items()}
    return [
        Stage(
            "imitate",
            LATENT,
            Schedule(2e-3, warmup=100, ema=0.995, minutes=minutes["imitate"], **short),
            "teacher",
            batch=16,
            joint=0.0,
        ),
        Stage(
            "pixel",
            pixel,
            Schedule(1e-3, warmup=50, ema=0.998, minutes=minutes["pixel"], **short),
            **whole,
        ),
        Stage(
            "sharp",
            sharp,
            Schedule(5e-4, warmup=50, ema=0.998, minutes=minutes["sharp"], **short),
            **whole,
        ),
    ]


def cpu() -> list[Stage]:
    """Two CPU cores, three to four hours: imitation gives the start, the decoded losses the rest.

    Stage III on small windows, one head at a time, so that every family is in every step. Stage
    II's downsampled L1 stays in, and strong: it takes out the colour mottling of the four-channel
    families, which the pixel terms alone leave for long.
    """
    short = dict(kind="cosine", clip=0.4, ema=0.99, optimizer="muon")
    imitate = Schedule(2e-3, 1_200, warmup=100, betas=(0.9, 0.99), **short)
    pixel = Schedule(1e-3, 5_000, warmup=30, betas=(0.9, 0.99), **short)
    return [
        Stage("imitate", LATENT, imitate, "teacher"),
        Stage(
            "pixel",
            {**PIXEL, "downsample": 5.0},
            pixel,
            window=16,
            joint=0.0,
            shares={"sdxl": 2, "sd15": 2},
        ),
    ]


PRESETS = {"cpu": cpu, "gpu": gpu, "published": published}
