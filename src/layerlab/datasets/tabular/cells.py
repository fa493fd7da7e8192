"""What the text in a cell means: a missing value, a number (repaired if necessary), a yes or a no.

A cell of a CSV file becomes a number here: ``plain_numbers``, ``repaired_numbers`` and ``comma_numbers``.

Every function takes a polars Series of text and returns a Series of its length, null where a cell does not fit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerlab.datasets.printable_names import NO_WIDTH, OTHER_SPACES

if TYPE_CHECKING:
    import polars as pl

MISSING_WORDS = (
    "",
    "na",
    "n/a",
    "#n/a",
    "#na",
    "<na>",
    "nan",
    "-nan",
    "nat",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "?",
    ".",
)
"""Words for a missing value, in small letters."""

TRUTH_WORDS = {"no": "yes", "n": "y", "false": "true", "f": "t"}
"""Words for 0 and for 1, in small letters."""

CURRENCY = (
    r"(?:(?:US|A|C|R|HK|NZ|S)?\$|[€£¥₹₽₩₺₴]|EUR|USD|GBP|CHF|JPY|INR|SEK|NOK|DKK|PLN|CZK|AUD|CAD|Rs\.?|kr\.?|zł|Fr\.)"
)
"""Signs and abbreviations of currencies."""

APART = r"(?:['’]\d{3})+|(?:\s\d{3})+"
"""Thousands that are separated by apostrophes (Swiss) or spaces (French, Swedish)."""

THOUSANDS = rf"^[+-]?(?:[1-9]\d{{0,2}}(?:(?:,\d{{3}})+|{APART})|[1-9]\d?(?:,\d{{2}})+,\d{{3}})(?:\.\d+)?$"
"""A number with a decimal point and separated thousands; in India 5,73,000 is 573 thousand."""

WITH_COMMA = rf"^[+-]?(?:\d+|[1-9]\d{{0,2}}(?:(?:\.\d{{3}})+|{APART}))(?:,\d+)?(?:[eE][+-]?\d+)?$"
"""A number with a decimal comma, as in much of Europe."""

UNIT = r"^[+-]?\d(?:[\d.,'’\s]*\d)?\s*([\p{L}°µ][\p{L}\p{No}°µ/·.^² ]{0,14}[23]?)$"
"""A number with a unit behind it."""

CODE = r"^0\d{2,}$|^0\d+[.,]\d*$|^\d{16,}$|^\+\d{8,}$"
"""A postcode, a disease code, a card or telephone number: read as a number, it would lose zeros or digits."""

MAYBE_CODE = r"^(?:0\d|\+|\d{16})"
"""How a code begins; few other numbers begin so."""

ZERO_IN_FRONT = r"^0\d$"
"""A number of two digits with a leading zero, such as a month."""

MAYBE_THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(?:\.\d{3})+\s*$"
"""A point that may be a decimal point or a thousands separator, as in 1.234; every other point is a decimal point."""

UNIT_SHARE = 0.5
"""If at least this share of a column's cells has a unit after the number, it is the column's unit."""


def stripped(cells: pl.Series) -> pl.Series:
    """Return the text of each cell in its usual form, null where it means a missing value (``MISSING_WORDS``)."""
    import polars as pl

    words = usual_words(cells)
    missing = words.str.to_lowercase().is_in(MISSING_WORDS)
    return pl.select(pl.when(~missing).then(words)).to_series().alias(cells.name)


def usual_words(cells: pl.Series) -> pl.Series:
    """Return the text of each cell without spaces around it, as ``usual_form`` writes a single one."""
    words = cells.str.strip_chars()
    if not (words.str.len_bytes() > words.str.len_chars()).any():
        return words
    words = words.str.normalize("NFC").str.replace_all(f"[{OTHER_SPACES}]", " ")
    return words.str.replace_all(f"[{NO_WIDTH}]", "").str.strip_chars()


def plain_numbers(words: pl.Series) -> pl.Series:
    """Read plain numbers such as 3, -0.5 and 1e-3 as float64; infinity is not one of them."""
    import polars as pl

    values = words.cast(pl.Float64, strict=False)
    return pl.select(pl.when(values.is_finite()).then(values)).to_series().alias(words.name)


def plain_columns(frame: pl.DataFrame, names: list[str]) -> dict[str, pl.Series]:
    """Return, as float64, the text columns in which every cell is a plain number or empty, and at least one a number.

    All columns are tested at once: to test 100,000 columns one by one would take a minute.
    """
    import polars as pl

    if not names:
        return {}
    frame = frame[names]
    values = frame.select(pl.all().cast(pl.Float64, strict=False))
    read, there = values.select(pl.all().count()), frame.select(pl.all().count())
    finite = values.select(pl.all().is_finite().all())
    whole = [
        name
        for name, numbers, cells, all_finite in zip(
            frame.columns, read.row(0), there.row(0), finite.row(0), strict=True
        )
        if numbers >= max(1, cells) and all_finite
    ]
    if not whole:
        return {}
    coded = frame[whole].select(_maybe_code(pl.all()).str.contains(MAYBE_CODE).any())
    return {name: values[name] for name, has in zip(whole, coded.row(0), strict=True) if not has}


def _maybe_code(words: pl.Expr) -> pl.Expr:
    """Return only those words that need the test with a regular expression."""
    return words.filter(words.str.starts_with("0") | words.str.starts_with("+") | (words.str.len_bytes() > 15))


def _maybe_codes(words: pl.Series) -> pl.Series:
    """Return the words that begin as a code does."""
    import polars as pl

    some = words.to_frame().select(_maybe_code(pl.all())).to_series()
    return some.filter(some.str.contains(MAYBE_CODE)) if len(some) else some


def has_codes(words: pl.Series) -> bool:
    """Return whether there are codes (``CODE``), or two numbers that differ only by a leading zero."""
    special = _maybe_codes(words)
    if not len(special):
        return False
    if special.str.contains(CODE).any():
        return True
    short = special.filter(special.str.contains(ZERO_IN_FRONT))
    return bool(words.is_in(short.str.slice(1).unique().to_list()).any())


def has_zeros_in_front(words: pl.Series) -> bool:
    """Return whether there are numbers of two digits with a leading zero."""
    return bool(words.str.contains(ZERO_IN_FRONT).any())


def repaired_numbers(words: pl.Series) -> pl.Series:
    """Read numbers with signs around them: "1,234", "$5", "12 %" as 12, "(5)" and "5-" as −5, "€ 3", "1 234.5"."""
    import polars as pl

    bare = without_currency(words)
    joined = bare.str.replace_all(r"[,'’\s]", "")
    right = pl.select(pl.when(bare.str.contains(THOUSANDS)).then(joined).otherwise(bare)).to_series()
    return plain_numbers(right)


def without_currency(words: pl.Series) -> pl.Series:
    """Return the words without currency and percent signs; "(5)" and "5-", as accountants write, become -5."""
    bare = words.str.replace_all("−", "-", literal=True).str.replace(rf"^{CURRENCY}\s*(\(.*\))$", "$1")
    bare = bare.str.replace(r"^\((.*)\)$", "-$1").str.replace(r"^(\d.*\d|\d)\s*-$", "-$1")
    bare = bare.str.replace(rf"^([+-]?)\s*{CURRENCY}\s*([+-]?)(\d|\.\d|,\d)", "$1$2$3")
    return bare.str.replace(rf"\s*(?:{CURRENCY}|%)$", "")


def comma_numbers(words: pl.Series) -> pl.Series:
    """Read numbers with a decimal comma as float64: "1,5", "1.234,56", "3,20 €", "1 234,5"."""
    import polars as pl

    bare = without_currency(words)
    point = bare.str.replace_all(r"[.'’\s]", "").str.replace(",", ".", literal=True)
    return plain_numbers(pl.select(pl.when(bare.str.contains(WITH_COMMA)).then(point)).to_series())


def currencies(words: pl.Series) -> list[str]:
    """Return the currency signs next to a column's numbers, in alphabetical order."""
    dressed = words.filter(words.str.contains(r"[^\d.,\s%+-]"))
    found: list[str] = dressed.str.extract(f"({CURRENCY})").drop_nulls().unique().sort().to_list()
    return found


def units_of(words: pl.Series) -> list[str]:
    """Return the units after a column's numbers, the most frequent one first; empty if most cells have no unit."""
    if not len(words) or words.head(100).str.contains(r"\d").mean() < UNIT_SHARE:  # type: ignore[operator]
        return []
    units = words.str.extract(UNIT).str.strip_chars().drop_nulls()
    if len(units) < UNIT_SHARE * len(words):
        return []
    return units.value_counts(sort=True)[units.name].to_list()


def without_unit(words: pl.Series, unit: str) -> pl.Series:
    """Return the words without the unit after their numbers."""
    return words.str.replace(rf"(\d)\s*{re.escape(unit)}$", "$1") if unit else words


def truths(words: pl.Series) -> pl.Series:
    """Read yes and no as 1 and 0, float64: the words of ``TRUTH_WORDS``, "0" and "1"."""
    import polars as pl

    meanings = {"0": 0.0, "1": 1.0}
    for no, yes in TRUTH_WORDS.items():
        meanings |= {no: 0.0, yes: 1.0}
    return words.str.to_lowercase().replace_strict(meanings, default=None, return_dtype=pl.Float64)


def truth_words(words: pl.Series) -> tuple[str, ...]:
    """Return the words for 0 and 1 in a column, spelled as there; empty if it has other words."""
    if words.drop_nulls().head(1000).str.to_lowercase().n_unique() > 2:
        return ()
    spelt = {word.lower(): word for word in words.drop_nulls().unique(maintain_order=True).reverse()}
    for no, yes in TRUTH_WORDS.items():
        if spelt and set(spelt) <= {no, yes}:
            return (spelt.get(no, no), spelt.get(yes, yes))
    return ()
