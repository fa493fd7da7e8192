"""What every command does at its beginning and end: claim its files, print, draw, write JSON, set the exit status.

Results are written before they are printed, and text that cannot be printed does not stop the work.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from itertools import permutations
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, Self, cast

from layerlab.console import Console
from layerlab.errors import InputError, WorkError
from layerlab.escapes import escaped_json, printable
from layerlab.runs.claims import Lock, claimed
from layerlab.runs.log_files import log_files
from layerlab.runs.writing import DASH, kind_at, noting_what_is_unwritten, try_folder, write_text
from layerlab.text import Forgiving
from layerlab.training.interrupts import SIGNALS, deferred_interrupts

if TYPE_CHECKING:
    from layerlab.runs.plan import Plan


PICTURES = (".png", ".svg")
"""Endings of the files that --plots draws; it replaces files of the same names in its folder."""


class Output:
    """The places (files and folders) that a command writes to: ``with Output(json=json_path, plots=plots) as output:``.

    On entry it checks that the places can be written to, and claims them, so that no long training is lost. On exit it
    writes the facts as JSON. If ``failure`` is set, or something could not be written or printed, the process ends with
    status 1 and a sentence. Ctrl-C inside ends it too. Other exceptions pass, and then nothing is written.

    Args:
        stdout_taken: whether something else than text for people goes to standard output, such as JSON with ``-``;
            then the text goes to standard error.
        shared: names of places that other processes may use at the same time.
        places: paths or None, by the names of their options, or by the name of an argument in capitals. "json" is the
            file for the facts (``-`` is standard output). "plots" is the folder for pictures; other places may lie in
            it.

    Attributes:
        facts: the results, which are written as JSON.
        failure: a sentence that says why the work failed, or empty.
        made: the files and folders that the command has written so far.
        unwritten: sentences about what could not be written, by the name of the place.
        interrupted: what a message says after "interrupted" as long as nothing was made.
        next_title: the word before the command that the last line recommends.
        console: where text is printed.

    Raises:
        InputError: on entry: a place cannot be written to, two places conflict, or another process has claimed one.
    """

    def __init__(self, *, stdout_taken: bool = False, shared: Collection[str] = (), **places: Path | None) -> None:

        self.places, self.shared = places, shared
        self._streams = ("json", "out") if stdout_taken else ("json",)
        self.facts: dict[str, Any] = {}
        self.failure, self.interrupted = "", ""
        self.next_title = "Next"
        self.made: list[str] = []
        self.unwritten: dict[str, str] = {}
        self._next: tuple[str, ...] = ()
        self._claims = ExitStack()
        self.console = Console(stderr=stdout_taken or places.get("json") == DASH)

    def __enter__(self) -> Self:
        for name, path in self.places.items():
            if path == DASH and name not in self._streams:
                raise InputError(f"--{name} -: cannot be standard output; name a path")
        _check_apart(self.places)
        _check_json_file(self.places.get("json"))
        _check_pictures_folder(self.places.get("plots"))
        with ExitStack() as claims:
            own = {name: path for name, path in self.places.items() if name not in self.shared}
            if _lies_in(
                own.get("plots"), self.places.get("out")
            ):  # who has --out has it, and a lock would be in its way
                own.pop("plots")
            for path in {path.absolute(): path for _, path in _files_of(own)}.values():
                refusal = f"{path}: another process of layerlab writes there; name another place, or wait for it"
                claims.enter_context(claimed(path, refusal))
            self._claims = claims.pop_all()
        return self

    def __exit__(self, exception_type: type[BaseException] | None, *_: object) -> None:
        with self._claims:
            try:
                if exception_type is None:
                    self._finish()
            except KeyboardInterrupt:
                exception_type = KeyboardInterrupt
            if exception_type is KeyboardInterrupt:
                fail(f"interrupted{self._kept() or self.interrupted}", 1)

    def _finish(self) -> None:
        """Write the JSON, and end the process if the work, a file or the printing failed."""
        if (path := self.places.get("json")) is not None:
            try:
                write_json(path, self.facts)
                self.made += [str(path)] if path != DASH else []
            except WorkError as error:
                self.unwritten["json"] = str(error)
        if SIGNALS.came and not self.failure:
            self.failure = f"interrupted{self._kept()}"
        sentences = [sentence for sentence in (self.failure, *self.unwritten.values()) if sentence]
        if sentences:
            complain("; ".join(sentences))
        self.say_next_step()
        if sentences:
            sys.exit(1)
        check_printed(self._kept())

    def _kept(self) -> str:
        return f"; what was made is saved in {', '.join(dict.fromkeys(self.made))}" if self.made else ""

    def claim(self, lock: Lock, **place: Path) -> None:
        """Hold the claim of a place that was not known on entry, such as the default of --out, until the end.

        Raises:
            InputError: it conflicts with another place.
        """
        self._claims.callback(lock.release)
        self.places |= place
        _check_apart(self.places)

    def keep(self, facts: dict[str, Any]) -> None:
        """Take the facts, and write them into the file of --json before they are printed.

        Facts that are added later are written on exit. An error in writing is reported on exit, too.
        """
        self.facts = facts
        path = self.places.get("json")
        if path is not None and path != DASH:
            with suppress(WorkError):
                write_json(path, facts)
                self.made.append(str(path))

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """A block that trains and saves the result: from the first update on, Ctrl-C cannot prevent the saving.

        Ctrl-C ends a running training. If none is running, the work was complete: it is printed, with status 1.
        """
        with noting_what_is_unwritten() as noted, deferred_interrupts() as interrupts:
            interrupts.at_once, before = True, self.interrupted
            self.interrupted = before or " before the first update"
            yield
            self.interrupted = before
            if self.places.get("log") is None:  # nobody asked for the log next to a run
                noted.pop("log", None)
            self.unwritten |= noted
            if interrupts.count and not interrupts.answered:
                interrupts.answered, self.failure = True, self.failure or f"interrupted{self._kept()}"

    def say(self, text: str, soft_wrap: bool = False) -> None:
        """Print a text without colours and markup; with ``soft_wrap`` it is one line, which the terminal may wrap."""
        self.console.print(printable(text), highlight=False, markup=False, soft_wrap=soft_wrap)

    def next_step(self, *words: object) -> None:
        """Choose the command that the last line recommends, such as "Next: layerlab report runs/flower-1".

        The line is printed when all else is said, after the sentence about a failure. It is never cut into two, so
        that it can be copied: the terminal wraps it. The last call counts.

        Args:
            words: the command line word by word: ``next_step("layerlab", "report", path)``. It has to run as printed;
                words with spaces are quoted here.
        """
        self._next = tuple(map(str, words))

    def say_next_step(self) -> None:
        """Print the last line; a command calls this only if it ends after the ``with`` statement."""
        if self._next:
            self.say(f"{self.next_title}: {shlex.join(self._next)}", soft_wrap=True)

    def say_plans(self, plans: Sequence[Plan], then: Sequence[str]) -> None:
        """Print how something would be computed, take the plans as facts, and recommend the command that computes it.

        Args:
            plans: the plan of each training.
            then: the words of that command.
        """
        for plan in plans:
            for line in plan.explain().split("\n"):
                self.say(line, soft_wrap=True)
        self.facts = {"plans": [asdict(plan) for plan in plans]}
        self.next_step(*then)

    def draw(self, pictures: Callable[..., list[Path]], *what: Any) -> None:
        """Draw pictures if --plots asks for them, print where they are, and add their paths to the facts.

        If a picture cannot be written, a sentence at the end says so: the work itself is done.

        Args:
            pictures: function that draws into the folder that is its last argument, and returns the paths.
            what: its other arguments.
        """
        folder = self.places.get("plots")
        if folder is None:
            return
        try:
            paths = [str(path) for path in pictures(*what, folder)]
        except (InputError, WorkError, OSError) as error:
            self.unwritten["plots"] = str(error)
            return
        self.made += [str(folder)] if paths else []
        self.say("Pictures: " + (", ".join(paths) or "none, there is nothing to draw"))
        self.facts["plots"] = paths


def _check_json_file(path: Path | None) -> None:
    if path is None or path == DASH:
        return
    there = kind_at(path)
    if there == "folder":
        raise InputError(f"{path}: is a folder; name a file for the JSON")
    if there == "other":  # it would be replaced, be it /dev/null
        raise InputError(f"{path}: is no file; name one for the JSON, or - for standard output")
    if there and not _holds_facts(path):
        raise InputError(
            f"{path}: is there already, and --json overwrites only JSON that a command wrote before; name another file "
            "for the JSON"
        )
    try_folder(path.parent, path)


def _holds_facts(path: Path) -> bool:
    """Return whether --json may replace a file: it is empty or begins like facts, and belongs to no run or search.

    So a file that a command reads is never replaced: a table, a search space or a log.
    """
    try:
        with path.open("rb") as file:
            start = file.read(100)
    except OSError:  # its content is unknown
        return False
    if path.name == "result.json" and (path.parent / "search.json").exists():
        return False
    return start in (b"", b"{}\n") or (start.startswith(b"{\n") and b'"format_version"' not in start)


def _check_pictures_folder(folder: Path | None) -> None:
    if folder is None:
        return
    if kind_at(folder) not in ("folder", ""):
        raise InputError(f"{folder}: is a file; name a folder for the pictures")
    place = folder
    while not kind_at(place):
        place = place.parent
    try_folder(place, folder)


def _lies_in(path: Path | None, folder: Path | None) -> bool:
    return path is not None and folder is not None and folder.absolute() in path.absolute().parents


def _files_of(places: Mapping[str, Path | None]) -> list[tuple[str, Path]]:
    """Return the places that were given, each with its name; for a log also its files."""
    given = [(name, path) for name, path in places.items() if path is not None and path != DASH]
    for _, path in given:
        kind_at(path)  # raises InputError for a name that no file can have
    return given + [(name, file) for name, path in given if name == "log" for file in log_files(path)]


def _check_apart(places: Mapping[str, Path | None]) -> None:
    """Check that no place is the same as another or lies in it; only the folder of --plots may contain others."""
    given = [(name if name.isupper() else f"--{name}", path, path.absolute()) for name, path in _files_of(places)]
    for (name, path, outer), (other, inner, absolute) in permutations(given, 2):
        if name == other:
            continue
        drawn = name == "--plots" and inner.suffix.lower() in PICTURES
        # "." is refused in words of its own, or is a folder for a log
        inside = outer in absolute.parents and path != Path() and (name != "--plots" or drawn)
        if (outer == absolute or inside) and {name, other} != {"--out", "--plots"}:
            where = "is" if outer == absolute else f"lies in {path}, which is"
            raise InputError(f"{inner}: {where} the place of {name} too; name another one for {other}")


def write_json(path: Path, facts: Any) -> None:
    """Write facts as JSON, as a complete file or none; a number that is not finite becomes null.

    Raises:
        WorkError: the file cannot be written.
    """
    text = escaped_json(json.dumps(_finite(facts), indent=1, allow_nan=False, ensure_ascii=False))
    if path == DASH:
        print(text)
    else:
        write_text(path, text + "\n")


def _finite(facts: Any) -> Any:
    """Return the same facts with None for every number that is not finite."""
    if isinstance(facts, float) and not math.isfinite(facts):
        return None
    if isinstance(facts, dict):
        return {key: _finite(value) for key, value in facts.items()}
    return [_finite(value) for value in facts] if isinstance(facts, list | tuple) else facts


def progress_title(title: str) -> str | bool:
    """Return the title of a progress bar, or False if standard error is no terminal, where nobody would see it."""
    return title if Forgiving(sys.stderr).isatty() else False


@contextmanager
def forgiving_streams() -> Iterator[None]:
    """Let text that cannot be printed not end the command; ``check_printed`` reports it at the end."""
    before = sys.stdout, sys.stderr
    streams = [Forgiving(stream) for stream in before]
    sys.stdout, sys.stderr = (cast(IO[str], stream) for stream in streams)
    try:
        yield
    finally:
        for stream in streams:
            stream.flush()
            if stream.error is not None:
                _drop_what_is_left(stream)
        sys.stdout, sys.stderr = before


def _drop_what_is_left(stream: Forgiving) -> None:
    """Discard what a stream still buffers: otherwise Python would try to write it again when it ends."""
    with suppress(OSError, ValueError, AttributeError):  # a stream without a file, or one that is closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def check_printed(kept: str = "") -> None:
    """End the process with status 1 if standard output could not be written.

    A reader that has ended (`| head`) has what it wanted: then nothing is printed. For every other reason, a sentence.

    Args:
        kept: the end of the sentence, which says where the finished work is.
    """
    stream = sys.stdout
    if not isinstance(stream, Forgiving):
        return
    stream.flush()
    if isinstance(stream.error, BrokenPipeError):
        sys.exit(1)
    if stream.error is not None:
        why = getattr(stream.error, "strerror", None) or stream.error
        fail(f"standard output: cannot be written ({why}){kept}", 1)


def complain(sentence: str) -> None:
    """Print what is wrong on standard error, in one line."""
    print(f"layerlab: {printable(sentence)}", file=sys.stderr)


def fail(sentence: str, status: int) -> NoReturn:
    """End the process with a sentence on standard error, in one line."""
    complain(sentence)
    sys.exit(status)
