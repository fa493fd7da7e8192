"""How large does the share of a setting come out that has no part in the scores? fANOVA explains chance, too.

    python -m benchmarks.search_importance [--repetitions 100] [--json PATH]

Trials are drawn at random from spaces of 2 to 11 settings (numbers and choices in turn), with 8 and 16 trials a
setting. Their scores are random; or half of their variance comes from the first setting. It is noted how large the
largest share is in 95 of 100 draws with random scores, against the bound that a search takes, and how often the first
setting is above the bound where it matters.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from layerlab.tuning.search.proposals.sampler import silent_optuna
from layerlab.tuning.search.proposals.what_mattered import chance_share, explained_shares

SETTINGS = (2, 3, 4, 5, 6, 8, 11)
"""Numbers of settings that are tried."""

TRIALS_A_SETTING = (8, 16)
"""Trials a setting that are tried."""


def drawn(settings: int, trials: int, random: np.random.RandomState, matters: bool) -> list[Any]:
    """Trials with random settings; their values are random, or by half the first setting's."""
    kinds = optuna.distributions
    cycle = [
        kinds.FloatDistribution(1e-3, 1.0, log=True),
        kinds.CategoricalDistribution(("a", "b", "c")),
        kinds.CategoricalDistribution(("a", "b")),
        kinds.IntDistribution(4, 128, log=True),
    ]
    space = {f"x{i}": cycle[i % len(cycle)] for i in range(settings)}
    params = [{name: _drawn_value(one, random) for name, one in space.items()} for _ in range(trials)]
    scores = random.randn(trials)
    if matters:
        bent = np.abs(np.log10([one["x0"] for one in params]) + 1.5)
        scores += (bent - bent.mean()) / bent.std()
    complete = optuna.trial.TrialState.COMPLETE
    return [
        optuna.trial.create_trial(state=complete, value=float(score), params=own, distributions=space)
        for own, score in zip(params, scores, strict=True)
    ]


def _drawn_value(one: Any, random: np.random.RandomState) -> Any:
    if isinstance(one, optuna.distributions.CategoricalDistribution):
        return one.choices[random.randint(len(one.choices))]
    value = float(np.exp(random.uniform(np.log(one.low), np.log(one.high))))
    return value if isinstance(one, optuna.distributions.FloatDistribution) else round(value)


def measured(settings: int, each: int, repetitions: int) -> dict[str, float]:
    """The shares over many draws with so many settings and trials a setting."""
    names = [f"x{i}" for i in range(settings)]
    largest, found = [], []
    for repetition in range(repetitions):
        random = np.random.RandomState([repetition, settings, each])
        largest.append(max(explained_shares(drawn(settings, settings * each, random, False), names).values()))
        found.append(explained_shares(drawn(settings, settings * each, random, True), names)["x0"])
    bound = chance_share(settings)
    return {
        "settings": settings,
        "trials": settings * each,
        "largest of random scores, median": float(np.median(largest)),
        "largest of random scores, 95th percentile": float(np.quantile(largest, 0.95)),
        "bound": bound,
        "random scores above it": float(np.mean(np.array(largest) > bound)),
        "half of the variance found": float(np.mean(np.array(found) > bound)),
    }


def main() -> None:
    """Measure, print a line for each case, and write all of them as JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    with silent_optuna():
        for settings in SETTINGS:
            for each in TRIALS_A_SETTING:
                rows.append(measured(settings, each, given.repetitions))
                print(", ".join(f"{name} {value:.3g}" for name, value in rows[-1].items()), flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
