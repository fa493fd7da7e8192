"""Sentences about a classifier if one class is rare: a verdict, the scores behind it, and what would find more of it.

All sentences are made from the facts of ``evaluating.class_scores``; the terminal and the report have the same ones.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from layerlab.text import count_text, percent

Facts = Mapping[str, Any]

MAJORITY = 0.8
"""If one class has at least this share of the examples, accuracy says little about a network. If several classes are
frequent, accuracy does say something about those."""

LOW_RECALL = 0.5
"""If a network finds a smaller share of a rare class than this, a sentence says what would find more."""


def rare_class_lines(facts: Facts) -> tuple[str, ...]:
    """Say how well a network distinguishes the rare class from the others, and how many of its examples it finds.

    Args:
        facts: the result of ``evaluating.scores.train_facts``, whose ``rare`` is not None.
    """
    return (*_scores(facts), *found_text(facts["rare"]), *shifted_text(facts["settings"]))


def accuracy_says_little(facts: Facts) -> bool:
    """Return whether a class is rare, and another one so frequent that always predicting it is nearly always correct.

    Args:
        facts: the result of ``evaluating.scores.train_facts``.
    """
    return bool(facts.get("rare")) and facts["base_rate"] >= MAJORITY


def rare_class_verdict(facts: Facts) -> str:
    """Say whether the network distinguishes the rare class from the others; accuracy does not show that.

    Args:
        facts: the result of ``evaluating.scores.train_facts``, whose ``rare`` is not None.
    """
    rare, k = facts["rare"], _tested(facts)
    name, n = rare["name"], rare["examples"]
    about_it = "" if accuracy_says_little(facts) else " about it"
    little = f"Class {name!r} is rare ({n:,} of the test examples), so accuracy says little{about_it}."
    auc, balanced = rare["roc_auc"], rare["balanced_accuracy_interval"]
    if auc is None or auc["interval"] is None:
        return (
            f"The test examples are too few to say whether the network distinguishes {name!r} from the rest. {little}"
        )
    ranks = _ranks(rare)
    answers = balanced is not None and balanced[0] > 1 / k
    if ranks and answers:
        better = "ranking and predictions are better than chance"
        return f"The network distinguishes {name!r} from the rest: {better}. {little}"
    if ranks:
        return (
            f"The network ranks {name!r} above the rest better than chance. Its predictions are not shown to be better "
            f"than always answering one class. {little}"
        )
    if answers:
        return f"The predictions are better than chance, though the ranking is not shown to be. {little}"
    return f"The network is not shown to distinguish {name!r} from the rest better than chance. {little}"


def _ranks(rare: Facts) -> bool:
    """Return whether the network is shown to rank the rare class above the others."""
    auc = rare["roc_auc"]
    return auc is not None and auc["interval"] is not None and auc["interval"][0] > 0.5


def _scores(facts: Facts) -> Iterator[str]:
    rare = facts["rare"]
    if rare["roc_auc"] is None:
        return
    by_chance = rare["examples"] / facts["test_examples"]
    roc, average = (_area(rare[name]) for name in ("roc_auc", "average_precision"))
    balanced, interval = facts["balanced_accuracy"], rare["balanced_accuracy_interval"]
    ends = f"95 % interval {100 * interval[0]:.1f} to {percent(interval[1])}; " if interval else ""
    yield (
        f"{rare['name']!r} against the rest: ROC AUC {roc}0.5 by chance), average precision {average}{by_chance:.3f} "
        f"by chance). Balanced accuracy {percent(balanced)} ({ends}{percent(1 / _tested(facts))} by chance)."
    )


def _tested(facts: Facts) -> int:
    """Return how many classes have test examples."""
    return sum(recall is not None for recall in facts["recall"].values())


def _area(area: Facts) -> str:
    """Return an area and the beginning of a bracket with its interval."""
    ends = area["interval"]
    return f"{area['value']:.3f} (" + (f"95 % interval {ends[0]:.3f} to {ends[1]:.3f}; " if ends else "")


def found_text(rare: Facts) -> Iterator[str]:
    """Say the recall and the precision of the rare class, and the numbers of test examples behind them.

    Args:
        rare: the part "rare" of the facts.
    """
    name, n, found, called = (rare[one] for one in ("name", "examples", "found", "called"))
    if not n:
        return
    share = f"recall {percent(found / n)}"
    what = f"It predicts {name!r} for none."
    if called:
        correct = f"{found:,} {'is' if found == 1 else 'are'} correct (precision {percent(found / called)})"
        what = f"It predicts {name!r} for {count_text(called, 'example')}, of which {correct}."
    yield f"The network finds {found:,} of the {count_text(n, 'test example')} of class {name!r} ({share}). {what}"


def shifted_text(settings: Facts) -> tuple[str, ...]:
    """Say that class weights change the probabilities, if the run was trained with them.

    Args:
        settings: the settings of the run.
    """
    if settings.get("class_weight") != "balanced":
        return ()
    what = (
        "Class weights let all classes count the same, so a rare class gets higher probabilities than its true share."
    )
    return (f"{what} These rank the examples; they do not say how often a prediction is correct.",)


def more_found_lines(facts: Facts) -> Iterator[str]:
    """Say what would find more of the rare class, and how many false alarms that costs on the test set.

    Nothing is said if the network is not shown to rank the class above the others: there would only be more false
    alarms.

    Args:
        facts: the result of ``evaluating.scores.train_facts``, whose ``rare`` is not None.
    """
    rare = facts["rare"]
    more, name = rare["at_share"], rare["name"]
    if not _ranks(rare):
        return
    if len(facts["recall"]) > 2 and rare["found"] < LOW_RECALL * rare["examples"]:
        if facts["settings"].get("class_weight") is None:
            yield (
                f"More of {name!r} may be found, with more false alarms. Try: --class-weight balanced, which lets all "
                f"classes count the same."
            )
        return
    if more is None:
        return
    false, own = (one["called"] - one["found"] for one in (more, rare))
    at_share = f"{name}={share_to_type(rare['share'])}"
    yield (
        f"More would be found by predicting {name!r} from a probability of {_probability(rare['share'])} on, its share "
        f"of the training set: {more['found']:,} of the {rare['examples']:,}, with {count_text(false, 'false alarm')} "
        f"instead of {own:,}. Try: --threshold {shlex.quote(at_share)}, --validation 0.2 "
        f"--threshold balanced_accuracy, or --class-weight balanced."
    )


def share_to_type(share: float) -> str:
    """Return a class's share with four digits, as it is typed for ``--threshold``."""
    return f"{share:.4g}"


def threshold_line(facts: Facts) -> tuple[str, ...]:
    """Say which threshold is in use, where it is not 0.5.

    Args:
        facts: these have ``threshold``, and ``recall`` by the names of the classes.
    """
    threshold = facts.get("threshold")
    return () if threshold in (None, 0.5) else (threshold_text(threshold, tuple(facts["recall"])),)


def threshold_text(threshold: float, names: tuple[str, ...] = ()) -> str:
    """Say in a sentence how a threshold decides between two classes.

    Args:
        threshold: the probability above which the second class is predicted.
        names: the names of the two classes, or nothing.
    """
    first, second = names or ("class 0", "class 1")
    above, from_here = _probability(threshold), _probability(1 - threshold)
    return (
        f"Threshold {threshold:.4g}: {second!r} is predicted where its probability is above {above}, else {first!r}, "
        f"from {from_here} on."
    )


def _probability(share: float) -> str:
    """Return a probability in per cent, with so many decimals that it is not rounded to 0 or 100."""
    decimals = max(1, -math.floor(math.log10(100 * min(share, 1 - share))))
    return f"{100 * share:.{decimals}f} %"
