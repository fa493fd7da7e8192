"""What a significance test of two models says, in sentences: the same words for compare, search and the baselines.

If several pairs are judged at once, a sentence also gives the p-value that allows for their number
(``statistics.holm``), and the conclusion rests on that one.
"""

from __future__ import annotations

from layerlab.evaluating.statistics import CONFIDENCE_LEVEL
from layerlab.text import percent

SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def paired_text(
    ahead: tuple[str, float, int],
    behind: tuple[str, float, int],
    examples: tuple[int, str],
    p_values: tuple[float, float],
    pairs: int = 1,
) -> str:
    """Say whether two classifiers differ on the same examples, by McNemar's exact test.

    Args:
        ahead, behind: name, accuracy, and number of examples that this model alone classifies correctly.
        examples: how many there are, and what they are called: "test examples" or "held-out examples".
        p_values: the p-value of the pair's test, and the one adjusted for all pairs.
        pairs: how many pairs are judged at once.

    Example:
        >>> ahead, behind = ("2-layer network", 352 / 360, 7), ("logistic regression", 345 / 360, 0)
        >>> text = paired_text(ahead, behind, (360, "test examples"), (0.0156, 0.0469), 3)
        >>> for sentence in text.replace(". ", ".|").split("|"):
        ...     print(sentence)
        2-layer network 97.8 %, logistic regression 95.8 %.
        On 7 of the 360 test examples exactly one of them is right: 2-layer network 7 times, logistic regression never.
        If both were equally good, a result this one-sided would come up in 1.6 % of cases, and in 4.7 % once it \
is allowed for that three pairs were compared: probably a real difference.
    """
    (better, best, only_better), (worse, other, only_worse) = ahead, behind
    counts = (better, only_better), (worse, only_worse)
    return (
        f"{better} {percent(best)}, {worse} {percent(other)}. {disagreement_text(*counts, examples, p_values, pairs)}"
    )


def disagreement_text(
    ahead: tuple[str, int],
    behind: tuple[str, int],
    examples: tuple[int, str],
    p_values: tuple[float, float],
    pairs: int = 1,
) -> str:
    """Say on how many examples exactly one of two classifiers is right, and whether that can be luck.

    Args:
        ahead, behind: name, and number of examples that only this model classifies correctly.
        examples, p_values, pairs: as for ``paired_text``.
    """
    (better, only_better), (worse, only_worse), (n, called) = ahead, behind, examples
    disagree = only_better + only_worse
    if not disagree:
        return f"Both are right on exactly the same {called}."
    where = f"On {disagree:,} of the {n:,} {called} exactly one of them is right:"
    if only_better == only_worse:
        return f"{where} each {_times(only_better)}. Neither is shown to be better."
    counts = f"{better} {_times(only_better)}, {worse} {_times(only_worse)}"
    return f"{where} {counts}. {by_luck_text('a result this one-sided', p_values, pairs)}"


def by_luck_text(result: str, p_values: tuple[float, float], pairs: int = 1) -> str:
    """Say how often equally good models would differ as much, and what follows.

    Args:
        result: what was seen: "a result this one-sided" (McNemar's test), "a difference this large" (all others).
        p_values: the p-value of the pair's test, and the one adjusted for all pairs.
        pairs: how many pairs are judged at once.

    Example:
        >>> by_luck_text("a difference this large", (0.34, 0.34))
        'If both were equally good, a difference this large would come up in 34.0 % of cases: it can be luck.'
        >>> by_luck_text("a difference this large", (0.97, 1.0), 3)
        'If both were equally good, a difference this large would come up in 97.0 % of cases: it can be luck.'
    """
    follows = "probably a real difference" if p_values[1] < 1 - CONFIDENCE_LEVEL else "it can be luck"
    often = often_text(p_values, pairs, "pairs")
    return f"If both were equally good, {result} would come up {often}: {follows}."


def often_text(p_values: tuple[float, float], tests: int, tested: str) -> str:
    """Say in how many cases luck alone does as much, and in how many after a correction for the number of tests.

    Args:
        p_values: the p-value of the test, and the one adjusted for all tests.
        tests: how many tests are judged at once.
        tested: what was tested, in the plural: "pairs".
    """
    p, adjusted = p_values
    often = "nearly always" if percent(p) == percent(1.0) else f"in {_share(p)} of cases"
    if tests == 1 or p >= 1 - CONFIDENCE_LEVEL:
        return often
    allowed = f"once it is allowed for that {number_text(tests)} {tested} were compared"
    return (
        f"{often}, even {allowed}" if _share(adjusted) == _share(p) else f"{often}, and in {_share(adjusted)} {allowed}"
    )


def _share(p: float) -> str:
    return "less than 0.1 %" if p < 0.001 else percent(p)


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count:,} times")


def number_text(count: int) -> str:
    """Write a count: as a word if it is below ten, else in digits.

    Example:
        >>> number_text(3), number_text(12)
        ('three', '12')
    """
    return SMALL_NUMBERS[count] if count < len(SMALL_NUMBERS) else f"{count:,}"
