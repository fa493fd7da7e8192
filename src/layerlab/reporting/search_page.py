"""The page about a search: first what was chosen and how good it is, then the trials, and last the settings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from layerlab.datasets.files import read_file
from layerlab.errors import InputError
from layerlab.runs.writing import check_new_file, write_text
from layerlab.text import amount, percent, value_text
from layerlab.tuning.search.result import RESULT
from layerlab.tuning.search.trials.folder import REQUEST_FILE
from layerlab.tuning.search.words import (
    STATES,
    asked_text,
    candidates,
    command_lines,
    counts_text,
    failed_sentences,
    importance_text,
    trouble_sentences,
    winner_lines,
)
from layerlab.tuning.search.worth import (
    SearchFacts,
    answer_text,
    interval_text,
    measure_name,
    rival_sentences,
    score_rows,
    score_sentences,
    score_text,
)

from .page import NARROW_HINT, Html, bullets, element, page, paragraphs, picture, section, table, trouble_box
from .pictures.of_searches import score_label, search_figures

MOST_TRIALS = 20
"""The table has at most this many trials."""

ESTIMATES = (
    "Who picks the best of many networks and measures it on the same examples gets a score that is too good (Cawley & "
    "Talbot 2010); the other estimates avoid that. Intervals over folds allow for the training examples that networks "
    "of different folds share (Nadeau & Bengio 2003)."
)

SETTINGS_IN_WORDS = {
    "trials": "networks to try",
    "by": "score that ranks them",
    "folds": "folds of the training set, each held out once",
    "seeds": "initial weights per network",
    "halving": "at each rung one of so many trials goes on",
    "outer": "outer folds, without each of which the search is repeated",
    "seed": "seed of the search",
    "batch": "networks that are proposed together",
    "ensemble": "averages of several networks may be chosen",
    "rank_on_test": "the test set ranks the networks",
    "dtype": "type of all numbers",
    "engine": "what runs the updates",
}
"""Settings of a search, by their names in its facts."""

SWITCHED_OFF = {
    "seeds": 1,
    "halving": 1,
    "outer": 0,
    "ensemble": False,
    "rank_on_test": False,
    "dtype": "float64",
    "engine": "auto",
}
"""Values of these settings that are not listed, because they say nothing."""


def is_search(path: Path) -> bool:
    """Return whether the folder at this path holds a search."""
    return (path / REQUEST_FILE).is_file()


def search_facts(path: Path) -> dict[str, Any]:
    """Read the facts that a search saved in its folder when it ended.

    Raises:
        InputError: it has not ended, or the file is damaged.
    """
    there = path / RESULT
    if not there.exists():
        raise InputError(
            f"{path}: the search has not ended yet; run the command that started it again with --resume, and report on "
            f"it then"
        )
    try:
        facts: dict[str, Any] = json.loads(read_file(there))
        facts["trials"], facts["choice"]["trials"]
        for trial in facts["trials"]:
            if trial["state"] == "given up":  # what older searches call it
                trial["state"] = "pruned"
        facts.setdefault("known", [])  # older searches did not let the reference networks take part
        if "mattered" not in facts:  # nor did they say shares only where there are trials enough
            facts |= {"importance": {}, "mattered": None}
        for rival in facts["rivals"]:
            rival.setdefault("number", None)
            for part in ("cross_fitted", "test"):  # nor did they judge all rivals at once
                p = rival[f"{part}_paired"]
                rival.setdefault(f"{part}_p_adjusted", p and p[2])
    except (OSError, ValueError, LookupError, RecursionError, TypeError) as error:
        raise InputError(
            f"{there}: is damaged ({error}); remove it, and the search with --resume writes it again"
        ) from error
    return facts


def write_search_page(folder: Path, path: Path) -> dict[str, Any]:
    """Write the page about the search in a folder to a path, and return the facts that are on it.

    Raises:
        InputError: the search has not ended, or the place cannot be written to.
    """
    facts, path = search_facts(folder), check_new_file(path)
    write_text(path, search_page(facts))
    return facts


def search_page(facts: SearchFacts) -> str:
    """Return the page about a search, as HTML.

    Args:
        facts: the facts of a search that has ended.
    """
    leak = [f"LEAK: {facts['leak']}."] if facts["leak"] else []
    trouble = [*leak, *(line.removeprefix("! ") for line in trouble_sentences(facts))]
    return page(
        f"Search for a network on {facts['dataset'] or 'data without a name'}",
        trouble_box("What went wrong", *trouble) if trouble else Html(""),
        element("div", paragraphs(answer_text(facts), *winner_lines(facts)), class_="answer"),
        NARROW_HINT,
        *(section(title, *content) for title, content in _sections(facts)),
    )


def _sections(facts: SearchFacts) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Heading and content of each section: the evidence, the trials, and what was asked for."""
    drawn = {name: (figure, words) for name, figure, words in search_figures(facts)}

    def drawing(name: str) -> Html:
        return picture(drawn[name][0], name, drawn[name][1]) if name in drawn else Html("")

    said = paragraphs(*score_sentences(facts), ESTIMATES)
    yield "How good the choice is", (_score_table(facts), drawing("selection"), said)
    if facts["rivals"]:
        yield "Compared with the reference networks", (bullets(rival_sentences(facts)),)
    if facts["nested"]:
        yield "The search repeated without each outer fold", (_outer_fold_table(facts),)
    yield "The chosen network", (_choice_table(facts), *_commands(facts))
    if failed := failed_sentences(facts):
        yield "Trials that failed", (bullets(line.removeprefix("! ") for line in failed),)
    yield "How the trials went", (drawing("curves"), drawing("best"), _trial_table(facts))
    if mattered := importance_text(facts):
        yield "Which settings mattered", (drawing("importance"), paragraphs(mattered))
    if {"settings", "rates"} & drawn.keys():
        yield "Settings that were tried", (drawing("settings"), drawing("rates"))
    asked = paragraphs(asked_text(facts), counts_text(facts))
    yield "What was asked for", (asked, _settings_table(facts), _space_table(facts))


def _score_table(facts: SearchFacts) -> Html:
    rows = [
        (
            element("span", one.name, element("small", one.what)),
            score_text(one.figure, facts["measure"]),
            interval_text(one.interval, facts["measure"]),
            f"{one.n:,}",
        )
        for one in score_rows(facts)
    ]
    head = ("", _measure_name(facts), "95 % interval", "examples")
    return table("The choice, measured on different examples", head, rows)


def _measure_name(facts: SearchFacts) -> str:
    return measure_name(facts["measure"])


def _outer_fold_table(facts: SearchFacts) -> Html:
    nested = facts["nested"]
    rows = [
        (number + 1, score_text(figure, facts["measure"]), chosen.replace("_", " "))
        for number, (figure, chosen) in enumerate(zip(nested["figures"], nested["chosen"], strict=True))
    ]
    head = ("outer fold", _measure_name(facts), "chosen without it")
    return table(
        "What the whole search chooses without an outer fold, measured on that fold", head, rows, numbers=False
    )


def _choice_table(facts: SearchFacts) -> Html:
    every = candidates(facts)
    rows = [
        (_label(every[number]), every[number]["words"].replace("_", " "), f"{every[number]['stopped_at']:,}")
        for number in facts["choice"]["trials"]
    ]
    several = f"The {len(rows)} networks whose predictions are averaged" if len(rows) > 1 else "The network"
    return table(
        f"{several}, trained on the whole training set",
        ("trial", "network and settings", "iterations"),
        rows,
        numbers=False,
    )


def _label(candidate: SearchFacts) -> str:
    """Return the number of a trial, or that it is a reference network."""
    return "reference" if candidate["number"] < 0 else str(candidate["number"])


def _commands(facts: SearchFacts) -> tuple[Html, ...]:
    if not facts["commands"]:
        return (paragraphs("The data do not come from a file, so no command trains it again. Its run is saved."),)
    return paragraphs(next(command_lines(facts))), element("pre", "\n".join(facts["commands"]))


def _trial_table(facts: SearchFacts) -> Html:
    """Make a table of the best candidates, those that were trained to the end first."""
    order = {state: place for place, state in enumerate(STATES)}
    ranked = sorted(
        candidates(facts).values(),
        key=lambda one: (order[one["state"]], math.inf if one["score"] is None else one["score"], one["number"]),
    )
    chosen = set(facts["choice"]["trials"])
    rows: list[tuple[object, ...]] = [
        (
            element("span", _label(one), element("small", "chosen" if one["number"] in chosen else "")),
            element("span", one["words"].replace("_", " ")),
            one["state"],
            _trial_score(facts, one["score"]),
            "–" if one["accuracy"] is None else percent(one["accuracy"]),
            f"{one['stopped_at']:,}",
        )
        for one in ranked[:MOST_TRIALS]
    ]
    score = "cost" if facts["by"] == "cost" else f"{measure_name(facts['by'])} that ranks"
    head: tuple[object, ...] = ("trial", "network and settings", "", score, "accuracy", "best after iterations")
    classes = facts["measure"] == "accuracy" and facts["by"] == "cost"
    if not classes:
        head, rows = (*head[:4], head[5]), [(*row[:4], row[5]) for row in rows]
    caption = f"The best {len(rows)} of {len(ranked)} candidates by {score_label(facts)}"
    return table(caption, head, rows, numbers=False)


def _trial_score(facts: SearchFacts, score: float | None) -> str:
    if score is None:
        return "–"
    return amount(score) if facts["by"] == "cost" else score_text(-score, facts["by"])


def _settings_table(facts: SearchFacts) -> Html:
    said = ((name, one) for name, one in facts["asked"].items() if one is not None and one != SWITCHED_OFF.get(name))
    rows = [(SETTINGS_IN_WORDS.get(name, name), "yes" if value is True else value_text(value)) for name, value in said]
    return table("Settings of the search", (), rows, numbers=False)


def _space_table(facts: SearchFacts) -> Html:
    rows = [(name.replace("_", " "), _values_text(one)) for name, one in facts["space"].items()]
    return table("Values that could be tried", ("setting", "values"), rows, numbers=False)


def _values_text(one: Any) -> str:
    if isinstance(one, Mapping):
        return f"{one['low']:g} to {one['high']:g}{' (log scale)' if one['log'] else ''}"
    return ", ".join(map(value_text, one))
