"""Caches for tests: empty, but with the compiled programs that all processes of a run of the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def empty_cache(patch: pytest.MonkeyPatch, cache: Path, kept: Path) -> None:
    """Let layerlab's cache be a new folder, and matplotlib's the one that is kept for the run.

    Args:
        patch: takes both back.
        cache: the new folder.
        kept: the folder of ``kept_for_the_run``.
    """
    (cache / "layerlab").mkdir(parents=True)
    if os.name != "nt":
        (cache / "layerlab" / "programs").symlink_to(kept / "programs")
    patch.setenv("XDG_CACHE_HOME", str(cache))
    patch.setenv("MPLCONFIGDIR", str(kept / "matplotlib"))
