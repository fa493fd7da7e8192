"""When something around a training does not work: jax, a forked process, other threads, Ctrl-C at the wrong moment."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from threadpoolctl import threadpool_info, threadpool_limits

import layerlab
from layerlab import InputError, Network
from layerlab.machine import one_thread
from layerlab.training import finishing
from layerlab.training.interrupts import deferred_interrupts

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

SMALL = """
import layerlab, warnings
warnings.simplefilter("ignore", layerlab.TrainingWarning)
X, Y = [[0.0, 1.0, 2.0]], [[0, 1, 1]]
def small(engine="auto", iterations=3):
    return layerlab.train(layerlab.Network([1, 1]), (X, Y), learning_rate=0.1, iterations=iterations, engine=engine)
"""


def fresh(code: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A new process with its own cache folder."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), **variables}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)  # noqa: S603


# jax


@pytest.fixture(
    params=["raise ImportError('torn')", "raise RuntimeError('worn\\nout')", ""], ids=["import", "run", "empty"]
)
def broken_jax(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Variables of an environment in which jax is there and does not work."""
    (tmp_path / "broken" / "jax").mkdir(parents=True)
    (tmp_path / "broken" / "jax" / "__init__.py").write_text(request.param)
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path / "broken"), *filter(None, [os.environ.get("PYTHONPATH")])])}


@pytest.mark.processes
def test_where_jax_does_not_work_auto_takes_numpy_and_xla_is_refused_in_words(
    tmp_path: Path, broken_jax: dict[str, str]
) -> None:
    code = f"""{SMALL}
run = small(iterations=40_000)
print(run.plan.engine, "|", run.plan.engine_reason)
try:
    small("xla")
except layerlab.InputError as error:
    print(error)
"""
    said = fresh(code, tmp_path, **broken_jax)
    assert said.returncode == 0, said.stderr
    first, second = said.stdout.splitlines()
    assert first.startswith("numpy | jax cannot be used here (")
    assert second.startswith("engine='xla': jax cannot be used here (")
    assert second.endswith("; use engine='numpy' or 'auto'")


@pytest.mark.processes
def test_a_platform_that_is_not_there_is_said_and_the_doctor_sees_it(tmp_path: Path) -> None:
    code = "import sys; from layerlab.commands.main import main; sys.argv[1:] = ARGUMENTS; main()"
    train = ["train", "digits", "--engine", "xla", "--iterations", "2", "--out", str(tmp_path / "run")]
    said = fresh(code.replace("ARGUMENTS", repr(train)), tmp_path, JAX_PLATFORMS="nonsense")
    assert said.returncode == 2
    assert said.stderr.startswith("layerlab: --engine 'xla': jax cannot be used here (")
    assert said.stderr.count("\n") == 1
    said = fresh(code.replace("ARGUMENTS", "['doctor']"), tmp_path, JAX_PLATFORMS="nonsense", COLUMNS="300")
    assert said.returncode == 0
    assert "numpy; engine='xla': jax cannot be used here" in said.stdout


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_a_forked_process_does_not_hang(tmp_path: Path) -> None:
    code = f"""{SMALL}
import multiprocessing
warnings.simplefilter("ignore")
small("xla")
def child():
    try:
        small("xla")
    except layerlab.InputError as error:
        print(error, flush=True)
    print(small("auto", 40_000).plan.engine, flush=True)
process = multiprocessing.get_context("fork").Process(target=child)
process.start()
process.join(40)
print(process.exitcode)
process.kill()
"""
    first, engine, status = fresh(code, tmp_path).stdout.splitlines()
    assert first.startswith("engine='xla': jax would hang: it was started before this process was forked")
    assert (engine, status) == ("numpy", "0")


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the cache on Linux")
@pytest.mark.parametrize("damage", [b"", b"nonsense" * 50, pickle.dumps((b"x", 1, 2))])
def test_a_damaged_compiled_program_is_made_anew_without_a_word(tmp_path: Path, damage: bytes) -> None:
    code = f"{SMALL}\nprint(small('xla').history.costs.tolist())"
    first = fresh(code, tmp_path)
    (kept,) = (path for path in tmp_path.rglob("*.program") if path.is_file())
    kept.write_bytes(damage)
    for _ in range(2):  # the first clears the damage away, the second keeps its program again
        again = fresh(code, tmp_path)
        assert (again.stdout, again.stderr) == (first.stdout, "")
    assert kept.stat().st_size > 1000


# Threads


def blas_threads() -> int:
    """Of NumPy's own matrix products."""
    return max((pool["num_threads"] for pool in threadpool_info() if "numpy" in pool["filepath"]), default=1)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """As on a machine with two cores, where the tests run on one thread each."""
    with threadpool_limits(2, "blas"):
        yield


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("main_goes_first", [False, True])
def test_the_number_of_threads_comes_back_whoever_leaves_first(main_goes_first: bool) -> None:
    before, inside, leave = blas_threads(), threading.Event(), threading.Event()
    assert before == 2

    def other() -> None:
        with one_thread():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_thread():
        assert blas_threads() == 1
        thread.start()
        inside.wait(10)
        if not main_goes_first:
            leave.set()
            thread.join(10)
        assert blas_threads() == 1
    assert blas_threads() == before
    leave.set()
    thread.join(10)
    assert blas_threads() == before


# Numbers that are too large


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_where_the_products_overflow_the_full_width_is_taken(engine: str) -> None:
    random = np.random.RandomState(0)
    part = 1e20 * random.rand(300, 40), (random.rand(1, 40) > 0.5) * 1.0
    network = Network([300, 8, 1], hidden="tanh")
    settings: dict[str, Any] = {"learning_rate": 1e-3, "iterations": 300, "dtype": "float32", "engine": engine}
    full = layerlab.train(network, part, basis="full", **settings)
    run = layerlab.train(network, part, **settings)
    assert run.plan is not None
    assert run.plan.basis == "full"
    assert run.plan.basis_reason == ("the products of examples are not finite in float32: their features are too large")
    assert_array_equal(run.history.costs, full.history.costs)
    (member,) = layerlab.sweep(network, part, **settings).runs
    assert len(member.history.costs) == 300
    with pytest.raises(InputError, match="basis='span': the products of examples are not finite in float32"):
        layerlab.train(network, part, basis="span", **settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": 1e-50}, "learning_rate=1e-50 is 0.0 in float32: learning_rate=0.0: wanted a finite number"),
        ({"learning_rate": 1e300}, "learning_rate=1e+300 is inf in float32"),
        ({"l2": 1e300}, "l2=1e+300 is inf in float32"),
        ({"optimizer": "adam", "beta2": 1 - 1e-9}, "beta2=0.999999999 is 1.0 in float32: beta2=1.0: wanted"),
        ({"optimizer": "rmsprop", "epsilon": 1e-46}, "epsilon=1e-46 is 0.0 in float32"),
    ],
)
def test_rates_that_float32_cannot_hold_are_refused(settings: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"learning_rate": 0.1, "iterations": 2, **settings}
    part = [[0.0, 1.0]], [[0, 1]]
    with pytest.raises(InputError) as caught:
        layerlab.train(Network([1, 1]), part, dtype="float32", **arguments)
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith("or take dtype='float64'")
    layerlab.explain(Network([1, 1]), part, **arguments)


# Ctrl-C


@pytest.fixture
def heard() -> Iterator[Callable[[], None]]:
    """Python's own handler, which a test run in the background does not have; calling it is a Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_after_the_last_update_keeps_the_run(heard: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.training.examining import evidence_in

    def slow(*args: Any) -> Any:
        heard()
        heard()
        return evidence_in(*args)

    monkeypatch.setattr(finishing, "evidence_in", slow)
    run = layerlab.train(Network([1, 1]), ([[0.0, 1.0]], [[0, 1]]), learning_rate=0.1, iterations=5)
    assert run.history.interrupted
    assert len(run.history.costs) == 5
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.advice
@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_ends_the_search_for_a_remedy_and_the_run_is_complete(
    heard: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from layerlab.training.short_trainings import last_costs

    def pressed(*args: Any) -> Any:
        heard()
        return last_costs(*args)

    monkeypatch.setattr("layerlab.training.remedies.last_costs", pressed)
    run = layerlab.train(Network([1, 1]), ([[0.0, 1.0]], [[0, 1]]), learning_rate=1e-9, iterations=50)
    assert not run.history.interrupted
    assert len(run.history.costs) == 50
    assert all(finding.changes == {} for finding in run.diagnosis)
    assert "the search for settings that would have helped was interrupted" in capsys.readouterr().err


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_that_nobody_answers_is_raised_once_all_is_done(heard: Callable[[], None]) -> None:
    done = []

    def interrupted() -> None:
        with deferred_interrupts(), deferred_interrupts():
            heard()
            done.append("still here")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_sweep_says_how_many_were_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.training.fit import chunks_of
    from layerlab.tuning.sweeps import sweep as population

    def interrupted(*args: Any) -> Any:
        yield next(chunks_of(*args))
        raise KeyboardInterrupt

    monkeypatch.setattr(population, "chunks_of", interrupted)
    nets = [Network([1, 1]), Network([1, 2, 1]), Network([1, 2, 2, 1])]
    part = [[0.0, 1.0]], [[0, 1]]
    result = layerlab.sweep(nets, part, learning_rate=[0.1, 0.2], iterations=10, engine="numpy", progress=False)
    assert (len(result.runs), result.left_over) == (2, 4)
    assert "! Interrupted: 4 of 6 networks were not trained." in str(result)
