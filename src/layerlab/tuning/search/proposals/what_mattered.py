"""What the trials' scores depend on: the share of each setting, if there are enough trials to show more than chance.

The share of a setting is the share of the variance of the trials' ranks that it explains alone, by a forest of
regression trees. (This is fANOVA, Hutter, Hoos & Leyton-Brown 2014, as Optuna computes it.) Ranks are used so that no
single cost outweighs all others. Such a forest also explains chance, and more of it if there are few trials or few
settings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .sampler import WORST, silent_optuna, study_in

TRIALS_A_SETTING = 8
"""How many trials for each setting are needed to say what mattered."""


def chance_share(settings: int) -> float:
    """Return the limit below which the largest share stays in about 95 % of searches with random scores.

    It is 1.2 / √settings, from simulations with 8 and with 16 trials per setting (``benchmarks/search_importance.md``).

    Args:
        settings: how many there are, at least 2.
    """
    return 1.2 / math.sqrt(settings)


class WhatMattered(NamedTuple):
    """Which settings the trials' scores depend on.

    Attributes:
        shares: the share of each setting that explains more than chance would, the largest first. It is empty if there
            is no such setting, or if there are too few trials.
        trials: number of trials with a score.
        settings: number of settings that all trials have, with several values.
        wanted: number of trials that are needed to say what mattered.
        chance: the share that random scores would give.
    """

    shares: dict[str, float]
    trials: int
    settings: int
    wanted: int
    chance: float


def what_mattered(journal: Path) -> WhatMattered | None:
    """Return which settings the scores of the trials in a journal depend on.

    The result is None if fewer than two settings vary, or if all scores are the same.

    Args:
        journal: Optuna's journal.
    """
    with silent_optuna():
        ended = [
            one for one in study_in(journal).get_trials(deepcopy=False) if one.value is not None and one.value < WORST
        ]
        names = _shared(ended)
        if len(names) < 2 or len({one.value for one in ended}) < 2:
            return None
        n, d = len(ended), len(names)
        found = WhatMattered({}, n, d, TRIALS_A_SETTING * d, chance_share(d))
        if n < found.wanted:
            return found
        shares = explained_shares(ended, names)
        return found._replace(shares={name: share for name, share in shares.items() if share > found.chance})


def explained_shares(trials: Sequence[Any], names: Sequence[str]) -> dict[str, float]:
    """Return the share of the variance of the trials' ranks that each setting explains alone, the largest first.

    Args:
        trials: trials of Optuna, each with a value.
        names: names of settings that all trials have.
    """
    import optuna

    copy, complete = optuna.create_study(), optuna.trial.TrialState.COMPLETE
    copy.add_trials(
        [
            optuna.trial.create_trial(
                state=complete, value=float(rank), params=one.params, distributions=one.distributions
            )
            for rank, one in enumerate(sorted(trials, key=_value))
        ]
    )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    shares = optuna.importance.get_param_importances(copy, evaluator=evaluator, params=list(names), normalize=False)
    return {name: float(share) for name, share in shares.items() if math.isfinite(share)}


def _value(trial: Any) -> float:
    return float(trial.value)


def _shared(trials: Sequence[Any]) -> list[str]:
    """Dimensions that all trials have and of which they have several values."""
    counts: dict[str, set[Any]] = {}
    for trial in trials:
        for name, value in trial.params.items():
            counts.setdefault(name, set()).add(value)
    return [
        name for name, values in counts.items() if len(values) > 1 and all(name in trial.params for trial in trials)
    ]
