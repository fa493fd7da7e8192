"""What a run's preparation does to the columns of a table, as lines of NumPy that a person can read.

Whatever comes from the user's data (names of columns, words, categories) is written as Python literals (``repr``), so
that it cannot become code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from pprint import pformat
from typing import Any

from layerlab.datasets.preparing.encoders import LARGEST_NUMBER, PERIODS, Category, Date, Number, Truth
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.datasets.tabular.cells import MISSING_WORDS
from layerlab.formulas.scaling import CLIP_AT

WANTED_CELL = {"number": "a number such as 1234.5", "date": "a date such as 2026-12-31 or 2026-12-31 23:59"}
"""What a cell should hold, by the column's kind, for error messages of the exported program."""

READING = '''\
def value(text, kind, words):
    """A cell as a number, a date in days since 1970, or text; nan or "" if it is missing."""
    text = text.strip()
    if text.lower() in missing_words:
        return "" if kind == "category" else float("nan")
    if kind == "category":
        return text
    if kind == "number":
        return float(text)
    if kind == "truth":
        return float([*map(str.lower, words), "0", "1"].index(text.lower()) % 2)
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
    return (moment - datetime(1970, 1, 1)).total_seconds() / 86400


def read(path):
    """Read a table of text with a header; return the values of each column, by its name."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=max(",;\\t", key=first.count))
        header = [name.strip() for name in next(rows, [])]
        for name in kinds:
            if header.count(name) != 1:
                raise ValueError(f"the header has the column {name!r} {header.count(name)} times, wanted once")
        table = {name: [] for name in kinds}
        for number, row in enumerate((row for row in rows if row or len(header) == 1), start=1):
            row = row or [""]
            if len(row) != len(header):
                raise ValueError(f"row {number} has {len(row)} cells and the header {len(header)}")
            for name, text in zip(header, row):
                if name in kinds:
                    try:
                        table[name].append(value(text, kinds[name], words.get(name, ())))
                    except ValueError:
                        wanted = " or ".join(words.get(name, ())) or wanted_words[kinds[name]]
                        raise ValueError(f"row {number}, column {name!r}: wanted {wanted}, not {text!r}") from None
    return table
'''

HELPERS = {
    "number(": '''\
def number(values):
    """Numbers, (m,); nan if one is missing."""
    return np.clip(np.asarray(values, float), -{LARGEST:g}, {LARGEST:g})
''',
    "scaled(": '''\
def scaled(x, center, scale):
    """z / sqrt(1 + (z / {CLIP_AT:g})**2) with z = (x - center) / scale; 0 if x is missing."""
    with np.errstate(over="ignore"):
        z = (x - center) / scale
    z = np.clip(np.where(np.isnan(z), 0, z), -1e300, 1e300)
    return z / np.hypot(1, z / {CLIP_AT:g})
''',
    "score(": '''\
def score(x, knots, scores):
    """The score at each knot, linear between them and constant beyond; 0 if x is missing."""
    knots, scores = np.array(knots), np.array(scores)
    place = np.clip(np.searchsorted(knots, x), 1, len(knots) - 1)
    part = np.clip((x - knots[place - 1]) / (knots[place] - knots[place - 1]), 0, 1)
    return np.where(np.isnan(x), 0, scores[place - 1] + part * (scores[place] - scores[place - 1]))
''',
    "waves(": '''\
def waves(x, period):
    """Sine and cosine of the position of days in a period; 0 if x is missing."""
    turns = x / period
    angle = 2 * np.pi * (turns - np.floor(turns))
    return [np.where(np.isnan(x), 0, np.sin(angle)), np.where(np.isnan(x), 0, np.cos(angle))]
''',
    "sides(": '''\
def sides(values, first, second):
    """-1 for the first value, 1 for the second, 0 for any other."""
    return np.array([(value == second) - (value == first) for value in values], float)
''',
    "one_row_each(": '''\
def one_row_each(values, names, rare, missing):
    """Rows of 0 and 1: one for each name, one for all other values (if rare), one for missing ones (if missing)."""
    n = len(names)
    places = {{**{{name: place for place, name in enumerate(names)}}, "": n + 1, None: n + 1}}
    kept = [True] * n + [rare, missing]
    return list(np.eye(n + 2)[kept][:, [places.get(value, n) for value in values]])
''',
}
"""Functions that ``features`` may call, by how the call begins. Only those that are called are written."""

FEATURES = '''\
def features(table):
    """X (n_x, m), from a mapping of names to columns of m values. A missing number or date (in days since 1970) is nan,
    a missing text is ""."""
    X = []
{lines}
    return np.array(X, float)
'''


def column_literals(preparation: Preparation) -> str:
    """Return the kinds of the columns and the words of truth values, as assignments of literals."""
    kinds = {encoder.name: encoder.kind for encoder in preparation.encoders}
    words = {one.name: one.words or ("0", "1") for one in preparation.encoders if isinstance(one, Truth)}
    named = {"kinds": kinds, "words": words, "missing_words": tuple(MISSING_WORDS), "wanted_words": WANTED_CELL}
    return "".join(_literal(name, value) for name, value in named.items())


def column_functions(preparation: Preparation) -> str:
    """Return the source of ``read``, of ``features``, and of the functions that they call."""
    lines = [line for encoder in preparation.encoders for line in LINES[encoder.kind](encoder)]
    features = FEATURES.format(lines="\n".join(f"    {line}" for line in lines))
    written = "\n".join(lines)
    called = [text.format(LARGEST=LARGEST_NUMBER, CLIP_AT=CLIP_AT) for call, text in HELPERS.items() if call in written]
    return "".join(f"{text}\n\n" for text in (READING, *called, features))


def _literal(name: str, value: Any) -> str:
    """Return the assignment of a value to a name, its lines indented as Python programmers do."""
    text = pformat(value, width=100, compact=True, sort_dicts=False)  # breaks lines between literals alone
    return f"{name} = {text}\n".replace("\n ", "\n" + " " * len(f"{name} = ("))


def _number(encoder: Number) -> Iterator[str]:
    yield f"x = number(table[{encoder.name!r}])"
    yield from _knots(encoder)
    yield f"X += [{', '.join([_scaled(encoder), *_missing(encoder)])}]"


def _truth(encoder: Truth) -> Iterator[str]:
    yield f"x = number(table[{encoder.name!r}])"
    yield f"X += [{', '.join(['np.where(np.isnan(x), 0, 2 * x - 1)', *_missing(encoder)])}]"


def _category(encoder: Category) -> Iterator[str]:
    if encoder.two_sided:
        first, second = encoder.values
        yield f"X += [sides(table[{encoder.name!r}], {first!r}, {second!r})]"
        return
    rare, missing = encoder.has_rare, encoder.missing > 0
    yield f"names = {encoder.values!r}"
    yield f"X += one_row_each(table[{encoder.name!r}], names, rare={rare}, missing={missing})"


def _date(encoder: Date) -> Iterator[str]:
    yield f"x = number(table[{encoder.name!r}])"
    yield from _knots(encoder)
    waves = [f"*waves(x, {PERIODS[period]})" for period in encoder.periods]
    yield f"X += [{', '.join([_scaled(encoder), *waves, *_missing(encoder)])}]"


def _knots(encoder: Number | Date) -> Iterator[str]:
    """Yield the lines that name the knots and their normal scores, if the column is scaled by ranks."""
    if encoder.knots:
        for name, values in zip(("knots", "scores"), encoder.curve, strict=True):
            yield from _literal(name, tuple(values.tolist())).splitlines()


def _scaled(encoder: Number | Date) -> str:
    if encoder.knots:
        return "score(x, knots, scores)"
    scale = f"{encoder.scale!r}" if isfinite(encoder.scale) else "np.inf"
    return f"scaled(x, {encoder.center!r}, {scale})"


def _missing(encoder: Number | Truth | Date) -> list[str]:
    """Return the row that says where values are missing, if the training set had missing values."""
    return ["np.isnan(x)"] if encoder.missing else []


LINES: dict[str, Callable[[Any], Iterator[str]]] = {
    "number": _number,
    "truth": _truth,
    "category": _category,
    "date": _date,
}
"""Functions that yield the lines which append a column's rows to X, by the column's kind."""
