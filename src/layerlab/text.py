"""Numbers and times as text, written the same way in Python, on the command line and in reports."""

from __future__ import annotations

import errno
import math
import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from layerlab.escapes import printable


class Forgiving:
    """A stream whose writes never raise an error: if a pipe is closed or a disk is full, only the text is lost.

    Args:
        stream: where the text goes; None if the process has no such stream, as with `>&-`.

    Attributes:
        error: the first failure, or None. Text that is written after it is dropped.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.error: Exception | None = None
        if stream is None:
            self.error = OSError(errno.EBADF, os.strerror(errno.EBADF))

    def write(self, text: str) -> int:
        """Write a text if that is possible, and return its length."""
        self._tried(lambda: self.stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Write the buffered text if that is possible."""
        self._tried(lambda: self.stream.flush())

    def isatty(self) -> bool:
        """Return whether it is a terminal that can still be written to."""
        return self.error is None and bool(self.stream.isatty())

    def _tried(self, write: Callable[[], Any]) -> None:
        if self.error is None:
            try:
                write()
            except (OSError, ValueError) as error:  # ValueError: the stream is closed, or cannot encode the text
                self.error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def tell(line: str, stream: Any = None) -> None:
    """Print a line, with escapes, during work that an error would interrupt; by default on standard error.

    If it cannot be printed (a closed pipe, a full disk), only the line is lost.
    """
    Forgiving(sys.stderr if stream is None else stream).write(f"{printable(line)}\n")


def warn(message: str, category: type[Warning] = UserWarning, stacklevel: int = 1) -> None:
    """Warn as ``warnings.warn`` does; if it cannot be printed (a closed stream), only the warning is lost."""
    with suppress(OSError, ValueError):
        warnings.warn(message, category, stacklevel=stacklevel + 1)


def amount(value: float, sign: str = "") -> str:
    """Write a value with four digits, and with an exponent only if it is very large or very small.

    Args:
        value: any number.
        sign: "+" to write a sign before positive numbers too.

    Example:
        >>> amount(0.98765), amount(23956.7), amount(1.2e-7), amount(-5.0, "+")
        ('0.9877', '23,960', '1.2e-07', '-5')
    """
    if 1e4 <= abs(value) < 1e15:
        return f"{float(f'{value:.4g}'):{sign},.0f}"
    return f"{value:{sign}.4g}"


def percent(share: float) -> str:
    """Write a share in percent with one decimal, or a dash if it is not a number.

    Example:
        >>> percent(0.8)
        '80.0 %'
    """
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def probability_text(p: float) -> str:
    """Write a probability in percent; one that rounds to 0 or 100 % says that it is only near it.

    Example:
        >>> probability_text(0.8), probability_text(0.99999), probability_text(1e-9)
        ('80.0 %', '> 99.9 %', '< 0.1 %')
    """
    return {"100.0 %": "> 99.9 %", "0.0 %": "< 0.1 %"}.get(percent(p), percent(p))


def metric_text(name: str, value: float | None) -> str:
    """Write a cost or a metric: an accuracy in percent, a cost with four decimals, a dash if there is none.

    Args:
        name: name of the metric, such as "cost" or "validation_accuracy".
        value: its value, or None.

    Example:
        >>> metric_text("test_accuracy", 0.8), metric_text("cost", 0.25), metric_text("cost", None)
        ('80.0 %', '0.2500', '–')
    """
    if value is None:
        return "–"
    return percent(value) if name.endswith("accuracy") else f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3g}"


def r_squared_text(share: float) -> str:
    """Write R² with three decimals, or a dash if it is undefined because all true values are equal."""
    return f"{share:.3f}" if math.isfinite(share) else "–"


def count_text(n: int, unit: str) -> str:
    """Write a number and a noun, with a plural s unless the number is 1.

    Example:
        >>> count_text(1, "fold"), count_text(2000, "iteration")
        ('1 fold', '2,000 iterations')
    """
    return f"{n:,} {unit}{'' if n == 1 else 's'}"


def spoken_time(seconds: float) -> str:
    """Write a duration in hours, minutes and seconds.

    ``runs.plan.two_digit_time`` writes it with two digits in one unit instead.

    Example:
        >>> spoken_time(7.44), spoken_time(187), spoken_time(7300)
        ('7.4 s', '3 min 7 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def value_text(value: Any) -> str:
    """Write a setting's value as one would type it: a float without needless digits."""
    return f"{value:g}" if isinstance(value, float) else str(value)
