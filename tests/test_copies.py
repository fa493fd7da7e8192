"""Between what a user gives and the engine, X is copied and transposed at most once, and looked through once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerlab import Network
from layerlab.formulas import initialize_parameters
from layerlab.formulas.span import Span
from layerlab.training.basis import products
from layerlab.training.checkpoint import checkpoint_of
from layerlab.training.fit import EngineStart, start_engine
from layerlab.training.job import Job
from layerlab.training.layout import aligned_rows
from layerlab.training.planner import make_plan
from layerlab.training.train import single_job

N_X, M = 100, 8000
SMALL = 0.1
"""The share of X that everything else may need: labels, parameters, orders of examples."""


@pytest.fixture(scope="module")
def pair() -> tuple[NDArray[Any], NDArray[Any]]:
    random = np.random.RandomState(0)
    return random.rand(N_X, M), (random.rand(1, M) > 0.5).astype(float)


@pytest.fixture(autouse=True)
def no_block_to_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The NumPy engine allocates a block and frees it at once, which has nothing to do with X."""
    monkeypatch.setattr("layerlab.training.engines.FREED_BLOCK", 1)


def started(X: Any, Y: Any, **settings: Any) -> tuple[Job, EngineStart]:
    """As ``train`` does it, up to the first update."""
    given = {"learning_rate": 0.1, "iterations": 2, "basis": "full", "engine": "numpy", **settings}
    job = single_job(Network([N_X, 3, 1]), (X, Y), validation=None, parameters=None, settings=given)
    return job, start_engine(job, make_plan(job))


def peak_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """The most bytes that were in use at a time beyond those before, and what came of it; the first time imports."""
    work()
    tracemalloc.start()
    try:
        done = work()
        return tracemalloc.get_traced_memory()[1], done
    finally:
        tracemalloc.stop()


def engine_x(made: EngineStart) -> Any:
    return made.engine.data.X  # type: ignore[attr-defined]


def test_all_examples_at_once_are_computed_where_the_user_has_them(pair: tuple[Any, Any]) -> None:
    X, Y = pair
    peak, (job, made) = peak_of(lambda: started(X, Y))
    assert job.part.X is X
    assert engine_x(made) is X
    assert peak < SMALL * X.nbytes  # nor is there a mask of what is finite


def test_batches_are_rows_of_the_one_copy(pair: tuple[Any, Any]) -> None:
    X, Y = pair
    peak, (job, made) = peak_of(lambda: started(X, Y, batch_size=64))
    assert job.part.X is X
    assert engine_x(made).flags.c_contiguous
    assert (engine_x(made).T == X).all()
    assert peak < (1 + SMALL) * X.nbytes


def test_rows_that_lie_in_memory_as_the_engine_wants_them_are_not_copied(pair: tuple[Any, Any]) -> None:
    X, Y = pair
    rows = engine_x(started(X, Y, batch_size=64)[1])
    peak, (_, made) = peak_of(lambda: started(rows.T, Y, batch_size=64))
    assert np.shares_memory(engine_x(made), rows)
    assert peak < SMALL * X.nbytes


@pytest.mark.parametrize(("kind", "dtype"), [(np.uint8, "float64"), (np.float64, "float32"), (np.int64, "float32")])
@pytest.mark.parametrize("batch_size", [None, 64])
def test_another_type_is_converted_into_the_one_copy(
    pair: tuple[Any, Any], kind: Any, dtype: str, batch_size: int | None
) -> None:
    X, Y = (100 * pair[0]).astype(kind), pair[1]
    peak, (job, made) = peak_of(lambda: started(X, Y, dtype=dtype, batch_size=batch_size))
    assert np.shares_memory(job.part.X, engine_x(made))
    assert engine_x(made).flags.c_contiguous
    assert (X.astype(dtype) == job.part.X).all()
    assert peak < (1 + SMALL) * job.part.X.nbytes


def test_the_way_of_the_conversion_changes_no_number(pair: tuple[Any, Any]) -> None:
    X, Y = pair
    straight = started(X, Y, dtype="float32", batch_size=64)[1]
    before = started(X.astype("float32"), Y, dtype="float32", batch_size=64)[1]
    assert (engine_x(straight) == engine_x(before)).all()
    assert engine_x(straight).strides == engine_x(before).strides


def test_the_span_takes_products_of_the_users_array_and_makes_them_once_for_all_slices(
    pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = pair[0][:, :50].copy(), pair[1][:, :50].copy()
    made: list[Any] = []

    def seen(A: Any, B: Any) -> Any:
        made.append((A, B))
        return products(A, B)

    monkeypatch.setattr("layerlab.training.job.products", seen)
    job, start = started(X, Y, basis="span", batch_size=7)
    assert isinstance(engine_x(start), Span)
    for some in (job.slice(0, 1), job.slice(0, 1)):
        assert start_engine(some, make_plan(job)).engine.data.X.gram is job.gram  # type: ignore[attr-defined]
    assert [(A is X, B is X) for A, B in made] == [(True, True)]


def test_weights_are_drawn_once_for_members_and_slices_that_start_from_the_same(
    pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def seen(dims: Any, initializer: str, seed: int, embedding: Any) -> Any:
        drawn.append(seed)
        return initialize_parameters(dims, initializer, seed, embedding)

    monkeypatch.setattr("layerlab.network.initialize_parameters", seen)
    job, _ = started(*pair)
    whole = Job((*job.members,) * 4, job.part, alone=False)
    for start in range(0, 4, 2):
        some = whole.slice(start, start + 2)
        start_engine(some, make_plan(some))
    assert drawn == [0, 0]  # once for the job of one, once for the four in their two slices


def test_inputs_are_looked_through_once(pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    X, Y = pair
    sizes: list[int] = []
    isfinite = np.isfinite

    def seen(values: Any) -> Any:
        sizes.append(np.size(values))
        return isfinite(values)

    monkeypatch.setattr(np, "isfinite", seen)
    started(X, Y, batch_size=64)
    assert max(sizes) == 1  # of the sum alone, which is not finite where a number is not


def test_a_checkpoint_takes_its_fingerprint_without_a_copy(pair: tuple[Any, Any], tmp_path: Any) -> None:
    X, Y = pair[0].repeat(5, axis=1), pair[1].repeat(5, axis=1)
    job, _ = started(np.asfortranarray(X), Y)
    same, _ = started(X, Y)
    peak, kept = peak_of(lambda: checkpoint_of(job, tmp_path / "kept", resume=False))
    assert kept.request == checkpoint_of(same, tmp_path / "kept", resume=False).request
    assert peak < 0.6 * X.nbytes


@pytest.fixture
def numbers_in_64_bits() -> Iterator[None]:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield


@pytest.mark.usefixtures("numbers_in_64_bits")
def test_the_compiled_engine_takes_the_rows_as_they_lie_in_memory(
    pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Any] = []

    def seen(columns: Any) -> Any:
        rows.append(aligned_rows(columns))
        return rows[-1]

    monkeypatch.setattr("layerlab.training.layout.aligned_rows", seen)
    _, made = started(*pair, batch_size=64, engine="xla")
    X = engine_x(made)
    if X.devices().pop().platform == "cpu":  # an accelerator has memory of its own
        assert X.unsafe_buffer_pointer() == rows[0].ctypes.data
