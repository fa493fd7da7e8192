"""Which pictures belong to a search; they are drawn from its facts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerlab import plots
from layerlab.tuning.search.words import many_enough
from layerlab.tuning.search.worth import OPTIMISTIC, SearchFacts, measure_name, score_rows

from .of_runs import cost_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def search_pictures(facts: SearchFacts, folder: str | Path) -> list[Path]:
    """Draw the scores of the chosen network, the settings of all trials and which mattered, and how the search went.

    Args:
        facts: the facts of a search that has ended.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG files.
    """
    return [plots.save(figure, folder, name)[0] for name, figure, _ in search_figures(facts)]


def search_figures(facts: SearchFacts) -> Iterator[tuple[str, Figure, str]]:
    """Yield the name, figure and description of each picture; those for which there is nothing to draw are left out."""
    scores = [_score(facts, trial) for trial in facts["trials"]]
    label = score_label(facts)
    if stated := _stated(facts):
        accuracy = facts["measure"] != "r2"  # all others are shares of 1
        drawn = plots.selection(stated, shares=accuracy, base_rate=facts["base_rates"][0])
        yield (
            "selection",
            drawn,
            "How good the chosen network is, and the networks it is compared with",
        )
    if not any(map(math.isfinite, scores)):
        return
    dimensions = _dimensions(facts)
    telling = [one for one in dimensions if one.name in facts["importance"]]
    if len(telling) > 1 and many_enough(facts):
        title = "Each trial as a line through its settings: the better, the darker; orange: chosen"
        if len(telling) < len(dimensions):
            title += f". Of {len(dimensions)} settings the {len(telling)} on which the scores depended"
        shown = plots.parallel_coordinates(telling, scores, _chosen(facts), label=label, title=title)
        yield "settings", shown, "Each trial as a line through the settings on which the scores depended"
    if shares := list(facts["importance"].items()):
        yield "importance", plots.mattered(shares), "Which settings the scores of the trials depended on"
    unit = cost_unit(facts["output"])
    yield (
        "curves",
        plots.held_out_curves(_curves(facts), _rungs(facts), unit=unit),
        "Cost of each trial on the held-out examples",
    )
    done = [trial["state"] == "finished" for trial in facts["trials"]]
    yield "best", plots.best_so_far(scores, done, label=label), "The score of each trial, and the best so far"
    tried = _tried(facts)
    if len({one.rate for one in tried}) > 1:
        yield "rates", plots.rate_map(tried, label=label), "The best score by learning rate and width"


def score_label(facts: SearchFacts) -> str:
    """Return the number that ranks the trials, with its unit; lower is better."""
    if facts["by"] == "accuracy":
        return "% of the held-out examples wrong"
    if facts["by"] != "cost":
        return f"100 % − {measure_name(facts['by'])} on held-out examples"
    unit = cost_unit(facts["output"]).removesuffix(", per example")
    return f"cost on held-out examples ({unit})"


def _score(facts: SearchFacts, trial: Mapping[str, Any]) -> float:
    """Return the number that ranks a trial: a cost, or the percentage that a score misses."""
    score = _number(trial["score"])
    return score if facts["by"] == "cost" else 100 * (1 + score)


def _number(value: float | None) -> float:
    return math.inf if value is None else value


def _chosen(facts: SearchFacts) -> list[int]:
    """Return indices of the chosen trials."""
    numbers = () if facts["choice"] is None else facts["choice"]["trials"]
    return [i for i, trial in enumerate(facts["trials"]) if trial["number"] in numbers]


def _stated(facts: SearchFacts) -> list[plots.Stated]:
    """Return the scores of the choice, optimistic and honest, and below them those of its rivals."""
    rows = [
        plots.Stated(
            f"{one.name} ({one.n:,})", one.figure, one.interval, "naive" if one.name == OPTIMISTIC else "honest"
        )
        for one in score_rows(facts)
    ]
    for rival in facts["rivals"]:
        for part, words in (("cross_fitted", "held-out examples"), ("test", "test set")):
            own = rival[part]
            if own is not None and own["figure"] is not None:
                sure = None if own["low"] is None else (own["low"], own["high"])
                rows.append(plots.Stated(f"{rival['name']}, {words} ({own['n']:,})", own["figure"], sure, "rival"))
    return rows


def _dimensions(facts: SearchFacts) -> list[plots.Dimension]:
    """Return the settings of which several values were tried, as axes of the picture."""
    names = list(dict.fromkeys(name.partition(" (")[0] for name in facts["space"]))
    found = []
    for name in names:
        values = [trial["values"].get(name) for trial in facts["trials"]]
        if len(set(values) - {None}) > 1:
            found.append(plots.Dimension(name, values, _is_log(facts, name)))
    return found


def _is_log(facts: SearchFacts, name: str) -> bool:
    own = [one for key, one in facts["space"].items() if key.partition(" (")[0] == name]
    return any(isinstance(one, Mapping) and one["log"] for one in own)


def _curves(facts: SearchFacts) -> list[plots.Curve]:
    chosen = set(_chosen(facts))
    return [
        plots.Curve(
            trial["moments"],
            [_number(cost) for cost in trial["curve"]],
            "chosen" if i in chosen else trial["state"],
        )
        for i, trial in enumerate(facts["trials"])
        if trial["state"] != "failed"
    ]


def _rungs(facts: SearchFacts) -> list[int]:
    """Iterations after which trials were pruned, where they are the same for all trials."""
    from layerlab.tuning.search.trials.halving import rungs

    iterations = {trial["values"]["iterations"] for trial in facts["trials"]}
    return rungs(iterations.pop(), facts["asked"]["halving"]) if len(iterations) == 1 else []


def _tried(facts: SearchFacts) -> list[plots.Tried]:
    return [
        plots.Tried(
            trial["values"]["learning_rate"],
            trial["layers"][0] if trial["layers"] else 0,
            _score(facts, trial),
            trial["values"]["optimizer"],
        )
        for trial in facts["trials"]
        if trial["values"].get("learning_rate")
    ]
