"""The XLA programs that this process has compiled, and the cache folder that keeps them for later processes.

jax is imported only where something is compiled, so the planner can ask what is compiled already without jax.
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
        """Return the program of this key, which may have to be read from the user's cache folder or compiled first."""
        if key not in self._programs:
            with kept_on_disk():
                self._programs[key] = compile_it()
        return self._programs[key]

    def add(self, sizes: Sizes) -> None:
        """Remember, for the planner, that trainings of these sizes have a compiled program."""
        self._sizes.add(sizes)

    def __contains__(self, sizes: Sizes) -> bool:
        """Return whether a training of these sizes has a compiled program."""
        return sizes in self._sizes

    @contextmanager
    def set_aside(self, disk: bool = False) -> Iterator[None]:
        """Inside this context, behave as if this process had compiled nothing.

        Args:
            disk: whether to ignore the cache folder too, which measuring the time of compiling needs.
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
"""The compiled programs of this process."""


@contextmanager
def _nothing_on_disk() -> Iterator[None]:
    """Inside this context, jax reads no compiled program from the disk and writes none."""
    import jax

    before = bool(jax.config.jax_enable_compilation_cache)  # type: ignore[attr-defined]
    try:
        _set({"jax_enable_compilation_cache": False})
        yield
    finally:
        _set({"jax_enable_compilation_cache": before})


@contextmanager
def kept_on_disk() -> Iterator[None]:
    """Inside this context, jax looks for compiled programs in the user's cache folder and saves new ones there.

    Afterwards jax has the user's settings again. A cache that the user has set up for jax is used instead of ours. A
    folder that cannot be written is not used.
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
    # An entry that cannot be read or written need not trouble the user: the folder is emptied for the next time.
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
    compilation_cache.reset_cache()  # else jax continues with the folder that it has opened


def program_folder() -> Path:
    """Return the folder of compiled programs: one for each kind of processor, because they hold its machine code."""
    return cache_folder() / "programs" / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def _processor() -> str:
    """Return a text that differs between processors with different instructions."""
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
