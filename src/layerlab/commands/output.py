"""What commands write: the facts as JSON, and places that are tried out before any long work."""

from __future__ import annotations

import json
import math
import sys
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from layerlab.errors import InputError
from layerlab.runs.writing import DASH, try_folder, write_text

if TYPE_CHECKING:
    from rich.console import Console


def check_places(json_path: Path | None, folder: Path | None = None) -> None:
    """Try places to write to.

    Args:
        json_path: a file for the facts, - for standard output, or None.
        folder: for pictures, or None.

    Raises:
        InputError: one of them cannot be written to.
    """
    if json_path is not None and json_path != DASH:
        if json_path.is_dir():
            raise InputError(f"{json_path}: is a folder; name a file for the JSON")
        if json_path.exists() and not json_path.is_file():  # it would be replaced, be it /dev/null
            raise InputError(f"{json_path}: is no file; name one for the JSON, or - for standard output")
        try_folder(json_path.parent, json_path)
    if folder is not None:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is a file; name a folder for the pictures")
        place = folder
        while not place.exists():
            place = place.parent
        try_folder(place, folder)


def check_apart(**places: Path | None) -> None:
    """What is written does not stand in the way of what is written elsewhere.

    Args:
        places: by the names of their options, or of an argument in capitals; that of "plots" is a folder that may hold
            the others.

    Raises:
        InputError: two of them are one, or one would lie in another.
    """
    named = {name if name.isupper() else f"--{name}": path for name, path in places.items() if path not in (None, DASH)}
    given = [(name, path, path.absolute()) for name, path in named.items() if path is not None]
    for (name, path, a), (other, inner, b) in permutations(given, 2):
        inside = a in b.parents and name != "--plots"
        if (a == b or inside) and {name, other} != {"--out", "--plots"}:
            where = "is" if a == b else f"lies in {path}, which is"
            raise InputError(f"{inner}: {where} the place of {name} too; name another one for {other}")


def write_json(path: Path | None, facts: Any) -> None:
    """Facts as JSON, written aside and renamed; a number that is not finite becomes null."""
    if path is None:
        return
    text = json.dumps(_finite(facts), indent=1, allow_nan=False, ensure_ascii=False)
    if path == DASH:
        print(text)
        return
    write_text(path, text + "\n")


def _finite(facts: Any) -> Any:
    if isinstance(facts, float) and not math.isfinite(facts):
        return None
    if isinstance(facts, dict):
        return {key: _finite(value) for key, value in facts.items()}
    return [_finite(value) for value in facts] if isinstance(facts, list | tuple) else facts


def console_for(json_path: Path | None) -> Console:
    """Standard output, or standard error where standard output carries JSON."""
    from rich.console import Console

    return Console(stderr=json_path == DASH)


def tell_pictures(paths: list[Path], json_path: Path | None) -> list[str]:
    """Say where pictures are; their names."""
    names = [str(path) for path in paths]
    console_for(json_path).print("Pictures: " + ", ".join(names), highlight=False, markup=False)
    return names


def fail(sentence: str, status: int) -> NoReturn:
    """End the process with a sentence on standard error."""
    said = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in sentence)  # on one line
    print(f"layerlab: {said}", file=sys.stderr)
    sys.exit(status)
