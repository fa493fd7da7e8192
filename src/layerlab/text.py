"""Numbers and tables as text: the same in Python, on the command line and in reports."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 100
"""Characters a line where there is no terminal to ask."""


def amount(value: float, sign: str = "") -> str:
    """A value to four digits, without an exponent where people do without.

    Args:
        value: any number.
        sign: "+" to have one before positive numbers too.

    Example:
        >>> amount(0.98765), amount(23956.7), amount(1.2e-7), amount(-5.0, "+")
        ('0.9877', '23,960', '1.2e-07', '-5')
    """
    if 1e4 <= abs(value) < 1e15:
        return f"{float(f'{value:.4g}'):{sign},.0f}"
    return f"{value:{sign}.4g}"


def percent(share: float) -> str:
    """A share as per cent with one decimal.

    Example:
        >>> percent(0.8)
        '80.0 %'
    """
    return f"{100 * share:.1f} %"


def as_text(show: Callable[[Console], None]) -> str:
    """What is printed, as plain text."""
    file = io.StringIO()
    show(Console(file=file, width=WIDTH, color_system=None))
    return file.getvalue().rstrip("\n")


def plain_table(first: str, *others: str) -> Table:
    """An empty table in the one style, its columns named: the first flush left, the others flush right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def print_pairs(facts: dict[str, Any], console: Console) -> None:
    """Name and value, a line each."""
    table = plain_table("", "")
    table.show_header = False
    table.columns[1].justify = "left"
    for name, value in facts.items():
        table.add_row(Text(name, "bold"), Text(percent(value) if isinstance(value, float) else str(value)))
    console.print(table)


def metric_text(name: str, value: float | None) -> str:
    """A cost or a metric: an accuracy in per cent, a cost with four decimals, a dash where there is none.

    Args:
        name: of the metric, such as "cost" or "validation_accuracy".
        value: what it came to, or None.

    Example:
        >>> metric_text("test_accuracy", 0.8), metric_text("cost", 0.25), metric_text("cost", None)
        ('80.0 %', '0.2500', '–')
    """
    if value is None:
        return "–"
    return percent(value) if name.endswith("accuracy") else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def r_squared_text(share: float) -> str:
    """R² with three decimals; a dash where there is none, because all values are one."""
    return f"{share:.3f}" if math.isfinite(share) else "–"


def count_text(n: int, unit: str) -> str:
    """A number of things in words."""
    return f"{n:,} {unit}{'' if n == 1 else 's'}"


def spoken_time(seconds: float) -> str:
    """A time as one says it.

    Example:
        >>> duration(7.44), duration(187), duration(7300)
        ('7.4 s', '3 min 7 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def value_text(value: Any) -> str:
    """A setting as one would write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
