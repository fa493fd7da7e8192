"""Sections of the page about the data: what they are, what was noticed and left out, how columns become numbers."""

from __future__ import annotations

from typing import Any

from layerlab.datasets import Dataset
from layerlab.datasets.describing import dataset_facts, split_in_words
from layerlab.datasets.tabular.splitting import Split
from layerlab.runs.run import Run
from layerlab.text import percent

from .page import Html, bullets, element, paragraphs, table

HEADINGS = {"rows": "inputs", "done": "what is done", "seen": "seen in the training set"}
"""Headings in the table of the preparation, where the names in the facts do not say enough."""


def data_section(run: Run, data: Dataset) -> tuple[object, ...]:
    """Make the section with the facts of a dataset in a table, and a remark where the run was trained on other data.

    Args:
        run: whose page it is.
        data: the dataset, prepared as for the run.
    """
    pairs = [
        (name, percent(value) if isinstance(value, float) else value) for name, value in dataset_facts(data).items()
    ]
    said = {"", 0, *(() if data.preparation is None else ["feature names"])}  # the preparation lists them, too
    pairs = [(name, value) for name, value in pairs if not said & {name, value}]
    if data.standardization is not None:
        pairs.append(
            ("standardised", "each feature to mean 0 and standard deviation 1, as measured on the training set")
        )
    if data.held_out is not None:
        share, seed = percent(data.held_out.share), data.held_out.seed
        pairs.append(("validation set", f"{share} of the training set, split off at random (seed {seed})"))
    examples = data.train.X.shape[1]
    note = ""
    if run.plan is not None and run.plan.examples != examples:
        note = f"The run was trained on {run.plan.examples:,} examples, not on these {examples:,}."
    elif run.dataset and run.dataset != data.name:
        note = f"According to the run it was trained on {run.dataset}, not on these data."
    return paragraphs(note), table("Inputs, classes and numbers of examples", (), pairs, numbers=False)


def preparation_section(facts: dict[str, Any]) -> tuple[Html, ...]:
    """Make the section on the source of the data: what was left out, how they were split, how columns become numbers.

    Args:
        facts: the result of ``describing.data_facts``.
    """
    source, notices = facts["source"], facts["notices"]
    read = source and f"Read from {source['path']}, whose SHA-256 begins with {source['digest'][:12]}."
    left_out = [notice["what"] for notice in notices if notice["left_out"]]
    noticed = [notice["what"] for notice in notices if not notice["left_out"]]
    split = facts["split"] and Split(**facts["split"])
    how_split = split and f"The test set is {percent(split.share)} of the rows, {split_in_words(split)}."
    parts = [paragraphs(read, how_split)]
    for title, sentences in (("Left out:", left_out), ("Noticed:", noticed)):
        parts += [element("p", title), bullets(sentences)] if sentences else []
    if facts["preparation"]:
        caption = (
            f"How each column becomes numbers, as learned from the training set alone; {facts['target']} is what is "
            f"predicted"
        )
        rows = facts["preparation"]
        head = [HEADINGS.get(name, name) for name in rows[0]]
        parts.append(table(caption, head, [tuple(row.values()) for row in rows], numbers=False))
    return tuple(parts)
