"""Propose what to try next, a batch of trials at a time: Optuna's sampler learns from the trials in its journal.

A batch depends only on the space, the seed, the batch's number and the trials of the earlier batches. So a search
proposes the same trials whether it was interrupted or not, and however many processes work on it. The method is TPE, as
Optuna implements it. Source: Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for hyper-parameter optimization".
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .candidate import Candidate
from .space import Space, propose_values

if TYPE_CHECKING:
    import optuna

STUDY = "layerlab"
"""Name of Optuna's study in the journal."""

RANDOM = 40
"""How many trials are chosen at random before the sampler learns from them; at least the first batch."""

WORST = 1e300
"""The score that the sampler gets for a trial whose score is not finite, so that it avoids such trials."""


class EndedTrial(NamedTuple):
    """A trial that has ended.

    Attributes:
        candidate: what was tried.
        scores: by number of iterations, its (1 + B,) scores at each rung that it came to; lower is better. The first is
            on all held-out examples, and the sampler gets nothing else.
        pruned: whether halving ended it before its last iteration.
        failed: why it could not be trained at all, or "".
        passed: (1 + B,) number of rungs at which each decision kept it.
    """

    candidate: Candidate
    scores: dict[int, Floats]
    pruned: bool
    failed: str = ""
    passed: NDArray[np.int64] = np.zeros(1, np.int64)


def propose_batch(space: Space, seed: int, batch: int, first: int, size: int, journal: Path) -> list[Candidate]:
    """Propose the trials of a batch.

    Args:
        space: what may be tried.
        seed: the seed of the search.
        batch: number of the batch, from 0.
        first: number of its first trial.
        size: how many trials.
        journal: Optuna's journal, with all trials of the batches before.
    """
    import optuna

    with silent_optuna():
        own = int(np.random.SeedSequence([seed, batch]).generate_state(1)[0])
        sampler = optuna.samplers.TPESampler(seed=own, n_startup_trials=max(RANDOM, size))
        study = optuna.create_study(sampler=sampler)
        study.add_trials(study_in(journal).get_trials(deepcopy=False)[:first])
        return [Candidate(first + i, propose_values(space, study.ask())) for i in range(size)]


def recorded_trials(journal: Path) -> int:
    """Return the number of trials that the journal holds."""
    with silent_optuna():
        return len(study_in(journal).get_trials(deepcopy=False)) if journal.exists() else 0


def record_trials(space: Space, journal: Path, trials: Sequence[EndedTrial]) -> None:
    """Add ended trials to the journal in the order of their numbers; those that it holds already are left out."""
    import optuna

    with silent_optuna():
        study = study_in(journal)
        known = len(study.get_trials(deepcopy=False))
        for one in sorted(trials, key=lambda one: one.candidate.number):
            if one.candidate.number >= known:
                study.add_trial(_frozen(space, one, optuna))


def _frozen(space: Space, one: EndedTrial, optuna: Any) -> Any:
    """Return the trial as Optuna keeps it: its values, and the distribution of each that could have been another."""
    probe = _Distributions(one.candidate.values, optuna)
    propose_values(space, probe)  # asks for the same dimensions again, and so finds out their distributions
    scores = {step: float(row[0]) if math.isfinite(row[0]) else WORST for step, row in one.scores.items()}
    states = optuna.trial.TrialState
    state = states.FAIL if one.failed else states.PRUNED if one.pruned else states.COMPLETE
    return optuna.trial.create_trial(
        state=state,
        value=None if one.failed else scores[max(scores)],
        params={name: one.candidate.values[name] for name in probe.found},
        distributions=probe.found,
        intermediate_values=scores,
        user_attrs={"layers": list(one.candidate.layers), **({"failed": one.failed} if one.failed else {})},
    )


class _Distributions:
    """Replaces Optuna's trial: it returns a trial's values, and notes from which distribution each was chosen."""

    def __init__(self, values: Any, optuna: Any) -> None:
        self.values, self.kinds, self.found = values, optuna.distributions, dict[str, Any]()

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> Any:
        self.found[name] = self.kinds.FloatDistribution(low, high, log=log)
        return self.values[name]

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> Any:
        self.found[name] = self.kinds.IntDistribution(low, high, log=log)
        return self.values[name]

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self.found[name] = self.kinds.CategoricalDistribution(choices)
        return self.values[name]


def study_in(journal: Path) -> optuna.Study:
    """Open Optuna's study in the journal; it is begun if there is none."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    lock = JournalFileOpenLock(str(journal))
    try:
        storage = JournalStorage(JournalFileBackend(str(journal), lock_obj=lock))
        if storage.get_all_studies():  # creating it once more would write a line
            return optuna.load_study(storage=storage, study_name=STUDY)
        return optuna.create_study(storage=storage, study_name=STUDY, load_if_exists=True)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise InputError(
            f"{journal}: is damaged ({error}); remove it, and it is written anew from the results"
        ) from error


@contextmanager
def silent_optuna() -> Iterator[None]:
    """Silence Optuna's own messages, which would appear between ours."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
