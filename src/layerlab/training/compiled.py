"""The XLA programs that this process has compiled, and the cache folder in which they outlive it.

jax is imported only where something is compiled: the planner asks here what is compiled already, without jax.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from layerlab.machine import cache_folder

from .work import Sizes


class CompiledPrograms:
    """Compiled programs by what they do and the shapes of their arguments."""

    def __init__(self) -> None:
        self._programs: dict[Hashable, Any] = {}
        self._sizes: set[Sizes] = set()

    def program(self, key: Hashable, compile_it: Callable[[], Any]) -> Any:
        """The program of this key, compiled where this process has none, or read from the user's cache folder."""
        if key not in self._programs:
            with kept_on_disk():
                self._programs[key] = compile_it()
        return self._programs[key]

    def add(self, sizes: Sizes) -> None:
        """Remember that trainings of these sizes have their program, for the planner."""
        self._sizes.add(sizes)

    def __contains__(self, sizes: Sizes) -> bool:
        """Whether a training of these sizes finds its program compiled."""
        return sizes in self._sizes

    @contextmanager
    def set_aside(self, disk: bool = False) -> Iterator[None]:
        """Inside it is as if this process had compiled nothing.

        Args:
            disk: whether the cache folder is not looked into either, as for measuring how long compiling takes.
        """
        programs, sizes = self._programs, self._sizes
        self._programs, self._sizes = {}, set()
        try:
            with _nothing_on_disk() if disk else nullcontext():
                yield
        finally:
            self._programs = {**self._programs, **programs}
            self._sizes = self._sizes | sizes


COMPILED = CompiledPrograms()
"""Those of this process."""


@contextmanager
def _nothing_on_disk() -> Iterator[None]:
    """Inside jax reads no compiled program from a disk and writes none."""
    import jax

    before = bool(jax.config.jax_enable_compilation_cache)  # type: ignore[attr-defined]
    try:
        _set({"jax_enable_compilation_cache": False})
        yield
    finally:
        _set({"jax_enable_compilation_cache": before})


@contextmanager
def kept_on_disk() -> Iterator[None]:
    """Inside jax looks for compiled programs in the user's cache folder and keeps them there.

    Its settings are the user's again afterwards. A cache that the user has set up for jax is used instead of ours; a
    folder that cannot be written to is done without.
    """
    import jax

    ours = {
        "jax_compilation_cache_dir": str(program_folder()),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in ours}
    if before["jax_compilation_cache_dir"] or not _writable(program_folder()):
        yield
        return
    with warnings.catch_warnings(record=True) as caught:
        try:
            _set(ours)
            yield
        finally:
            _set(before)
    # An entry that cannot be read or written is no trouble of the user's: the folder is emptied for the next time.
    for warning in caught:
        if "persistent compilation cache" not in str(warning.message):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        else:
            shutil.rmtree(program_folder(), ignore_errors=True)


def _set(settings: dict[str, Any]) -> None:
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    compilation_cache.reset_cache()  # else jax goes on with the folder that it has opened


def program_folder() -> Path:
    """Where compiled programs are kept: a folder for each kind of processor, since they hold its machine code."""
    return cache_folder() / "programs" / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def _processor() -> str:
    """What the processor can do, in any words that differ where that differs."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return " ".join(
        sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    )


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
