"""Sections of the page about the data: what they are, what was noticed and left out, how columns become numbers."""

from __future__ import annotations

from typing import Any

from layerlab.datasets import Dataset
from layerlab.datasets.describing import dataset_facts, split_in_words
from layerlab.datasets.preparing.describing_encoders import LIMITED, SCORED
from layerlab.datasets.tabular.splitting import Split
from layerlab.runs.run import Run
from layerlab.text import percent

from .page import Html, bullets, element, paragraphs, table

FACT_NAMES = {"range": "range of the inputs", "base rate": "share of the majority class in the test set"}
"""Names of facts of a dataset that do not say enough in the table of these facts."""

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
    pairs = [(_fact_name(name), value) for name, value in pairs if not said & {name, value}]
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


def _fact_name(name: str) -> str:
    """Return what a fact of ``dataset_facts`` is called in the table."""
    if name.startswith("class "):
        return f"examples of {name.removeprefix('class ')}"
    return FACT_NAMES.get(name, name)


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
        rows = facts["preparation"]
        head = [HEADINGS.get(name, name) for name in rows[0]]
        cells = [tuple((_prepared(row, row["column"] == facts["target"])).values()) for row in rows]
        parts.append(table(_preparation_caption(facts), head, cells, numbers=False))
    return tuple(parts)


def _prepared(row: dict[str, Any], is_target: bool) -> dict[str, Any]:
    """Return a row of the table of the preparation; the target is no input."""
    shown = {name: value.replace(LIMITED, "") if isinstance(value, str) else value for name, value in row.items()}
    return shown | {"rows": "–"} if is_target and "rows" in row else shown


def _preparation_caption(facts: dict[str, Any]) -> str:
    """Say what the table of the preparation shows, and how numbers are scaled."""
    learned = (
        f"How each column becomes numbers, as learned from the training set alone; {facts['target']} is predicted."
    )
    done = [str(row.get("done", "")) for row in facts["preparation"]]
    if any(how.startswith(SCORED) for how in done):
        return (
            f"{learned} A normal score is the number of the same rank in a standard normal distribution. It is 0 in "
            f"the middle, −1 for a value that is larger than 16 % of the others, 1 for one that is larger than 84 %."
        )
    if not any(LIMITED in how for how in done):
        return learned
    return (
        f"{learned} Behind “/” is the distance between the lower and the upper quartile (where that is 0: half the "
        f"range). Values far from the middle are then pressed together, so that none lies beyond ±3."
    )
