"""A sweep as text: which setting is best and why, a table, what each cost curve did, and what is wrong.

The sentences are made from the facts of a sweep: plain values that ``sweep_facts`` computes once. JSON has the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.runs.summary import cost_note, settings_text
from layerlab.settings import OWN
from layerlab.text import count_text, metric_text, value_text

from .seeds import SUMMARISED, behaviours_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SweepFacts = Mapping[str, Any]
"""What ``sweep_facts`` says of a sweep."""

MOST_SENTENCES = 12
"""In a population of more members, only those whose curve neither fell nor crept get a sentence."""

MOST_REMARKABLE = 3
"""Sentences about members whose curves did the same remarkable thing, at most."""

COLUMNS = (*SUMMARISED, "kept_at")
"""Columns of a sweep's table, each left out where no member has a value for it."""


ACCURACIES = ("train_accuracy", "test_accuracy", "validation_accuracy")

CURVES = {
    "crept": "fell slowly, and was still falling at the end",
    "stuck": "stopped falling at a cost that is too high",
    "oscillated": "went up and down on its way",
    "rose": "ended above its start",
    "diverged": "became infinite or not a number",
}
"""What the words about curves mean; one that just fell needs no explanation."""


MEDIANS = "Values are medians over the seeds, below them the lowest and the highest"

BY_TRAINING_COST = "The recommendation goes by the training cost alone: the test set is never used to choose."

NO_COST = {"median": math.nan}
"""Stands for a cost that no member of a row has."""


def print_sweep(facts: SweepFacts, console: Console, every: int = 1) -> None:
    """Print which setting is best, what all members share, their table, and in words what came of them.

    Args:
        facts: the facts of the sweep.
        console: where to print.
        every: iterations over which each cost of a curve is a mean.
    """
    for line in recommendation_lines(facts):
        console.print(f"{printable(line)}\n", highlight=False, markup=False)
    print_table(facts, console)
    for line in _sentences(facts, every):
        console.print(printable(line), highlight=False, markup=False)


def recommendation_lines(facts: SweepFacts) -> list[str]:
    """Say that the sweep was interrupted, if so; then which network or setting is best, if there is one answer."""
    lines = []
    if facts["left_over"]:
        total = facts["left_over"] + len(facts["members"])
        lines.append(f"! Interrupted: {facts['left_over']} of {total} networks were not trained.")
    if facts.get("best"):
        lines.append(best_sentence(facts))
    elif facts["advice"]:
        lines.append(facts["advice"]["sentence"])
    elif group := _lowest(facts, "validation_cost"):
        cost = metric_text("cost", group["validation_cost"]["median"])
        over = ", the median over the seeds" if len(group["members"]) > 1 else ""
        lines.append(f"Lowest cost on the validation set: {_named(group, _set_apart(facts))}, with {cost}{over}.")
    return lines


def _set_apart(facts: SweepFacts) -> list[str]:
    """Return names of what was varied, without the seed."""
    return [name for name in facts["varied"] if name != "seed"]


def _lowest(facts: SweepFacts, cost: str) -> Mapping[str, Any] | None:
    """The row over seeds whose median cost is the lowest; None without one, or if nothing but the seed was varied."""
    groups = [group for group in facts["over_seeds"] if math.isfinite(group.get(cost, NO_COST)["median"])]
    if not groups or not _set_apart(facts) or facts["interrupted"]:
        return None
    lowest: Mapping[str, Any] = min(groups, key=lambda group: float(group[cost]["median"]))
    return lowest


def settings_to_train(facts: SweepFacts) -> dict[str, Any] | None:
    """Return the varied settings of the network that a sweep recommends, by name; its hidden layers as they are typed.

    Returns:
        None where the sweep recommends none.
    """
    if best := facts.get("best"):
        chosen, names = facts["members"][best["member"]], facts["varied"]
    elif facts["advice"]:
        rate = facts["advice"]["rate"]
        return None if rate is None else {"learning_rate": rate}
    else:
        chosen, names = _lowest(facts, "validation_cost"), _set_apart(facts)
    settings = None if chosen is None else {name: chosen[name] for name in names}
    if settings and "network" in settings:
        sizes = settings.pop("network").split(" ")[0].split("-")
        settings["layers"] = ",".join(sizes[1:-1]) or "none"
    return settings


def rate_to_examine(facts: SweepFacts) -> float | None:
    """Return the learning rate with the lowest cost, where none is recommended and something else than it is wrong."""
    words = {member["behaviour"] for member in facts["members"]}
    group = None if words & {"crept", "rose", "diverged"} else _lowest(facts, "cost")
    return None if group is None else float(group["learning_rate"])


def print_table(facts: SweepFacts, console: Console) -> None:
    """Print what all members share and a row for each member, or one row for members that differ only in the seed.

    Args:
        facts, console: as for ``print_sweep``.
    """
    console.print(printable(_heading(facts)), highlight=False, markup=False)
    over_seeds = len(facts["over_seeds"]) != len(facts["members"])
    console.print(_table_over_seeds(facts) if over_seeds else _table_of_members(facts))
    left_out = any(member["behaviour"] == "diverged" for member in facts["members"])
    notes = [f"{MEDIANS}{'; diverged networks are left out' * left_out}."] * over_seeds
    notes += _legend(facts)
    recommended = facts["advice"] and facts["advice"]["rate"] is not None
    notes += [BY_TRAINING_COST] if recommended and not facts.get("best") else []
    if notes:
        console.print("\n".join(notes), "\n", highlight=False, markup=False, sep="")


def _legend(facts: SweepFacts) -> list[str]:
    """Say what the words about curves mean, those that the table has."""
    words = {member["behaviour"] for member in facts["members"]}
    meanings = "; ".join(f"{word} = {what}" for word, what in CURVES.items() if word in words)
    return [f"Curves: {meanings}."] if meanings else []


def _heading(facts: SweepFacts) -> str:
    common = facts["common"]
    heading = f"layers {common['network']}; " if "network" in common else ""
    heading += f"{count_text(common['iterations'], 'iteration')}; {settings_text(common)}"
    return f"{facts['dataset']}: {heading}" if facts["dataset"] else heading


def _table_of_members(facts: SweepFacts) -> Table:
    names, columns = facts["varied"] or ("network",), _shown_columns(facts["members"])
    table = plain_table(*map(_column, (*names, *columns)), "curve")
    table.columns[-1].no_wrap = True
    for member in facts["members"]:
        own = dict(apart({**facts["common"], **member}, names))
        values = (_value_text(member, name) for name in columns)
        table.add_row(*(own.get(name, "–") for name in names), *values, member["behaviour"])
    return table


def _column(name: str) -> str:
    """Return the heading of a column."""
    return name.replace("train_", "training_").replace("_", "\n")


def _shown_columns(members: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return names of the columns in which some member has a number."""
    columns = [name for name in COLUMNS if any(member.get(name) not in (None, "") for member in members)]
    if any(f"test_{name}" in columns for name in RANKED_BY_CLASSES):  # then accuracy says little
        columns = [name for name in columns if name not in ACCURACIES]
    return [name for name in columns if not all(_is_nan(member.get(name)) for member in members)]


def _table_over_seeds(facts: SweepFacts) -> Table:
    """Return a row for all seeds of a setting: the median of each column, below it the lowest and the highest."""
    names = [name for name in facts["varied"] if name != "seed"]
    columns = [name for name in _shown_columns(facts["members"]) if name in SUMMARISED]
    headings = map(_column, (*(names or ["seeds"]), *(["seeds"] if names else []), *columns))
    table = plain_table(*headings, "curves")
    table.columns[-1].no_wrap = True
    for group in facts["over_seeds"]:
        own = dict(apart(group, names))
        first = [*(own.get(name, "–") for name in names), str(len(group["members"]))]
        curves = behaviours_text(group["behaviours"], len(group["members"])).replace(", ", "\n")
        table.add_row(*first, *(_spread_text(group, name) for name in columns), curves)
    return table


def _spread_text(group: Mapping[str, Any], name: str) -> str:
    spread = group.get(name)
    if spread is None:
        return "–"
    median, low, high = (metric_text(name, spread[key]) for key in ("median", "low", "high"))
    return f"{median}\n{low.removesuffix(' %')} to {high.removesuffix(' %')}" if low != high else median


def _sentences(facts: SweepFacts, every: int) -> list[str]:
    """Return a sentence for each member, if they are few, for each kind of finding, and on what the values are."""
    common, varied, members = facts["common"], facts["varied"], facts["members"]
    lines = [f"• {_named(member, varied)}: {member['what']}" for member in members]
    if len(members) > MOST_SENTENCES:
        counts = Counter(member["behaviour"] for member in members)
        summary = ", ".join(f"{count} {word}" for word, count in counts.most_common())
        lines = [f"• Of the {len(members)} curves {summary}.", *_remarkable(members, lines)]
    lines += finding_lines(members, varied)
    if common["monitor"]:
        lines.append(
            f"The table shows each network at its best epoch by {common['monitor'].replace('_', ' ')}, after the "
            f"update in “kept at”; these parameters were kept. The sentences are about the whole curve."
        )
    if note := cost_note(every, {name: common.get(name, name in varied) for name in ("l2", "dropout")}):
        lines.append(note)
    return lines


def best_sentence(facts: SweepFacts) -> str:
    """Say which network is the best by the score that was asked for, on the validation set and on the test set."""
    best = facts["best"]
    member, by = facts["members"][best["member"]], best["by"]
    score = by.removeprefix("validation_")
    held_out, test = (metric_text(score, member.get(f"{part}_{score}")) for part in ("validation", "test"))
    return (
        f"Best by {score.replace('_', ' ')} on the validation set: {_named(member, facts['varied'])}, with {held_out}. "
        f"That is optimistic, since the validation set was used to choose; on the test set it has {test}."
    )


def finding_lines(members: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> list[str]:
    """Return a sentence for each kind of finding: how many networks have it, and the first one's finding in full.

    Where learning rates were varied those that advise another one are left out: the table and the advice say so.

    Args:
        members: the members of a sweep's facts.
        varied: names of what was varied.
    """
    kinds: dict[str, tuple[set[int], str]] = {}
    for number, member in enumerate(members):
        for finding in member.get("diagnosis", ()):
            if "learning_rate" in varied and set(finding["changes"]) == {"learning_rate"}:
                continue
            reason = f"Likely cause: {finding['cause']}. Try: {finding['remedy']}."
            first = f"{_named(member, varied)}: {finding['what']}. {reason}"
            kinds.setdefault(finding["kind"], (set(), first))[0].add(number)
    return [
        f"! {kind}, {f'{len(have)} networks, such as ' if len(have) > 1 else ''}{first}"
        for kind, (have, first) in kinds.items()
    ]


def _remarkable(members: Sequence[Mapping[str, Any]], lines: list[str]) -> list[str]:
    """Return sentences about the members whose curve did not just fall or creep, the first few of each kind."""
    shown: Counter[str] = Counter()
    kept = []
    for member, line in zip(members, lines, strict=True):
        shown[member["behaviour"]] += 1
        if member["behaviour"] not in ("fell", "crept") and shown[member["behaviour"]] <= MOST_REMARKABLE:
            kept.append(line)
    return kept


def _named(member: Mapping[str, Any], varied: Sequence[str]) -> str:
    """Return the settings in which a member differs from the others, as its name."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in apart(member, varied)) or "the network"


def apart(settings: Mapping[str, Any], varied: Sequence[str]) -> list[tuple[str, str]]:
    """The settings that set a member apart, by name and as text; those that its schedule does not have are left out.

    Args:
        settings: a member's varied settings, beside others.
        varied: names of what was varied.
    """
    named = ((name, settings[name]) for name in varied)
    return [(name, value_text(value)) for name, value in named if value is not None or name not in OWN["schedule"]]


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _value_text(member: Mapping[str, Any], name: str) -> str:
    if name == "kept_at":
        return f"{member['kept_at']:,}" if member.get("kept_at") else "end"
    return metric_text(name, member[name])
