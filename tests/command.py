"""The command line as the tests call it: the ``say`` fixture and what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from layerlab.commands.main import main as main  # what the installed command calls once signals are handled


class Said(NamedTuple):
    """What a command returned and printed."""

    status: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Standard output and error as one line."""
        return " ".join((self.out + " " + self.err).split())


Say = Callable[..., Said]
