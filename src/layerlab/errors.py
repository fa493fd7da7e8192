"""The errors and the warning that layerlab raises; each message says what was wanted, what came and what to do."""

from __future__ import annotations

LONGEST_MESSAGE = 2500
"""Characters of a message that are shown; of a longer one the middle is left out."""


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
    """The request was wrong: the message is one sentence with what was wanted, what came and what to do.

    The command line prints the sentence and exits with status 2.
    """


class WorkError(_Sentence, RuntimeError):
    """The request was right but the work failed: a download, a full disk, a diverged training.

    The command line prints the sentence and exits with status 1.
    """


class TrainingWarning(_Sentence, UserWarning):
    """A training ended in a state that needs a look: diverged, rising or stuck cost, saturated, dead or equal units."""
