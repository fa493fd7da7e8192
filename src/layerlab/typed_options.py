"""Arguments as they are typed on the command line, also in a sentence: ``target='y'`` becomes ``--target 'y'``.

Errors and notices name the arguments of Python. The command line shows them through ``as_typed``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from .settings import DATA_OPTIONS

DATA_FLAGS = {argument: option.flag for argument, option in DATA_OPTIONS.items()} | {"test_file": "--test"}
"""How an argument of ``load_data`` is typed."""

_QUOTED = r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_VALUE = rf"{_QUOTED}|\[{_QUOTED}\]|[^ :;,)]*"


def as_typed(sentence: str, flags: Mapping[str, str] = DATA_FLAGS) -> str:
    """Write the arguments in a sentence as they are typed; names in quotation marks stay as they are.

    Args:
        sentence: an error or a notice.
        flags: how each argument is typed.

    Example:
        >>> as_typed("dropout=2.0: wanted at most 1", {"dropout": "--dropout"})
        '--dropout 2.0: wanted at most 1'
        >>> as_typed("'id' is left out (keep=['id'] keeps it)")
        "'id' is left out (--keep 'id' keeps it)"
        >>> as_typed("choose with day_first=True or day_first=False")
        'choose with --day-first or --month-first'
    """
    return _pattern(tuple(flags)).sub(lambda found: _typed(found, flags), sentence)


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """A name in quotation marks, or one of these arguments with its value."""
    before = r"(?P<before>^| |(?<!\w)\()"
    return re.compile(rf"(?<!\w){_QUOTED}|{before}(?P<name>{'|'.join(names)})=(?P<value>{_VALUE})")


def _typed(found: re.Match[str], flags: Mapping[str, str]) -> str:
    """Write one argument as an option."""
    name, value = found["name"], found["value"]
    if name is None:
        return found[0]
    if value == "False" and name in DATA_OPTIONS and DATA_OPTIONS[name].kind is bool:
        return found["before"] + DATA_OPTIONS[name].words(False)[0]
    typed = "" if value == "True" else value[1:-1] if value.startswith("[") and value.endswith("]") else value
    return found["before"] + flags[name] + (f" {typed}" if typed else "")


def has_options(arguments: Mapping[str, Any]) -> bool:
    """Return whether the command line has an option for each of these arguments (``limit`` of images has none)."""
    return all(name == "test_file" or name in DATA_OPTIONS for name in arguments)


def option_words(arguments: Mapping[str, Any]) -> list[str]:
    """Arguments of ``load_data``, or of a loader, as the words that one would type on a command line.

    Every argument must have an option, as ``has_options`` checks.
    """
    words: list[str] = []
    for name, value in arguments.items():
        if value not in (None, [], ""):
            words += DATA_OPTIONS["test" if name == "test_file" else name].words(value)
    return words
