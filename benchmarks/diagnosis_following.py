"""Advice followed for ``benchmarks.diagnosis``: each remedy, its opposite, and up to three remedies in a row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from layerlab import Run
from layerlab.errors import InputError, WorkError
from layerlab.formulas import SCHEDULES
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.settings import OWN

from .diagnosis_draws import Setup, cost_of, finite, missed, trained

Changes = dict[str, Any]
"""What a remedy changes: settings of ``train`` by name with the value to take; None takes the usual value. Beside them
"standardize" (True: the features), and of older findings "activation" and "hidden layer" (width of one more)."""

MOST_UPDATES = 3
"""Where a remedy asks for more updates, it gets at most this many times as many as the run that it is about."""

IN_A_ROW = 3
"""How often advice is followed, each time that of the new run."""

MIDDLE = 5.0
"""What "3 to 10 times" is taken as."""

WORDS: tuple[tuple[str, Callable[[Setup], Changes]], ...] = (
    ("standardise the features", lambda _: {"standardize": True}),
    ("initializer 'he'", lambda _: {"initializer": "he"}),
    ("random initial weights", lambda _: {"initializer": "he"}),
    ("smaller initial weights", lambda _: {"initializer": "lecun"}),
    ("another seed", lambda setup: {"seed": setup.settings["seed"] + 1}),
    (
        "a learning rate 3 to 10 times smaller",
        lambda setup: {"learning_rate": setup.settings["learning_rate"] / MIDDLE},
    ),
    ("a smaller learning rate", lambda setup: {"learning_rate": setup.settings["learning_rate"] / MIDDLE}),
    ("a learning rate 3 to 10 times larger", lambda setup: {"learning_rate": setup.settings["learning_rate"] * MIDDLE}),
    ("a larger learning rate", lambda setup: {"learning_rate": setup.settings["learning_rate"] * MIDDLE}),
    ("more iterations", lambda setup: {"iterations": setup.settings["iterations"] * MOST_UPDATES}),
    ("a hidden layer", lambda _: {"hidden layer": 8}),
    ("hidden='leaky_relu'", lambda _: {"activation": "leaky_relu"}),
)
"""How remedies began that were texts alone, and what they changed."""


def changes_of(finding: Any, setup: Setup) -> Changes:
    """What a finding's remedy changes: as the finding itself says, or by the words of one that is text alone."""
    return dict(finding.changes) if hasattr(finding, "changes") else changes_in_words(finding.remedy, setup)


def changes_in_words(remedy: str, setup: Setup) -> Changes:
    """Read a remedy: of its alternatives the first that changes something, else the first; empty where none is known.

    Example:
        >>> usual = {"learning_rate": 1.0, "initializer": "he", "iterations": 100}
        >>> setup = Setup("wine", True, (4,), "tanh", usual)
        >>> changes_in_words("standardise the features, smaller initial weights, or a smaller learning rate", setup)
        {'initializer': 'lecun'}
        >>> changes_in_words("a learning rate 3 to 10 times smaller, or larger batches", setup)
        {'learning_rate': 0.2}
        >>> changes_in_words("random initial weights: initializer 'he'", setup)
        {'initializer': 'he'}
        >>> changes_in_words("what helps against those", setup)
        {}
    """
    alternatives = [
        change(setup) for text in re.split(r", or |, ", remedy) for start, change in WORDS if text.startswith(start)
    ]
    of_use = [changes for changes in alternatives if applied(setup, changes) != setup]
    return [*of_use, *alternatives, {}][0]


def applied(setup: Setup, changes: Changes) -> Setup:
    """The setup with the changes; settings that a new schedule or optimiser does not have are left out.

    Example:
        >>> setup = Setup("wine", False, (), "relu", {"iterations": 100, "schedule": "inverse_time", "decay": 2.0})
        >>> changed = applied(setup, {"iterations": 500, "schedule": "constant", "standardize": True})
        >>> changed.scaled, changed.settings
        (True, {'iterations': 300, 'schedule': 'constant'})
    """
    settings, changes = dict(setup.settings), dict(changes)
    scaled = bool(changes.pop("standardize", False)) or setup.scaled
    activation = changes.pop("activation", changes.pop("hidden", setup.activation))
    width = changes.pop("hidden layer", None)
    for kind, table in (("schedule", SCHEDULES), ("optimizer", ALL_OPTIMIZERS)):
        if kind in changes:
            for name in set(OWN[kind]) - set(table[changes[kind]].defaults):
                settings.pop(name, None)
    if changes.get("epochs") is not None:
        changes["iterations"] = changes.pop("epochs") * updates_an_epoch(setup, changes)
    settings |= changes
    settings["iterations"] = min(int(settings["iterations"]), MOST_UPDATES * setup.settings["iterations"])
    settings = {name: value for name, value in settings.items() if value is not None or name == "batch_size"}
    hidden = setup.hidden if width is None else (*setup.hidden, width)
    return Setup(setup.data, scaled, hidden, activation, settings)


def updates_an_epoch(setup: Setup, changes: Changes) -> int:
    """Updates that take all examples once, with the changed batch size."""
    size = changes.get("batch_size", setup.settings["batch_size"])
    return math.ceil(setup.part.X.shape[1] / size) if size else 1


def opposite(setup: Setup, changes: Changes) -> Changes | None:
    """The changes with every direction turned round, value² / new value; None where nothing in them has a direction.

    Learning rate, number of updates and batch size have one. What has none stays: so the two differ in nothing else.

    Example:
        >>> usual = {"learning_rate": 0.1, "iterations": 100, "batch_size": 16}
        >>> setup = Setup("iris", False, (), "relu", usual)
        >>> opposite(setup, {"learning_rate": 0.4, "initializer": "he"})
        {'learning_rate': 0.025, 'initializer': 'he'}
        >>> opposite(setup, {"iterations": 300}), opposite(setup, {"batch_size": None}), opposite(setup, {"seed": 2})
        ({'iterations': 33}, {'batch_size': 2}, None)
    """
    m = setup.part.X.shape[1]
    before, after = setup.settings, applied(setup, changes).settings
    turned, has_direction = {name: value for name, value in changes.items() if name != "epochs"}, False
    for name, most in (("learning_rate", math.inf), ("iterations", math.inf), ("batch_size", m)):
        old, new = (settings[name] or m for settings in (before, after))  # no batch size: all examples
        if new == old or (name == "learning_rate" and after.get("optimizer") != before.get("optimizer")):
            continue  # of two optimisers the learning rates cannot be compared
        turned[name] = float(f"{old**2 / new:.12g}") if name == "learning_rate" else round(old**2 / new)
        turned[name] = min(most, max(turned[name], 1 if isinstance(turned[name], int) else 0))
        has_direction |= turned[name] != old
    return turned if has_direction else None


def outcome(setup: Setup, advice: bool = False) -> tuple[Run | None, float, str]:
    """The run of a setup and its cost; none, an infinite cost and the reason where the settings are refused."""
    try:
        run = trained(setup, advice)
    except (InputError, WorkError) as error:
        return None, math.inf, str(error)
    return run, cost_of(setup, run), ""


def followed(draw: dict[str, Any]) -> dict[str, Any]:
    """Diagnose a drawn run and follow its advice, as JSON holds it; costs that are not finite are None.

    Returns:
        ``findings``: each with ``changes``; where it changes something also ``after`` (the cost with it), ``opposite``
        and ``opposite_cost`` (None for none) and ``right``. ``steps`` of a sick run: advice in a row, each with
        ``changes``, ``cost``, ``missed``, ``iterations``. ``missed`` is what the run misses at the end of them.
    """
    start = perf_counter()
    setup = setup_of(draw)
    run, cost, _ = outcome(setup, advice=True)
    assert run is not None  # noqa: S101 - it was trained before
    findings = [judged(finding, setup, cost) for finding in run.diagnosis]
    steps = in_a_row(draw, setup, run) if draw["state"] == "sick" else []
    verdict = getattr(run, "verdict", None)
    return {
        "number": draw["number"],
        "state": draw["state"],
        "cost": finite(cost),
        "verdict": verdict and str(verdict.word),
        "findings": findings,
        "steps": steps,
        "missed": steps[-1]["missed"] if steps else draw["missed"],
        "seconds": round(perf_counter() - start, 2),
    }


def setup_of(draw: dict[str, Any]) -> Setup:
    """A draw's setup, read from JSON."""
    return Setup(**{**{name: draw[name] for name in Setup._fields}, "hidden": tuple(draw["hidden"])})


def judged(finding: Any, setup: Setup, cost: float) -> dict[str, Any]:
    """A finding and whether its remedy is right: it ends lower than doing nothing does, and than its opposite."""
    changes = changes_of(finding, setup)
    told = {name: getattr(finding, name) for name in ("kind", "what", "cause", "remedy")}
    if not changes:
        return {**told, "changes": {}}
    _, after, why = outcome(applied(setup, changes))
    turned = opposite(setup, changes)
    other, refused = math.inf, ""
    if turned is not None:
        _, other, refused = outcome(applied(setup, turned))
    return {
        **told,
        "changes": changes,
        "after": finite(after),
        "opposite": turned,
        "opposite_cost": finite(other),
        "right": after < cost and (turned is None or after < other),
        "refused": why or refused,
    }


def in_a_row(draw: dict[str, Any], setup: Setup, run: Run) -> list[dict[str, Any]]:
    """Follow up to three times the first finding that changes something, each time that of the new run."""
    steps: list[dict[str, Any]] = []
    for _ in range(IN_A_ROW):
        advice = [changes for finding in run.diagnosis if (changes := changes_of(finding, setup))]
        if not advice:
            break
        setup = applied(setup, advice[0])
        new, cost, refused = outcome(setup, advice=True)
        share = missed(cost, draw["lowest"], draw["constant"])
        steps.append(
            {
                "changes": advice[0],
                "cost": finite(cost),
                "missed": finite(share),
                "iterations": setup.settings["iterations"],
                "refused": refused,
            }
        )
        if new is None:
            break
        run = new
    return steps
