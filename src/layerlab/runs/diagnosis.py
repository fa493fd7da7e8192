"""What is wrong with a trained network, the likely cause, and what to change.

    seen = evidence_of(...)       what the run itself shows: costs, units, signal, features, schedule (``evidence``)
    suspects_of(seen)             the possible causes, in the order in which data flow through the network (``causes``)
    findings(seen, trial)         what is reported: the cause whose remedy was tried and helped

A direction ("smaller", "larger") is advised only if short trainings showed it (``training.remedies`` runs them), or if
the run itself shows it, for example because it diverged. Nothing is reported if the cost is near the lowest possible
one: less than the share ``MISSED`` of the way to the cost of a constant prediction. Then no setting could gain much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from layerlab.settings import OWN

from .all_optimizers import LBFGS
from .causes import Suspect, far_features, slowing_schedule, unscaled_target, weak_weights
from .evidence import NOTHING_LEARNED, Evidence
from .findings import NO_CHANGES, STANDARDIZE, Finding
from .verdict import idle_units, listed

HELPED = 0.12
"""A change helps if it lowers the cost by at least this share of the way from the cost of a constant prediction to the
lowest cost that was tried. A smaller gain says little about another training. ..."""

LEAST_GAIN = 0.02
"""... And the cost falls by at least this share of the way from a constant prediction's cost to the lowest possible."""

MOST_OF_IT = 0.8
"""Of several changes that help, the simplest is named whose gain is at least this share of the largest gain."""

NEARLY_ALL = 0.9
"""Another learning rate is named together with a change where the change alone gains less than this share of both."""

ENOUGH = 0.02
"""Costs below this share of the way from the lowest possible cost to a constant prediction's count as equally good."""

HALF_WAY = 0.5
"""Where no change gets below a constant prediction's cost, a change helps if it gets nearer to it by this share."""

SMALLER = 0.1
"""The factor on the learning rate that is advised where a run diverged or its cost rose, and none was tried."""

LARGEST_RATE, ORDINARY_RATE = 100.0, 1.0
"""Where such a share of the learning rate is still above the first number, the second one is advised."""

HOPELESS = 1e6
"""A cost above this many times that of a constant prediction is reported after however few updates, also where a
training was ended early."""

ALIKE = 0.01
"""Outputs hardly differ if their standard deviation over the examples is below this."""

THE_SAME = 1e-12
"""Outputs are the same for all examples if it is below this."""

TOO_SURE = 2.0
"""A classifier whose cost is above this many times that of a constant prediction is too sure where it is wrong."""

PEAK = 2.0
"""A cost that once rose above this many times its first value shows that the steps are too long."""

NAMES = {"l2": "L2 penalty"}
"""Words for settings whose names are not words."""

FINDS_RATE = "another learning rate: `layerlab rate` recommends one (for a stream: layerlab.range_test)"

SCALE_TARGET = "scaling the target values to mean 0 and standard deviation 1"

LEADS = {
    "rising": "the cost rose",
    "oscillating": "the cost oscillated",
    "stuck": "the network has learned nothing useful",
    "slow": "the network has not learned all that it could",
}
"""What a finding says first where neither the cost nor the units say more, by its kind."""


class TriedChange(NamedTuple):
    """One change that was tried.

    Attributes:
        suspect: the possible cause that the change would remove.
        changes: the new values of the settings, with the learning rate if that is another one too.
        cost: the last cost on the training examples; infinite where it is not finite.
        worst: the highest of the last few costs. Changes are judged by it, because the last cost of a curve that
            oscillates depends on chance.
    """

    suspect: Suspect
    changes: Mapping[str, Any]
    cost: float
    worst: float


class Trial(NamedTuple):
    """Trainings with one change each.

    Attributes:
        own: the cost without any change after the same number of updates, on the same examples.
        updates: how many updates were made.
        outcomes: one for each change.
        examples: how many examples were used in place of all; 0 where all were used.
        searched: whether all learning rates that may help were tried; else the outcomes are those that happen to be
            known, such as the other members of a sweep.
    """

    own: float
    updates: int
    outcomes: tuple[TriedChange, ...]
    examples: int = 0
    searched: bool = True


def findings(seen: Evidence, trial: Trial | None) -> tuple[Finding, ...]:
    """Return what is wrong with a run: one finding, about the first cause; none if nothing is wrong.

    Args:
        seen: the evidence.
        trial: what was tried; None if nothing was. Then the finding rests on the run alone.
    """
    finite = math.isfinite(seen.final)
    hopeless = finite and seen.final > HOPELESS * seen.constant > 0
    if not len(seen.curve) or (seen.ended_early and finite and not hopeless):
        return ()  # nothing was trained, or not as long as was meant
    best = None if trial is None else _chosen(seen, trial)
    if best is not None and trial is not None:
        return (_finding(seen, _cause(seen, best), _remedy(seen, best, trial), best.changes),)
    sick = not finite or seen.verdict.word == "rose" or (seen.missed > NOTHING_LEARNED and seen.constant > seen.least)
    searched = trial is not None and trial.searched
    if (seen.equal and not searched) or (sick and (hopeless or not (finite and seen.is_short))):
        told = _nothing_helped(seen) if searched and finite and not seen.equal else _from_the_run(seen)
        return (_finding(seen, *told),)
    return ()


def rank_of(seen: Evidence, cost: float) -> float:
    """Return a cost for ranking: equal for all that learned nothing, and equal for all that learned nearly everything.

    Args:
        seen: has the cost of a constant prediction, and the lowest possible one.
        cost: the cost that a change led to.
    """
    whole = max(seen.constant - seen.least, 1e-300)
    share = (cost - seen.least) / whole
    if NOTHING_LEARNED < share < 2 - NOTHING_LEARNED:
        return seen.least + NOTHING_LEARNED * whole
    return seen.least + max(share, ENOUGH) * whole


def _chosen(seen: Evidence, trial: Trial) -> TriedChange | None:
    """Return the first change that helps nearly as much as the best one.

    The order of causes is that of the data flow: initial weights, features, learning rate. A change is named without
    another learning rate if that would gain little more.
    """
    outcomes = [one for one in trial.outcomes if math.isfinite(one.worst)]
    if seen.equal:  # no step, however long, makes equal units differ
        outcomes = [one for one in outcomes if "initializer" in one.changes]
    if not outcomes:
        return None
    ranks = {number: rank_of(seen, one.worst) for number, one in enumerate(outcomes)}
    lowest = min(ranks.values())
    own = trial.own if math.isfinite(seen.final) and math.isfinite(trial.own) else seen.constant
    gain, above = own - lowest, lowest - seen.constant
    if not gain >= max(HELPED * (seen.constant - lowest), LEAST_GAIN * (seen.constant - seen.least), 1e-12):
        return None
    if above > 0 and not above <= HALF_WAY * (own - seen.constant):  # still far above a constant answer
        return None
    order = [one.suspect for one in trial.outcomes]
    good = [number for number, rank in ranks.items() if own - rank >= MOST_OF_IT * gain]
    first = outcomes[min(good, key=lambda n: (len(outcomes[n].changes), order.index(outcomes[n].suspect)))]
    family = [number for number, one in enumerate(outcomes) if one.suspect == first.suspect]
    most = own - min(ranks[number] for number in family)
    near = [number for number in family if own - ranks[number] >= NEARLY_ALL * most]
    return outcomes[min(near, key=lambda n: (len(outcomes[n].changes), ranks[n], _away(seen, outcomes[n])))]


def _away(seen: Evidence, one: TriedChange) -> float:
    """Return how far a learning rate is from the run's own, as a logarithm."""
    own = seen.settings["learning_rate"]
    return abs(math.log(one.changes["learning_rate"]) - math.log(own)) if "learning_rate" in one.changes else 0.0


def _cause(seen: Evidence, best: TriedChange) -> str:
    causes = [best.suspect.cause] if best.suspect.changes else []
    if "learning_rate" in best.changes:
        larger = best.changes["learning_rate"] > seen.settings["learning_rate"]
        lowered = slowing_schedule(seen) if larger and not best.suspect.changes else []
        causes.append(
            f"the learning rate is too {'small' if larger else 'large'}" + "".join(f": {one.cause}" for one in lowered)
        )
    return "; and ".join(causes)


def _remedy(seen: Evidence, best: TriedChange, trial: Trial) -> str:
    words = " and ".join(_change_words(seen, name, value) for name, value in best.changes.items())
    own = f"{trial.own:.4g}" if math.isfinite(trial.own) else "a cost that is not finite"
    if not trial.searched:
        return f"{words}. In this sweep the final cost was {best.cost:.4g} with it, and {own} without it"
    n, all_of = trial.updates, seen.settings["iterations"]
    iterations = f"{n:,} iterations" if n == all_of else f"the first {n:,} of {all_of:,} iterations"
    some = f" on {trial.examples:,} of the {seen.train.X.shape[1]:,} examples" if trial.examples else ""
    penalty = ", penalty included," if seen.settings.get("l2") else ""
    came = f"the training cost{penalty} was {best.cost:.4g} instead of {own}"
    return f"{words}. This was tried from the start{some}: after {iterations} {came}"


def _change_words(seen: Evidence, name: str, value: Any) -> str:
    if name == STANDARDIZE:
        return "scaling the features to mean 0 and standard deviation 1 (layerlab train --standardize)"
    if name == "learning_rate":
        factor = value / seen.settings["learning_rate"]
        times = f"{_number(factor)} times larger" if factor > 1 else f"{_number(1 / factor)} times smaller"
        return f"a learning rate of {value:g} ({times})"
    if name == "schedule":
        without = "".join(f", without {own}" for own in _own_of_the_schedule(seen))
        return f"schedule {value!r}{without}"
    if value == 0:
        return f"no {NAMES.get(name, name.replace('_', ' '))}"
    return f"{name.replace('_', ' ')} {value!r}"


def _own_of_the_schedule(seen: Evidence) -> list[str]:
    """Return the settings of the run's schedule that another schedule does not have."""
    return [name for name in OWN["schedule"] if seen.settings.get(name) is not None]


def _number(factor: float) -> str:
    return f"{float(f'{factor:.2g}'):,.0f}" if 10 <= factor < 1e9 else f"{factor:.2g}"


def _from_the_run(seen: Evidence) -> tuple[str, str, Mapping[str, Any]]:
    """Return the cause, remedy and changes that the run itself shows, where nothing was tried."""
    word, peaked = seen.verdict.word, float(np.max(seen.curve)) > PEAK * float(seen.curve[0])
    went_up = word in ("diverged", "rose") or (word == "oscillated" and peaked)
    if seen.equal and seen.given:
        return "units with equal weights stay equal", "initial parameters that differ from unit to unit", NO_CHANGES
    suspects = [*(weak_weights(seen) if seen.equal else []), *far_features(seen)]
    if not suspects and went_up and seen.settings["optimizer"] != LBFGS:
        smaller = SMALLER * seen.settings["learning_rate"]
        rate = float(f"{smaller if smaller <= LARGEST_RATE else ORDINARY_RATE:.2g}")
        return "the learning rate is too large", _change_words(seen, "learning_rate", rate), {"learning_rate": rate}
    suspects += [*(weak_weights(seen) if seen.faint else []), *unscaled_target(seen)]
    if not suspects:
        return "this run alone does not show it", FINDS_RATE, NO_CHANGES
    changes = suspects[0].changes
    words = " and ".join(_change_words(seen, *change) for change in changes.items()) or SCALE_TARGET
    return suspects[0].cause, words, changes


def _nothing_helped(seen: Evidence) -> tuple[str, str, Mapping[str, Any]]:
    """Return cause and remedy where everything was tried and nothing helped."""
    for one in unscaled_target(seen):
        return one.cause, SCALE_TARGET, NO_CHANGES
    tried = "no other learning rate, initializer, scaling or schedule that was tried gave a lower cost"
    if not seen.network.activations:
        return f"a weighted sum of the features does not predict the labels ({tried})", "a hidden layer", NO_CHANGES
    return f"the features may not predict the labels ({tried})", "other features, or another network", NO_CHANGES


def _finding(seen: Evidence, cause: str, remedy: str, changes: Mapping[str, Any]) -> Finding:
    """Return the finding; its kind is what describes the network best."""
    idle = idle_units(seen.hidden, 0.5) if math.isfinite(seen.final) else []
    if not math.isfinite(seen.final):
        kind, what = "diverged", _lowered(seen.verdict.sentence)
    elif seen.equal:
        kind, what = "equal", f"{listed(seen.equal)} compute the same"
    elif idle:
        kind, what = "dead" if "are 0" in idle[0] or "is 0" in idle[0] else "saturated", listed(idle)
    else:
        up = changes.get("learning_rate", 0) > (seen.settings["learning_rate"] or 0)  # then it is no matter of swings
        curve = None if up else {"rose": "rising", "oscillated": "oscillating"}.get(seen.verdict.word)
        kind = curve or ("stuck" if seen.missed > NOTHING_LEARNED else "slow")
        what = LEADS[kind]
    if kind != "diverged":
        what = f"{what}{_state(seen)}"
    if "schedule" in changes:
        changes = {**changes, **dict.fromkeys(_own_of_the_schedule(seen))}
    return Finding(kind, what, cause, remedy, dict(changes))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _state(seen: Evidence) -> str:
    """Return sentences about how little was learned; they follow the first sentence of a finding."""
    same = ""
    if seen.spread < THE_SAME:
        same = ". The network's output is the same for all examples"
    elif seen.spread < ALIKE:
        same = f". The network's output hardly differs between examples (standard deviation {seen.spread:.1g})"
    constant = "always predicting the best constant value"
    if seen.network.classifies:
        constant = "predicting the same probabilities for every example (the shares of the classes)"
    too_sure = seen.network.classifies and seen.final > TOO_SURE * seen.constant
    sure = ". So high a cost shows that the network is too sure of its wrong predictions" if too_sure else ""
    last = "The lowest cost" if seen.settings.get("monitor") else "After the last iteration the cost"
    return f"{same}. {last} is {seen.final:.4g}; {constant} would cost {seen.constant:.4g}{sure}"
