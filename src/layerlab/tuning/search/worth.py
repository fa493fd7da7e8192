"""How good the choice of a search is, in sentences: its scores, how optimistic one of them is, and comparisons.

The sentences are made from plain values, which ``Search.facts`` computes once and the search's folder keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from layerlab.evaluating.paired_words import by_luck_text, paired_text
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL, wilson_interval
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.runs.verdict import listed
from layerlab.text import count_text, percent, r_squared_text

SearchFacts = Mapping[str, Any]
"""What ``Search.facts`` returns, and ``result.json`` holds."""

OPTIMISTIC = "optimistic estimate"
"""The score that picks the choice: too good, since the choice was picked by it."""

SETS = (("cross_fitted", "held-out examples"), ("test", "test examples"))
"""The sets on which the choice is compared with the reference networks: their keys in the facts, and their names."""


class ScoreRow(NamedTuple):
    """A row of the table in which the optimistic estimate stands beside the honest ones.

    Attributes:
        name: the name of the score.
        figure: accuracy or R².
        interval: its 95 % interval, or None.
        n: number of examples.
        what: how it was measured, in a few words.
    """

    name: str
    figure: float
    interval: tuple[float, float] | None
    n: int
    what: str


def score_text(figure: float | None, measure: str) -> str:
    """Return an accuracy in per cent, or an R² or area with three decimals; a dash for None."""
    if figure is None:
        return "–"
    return percent(figure) if measure.endswith("accuracy") else r_squared_text(figure)


def interval_text(interval: tuple[float, float] | None, measure: str = "accuracy") -> str:
    """Return the ends of an interval, of an accuracy in per cent; a dash where there is none, as for R²."""
    if interval is None:
        return "–"
    if not measure.endswith("accuracy"):
        return f"{interval[0]:.3f} to {interval[1]:.3f}"
    return f"{100 * interval[0]:.1f} to {percent(interval[1])}"


def measure_name(measure: str) -> str:
    """Return the reported score in words."""
    return {"r2": "R²", "roc_auc": "ROC AUC"}.get(measure, measure.replace("_", " "))


def members_text(numbers: Sequence[int], facts: SearchFacts) -> str:
    """Name trials by their numbers, and reference networks by their names, in their order."""
    if all(number >= 0 for number in numbers):
        return f"trial{'s' * (len(numbers) > 1)} {listed([str(number) for number in numbers])}"
    names = {one["number"]: f"the {one['name']}" for one in facts["known"]}
    return listed([names.get(number, f"trial {number}") for number in numbers])


def answer_text(facts: SearchFacts) -> str:
    """Say which network was chosen, what it scores, and whether it is better than the reference networks."""
    if facts["choice"] is None:
        return "No network could be chosen: none was trained to its end."
    chosen = facts["choice"]["trials"]
    who = members_text(chosen, facts)
    if len(chosen) > 1:
        who = f"the average of {len(chosen)} networks ({who})"
    among = count_text(len(facts["trials"]), "trial")
    among += f" and {count_text(len(facts['known']), 'reference network')}" if facts["known"] else ""
    key, called = SETS[facts["test"] is not None]
    score, measure = facts[key], facts["measure"]
    first = f"Chosen from {among}: {who}"
    if facts["leak"] or score is None or score["figure"] is None:
        return f"{first}."
    interval = None if score["low"] is None else (score["low"], score["high"])
    sure = "" if interval is None else f" (95 % interval {interval_text(interval, measure)})"
    value = f"{measure_name(measure)} {score_text(score['figure'], measure)}"
    return " ".join([f"{first}, with {value} on the {score['n']:,} {called}{sure}.", *_relations(facts, key, score)])


def _relations(facts: SearchFacts, key: str, own: SearchFacts) -> Iterator[str]:
    """Say which reference networks the choice is better and worse than, on one set of examples."""
    kinds: dict[str, list[str]] = {"better": [], "unclear": [], "worse": []}
    for rival in _others(facts):
        other, p = rival[key], rival[f"{key}_p_adjusted"]
        if other and other["figure"] is not None and p is not None:
            kind = "better" if own["figure"] > other["figure"] else "worse"
            kind = kind if p < 1 - CONFIDENCE_LEVEL else "unclear"
            kinds[kind].append(f"the {rival['name']} ({score_text(other['figure'], facts['measure'])})")
    if kinds["better"]:
        yield f"It is probably better than {listed(kinds['better'])}."
    if kinds["unclear"]:
        yield f"It is not shown to differ from {listed(kinds['unclear'])}."
    if kinds["worse"]:
        stays = ": the search chose before it saw the test set, so the choice stays" if key == "test" else ""
        yield f"It is probably worse than {listed(kinds['worse'])}{stays}."


def _others(facts: SearchFacts) -> list[SearchFacts]:
    """Return the reference networks that are not themselves the choice."""
    return [rival for rival in facts["rivals"] if [rival["number"]] != list(facts["choice"]["trials"])]


def score_rows(facts: SearchFacts) -> list[ScoreRow]:
    """Return the optimistic estimate, and those on examples that were not used for the choice that they score."""
    rows = []
    n, naive, leak = facts["examples"], facts["naive"], bool(facts["leak"])
    if naive is not None:
        sure = wilson_interval(round(naive * n), n) if facts["measure"] == "accuracy" else None
        rows.append(ScoreRow(OPTIMISTIC, naive, sure, n, "measured on the examples that also picked the winner"))
    what = "each part of them is scored by the network that the other parts picked"
    if facts["folds"] > 1:
        split = f"the {n:,} training examples were split into {facts['folds']} parts (folds)"
        what = f"{split}, and each fold is scored by the network that the other folds picked"
    rows += _estimate("corrected estimate", facts["cross_fitted"], what)
    nested = facts["nested"]
    what = "the whole search was repeated without each outer fold, and its choice scored there"
    rows += _estimate("nested estimate", nested and nested["estimate"], what)
    what = "never used for choosing" + ", so this is the score to report" * (len(facts["test_looks"]) < 2)
    what = "ranked the networks, so its score is a leak" if leak else what
    return rows + _estimate("test set", facts["test"], what)


def _estimate(name: str, one: SearchFacts | None, what: str) -> list[ScoreRow]:
    if one is None or one["figure"] is None:
        return []
    interval = None if one["low"] is None else (one["low"], one["high"])
    return [ScoreRow(name, one["figure"], interval, one["n"], what)]


def score_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say how optimistic the optimistic estimate is, what the base rate is, and how often the test set was used."""
    points = optimism_text(facts)
    if points:
        yield points
    if facts["nested"] and facts["nested"]["estimate"]["cost"] is None:
        yield "There is no nested estimate: the network that was chosen without one of the outer folds diverged."
    yield from _base_sentences(facts)
    looks = facts["test_looks"]
    if facts["leak"]:
        yield "The test set ranked the networks, so no score here says how good they are on new examples."
    elif len(looks) == 1:
        yield "The test set was used once, after the choice."
    elif looks:
        choices = ", then for ".join(members_text(one, facts) for one in looks)
        yield (
            f"The test set was used {len(looks)} times: for {choices}. Searching on until its score looks good is "
            f"choosing by it, which makes that score optimistic too."
        )


def optimism_text(facts: SearchFacts) -> str:
    """Say by how much the optimistic estimate is too good."""
    if facts["optimism"] is None:
        return ""
    scores, measure = (facts["naive"], facts["cross_fitted"]["figure"]), facts["measure"]
    optimistic, corrected = (float(score_text(score, measure).removesuffix(" %")) for score in scores)
    optimism = optimistic - corrected  # of the values as the table shows them
    size = f"{abs(optimism):.1f} percentage points" if measure.endswith("accuracy") else f"{abs(optimism):.3f}"
    if optimistic > corrected:
        return f"The optimistic estimate is {size} higher than the corrected one."
    than = f"{size} lower than" if optimistic < corrected else "the same as"
    return f"The optimistic estimate is not too high here: it is {than} the corrected one."


def _base_sentences(facts: SearchFacts) -> Iterator[str]:
    """Say what always answering the majority class scores, or guessing, and whether the choice is better."""
    (held_out, test), measure, cross = facts["base_rates"], facts["measure"], facts["cross_fitted"]
    constant = None
    if measure == "roc_auc" or (measure == "balanced_accuracy" and facts["output"] == "sigmoid"):
        constant = 0.5
        yield f"Guessing at random has a {measure_name(measure)} of {score_text(constant, measure)}."
    elif held_out is not None:
        constant = held_out
        on_test = "" if test is None else f" and {percent(test)} of the test examples"
        yield f"Always answering the majority class is right on {percent(held_out)} of the held-out examples{on_test}."
    if constant is not None and cross and cross["low"] is not None and cross["low"] <= constant:
        yield "The corrected estimate does not show that the choice is better than that."


def rival_sentences(facts: SearchFacts) -> Iterator[str]:
    """Compare the choice with each other reference network: on the test set in full, on held-out examples in brief."""
    rivals = _others(facts)
    for rival in rivals:
        said = []
        for key, called in reversed(SETS):
            own, other, paired = facts[key], rival[key], rival[f"{key}_paired"]
            if not (own and other and paired):
                continue
            adjusted = rival[f"{key}_p_adjusted"]
            if adjusted is None:
                said.append(
                    f"The choice and the {rival['name']} are not compared on the {called}: one of them diverged."
                )
                continue
            pairs = sum(one[f"{key}_p_adjusted"] is not None for one in rivals)
            sides = (_chosen(facts), own, paired[0]), (rival["name"], other, paired[1])
            if said:
                said.append(_in_brief(*sides, called, adjusted, facts["measure"]))
            else:
                said.append(rival_sentence(*sides, called, (paired[2], adjusted), pairs, facts["measure"]))
        if said:
            yield " ".join(said)


def _in_brief(
    choice: tuple[str, SearchFacts, int], rival: tuple[str, SearchFacts, int], called: str, p: float, measure: str
) -> str:
    """Say both scores, and whether the difference is shown."""
    scores = ", ".join(f"{who} {score_text(one['figure'], measure)}" for who, one, _ in (choice, rival))
    follows = "probably a real difference" if p < 1 - CONFIDENCE_LEVEL else "this can be luck"
    return f"On the {choice[1]['n']:,} {called} (corrected estimate): {scores} ({follows})."


def _chosen(facts: SearchFacts) -> str:
    return "chosen average" if len(facts["choice"]["trials"]) > 1 else "chosen network"


def rival_sentence(
    choice: tuple[str, SearchFacts, int],
    rival: tuple[str, SearchFacts, int],
    called: str,
    p_values: tuple[float, float],
    pairs: int,
    measure: str,
) -> str:
    """Say in sentences whether the choice and a reference network differ on the same examples.

    Args:
        choice, rival: name, estimate, and number of examples that this one alone gets right (regression: predicts
            more closely).
        called: "held-out examples" or "test examples".
        p_values: the p-value of the pair's test, and the one adjusted for all pairs on these examples.
        pairs: how many pairs are judged at once.
        measure: what is reported: "accuracy", "r2", or a score of classes.
    """
    ahead, behind = (choice, rival) if (choice[1]["figure"] or 0.0) >= (rival[1]["figure"] or 0.0) else (rival, choice)
    (better, best, only_better), (worse, other, only_worse) = ahead, behind
    n = choice[1]["n"]
    if measure == "accuracy":
        sides = (better, best["figure"], only_better), (worse, other["figure"], only_worse)
        return _begun(paired_text(*sides, (n, called), p_values, pairs))
    name = measure_name(measure)
    scores = " and ".join(f"{who} has {name} {score_text(one['figure'], measure)}" for who, one, _ in (ahead, behind))
    closer = ""
    if measure not in RANKED_BY_CLASSES:
        closer = f" {_begun(better)} predicts {only_better:,} of them more closely, {worse} {only_worse:,}."
    luck = by_luck_text("a difference this large", p_values, pairs)
    return _begun(f"{scores} on the {n:,} {called}.{closer} {luck}")


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
