"""The section of the page about data of one's own: their file, what was noticed, left out and split."""

from __future__ import annotations

from typing import Any

from layerlab.datasets.describing import split_in_words
from layerlab.datasets.tabular.splitting import Split
from layerlab.text import percent

from .page import Html, bullets, element, paragraphs, table


def own_data_section(facts: dict[str, Any]) -> tuple[Html, ...]:
    """Where the data are from, what was left out, how they were split, and how each column becomes numbers.

    Args:
        facts: of ``describing.data_facts``.
    """
    source, notices = facts["source"], facts["notices"]
    read = source and f"Read from {source['path']}, whose SHA-256 begins with {source['digest'][:12]}."
    left_out = [notice["what"] for notice in notices if notice["left_out"]]
    noticed = [notice["what"] for notice in notices if not notice["left_out"]]
    split = facts["split"] and Split(**facts["split"])
    how_split = split and f"The test part is {percent(split.share)} of the rows, {split_in_words(split)}."
    parts = [paragraphs(read, how_split)]
    for title, sentences in (("Left out:", left_out), ("Noticed:", noticed)):
        parts += [element("p", title), bullets(sentences)] if sentences else []
    if facts["preparation"]:
        caption = (
            f"How each column becomes numbers, learned from the training part alone; the target is {facts['target']}"
        )
        rows = facts["preparation"]
        parts.append(table(caption, tuple(rows[0]), [tuple(row.values()) for row in rows], figures=False))
    return tuple(parts)
