"""What a comparison shows, in sentences: which network is best, how sure that is, and whether it beats the base rate.

The sentences are made from the facts of a comparison. If several pairs are judged at once, the conclusions rest on the
p-values that allow for their number (``statistics.holm``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from layerlab.evaluating.paired_words import by_luck_text, number_text, often_text, paired_text
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL
from layerlab.runs.verdict import listed
from layerlab.text import percent

MOST_NAMED = 3
"""How many other networks are named besides the best one; if there are more, only their number is given."""


NOTABLE = 0.01
"""If predicting the training set's majority class scores lower than the base rate by more than this, that is said."""


class NetworkRanking(NamedTuple):
    """Which networks are ahead; a number is a network's place in the list of all.

    Attributes:
        best: the networks with the highest accuracy.
        behind: the networks that are probably worse than each of the best.
        unclear: the networks with a lower accuracy that are not shown to be worse.
    """

    best: list[int]
    behind: list[int]
    unclear: list[int]


def ranking(accuracies: Sequence[float], tests: Sequence[Mapping[str, Any]]) -> NetworkRanking:
    """Rank networks; those that diverged are left out.

    Args:
        accuracies: one for each network; nan for one that diverged.
        tests: one for each pair, with ``p_adjusted``, in the order of ``itertools.combinations``.
    """
    pairs = combinations(range(len(accuracies)), 2)
    p_values = {pair: test["p_adjusted"] for pair, test in zip(pairs, tests, strict=True)}
    alive = [k for k, accuracy in enumerate(accuracies) if not math.isnan(accuracy)]
    highest = max((accuracies[k] for k in alive), default=math.nan)
    best = [k for k in alive if accuracies[k] == highest]
    others = [k for k in alive if accuracies[k] != highest]
    behind = [k for k in others if all(p_values[min(k, one), max(k, one)] < 1 - CONFIDENCE_LEVEL for one in best)]
    return NetworkRanking(best, behind, [k for k in others if k not in behind])


def ranking_of(facts: Mapping[str, Any]) -> NetworkRanking:
    """Rank the networks of a comparison, over its random splits if there are any, else on its test set."""
    if resplits := facts["resplits"]:
        return ranking([one["mean_accuracy"] for one in resplits["models"]], resplits["paired_tests"])
    return ranking([one["test_accuracy"] for one in facts["models"]], facts["paired_tests"])


def answers(facts: Mapping[str, Any]) -> list[str]:
    """Say which network is best and whether that is shown: over random splits if there are any, and on the test set."""
    models, said = facts["models"], []
    if resplits := facts["resplits"]:
        means = [(one["name"], one["mean_accuracy"]) for one in resplits["models"]]
        said.append(_answer(means, resplits["paired_tests"], f"over {resplits['n']} random splits", " on average"))
    scores = [(one["name"], one["test_accuracy"]) for one in models]
    return [*said, _answer(scores, facts["paired_tests"], "on the test set")]


def _answer(scores: Sequence[tuple[str, float]], tests: Sequence[Mapping[str, Any]], where: str, mean: str = "") -> str:
    best, behind, unclear = ranking([accuracy for _, accuracy in scores], tests)
    if not best:
        return "Every network diverged, so none has an accuracy."
    accuracy = percent(scores[best[0]][1]) + mean
    if len(best) > 1 and not behind and not unclear:
        return f"{_all_of(len(best)).capitalize()} networks have the same accuracy {where}: {accuracy}."
    names = listed([scores[k][0] for k in best])
    first = f"Best {where}: {names}, {accuracy}{' each' * (len(best) > 1)}."
    them = "It is" if len(best) == 1 else "They are"
    others = len(behind) + len(unclear)
    said = [first]
    if behind:
        said.append(f"{them} probably better than {_named(behind, scores, others, 'and')}.")
    if unclear:
        luck = "the difference" if len(unclear) == 1 else "such differences"
        said.append(f"{them} not shown to be better than {_named(unclear, scores, others, 'or')}: {luck} can be luck.")
    return " ".join(said)


def _named(places: Sequence[int], scores: Sequence[tuple[str, float]], others: int, joined: str) -> str:
    """Name the other networks with their accuracies, or say how many they are."""
    if others > MOST_NAMED:
        every = "all the others" if joined == "and" else "any of the others"
        return every if len(places) == others else f"{len(places)} of the {others} others"
    *first, last = [f"{scores[k][0]} ({percent(scores[k][1])})" for k in places]
    return f"{', '.join(first)} {joined} {last}" if first else last


def _all_of(count: int) -> str:
    return "both" if count == 2 else f"all {number_text(count)}"


def evidence(facts: Mapping[str, Any]) -> list[str]:
    """Compare the networks with the base rate, then each pair, on the test set; over random splits too, if any."""
    scores = [(one["name"], one["test_accuracy"]) for one in facts["models"]]
    constant = _constant(facts["base_rate"], facts["majority_class"])
    said = list(base_rate_sentences(scores, facts["models"], facts["base_rate"], constant))
    if facts["training_majority"] < facts["base_rate"] - NOTABLE:
        which = f" ({facts['training_majority_class']!r})" if facts["training_majority_class"] else ""
        said.append(
            f"In the training set, another class{which} is the majority. Always answering that one would be correct "
            f"for {percent(facts['training_majority'])} of the test examples."
        )
    said += [test["verdict"] for test in facts["paired_tests"]]
    if resplits := facts["resplits"]:
        means = [(one["name"], one["mean_accuracy"]) for one in resplits["models"]]
        over = f"over {resplits['n']} random splits"
        constant = f"{_constant(resplits['base_rate'])} on average {over}"
        said += base_rate_sentences(means, resplits["models"], resplits["base_rate"], constant)
        said += [f"O{over[1:]} {test['verdict']}" for test in resplits["paired_tests"]]
    return said


def _constant(base_rate: float, name: str = "") -> str:
    """Name the constant prediction that is best, and say how often it is correct."""
    answer = f"{name!r}, the majority class" if name else "the majority class"
    return f"always answering {answer}, which is correct for {percent(base_rate)}"


def base_rate_sentences(
    scores: Sequence[tuple[str, float]], tests: Sequence[Mapping[str, Any]], base_rate: float, constant: str
) -> Iterator[str]:
    """Say which networks differ from always predicting the majority class, in one sentence if it is true for all.

    Args:
        scores: name and accuracy of each network; nan for one that diverged.
        tests: one for each network, with ``base_rate_p_value`` and ``base_rate_p_adjusted``.
        base_rate: the accuracy of always predicting the majority class.
        constant: that prediction in words.
    """
    luck = 1 - CONFIDENCE_LEVEL
    kinds: dict[str, list[str]] = {"better": [], "worse": [], "unclear": [], "diverged": []}
    for (name, accuracy), test in zip(scores, tests, strict=True):
        if math.isnan(accuracy):
            kind = "diverged"
        elif test["base_rate_p_adjusted"] < luck:
            kind = "better" if accuracy > base_rate else "worse"
        else:
            kind = "unclear"
        kinds[kind].append(name)
    tested = len(scores) - len(kinds["diverged"])
    for kind, names in kinds.items():
        one = len(names) == 1
        who = f"{_all_of(tested).capitalize()} networks" if len(names) == tested > 1 else listed(names)
        if names and kind == "diverged":
            yield f"{listed(names)} diverged and {'has' if one else 'have'} no accuracy."
        elif names and kind == "better":
            yield f"{who} {'is' if one else 'are'} better than {constant}."
        elif names and kind == "worse":
            yield f"{who} {'is' if one else 'are'} worse than {constant}."
        elif names:
            shown = f"{who} {'is' if one else 'are'} not shown to be better than {constant}"
            if len(names) == tested > 1:
                shown = f"None of the {number_text(tested)} networks is shown to be better than {constant}"
            yield " ".join([f"{shown}.", *_by_luck(scores, tests, tested)])


def _by_luck(scores: Sequence[tuple[str, float]], tests: Sequence[Mapping[str, Any]], tested: int) -> Iterator[str]:
    """Say how often luck alone makes such a difference, for networks of which only the correction says that it can."""
    for (name, _), test in zip(scores, tests, strict=True):
        p_values = test["base_rate_p_value"], test["base_rate_p_adjusted"]
        if p_values[0] < 1 - CONFIDENCE_LEVEL <= p_values[1]:
            often = often_text(p_values, tested, "networks")
            yield f"If {name} were no better, a difference this large would come up {often}: it can be luck."


def pair_verdict(
    ahead: tuple[str, float, int],
    behind: tuple[str, float, int],
    examples: int,
    p_values: tuple[float, float],
    pairs: int,
) -> str:
    """Say whether two networks differ on the same test examples.

    Args:
        ahead, behind: name, accuracy, and number of examples that this network alone classifies correctly.
        examples: number of test examples.
        p_values: the p-value of the pair's test, and the one adjusted for all pairs.
        pairs: how many were compared.
    """
    (better, best, _), (worse, other, _) = ahead, behind
    for name, accuracy in ((better, best), (worse, other)):
        if math.isnan(accuracy):
            return f"{better} and {worse} are not compared: {name} diverged."
    return paired_text(ahead, behind, (examples, "test examples"), p_values, pairs)


def split_verdict(first: str, second: str, difference: float, p_values: tuple[float, float], pairs: int) -> str:
    """Say whether two networks differ on average over random splits.

    Args:
        first, second: names of the networks.
        difference: mean accuracy of the first minus that of the second.
        p_values: the p-value of the pair's test, and the one adjusted for all pairs.
        pairs: how many were compared.
    """
    if math.isnan(difference):
        return f"{first} and {second} are not compared: one of them diverged in some split."
    if difference == 0:
        return f"{first} and {second} have the same mean accuracy."
    better, worse = (first, second) if difference > 0 else (second, first)
    points = f"{100 * abs(difference):.1f}" if abs(difference) >= 0.0005 else "less than 0.1"
    ahead = f"{better} is {points} percentage points ahead of {worse} on average"
    return f"{ahead}. {by_luck_text('a difference this large', p_values, pairs)}"
