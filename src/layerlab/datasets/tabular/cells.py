"""What the words in the cells of a text column mean: missing, numbers, numbers in need of repair, truth, dates.

Every function takes a polars Series of text and returns a Series of its length, null where a cell does not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "none", "nil", "-", "--", "?", ".")
"""Words for a missing value, in small letters."""

TRUTH = {"no": "yes", "n": "y", "false": "true", "f": "t"}
"""Words for 0 and for 1, in small letters."""

SPACES = r"[\s\x{a0}\x{202f}\x{2009}]"
CURRENCY = r"[$€£¥₹]"
THOUSANDS = r"^[+-]?[1-9]\d{0,2}(?:[,'’\s\x{a0}\x{202f}\x{2009}]\d{3})+(?:\.\d+)?$"
"""A number whose thousands are set apart."""

WITH_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?(?:[eE][+-]?\d+)?$"
"""A number whose decimals follow a comma, as in much of Europe."""

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
"""How days are written; the first is ISO's."""

CLOCK = r"^(.*?)(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(?:Z|([+-])(\d{2}):?(\d{2}))?)?$"
"""A day, and perhaps a time of day and its distance from Greenwich."""


def stripped(cells: pl.Series) -> pl.Series:
    """The words without spaces around them, null for the words of ``MISSING``."""
    import polars as pl

    words = cells.str.replace_all(f"^{SPACES}+|{SPACES}+$", "") if _odd_spaces(cells) else cells.str.strip_chars()
    missing = words.str.to_lowercase().is_in(MISSING)
    return pl.select(pl.when(~missing).then(words)).to_series().alias(cells.name)


def _odd_spaces(cells: pl.Series) -> bool:
    return bool(cells.str.contains(r"[\x{a0}\x{202f}\x{2009}]").any())


def numbers(words: pl.Series) -> pl.Series:
    """Plain numbers, float64: 3, -0.5, 1e-3. Infinity is none."""
    import polars as pl

    values = words.cast(pl.Float64, strict=False)
    return pl.select(pl.when(values.is_finite()).then(values)).to_series().alias(words.name)


def plain(cells: pl.Series) -> pl.Series | None:
    """The column as float64 if every cell is a plain number or empty, and there is one; else None."""
    import polars as pl

    values = cells.cast(pl.Float64, strict=False)
    if values.count() < max(1, cells.count()) or not values.is_finite().all() or has_codes(cells):
        return None
    return values


def has_codes(words: pl.Series) -> bool:
    """Whether there is a number with zeros in front, of at least four digits."""
    zeros = words.str.starts_with("0")
    return bool(zeros.any()) and bool(words.filter(zeros).str.contains(CODE).any())


def repaired(words: pl.Series) -> pl.Series:
    """Numbers in dress, float64: "1,234", "$5", "12 %" as 12, "(5)" as −5, "€ 3", "1 234.5"."""
    import polars as pl

    bare = undressed(words)
    joined = bare.str.replace_all(r"[,'’]|" + SPACES, "")
    right = pl.select(pl.when(bare.str.contains(THOUSANDS)).then(joined).otherwise(bare)).to_series()
    return numbers(right)


def undressed(words: pl.Series) -> pl.Series:
    """The words without a currency or a percent sign, with a minus for accountants' parentheses."""
    bare = words.str.replace_all("−", "-", literal=True).str.replace(r"^\((.*)\)$", "-$1")
    bare = bare.str.replace(rf"^([+-]?){SPACES}*{CURRENCY}{SPACES}*([+-]?)", "$1$2")
    return bare.str.replace(rf"{SPACES}*(?:{CURRENCY}|%)$", "")


def with_comma(words: pl.Series) -> pl.Series:
    """Numbers whose decimals follow a comma, float64: "1,5", "1.234,56", "3,20 €"."""
    import polars as pl

    bare = undressed(words)
    point = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return numbers(pl.select(pl.when(bare.str.contains(WITH_COMMA)).then(point)).to_series())


def speaks_with_comma(words: pl.Series) -> bool:
    """Whether a column's decimals follow a comma: some can mean nothing else, and none means the other."""
    bare = undressed(words)
    commas = bare.str.contains(WITH_COMMA) & bare.str.contains(",", literal=True)
    if not (commas & ~bare.str.contains(THOUSANDS)).any():
        return False
    return not (bare.is_not_null() & repaired(bare).is_not_null() & ~bare.str.contains(WITH_COMMA)).any()


def truths(words: pl.Series) -> pl.Series:
    """0 and 1, float64, of any of the words of ``TRUTH`` and of "0" and "1"."""
    import polars as pl

    meanings = {"0": 0.0, "1": 1.0}
    for no, yes in TRUTH.items():
        meanings |= {no: 0.0, yes: 1.0}
    return words.str.to_lowercase().replace_strict(meanings, default=None, return_dtype=pl.Float64)


def truth_words(words: pl.Series) -> tuple[str, ...]:
    """What 0 and 1 are called, as written in the column; empty where it says anything else."""
    if words.drop_nulls().head(1000).str.to_lowercase().n_unique() > 2:
        return ()
    spelt = {word.lower(): word for word in words.drop_nulls().unique(maintain_order=True).reverse()}
    for no, yes in TRUTH.items():
        if spelt and set(spelt) <= {no, yes}:
            return (spelt.get(no, no), spelt.get(yes, yes))
    return ()


def days(words: pl.Series, how: str) -> pl.Series:
    """Days since 1970-01-01, float64, with a fraction for the time of day; a distance from Greenwich is taken off.

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
    """Days of dates whose year has four digits: of "24" nobody knows the century."""
    import polars as pl

    four = pl.select(pl.when(words.str.contains(r"(?:^|\D)\d{4}(?:\D|$)")).then(words)).to_series()
    return four.str.to_date(how, strict=False).cast(pl.Int32).cast(pl.Float64)


def date_formats(words: pl.Series, share: float) -> list[str]:
    """The formats that a column's cells fit best: none, one, or two where day and month cannot be told apart.

    Args:
        words: no missing ones.
        share: of the cells that a format has to fit.
    """
    some = words.gather_every(max(1, len(words) // 200)).head(200)
    likely = [how for how in DATE_FORMATS if days(some, how).count() >= share * len(some)]
    fitting = {how: days(words, how).count() for how in likely}
    best = max(fitting.values(), default=0)
    return [how for how in likely if fitting[how] == best >= share * len(words)]
