"""How the cost of a network depends on how many of them are computed by one program: the picture of docs/engine.md.

    python -m benchmarks.group_sizes [--rounds 5]

measures, on a quiet machine, and writes group_sizes.json, the picture and the table of docs/engine.md. ``--draw``
draws from the numbers in group_sizes.json. The sizes take turns; a value is the median over the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from unittest import mock

import layerlab
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import with_defaults
from layerlab.training import groups
from layerlab.training.fit import EngineStart, start_engine
from layerlab.training.job import Job
from layerlab.training.planner import make_plan
from layerlab.tuning.sweeps.population_jobs import population_jobs

from .machine import describe
from .material import material_of
from .population_rows import CATS, DIGITS, FLOWER
from .quoted import write_tables
from .row import Contender, Row

FOLDER = Path(__file__).parent
NUMBERS, PICTURE = FOLDER / "group_sizes.json", FOLDER.parent / "docs" / "group_sizes.png"


class Problem(NamedTuple):
    """What is trained, in groups of which sizes.

    Attributes:
        row: network, data and settings.
        members: networks; a multiple of all sizes, twice the largest.
        sizes: networks of a group.
        updates: of all members in a turn.
    """

    row: Row
    members: int
    sizes: tuple[int, ...]
    updates: int


PROBLEMS = {
    "digits": Problem(DIGITS, 128, (1, 2, 4, 8, 16, 32, 64), 15),
    "cats": Problem(CATS, 128, (1, 2, 4, 8, 16, 32, 64), 120),
    "flower": Problem(FLOWER, 1024, (1, 2, 4, 8, 16, 32, 64, 128, 256, 512), 40),
}
"""By the name of the data."""


def main() -> None:
    """Measure or only draw; write the picture and the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=list(PROBLEMS), help="measure this one; the numbers of the others are kept")
    parser.add_argument("--draw", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if not asked.draw:
        names = [asked.only] if asked.only else list(PROBLEMS)
        before = json.loads(NUMBERS.read_text(encoding="utf-8"))["problems"] if asked.only else {}
        found = {name: measured(name, PROBLEMS[name], asked.rounds) for name in names}
        results = {"machine": describe(), "date": date.today().isoformat(), "problems": {**before, **found}}
        NUMBERS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(json.loads(NUMBERS.read_text(encoding="utf-8"))["problems"])
    write_tables()


def measured(name: str, problem: Problem, rounds: int) -> dict[str, Any]:
    """Seconds of a network's update: by the size of its group, and undivided; and the size that layerlab chooses."""
    row = replace(problem.row, members=problem.members)
    material = material_of(row, Contender("layerlab", "layerlab", problem.updates))
    network = layerlab.Network((material.X.shape[1], *row.layer_dims[1:]), hidden=row.hidden)
    settings = {name: getattr(row, name) for name in ("learning_rate", "initializer", "dtype")}
    settings |= {"iterations": problem.updates, "engine": "xla", "seed": list(row.seeds)}
    data = material.X.T, material.Y.T
    [job], _ = population_jobs(network, data, (None, None), None, with_defaults(settings))
    plan = make_plan(job)
    times: dict[int, list[float]] = {size: [] for size in (*sorted({*problem.sizes, plan.group}), problem.members)}
    starts = {size: started(job, plan, size, problem.updates) for size in times}
    for number in range(rounds + 1):  # the first one compiles
        print(f"{name}: round {number} of {rounds}", file=sys.stderr, flush=True)
        for size, (engine, state) in starts.items():
            begun = perf_counter()
            made = engine.advance(state, None, problem.updates)
            seconds = perf_counter() - begun
            starts[size] = EngineStart(engine, made.state)
            if number:
                times[size].append(seconds / problem.updates / problem.members)
    medians = {size: median(seconds) for size, seconds in times.items()}
    undivided = medians.pop(problem.members)
    return {"members": problem.members, "chosen": plan.group, "seconds": medians, "undivided": undivided}


def started(job: Job, plan: Plan, size: int, updates: int) -> EngineStart:
    """The engine for groups of a size, and the state before the first update."""
    with mock.patch.object(groups, "group_size", return_value=size):
        return start_engine(job, plan, longest=updates)


def draw(found: dict[str, Any]) -> None:
    """A panel for each problem, each with a scale of its own from 0."""
    from matplotlib.figure import Figure

    from layerlab.plots.style import BLUE, FAINT, ORANGE, WIDTH, house_style

    with house_style():
        figure = Figure((WIDTH, 3.0), layout="constrained")
        for axes, (name, one) in zip(figure.subplots(1, len(found)), found.items(), strict=True):
            sizes, costs = [*map(int, one["seconds"])], [1e6 * value for value in one["seconds"].values()]
            undivided, chosen = 1e6 * one["undivided"], one["chosen"]
            axes.axhline(undivided, color=FAINT, linestyle="dashed", label="one program on all cores")
            axes.plot(sizes, costs, color=BLUE, marker="o", markersize=4, label="a group on each core")
            best = costs[sizes.index(chosen)]
            axes.plot(chosen, best, "o", color=ORANGE, markersize=8, label="layerlab's choice")
            axes.set_xscale("log", base=2)
            shown = PROBLEMS[name].sizes[::2]
            axes.set_xticks(shown, [str(size) for size in shown])
            axes.set_xticks([], minor=True)
            axes.set_ylim(0, 1.1 * max(*costs, undivided))
            axes.set_title(f"{name}, {'-'.join(map(str, PROBLEMS[name].row.layer_dims))}")
            axes.set_xlabel("networks in a group")
        figure.axes[0].set_ylabel("µs for one network's update")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
        figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
