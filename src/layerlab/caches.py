"""Where layerlab keeps what it can make again: fetched data, compiled programs, this machine's speed."""

from __future__ import annotations

from pathlib import Path


def cache_folder() -> Path:
    """The user's cache folder for layerlab; on Linux ``XDG_CACHE_HOME`` moves it. It need not exist yet."""
    from platformdirs import user_cache_path

    return user_cache_path("layerlab")
