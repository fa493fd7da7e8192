"""The dates in the cells of a text column, and the format in which the column writes them.

Every function takes a polars Series of text; for a cell that is not a date it returns null.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from layerlab.formulas.arrays import Floats

if TYPE_CHECKING:
    import polars as pl

ISO = "%Y-%m-%d"

DATE_FORMATS = (
    ISO,
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%b %d, %Y",
)
"""How days may be written. %b is a month's name, short or full, next to a space, comma, point or hyphen."""

SHORT_FORMATS = (
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%d %b %y",
    "%b %d, %y",
    "%y-%m-%d",
    "%y/%m/%d",
)
"""How days may be written with two or four digits of the year."""

MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%Y %b", "%q %Y", "%Y %q")
"""How months and quarters (%q) may be written; they are read as their first day."""

YEARS_OF_MONTHS = (1900, 2100)
"""The years that a month may have; other pairs of numbers are not months."""

COMPACT = "%Y%m%d"
"""Eight digits in a row: year, month and day."""

COMPACT_MONTH = "%Y%m"
"""Six digits in a row: year and month."""

COMPACT_DATES = {COMPACT: (19000101, 21001231, 5), COMPACT_MONTH: (190001, 210012, 12)}
"""The least and the largest number that may be a date, and how many different ones are needed.

By chance, one in a hundred numbers of eight digits is a date, and one in eight of six digits."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier janv ene enero",
            "feb february februar feber février fevrier févr fevr fév febrero",
            "mar march märz maerz mär mrz mars marzo",
            "apr april avril avr abril abr",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet juil julio",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre setiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember décembre decembre déc dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in English, German, French and Spanish, in small letters."""

FIRST_YEAR = 1969
"""The first of the hundred years that two digits may mean, as POSIX's strptime reads them."""

NEAR_FUTURE = 10 * 365.25
"""A date at most this many days in the future is probably meant, rather than one a century before."""

FUTURE_NAMES = re.compile(
    r"(?:^|[^a-z])(?:due|until|till|valid|end|deadline|plan|bis|fin|hasta)|expir|matur|forecast|fällig|ablauf|gültig|"
    r"échéance|vencim",
    re.IGNORECASE,
)
"""Names of columns whose dates may be in the future."""

LIKE_A_DATE = r"^(?:\p{L}{3,10}[\s.,/-]*)?\d{1,4}\D{1,24}\d|^(?:\p{L}{3,10}|[Qq][1-4])\D{0,6}\d{4}$|^\d{4}\W{1,3}\p{L}"
"""How every date begins that is not all digits; other words are not tried in all formats."""

CLOCK = (
    r"^(?<day>.*?),?(?:[T ]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}(?:\.\d+)?))?"
    r"\s*(?:(?<half>[AaPp])[Mm])?\s*(?:Z|(?<sign>[+-])(?<ahead>\d{2}):?(?<behind>\d{2}))?)?$"
)
"""A day, perhaps with a time of day, perhaps with a time zone."""


def days(words: pl.Series, how: str, first_year: int = FIRST_YEAR) -> pl.Series:
    """Read dates as days since 1970-01-01, float64, in UTC, with a fraction for the time of day.

    Args:
        words: such as "2024-02-29", "2024-02-29T13:05:00Z", "3/1/2024 1:05 PM".
        how: one of ``DATE_FORMATS``, ``SHORT_FORMATS`` or ``MONTH_FORMATS``, or a key of ``COMPACT_DATES``.
        first_year: the first of the hundred years that two digits may mean.
    """
    import polars as pl

    if not words.str.contains(":", literal=True).any():
        return _whole_days(words, how, first_year)
    cut = words.str.extract_groups(CLOCK).struct.unnest()
    hour, minute, second, ahead, behind = (
        cut[group].cast(pl.Float64, strict=False).fill_null(0.0)
        for group in ("hour", "minute", "second", "ahead", "behind")
    )
    half = cut["half"].str.to_lowercase()
    right = (hour < 24) & (minute < 60) & (second < 61) & (half.is_null() | ((hour >= 1) & (hour <= 12)))
    noon = (half == "p").cast(pl.Float64) * 12
    hour = pl.select(pl.when(half.is_null()).then(hour).otherwise(hour % 12 + noon)).to_series()
    sign = (cut["sign"] == "-").fill_null(False).cast(pl.Float64) * -2 + 1
    time = (hour * 60 + minute) / 1440 + second / 86400
    found = _whole_days(cut["day"], how, first_year) + time - sign * (ahead * 60 + behind) / 1440
    return pl.select(pl.when(right).then(found)).to_series().alias(words.name)


def _whole_days(words: pl.Series, how: str, first_year: int) -> pl.Series:
    """Read days without a time of day."""
    import polars as pl

    if how == COMPACT_MONTH:
        words, how = words + "01", COMPACT
    elif "%b" in how or "%y" in how or how in MONTH_FORMATS:
        words, how = _as_iso(words, how, first_year), ISO
    shape = r"^\d{8}$" if how == COMPACT else r"(?:^|\D)\d{4}(?:\D|$)"  # polars reads two digits as a year, too
    four = pl.select(pl.when(words.str.contains(shape)).then(words)).to_series()
    return four.str.to_date(how, strict=False).cast(pl.Int32).cast(pl.Float64)


def _as_iso(words: pl.Series, how: str, first_year: int) -> pl.Series:
    """Rewrite months, and days with a month's name or a two-digit year, in the ISO format."""
    import polars as pl

    parts = words.str.to_lowercase().str.extract_groups(_pattern(how)).struct.unnest()
    year = parts["year"].cast(pl.Int64, strict=False)
    if how in MONTH_FORMATS:
        parts = parts.with_columns(pl.when(year.is_between(*YEARS_OF_MONTHS)).then(pl.lit("1")).alias("day"))
    whole = first_year + (year + 2000 - first_year) % 100
    year = pl.select(pl.when(parts["year"].str.len_chars() == 2).then(whole).otherwise(year)).to_series()
    month = parts["month"]
    if "%b" in how:
        month = month.replace_strict(MONTHS, default=None, return_dtype=pl.Int64).cast(pl.String)
    if "%q" in how:
        month = (month.cast(pl.Int64) * 3 - 2).cast(pl.String)
    return year.cast(pl.String) + "-" + month + "-" + parts["day"]


def _pattern(how: str) -> str:
    """Return the regular expression of a format, with groups year, month (or quarter) and day, if it has one."""
    if how in MONTH_FORMATS:
        return _month_pattern(how)
    year = r"(?<year>\d{4})" if "%Y" in how else r"(?<year>\d{2})" if how.startswith("%y") else r"(?<year>\d{4}|\d{2})"
    gap = r"[\s,./-]*(?:de\s+)?"
    if how.startswith("%d %b"):
        return rf"^(?<day>\d{{1,2}})(?:st|nd|rd|th|er)?{gap}(?<month>\p{{L}}+){gap}{year}$"
    if how.startswith("%b"):
        return rf"^(?<month>\p{{L}}+){gap}(?<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,./-]+{year}$"
    groups = {"%d": r"(?<day>\d{1,2})", "%m": r"(?<month>\d{1,2})", "%y": year}
    return "^" + re.sub("%[dmy]", lambda found: groups[found[0]], how.replace(".", r"\.")) + "$"


def _month_pattern(how: str) -> str:
    """Return the regular expression of a format of months or quarters."""
    month = r"(?<month>\d{2})" if how == "%m.%Y" else r"(?<month>\d{1,2})"  # 1.2021 is a number
    groups = {"%Y": r"(?<year>\d{4})", "%m": month, "%b": r"(?<month>\p{L}+)", "%q": "q(?<month>[1-4])"}
    gap = {"%b": r"[\s.,/-]*(?:de\s+)?", "%q": r"[\s/-]*"}
    where = next((gap[code] for code in gap if code in how), None)
    parts = how.replace(".", r"\.").replace(" ", where or " ")
    return "^" + re.sub("%[Ymbq]", lambda found: groups[found[0]], parts) + "$"


def date_formats(words: pl.Series, share: float) -> list[str]:
    """The date formats that fit a column's cells best: none, one, or two if day and month cannot be distinguished.

    Args:
        words: the cells, none missing.
        share: share of the cells that a format must fit.
    """
    some = words.gather_every(max(1, len(words) // 200)).head(200)
    if int(some.str.contains(LIKE_A_DATE).sum()) < share * len(some):
        return []
    best = _best_formats(words, some, DATE_FORMATS, share)
    if not best or (some.str.contains(r"(?:^|\D)\d{2}$").any() and days(words, best[0]).count() < len(words)):
        best = _best_formats(words, some, SHORT_FORMATS, share) or best
    if not best:
        return [] if _are_seasons(words) else _best_formats(words, some, MONTH_FORMATS, share)
    first = [how for how in best if how.startswith("%y")]
    if first and len(best) > len(first):
        # 22-01-31, 22-02-01: a year is the same in many rows, a day of the month is not.
        parts = words.str.extract_groups(r"(\d+)\D+\d+\D+(\d+)").struct.unnest()
        year_first = parts["1"].n_unique() < parts["2"].n_unique()
        best = [how for how in best if how.startswith("%y") == year_first]
    return best


def _are_seasons(words: pl.Series) -> bool:
    """Return whether all words name a season by its two years, such as 2009-10 and 2010/11, and not months."""
    import polars as pl

    years = words.str.extract_groups(r"^(\d{4})[-/](\d{2})$").struct.unnest().cast(pl.Int64)
    return bool(((years["1"] + 1) % 100 == years["2"]).fill_null(False).all())


def _best_formats(words: pl.Series, some: pl.Series, formats: tuple[str, ...], share: float) -> list[str]:
    """Return the formats that fit the most words of a column, if these words are enough."""
    likely = [how for how in formats if days(some, how).count() >= share * len(some)]
    fitting = {how: days(words, how).count() for how in likely}
    best = max(fitting.values(), default=0)
    return [how for how in likely if fitting[how] == best >= share * len(words)]


def with_first_year(words: pl.Series, how: str) -> tuple[str, ...]:
    """Return a column's format, and the year with which two digits begin if that is not ``FIRST_YEAR``.

    Dates in the future, such as births, are read as dates a century before if the column then spans no more time. They
    are not if the column's name, or dates with four-digit years, show that the future is meant.
    """
    if "%y" not in how or FUTURE_NAMES.search(words.name):
        return (how,)
    today = np.datetime64("today", "D")
    first = int(str(today)[:4]) - 99
    ahead, back = (days(words, how, year).drop_nulls().to_numpy() - today.astype(int) for year in (FIRST_YEAR, first))
    if not len(ahead) or ahead.max() <= NEAR_FUTURE or back.max() > 366 or np.ptp(back) > np.ptp(ahead) + 366:
        return (how,)
    return (how, str(first))


def first_year_of(how: tuple[str, ...]) -> int:
    """Return the first of the hundred years that two digits may mean, according to ``Column.words``."""
    return int(how[1]) if len(how) > 1 else FIRST_YEAR


def swapped(how: str) -> str | None:
    """Return the format with day and month exchanged, if both are numbers and that format exists."""
    other = how.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")
    return other if other != how and other in (*DATE_FORMATS, *SHORT_FORMATS) else None


def shown(how: str) -> str:
    """Return a format as messages show it: day/month/year for %d/%m/%Y."""
    names = {"%d": "day", "%m": "month", "%b": "month", "%q": "quarter", "%Y": "year", "%y": "year"}
    return re.sub("%[dmbqYy]", lambda code: names[code[0]], how)


def day_in_words(day: float) -> str:
    """Return the date of a day since 1970, such as 2024-02-29."""
    return str(np.datetime64(int(np.floor(day)), "D"))


def is_day_first(how: str) -> bool | None:
    """Return whether the day stands before a month that is a number; None if neither can be mistaken for the other."""
    return None if swapped(how) is None else how.index("%d") < how.index("%m")


def same_day_of_month(words: pl.Series, how: str) -> bool:
    """Return whether a format gives the same day in all rows and different months, as monthly data have."""
    parts = words.str.extract_groups(r"^(\d{1,2})\D(\d{1,2})\D").struct.unnest()
    day, month = ("1", "2") if is_day_first(how) else ("2", "1")
    return parts[day].n_unique() == 1 and parts[month].n_unique() > 1


def compact_format(values: Floats) -> str | None:
    """Return the format by which whole numbers (m,), NaN where missing, are all dates such as 20240229 and 202402."""
    present = values[~np.isnan(values)]
    for how, (first, last, fewest) in COMPACT_DATES.items():
        if len(present) and present.min() >= first and present.max() <= last:
            return how if _all_dates(np.unique(present), how, fewest) else None
    return None


def _all_dates(different: Floats, how: str, fewest: int) -> bool:
    """Return whether there are enough different numbers, and all of them are dates."""
    import polars as pl

    if len(different) < fewest or not np.all(different == np.floor(different)):
        return False
    return bool(days(pl.Series(different.astype(np.int64)).cast(pl.String), how).is_not_null().all())
