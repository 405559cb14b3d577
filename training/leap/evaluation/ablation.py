"""The variants of the ablation: one table, stages from a common budget, a tiny LUA.

Budgets count decoded steps of one core's time: a step on latents alone costs less and so a stage
of them gets more steps (STEPS_PER_UNIT). Every variant spends the same, but for the single-scale
ones, which spend half each: as many updates of their head as the joint model gives it. The rows
called `shape` change one number of the network and take all three stages.
"""

from dataclasses import dataclass, field, replace

from leap.networks.lua import LuaConfig
from leap.training.stages import LATENT, MIXED, PIXEL, Stage
from leap.training.trainer import Schedule

TINY = LuaConfig(
    embed_dim=48,
    depths=(2,) * 4,
    num_heads=(3,) * 4,
    window_size=8,
    head_width=48,
    skip="bicubic",
    refine=1,
    residual_bound=4.0,
)

WINDOW = 16
"""Side of the decoded window, latent positions (128 pixels)."""

STEPS_PER_UNIT = {"imitate": 2.0, "latent": 2.0, "mixed": 0.9, "pixel": 1.0}
"""Steps of a stage that take as long as one of stage III (measured on one CPU thread)."""

TERMS = {"imitate": LATENT, "latent": LATENT, "mixed": MIXED, "pixel": PIXEL}
SHARE = {"imitate": 1.0, "latent": 1.0, "mixed": 1.0, "pixel": 2.0}
"""How a budget is split among a variant's stages: the decoded stage counts double."""


@dataclass(frozen=True)
class Variant:
    """One row: `stages` in order, `change` of the last stage's weights, `note` for the reader."""

    name: str
    stages: tuple[str, ...] = ("latent", "mixed", "pixel")
    config: LuaConfig = TINY
    seed: int = 0
    budget: float = 1.0
    change: dict[str, float] = field(default_factory=dict)


VARIANTS = (
    Variant("I + II + III"),
    Variant("I only", ("latent",)),
    Variant("III only", ("pixel",)),
    Variant("imitation + III", ("imitate", "pixel")),
    Variant("I + II + III, second seed", seed=1),
    Variant("I + II + III, LIIF head", config=replace(TINY, upsampler="liif", head_width=96)),
    Variant("I + II + III, x2 only", config=replace(TINY, scales=(2,)), budget=0.5),
    Variant("I + II + III, x4 only", config=replace(TINY, scales=(4,)), budget=0.5),
    Variant("II + III", ("mixed", "pixel")),
    Variant("I + II", ("latent", "mixed")),
    Variant("I + III", ("latent", "pixel")),
    Variant("I + II + III, FFT x 4 in III", change={"pixel_fft": 4.0}),
    Variant("I + II + III, no FFT in III", change={"pixel_fft": 0.0}),
    Variant("I + II + III, EAGLE x 100", change={"eagle": 5e-3}),
    Variant("I + II + III, no EAGLE", change={"eagle": 0.0}),
    Variant("imitation only", ("imitate",)),
    Variant("II only", ("mixed",)),
    Variant("shape: no skip", config=replace(TINY, skip="none")),
    Variant("shape: refine 0", config=replace(TINY, refine=0)),
    Variant("shape: window 4", config=replace(TINY, window_size=4)),
    Variant("shape: embed 32", config=replace(TINY, embed_dim=32, num_heads=(2,) * 4)),
    Variant("shape: embed 64", config=replace(TINY, embed_dim=64, num_heads=(4,) * 4)),
    Variant("shape: 2 groups", config=replace(TINY, depths=(2,) * 2, num_heads=(3,) * 2)),
    Variant("shape: 6 groups", config=replace(TINY, depths=(2,) * 6, num_heads=(3,) * 6)),
    Variant("shape: window 16", config=replace(TINY, window_size=16)),
)


def plan(variant: Variant, units: float) -> list[Stage]:
    """The variant's stages for a budget of `units` decoded steps."""
    whole = sum(SHARE[s] for s in variant.stages)
    out = []
    for name in variant.stages:
        part = units * variant.budget * SHARE[name] / whole
        schedule = Schedule(
            2e-3 if name in ("imitate", "latent") else 1e-3,
            max(1, round(part * STEPS_PER_UNIT[name])),
            warmup=20,
            kind="cosine",
            betas=(0.9, 0.99),
            ema=0.98,
            optimizer="muon",
        )
        weights = dict(TERMS[name])
        if name == "pixel":
            weights |= variant.change
        target = "teacher" if name == "imitate" else "hr"
        batch = 4 if name in ("imitate", "latent") else 2
        out.append(Stage(name, weights, schedule, target, batch, WINDOW, joint=0.0))
    return out
