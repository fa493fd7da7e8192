"""What the words in the cells of a text column mean: missing, numbers (repaired if need be), truth values, dates.

This is where a cell of a CSV file becomes a number: ``plain_numbers``, ``repaired_numbers`` and ``comma_numbers``.

Every function takes a polars Series of text and returns a Series of its length, null where a cell does not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

SPACES = r"[\s\x{a0}\x{202f}\x{2009}]"
CURRENCY = r"[$€£¥₹]"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(?:[,'’\s\x{a0}\x{202f}\x{2009}]\d{3})+(?:\.\d+)?$"
"""A number whose thousands are set apart."""

WITH_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?(?:[eE][+-]?\d+)?$"
"""A number with a decimal comma, as in much of Europe."""

CODE = r"^0\d{3,}$"
"""A post code or the like: as a number it would lose its zeros."""

DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%b %d, %Y",
)
"""How days may be written; the first is ISO's."""

CLOCK = r"^(.*?)(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(?:Z|([+-])(\d{2}):?(\d{2}))?)?$"
"""A day, perhaps with a time of day, and perhaps with that time's distance from Greenwich."""


def stripped(cells: pl.Series) -> pl.Series:
    """The words without spaces around them, null where they say that a value is missing (``MISSING_WORDS``)."""
    import polars as pl

    words = cells.str.replace_all(f"^{SPACES}+|{SPACES}+$", "") if _odd_spaces(cells) else cells.str.strip_chars()
    missing = words.str.to_lowercase().is_in(MISSING_WORDS)
    return pl.select(pl.when(~missing).then(words)).to_series().alias(cells.name)


def _odd_spaces(cells: pl.Series) -> bool:
    """Whether there are spaces that are not ASCII's."""
    return bool(cells.str.contains(r"[\x{a0}\x{202f}\x{2009}]").any())


def plain_numbers(words: pl.Series) -> pl.Series:
    """Read plain numbers as float64: 3, -0.5, 1e-3; infinity is not one."""
    import polars as pl

    values = words.cast(pl.Float64, strict=False)
    return pl.select(pl.when(values.is_finite()).then(values)).to_series().alias(words.name)


def plain_column(cells: pl.Series) -> pl.Series | None:
    """The column as float64 if every cell is a plain number or empty, and one is a number; else None."""
    import polars as pl

    values = cells.cast(pl.Float64, strict=False)
    if values.count() < max(1, cells.count()) or not values.is_finite().all() or has_codes(cells):
        return None
    return values


def has_codes(words: pl.Series) -> bool:
    """Whether there is a number of at least four digits that begins with a zero, as a post code may."""
    zeros = words.str.starts_with("0")
    return bool(zeros.any()) and bool(words.filter(zeros).str.contains(CODE).any())


def repaired_numbers(words: pl.Series) -> pl.Series:
    """Read numbers with signs around them as float64: "1,234", "$5", "12 %" as 12, "(5)" as −5, "€ 3", "1 234.5"."""
    import polars as pl

    bare = without_currency(words)
    joined = bare.str.replace_all(r"[,'’]|" + SPACES, "")
    right = pl.select(pl.when(bare.str.contains(THOUSANDS)).then(joined).otherwise(bare)).to_series()
    return plain_numbers(right)


def without_currency(words: pl.Series) -> pl.Series:
    """The words without a currency or a percent sign, and with a minus sign for accountants' parentheses."""
    bare = words.str.replace_all("−", "-", literal=True).str.replace(r"^\((.*)\)$", "-$1")
    bare = bare.str.replace(rf"^([+-]?){SPACES}*{CURRENCY}{SPACES}*([+-]?)", "$1$2")
    return bare.str.replace(rf"{SPACES}*(?:{CURRENCY}|%)$", "")


def comma_numbers(words: pl.Series) -> pl.Series:
    """Read numbers with a decimal comma as float64: "1,5", "1.234,56", "3,20 €"."""
    import polars as pl

    bare = without_currency(words)
    point = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return plain_numbers(pl.select(pl.when(bare.str.contains(WITH_COMMA)).then(point)).to_series())


def has_decimal_commas(words: pl.Series) -> bool:
    """Whether a column has decimal commas: some cells can mean nothing else, and none can only have a point."""
    bare = without_currency(words)
    commas = bare.str.contains(WITH_COMMA) & bare.str.contains(",", literal=True)
    if not (commas & ~bare.str.contains(THOUSANDS)).any():
        return False
    return not (bare.is_not_null() & repaired_numbers(bare).is_not_null() & ~bare.str.contains(WITH_COMMA)).any()


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


def days(words: pl.Series, how: str) -> pl.Series:
    """Read dates as days since 1970-01-01, float64, with a fraction for the time of day, in Greenwich time.

    Args:
        words: such as "2024-02-29", "2024-02-29T13:05:00Z".
        how: one of ``DATE_FORMATS``.
    """
    import polars as pl

    if not words.str.contains(":", literal=True).any():
        return _whole_days(words, how)
    cut = words.str.extract_groups(CLOCK).struct.unnest()
    hour, minute, second, ahead, behind = (
        cut[group].cast(pl.Float64, strict=False).fill_null(0.0) for group in ("2", "3", "4", "6", "7")
    )
    sign = (cut["5"] == "-").fill_null(False).cast(pl.Float64) * -2 + 1
    time = (hour * 60 + minute) / 1440 + second / 86400
    found = _whole_days(cut["1"], how) + time - sign * (ahead * 60 + behind) / 1440
    right = (hour < 24) & (minute < 60) & (second < 61)
    return pl.select(pl.when(right).then(found)).to_series().alias(words.name)


def _whole_days(words: pl.Series, how: str) -> pl.Series:
    """Read days whose year has four digits; with two the century is unknown."""
    import polars as pl

    four = pl.select(pl.when(words.str.contains(r"(?:^|\D)\d{4}(?:\D|$)")).then(words)).to_series()
    return four.str.to_date(how, strict=False).cast(pl.Int32).cast(pl.Float64)


def date_formats(words: pl.Series, share: float) -> list[str]:
    """The date formats that fit a column's cells best: none, one, or two where day and month cannot be told apart.

    Args:
        words: no missing ones.
        share: share of the cells that a format has to fit.
    """
    some = words.gather_every(max(1, len(words) // 200)).head(200)
    likely = [how for how in DATE_FORMATS if days(some, how).count() >= share * len(some)]
    fitting = {how: days(words, how).count() for how in likely}
    best = max(fitting.values(), default=0)
    return [how for how in likely if fitting[how] == best >= share * len(words)]
