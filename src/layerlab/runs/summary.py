"""A run in a few sentences: how good it is on the test set, what to doubt and what to try, how it was trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layerlab.escapes import printable
from layerlab.settings import SETTINGS
from layerlab.text import amount, count_text, percent, value_text

from .all_optimizers import ALL_OPTIMIZERS
from .class_words import accuracy_says_little, more_found_lines, rare_class_lines, rare_class_verdict, threshold_line
from .events import event_lines, settings_at_end
from .findings import Finding, Verdict
from .members import Members
from .settings_rules import usual_values
from .verdict import listed

if TYPE_CHECKING:
    from rich.console import Console

    from .run import Run

Facts = Mapping[str, Any]
"""The result of ``evaluating.scores.train_facts``: facts about a run."""


def print_run(run: Run, facts: Facts, console: Console) -> None:
    """Print the sentences of ``run_lines``; a finding of the diagnosis gets an exclamation mark."""
    findings = set(map(str, findings_in(facts)))
    for line in run_lines(run, facts):
        console.print(printable(f"! {line}" if line in findings else line), highlight=False, markup=False)


def run_lines(run: Run, facts: Facts) -> tuple[str, ...]:
    """Say how good a run is, the evidence, what to doubt, and how it was trained. For a failed run the cause is first.

    Before the settings stands whether a person changed anything while it was trained.

    Args:
        run: the trained network.
        facts: the result of ``evaluating.scores.train_facts``.
    """
    answer, trouble = (*answer_lines(run, facts), *evidence_lines(run, facts)), trouble_lines(run, facts)
    first = (*trouble, *answer) if failed(facts) else (*answer, *trouble)
    return (*first, *event_lines(run.events), *settings_lines(run, facts))


def failed(facts: Facts) -> bool:
    """Return whether the diagnosis found something wrong, so that its cause and remedy are said before the scores."""
    return bool(facts["diagnosis"])


def findings_in(facts: Facts) -> tuple[Finding, ...]:
    """Return the findings of the diagnosis that still hold when the test scores are known."""
    return tuple(Finding(**finding) for finding in facts["diagnosis"])


def answer_lines(run: Run, facts: Facts) -> tuple[str, ...]:
    """Say how good a network is on the test set, and how good a constant prediction would be; nothing if it diverged.

    If a class is so rare that accuracy says little, say whether the network distinguishes it from the others.
    """
    if run.diverged:
        return ()
    if not run.network.classifies:
        return (_value_answer(facts),)
    if facts.get("rare"):
        return (rare_class_verdict(facts),)
    return (_class_answer(run, facts),)


def evidence_lines(run: Run, facts: Facts) -> tuple[str, ...]:
    """Say what else the test set shows: the scores of a rare class, the threshold in use, and the baselines.

    For a run with members follow its score out of fold, that of baselines on the same folds, and how often its
    intervals contain the truth.
    """
    if run.diverged:
        return ()
    rare = (*rare_class_lines(facts), _class_answer(run, facts)) if facts.get("rare") else ()
    linear, boosted = facts["baseline"], facts["boosted"]
    order = (boosted, linear) if boosted["outcome"] == "worse" else (linear, boosted)
    unseen = facts.get("out_of_fold") or {}
    own = [one for one in (unseen, unseen.get("baseline"), unseen.get("boosted"), facts.get("intervals")) if one]
    return (*rare, *threshold_line(facts), *(one["what"] for one in (*order, *own) if one["what"]))


def trouble_lines(run: Run, facts: Facts) -> tuple[str, ...]:
    """Say what is wrong with a run, the likely cause, and what to try; nothing if all is well.

    First come the findings of the diagnosis; without findings, what the cost curve did, if it did not just fall. Then
    come the gap between training and test scores, and what would find more of a rare class.
    """
    gap = filter(None, [facts["train_test_gap"]["what"]])
    more = more_found_lines(facts) if facts.get("rare") else ()
    return (*doubts(run.verdict, findings_in(facts)), *gap, *more)


def doubts(verdict: Verdict | None, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Return the findings as texts; without findings the verdict's sentence, if the cost did not just fall."""
    if findings:
        return tuple(map(str, findings))
    return () if verdict is None or _is_usual(verdict) else (verdict.sentence,)


def settings_lines(run: Run, facts: Facts) -> tuple[str, ...]:
    """Say how long a run was trained, how the cost fell, and with which settings.

    Settings that have their default values are left out.
    """
    history, network, last = run.history, run.network, settings_at_end(run.settings, run.events)
    total = last["iterations"]
    done, name = len(history.costs), facts["dataset"]
    number = count_text(total, "iteration") if done == total else f"{done:,} of {count_text(total, 'iteration')}"
    lines = [f"Trained{f' on {name}' if name else ''} for {number} in {history.seconds:.1f} s."]
    if run.verdict is not None and _is_usual(run.verdict) and not failed(facts):
        lines.append(run.verdict.sentence)
    if history.kept_at is not None:
        lines.append(_kept(history.kept_at, run.settings["monitor"]))
    if run.members is not None:
        lines.append(members_line(run.members))
    if done and not failed(facts) and (note := cost_note(history.every, last, run.target_scaling is not None)):
        lines.append(note)
    hidden = f"hidden activation {network.hidden_name}, " if network.activations else ""
    embedded = f"{network.embedding_name}, " if network.embedding else ""
    output = "output activation" if network.output in ("sigmoid", "softmax", "identity") else "output"
    layers = f"layers {'-'.join(map(str, network.layer_dims))} ({network.n_parameters:,} parameters)"
    about = f"{layers}, {embedded}{hidden}{output}"
    scaled = ", features standardised" if facts["standardized"] else ""
    title = "Settings at the start" if run.events else "Settings"
    return " ".join(lines), f"{title}: {about} {network.output}, {settings_text(run.settings)}{scaled}."


def _is_usual(verdict: Verdict) -> bool:
    """Return whether the cost just fell and all units work."""
    return verdict.word == "fell" and ". " not in verdict.sentence and ";" not in verdict.sentence  # as of older runs


def _class_answer(run: Run, facts: Facts) -> str:
    """Say the accuracy, and the accuracy of a constant prediction."""
    low, high = facts["test_interval"]
    several = run.network.has_several_labels
    right = (
        f"The network classifies {percent(facts['test_accuracy'])} of the {'labels of the ' if several else ''}"
        f"{count_text(facts['test_examples'], 'test example')} correctly (95 % interval {100 * low:.1f} to "
        f"{percent(high)}; training set {percent(facts['train_accuracy'])})."
    )
    constant = "" if accuracy_says_little(facts) else facts["constant"]["what"]
    return " ".join(filter(None, [right, _constant_answer(facts), constant]))


def _constant_answer(facts: Facts) -> str:
    """Say for how many test examples a constant prediction is correct, and name the majority class."""
    majority, least, correct = facts["majority"], "", percent(facts["base_rate"])
    if majority is None:
        usual = "the usual value of each label"
    elif len(majority) == 1:
        usual = f"{majority[0]!r}, the majority class of the test set,"
    else:
        usual = "the same class"
        least = "" if len(majority) == len(facts["recall"]) else "at most "
    return f"Always answering {usual} would be correct for {least}{correct}."


def _value_answer(facts: Facts) -> str:
    """Say the mean absolute error, that of a constant prediction, and R²."""
    ends = facts["test_error_interval"]
    interval = f"95 % interval {amount(ends[0])} to {amount(ends[1])}; " if ends else ""
    off = (
        f"On average a prediction is off by {amount(facts['test_error'])} on the test set ({interval}training set "
        f"{amount(facts['train_error'])})."
    )
    median = f"Always predicting the training set's median would be off by {amount(facts['median_error'])}"
    median += "; the network is better." if facts["constant"]["outcome"] == "better" else "."
    shares = [facts["test_r2"], facts["train_r2"]]
    r2 = "R² is {:.3f} (training set {:.3f}); 1 is perfect, 0 is no better than predicting the mean.".format(*shares)
    r2 = r2 if all(map(math.isfinite, shares)) else ""
    return " ".join(filter(None, [off, median, facts["constant"]["what"], r2]))


def _kept(update: int, monitor: str) -> str:
    """Say which parameters a monitor kept.

    Args:
        update: the number of updates after which the network had the kept parameters; 0 if no epoch ended.
        monitor: the setting.
    """
    if not update:
        return "No epoch ended, so the last parameters are kept."
    return f"The parameters after {count_text(update, 'iteration')} are kept, the best by {monitor.replace('_', ' ')}."


def members_line(members: Members) -> str:
    """Say how many members a run has, what they were not trained on, and which parameters they keep."""
    first, last, folds = min(members.kept_at), max(members.kept_at), len(set(members.folds.tolist()))
    kept = f"after {count_text(last, 'iteration')}" if first == last else f"after {first:,} to {last:,} iterations"
    return (
        f"{len(members)} networks were trained together, each without one of {folds} folds of the training set; the "
        f"answers are the mean of theirs. Each keeps its parameters {kept}, which were best on the other folds."
    )


def cost_note(every: int, settings: Mapping[str, Any], scaled: bool = False) -> str:
    """Say in a sentence what is special about the shown costs; "" if nothing is.

    Args:
        every: iterations per cost that is shown.
        settings: have ``l2`` and ``dropout``.
        scaled: whether the target was scaled for the training.
    """
    notes = [f"is the mean of {count_text(every, 'iteration')}"] if every > 1 else []
    notes += ["is measured on the scaled target"] if scaled else []
    notes += ["includes the L2 penalty"] if settings["l2"] else []
    notes += ["varies because of dropout"] if settings["dropout"] else []
    return f"Each cost {listed(notes)}." if notes else ""


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write the settings that differ from their defaults in one line: optimiser, learning rate, all others.

    Args:
        settings: complete, or those that several networks share.
    """
    optimizer = ALL_OPTIMIZERS[settings["optimizer"]]
    usual = usual_values(settings)
    first = ("learning_rate", *optimizer.defaults)
    shown = [name for name in (*first, *SETTINGS) if name not in SAID_OTHERWISE or name in first]
    words = [
        f"{name.replace('_', ' ')} {value_text(settings[name])}"
        for name in dict.fromkeys(shown)
        if name in usual and settings.get(name) is not None and settings[name] != usual[name]
    ]
    words += ["float32"] if settings["dtype"] == "float32" else []
    return ", ".join([optimizer.title, *words])


SAID_OTHERWISE = ("iterations", "optimizer", "engine", "basis", "dtype")
"""Settings that ``settings_text`` does not list: other sentences say them, or they do not change the result."""
