"""The command line as the tests call it: the ``say`` fixture and what it returns."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SCRIPTS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
main: Callable[[], None] = pkgutil.resolve_name(SCRIPTS["layerlab"])
"""What the installed command calls, wherever it is defined."""


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
