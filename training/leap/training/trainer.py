"""What every training shares: optimizer, schedule, clipping, EMA, logs, checkpoints to the step.

All randomness of a step comes from `step_rng(seed, step)`, so a resumed run draws what the
uninterrupted one would have drawn: the step number is the data position.
"""

import csv
import math
import time
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from leap.training.muon import Muon
from leap.whole_files import save_state_whole

SAVE_EVERY = 100
"""Steps between saved states."""

SAVE_SECONDS = 15
"""The same on a GPU, in time: a whole phase there may last a minute."""


@dataclass
class Schedule:
    """Learning rate over `steps`: linear warm-up, then the published halvings or a cosine."""

    lr: float = 2e-4
    steps: int = 125_000
    warmup: int = 0
    kind: str = "multistep"  # halved at 50, 75 and 90 % of the steps; or "cosine", to a hundredth
    betas: tuple[float, float] = (0.9, 0.995)
    clip: float = 0.4
    ema: float = 0.999
    optimizer: str = "adam"  # as published; or "muon"
    minutes: float | None = None  # of training time: then `steps` is only an upper limit
    paces: dict[str, float] = field(default_factory=dict)  # with Muon: see `parameter_groups`

    def progress(self, step: int, seconds: float) -> float:
        """Share of the schedule that is behind: of its steps, or of its time if it has one."""
        if self.minutes is None:
            return step / max(self.steps, 1)
        return max(step / self.steps, seconds / (60 * self.minutes))

    def at(self, step: int, seconds: float = 0.0) -> float:
        """Learning rate of `step` (0-based) after `seconds` of training."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        progress = self.progress(step, seconds)
        if self.kind == "cosine":
            return self.lr * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(progress, 1))))
        return self.lr * 0.5 ** sum(progress >= p for p in (0.5, 0.75, 0.9))


def own_schedule(
    lr: float, steps: int, ema: float, warmup: int = 100, minutes: float | None = None
) -> Schedule:
    """What our own networks are trained with: Muon, a cosine, gradients clipped at 1."""
    return Schedule(
        lr=lr,
        steps=steps,
        warmup=warmup,
        kind="cosine",
        optimizer="muon",
        betas=(0.9, 0.99),
        clip=1.0,
        ema=ema,
        minutes=minutes,
    )


@dataclass
class RunOptions:
    """Options of every run.

    start: a state whose averaged weights begin it; deadline: `time.monotonic()` to stop at.
    """

    cache: Path
    out: Path
    _: KW_ONLY
    start: Path | None = None
    seed: int = 0
    device: str = "cpu"
    deadline: float | None = None
    compile: bool = False
    log_every: int = 50
    val_every: int = 500


class Paused(Exception):
    """The run saved its state and stopped at its deadline; the same command goes on."""


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The generator of one step's draws."""
    return np.random.default_rng([seed, step])


def build_optimizer(model: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    """The schedule's optimizer over all parameters, no weight decay."""
    if schedule.optimizer == "muon":
        return Muon(model, schedule.lr, schedule.betas, paces=schedule.paces)
    return torch.optim.Adam(model.parameters(), schedule.lr, schedule.betas)


class Trainer:
    """One training run in `folder`: state.pt (everything to resume), log.csv.

    Nothing in `update` waits for the device: terms stay tensors until `log`. `deadline` is a
    `time.monotonic()` after which `save_sometimes` saves and raises Paused. `followers` are
    trainers of what learns beside the model, saved whenever it is.
    """

    def __init__(
        self,
        model: nn.Module,
        schedule: Schedule,
        folder: Path,
        name: str,
        deadline: float | None = None,
    ):
        self.model, self.schedule, self.name = model, schedule, name
        self.deadline = deadline
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.optimizer = build_optimizer(model, schedule)
        self.ema = {k: v.detach().clone().float() for k, v in model.state_dict().items()}
        self.step = 0
        self.seconds = 0.0
        self.sums: dict[str, list[Tensor | float]] = {}
        self.clock = self.saved = time.monotonic()
        self.followers: list[Trainer] = []

    @property
    def state_path(self) -> Path:
        """Where the run's resumable state lives."""
        return self.folder / f"{self.name}.state.pt"

    def resume(self) -> bool:
        """Loads the state if there is one; true if it did."""
        if not self.state_path.exists():
            return False
        state = torch.load(self.state_path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        if state.get("kind", "adam") == self.schedule.optimizer and "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        device = next(self.model.parameters()).device
        self.ema = {k: v.to(device) for k, v in state["ema"].items()}
        self.step, self.seconds = state["step"], state["seconds"]
        self.clock = time.monotonic()
        return True

    @property
    def finished(self) -> bool:
        """Whether the schedule's steps or minutes are over."""
        return self.step > 0 and self.schedule.progress(self.step, self.elapsed()) >= 1

    def elapsed(self) -> float:
        """Seconds of training, those of earlier processes included."""
        return self.seconds + time.monotonic() - self.clock

    def save(self) -> None:
        """Writes the state whole or not at all, after those of its followers."""
        for follower in self.followers:
            follower.save()
        now = time.monotonic()
        self.seconds, self.clock = self.seconds + now - self.clock, now
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "kind": self.schedule.optimizer,
            "ema": self.ema,
            "step": self.step,
            "seconds": self.seconds,
        }
        save_state_whole(state, self.state_path)
        self.saved = now

    def save_sometimes(self) -> bool:
        """Saves every SAVE_EVERY steps (on a GPU every SAVE_SECONDS, as its steps are short), at
        the deadline, and at the end of the schedule: true then.

        Raises Paused after the save at the deadline.
        """
        done = self.finished
        late = self.deadline is not None and time.monotonic() > self.deadline
        on_gpu = next(self.model.parameters()).is_cuda
        due = (
            time.monotonic() - self.saved >= SAVE_SECONDS if on_gpu else self.step % SAVE_EVERY == 0
        )
        if done or late or due:
            self.save()
        if late and not done:
            raise Paused(f"{self.name} at step {self.step}")
        return done

    def update(self, loss: Tensor, terms: dict[str, Tensor]) -> None:
        """One optimizer step: clip, step, EMA; a non-finite gradient counts as zero."""
        rate = self.schedule.at(self.step, self.elapsed())
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("pace", 1.0)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.schedule.clip)
        for p in self.model.parameters():  # clipping by inf or NaN left NaN in them
            if p.grad is not None:
                p.grad.nan_to_num_(0.0, 0.0, 0.0)
        self.optimizer.step()
        self.step += 1
        self._update_ema()
        for key, value in {"loss": loss, **terms, "norm": norm}.items():
            self.sums.setdefault(key, []).append(value.detach())

    @torch.no_grad()
    def _update_ema(self) -> None:
        decay = min(self.schedule.ema, (1 + self.step) / (10 + self.step))
        state = self.model.state_dict()
        averages = [self.ema[key] for key in state]
        torch._foreach_lerp_(averages, [v.float() for v in state.values()], 1 - decay)

    def log(self) -> str:
        """Appends the means since the last call to log.csv; returns them as a line."""
        now = time.monotonic()
        self.seconds += now - self.clock
        self.clock = now
        row = {k: sum(float(x) for x in v) / len(v) for k, v in self.sums.items()}
        self.sums = {}
        with open(self.folder / f"{self.name}.log.csv", "a", newline="") as file:
            writer = csv.writer(file)
            for key, value in row.items():
                writer.writerow([self.step, f"{self.seconds:.0f}", key, f"{value:.6g}"])
        text = " ".join(f"{k} {v:.4f}" for k, v in row.items())
        return f"{self.name} step {self.step} {self.seconds:.0f} s: {text}"


def read_ema(path: Path | str) -> dict[str, Tensor]:
    """The averaged weights of a run's state."""
    return torch.load(path, map_location="cpu", weights_only=True)["ema"]


def load_ema(model: nn.Module, path: Path | str) -> nn.Module:
    """The run's averaged weights into `model`, which is returned."""
    model.load_state_dict(read_ema(path))
    return model
