"""The XLA programs that this process has compiled, and the cache folder that keeps them for later processes.

A kept program is loaded without tracing and lowering the formulas again. Its file is a pickle, so it never leaves the
user's own cache folder, and only a file that nobody else can have written is read. Whatever goes wrong with a file, the
program is compiled instead. jax is imported only where something is compiled, so the planner can ask what is compiled
already without jax.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import stat
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import layerlab.formulas
from layerlab.machine import cache_folder

from .work import Sizes

MOST_KEPT = 1000
"""Files in the cache folder; when there are more, those that were not used for the longest time are deleted."""


class CompiledPrograms:
    """Compiled programs by what they do and the shapes of their arguments."""

    def __init__(self) -> None:
        self._programs: dict[Hashable, Any] = {}
        self._sizes: set[Sizes] = set()
        self._on_disk = True

    def program(self, key: Hashable, lower: Callable[[], Any], options: Mapping[str, Any] | None = None) -> Any:
        """Return the program of this key, which may have to be read from the user's cache folder or compiled first.

        Args:
            key: what the program does, with the shapes and types of its arguments; its ``repr`` says all of it.
            lower: traces and lowers the program; called only where it is compiled.
            options: options of the compiler.
        """
        key = (key, *sorted((options or {}).items()))
        if key not in self._programs:
            path = path_of(key) if self._on_disk else None
            program = None if path is None else _read(path)
            if program is None:
                program = lower().compile(compiler_options=dict(options or {}))
                if path is not None:
                    _keep(program, path)
            self._programs[key] = program
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
        programs, sizes, on_disk = self._programs, self._sizes, self._on_disk
        self._programs, self._sizes, self._on_disk = {}, set(), on_disk and not disk
        try:
            yield
        finally:
            self._programs = {**self._programs, **programs}
            self._sizes, self._on_disk = self._sizes | sizes, on_disk


COMPILED = CompiledPrograms()
"""The compiled programs of this process."""


def program_folder() -> Path:
    """Return the folder of compiled programs: one for each kind of processor, because they hold its machine code."""
    return cache_folder() / "programs" / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def path_of(key: Hashable) -> Path | None:
    """Return the file for a program, named by all that its machine code depends on.

    None where the folder cannot be used, and where the user has set up a cache of jax's own, which serves then.
    """
    import jax

    if getattr(jax.config, "jax_compilation_cache_dir", None):
        return None
    folder = program_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _only_ours(folder.stat()):
            return None
    except OSError:
        return None
    devices = [(one.platform, one.device_kind) for one in jax.devices()]
    flags = {name: os.environ.get(name) for name in ("XLA_FLAGS", "JAX_PLATFORMS")}
    depends_on = (key, _versions(), source_digest(), devices, flags)
    return folder / f"{hashlib.sha256(repr(depends_on).encode()).hexdigest()}.program"


def _read(path: Path) -> Any:
    """Read a kept program; None if there is none that can be used."""
    try:
        about = path.lstat()
        if not (stat.S_ISREG(about.st_mode) and _only_ours(about)):
            return None
        from jax.experimental.serialize_executable import deserialize_and_load

        program = deserialize_and_load(*pickle.loads(path.read_bytes()))  # noqa: S301  # only what this user has written
        os.utime(path)
    except Exception:
        return None
    return program


def _keep(program: Any, path: Path) -> None:
    """Write a program into its file; where that is not possible, the next process compiles it again."""
    from jax.experimental.serialize_executable import serialize

    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        data = pickle.dumps(serialize(program))
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        unfinished.replace(path)
        forget_old_programs(path.parent)
    except Exception:
        with suppress(OSError):
            unfinished.unlink()


def forget_old_programs(folder: Path) -> None:
    """Delete the files that were not used for the longest time, if there are more than ``MOST_KEPT``."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) - MOST_KEPT)]:
        path.unlink()


def _only_ours(about: os.stat_result) -> bool:
    """Return whether a file or folder belongs to this user and nobody else can write to it; Windows does not say."""
    if not hasattr(os, "getuid"):
        return True
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _versions() -> tuple[str, ...]:
    import jax
    import jaxlib.version

    return sys.version, jax.__version__, jaxlib.version.__version__


@cache
def source_digest() -> str:
    """Return a digest of the source of formulas and engines, so that a changed formula is compiled anew."""
    digest = hashlib.sha256()
    for folder in (Path(layerlab.formulas.__file__).parent, Path(__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _processor() -> str:
    """Return a text that differs between processors with different instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return " ".join(
        sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    )
