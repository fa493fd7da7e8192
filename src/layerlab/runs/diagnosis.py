"""What is wrong with a trained network: the state it is in, the cause, and what to change.

    seen = evidence_of(...)       what the run itself shows: costs, units, signal, features, schedule (``evidence``)
    suspects_of(seen)             the causes that this allows, in the order in which data flows (``causes``)
    findings(seen, trial)         what is said: the cause whose remedy was tried and helped

A direction ("smaller", "larger") is advised only where short trainings showed it (``training.remedies`` makes them) or
where the run itself does, as one that diverges does. A run that learned more than any setting could bring is let alone:
it misses at most ``MISSED`` of what can be learned if its cost is below that share of a constant answer's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from .all_optimizers import LBFGS
from .causes import NOTHING_LEARNED, Suspect, far_features, slowing_schedule, unscaled_target, weak_weights
from .evidence import Evidence
from .findings import NO_CHANGES, STANDARDIZE, Finding
from .verdict import idle_units, listed

HELPED = 0.12
"""A change helps if it brings at least this share of what can be learned: from a constant answer's cost to the lowest
that was tried. A smaller gain says little of another training."""

MOST_OF_IT = 0.8
"""Of several changes that help, the simplest is named that brings at least this share of what the best one brings."""

NEARLY_ALL = 0.9
"""A learning rate of its own is named beside another change where the change alone brings less than this share."""

SMALLER = 0.1
"""The factor on the learning rate that is advised to a run that diverged or rose, where none was tried."""

ALIKE = 0.01
"""Outputs whose standard deviation over the examples is below this are called alike."""

FINDS_RATE = "find a learning rate that trains: layerlab rate, or layerlab.recommend_learning_rate"


class TriedChange(NamedTuple):
    """One change that was tried.

    Attributes:
        suspect: whose change it is.
        changes: all of it, a learning rate included where it is another.
        cost: at the end, on the training examples; infinite where it is not finite.
        worst: the highest of the costs at the end and shortly before it, by which changes are judged: where the cost
            swings, chance decides where it ends.
    """

    suspect: Suspect
    changes: Mapping[str, Any]
    cost: float
    worst: float


class Trial(NamedTuple):
    """Short trainings from the start with one change each.

    Attributes:
        own: the cost without any change after as many updates, on the same examples.
        updates: that were made.
        outcomes: of the changes.
    """

    own: float
    updates: int
    outcomes: tuple[TriedChange, ...]


def findings(seen: Evidence, trial: Trial | None) -> tuple[Finding, ...]:
    """What is to be said of a run: at most one finding, since one state has one first cause; none if nothing is wrong.

    Args:
        seen: the evidence.
        trial: what was tried, or None where nothing was: then only what the run itself shows is said.
    """
    if not len(seen.curve) or (seen.ended_early and math.isfinite(seen.final)):
        return ()  # nothing was trained, or not as long as was meant
    best = None if trial is None else _chosen(seen, trial)
    if best is not None and trial is not None:
        return (_finding(seen, _cause(seen, best), _remedy(seen, best, trial), best.changes),)
    finite = math.isfinite(seen.final)
    sick = not finite or seen.verdict.word == "rose" or (seen.missed > NOTHING_LEARNED and seen.constant > seen.least)
    if not sick and not (seen.equal and trial is None):
        return ()
    return (_finding(seen, *_from_the_run(seen, trial)),)


def _chosen(seen: Evidence, trial: Trial) -> TriedChange | None:
    """Of the changes that help the one whose cause comes first, if it brings nearly what the best one brings.

    Data flow from the initial weights and the features to the learning rate; a change alone is named where a learning
    rate of its own beside it brings little more.
    """
    outcomes = [one for one in trial.outcomes if math.isfinite(one.worst)]
    if not outcomes:
        return None
    lowest = min(one.worst for one in outcomes)
    own = trial.own if math.isfinite(trial.own) else max(seen.constant, float(seen.curve[0]))
    gain = own - lowest
    if not gain >= HELPED * max(seen.constant - lowest, 1e-12):
        return None
    good = [one for one in outcomes if own - one.worst >= MOST_OF_IT * gain]
    order = [one.suspect for one in trial.outcomes]
    first = min(good, key=lambda one: (len(one.changes), order.index(one.suspect)))
    family = [one for one in outcomes if one.suspect == first.suspect]
    most = own - min(one.worst for one in family)
    near = [one for one in family if own - one.worst >= NEARLY_ALL * most]
    return min(near, key=lambda one: (len(one.changes), one.worst))


def _cause(seen: Evidence, best: TriedChange) -> str:
    causes = [best.suspect.cause] if best.suspect.changes else []
    if "learning_rate" in best.changes:
        larger = best.changes["learning_rate"] > seen.settings["learning_rate"]
        lowered = slowing_schedule(seen) if larger and not best.suspect.changes else []
        causes.append(
            f"the learning rate is too {'small' if larger else 'large'}" + "".join(f": {one.cause}" for one in lowered)
        )
    return " and ".join(causes)


def _remedy(seen: Evidence, best: TriedChange, trial: Trial) -> str:
    words = " and ".join(_change_words(seen, name, value) for name, value in best.changes.items())
    own = f"{trial.own:.4g}" if math.isfinite(trial.own) else "a cost that is not finite"
    n, all_of = trial.updates, seen.settings["iterations"]
    updates = f"{n:,} updates" if n == all_of else f"the first {n:,} of {all_of:,} updates"
    return f"{words} (tried from the start: after {updates} the cost was {best.cost:.4g} instead of {own})"


def _change_words(seen: Evidence, name: str, value: Any) -> str:
    if name == STANDARDIZE:
        return "scaling the features to mean 0 and standard deviation 1 (--standardize)"
    if name == "learning_rate":
        factor = value / seen.settings["learning_rate"]
        times = f"{_number(factor)} times larger" if factor > 1 else f"{_number(1 / factor)} times smaller"
        return f"a learning rate of {value:g}, {times}"
    return f"{name.replace('_', ' ')} {value!r}"


def _number(factor: float) -> str:
    return f"{factor:.2g}" if factor < 10 else f"{float(f'{factor:.2g}'):,.0f}"


def _from_the_run(seen: Evidence, trial: Trial | None) -> tuple[str, str, Mapping[str, Any]]:
    """Cause, remedy and changes that the run itself shows, without a change that was tried and helped."""
    for one in (*weak_weights(seen), *far_features(seen), *unscaled_target(seen)) if trial is None else ():
        changes = one.changes
        words = " and ".join(_change_words(seen, *change) for change in changes.items()) or "scaling the target, too"
        return one.cause, words, changes
    went_up = not math.isfinite(seen.final) or seen.verdict.word == "rose"
    if went_up and trial is None and seen.settings["optimizer"] != LBFGS:
        rate = float(f"{SMALLER * seen.settings['learning_rate']:.2g}")
        return "the learning rate is too large", _change_words(seen, "learning_rate", rate), {"learning_rate": rate}
    if trial is None:
        return "the run itself does not tell", FINDS_RATE, NO_CHANGES
    tried = "no learning rate, initializer or schedule that was tried did better"
    if not seen.network.activations:
        return f"no weighted sum of the features tells the answers apart ({tried})", "a hidden layer", NO_CHANGES
    return f"the features may not tell the answers apart ({tried})", "other features, or another network", NO_CHANGES


def _finding(seen: Evidence, cause: str, remedy: str, changes: Mapping[str, Any]) -> Finding:
    """The finding, named by what is most telling of the state."""
    idle = idle_units(seen.hidden, 0.5) if math.isfinite(seen.final) else []
    if not math.isfinite(seen.final):
        kind, what = "diverged", _lowered(seen.verdict.sentence)
    elif seen.equal:
        kind, what = "equal", f"{listed(seen.equal)} compute the same"
    elif idle:
        kind, what = "dead" if "are 0" in idle[0] or "is 0" in idle[0] else "saturated", listed(idle)
    else:
        curve = {"rose": "rising", "oscillated": "oscillating"}.get(seen.verdict.word)
        kind, what = curve or ("stuck" if seen.missed > NOTHING_LEARNED else "slow"), ""
    if kind != "diverged":
        what = f"{what}{'; ' if what else ''}{_state(seen)}"
    return Finding(kind, what, cause, remedy, dict(changes))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _state(seen: Evidence) -> str:
    """How little was learned, in words."""
    same = f", its outputs for different examples differ by {seen.spread:.1g} only" if seen.spread < ALIKE else ""
    answer = "classes' shares" if seen.network.classifies else "best constant value"
    return f"the cost ends at {seen.final:.4g}{same}; always answering the {answer} costs {seen.constant:.4g}"
