"""Seconds by stage of a training: a ``stage`` is timed where its work is done, and a ``stopwatch`` collects all stages.

    with stopwatch() as seconds:
        with stage("basis"):
            tables = ...
            with stage("draw"):  # this time counts for the inner stage only
                weights = ...
    print(seconds)  # {"draw": 0.04, "updates": 0.0, "finish": 0.0, "basis": 0.21}

Outside of a stopwatch nothing is timed. Each thread has its own stopwatch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from layerlab.runs.plan import COMMON_STAGES

_measured: ContextVar[dict[str, float] | None] = ContextVar("seconds by stage", default=None)


@contextmanager
def stopwatch() -> Iterator[Mapping[str, float]]:
    """Time the stages inside this context; their names are ``STAGES`` of ``runs.plan``.

    Yields:
        Seconds by stage so far; the stages of every training are there from the beginning. A stopwatch inside another
        one keeps its stages to itself.
    """
    seconds = dict.fromkeys(COMMON_STAGES, 0.0)
    outer = _measured.set(seconds)
    try:
        yield seconds
    finally:
        _measured.reset(outer)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Add the time inside this context to a stage, without the time of stages inside it."""
    seconds = _measured.get()
    if seconds is None:
        yield
        return
    begun, before = perf_counter(), sum(seconds.values())
    try:
        yield
    finally:
        inside = sum(seconds.values()) - before
        seconds[name] = seconds.get(name, 0.0) + perf_counter() - begun - inside
