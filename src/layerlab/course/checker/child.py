"""The process in which one file of a learner is checked. ``running.py`` starts it, and kills it when it takes too long.

It imports NumPy and the checker, and waits for a line of JSON: the author's folder of the exercise, and the learner's
text. A learner's file gets a process that checked no other; authors' files share one.

It answers lines of JSON: first whether the text passed, then the findings. They go through a pipe of its own, which is
moved away from standard output before the learner's file can print into it. If the check takes too long, faulthandler
writes into the same pipe which line was running, and ends the process, whether anybody still listens or not; so it does
if the process crashes.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .deadline import Deadline
from .diagnosing import examined
from .diagnostic import Diagnostic
from .exercise import read_exercise
from .judging.limits import BEGUN, DONE, SECONDS, Limits, Overwritten, Printed, ending, thread_that_goes_on


def wait() -> None:
    """Answer requests until there are no more, or until a file ends the process."""
    sys.path.pop(0)  # the checker is loaded: what else lies in its folder is not the learner's to import
    requests, pipe = os.fdopen(os.dup(0), "rb"), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    limits = Limits()
    sys.stdout = sys.stderr = printed = Printed(1, limits)
    for line in requests:
        request = json.loads(line)
        Deadline.patience = request["patience"]
        printed.begin()
        os.write(pipe, BEGUN)
        exercise = read_exercise(Path(request["exercise"]))
        exercise.hand_out()
        faulthandler.enable(file=pipe)
        faulthandler.dump_traceback_later(SECONDS * Deadline.patience, exit=True, file=pipe)
        limits.watch()
        for answer in _heeded(examined(exercise, request["source"]), limits):
            os.write(pipe, (json.dumps(answer, default=_plain) + "\n").encode())
            printed.silent = True  # what follows runs the learner's function again and again
            # a diagnosis has its own time
            faulthandler.dump_traceback_later(SECONDS * Deadline.patience, exit=True, file=pipe)
        limits.rest()
        faulthandler.cancel_dump_traceback_later()
        os.write(pipe, DONE)
    os._exit(0)


def _heeded(answers: Iterator[Mapping[str, Any]], limits: Limits) -> Iterator[Mapping[str, Any]]:
    """The answers of the checker, or that the learner's file did what it may not do."""
    found, told, numpy = None, False, Overwritten()
    try:
        for answer in answers:
            if found := numpy.found() or _broken_off(answer, limits):
                break
            told = True
            yield answer
    except BaseException as exception:  # exit() comes through everything
        if (found := numpy.found() or ending(exception)) is None and not told:
            yield {"error": traceback.format_exc()}
        elif found is None:  # the verdict stands, though its reason is not known
            found = Diagnostic("unnamed", details={"failed": traceback.format_exc()})
    if found is not None and not told:
        yield {"passed": False, "advice": []}
    if found is not None:
        yield {"findings": [found.record()]}


def _broken_off(answer: Mapping[str, Any], limits: Limits) -> Diagnostic | None:
    """What counts more than this answer: an imported answer, a thread that goes on, and then other refused actions."""
    imported = [found for found in limits.refused if found.code == "imported-answer"]
    if imported:
        return imported[0]
    if "passed" in answer:
        return thread_that_goes_on()
    first = answer["findings"][0] if answer["findings"] else {}
    stopped = first.get("code") in ("exception", "not-loaded") or first.get("relation") == "extra step"
    return limits.refused[0] if limits.refused and stopped else None


def _plain(value: Any) -> Any:
    """A number of NumPy as a number of Python, so that JSON can hold it."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
