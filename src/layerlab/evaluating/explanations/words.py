"""What screens and reports say of an explanation: the sentences, and the tables between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from layerlab.console import as_text, plain_table
from layerlab.escapes import printable
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL
from layerlab.text import amount, count_text, probability_text

from .attribute import SMALL_REMAINDER
from .explanation import nothing_moves
from .importance import nothing_matters, shown_to_matter

if TYPE_CHECKING:
    from rich.console import Console

LARGE_REMAINDER = 0.05
"""Contributions that leave more than this share of the difference unexplained are not to be relied on."""

EXACT_REMAINDER = 1e-6
"""A remainder below this share of the difference is not mentioned: it is rounding."""

SCORE_WORDS = {"balanced_accuracy": "balanced accuracy", "roc_auc": "ROC AUC", "average_precision": "average precision"}
"""Scores of classes as words."""


def explanation_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences around the table of contributions: the prediction, then what they mean.

    If the network passes nothing of the example on, the second sentence says so. If every contribution is 0, that
    sentence is the last.

    Args:
        facts: the result of ``explain_answer``.
    """
    inactive = facts["inactive"]["what"] if facts["inactive"] else ""
    first = tuple(filter(None, (_prediction_line(facts), facts.get("members"), inactive)))
    if nothing_moves(facts):
        return first
    speaking = f"Contributions above 0 speak for {facts['of']}, those below 0 against it; the largest come first."
    outputs = (
        f"{_output_in_words(facts)} is {amount(facts['at_row'])} for this example and {amount(facts['at_baseline'])} "
        f"for {facts['baseline']}."
    )
    remainder, difference = facts["remainder"], facts["at_row"] - facts["at_baseline"]
    method = f"integrated gradients in {facts['steps']:,} steps"
    if abs(remainder) > LARGE_REMAINDER * max(SMALL_REMAINDER, abs(difference)):
        warning = (
            f"Do not rely on the contributions: {amount(abs(remainder))} of that difference remains unexplained "
            f"({method}), because the output jumps somewhere between the two."
        )
        return *first, speaking, outputs, warning
    exact = abs(remainder) <= EXACT_REMAINDER * abs(difference)
    error = "" if exact else f", except for a numerical error of {abs(remainder):.2g}"
    adding_up = f"The contributions add up to that difference of {amount(difference)}{error} ({method})."
    causes = "They show what this network uses, not what causes what in the real world."
    return *first, speaking, f"{outputs} {adding_up}", causes


def _prediction_line(facts: Mapping[str, Any]) -> str:
    """Say the prediction, its probability, and whether it is correct, if that is known."""
    sure = "" if facts["probability"] is None else f" (probability {probability_text(facts['probability'])})"
    if facts["truth"] is None:
        return f"{facts['named']}: the prediction is {facts['answer']}{sure}."
    where = "" if facts["named"].startswith("Test") else f" (in {facts['part']})"
    if facts["probability"] is None:
        true = f"; the true {'labels are' if facts['of'].startswith('label') else 'value is'} {facts['truth']}"
    elif facts["answer"] == facts["truth"]:
        true = ", which is correct"
    else:
        true = f", but the true class is {facts['truth']}"
    return f"{facts['named']}{where}: the prediction is {facts['answer']}{sure}{true}."


def _output_in_words(facts: Mapping[str, Any]) -> str:
    """Name the output that is explained, as the subject of a sentence."""
    before, _, _ = facts["unit"].partition(",")
    if before == "z before the sigmoid":
        which = f" for {facts['of']}" if facts["of"].startswith("label ") else ""
        return f"The network's output z{which} (before the sigmoid)"
    if before == "z before the softmax":
        return f"The network's output z for {facts['of']} (before the softmax; minus the mean z of all classes)"
    output = facts["of"].removeprefix("a higher value").removeprefix(" of ")
    return f"The {'predicted value' if facts['unit'] == 'value' else facts['unit']}{output and f' ({output})'}"


def print_explanation(facts: Mapping[str, Any], console: Console) -> None:
    """Print the prediction, a table with the value and the contribution of each column, and what they mean.

    Args:
        facts: the result of ``explain_answer``.
        console: where to print.
    """
    first = 1 + bool(facts["inactive"])
    lines = explanation_lines(facts)
    for line in lines[:first]:
        console.print(printable(line), highlight=False, markup=False)
    if nothing_moves(facts):
        return
    valued = any(one["value"] for one in facts["columns"])
    table = plain_table("input", *(["value"] if valued else []), "contribution")
    table.columns[0].no_wrap = False  # names of columns may be long
    for one in facts["columns"]:
        value = [Text(printable(one["value"]))] if valued else []
        table.add_row(Text(printable(one["name"])), *value, amount(one["share"], "+"))
    if facts["others"]:
        table.add_row(f"{facts['others']:,} others", *([""] if valued else []), amount(facts["others_share"], "+"))
    console.print(table)
    for line in lines[first:]:
        console.print(printable(line), highlight=False, markup=False)


def explanation_text(facts: Mapping[str, Any]) -> str:
    """Return what ``print_explanation`` prints as plain text, 100 characters a line."""
    return as_text(lambda console: print_explanation(facts, console))


def how_many_matter(columns: Sequence[Mapping[str, Any]]) -> str:
    """Say how many columns are shown to matter: shuffling them makes the score worse, by the adjusted p-value.

    Args:
        columns: the columns of ``Importance.facts``.
    """
    n = len(columns)
    shown = sum(map(shown_to_matter, columns))
    holms = f" after Holm's correction for {n:,} tests" if n > 1 else ""
    count, verb = f"{shown:,}" if shown else "None", "are" if shown > 1 else "is"
    why = ": shuffling makes the predictions worse" if shown else ""
    above = sum(one["interval"][0] > 0 for one in columns) - shown
    more = "more " if shown else ""
    luck = (
        f" {above:,} {more}interval{'s lie' if above > 1 else ' lies'} above 0, which can be luck among {n:,} inputs."
    )
    return (
        f"{count} of {count_text(n, 'input')} {verb} shown to matter{why} (paired t-test over the test examples, "
        f"p < {1 - CONFIDENCE_LEVEL:.2g}{holms}).{luck if above > 0 else ''}"
    )


def lost_words(facts: Mapping[str, Any], error: str = "mean absolute error") -> tuple[int, str]:
    """Return the factor that drops are shown with, and what is lost in words.

    Args:
        facts: the result of ``Importance.facts``.
        error: what the error of a regression is called.
    """
    if facts["score"] == "mean absolute error":
        return 1, f"increase of the {error}"
    return 100, f"{_score(facts)} lost (percentage points)"


def _score(facts: Mapping[str, Any]) -> str:
    return str(SCORE_WORDS.get(facts["score"], facts["score"]))


def importance_method(facts: Mapping[str, Any]) -> str:
    """Say how the importance was measured, and what it does not show.

    Args:
        facts: the result of ``Importance.facts``.
    """
    base = f"{100 * facts['base']:.1f} %" if facts["score"] != "mean absolute error" else amount(facts["base"])
    return (
        f"Each input was shuffled {count_text(facts['repeats'], 'time')} over the {facts['examples']:,} test examples "
        f"(permutation importance). Without shuffling, the {_score(facts)} is {base}. If two inputs carry the same "
        f"information, shuffling one of them hardly changes the predictions, because the network can use the other."
    )


def print_importance(facts: dict[str, Any], console: Console) -> None:
    """Print how many columns matter, a table with each column's loss of score, and how it was measured.

    If shuffling changes nothing, a sentence says so in place of the table.

    Args:
        facts: the result of ``Importance.facts``.
        console: where to print.
    """
    if nothing_matters(facts):
        console.print(printable(facts["remark"]), highlight=False, markup=False)
        return
    console.print(printable(how_many_matter(facts["columns"])), highlight=False, markup=False)
    scale, lost = lost_words(facts, "error")
    table = plain_table("shuffled input", lost, "95 % interval", "p, adjusted")
    table.columns[0].no_wrap = False  # names of columns may be long
    for one in facts["columns"]:
        low, high = (amount(scale * end) for end in one["interval"])
        p = one["p_adjusted"]
        sure = "< 0.001" if p < 0.001 else f"{p:.2g}"
        table.add_row(Text(printable(one["name"])), amount(scale * one["drop"], "+"), f"{low} to {high}", sure)
    console.print(table)
    for line in filter(None, (importance_method(facts), facts["remark"])):
        console.print(printable(line), highlight=False, markup=False)
