"""What the words in the cells of a text column mean: missing, numbers (repaired if need be), truth values.

This is where a cell of a CSV file becomes a number: ``plain_numbers``, ``repaired_numbers`` and ``comma_numbers``.

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
"""Thousands that are set apart by apostrophes (Swiss) or spaces (French, Swedish)."""

THOUSANDS = rf"^[+-]?(?:[1-9]\d{{0,2}}(?:(?:,\d{{3}})+|{APART})|[1-9]\d?(?:,\d{{2}})+,\d{{3}})(?:\.\d+)?$"
"""A number with a decimal point whose thousands are set apart; in India 5,73,000 are five lakh and 73 thousand."""

WITH_COMMA = rf"^[+-]?(?:\d+|[1-9]\d{{0,2}}(?:(?:\.\d{{3}})+|{APART}))(?:,\d+)?(?:[eE][+-]?\d+)?$"
"""A number with a decimal comma, as in much of Europe."""

UNIT = r"^[+-]?\d(?:[\d.,'’\s]*\d)?\s*([\p{L}°µ][\p{L}\p{No}°µ/·.^² ]{0,14}[23]?)$"
"""A number with a unit behind it."""

CODE = r"^0\d{2,}$|^0\d+[.,]\d*$|^\d{16,}$|^\+\d{8,}$"
"""A post code, a class of diseases, the number of a card or a telephone: a number would lose its zeros or digits."""

MAYBE_CODE = r"^(?:0\d|\+|\d{16})"
"""How a code begins, and few other numbers."""

ZERO_IN_FRONT = r"^0\d$"
"""A number of two digits with a zero in front, as months have it."""

MAYBE_THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(?:\.\d{3})+\s*$"
"""Points that may stand before decimals or set thousands apart, as in 1.234; all others stand before decimals."""

UNIT_SHARE = 0.5
"""Share of a column's cells that have a unit behind their number, from which it is the column's unit."""


def stripped(cells: pl.Series) -> pl.Series:
    """The words in their usual form, null where they say that a value is missing (``MISSING_WORDS``)."""
    import polars as pl

    words = usual_words(cells)
    missing = words.str.to_lowercase().is_in(MISSING_WORDS)
    return pl.select(pl.when(~missing).then(words)).to_series().alias(cells.name)


def usual_words(cells: pl.Series) -> pl.Series:
    """The words without spaces around them, as ``usual_form`` writes a single one."""
    words = cells.str.strip_chars()
    if not (words.str.len_bytes() > words.str.len_chars()).any():
        return words
    words = words.str.normalize("NFC").str.replace_all(f"[{OTHER_SPACES}]", " ")
    return words.str.replace_all(f"[{NO_WIDTH}]", "").str.strip_chars()


def plain_numbers(words: pl.Series) -> pl.Series:
    """Read plain numbers as float64: 3, -0.5, 1e-3; infinity is not one."""
    import polars as pl

    values = words.cast(pl.Float64, strict=False)
    return pl.select(pl.when(values.is_finite()).then(values)).to_series().alias(words.name)


def plain_columns(frame: pl.DataFrame, names: list[str]) -> dict[str, pl.Series]:
    """Those columns of text, as float64, in which every cell is a plain number or empty, and one is a number.

    They are asked all at once: a question to each one of 100,000 columns would take a minute.
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
    """The few words that a regular expression has to look at."""
    return words.filter(words.str.starts_with("0") | words.str.starts_with("+") | (words.str.len_bytes() > 15))


def _maybe_codes(words: pl.Series) -> pl.Series:
    """The words that begin as a code does."""
    import polars as pl

    some = words.to_frame().select(_maybe_code(pl.all())).to_series()
    return some.filter(some.str.contains(MAYBE_CODE)) if len(some) else some


def has_codes(words: pl.Series) -> bool:
    """Whether there are digits that name something (``CODE``), or numbers that differ by a zero in front alone."""
    special = _maybe_codes(words)
    if not len(special):
        return False
    if special.str.contains(CODE).any():
        return True
    short = special.filter(special.str.contains(ZERO_IN_FRONT))
    return bool(words.is_in(short.str.slice(1).unique().to_list()).any())


def has_zeros_in_front(words: pl.Series) -> bool:
    """Whether there are numbers of two digits with a zero in front."""
    return bool(words.str.contains(ZERO_IN_FRONT).any())


def repaired_numbers(words: pl.Series) -> pl.Series:
    """Read numbers with signs around them: "1,234", "$5", "12 %" as 12, "(5)" and "5-" as −5, "€ 3", "1 234.5"."""
    import polars as pl

    bare = without_currency(words)
    joined = bare.str.replace_all(r"[,'’\s]", "")
    right = pl.select(pl.when(bare.str.contains(THOUSANDS)).then(joined).otherwise(bare)).to_series()
    return plain_numbers(right)


def without_currency(words: pl.Series) -> pl.Series:
    """The words without a currency or a percent sign, and with a minus sign for accountants' ways to say it."""
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
    """The signs of currencies beside a column's numbers, in the order of the alphabet."""
    dressed = words.filter(words.str.contains(r"[^\d.,\s%+-]"))
    found: list[str] = dressed.str.extract(f"({CURRENCY})").drop_nulls().unique().sort().to_list()
    return found


def units_of(words: pl.Series) -> list[str]:
    """The units behind a column's numbers, the most frequent first; none where most cells have none."""
    if not len(words) or words.head(100).str.contains(r"\d").mean() < UNIT_SHARE:  # type: ignore[operator]
        return []
    units = words.str.extract(UNIT).str.strip_chars().drop_nulls()
    if len(units) < UNIT_SHARE * len(words):
        return []
    return units.value_counts(sort=True)[units.name].to_list()


def without_unit(words: pl.Series, unit: str) -> pl.Series:
    """The words without a unit behind their numbers."""
    return words.str.replace(rf"(\d)\s*{re.escape(unit)}$", "$1") if unit else words


def truths(words: pl.Series) -> pl.Series:
    """Read truth values as 0 and 1, float64: the words of ``TRUTH_WORDS``, "0" and "1"."""
    import polars as pl

    meanings = {"0": 0.0, "1": 1.0}
    for no, yes in TRUTH_WORDS.items():
        meanings |= {no: 0.0, yes: 1.0}
    return words.str.to_lowercase().replace_strict(meanings, default=None, return_dtype=pl.Float64)


def truth_words(words: pl.Series) -> tuple[str, ...]:
    """What 0 and 1 are called in a column, spelt as there; empty where it has other words."""
    if words.drop_nulls().head(1000).str.to_lowercase().n_unique() > 2:
        return ()
    spelt = {word.lower(): word for word in words.drop_nulls().unique(maintain_order=True).reverse()}
    for no, yes in TRUTH_WORDS.items():
        if spelt and set(spelt) <= {no, yes}:
            return (spelt.get(no, no), spelt.get(yes, yes))
    return ()
