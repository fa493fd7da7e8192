"""A search as text: what was chosen, what it is worth on data that was not used to choose, and what was only tried.

All of it is said from plain values, which ``Search.facts`` computes once and the search's folder keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from layerlab.escapes import printable
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL, wilson_interval
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.text import count_text, percent, r_squared_text, spoken_time

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SearchFacts = Mapping[str, Any]
"""What ``Search.facts`` returns, and ``result.json`` holds."""

MOST_FAILED = 5
"""Reasons why trials failed, at most, that are listed."""

MOST_COMMANDS = 3
"""Lines of ``layerlab train``, at most, on the terminal; the report has all."""


class ScoreRow(NamedTuple):
    """A row of the table in which the naive score stands beside the honest ones.

    Attributes:
        name: of the score.
        figure: accuracy or R².
        interval: its 95 % interval, or None.
        n: number of examples.
        what: how it came about, in a few words.
    """

    name: str
    figure: float
    interval: tuple[float, float] | None
    n: int
    what: str


def print_search(facts: SearchFacts, console: Console) -> None:
    """Print what was tried and chosen, the table of scores, and sentences about them; a leak is said first."""

    def say(line: Any, style: str | None = None) -> None:
        line = printable(line) if isinstance(line, str) else line
        console.print(line, highlight=False, markup=False, style=style)

    if facts["leak"]:
        say(f"! LEAK: {facts['leak']}.", "bold red")
    say(asked_text(facts))
    say(counts_text(facts))
    for line in winner_lines(facts, MOST_COMMANDS):
        console.print(printable(line), highlight=False, markup=False, soft_wrap=line.startswith("  "))
    if facts["cross_fitted"]:
        say(score_table(score_rows(facts), facts["measure"]))
        for line in (*score_sentences(facts), *rival_sentences(facts)):
            say(f"• {line}")
    for line in (importance_text(facts), *failed_sentences(facts)):
        if line:
            say(line)
    if facts.get("diverged"):  # searches that ended before this was known did not
        which = members_text(facts["diverged"], facts)
        say(f"! Trained on all training examples, {which} diverged: not kept, and the test part was not looked at.")
    if facts["interrupted"]:
        what = "these are the figures of the trials that have ended" if facts["trials"] else "no trial has ended yet"
        say(f"! Interrupted: {what}.")


def asked_text(facts: SearchFacts) -> str:
    """Say in a sentence what was searched."""
    folds = count_text(facts["folds"], "fold")
    by = measure_name(facts["by"])
    how = f"{folds} of {facts['examples']:,} held-out examples, ranked by {by}"
    if facts["folds"] == 1:
        how = f"{facts['examples']:,} held-out examples, ranked by {by}"
    if facts["seeds"] > 1:
        how += f", the mean of {facts['seeds']} initial weights"
    known = f" and {len(facts['known'])} that {_were(facts['known'])} known before" if facts["known"] else ""
    return f"{facts['dataset']}: a search among {count_text(len(facts['trials']), 'network')}{known} on {how}"


def counts_text(facts: SearchFacts) -> str:
    """Say how many trials ended in which way, and how long it took."""
    states = [trial["state"] for trial in facts["trials"]]
    counts = [f"{states.count(state):,} {state}" for state in ("finished", "given up", "failed") if state in states]
    diverged = sum(bool(trial["diverged"]) for trial in facts["trials"])
    counts += [f"{diverged:,} diverged on the way"] if diverged else []
    work, clock = (spoken_time(facts["seconds"][name]) for name in ("work", "clock"))
    return f"Trials: {', '.join(counts) or 'none has ended'}; {work} of work, {clock} by the clock"


def winner_lines(facts: SearchFacts, most: int | None = None) -> Iterator[str]:
    """Say what was chosen, and the command lines that train it again.

    Args:
        facts: of the search.
        most: command lines at most; None for all.
    """
    if facts["choice"] is None:
        return
    chosen = facts["choice"]["trials"]
    first = candidates(facts)[chosen[0]]
    if len(chosen) == 1:
        yield f"Chosen: {members_text(chosen, facts)}, {trial_text(first)}"
    else:
        members = members_text(chosen, facts)
        yield f"Chosen: the average of {len(chosen)} networks, {members}; the first is {trial_text(first)}"
    if facts["known"]:
        yield known_sentence(facts)
    if chosen[0] >= 0 and first["stopped_at"] == first["values"]["iterations"]:
        yield "It was still getting better when its iterations ended: a space with more of them may hold a better one."
    commands = facts["commands"]
    if commands:
        yield "Trained again by" if len(commands) == 1 else "Trained again, one by one, by"
    for command in commands[:most]:
        yield f"  {command}"
    if most is not None and len(commands) > most:
        yield f"and {len(commands) - most} more lines, which `layerlab report {facts['folder']}` has"


def candidates(facts: SearchFacts) -> dict[int, SearchFacts]:
    """The known networks and the trials, by number."""
    return {one["number"]: one for one in (*facts["known"], *facts["trials"])}


def members_text(numbers: Sequence[int], facts: SearchFacts) -> str:
    """Name trials by their numbers, and known networks by their names, in their order."""
    if all(number >= 0 for number in numbers):
        return _numbers(numbers)
    names = {one["number"]: f"the {one['name']}" for one in facts["known"]}
    return _listed([names.get(number, f"trial {number}") for number in numbers])


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def known_sentence(facts: SearchFacts) -> str:
    """Say that the known networks took part, and whether one of them was chosen."""
    names = [f"the {one['name']}" for one in facts["known"]]
    listed = _listed(names)
    chosen = [one for one in facts["choice"]["trials"] if one < 0]
    if len(chosen) == len(facts["choice"]["trials"]):
        came = "No trial ranked better."
    elif chosen:
        members = _listed([one["name"] for one in facts["known"] if one["number"] in chosen])
        came = f"In the average {'is' if len(chosen) == 1 else 'are'} the {members}."
    else:
        came = "None of them ranked better." if len(names) > 1 else "It did not rank better."
    was, where = _were(names), "trained on the same folds and ranked with the trials"
    return f"{listed[0].upper()}{listed[1:]} {was} known before and took part, {where}. {came}"


def _were(some: Sequence[Any]) -> str:
    return "were" if len(some) > 1 else "was"


def trial_text(trial: SearchFacts) -> str:
    """Describe a trial: network and settings, and for how many iterations it is trained."""
    words = trial["words"].replace("_", " ")
    if trial["number"] < 0:
        return f"{words.partition(': ')[2]}; {count_text(trial['stopped_at'], 'iteration')}"
    return f"{words}; {trial['stopped_at']:,} of {count_text(trial['values']['iterations'], 'iteration')}"


def score_text(figure: float | None, measure: str) -> str:
    """An accuracy in per cent, or an R² or area with three decimals; a dash for None."""
    if figure is None:
        return "–"
    return percent(figure) if measure.endswith("accuracy") else r_squared_text(figure)


def interval_text(interval: tuple[float, float] | None, measure: str = "accuracy") -> str:
    """The ends of an interval, of an accuracy in per cent; a dash where there is none, as for R²."""
    if interval is None:
        return "–"
    if not measure.endswith("accuracy"):
        return f"{interval[0]:.3f} to {interval[1]:.3f}"
    return f"{100 * interval[0]:.1f} to {percent(interval[1])}"


def measure_name(measure: str) -> str:
    """The reported score in words."""
    return {"r2": "R²", "roc_auc": "ROC AUC"}.get(measure, measure.replace("_", " "))


def score_rows(facts: SearchFacts) -> list[ScoreRow]:
    """The naive score, and those on data that had no say in the choice they are about."""
    rows = []
    n, naive, leak = facts["examples"], facts["naive"], bool(facts["leak"])
    if naive is not None:
        sure = wilson_interval(round(naive * n), n) if facts["measure"] == "accuracy" else None
        rows.append(ScoreRow("naive", naive, sure, n, "picked and counted on the same examples"))
    rows += _estimate("cross-fitted", facts["cross_fitted"], "each part counted for what the others chose")
    nested = facts["nested"]
    rows += _estimate("nested", nested and nested["estimate"], "the whole search repeated without each outer fold")
    rows += _estimate(
        "test part", facts["test"], "which ranked the networks: a leak" if leak else "which chose nothing"
    )
    return rows


def _estimate(name: str, one: SearchFacts | None, what: str) -> list[ScoreRow]:
    if one is None or one["figure"] is None:
        return []
    interval = None if one["low"] is None else (one["low"], one["high"])
    return [ScoreRow(name, one["figure"], interval, one["n"], what)]


def score_table(rows: Sequence[ScoreRow], measure: str) -> Table:
    """The table of scores, the naive one first."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("what it is worth", no_wrap=True)
    for name in (measure_name(measure), "95 % interval", "examples"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for row in rows:
        table.add_row(
            row.name, score_text(row.figure, measure), interval_text(row.interval, measure), f"{row.n:,}", row.what
        )
    return table


def score_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say how optimistic the naive score is, what the base rate is, and how often the test set was looked at."""
    points = optimism_text(facts)
    if points:
        yield points
    if facts["nested"] and facts["nested"]["estimate"]["cost"] is None:
        yield "There is no nested estimate: in an outer fold the choice diverged."
    yield from _base_sentences(facts)
    looks = facts["test_looks"]
    if facts["leak"]:
        yield "The test part ranked the networks, so no figure of it is one of new examples."
    elif len(looks) == 1:
        yield "The test part was looked at once, after the choice."
    elif looks:
        choices = ", then for ".join(members_text(one, facts) for one in looks)
        yield (
            f"The test part was looked at {len(looks)} times: for {choices}. Who goes on until its figure pleases "
            f"picks by it; the cross-fitted figure does not know it."
        )


def _base_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say what the majority class scores, and whether the choice is shown to be better."""
    held_out, test = facts["base_rates"]
    yield from _chance_sentences(facts)
    if held_out is None:
        return
    on_test = " examples" if test is None else f", and {percent(test)} of the test examples"
    yield f"Always answering a part's most frequent class is right in {percent(held_out)} of the held-out{on_test}."
    cross = facts["cross_fitted"]
    if cross and cross["low"] is not None and cross["low"] <= held_out:
        yield "By the cross-fitted figure the choice is not shown to be better than that."


def _chance_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say what a score of two classes is by chance, and whether the choice is shown to be better."""
    measure, cross = facts["measure"], facts["cross_fitted"]
    if measure not in ("roc_auc", "balanced_accuracy") or (measure != "roc_auc" and facts["output"] != "sigmoid"):
        return
    yield f"By chance the {measure_name(measure)} is {score_text(0.5, measure)}."
    if cross and cross["low"] is not None and cross["low"] <= 0.5:
        yield "By the cross-fitted figure the choice is not shown to be better than that."


def _numbers(choice: Sequence[int]) -> str:
    return f"trial{'s' * (len(choice) > 1)} {', '.join(map(str, choice))}"


def optimism_text(facts: SearchFacts) -> str:
    """Say by how much the naive score is too good."""
    optimism = facts["optimism"]
    if optimism is None:
        return ""
    if facts["measure"].endswith("accuracy"):
        size, unit = f"{100 * abs(optimism):.1f}", " points"
    else:
        size, unit = f"{abs(optimism):.3f}", f" of {measure_name(facts['measure'])}"
    if optimism > 0:
        return (
            f"Optimism: who picks and reports on the same examples claims {size}{unit} more than the choice is worth."
        )
    lower = f"{size}{unit} lower" if optimism < 0 else "the same"
    return f"Optimism: none here; the naive figure is {lower}."


def rival_sentences(facts: SearchFacts) -> Iterator[str]:
    """Compare the choice with each other known network, on the held-out and on the test examples."""
    for rival in facts["rivals"]:
        if [rival["number"]] == list(facts["choice"]["trials"]):
            continue
        for part, words in (("cross_fitted", "held-out"), ("test", "test")):
            own, other, paired = facts[part], rival[part], rival[f"{part}_paired"]
            if own and other and paired:
                counts, adjusted = (paired[0], paired[1]), rival[f"{part}_p_adjusted"]
                if adjusted is None:
                    yield f"It is not compared with the {rival['name']} on the {words} examples: one of them diverged."
                else:
                    yield rival_sentence(rival["name"], words, own, other, counts, adjusted, facts["measure"])
    judged = [rival for rival in facts["rivals"] if [rival["number"]] != list(facts["choice"]["trials"])]
    made = {sum(one[f"{part}_p_adjusted"] is not None for one in judged) for part in ("cross_fitted", "test")} - {0}
    if max(made, default=0) > 1:
        yield f"Each p-value allows for {' or '.join(map(str, sorted(made)))} comparisons at once (Holm's correction)."


def rival_sentence(
    name: str, part: str, own: SearchFacts, other: SearchFacts, only: tuple[int, int], p: float, measure: str
) -> str:
    """Say in a sentence whether the choice beats a network.

    Args:
        name: of the network.
        part: "held-out" or "test".
        own, other: estimates of the choice and of the network.
        only: examples that the choice alone gets right (has nearer), and that the other alone does.
        p: the p-value, adjusted where several networks are judged at once.
        measure: what is reported: "accuracy", "r2", or a score of classes.
    """
    only_own, only_other = only
    scores = f"{score_text(own['figure'], measure)} against {score_text(other['figure'], measure)}"
    where = f"{scores} on {own['n']:,} {part} examples"
    if only_own == only_other == 0 and measure not in RANKED_BY_CLASSES:
        return f"As good as the {name}, {where}: both get the very same examples right."
    ahead = (own["figure"] or 0.0) - (other["figure"] or 0.0)
    sure = p < 1 - CONFIDENCE_LEVEL
    if sure:
        verb = "beats" if ahead > 0 else "is worse than"
    else:
        verb = "is not shown to beat" if ahead >= 0 else "is behind"
    chance = "hardly chance" if sure else "may be chance"
    split = f"{max(only_own, only_other)} to {min(only_own, only_other)}"
    stays = " The test set chooses nothing, so the choice stays." if sure and ahead < 0 and part == "test" else ""
    if measure == "accuracy":
        disagree = f"they disagree on {only_own + only_other}, {split}"
        return f"It {verb} the {name}, {where}: {chance}; {disagree} (p = {p:.2g}).{stays}"
    if measure in RANKED_BY_CLASSES:
        return f"It {verb} the {name}, {measure_name(measure)} {where}: {chance} (p = {p:.2g}).{stays}"
    nearer = f"it is nearer on {only_own}, farther on {only_other}"
    return f"It {verb} the {name}, R² {where}: {chance}; {nearer} (p = {p:.2g}).{stays}"


def importance_text(facts: SearchFacts) -> str:
    """Say on which settings the trials' scores depended, or how many trials it takes to say so; "" if not known."""
    how = facts["mattered"]
    if not how:
        return ""
    if how["trials"] < how["wanted"]:
        return (
            f"Which settings mattered cannot be told from {count_text(how['trials'], 'trial')}: with "
            f"{count_text(how['settings'], 'setting')} it takes {how['wanted']:,}."
        )
    chance = f"in a search with random scores a setting would seem to explain up to {_tens(how['chance'])}"
    if not facts["importance"]:
        return f"No setting mattered more than chance could make it seem: {chance} of their variance."
    parts = [f"{name.replace('_', ' ')} {_tens(share)}" for name, share in facts["importance"].items()]
    return (
        f"What the trials' scores depended on: {', '.join(parts)}. These are shares of the variance of their ranks "
        f"that a setting explains alone, to the nearest ten; {chance}."
    )


def _tens(share: float) -> str:
    return f"about {round(10 * share) * 10} %"


def many_enough(facts: SearchFacts) -> bool:
    """Whether there are trials enough to see in them, or to tell, which settings mattered."""
    return bool(facts["mattered"]) and facts["mattered"]["trials"] >= facts["mattered"]["wanted"]


def failed_sentences(facts: SearchFacts) -> list[str]:
    """List the trials that could not be trained, by number, with the reason."""
    reasons: dict[str, list[int]] = {}
    for trial in (*facts["known"], *facts["trials"]):
        if trial["failed"]:
            reasons.setdefault(trial["failed"], []).append(trial["number"])
    told = ((members_text(numbers, facts), why) for why, numbers in reasons.items())
    lines = [f"! {members[0].upper()}{members[1:]} failed: {why}" for members, why in told]
    more = f"! … and {count_text(len(lines) - MOST_FAILED, 'more reason')}, which the JSON has"
    return lines if len(lines) <= MOST_FAILED else [*lines[:MOST_FAILED], more]
