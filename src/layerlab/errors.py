"""The errors and the warning of layerlab. Each message says what was wanted, what was given, and what to do."""

from __future__ import annotations

LONGEST_MESSAGE = 2500
"""The largest number of characters of a message that are shown; the middle of a longer one is left out."""


class _Sentence(Exception):  # noqa: N818
    """Shows its message in one line of limited length, in which control characters are written as escapes."""

    def __str__(self) -> str:
        from .escapes import printable

        text = printable(super().__str__())
        left_out = len(text) - LONGEST_MESSAGE
        if left_out <= 0:
            return text
        return f"{text[: LONGEST_MESSAGE - 500]} … ({left_out:,} characters are left out) … {text[-500:]}"


class InputError(_Sentence, ValueError):
    """The request was wrong. The message is one sentence: what was wanted, what was given, and what to do.

    The command line prints the sentence and exits with status 2.
    """


class WorkError(_Sentence, RuntimeError):
    """The request was right but the work failed: a failed download, a full disk, a diverged training.

    The command line prints the sentence and exits with status 1.
    """


class TrainingWarning(_Sentence, UserWarning):
    """A training went wrong: it diverged, the cost rose or got stuck, or units are saturated, dead or equal."""
