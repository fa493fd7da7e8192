"""What follows from the turns: medians of ratios within a round, whether costs agree, and which targets are reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

from .row import Contender, Row, Target

Found = dict[str, dict[str, Any]]
"""What ``turns.measure`` returns."""

COMPILED = "layerlab, xla"
"""layerlab with the compiled engine, where that is a contender of its own."""


class Verdict(NamedTuple):
    """A target, the value that was measured (None if it was not), and whether that is reached."""

    target: Target
    value: float | None
    reached: bool


def figures_of(row: Row, found: Found) -> dict[str, float]:
    """Every value by name, ``LABEL.NAME``; those that could not be measured or compared are absent.

    iteration, call: seconds of an update and of a call, medians over the rounds.
    import, compile, basis: seconds of these stages.
    cold, cold_import: seconds of the first call in a new process, without and with the import of jax inside it.
    kept: the first without the import, in a process that finds the programs that an earlier one has compiled.
    peak: bytes.
    ratio, compiled: its time per update by that of the contender it is compared with, and by that of ``COMPILED``.
    whole: its time per update × ``row.full``, by the other's cold call.
    cold_ratio: its first call by the other's, imports inside.
    kept_ratio: its first call by the other's with kept programs, without the import of jax; where it keeps nothing, its
        first call in any new process.
    memory: the other's peak by its own.
    growth, basis_growth: its time per update by that at the smallest side; basis seconds by feature, likewise.
    """
    figures: dict[str, float] = {}
    for contender in row.contenders:
        if measured(found, contender.label):
            named = {**_own(found[contender.label]), **_compared(row, found, contender)}
            figures |= {f"{contender.label}.{name}": value for name, value in named.items()}
    return figures


def measured(found: Found, label: str) -> bool:
    """Whether a contender has taken its turns."""
    return bool(found.get(label, {}).get("rounds"))


def disagreement(row: Row, found: Found, contender: Contender) -> float | None:
    """Largest difference from the costs of the contender it is compared with, as a share of the largest cost.

    None where there is nothing to compare.
    """
    other = contender.against
    if contender.label == other or not measured(found, other) or row.contender(other).side != contender.side:
        return None
    ours, theirs = (found[label]["rounds"][-1]["checked"] for label in (contender.label, other))
    if not ours or not theirs:
        return None
    largest = max((abs(a - b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
    share = largest / max(map(abs, theirs))
    return share if share == share else float("inf")  # a cost that is no number agrees with none


def agrees(row: Row, found: Found, contender: Contender) -> bool:
    """Whether its times may be compared: the costs agree, or there is nothing to compare."""
    share = disagreement(row, found, contender)
    return share is None or share <= row.tolerance


def verdicts(row: Row, figures: dict[str, float]) -> list[Verdict]:
    """What became of the row's targets."""
    values = [(target, figures.get(target.figure)) for target in row.targets]
    return [Verdict(target, value, value is not None and target.reached(value)) for target, value in values]


def _own(facts: dict[str, Any]) -> dict[str, float]:
    """A contender's own medians."""
    figures = {
        "iteration": median(_iterations(facts)),
        "call": median(turn["seconds"] for turn in facts["rounds"]),
        "import": facts["import"],
    }
    if "peak" in facts:
        figures["peak"] = facts["peak"]
    first = [facts["first"], *facts["cold"]]
    for stage, turns in (("compile", first), ("basis", facts["rounds"]), ("fit", facts["rounds"])):
        times = [turn["stages"][stage] for turn in turns if stage in turn["stages"]]
        if times:
            figures[stage] = median(times)
    if imports := [turn["stages"]["import"] for turn in [*first, *facts["rounds"]] if "import" in turn["stages"]]:
        figures["import"] += median(imports)  # jax, which layerlab imports at its first use
    if facts["cold"]:
        figures["cold"] = median(_beyond_import(facts["cold"]))
        figures["cold_import"] = median(turn["seconds"] for turn in facts["cold"])
    if facts.get("kept"):
        figures["kept"] = median(_beyond_import(facts["kept"]))
    return figures


def _compared(row: Row, found: Found, contender: Contender) -> dict[str, float]:
    """Medians of ratios within a round."""
    label, against = contender.label, contender.against
    if label == against or not measured(found, against) or not agrees(row, found, contender):
        return {}
    own, other = found[label], found[against]
    if (smaller := row.contender(against).side) != contender.side:
        return _growth(own, other, (contender.side / smaller) ** 2)
    figures = {"ratio": _ratio(_iterations(own), _iterations(other))}
    if measured(found, COMPILED) and label != COMPILED and agrees(row, found, row.contender(COMPILED)):
        figures["compiled"] = _ratio(_iterations(own), _iterations(found[COMPILED]))
    if other["cold"]:
        whole = (row.full * seconds for seconds in _iterations(own))
        figures["whole"] = _ratio(whole, _beyond_import(other["cold"]))
        if own["cold"]:
            figures["cold_ratio"] = _ratio(*([turn["seconds"] for turn in one["cold"]] for one in (own, other)))
    if other.get("kept") and (first := own.get("kept") or own["cold"]):
        figures["kept_ratio"] = _ratio(_beyond_import(first), _beyond_import(other["kept"]))
    if "peak" in own and "peak" in other:
        figures["memory"] = other["peak"] / own["peak"]
    return figures


def _growth(own: dict[str, Any], other: dict[str, Any], features: float) -> dict[str, float]:
    """The same work on images with as many times the features."""
    figures = {"growth": _ratio(_iterations(own), _iterations(other))}
    bases = [[turn["stages"].get("basis", 0.0) for turn in one["rounds"]] for one in (own, other)]
    if all(bases[1]):
        figures["basis_growth"] = _ratio(*bases) / features
    return figures


def _iterations(facts: dict[str, Any]) -> list[float]:
    """Seconds of an update, round by round."""
    return [turn["updates"] / turn["iterations"] for turn in facts["rounds"]]


def _beyond_import(turns: Sequence[dict[str, Any]]) -> list[float]:
    """Seconds of first calls without the import of jax."""
    return [turn["seconds"] - turn["stages"].get("import", 0.0) for turn in turns]


def _ratio(numerators: Sequence[float] | Iterator[float], denominators: Sequence[float]) -> float:
    """The median of the ratios within a round."""
    return median(a / b for a, b in zip(numerators, denominators, strict=True))
