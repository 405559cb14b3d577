"""LUA's curriculum: what each stage compares, with which weights, for how long.

Stages `latent`, `mixed` and `pixel` are the paper's I, II and III. `imitate` is ours: the target is
encode(bicubic_up(decode(z))), a function of the input, so a plain latent loss can reach it and no
decoder runs in the loop.
"""

from dataclasses import dataclass, field

from leap.trainer import Schedule

JOINT_SHARE = 0.6
"""Share of a stage in which both heads learn each step (75k of the published 125k); one after."""


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
    """Minutes on one large GPU: fewer steps at a higher rate, the rest as published."""
    short = dict(warmup=500, kind="cosine", clip=0.4, ema=0.999)
    return [
        Stage("imitate", LATENT, Schedule(1e-3, 20_000, betas=(0.9, 0.99), **short), "teacher", 8),
        Stage("latent", LATENT, Schedule(3e-4, 2_000, betas=(0.9, 0.995), **short), batch=8),
        Stage("mixed", MIXED, Schedule(3e-4, 2_000, betas=(0.9, 0.995), **short), batch=4),
        Stage(
            "pixel", PIXEL, Schedule(3e-4, 10_000, betas=(0.9, 0.99), **short), batch=4, window=32
        ),
    ]


def cpu() -> list[Stage]:
    """Two CPU cores and two hours: imitation gives the start, the decoded losses the rest.

    Stage III on small windows, one head at a time, so that every family is in every step. Stage
    II's downsampled L1 stays in, and strong: it takes out the colour mottling of the four-channel
    families, which the pixel terms alone leave for long.
    """
    short = dict(kind="cosine", clip=0.4, ema=0.99, optimizer="muon")
    imitate = Schedule(2e-3, 1_200, warmup=100, betas=(0.9, 0.99), **short)
    pixel = Schedule(1e-3, 1_200, warmup=30, betas=(0.9, 0.99), **short)
    return [
        Stage("imitate", LATENT, imitate, "teacher"),
        Stage(
            "pixel", {**PIXEL, "downsample": 5.0}, pixel, window=16, joint=0.0, shares={"sdxl": 3}
        ),
    ]


PRESETS = {"cpu": cpu, "gpu": gpu, "published": published}
