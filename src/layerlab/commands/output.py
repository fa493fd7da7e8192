"""What every command does at its beginning and end: try out places, print, draw, write JSON, choose the exit status."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from layerlab.errors import InputError
from layerlab.escapes import escaped_json, printable
from layerlab.runs.writing import DASH, try_folder, write_text
from layerlab.text import Console

if TYPE_CHECKING:
    from layerlab.runs.plan import Plan


class Output:
    """The places that a command writes to: ``with Output(json=json_path, plots=plots) as output:``.

    On entry the places are tried out, so that a long training does not end in vain. On exit the facts are written as
    JSON, and where ``failure`` is set the process ends with this sentence and status 1. An exception passes, and then
    nothing is written.

    Args:
        stdout_taken: whether standard output carries something else than text for people, as JSON does with ``-``;
            the text then goes to standard error.
        places: paths by the names of their options, or of an argument in capitals, or None. "json" is the file for the
            facts (``-`` is standard output), "plots" the folder for pictures, which may hold the other places.

    Attributes:
        facts: what is written as JSON.
        failure: why the work failed, in a sentence, or empty.
        console: where text is printed.

    Raises:
        InputError: on entry, where a place cannot be written to or two are in each other's way.
    """

    def __init__(self, *, stdout_taken: bool = False, **places: Path | None) -> None:

        self.places = places
        self.facts: dict[str, Any] = {}
        self.failure = ""
        self.console = Console(stderr=stdout_taken or places.get("json") == DASH)

    def __enter__(self) -> Self:
        _check_json_file(self.places.get("json"))
        _check_pictures_folder(self.places.get("plots"))
        _check_apart(self.places)
        return self

    def __exit__(self, exception_type: type[BaseException] | None, *_: object) -> None:
        if exception_type is not None:
            return
        if (path := self.places.get("json")) is not None:
            write_json(path, self.facts)
        if self.failure:
            fail(self.failure, 1)

    def add_place(self, **place: Path) -> None:
        """Check a place that was not known on entry, such as the default of --out, against the others.

        Raises:
            InputError: it is in the way of another.
        """
        self.places |= place
        _check_apart(self.places)

    def say(self, text: str, soft_wrap: bool = False) -> None:
        """Print a text in one line, without colours and markup; ``soft_wrap`` leaves long lines to the terminal."""
        self.console.print(printable(text), highlight=False, markup=False, soft_wrap=soft_wrap)

    def say_plans(self, plans: Sequence[Plan]) -> None:
        """Print how something would be computed; the plans are the facts."""
        for plan in plans:
            for line in plan.explain().split("\n"):
                self.say(line, soft_wrap=True)
        self.facts = {"plans": [asdict(plan) for plan in plans]}

    def draw(self, pictures: Callable[..., list[Path]], *what: Any) -> None:
        """Draw pictures if --plots asks for them; say where they are, and add their paths to the facts.

        Args:
            pictures: draws ``what`` into the folder that is its last argument, and returns the paths.
            what: its other arguments.
        """
        folder = self.places.get("plots")
        if folder is not None:
            paths = [str(path) for path in pictures(*what, folder)]
            self.say("Pictures: " + (", ".join(paths) or "none, there is nothing to draw"))
            self.facts["plots"] = paths


def _check_json_file(path: Path | None) -> None:
    if path is None or path == DASH:
        return
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file for the JSON")
    if path.exists() and not path.is_file():  # it would be replaced, be it /dev/null
        raise InputError(f"{path}: is no file; name one for the JSON, or - for standard output")
    try_folder(path.parent, path)


def _check_pictures_folder(folder: Path | None) -> None:
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; name a folder for the pictures")
    place = folder
    while not place.exists():
        place = place.parent
    try_folder(place, folder)


def _check_apart(places: dict[str, Path | None]) -> None:
    """Check that no place is another one or lies in it; only the folder of --plots may hold the others."""
    given = [
        (name if name.isupper() else f"--{name}", path, path.absolute())
        for name, path in places.items()
        if path is not None and path != DASH
    ]
    for (name, path, outer), (other, inner, absolute) in permutations(given, 2):
        inside = outer in absolute.parents and name != "--plots"
        if (outer == absolute or inside) and {name, other} != {"--out", "--plots"}:
            where = "is" if outer == absolute else f"lies in {path}, which is"
            raise InputError(f"{inner}: {where} the place of {name} too; name another one for {other}")


def write_json(path: Path, facts: Any) -> None:
    """Write facts as JSON, into a file that is there whole or not at all; a number that is not finite becomes null."""
    text = escaped_json(json.dumps(_finite(facts), indent=1, allow_nan=False, ensure_ascii=False))
    if path == DASH:
        print(text)
    else:
        write_text(path, text + "\n")


def _finite(facts: Any) -> Any:
    """The same facts with None for every number that is not finite."""
    if isinstance(facts, float) and not math.isfinite(facts):
        return None
    if isinstance(facts, dict):
        return {key: _finite(value) for key, value in facts.items()}
    return [_finite(value) for value in facts] if isinstance(facts, list | tuple) else facts


def progress_title(title: str) -> str | bool:
    """The title of a progress bar, or False where standard error is no terminal and nobody would see the bar."""
    return title if sys.stderr.isatty() else False


def fail(sentence: str, status: int) -> NoReturn:
    """End the process with a sentence on standard error, in one line."""
    print(f"layerlab: {printable(sentence)}", file=sys.stderr)
    sys.exit(status)
