"""A search as text: which network was chosen and how good it is, then what was tried, and how to train it again.

The sentences are made from plain values, which ``Search.facts`` computes once and the search's folder keeps. ``worth``
has the sentences about scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from layerlab.escapes import printable
from layerlab.runs.verdict import listed
from layerlab.text import count_text, metric_text, spoken_time

from .worth import (
    ScoreRow,
    SearchFacts,
    answer_text,
    interval_text,
    measure_name,
    members_text,
    rival_sentences,
    score_rows,
    score_sentences,
    score_text,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STATES = ("finished", "pruned", "failed")
"""The ways in which a trial can end, in the order in which the screen counts them."""

MOST_FAILED = 5
"""Reasons why trials failed, at most, that are listed."""

MOST_COMMANDS = 3
"""Lines of ``layerlab train``, at most, on the terminal; the report has all."""


def print_search(facts: SearchFacts, console: Console) -> None:
    """Print what was chosen and what it is worth, what was tried, and how to train it again; trouble is said first."""

    def say(line: Any, style: str | None = None) -> None:
        line = printable(line) if isinstance(line, str) else line
        console.print(line, highlight=False, markup=False, style=style)

    if facts["leak"]:
        say(f"! LEAK: {facts['leak']}.", "bold red")
    for line in (*trouble_sentences(facts), answer_text(facts), *winner_lines(facts)):
        say(line)
    if facts["cross_fitted"]:
        rows = score_rows(facts)
        say(score_table(rows, facts["measure"]))
        for line in (*what_texts(rows), *score_sentences(facts), *rival_sentences(facts)):
            say(f"• {line}")
    for line in (importance_text(facts), *failed_sentences(facts), asked_text(facts), counts_text(facts)):
        if line:
            say(line)
    for line in command_lines(facts, MOST_COMMANDS):
        console.print(printable(line), highlight=False, markup=False, soft_wrap=line.startswith("  "))


def trouble_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say that the search was interrupted, or that the choice diverged on the whole training set."""
    if facts["interrupted"]:
        what = "the values below are those of the trials that have ended" if facts["trials"] else "no trial has ended"
        yield f"! Interrupted: {what}."
    if facts.get("diverged"):  # searches that ended before this was known did not
        which = members_text(facts["diverged"], facts)
        yield f"! Trained on the whole training set, {which} diverged: not saved, and the test set was not used."


def asked_text(facts: SearchFacts) -> str:
    """Say in a sentence what was searched."""
    n = f"{facts['examples']:,} held-out examples"
    how = n if facts["folds"] == 1 else f"{n} ({count_text(facts['folds'], 'fold')})"
    how += f", the mean over {facts['seeds']} initial weights" if facts["seeds"] > 1 else ""
    tried = count_text(len(facts["trials"]), "trial")
    tried += f" and {count_text(len(facts['known']), 'reference network')}" if facts["known"] else ""
    return f"Search on {facts['dataset']}: {tried}, ranked by {measure_name(facts['by'])} on {how}."


def counts_text(facts: SearchFacts) -> str:
    """Say how many trials ended in which way, and how long it took."""
    states = [trial["state"] for trial in facts["trials"]]
    counts = [f"{states.count(state):,} {state}" for state in STATES if state in states]
    counts = [one + " (stopped early, since others were better)" * one.endswith(" pruned") for one in counts]
    diverged = sum(bool(trial["diverged"]) for trial in facts["trials"])
    counts += [f"{diverged:,} of them diverged"] if diverged else []
    work, clock = (spoken_time(facts["seconds"][name]) for name in ("work", "clock"))
    return f"Trials: {', '.join(counts) or 'none has ended'}; {work} of computing in {clock}."


def winner_lines(facts: SearchFacts) -> Iterator[str]:
    """Describe the choice, say how it ranks against the reference networks, and whether it was still improving."""
    if facts["choice"] is None:
        return
    chosen = facts["choice"]["trials"]
    first = candidates(facts)[chosen[0]]
    name = members_text(chosen[:1], facts)
    name = f"first network of the average, {name}" if len(chosen) > 1 else name
    yield f"{name[0].upper()}{name[1:]}: {trial_text(first)}."
    if facts["known"]:
        yield known_sentence(facts)
    if chosen[0] >= 0 and first["stopped_at"] == first["values"]["iterations"]:
        yield "It was still improving when its iterations ended: a space with more of them may hold a better one."


def command_lines(facts: SearchFacts, most: int | None = None) -> Iterator[str]:
    """Yield the command lines that train the choice again; none for data made by hand.

    Args:
        facts: the facts of the search.
        most: command lines at most; None for all.
    """
    commands = facts["commands"]
    if commands:
        yield "To train it again:" if len(commands) == 1 else "To train them again, one by one:"
    for command in commands[:most]:
        yield f"  {command}"
    if most is not None and len(commands) > most:
        yield f"… and {len(commands) - most} more lines, which `layerlab report {facts['folder']}` has"


def candidates(facts: SearchFacts) -> dict[int, SearchFacts]:
    """Return the reference networks and the trials, by number."""
    return {one["number"]: one for one in (*facts["known"], *facts["trials"])}


def known_sentence(facts: SearchFacts) -> str:
    """Say that the reference networks took part, and whether one of them was chosen."""
    names = [f"the {one['name']} ({_ranked_by(one['score'], facts)})" for one in facts["known"]]
    chosen = [one for one in facts["choice"]["trials"] if one < 0]
    if len(chosen) == len(facts["choice"]["trials"]):
        came = "No trial ranked higher."
    elif chosen:
        members = [f"the {one['name']}" for one in facts["known"] if one["number"] in chosen]
        came = f"The average contains {listed(members)}."
    else:
        came = "None of them ranked higher" if len(names) > 1 else "It did not rank higher"
        came += f" than the choice ({_ranked_by(facts['choice']['score'], facts)})."
    networks = "Reference networks" if len(names) > 1 else "Reference network"
    how = (
        f"trained on the same folds and ranked with the trials by {measure_name(facts['by'])} on the held-out examples"
    )
    return f"{networks}, {how}: {listed(names)}. {came}"


def _ranked_by(score: float | None, facts: SearchFacts) -> str:
    """Write the score that ranks; lower is better, so all but the cost have a minus sign in the facts."""
    if score is None:
        return "no score"
    return metric_text("cost", score) if facts["by"] == "cost" else score_text(-score, facts["by"])


def trial_text(trial: SearchFacts) -> str:
    """Describe a trial: network and settings, and for how many iterations it is trained."""
    words = trial["words"].replace("_", " ")
    if trial["number"] < 0:
        return f"{words.partition(': ')[2]}; {count_text(trial['stopped_at'], 'iteration')}"
    return f"{words}; {trial['stopped_at']:,} of at most {count_text(trial['values']['iterations'], 'iteration')}"


def score_table(rows: Sequence[ScoreRow], measure: str) -> Table:
    """Return the table of scores, the optimistic one first."""
    from layerlab.console import plain_table

    table = plain_table("", measure_name(measure), "95 % interval", "examples")
    for row in rows:
        table.add_row(row.name, score_text(row.figure, measure), interval_text(row.interval, measure), f"{row.n:,}")
    return table


def what_texts(rows: Sequence[ScoreRow]) -> Iterator[str]:
    """Say of each row of the table how it was measured."""
    for row in rows:
        yield f"{row.name[0].upper()}{row.name[1:]}: {row.what}."


def importance_text(facts: SearchFacts) -> str:
    """Say on which settings the trials' scores depended, or how many trials it takes to say so; "" if not known."""
    how = facts["mattered"]
    if not how:
        return ""
    if how["trials"] < how["wanted"]:
        return (
            f"{count_text(how['trials'], 'trial')} do not show which settings matter: with "
            f"{count_text(how['settings'], 'searched setting')} it takes at least {how['wanted']:,} trials."
        )
    luck = f"with random scores, a setting would seem to explain up to {_tens(how['chance'])}"
    if not facts["importance"]:
        return f"No setting stands out. Even {luck} of the differences between the trials."
    parts = [f"{name.replace('_', ' ')} {_tens(share)}" for name, share in facts["importance"].items()]
    return (
        f"What the trials' scores depended on: {', '.join(parts)}. Each is the share of the variance of the trials' "
        f"ranks that this setting explains alone, to the nearest ten. Even {luck}."
    )


def _tens(share: float) -> str:
    return f"about {round(10 * share) * 10} %"


def many_enough(facts: SearchFacts) -> bool:
    """Return whether there are enough trials to see, or to say, which settings mattered."""
    return bool(facts["mattered"]) and facts["mattered"]["trials"] >= facts["mattered"]["wanted"]


def failed_sentences(facts: SearchFacts) -> list[str]:
    """List the trials that could not be trained, by number, with the reason."""
    reasons: dict[str, list[int]] = {}
    for trial in (*facts["known"], *facts["trials"]):
        if trial["failed"]:
            reasons.setdefault(trial["failed"], []).append(trial["number"])
    said = ((members_text(numbers, facts), why) for why, numbers in reasons.items())
    lines = [f"! {members[0].upper()}{members[1:]} failed: {why}" for members, why in said]
    more = f"! … and {count_text(len(lines) - MOST_FAILED, 'more reason')}, in the JSON"
    return lines if len(lines) <= MOST_FAILED else [*lines[:MOST_FAILED], more]
