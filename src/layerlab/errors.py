"""What a user is told when a request cannot be met."""

from __future__ import annotations


class InputError(ValueError):
    """The request was wrong: one sentence with what was wanted, what came and what to do.

    The command line prints the sentence and exits with status 2.
    """


class WorkError(RuntimeError):
    """The request was right and the work failed all the same: a download, a full disk, a diverged training.

    The command line prints the sentence and exits with status 1.
    """


class TrainingWarning(UserWarning):
    """A training run ended in a state that needs a look: diverged, stuck, saturated, dead or equal units."""
