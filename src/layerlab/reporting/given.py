"""What the page says about data of one's own: where they are from, what was noticed and done, how they were dealt."""

from __future__ import annotations

from typing import Any

from ..datasets import Dataset
from ..statistics import percent
from .page import Html, bullets, element, paragraphs, table


def given_facts(data: Dataset) -> dict[str, Any] | None:
    """What was done to the data, as plain values; None for data that come with layerlab, or as arrays."""
    if not (data.source or data.raw or data.preparation or data.notices):
        return None
    split = data.raw.split if data.raw else None
    return {
        "source": None if data.source is None else {"path": data.source.path, "digest": data.source.digest},
        "target": data.raw.target if data.raw else None,
        "notices": [{**notice._asdict(), "rows": list(notice.rows)} for notice in data.notices],
        "preparation": data.preparation.described() if data.preparation else None,
        "split": split and {"share": split.share, "seed": split.seed, "group": split.group, "time": split.time},
    }


def given(facts: dict[str, Any]) -> tuple[Html, ...]:
    """The section.

    Args:
        facts: of ``given_facts``.
    """
    source, notices = facts["source"], facts["notices"]
    read = source and f"Read from {source['path']}, whose SHA-256 begins with {source['digest'][:12]}."
    left_out = [notice["what"] for notice in notices if notice["left_out"]]
    noticed = [notice["what"] for notice in notices if not notice["left_out"]]
    parts = [paragraphs(read, facts["split"] and split_words(facts["split"]))]
    for title, sentences in (("Left out:", left_out), ("Noticed:", noticed)):
        parts += [element("p", title), bullets(sentences)] if sentences else []
    if facts["preparation"]:
        caption = (
            f"How each column becomes numbers, learned from the training part alone; the target is {facts['target']}"
        )
        rows = facts["preparation"]
        parts.append(table(caption, tuple(rows[0]), [tuple(row.values()) for row in rows], figures=False))
    return tuple(parts)


def split_words(split: dict[str, Any]) -> str:
    """How the rows were dealt, in a sentence."""
    share = percent(split["share"])
    if split["time"]:
        return (
            f"The test part is the last {share} of the rows by {split['time']}: the network is asked about its future."
        )
    if split["group"]:
        return (
            f"The test part is {share} of the rows, dealt by seed {split['seed']} so that rows with the same "
            f"{split['group']} are in one part."
        )
    return f"The test part is {share} of the rows, dealt by chance (seed {split['seed']})."
