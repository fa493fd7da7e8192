"""A run in a few sentences: what was trained, how the cost fell, how good it is on the test set, and what to doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layerlab.escapes import printable
from layerlab.settings import SETTINGS
from layerlab.text import amount, count_text, percent, r_squared_text, value_text

from .all_optimizers import ALL_OPTIMIZERS
from .class_words import accuracy_says_little, rare_class_lines, threshold_line
from .findings import Finding

if TYPE_CHECKING:
    from rich.console import Console

    from .run import Run


LARGE_COST = 1e6
"""A cost from here on is written with an exponent."""


def print_run(run: Run, facts: dict[str, Any], console: Console) -> None:
    """Print the sentences of ``run_lines``, and each finding of the diagnosis with an exclamation mark."""
    for line in (*run_lines(run, facts), *(f"! {finding}" for finding in findings_in(facts))):
        console.print(printable(line), highlight=False, markup=False)


def findings_in(facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of the diagnosis that hold beside the test scores.

    Args:
        facts: of ``evaluating.scores.train_facts``.
    """
    return tuple(Finding(**finding) for finding in facts["diagnosis"])


def run_lines(run: Run, facts: dict[str, Any]) -> tuple[str, ...]:
    """Say what was trained, how the cost fell, the accuracies or the regression's errors, and those of the baselines.

    Where the network is not shown to beat the linear baseline, or the boosted one beats it, that is said first.

    Args:
        run: the trained network.
        facts: of ``evaluating.scores.train_facts``.
    """
    history, curve = run.history, run.history.curve
    dims = "-".join(map(str, run.network.layer_dims))
    what = (
        f"{facts['dataset']}: {dims} ({run.network.hidden_name}, {run.network.output}), {run.network.n_parameters:,} "
        f"parameters; {settings_text(run.settings)}{_standardized(facts)}"
    )
    done = f"{len(history.costs):,} of {count_text(run.settings['iterations'], 'iteration')} in {history.seconds:.1f} s"
    fell = f": cost {_six_places(curve[0])} → {_six_places(curve[-1])}" if len(curve) else ""
    if history.kept_at is not None:
        fell += f"; {_kept(history.kept_at, run.settings['monitor'])}"
    if curve.size and (note := cost_note(history.every, run.settings)):
        fell += f" ({note})"
    if run.diverged:  # then it has no scores, and the sentence about the baseline says so
        return what, done + fell, facts["baseline"]["what"]
    scores = (_class_scores if run.network.classifies else _value_scores)(facts)
    lines = (
        *(rare_class_lines(facts) if facts.get("rare") else ()),
        what,
        done + fell,
        *remarkable(run),
        *threshold_line(facts),
        scores,
        *filter(None, [facts["train_test_gap"]["what"]]),
    )
    first = beating_lines(facts)
    return (*worse_than_constant(facts), *((*first, *lines) if first else (*lines, *_beside_lines(facts))))


def worse_than_constant(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Say that a network is not shown to be better than a constant answer, if that is so, whatever the baselines did.

    Not of a classifier where accuracy says little.

    Args:
        facts: of ``evaluating.scores.train_facts``.
    """
    return () if accuracy_says_little(facts) else tuple(filter(None, [facts["constant"]["what"]]))


def beating_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences about the baselines that stand before all others, if the network does not come off well.

    Args:
        facts: of ``evaluating.scores.train_facts``.
    """
    linear, boosted = facts["baseline"]["outcome"], facts["boosted"]["outcome"]
    return _beside_lines(facts) if linear in ("unclear", "worse") or boosted == "worse" else ()


def _beside_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence about each baseline: the linear one and then the boosted one, unless that beats the network."""
    linear, boosted = facts["baseline"], facts["boosted"]
    order = (boosted, linear) if boosted["outcome"] == "worse" else (linear, boosted)
    return tuple(beside["what"] for beside in order if beside["what"])


def _six_places(cost: float) -> str:
    return f"{cost:.6f}" if abs(cost) < LARGE_COST else f"{cost:.6g}"


def remarkable(run: Run) -> tuple[str, ...]:
    """The sentence of the verdict, unless the cost just fell and all units work."""
    verdict = run.verdict
    return (verdict.sentence,) if verdict and (verdict.word != "fell" or ";" in verdict.sentence) else ()


def _class_scores(facts: Mapping[str, Any]) -> str:
    low, high = facts["test_interval"]
    return (
        f"train {percent(facts['train_accuracy'])}, test {percent(facts['test_accuracy'])} "
        f"(95 % interval {100 * low:.1f} to {percent(high)}; base rate {percent(facts['base_rate'])})"
    )


def _value_scores(facts: Mapping[str, Any]) -> str:
    ends = facts["test_error_interval"]
    interval = f"95 % interval {amount(ends[0])} to {amount(ends[1])}; " if ends else ""
    return (
        f"R² train {r_squared_text(facts['train_r2'])}, test {r_squared_text(facts['test_r2'])}; mean absolute error "
        f"train {amount(facts['train_error'])}, test {amount(facts['test_error'])} ({interval}always the training "
        f"part's median {amount(facts['median_error'])})"
    )


def _standardized(facts: Mapping[str, Any]) -> str:
    return "; features standardised by the training part" if facts["standardized"] else ""


def _kept(update: int, monitor: str) -> str:
    """Say which parameters a monitor kept.

    Args:
        update: the number of updates after which the parameters were that were kept; 0 if no epoch ended.
        monitor: the setting.
    """
    if not update:
        return "no epoch ended, so the last parameters are kept"
    return f"kept are the parameters after {count_text(update, 'update')}, by {monitor.replace('_', ' ')}"


def cost_note(every: int, settings: Mapping[str, Any]) -> str:
    """Say what is special about the costs that are shown: means of epochs, a penalty, dropout; "" for nothing."""
    notes = [f"means of {count_text(every, 'iteration')}"] if every > 1 else []
    notes += ["with the L2 penalty"] if settings["l2"] else []
    return ", ".join(notes + (["with dropout, which makes them noisy"] if settings["dropout"] else []))


SHOWN_IF_CHANGED = set(SETTINGS) - {"initializer", "seed", "iterations", "optimizer", "engine", "basis", "dtype"}
"""Settings that a run's line shows where they differ from their defaults."""


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write the settings that tell one training from another in a line: the optimiser, learning rate, batches, seed."""
    optimizer = ALL_OPTIMIZERS[settings["optimizer"]]
    first = ("learning_rate", *optimizer.defaults)
    other = [
        name
        for name in settings
        if name not in first and name in SHOWN_IF_CHANGED and settings[name] != SETTINGS[name].default
    ]
    shown = [*(name for name in first if settings.get(name) is not None), *other]
    shown += [name for name in ("initializer", "seed") if name in settings]
    words = [f"{name.replace('_', ' ')} {value_text(settings[name])}" for name in shown]
    words += ["float32"] if settings["dtype"] == "float32" else []
    return ", ".join([optimizer.title, *words])
