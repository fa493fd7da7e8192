"""Which pictures belong to a sweep and to a recommended learning rate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab import plots
from layerlab.formulas.arrays import Floats
from layerlab.tuning.learning_rate.recommendation import Recommendation
from layerlab.tuning.sweeps.result import Sweep
from layerlab.tuning.sweeps.seeds import OverSeeds
from layerlab.tuning.sweeps.words import apart

from .of_runs import NamedFigures, cost_title, cost_unit, save_all

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BANDS = 3
"""Curves with bands that are drawn over each other; more have a small pair of axes each."""

MOST_CURVES = 14
"""The largest number of curves of a population that are drawn; more could not be distinguished."""


def sweep_pictures(sweep: Sweep, name: str, folder: str | Path) -> list[Path]:
    """Draw the cost curves of a population, each named by its own settings and by what it did; seeds make a band.

    Args:
        sweep: the population.
        name: the name of the data.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG file.
    """
    return save_all(_of_sweep(sweep, name), folder)


def rate_pictures(found: Recommendation, name: str, folder: str | Path) -> list[Path]:
    """Draw the range test, the curves of the learning rates that were tried, and cost and sharpness at the best one.

    Args:
        found: what was recommended, and why.
        name: the name of the data.
        folder: created if it is not there; pictures of the same name are replaced.

    Returns:
        The PNG files.
    """
    return save_all(_of_rate(found, name), folder)


def _of_rate(found: Recommendation, name: str) -> NamedFigures:
    unit = _unit(found.sweep)
    if found.range_test is not None:
        test = found.range_test
        yield (
            "range_test",
            plots.range_test(
                test.rates,
                test.costs,
                found.rate,
                tried=_ends(found.sweep),
                unit=unit,
                title=f"{name}: cost while the learning rate rises from update to update",
            ),
        )
    yield from _of_sweep(found.sweep, name)
    if found.stability is not None:
        curve = found.stability
        yield (
            "stability",
            plots.stability(
                curve.run.history.costs,
                curve.iterations,
                curve.sharpness,
                curve.bound,
                unit=unit,
                title=f"{name}: cost and sharpness at learning rate {found.rate:g}",
            ),
        )


def _ends(sweep: Sweep) -> tuple[Floats, Floats]:
    """Return the learning rates of a sweep over them and seeds, and the median cost at which each ended."""
    known = [
        (group.settings["learning_rate"], cost.median) for group in sweep.over_seeds if (cost := group.figures["cost"])
    ]
    rates, costs = np.array(known).reshape(-1, 2).T
    return rates, costs


def _unit(sweep: Sweep) -> str:
    return cost_unit(sweep.runs[0].network.output) if len(sweep.runs) else ""


def _of_sweep(sweep: Sweep, name: str) -> NamedFigures:
    yield "sweep", sweep_picture(sweep, name)


def sweep_picture(sweep: Sweep, name: str) -> Figure:
    """Draw a curve for each combination of settings; seeds are taken together.

    Args:
        sweep: the population.
        name: the name of the data.
    """
    groups = sweep.over_seeds
    every = sweep.histories[0].every
    title = cost_title(name, every)
    shown = list(range(len(groups)))
    if len(groups) > MOST_CURVES:
        final = [math.inf if (cost := group.figures["cost"]) is None else cost.median for group in groups]
        best = int(np.argmin(final))
        shown = np.linspace(0, len(shown) - 1, MOST_CURVES).astype(int).tolist()
        shown[int(np.argmin(np.abs(np.array(shown) - best)))] = best
        title += f", {MOST_CURVES} of {len(groups)} settings, the lowest among them"
    curves, bands = {}, {}
    for group in (groups[number] for number in shown):
        label = _curve_label(sweep, group)
        own = [sweep.histories[number].curve for number in group.members]
        curves[label] = own[0]
        if len(own) > 1:
            curves[label], low, high = band(own)
            bands[label] = (low, high)
    look: dict[str, Any] = {"every": every, "unit": _unit(sweep)}
    if bands:
        title += "; lines: medians over the seeds; areas: from the lowest to the highest"
    if len(bands) > MOST_BANDS:
        return plots.cost_panels(curves, bands, title=f"{title}; grey: the other settings", **look)
    return plots.cost_curves(curves, title=title, bands=bands, notes=False, **look)


def _curve_label(sweep: Sweep, group: OverSeeds) -> str:
    """Return what sets a group of members apart, and what their curves did."""
    label = ", ".join(f"{_short(name)} {value}" for name, value in apart(group.settings, list(group.settings)))
    label = (label or sweep.common.get("network", "")).strip()
    return f"{label}: {_behaviours(group)}"


def _behaviours(group: OverSeeds) -> str:
    """Return what the curves of some seeds did."""
    n, did = len(group.members), list(group.behaviours.items())
    if n == 1:
        return did[0][0]
    if len(did) == 1:
        return f"{did[0][0]} with all {n} seeds"
    return f"{', '.join(f'{word} with {count}' for word, count in did)} of {n} seeds"


def _short(name: str) -> str:
    return {"network": ""}.get(name, name.replace("_", " "))


def band(curves: list[Floats]) -> tuple[Floats, Floats, Floats]:
    """Return the median, lowest and highest of several curves at each point.

    A curve that ended because a cost was not finite counts as infinite from there on; one that ended early for another
    reason stays at its last cost.
    """
    longest = max(map(len, curves))
    rows = np.array([_filled(curve, longest) for curve in curves])
    with np.errstate(invalid="ignore"):
        return np.median(rows, axis=0), rows.min(axis=0), rows.max(axis=0)


def _filled(curve: Floats, length: int) -> Floats:
    """Return a curve of this length that stays at its last cost; costs that are not finite are infinite."""
    costs = np.where(np.isfinite(curve), curve, math.inf)
    return np.append(costs, np.full(length - len(costs), costs[-1] if len(costs) else math.inf))
