"""Seconds by stage: each stage is timed where its work is done, for the stopwatch around it."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

import pytest

from layerlab.runs.plan import COMMON_STAGES
from layerlab.training import stages
from layerlab.training.stages import stage, stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which passes only where a test says so."""
    now = [100.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: now[0])
    return now


def test_a_stage_inside_another_counts_for_the_inner_one_alone(clock: list[float]) -> None:
    with stopwatch() as seconds:
        for _ in range(2):
            with stage("basis"):
                clock[0] += 1
                with stage("draw"):
                    clock[0] += 4
                clock[0] += 2
        clock[0] += 8  # between stages
    assert seconds == {**dict.fromkeys(COMMON_STAGES, 0.0), "draw": 8.0, "basis": 6.0}


def test_what_failed_has_taken_its_time(clock: list[float]) -> None:
    with stopwatch() as seconds:
        with suppress(ZeroDivisionError), stage("compile"):
            clock[0] += 3
            _ = 1 / 0
        with stage("compile"):
            clock[0] += 2
    assert seconds["compile"] == 5


def test_a_stopwatch_inside_another_has_its_stages_to_itself(clock: list[float]) -> None:
    with stopwatch() as outer:
        with stopwatch() as inner, stage("updates"):
            clock[0] += 3
        with stage("updates"):
            clock[0] += 1
    assert (outer["updates"], inner["updates"]) == (1, 3)


def test_without_a_stopwatch_and_in_other_threads_nothing_is_timed(clock: list[float]) -> None:
    def work() -> None:
        with stage("updates"):
            clock[0] += 3

    work()
    with stopwatch() as seconds:
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert seconds == dict.fromkeys(COMMON_STAGES, 0.0)
