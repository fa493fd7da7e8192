"""The page about a search: what its choice is worth first, then the choice, the trials and what was asked."""

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
    counts_text,
    failed_sentences,
    importance_text,
    known_sentence,
    winner_lines,
)
from layerlab.tuning.search.worth import (
    SearchFacts,
    interval_text,
    measure_name,
    rival_sentences,
    score_rows,
    score_sentences,
    score_text,
)

from .page import Html, bullets, element, page, paragraphs, picture, section, table
from .pictures.of_searches import score_label, search_figures

MOST_TRIALS = 20
"""Trials in the table, at most."""

ESTIMATES = (
    "Naive is what one would claim who picks the best network at its best moment and reports that very figure. "
    "Cross-fitted: the held-out examples lie in parts, for each of which the others alone choose the network and its "
    "moment, so that every example is counted by a choice that it had no part in (Cawley & Talbot 2010). The intervals "
    "hold at 95 %; those over folds heed that models of different folds share examples (Nadeau & Bengio 2003)."
)


def is_search(path: Path) -> bool:
    """Whether a search is kept in the folder at this path."""
    return (path / REQUEST_FILE).is_file()


def search_facts(path: Path) -> dict[str, Any]:
    """Read the facts that a search left in its folder when it ended.

    Raises:
        InputError: it has not ended, or the file is damaged.
    """
    there = path / RESULT
    if not there.exists():
        raise InputError(
            f"{path}: the search has not ended yet; the command that began it goes on with --resume, and then there is "
            f"something to report"
        )
    try:
        facts: dict[str, Any] = json.loads(read_file(there))
        facts["trials"], facts["choice"]["trials"]
        for trial in facts["trials"]:
            if trial["state"] == "given up":  # what older searches call it
                trial["state"] = "pruned"
        facts.setdefault("known", [])  # older searches did not let the known networks take part
        if "mattered" not in facts:  # nor did they say shares only where there are trials enough
            facts |= {"importance": {}, "mattered": None}
        for rival in facts["rivals"]:
            rival.setdefault("number", None)
            for part in ("cross_fitted", "test"):  # nor did they judge all rivals at once
                p = rival[f"{part}_paired"]
                rival.setdefault(f"{part}_p_adjusted", p and p[2])
    except (OSError, ValueError, LookupError, RecursionError, TypeError) as error:
        raise InputError(
            f"{there}: is damaged ({error}); remove it, and the search with --resume writes it anew"
        ) from error
    return facts


def write_search_page(folder: Path, path: Path) -> dict[str, Any]:
    """Write the page about the search in a folder to a path; the facts that are on it.

    Raises:
        InputError: the search has not ended, or the place cannot be written to.
    """
    facts, path = search_facts(folder), check_new_file(path)
    write_text(path, search_page(facts))
    return facts


def search_page(facts: SearchFacts) -> str:
    """The page about a search, as HTML.

    Args:
        facts: of a search that has ended.
    """
    leak = [element("strong", f"LEAK: {facts['leak']}.")] if facts["leak"] else []
    winner = next(winner_lines(facts), "")
    known = [known_sentence(facts)] if facts["known"] else []
    return page(
        f"A search on {facts['dataset'] or 'data without a name'}",
        bullets([*leak, asked_text(facts), counts_text(facts), winner, *known]),
        *(section(title, *content) for title, content in _sections(facts)),
    )


def _sections(facts: SearchFacts) -> Iterator[tuple[str, tuple[object, ...]]]:
    drawn = {name: (figure, words) for name, figure, words in search_figures(facts)}

    def drawing(name: str) -> Html:
        return picture(drawn[name][0], name, drawn[name][1]) if name in drawn else Html("")

    sentences = bullets(score_sentences(facts))
    yield "What it is worth", (_score_table(facts), sentences, paragraphs(ESTIMATES), drawing("selection"))
    if facts["nested"]:
        yield "The search repeated without each outer fold", (_outer_fold_table(facts),)
    yield "The choice", (_choice_table(facts), *_commands(facts))
    if facts["rivals"]:
        yield "Against the networks that were known before", (bullets(rival_sentences(facts)),)
    yield "What was tried", (drawing("settings"), drawing("rates"))
    if mattered := importance_text(facts):
        yield "What mattered", (drawing("importance"), paragraphs(mattered))
    yield "How the trials went", (drawing("curves"), drawing("best"), _trial_table(facts))
    if failed := failed_sentences(facts):
        yield "Trials that failed", (bullets(line.removeprefix("! ") for line in failed),)
    yield "What was asked", (_settings_table(facts), _space_table(facts))


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
    return table("The choice, counted on different examples", head, rows)


def _measure_name(facts: SearchFacts) -> str:
    return measure_name(facts["measure"])


def _outer_fold_table(facts: SearchFacts) -> Html:
    nested = facts["nested"]
    rows = [
        (number + 1, score_text(figure, facts["measure"]), chosen.replace("_", " "))
        for number, (figure, chosen) in enumerate(zip(nested["figures"], nested["chosen"], strict=True))
    ]
    head = ("outer fold", _measure_name(facts), "what was chosen without it")
    return table("What the whole search chooses without an outer fold, counted there", head, rows, figures=False)


def _choice_table(facts: SearchFacts) -> Html:
    every = candidates(facts)
    rows = [
        (_label(every[number]), every[number]["words"].replace("_", " "), f"{every[number]['stopped_at']:,}")
        for number in facts["choice"]["trials"]
    ]
    several = f"The {len(rows)} networks whose predictions are averaged" if len(rows) > 1 else "The network"
    return table(f"{several}, trained on the whole training part", ("trial", "what", "iterations"), rows, figures=False)


def _label(candidate: SearchFacts) -> str:
    """A trial's number; of a known network that it is one."""
    return "known before" if candidate["number"] < 0 else str(candidate["number"])


def _commands(facts: SearchFacts) -> tuple[Html, ...]:
    if not facts["commands"]:
        return (paragraphs("The data were made by hand, so no command line trains it again; its run is kept."),)
    return paragraphs("Trained again by"), element("pre", "\n".join(facts["commands"]))


def _trial_table(facts: SearchFacts) -> Html:
    """The best candidates in a table, those that were trained to the end first."""
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
    head: tuple[object, ...] = ("trial", "what", "", score, "accuracy", "best after iterations")
    classes = facts["measure"] == "accuracy" and facts["by"] == "cost"
    if not classes:
        head, rows = (*head[:4], head[5]), [(*row[:4], row[5]) for row in rows]
    caption = f"The best {len(rows)} of {len(ranked)} candidates by {score_label(facts)}"
    return table(caption, head, rows, figures=False)


def _trial_score(facts: SearchFacts, score: float | None) -> str:
    if score is None:
        return "–"
    return amount(score) if facts["by"] == "cost" else score_text(-score, facts["by"])


def _settings_table(facts: SearchFacts) -> Html:
    words = {True: "yes", False: "no"}
    rows = [
        (name.replace("_", " "), words[value] if isinstance(value, bool) else value_text(value))
        for name, value in facts["asked"].items()
    ]
    return table("Settings of the search", (), rows, figures=False)


def _space_table(facts: SearchFacts) -> Html:
    rows = [(name.replace("_", " "), _values_text(one)) for name, one in facts["space"].items()]
    return table("What could be tried", ("setting", "values"), rows, figures=False)


def _values_text(one: Any) -> str:
    if isinstance(one, Mapping):
        return f"{one['low']:g} to {one['high']:g}{', evenly by its logarithm' if one['log'] else ''}"
    return ", ".join(map(value_text, one))
