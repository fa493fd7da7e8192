"""Which arrays of a file are inputs, labels or names of classes; their own names decide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from layerlab.errors import InputError
from layerlab.escapes import printable

from .entry import Entry

ROLE_WORDS = {
    "X": ("x", "data", "features", "images", "inputs", "input", "samples"),
    "Y": ("y", "labels", "label", "targets", "target"),
    "names": ("listclasses", "classnames", "targetnames", "labelnames", "classes"),
}
"""Usual names of the arrays of inputs, labels and names of classes, the likeliest first."""

PART_WORDS = {
    "train": ("training", "train", "tr"),
    "test": ("testing", "test", "te"),
    "validation": ("validation", "valid", "val", "cv", "dev"),
}
"""Words before or after that name that show the set: train_set_x, x_train, Xval."""

_WORDS = {word: part for part, words in PART_WORDS.items() for word in words}
_STEMS = {word: (kind, rank) for kind, words in ROLE_WORDS.items() for rank, word in enumerate(words)}
_PART = "|".join(sorted(_WORDS, key=len, reverse=True))
_STEM = "|".join(sorted(_STEMS, key=len, reverse=True))
_NAME = re.compile(rf"(?P<before>{_PART})?(?:set)?(?P<stem>{_STEM})(?:set)?(?P<after>{_PART})?")


class Role(NamedTuple):
    """What an array is, according to its name.

    Attributes:
        kind: "X" for inputs, "Y" for labels, "names" for the names of the classes.
        part: the set that it belongs to: "train", "test", "validation", or "" if the name shows none.
        rank: 0 for the likeliest name.
    """

    kind: str
    part: str
    rank: int


def role_of(name: str) -> Role | None:
    """Return what a name means, with or without groups in front of it.

    Example:
        >>> role_of("train_set_x"), role_of("weights")
        (Role(kind='X', part='train', rank=0), None)
        >>> role_of("Xval"), role_of("data/labels")
        (Role(kind='X', part='validation', rank=0), Role(kind='Y', part='', rank=1))
    """
    for candidate in (name, name.rsplit("/", 1)[-1]):
        match = _NAME.fullmatch(re.sub(r"[^a-z0-9]", "", candidate.lower()))
        if match:
            kind, rank = _STEMS[match["stem"]]
            return Role(kind, _WORDS.get(match["before"] or match["after"] or "", ""), rank)
    return None


def likeliest_array(entries: Sequence[Entry], kind: str, part: str) -> Entry | None:
    """Return the array of that kind and set with the likeliest name.

    Raises:
        InputError: two are equally likely.
    """
    ranked = [(role.rank, entry) for entry in entries if (role := role_of(entry.name)) and role[:2] == (kind, part)]
    best = [entry for rank, entry in ranked if rank == min(ranked, key=lambda pair: pair[0])[0]]
    if len(best) > 1:
        raise InputError(
            f"{printable(str(best[0].file))}: {' and '.join(printable(entry.name) for entry in best)} could both be "
            f"{'the inputs' if kind == 'X' else 'the labels'}: name one, as in {best[0].place}"
        )
    return best[0] if best else None


def array_called(entries: Sequence[Entry], name: str, place: str) -> Entry:
    """Return the array of that name.

    Raises:
        InputError: there is no such array.
    """
    for entry in entries:
        if entry.name == name.strip("/"):
            return entry
    raise InputError(f"{place}: there is no array {printable(name)!r} in it: wanted one of {arrays_in_words(entries)}")


def arrays_in_words(entries: Sequence[Entry], most: int = 12) -> str:
    """Return the arrays of a file with their shapes, for a message."""
    names = ", ".join(entry.described for entry in entries[:most]) or "no arrays"
    return names + (f" and {len(entries) - most} more" if len(entries) > most else "")
