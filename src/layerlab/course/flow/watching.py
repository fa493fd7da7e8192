"""When a file was saved, and which key was pressed: by asking again and again, the same way on every system.

A file is asked for its time and size every tenth of a second, which costs nothing for one file and misses nothing on
network drives and in containers, where the system's own notices of changes do not arrive.
"""

from __future__ import annotations

import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

POLL = 0.1
"""Seconds between two looks at the file."""

END = "end of the input"
"""What stands for a key when no further one can come."""

SEVERAL_LETTERS = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|O.|.)?")
"""What an arrow sends, and other keys that mean nothing here."""

Keys = Callable[[float], str | None]
"""Wait for a key for some seconds; None if there was none."""


class Watched:
    """A file, and whether it was saved since the last look; editors write in several steps, so it has to rest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._last = self._state()

    def was_saved(self) -> bool:
        """Return once that the file has changed, as soon as two looks in a row found the same; it may be a new file."""
        before, self._last = self._last, self._state()
        if self._last is None or self._last in (self._seen, None) or self._last != before:
            return False
        self._seen = self._last
        return True

    def is_gone(self) -> bool:
        """Return whether there is no file now."""
        return self._last is None

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def pressed_keys() -> AbstractContextManager[Keys]:
    """Return how keys are read here: one by one from a terminal, else the first letter of each line of the input."""
    try:
        typed = sys.stdin is not None and os.isatty(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        typed = False
    if not typed:
        return _letters_of_lines()
    return _keys_of_console() if os.name == "nt" else _keys_of_terminal()


@contextmanager
def _keys_of_terminal() -> Iterator[Keys]:
    """Read single keys from a terminal of Linux or macOS; at the end it is as it was."""
    import select
    import termios
    import tty

    terminal, waiting = sys.stdin.fileno(), list[str]()
    before = termios.tcgetattr(terminal)

    def pressed(seconds: float) -> str | None:
        if waiting:
            return waiting.pop(0)
        if termios.tcgetattr(terminal)[3] & termios.ICANON:  # after Ctrl-Z and fg the shell's own settings are back
            tty.setcbreak(terminal)
        if not select.select([terminal], [], [], seconds)[0]:
            return None
        if not (typed := os.read(terminal, 64)):
            return END
        waiting.extend(SEVERAL_LETTERS.sub("", typed.decode("utf-8", errors="replace")))
        return waiting.pop(0) if waiting else None

    tty.setcbreak(terminal)
    try:
        yield pressed
    finally:
        with suppress(termios.error):  # the terminal has been closed
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _keys_of_console() -> Iterator[Keys]:
    """Read single keys from a console of Windows."""
    import msvcrt as console

    reader: Any = console  # its functions exist on Windows alone

    def pressed(seconds: float) -> str | None:
        end = time.monotonic() + seconds
        while not reader.kbhit():
            if time.monotonic() >= end:
                return None
            time.sleep(0.02)
        key = str(reader.getwch())
        if key == "\x03":
            raise KeyboardInterrupt
        return key

    yield pressed


@contextmanager
def _letters_of_lines() -> Iterator[Keys]:
    """Read lines from an input that is no terminal; the first letter of each is the key."""
    letters: queue.Queue[str] = queue.Queue()

    def read() -> None:
        rest = b""
        try:
            number = sys.stdin.fileno()
            while some := os.read(number, 4096):  # sys.stdin itself would hold a lock when Python ends
                *lines, rest = (rest + some).split(b"\n")
                for line in lines:
                    letters.put(line.decode("utf-8", errors="replace").strip()[:1])
        except (OSError, ValueError, AttributeError):
            pass
        letters.put(END)

    threading.Thread(target=read, daemon=True).start()

    def pressed(seconds: float) -> str | None:
        with suppress(queue.Empty):
            return letters.get(timeout=seconds)
        return None

    yield pressed
