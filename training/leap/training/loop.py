"""The loop that every training runs: learn, log, save, and judge the averaged weights."""

from collections.abc import Callable, Sequence
from copy import deepcopy

from torch import nn

from leap.data.cache import Cache
from leap.training.trainer import RunOptions, Trainer

Judge = Callable[[nn.Module], dict[str, float]]
"""Numbers of a network, by the names under which they are logged."""


def train_to_end(
    trainer: Trainer,
    run: RunOptions,
    learn: Callable[[int], None],
    judge: Judge,
    growing: Sequence[Cache],
) -> None:
    """Calls `learn` with each step's number to the end of the schedule; it ends with
    `trainer.update`. growing: caches that are looked at again for new crops at every log.

    Raises Paused, after a save, where the run's deadline is over first.
    """
    done = trainer.finished
    while not done:
        learn(trainer.step)
        if trainer.step % run.log_every == 0:
            print(trainer.log(), flush=True)
            for cache in growing:
                cache.refresh()
        done = trainer.save_sometimes()
        if run.val_every and (trainer.step % run.val_every == 0 or done):
            report(trainer, judge)


def report(trainer: Trainer, judge: Judge) -> None:
    """Logs what `judge` says of the averaged weights."""
    averaged = deepcopy(trainer.model)
    averaged.load_state_dict(trainer.ema)
    trainer.sums |= {key: [value] for key, value in judge(averaged.eval()).items()}
    print(trainer.log(), flush=True)
