"""The errors and the warning that layerlab raises; each message says what was wanted, what came and what to do."""

from __future__ import annotations


class InputError(ValueError):
    """The request was wrong: the message is one sentence with what was wanted, what came and what to do.

    The command line prints the sentence and exits with status 2.
    """


class WorkError(RuntimeError):
    """The request was right but the work failed: a download, a full disk, a diverged training.

    The command line prints the sentence and exits with status 1.
    """


class TrainingWarning(UserWarning):
    """A training ended in a state that needs a look: diverged, rising or stuck cost, saturated, dead or equal units."""
