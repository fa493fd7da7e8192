"""What a comparison shows, in sentences: a pair of networks, and a network beside the base rate.

Several pairs are judged at once. Each sentence says how likely its result is by chance, and how likely it is once it is
allowed for that so many were compared (``statistics.holm``); what follows goes by the latter.
"""

from __future__ import annotations

import math

from layerlab.evaluating.paired_words import by_luck_text, paired_text
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL
from layerlab.text import percent


def pair_verdict(
    ahead: tuple[str, float, int],
    behind: tuple[str, float, int],
    examples: int,
    p_values: tuple[float, float],
    pairs: int,
) -> str:
    """Say whether two networks differ on the same test examples.

    Args:
        ahead, behind: name, accuracy, and number of examples that this network alone gets right.
        examples: number of test examples.
        p_values: of the pair's test, and adjusted for all pairs.
        pairs: how many were compared.
    """
    (better, best, _), (worse, other, _) = ahead, behind
    for name, accuracy in ((better, best), (worse, other)):
        if math.isnan(accuracy):
            return f"{better} and {worse} are not compared: {name} diverged."
    return paired_text(ahead, behind, (examples, "test examples"), p_values, pairs)


def split_verdict(first: str, second: str, difference: float, p_values: tuple[float, float], pairs: int) -> str:
    """Say whether two networks differ on average over re-drawn splits.

    Args:
        first, second: names of the networks.
        difference: mean accuracy of the first minus that of the second.
        p_values: of the pair's test, and adjusted for all pairs.
        pairs: how many were compared.
    """
    if math.isnan(difference):
        return f"{first} and {second} are not compared: one of them diverged in some split."
    if difference == 0:
        return f"{first} and {second} are right equally often."
    better, worse = (first, second) if difference > 0 else (second, first)
    ahead = f"{better} is ahead of {worse} by {100 * abs(difference):.1f} points on average"
    return f"{ahead}. {by_luck_text('a difference this large', p_values, pairs)}"


def base_rate_verdict(
    name: str,
    accuracy: float,
    interval: tuple[float, float],
    base_rate: float,
    p_values: tuple[float, float],
    networks: int,
) -> str:
    """Say whether a network differs from the base rate.

    Args:
        name, accuracy, interval: of the network.
        base_rate: the accuracy of always answering the majority class.
        p_values: of the network's test, and adjusted for all networks.
        networks: how many are held against the base rate.
    """
    if math.isnan(accuracy):
        return f"{name} diverged and has no accuracy."
    low, high = interval
    scores = f"{name}: {percent(accuracy)} (95 % interval {100 * low:.1f} to {100 * high:.1f})"
    p, adjusted = p_values
    if adjusted < 1 - CONFIDENCE_LEVEL:
        return (
            f"{scores} is {'better' if accuracy > base_rate else 'worse'} than the base rate of {percent(base_rate)}."
        )
    allowed = f", once it is allowed for that {networks} networks were tested" * (p < 1 - CONFIDENCE_LEVEL)
    return f"{scores} is not shown to differ from the base rate of {percent(base_rate)}{allowed}."
