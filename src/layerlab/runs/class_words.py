"""What is said of a classifier where one class is rare: one verdict, the scores that it rests on, and what finds more.

All of it is said from the facts of ``evaluating.class_scores``; the terminal and the report have the same sentences.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from layerlab.text import count_text, percent

Facts = Mapping[str, Any]

MAJORITY = 0.8
"""Share of one class from which accuracy says little of a network: where several
classes share the examples it says something of those that are not rare."""

LOW_RECALL = 0.5
"""A network that finds a smaller share of a rare class is told what would find more."""


def rare_class_lines(facts: Facts) -> tuple[str, ...]:
    """The verdict on a network whose classes are unequal, its scores, what it finds, and what would find more.

    Args:
        facts: of ``evaluating.scores.train_facts``, whose ``rare`` is not None.
    """
    return (
        _verdict(facts),
        *_scores(facts),
        *found_text(facts["rare"]),
        *shifted_text(facts["settings"]),
        *_more_found(facts),
    )


def accuracy_says_little(facts: Facts) -> bool:
    """Whether a class is rare and another one so frequent that always answering it is nearly always right.

    Args:
        facts: of ``evaluating.scores.train_facts``.
    """
    return bool(facts.get("rare")) and facts["base_rate"] >= MAJORITY


def _verdict(facts: Facts) -> str:
    """Say whether the network tells the rare class from the others, of which accuracy says little."""
    rare, k = facts["rare"], _tested(facts)
    name, n = rare["name"], rare["examples"]
    accuracy = f"Class {name!r} is rare ({n:,} of the test examples), so accuracy says little"
    if accuracy_says_little(facts):
        accuracy += f": always answering the majority class is right in {percent(facts['base_rate'])}."
    else:
        accuracy += " of it."
    auc, balanced = rare["roc_auc"], rare["balanced_accuracy_interval"]
    if auc is None or auc["interval"] is None:
        return f"{accuracy} These examples are too few to say whether the network tells {name!r} from the rest."
    ranks = _ranks(rare)
    answers = balanced is not None and balanced[0] > 1 / k
    if ranks and answers:
        return f"{accuracy} The network tells {name!r} from the rest: its ranking and its answers beat chance."
    if ranks:
        return (
            f"{accuracy} The network ranks {name!r} above the rest better than chance, but its answers are not shown "
            f"to be better than always giving one class."
        )
    if answers:
        return f"{accuracy} The network's answers are better than chance, though its ranking is not shown to be."
    return f"{accuracy} The network is not shown to tell {name!r} from the rest better than chance."


def _ranks(rare: Facts) -> bool:
    """Whether the network is shown to rank the rare class above the others."""
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
        f"by chance); balanced accuracy {percent(balanced)} ({ends}{percent(1 / _tested(facts))} by chance)"
    )


def _tested(facts: Facts) -> int:
    """How many classes the test set has."""
    return sum(recall is not None for recall in facts["recall"].values())


def _area(area: Facts) -> str:
    """An area and the beginning of a bracket with its interval."""
    ends = area["interval"]
    return f"{area['value']:.3f} (" + (f"95 % interval {ends[0]:.3f} to {ends[1]:.3f}; " if ends else "")


def found_text(rare: Facts) -> Iterator[str]:
    """Say recall and precision of the rare class in numbers of test examples.

    Args:
        rare: of the facts.
    """
    name, n, found, called = (rare[one] for one in ("name", "examples", "found", "called"))
    if not n:
        return
    share = f"recall {percent(found / n)}"
    of_called = f"; of the {called:,} that it calls {name!r} {found:,} {'is' if found == 1 else 'are'}"
    precise = f" (precision {percent(found / called)})" if called else ""
    what = f"{of_called}{precise}" if called else f"; it calls none {name!r}"
    yield f"It finds {found:,} of the {count_text(n, 'test example')} of class {name!r} ({share}){what}."


def shifted_text(settings: Facts) -> tuple[str, ...]:
    """Say that class weights move probabilities, if a run had them.

    Args:
        settings: of the run.
    """
    if settings.get("class_weight") != "balanced":
        return ()
    what = (
        "With class weights all classes count the same, so a rare class gets higher probabilities than it is frequent"
    )
    return (f"{what}: they rank the examples, and are not the shares in which the answers are right.",)


def _more_found(facts: Facts) -> Iterator[str]:
    """Say what would find more of the rare class, and at which price, as counted on the test set.

    Nothing where the network is not shown to rank the class: false alarms alone would grow.
    """
    rare = facts["rare"]
    more, name = rare["at_share"], rare["name"]
    if not _ranks(rare):
        return
    if len(facts["recall"]) > 2 and rare["found"] < LOW_RECALL * rare["examples"]:
        if facts["settings"].get("class_weight") is None:
            weighted = "--class-weight balanced, which counts all classes the same"
            yield f"More of {name!r} may be found, with more false alarms. Try: {weighted}."
        return
    if more is None:
        return
    false, own = (one["called"] - one["found"] for one in (more, rare))
    at_share = f"{name}={share_to_type(rare['share'])}"
    yield (
        f"More would be found by answering {name!r} from a probability of {_probability(rare['share'])} on, its share "
        f"of the training set: {more['found']:,} of the {rare['examples']:,}, with {count_text(false, 'false alarm')} "
        f"instead of {own:,}. Try: --threshold {shlex.quote(at_share)}, --validation 0.2 "
        f"--threshold balanced_accuracy, or --class-weight balanced."
    )


def share_to_type(share: float) -> str:
    """A class's share as it is typed for ``--threshold``, with four digits."""
    return f"{share:.4g}"


def threshold_line(facts: Facts) -> tuple[str, ...]:
    """Say which threshold is in use, where it is not the usual one.

    Args:
        facts: with ``threshold`` and ``recall``.
    """
    threshold = facts.get("threshold")
    return () if threshold in (None, 0.5) else (threshold_text(threshold, tuple(facts["recall"])),)


def threshold_text(threshold: float, names: tuple[str, ...] = ()) -> str:
    """Say in a sentence how a threshold decides between two classes.

    Args:
        threshold: the probability above which the second one is predicted.
        names: of the two classes, or nothing.
    """
    first, second = names or ("class 0", "class 1")
    above, from_here = _probability(threshold), _probability(1 - threshold)
    return (
        f"Threshold {threshold:.4g}: {second!r} is answered where its probability is above {above}, else {first!r}, "
        f"from {from_here} on."
    )


def _probability(share: float) -> str:
    """A probability between 0 and 1 in per cent, with as many decimals as keep it from either end."""
    decimals = max(1, -math.floor(math.log10(100 * min(share, 1 - share))))
    return f"{100 * share:.{decimals}f} %"
