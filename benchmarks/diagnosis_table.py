"""What ``benchmarks.diagnosis`` measured, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from .diagnosis_draws import SICK

Row = dict[str, Any]
Results = Mapping[int, Row]
"""A results file: its rows by the draws' numbers."""

HALVES = {"tuning": 0, "result": 1}
"""Which numbers a half has: the even ones, the odd ones."""


def report(draws: Sequence[Row], results: Mapping[str, Results]) -> str:
    """Everything in Markdown: the four shares, a column for each results file, and what they are made of."""
    out = ["# How good the diagnosis is", "", "`python -m benchmarks.diagnosis` wrote these tables.", ""]
    for half in ("result", "tuning"):
        mine = {row["number"]: row for row in draws if row["number"] % 2 == HALVES[half]}
        states = Counter(row["state"] for row in mine.values())
        told = ", ".join(f"{states[name]} {name}" for name in ("sick", "between", "healthy", "left out"))
        shares = [[name, *(share(rows, mine) for rows in results.values())] for name, share in SHARES]
        out += [f"## The {half} half", "", f"{len(mine)} drawn: {told}.", "", *table(["", *results], shares), ""]
        for name, rows in results.items():
            some = [rows[number] for number in mine if number in rows]
            out += [f"### Remedies, {name}", "", *table(["finding", "changes", "right"], by_remedy(some)), ""]
            out += [f"### Findings by what was drawn, {name}", "", *by_fault(mine, some), ""]
    return "\n".join(out)


def ratio(part: int, whole: int) -> str:
    """A share in per cent with its counts.

    Example:
        >>> ratio(3, 4)
        '75.0 % (3 of 4)'
    """
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "none"


def of_state(rows: Results, draws: Mapping[int, Row], state: str) -> list[Row]:
    """Results of the draws in this state."""
    return [rows[number] for number, draw in draws.items() if draw["state"] == state and number in rows]


def with_finding(state: str) -> Callable[[Results, Mapping[int, Row]], str]:
    """The share of runs in this state that have a finding."""

    def share(rows: Results, draws: Mapping[int, Row]) -> str:
        some = of_state(rows, draws, state)
        return ratio(sum(bool(row["findings"]) for row in some), len(some))

    return share


def remedies_right(rows: Results, draws: Mapping[int, Row]) -> str:
    """The share of remedies that end lower than doing nothing and than their opposite."""
    some = remedies([rows[number] for number in draws if number in rows])
    return ratio(sum(remedy["right"] for remedy in some), len(some))


def without_change(rows: Results, draws: Mapping[int, Row]) -> str:
    """The share of findings whose remedy changes nothing that could be followed."""
    some = list(chain.from_iterable(rows[number]["findings"] for number in draws if number in rows))
    return ratio(sum(not finding["changes"] for finding in some), len(some))


def cured(rows: Results, draws: Mapping[int, Row]) -> str:
    """The share of sick runs that end well after advice in a row."""
    some = of_state(rows, draws, "sick")
    return ratio(sum(is_cured(row) for row in some), len(some))


def cured_in_time(rows: Results, draws: Mapping[int, Row]) -> str:
    """The same, counting only those that end with at most three times the drawn updates in all."""
    some = of_state(rows, draws, "sick")
    short = [row for row in some if all(s["iterations"] <= 3 * updates(draws[row["number"]]) for s in row["steps"])]
    return ratio(sum(is_cured(row) for row in short), len(some))


SHARES: tuple[tuple[str, Callable[[Results, Mapping[int, Row]], str]], ...] = (
    ("sick runs with a finding", with_finding("sick")),
    ("remedies that are right", remedies_right),
    ("findings without a remedy to follow", without_change),
    ("sick runs cured by advice in a row", cured),
    ("… with at most 3 times the drawn updates in all", cured_in_time),
    ("healthy runs with a finding", with_finding("healthy")),
    ("runs between the two with a finding", with_finding("between")),
)
"""The rows of the table."""


def updates(draw: Row) -> int:
    """How many updates were drawn."""
    return int(draw["settings"]["iterations"])


def is_cured(row: Row) -> bool:
    """Whether a run misses less at the end than a sick one."""
    return row["missed"] is not None and row["missed"] < SICK


def remedies(rows: Sequence[Row]) -> list[Row]:
    """All findings that change something."""
    return [finding for finding in chain.from_iterable(row["findings"] for row in rows) if finding["changes"]]


def by_remedy(rows: Sequence[Row]) -> list[list[str]]:
    """How often each kind of remedy is right: finding, settings changed, share."""
    told = [(one["kind"], ", ".join(sorted(one["changes"])), one["right"]) for one in remedies(rows)]
    kinds = Counter((kind, names) for kind, names, _ in told)
    right = Counter((kind, names) for kind, names, is_right in told if is_right)
    return [[*key, ratio(right[key], n)] for key, n in kinds.most_common()]


def faults(draw: Row) -> list[str]:
    """What is unusual in a draw, or "nothing": what its trouble may come from.

    Example:
        >>> faults({"scaled": False, "hidden": [4], "settings": {"initializer": "zeros", "learning_rate": 1.0,
        ...                                                      "schedule": "constant"}, "best_rate": 0.05})
        ['raw features', 'weights zero', 'learning rate over 10 × best']
    """
    settings, relative = draw["settings"], draw["settings"]["learning_rate"] / draw["best_rate"]
    found = {
        "raw features": not draw["scaled"],
        "weights zero": settings["initializer"] == "zeros" and bool(draw["hidden"]),
        "weights × 0.01": settings["initializer"] == "normal" and bool(draw["hidden"]),
        "learning rate over 10 × best": relative > 10,
        "learning rate below best / 10": relative < 0.1,
        "schedule": settings["schedule"] != "constant",
    }
    return [name for name, there in found.items() if there] or ["nothing"]


def by_fault(draws: Mapping[int, Row], rows: Sequence[Row]) -> list[str]:
    """A table of sick runs: what was drawn, against the first finding with its changes."""
    sick = [row for row in rows if row["state"] == "sick"]
    firsts = {row["number"]: first_finding(row) for row in sick}
    heads = [name for name, _ in Counter(firsts.values()).most_common()]
    counts = Counter((fault, firsts[row["number"]]) for row in sick for fault in faults(draws[row["number"]]))
    names = dict.fromkeys(fault for fault, _ in sorted(counts))
    return table(["drawn", *heads], [[fault, *(str(counts[fault, head] or "") for head in heads)] for fault in names])


def first_finding(row: Row) -> str:
    """The first finding's kind and what it changes, or "silent"."""
    if not row["findings"]:
        return "silent"
    first = row["findings"][0]
    return f"{first['kind']}: {', '.join(sorted(first['changes'])) or '–'}"


def failures(draws: Sequence[Row], rows: Results) -> list[Row]:
    """What went wrong in the tuning half, with the draw: silent, wrong remedies, not cured, accused."""
    found = []
    for draw in draws:
        row = rows.get(draw["number"])
        if row is None or draw["number"] % 2 != HALVES["tuning"]:
            continue
        sick = draw["state"] == "sick"
        wrong = {
            "silent": sick and not row["findings"],
            "wrong remedy": any(not one["right"] for one in remedies([row])),
            "not cured": sick and not is_cured(row),
            "accused": draw["state"] == "healthy" and bool(row["findings"]),
        }
        if any(wrong.values()):
            told = [name for name, there in wrong.items() if there]
            found.append({"failures": told, "drawn": faults(draw), "draw": draw, "result": row})
    return found


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]
