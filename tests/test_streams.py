"""Streams: every row once an epoch, in an order that seed, epoch and sizes decide; trained like data in memory."""

from __future__ import annotations

import datetime
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, Run
from layerlab.datasets import Dataset, Part, hold_out, load_data
from layerlab.datasets.describing import data_lines
from layerlab.datasets.images.augmentation import Augmentation
from layerlab.datasets.loading.anything import read_again
from layerlab.datasets.loading.array_streams import ArrayExamples
from layerlab.datasets.loading.streams import open_stream
from layerlab.datasets.streaming.buffers import Buffer, BuffersAhead, aligned, fill_buffers
from layerlab.datasets.streaming.generated import generated
from layerlab.datasets.streaming.row_sampling import choose_rows
from layerlab.datasets.streaming.stream import Stream, rows_of_block
from layerlab.datasets.tabular.table import Column, Table
from layerlab.evaluating.baseline_comparison import baselines_facts
from layerlab.evaluating.explanations.input_groups import column_groups, value_texts
from layerlab.evaluating.linear_baseline import linear_baseline
from layerlab.runs.settings_rules import batches_an_epoch
from layerlab.training import engines
from layerlab.training.batches import cut_into_batches
from layerlab.training.checkpoint import checkpoint_of
from layerlab.training.engines import NumpyEngine, initial_state
from layerlab.training.fit import chunks_of
from layerlab.training.planner import make_plan
from layerlab.training.train import single_job
from layerlab.training.updates import EngineData

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


def numbered(rows: int, block: int = 8, used: Any = None, memory_mib: float = 256.0) -> Stream:
    """A stream whose only feature is the row's number."""
    numbers = np.arange(rows, dtype=np.float64)
    return Stream(ArrayExamples("numbers", numbers[:, None], numbers[:, None] % 2, block), used, memory_mib)


def buffers(stream: Stream, batch_size: int, seed: int = 0, updates: int = 0, epochs: int = 1) -> list[Buffer]:
    layout = stream.layout(batch_size, 8)
    stop = threading.Event()
    return list(islice(fill_buffers(stream, layout, seed, "float64", updates, stop), layout.buffers * epochs))


def rows_of(buffer: Buffer) -> list[int]:
    """Numbers of a buffer's rows in the order in which batches take them."""
    numbers: list[int] = buffer.X[buffer.order, 0].astype(int).tolist()
    return numbers


def small(stream: Stream, rows: int) -> Stream:
    """The stream with a memory whose buffers hold so many rows."""
    row = 8 * (stream.source.n_x + stream.source.n_y)
    return replace(stream, memory_mib=2 * row * (rows + 0.5) / 0.75 / 2**20)


def examples(rows: int = 600, n_x: int = 5, seed: int = 0) -> tuple[Any, Any]:
    draw = np.random.RandomState(seed)
    X = draw.randn(rows, n_x)
    return X, (X[:, :1] + X[:, 1:2] * X[:, 2:3] > 0).astype(np.float64)


def streamed(rows: int = 600, buffer: int = 128, block: int = 32) -> Dataset:
    """Classes to learn, a hundred rows of them for the test, and all others as a stream."""
    X, Y = examples(rows)
    stream = Stream(ArrayExamples("rows", X, Y, block)).without(np.arange(0, rows, 6))
    sample = Part(X[1::6].T, Y[1::6].T)
    return Dataset("rows", sample, Part(X[::6].T, Y[::6].T), stream=small(stream, buffer))


def trained(data: Any, **wished: Any) -> Run:
    own = {"learning_rate": 0.02, "optimizer": "adam", "batch_size": 16, "epochs": 2, "progress": False}
    return layerlab.train(Network([5, 6, 1], hidden="tanh"), data, **{**own, **wished})


# The order


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 300),
    eighths=st.integers(1, 5),
    batch=st.integers(1, 20),
    buffer=st.integers(20, 120),
    left_out=st.sets(st.integers(0, 299), max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_row_once_an_epoch_and_every_batch_full_but_the_last(
    rows: int, eighths: int, batch: int, buffer: int, left_out: set[int], seed: int
) -> None:
    out = sorted(number for number in left_out if number < rows)
    stream = small(numbered(rows, 8 * eighths).without(np.array(out, np.int64)), buffer)
    if not stream.rows:
        return
    assert stream.rows == rows - len(out)
    layout, made = stream.layout(batch, 8), buffers(stream, batch, seed, epochs=2)
    for epoch in (made[: layout.buffers], made[layout.buffers :]):
        assert sorted(row for one in epoch for row in rows_of(one)) == sorted(set(range(rows)) - set(out))
        assert all(len(one.order) == layout.size for one in epoch[:-1])
        assert sum(batches_an_epoch(len(one.order), batch) for one in epoch) == batches_an_epoch(stream.rows, batch)
    assert layout.epoch == batches_an_epoch(stream.rows, batch)
    assert layout.size <= max(buffer, batch) or stream.rows < batch


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 300), batch=st.integers(1, 20), updates=st.integers(0, 100), seed=st.integers(0, 99))
def test_a_place_in_the_middle_is_computed(rows: int, batch: int, updates: int, seed: int) -> None:
    stream = small(numbered(rows), 40)
    layout = stream.layout(batch, 8)
    epoch, number, _ = layout.place(updates)
    whole = buffers(stream, batch, seed, epochs=epoch + 1)
    later = buffers(stream, batch, seed, updates=updates)
    for one, other in zip(whole[epoch * layout.buffers + number :], later, strict=False):
        assert rows_of(one) == rows_of(other)


def test_blocks_before_a_place_are_not_read() -> None:
    read: list[int] = []

    class Watched(ArrayExamples):
        def read(self, numbers: Any, epoch: int) -> Any:
            read.append(int(numbers[0]))
            return super().read(numbers, epoch)

    X, Y = examples(640)
    stream = small(Stream(Watched("rows", X, Y, 64)), 128)
    buffers(stream, 16)
    everything = list(read)
    read.clear()
    assert stream.layout(16, 8).buffers == 5
    next(fill_buffers(stream, stream.layout(16, 8), 0, "float64", 4 * 8, threading.Event()))
    assert sorted(everything) == list(range(0, 640, 64))
    assert sorted(read) == sorted(everything[-2:])


def test_rows_of_a_block_stay_near_each_other() -> None:
    stream = small(numbered(4000, block=80), 400)
    order = [row for one in buffers(stream, 20) for row in rows_of(one)]
    place = np.argsort(order)
    apart = [np.ptp(place[start : start + 80]) for start in range(0, 4000, 80)]
    assert max(apart) < 80 + 2 * stream.layout(20, 8).size
    assert order != sorted(order)


def test_what_fits_into_one_buffer_is_a_uniform_shuffle() -> None:
    """Each row is in each place equally often, by chi-square over seeds and epochs."""
    stream, counts = numbered(8), np.zeros((8, 8))
    for seed in range(60):
        for one in buffers(stream, 3, seed, epochs=50):
            counts[rows_of(one), range(8)] += 1
    expected = 60 * 50 / 8
    assert ((counts - expected) ** 2 / expected).sum() < 85.4  # 49 degrees of freedom, 99.9 %


def test_rows_of_any_order_are_shuffled_over_all_buffers() -> None:
    class Counted:
        rows, n_x = 400, 1

        def read(self, numbers: Any, epoch: int) -> Any:  # noqa: ARG002
            return numbers[:, None] * 1.0, numbers[:, None] % 2

    stream = small(generated(Counted()), 100)
    first, *_, last = buffers(stream, 10)
    assert max(rows_of(first)) > 300
    assert min(rows_of(last)) < 100


def test_which_blocks_share_a_buffer_is_uniform() -> None:
    """Of four blocks two share the first buffer: each of six pairs about equally often."""
    stream, pairs = small(numbered(32, block=8), 16), dict[tuple[int, ...], int]()
    for seed in range(600):
        pair = tuple(sorted({row // 8 for row in rows_of(buffers(stream, 8, seed)[0])}))
        pairs[pair] = pairs.get(pair, 0) + 1
    assert len(pairs) == 6
    assert all(70 < count < 130 for count in pairs.values())  # 100 ± 3.3 deviations


def test_another_seed_and_another_epoch_is_another_order() -> None:
    stream = small(numbered(400), 100)
    epochs = buffers(stream, 10, seed=3, epochs=2)
    orders = [rows_of(epochs[0]), rows_of(epochs[4]), rows_of(buffers(stream, 10, seed=4)[0])]
    assert orders[0] == rows_of(buffers(stream, 10, seed=3)[0])
    assert all(one != other for one, other in ((orders[0], orders[1]), (orders[0], orders[2])))


def test_buffers_are_of_one_size_and_aligned() -> None:
    made = buffers(small(numbered(1000), 300), 16)
    assert {one.X.shape for one in made} == {(256, 1)}
    assert all(one.X.ctypes.data % 64 == 0 for one in made)
    assert aligned((3, 5), np.float32).shape == (3, 5)


def test_memory_bounds_the_buffers() -> None:
    stream = Stream(ArrayExamples("x", np.zeros((100_000, 20)), np.zeros((100_000, 1)), 800), memory_mib=4.0)
    layout = stream.layout(64, 8)
    assert 2 * layout.size * 21 * 8 <= 0.75 * 4 * 2**20
    assert layout.buffers == 11
    assert rows_of_block(21, 4.0) * 21 * 8 <= 4 * 2**20 / 10


def test_a_batch_larger_than_a_buffer_is_refused() -> None:
    stream = Stream(ArrayExamples("big.npy", np.zeros((100_000, 20)), np.zeros((100_000, 1)), 800), memory_mib=1.0)
    with pytest.raises(InputError, match=r"batch_size=50000: a buffer of big.npy holds 2,340 rows.*memory_mib=22"):
        stream.layout(50_000, 8)


def test_one_buffer_is_read_once() -> None:
    read: list[int] = []

    class Watched(ArrayExamples):
        def read(self, numbers: Any, epoch: int) -> Any:
            read.append(epoch)
            return super().read(numbers, epoch)

    X, Y = examples(64)
    made = buffers(Stream(Watched("rows", X, Y, 32)), 16, epochs=3)
    assert read == [0, 0]
    assert made[0].X is made[2].X
    assert made[0].order.tolist() != made[1].order.tolist()


# Training


@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")
def test_every_epoch_of_a_stream_that_is_not_moved_costs_the_same() -> None:
    history = layerlab.train(
        Network([5, 3, 1]), streamed(), learning_rate=1e-12, epochs=3, batch_size=70, progress=False
    ).history
    assert history.sizes.tolist() == [*[70.0] * 7, 10.0]
    assert_allclose(history.curve, history.curve[0], rtol=1e-9)
    assert (history.initial_cost, history.start) == (None, history.curve[0])


@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")
@pytest.mark.parametrize("batch_size", [250, 500])
def test_the_figures_of_a_stream_are_those_of_the_epoch_that_was_kept(batch_size: int) -> None:
    data, (X, Y) = streamed(buffer=1000), examples(80)
    run = layerlab.train(
        Network([5, 3, 1]),
        data,
        learning_rate=30.0,
        epochs=8,
        batch_size=batch_size,
        monitor="validation_cost",
        validation=(X.T, Y.T),
        progress=False,
    )
    best = int(np.argmin(run.history.validation_costs))
    assert run.history.kept_at == (best + 1) * run.history.epoch < len(run.history.costs)
    assert run.history.figures["validation_cost"] == run.history.validation_costs[best]


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("rows", [600, 90])
def test_a_stream_in_one_buffer_is_the_same_batches_given_explicitly(engine: str, rows: int) -> None:
    data = streamed(rows, buffer=1000)
    run = trained(data, engine=engine, epochs=3, batch_seed=5)
    stream = data.stream
    assert stream is not None
    own = {"learning_rate": 0.02, "optimizer": "adam", "batch_size": 16, "epochs": 3, "batch_seed": 5}
    job = single_job(Network([5, 6, 1], hidden="tanh"), data, validation=None, parameters=None, settings=own)
    program = job.program(span=False)
    start = job.start(job.members[0])
    costs: list[float] = []
    state = initial_state(program, start)
    for buffer in buffers(stream, 16, seed=5, epochs=3):
        engine_data = engines_data(job, buffer)
        batches = cut_into_batches(buffer.order, 16, "float64")
        made = NumpyEngine(program, engine_data).advance(state, batches, len(batches.size))
        state = made.state
        costs += made.costs.tolist()
    assert_allclose(run.history.costs, costs, rtol=1e-10 if engine == "xla" else 0)
    assert run.plan is not None
    assert run.plan.stream == f"{stream.rows:,} rows of rows in 1 buffer of {-(-stream.rows // 16) * 16}"


def engines_data(job: Any, buffer: Buffer) -> Any:
    return EngineData(buffer.X, buffer.Y, job.rates())


KINDS: list[dict[str, Any]] = [
    {},
    {"dropout": 0.3, "schedule": "cosine", "l2": 0.1, "clip_norm": 0.5},
    {"optimizer": "gd", "learning_rate": 0.3, "schedule": "adaptive", "plateau": 1, "monitor": "cost", "epochs": 6},
    {"label_smoothing": 0.1, "batch_size": 17, "monitor": "validation_cost", "patience": 3},
]


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_agree(kind: dict[str, Any]) -> None:
    data = streamed()
    numpy, xla = (
        trained(data, engine=engine, validation=data.test, metrics="auc", **kind) for engine in ("numpy", "xla")
    )
    assert_allclose(xla.history.costs, numpy.history.costs, rtol=1e-10)
    assert_allclose(xla.history.validation_costs, numpy.history.validation_costs, rtol=1e-10)
    assert_allclose(xla.history.metrics["training_auc"], numpy.history.metrics["training_auc"], rtol=1e-10)
    for name, value in numpy.parameters.items():
        assert_allclose(xla.parameters[name], value, rtol=1e-8, atol=1e-12)


def test_metrics_and_moments_are_those_of_the_sample(tmp_path: Path) -> None:
    data, seen = streamed(), list[Any]()

    def look(moment: Any) -> None:
        seen.append((moment.epoch, moment.metrics["training_accuracy"], moment.parameters()))

    run = trained(data, metrics=["accuracy"], callback=look, log=tmp_path, epochs=3)
    assert [epoch for epoch, *_ in seen] == [1, 2, 3]
    assert_array_equal(seen[-1][2]["W1"], run.parameters["W1"])
    assert seen[-1][1] == pytest.approx((run.predict(data.train.X) == data.train.Y[0]).mean())
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 4
    assert len(run.history.costs) == run.history.epoch * 3 == 3 * 32


def test_float32_buffers() -> None:
    data = streamed(buffer=1000)
    run = trained(data, dtype="float32")
    assert run.parameters["W1"].dtype == np.float32
    assert_allclose(run.history.costs, trained(data).history.costs, rtol=1e-4)


def test_the_plan_says_so() -> None:
    plan = layerlab.explain(Network([5, 6, 1]), streamed(), learning_rate=0.1, epochs=2, batch_size=16)
    assert "stream  500 rows of rows in 4 buffers of 128" in plan.explain()
    assert plan.examples == 500
    assert plan.iterations == 64
    assert "the examples are a stream" in plan.basis_reason


def test_batches_of_256_where_nobody_says() -> None:
    assert trained(streamed(buffer=1000), batch_size=None, epochs=1).settings["batch_size"] == 256
    assert trained(streamed(120), batch_size=None, epochs=1).settings["batch_size"] == 100


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({"optimizer": "lbfgs", "learning_rate": None, "batch_size": None}, "'lbfgs' takes all examples .* 500 rows"),
        ({"basis": "span", "optimizer": "gd"}, "basis='span': wanted all examples in memory"),
        ({"class_weight": "balanced"}, "class_weight: wanted all examples in memory"),
        ({"sample_weight": np.ones(500)}, "sample_weight: wanted all examples in memory"),
        ({"batch_size": 400}, "batch_size=400: a buffer of rows holds 128 rows"),
        ({"batch_size": 501}, "batch_size=501: wanted at most the 500 training examples"),
    ],
)
def test_what_needs_all_examples_is_refused(wished: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        trained(streamed(), **wished)


def test_standardized_scales_the_stream() -> None:
    data = streamed()
    scaled = data.standardized()
    assert scaled.stream is not None
    assert scaled.standardization is not None
    assert data.stream is not None
    rows, plain = (np.concatenate([one.X for one in buffers(s, 16)]) for s in (scaled.stream, data.stream))
    assert_allclose(rows[: len(plain)][:400], scaled.standardization(plain.T).T[:400])
    assert trained(scaled).history.costs[-1] < trained(scaled).history.costs[0]


def test_values_are_scaled_as_the_dataset_says() -> None:
    data = streamed()
    scaling = layerlab.datasets.Standardization(np.full((1, 1), 3.0), np.full((1, 1), 2.0))
    job = single_job(
        Network([5, 6, 1], output="identity"),
        replace(data, target_scaling=scaling),
        validation=None,
        parameters=None,
        settings={"learning_rate": 0.1, "epochs": 1, "batch_size": 16},
    )
    assert job.stream is not None
    assert set(np.unique(buffers(job.stream, 16)[0].Y)) == {-1.5, -1.0}


def test_counts_of_a_stream_stay_as_they_are(tmp_path: Path) -> None:
    """An output that cannot be scaled learns counts in their own unit, from the sample and from the stream alike."""
    X, _ = examples(3000)
    path = parquet(tmp_path, count=np.random.RandomState(1).poisson(np.exp(2 + 0.2 * X[:, 0])).astype(float))
    data = open_stream(path, target="count", memory_mib=0.2, drop=["y"])
    assert data.target_scaling is not None
    own: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.02, "batch_size": 32, "epochs": 3}
    network = Network([5, 6, 1], output="poisson")
    job = single_job(network, data, validation=None, parameters=None, settings=own)
    assert job.stream is not None
    assert buffers(job.stream, 32)[0].Y.min() >= 0
    run = layerlab.train(network, data, **own, progress=False)
    assert run.predict(data.test.X).mean() == pytest.approx(data.test.Y.mean(), rel=0.1)
    assert run.target_scaling is None
    assert layerlab.train(Network([5, 6, 1]), data, **own, progress=False).target_scaling is data.target_scaling


def test_held_out_rows_leave_the_stream() -> None:
    X, Y = examples(640)
    X[:, 0] = np.arange(640)
    stream = Stream(ArrayExamples("rows", X, Y, 64))
    data = Dataset("rows", Part(X[:200].T, Y[:200].T), Part(X[:1].T, Y[:1].T), stream=stream)
    with pytest.raises(InputError, match="use its test set"):
        hold_out(data, 0.5)
    rest, validation = hold_out(replace(data, called=(np.arange(1, 201), np.arange(1, 2))), 0.5)
    assert rest.stream is not None
    assert rest.stream.rows == 540
    trained_on = {row for one in buffers(rest.stream, 16) for row in rows_of(one)}
    assert trained_on == set(range(640)) - set(validation.X[0].astype(int).tolist())
    assert rest.called is not None
    assert len(rest.called[0]) == 100


def test_a_class_of_one_row_is_trained_on_and_not_held_out() -> None:
    X, _ = examples(640)
    Y = np.eye(3)[np.arange(640) % 2]
    Y[7] = [0, 0, 1]
    sample, test = (Part(X[some].T, Y[some].T) for some in (slice(200), slice(1)))
    called = np.arange(1, 201), np.arange(1, 2)
    data = Dataset("rows", sample, test, called=called, stream=Stream(ArrayExamples("rows", X, Y, 64)))
    rest, validation = hold_out(data, 0.25)
    assert rest.called is not None
    assert 8 in rest.called[0]
    assert rest.train.Y[2].sum() == 1
    assert (rest.train.X.shape[1], validation.Y.sum(axis=1).tolist()) == (150, [25, 25, 0])
    with pytest.raises(InputError, match="cannot be split"):
        hold_out(replace(data, stream=None), 0.25)


def test_numbers_that_are_not_finite_are_refused_with_their_row() -> None:
    X, Y = examples(640)
    X[333, 2] = np.nan
    data = replace(streamed(), stream=small(Stream(ArrayExamples("x.npy", X, Y, 64)), 128))
    for engine in ("numpy", "xla"):
        with pytest.raises(InputError, match=r"^x.npy, row 334: has a number that is not finite as float64"):
            trained(data, engine=engine)


# Checkpoints, Ctrl-C, the thread


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("updates", [1, 7, 8, 20, 32, 45])
def test_a_training_goes_on_in_the_middle_of_an_epoch(engine: str, updates: int, tmp_path: Path) -> None:
    data, undisturbed = streamed(), trained(streamed(), engine=engine, epochs=2)
    file = tmp_path / "c.safetensors"
    own = {"learning_rate": 0.02, "optimizer": "adam", "batch_size": 16, "epochs": 2, "engine": engine}
    job = single_job(Network([5, 6, 1], hidden="tanh"), data, validation=None, parameters=None, settings=own)
    plan = make_plan(job)
    kept = checkpoint_of(job, file, resume=False)
    made = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "CHUNK_SECONDS", 0.0)
        stream = kept.kept(chunks_of(job, plan), plan.engine, plan.basis)
        for chunk in stream:
            made += len(chunk.costs)
            if made >= updates:
                break
        stream.close()
    assert made == updates
    resumed = trained(data, engine=engine, epochs=2, checkpoint=file, resume=True)
    assert_allclose(resumed.history.costs, undisturbed.history.costs, rtol=0 if engine == "numpy" else 1e-10)
    if engine == "numpy":
        for name, value in undisturbed.parameters.items():
            assert_array_equal(resumed.parameters[name], value)


SCRIPT = """
import sys, time
import numpy as np
import layerlab
from layerlab.datasets.loading.streams import open_stream
from layerlab.training import checkpoint, engines
folder, delay = sys.argv[1], float(sys.argv[2])
checkpoint.SECONDS, engines.CHUNK_SECONDS = 0.02, 0.002
data = open_stream(f"{folder}/X.npy", target=f"{folder}/y.npy", memory_mib=0.05, test=0.1)
def slowly(moment):
    print(moment.epoch, flush=True)
    time.sleep(delay)
run = layerlab.train(layerlab.Network([5, 6, 1]), data, learning_rate=0.02, optimizer="adam", batch_size=16, epochs=20,
                     engine="numpy", checkpoint=f"{folder}/c", resume=True, callback=slowly, progress=False)
np.savez(f"{folder}/{sys.argv[3]}", costs=run.history.costs, **run.parameters)
"""


@pytest.mark.processes
def test_killed_and_resumed_is_as_if_nothing_had_happened(tmp_path: Path) -> None:
    X, Y = examples(3000)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", Y[:, 0].astype(np.int64))
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen([*command, "0.05", "killed"], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        while process.stdout.readline() != "4\n":
            pass
        time.sleep(0.1)
        process.kill()
    assert (tmp_path / "c").exists()
    assert not (tmp_path / "killed.npz").exists()
    subprocess.run([*command, "0", "resumed"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    (tmp_path / "c").unlink()
    subprocess.run([*command, "0", "whole"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    with np.load(tmp_path / "resumed.npz") as resumed, np.load(tmp_path / "whole.npz") as whole:
        assert len(whole["costs"]) == 20 * 171
        for name in whole:
            assert_array_equal(resumed[name], whole[name])


def test_a_checkpoint_of_another_stream_is_refused(tmp_path: Path) -> None:
    data, file = streamed(), tmp_path / "c"
    trained(data, checkpoint=file)
    assert data.stream is not None
    for other in (replace(data.stream, memory_mib=1.0), data.stream.without(np.array([1]))):
        with pytest.raises(InputError, match="belongs to another training, with other data"):
            trained(replace(data, stream=other), checkpoint=file, resume=True)


def test_a_checkpoint_of_another_augmentation_is_refused(tmp_path: Path) -> None:
    X = np.random.RandomState(0).randint(0, 256, (12, 60)) / 255
    part, file = Part(X, (X[:1] > 0.5).astype(np.float64)), tmp_path / "c"
    data = Dataset("images", part, part, image_shape=(4, 3), augmentation=Augmentation(flip=True, seed=1))
    own: dict[str, Any] = {"learning_rate": 0.1, "batch_size": 16, "epochs": 2, "checkpoint": file}
    first = layerlab.train(Network([12, 1]), data, **own)
    again = layerlab.train(Network([12, 1]), data, **own, resume=True)
    assert_array_equal(again.history.costs, first.history.costs)
    for other in (Augmentation(flip=True, seed=2), Augmentation(flip=True, shift=1, seed=1)):
        with pytest.raises(InputError, match="belongs to another training, with other data"):
            layerlab.train(Network([12, 1]), replace(data, augmentation=other), **own, resume=True)


def readers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("stream")]


@pytest.mark.parametrize("how", ["end", "callback", "interrupt", "error"])
def test_no_thread_is_left(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = streamed()

    def look(moment: Any) -> bool:
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "error":
            raise ZeroDivisionError
        return how == "callback"

    if how == "error":
        with pytest.raises(ZeroDivisionError):
            trained(data, callback=look)
    else:
        run = trained(data, callback=look)
        assert run.history.interrupted == (how == "interrupt")
        assert run.history.stopped == (how == "callback")
    assert not readers()


def test_a_buffer_is_made_ahead_and_no_more() -> None:
    read: list[int] = []

    class Watched(ArrayExamples):
        def read(self, numbers: Any, epoch: int) -> Any:
            read.append(int(numbers[0]))
            return super().read(numbers, epoch)

    X, Y = examples(6400)
    stream = small(Stream(Watched("rows", X, Y, 64)), 640)
    ahead = BuffersAhead(stream, stream.layout(16, 8), 0, "float64", 0)
    ahead.next()
    time.sleep(0.3)
    assert len(read) <= 10 + 10 + 2  # this buffer, the next one, and two pieces begun
    ahead.close()
    assert not readers()


SLOWLY = """
import sys, threading, time
import numpy as np
import layerlab
from layerlab.datasets import Dataset, Part
from layerlab.datasets.streaming.generated import generated
class Slow:
    rows, n_x = 100_000, 5
    def read(self, numbers, epoch):
        if len(numbers) > 1:
            print("reading\\n", end="", flush=True)  # at once, whatever thread it is
            time.sleep(float(sys.argv[1]))
        return np.ones((len(numbers), 5)), (numbers % 2)[:, None]
X = np.random.RandomState(0).randn(5, 99)
data = Dataset("slow", Part(X, X[:1] > 0), Part(X, X[:1] > 0), stream=generated(Slow(), memory_mib=1.0))
run = layerlab.train(layerlab.Network([5, 6, 1]), data, learning_rate=0.02, epochs=10**6, engine="numpy", progress=0)
print(run.history.interrupted, len(run.history.costs) > 0, threading.active_count(), flush=True)
"""


@pytest.mark.processes
@pytest.mark.parametrize(("seconds", "presses", "trained"), [(0.001, 1, True), (0.5, 2, False)])
def test_ctrl_c_while_rows_are_read(seconds: float, presses: int, trained: bool) -> None:
    """The first press ends the training with the buffer that comes; the second one at once."""
    command = [sys.executable, "-W", "ignore", "-c", SLOWLY, str(seconds)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        time.sleep(0.3)
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        *_, last = process.stdout.read().splitlines()
    assert process.returncode == 0
    assert last == f"True {trained} 1"


# Examples that are made


@dataclass
class Made:
    """Examples that differ from epoch to epoch."""

    rows: int = 300
    n_x: int = 5

    def read(self, numbers: Any, epoch: int) -> tuple[Any, Any]:
        X, Y = examples(self.rows)
        return X[numbers] + 0.01 * epoch, Y[numbers]


def test_made_examples_are_made_anew_for_each_epoch() -> None:
    stream = small(generated(Made()), 128)
    X, _ = examples(300)
    made = buffers(stream, 16, epochs=2)
    for epoch in range(2):
        rows = np.concatenate([one.X[one.order] for one in made[3 * epoch : 3 * epoch + 3]])
        assert_allclose(np.sort(rows, axis=0), np.sort(X + 0.01 * epoch, axis=0))
    one_buffer = buffers(generated(Made()), 16, epochs=2)
    assert_allclose(np.sort(one_buffer[1].X[one_buffer[1].order], axis=0), np.sort(X + 0.01, axis=0))


def test_made_examples_are_trained_on() -> None:
    X, Y = examples(300)
    data = Dataset("made", Part(X.T, Y.T), Part(X.T, Y.T), stream=small(generated(Made()), 128))
    run = trained(data, epochs=20)
    assert run.history.curve[-1] < run.history.curve[0]
    assert run.plan is not None
    assert "300 rows of the stream in 3 buffers of 112" in run.plan.stream


def test_too_few_made_examples_are_told() -> None:
    class Few(Made):
        def read(self, numbers: Any, epoch: int) -> tuple[Any, Any]:
            X, Y = super().read(numbers, epoch)
            return (X[:-1], Y[:-1]) if len(numbers) > 1 else (X, Y)

    with pytest.raises(InputError, match="299 rows came instead of 300"):
        buffers(generated(Few()), 16)


# Files


class Plain:
    """A preparation that leaves numbers as they are: missing ones become 0."""

    encoders = columns = ()

    def __init__(self, names: Sequence[str], target: Column) -> None:
        self.names, self.found = names, sorted(set(target.values.tolist()))
        self.class_names = () if target.kind == "number" else tuple(map(str, self.found))

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(self.names)

    def features(self, table: Table) -> Any:
        return np.stack([np.nan_to_num(table[name].values.astype(np.float64)) for name in self.names])

    def labels(self, column: Column, rows: Any = None) -> Any:  # noqa: ARG002
        if column.kind == "number":
            return column.values[None].astype(np.float64)
        places = np.array([self.found.index(value) for value in column.values])
        return places[None].astype(np.float64) if len(self.found) == 2 else np.eye(len(self.found))[:, places]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "layerlab.datasets.loading.streams.learn_preparation",
        lambda table, target, names, *_: Plain(names, table[target]),
    )


def parquet(folder: Path, rows: int = 3000, **columns: Any) -> Path:
    X, Y = examples(rows)
    frame = pl.DataFrame({f"x{i}": X[:, i] for i in range(5)} | {"y": Y[:, 0].astype(np.int8)} | columns)
    path = folder / "table.parquet"
    frame.write_parquet(path, row_group_size=700)
    return path


@pytest.mark.usefixtures("plain")
def test_parquet_rows_are_in_one_part_each(tmp_path: Path) -> None:
    path = parquet(tmp_path, number=np.arange(3000))
    data = open_stream(path, target="y", memory_mib=0.1, test=0.1, seed=4, keep=["number"])
    assert data.stream is not None
    assert data.called is not None
    assert (data.test.X.shape[1], data.stream.rows, data.source is not None) == (300, 2700, True)
    made = buffers(data.stream, 16)
    streamed_rows = sorted(int(one.X[place, 5]) for one in made for place in one.order)
    assert sorted([*streamed_rows, *(data.called[1] - 1)]) == list(range(3000))
    assert set((data.called[0] - 1).tolist()) <= set(streamed_rows)
    assert_array_equal(data.train.X[5], data.called[0] - 1)
    X, Y = examples(3000)
    assert_array_equal(data.test.X[:5], X[data.called[1] - 1].T)
    assert_array_equal(data.test.Y, Y[data.called[1] - 1].T)
    one = made[0]
    assert_array_equal(one.Y[one.order, 0], Y[one.X[one.order, 5].astype(int), 0])
    assert data.class_names == ("0", "1")
    assert len(made) > 3


@pytest.mark.usefixtures("plain")
def test_another_seed_is_another_test_part(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    first, again, other = (open_stream(path, target="y", seed=seed).called for seed in (0, 0, 1))
    assert first is not None
    assert again is not None
    assert other is not None
    assert_array_equal(first[1], again[1])
    assert len(other[1]) == len(first[1]) == 600
    assert set(other[1].tolist()) != set(first[1].tolist())


@pytest.mark.usefixtures("plain")
def test_a_parquet_file_is_trained_on(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    data = open_stream(path, target="y", memory_mib=0.1)
    run = trained(data, epochs=8)
    assert run.plan is not None
    assert run.plan.stream == f"2,454 rows of {path} in 4 buffers of 624"
    assert (run.predict(data.test.X) == data.test.Y[0]).mean() > 0.8
    assert run.history.curve[-1] < 0.6 * run.history.curve[0]


@pytest.mark.usefixtures("plain")
def test_missing_labels_and_infinite_numbers_are_counted_and_said(tmp_path: Path) -> None:
    value = np.arange(3000.0)
    value[[16, 99, 2000]] = np.nan
    value[2001] = np.inf
    odd = np.arange(3000) % 7.0
    odd[[7, 8]] = np.inf
    path = parquet(tmp_path, value=value, odd=odd)
    data = open_stream(path, target="value", memory_mib=0.25)
    assert sum("infinite" in str(notice) for notice in data.notices) == 1
    told = [str(notice) for notice in data.notices]
    assert data.stream is not None
    assert data.stream.rows + data.test.X.shape[1] == 2996
    assert "4 rows have no value of 'value' and are left out: rows 17, 100, 2,001, 2,002." in told
    assert "column 'odd' has 2 infinite numbers, the first in row 8; they are read as missing." in told
    assert told[0].startswith(f"The training set ({data.stream.rows:,} rows) is read in blocks;")
    assert data.target_scaling is not None
    assert_allclose(data.target_scaling.mean, data.train.Y.mean())


@pytest.mark.usefixtures("plain")
def test_a_class_of_one_row_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.datasets.streaming.row_sampling.MOST_SAMPLE_ROWS", 50)
    names = np.array(["a", "b"])[np.arange(3000) % 2].astype(object)
    names[1234] = "rare"
    data = open_stream(parquet(tmp_path, kind=names), target="kind")
    assert data.class_names == ("a", "b", "rare")
    assert data.called is not None
    assert 1235 in data.called[0]
    assert 50 <= data.train.X.shape[1] <= 53
    assert data.test.X.shape[1] == 50


@pytest.mark.usefixtures("plain")
def test_a_class_of_test_rows_alone_is_said(tmp_path: Path) -> None:
    names = np.array(["a", "b"])[np.arange(3000) % 2].astype(object)
    names[choose_rows(3000, 7, 0.2, 0, 256.0).parts(0, 3000)[0].argmax()] = "rare"
    data = open_stream(parquet(tmp_path, kind=names), target="kind")
    assert data.class_names == ("a", "b")
    assert any(
        "1 of the test rows have a value of 'kind' that no training row" in str(notice) for notice in data.notices
    )
    assert data.test.X.shape[1] == 599


@pytest.mark.usefixtures("plain")
def test_columns_of_other_types(tmp_path: Path) -> None:
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=i % 9) for i in range(3000)]
    path = parquet(tmp_path, day=days, truth=np.arange(3000) % 3 == 0, many=[[1, 2]] * 3000)
    data = open_stream(path, target="y")
    assert data.feature_names == ("x0", "x1", "x2", "x3", "x4", "day", "truth")
    assert set(np.unique(data.train.X[5])) == set(range(19723, 19732))
    assert set(np.unique(data.train.X[6])) == {0.0, 1.0}
    assert any("'many' holds lists" in str(notice) and notice.left_out for notice in data.notices)
    assert data.stream is not None
    assert {row[5] for one in buffers(data.stream, 16) for row in one.X[one.order]} == set(range(19723, 19732))


def test_a_table_with_words_is_prepared_alike_in_memory_and_from_the_file(tmp_path: Path) -> None:
    """The stream's rows are what the preparation makes of the same rows in the sample."""
    words = np.array(["red", "green", None, "blue"], object)[np.arange(3000) % 4]
    numbers = [f"{i % 50},5" for i in range(3000)]
    x = np.where(np.arange(3000) % 11 == 0, np.nan, np.arange(3000) % 13)
    data = open_stream(parquet(tmp_path, colour=words, text=numbers, gaps=x), target="y", memory_mib=0.2, test=0.1)
    assert data.stream is not None
    assert data.called is not None
    X = np.concatenate([one.X[one.order] for one in buffers(data.stream, 16)])
    first = {row.tobytes() for row in X}
    assert all(row.tobytes() in first for row in np.ascontiguousarray(data.train.X.T))
    assert "colour=red" in data.feature_names
    assert any("'text' holds text that is read as numbers" in str(notice) for notice in data.notices)
    run = layerlab.train(
        Network([len(data.feature_names), 6, 1]), data, learning_rate=0.02, optimizer="adam", epochs=8, batch_size=16
    )
    assert (run.predict(data.test.X) == data.test.Y).mean() > 0.8


def test_cells_are_read_alike_whichever_rows_come_together(tmp_path: Path) -> None:
    """Some rows that are written otherwise would, read alone, be taken for another way of writing."""
    amounts, days = [f"{i % 90}.25" for i in range(3000)], [f"2024-01-{i % 28 + 1:02}" for i in range(3000)]
    amounts[2900:2950], days[2900:2950] = ["12,5"] * 50, ["27/01/2024"] * 50
    values = [f"{i % 70}.5" for i in range(3000)]
    values[2900:2950] = ["7.5", "1,250"] * 25
    path = parquet(tmp_path, amount=amounts, day=days, value=values)
    data = open_stream(path, target="value", task="values", drop=["y"], memory_mib=1)
    assert data.stream is not None
    source = data.stream.source
    assert {"amount", "day"} <= set(data.preparation.columns if data.preparation else ())
    (together,), (alone,) = source.read(np.arange(2800, 3000), 0), source.read(np.arange(2900, 2950), 0)
    for whole, some in zip(together, alone, strict=True):
        assert_array_equal(whole[100:150], some)


def test_a_report_shows_no_prepared_numbers_as_cells(tmp_path: Path) -> None:
    data = open_stream(parquet(tmp_path), target="y", memory_mib=0.2)
    run = trained(data)
    assert value_texts(data, ("test", 0), column_groups(run, data)) == [""] * 5


def test_the_baseline_says_that_it_learned_from_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = open_stream(parquet(tmp_path), target="y", memory_mib=0.2)
    m = data.train.X.shape[1]
    assert data.stream is not None
    assert data.stream.rows > m
    whole = f"It learned from the sample of {m:,} rows; the network learned from {data.stream.rows:,}."
    assert linear_baseline(data).remark == whole
    assert baselines_facts(trained(data), data)["baseline"]["what"].endswith(whole)
    monkeypatch.setattr("layerlab.evaluating.linear_baseline.MAX_TRAINING_EXAMPLES", 100)
    some = f"It learned from 100 rows of the sample of {m:,}, chosen at random (seed 0); the network learned from "
    some += f"{data.stream.rows:,}."
    assert (linear_baseline(data).remark, linear_baseline(data).examples) == (some, 100)


def test_values_of_a_table_are_learned_at_their_scale(tmp_path: Path) -> None:
    X, _ = examples(3000)
    data = open_stream(parquet(tmp_path, price=1000 + 50 * X[:, 0]), target="price", memory_mib=0.2, drop=["y"])
    assert data.class_names == ()
    assert data.target_scaling is not None
    assert_allclose(data.target_scaling.mean, 1000, atol=5)
    assert_allclose(data.target_scaling.scale, 50, atol=5)


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({"target": "z"}, "has no column 'z': wanted one of 'x0'"),
        ({"target": "y", "drop": ["q"]}, "has no column 'q'"),
        ({"target": "y", "categories": ["q"]}, "no column 'q'"),
        ({"target": "y", "task": "thing"}, "task='thing'"),
        ({"target": "y", "test": 1.0}, "test=1.0"),
        ({"target": "y", "memory_mib": 0}, "memory_mib=0"),
    ],
)
def test_what_is_asked_of_a_parquet_file_is_checked(wished: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        open_stream(parquet(tmp_path), **wished)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with pytest.raises(InputError, match="there is no such file"):
        open_stream(path, target="y")
    path.write_bytes(b"PAR1 nothing of it")
    with pytest.raises(InputError, match="cannot be read"):
        open_stream(path, target="y")
    (tmp_path / "x.csv").write_text("a,y\n1,2\n")
    with pytest.raises(InputError, match="convert a table to Parquet"):
        open_stream(tmp_path / "x.csv", target="y")


@pytest.mark.usefixtures("plain")
def test_a_file_that_changes_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    data = open_stream(path, target="y", memory_mib=0.25)
    parquet(tmp_path, rows=2999)
    with pytest.raises(InputError, match="has changed since it was opened"):
        trained(data)


def test_npy_and_hdf5_are_the_same(tmp_path: Path) -> None:
    X, Y = examples(3000)
    y = (Y[:, 0] + (X[:, 3] > 1)).astype(np.int64)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["group/X"], file["y"] = X, y
    npy = open_stream(tmp_path / "X.npy", target=str(tmp_path / "y.npy"), memory_mib=0.25)
    hdf5 = open_stream(f"{tmp_path}/f.h5:group/X", target="y", memory_mib=0.25)
    assert npy.class_names == hdf5.class_names == ("0", "1", "2")
    assert npy.train.Y.shape[0] == 3
    first, second = (
        layerlab.train(
            Network([5, 6, 3]), data, learning_rate=0.02, optimizer="adam", epochs=2, batch_size=16, engine="numpy"
        )
        for data in (npy, hdf5)
    )
    assert_array_equal(first.history.costs, second.history.costs)
    assert npy.stream is not None
    assert npy.stream.rows == 2400


def test_values_and_columns_in_arrays(tmp_path: Path) -> None:
    X, _ = examples(3000)
    y = X[:, 0].copy()
    y[[4, 5]] = np.nan
    np.save(tmp_path / "X.npy", X.astype(np.float32).reshape(3000, 5, 1))
    np.save(tmp_path / "y.npy", y)
    data = open_stream(tmp_path / "X.npy", target=str(tmp_path / "y.npy"))
    assert data.class_names == ()
    assert data.image_shape is None  # numbers below 0 are no pixels
    assert any("read as plain numbers" in str(notice) for notice in data.notices)
    assert data.stream is not None
    assert data.stream.rows + data.test.X.shape[1] == 2998
    assert any("2 rows have no label and are left out: rows 5, 6" in str(notice) for notice in data.notices)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (np.zeros((9, 2)), np.zeros(8), "with as many rows"),
        (np.zeros(9), np.zeros(9), "with as many rows"),
        (np.full((99, 2), np.nan), np.zeros(99), "row 1, feature 1: nan"),
        (np.zeros((99, 2)), np.zeros(99, int), "all labels are"),
        (np.zeros((99, 2)), np.full(99, np.nan), "too few of its 99 rows"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(X: Any, y: Any, words: str, tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    with pytest.raises(InputError, match=words):
        open_stream(tmp_path / "X.npy", target=str(tmp_path / "y.npy"))


def test_a_dataset_that_is_not_in_the_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["X"] = np.zeros((9, 2))
    with pytest.raises(InputError, match="there is no array 'Z' in it: wanted one of X"):
        open_stream(f"{tmp_path}/f.h5:Z", target="X")


def test_arrays_are_told_found_again_and_learned_at_their_scale(tmp_path: Path) -> None:
    X, _ = examples(3000)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["X"], file["labels"] = X, 1e6 + 1e4 * X[:, 0]
    data = load_data(f"{tmp_path}/m.h5:X", target="labels", memory=0.25)
    assert data.source is not None
    assert data.target_scaling is not None
    assert_allclose([data.target_scaling.mean, data.target_scaling.scale], [[[1e6]], [[1e4]]], rtol=0.05)
    again = read_again(data.source)
    assert again.source == data.source
    assert_array_equal(again.train.X, data.train.X)
    run = layerlab.train(Network([5, 1]), data, optimizer="adam", learning_rate=0.02, epochs=5, batch_size=16)
    assert np.abs(run.predict(data.test.X) - data.test.Y).mean() < 100
    told = "\n".join(data_lines(data))
    assert "m.h5:X (inputs) and" in told
    assert "Target: a number from " in told
    X[7, 0] = 5
    with h5py.File(tmp_path / "new.h5", "w") as file:
        file["X"], file["labels"] = X, 1e6 + 1e4 * X[:, 0]
    (tmp_path / "new.h5").replace(tmp_path / "m.h5")
    with pytest.raises(InputError, match="was changed since the run was trained on it"):
        read_again(data.source)


@pytest.mark.parametrize("target", ["labels", "m.h5:labels", "{}/m.h5:labels"])
def test_labels_are_named_as_they_are_without_a_stream(target: str, tmp_path: Path) -> None:
    X, Y = examples(300)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["X"], file["labels"] = X, Y[:, 0].astype(np.int64)
    named = target.format(tmp_path)
    streamed, whole = (load_data(f"{tmp_path}/m.h5:X", target=named, memory=memory) for memory in (1, None))
    assert streamed.class_names == whole.class_names == ("0", "1")


def test_labels_that_cannot_be_sliced_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", np.zeros((9, 2)))
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["X"] = np.zeros((9, 2))
    np.savez(tmp_path / "y.npz", y=np.arange(9) % 2)
    with pytest.raises(InputError, match=r"y.npz:y: cannot be read in blocks; wanted the labels in a .npy or an HDF5"):
        open_stream(f"{tmp_path}/m.h5:X", target="y.npz")
    with pytest.raises(InputError, match=r"y.csv: is not a .npy file: wanted the labels of .*X.npy"):
        open_stream(tmp_path / "X.npy", target="y.csv")


def test_arrays_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["X"], file["y"], file["complex"] = np.zeros((9, 2)), np.arange(9) % 2, np.arange(9) * 1j
        file["link"] = h5py.ExternalLink("other.h5", "X")
        file.create_dataset("sparse", (10**12, 2), "f8", chunks=(1024, 2))
        file.create_dataset("labels", (10**12,), "i8", chunks=(1024,))
    for inputs, labels, words in (
        ("link", "y", "m.h5:link: is a link into another file"),
        ("X", "link", "m.h5:link: is a link into another file"),
        ("sparse", "labels", "m.h5:sparse: claims .* never written"),
        ("X", "complex", "complex128"),
    ):
        with pytest.raises(InputError, match=words):
            open_stream(f"{tmp_path}/m.h5:{inputs}", target=labels)
    np.save(tmp_path / "X.npy", np.zeros((9, 2)))
    np.save(tmp_path / "y.npy", np.arange(9) % 2)
    (tmp_path / "cut.npy").write_bytes((tmp_path / "X.npy").read_bytes()[:-8])
    np.save(tmp_path / "objects.npy", np.array([{}] * 9), allow_pickle=True)
    for inputs, words in (("cut", "cut off or damaged"), ("objects", "holds Python objects")):
        with pytest.raises(InputError, match=f"{inputs}.npy: .*{words}"):
            open_stream(tmp_path / f"{inputs}.npy", target="y.npy")


@pytest.mark.parametrize(
    ("dtype", "most", "shape"),
    [
        ("uint8", 9, (6, 5, 3)),
        ("uint8", 255, (3, 6, 5)),
        ("uint16", 60_000, (6, 5)),
        ("int64", 255, (6, 5, 1)),
        ("float32", 1, (3, 6, 5)),
        ("float32", 255, (6, 5)),
        ("int16", 300, (6, 5)),
        ("uint8", 255, (6, 5, 4)),
    ],
)
def test_images_in_arrays_become_features_as_without_a_stream(
    dtype: str, most: int, shape: tuple[int, ...], tmp_path: Path
) -> None:
    draw = np.random.RandomState(0)
    images = (draw.rand(200, *shape) * 0.9 * most).astype(dtype)
    images[150] = most  # what pixels reach to may be beyond the sample
    np.save(tmp_path / "X.npy", images)
    np.save(tmp_path / "y.npy", np.arange(200) % 2)
    target = str(tmp_path / "y.npy")
    streamed, whole = (load_data(tmp_path / "X.npy", target=target, memory=memory) for memory in (0.1, None))
    assert streamed.image_shape == whole.image_shape
    assert streamed.called is not None
    assert whole.called is not None
    assert streamed.stream is not None
    every = np.empty((200, whole.n_x))
    for part, numbers in zip((whole.train, whole.test), whole.called, strict=True):
        every[numbers - 1] = part.X.T
    assert_array_equal(streamed.test.X, every[streamed.called[1] - 1].T)
    assert_array_equal(streamed.train.X, every[streamed.called[0] - 1].T)
    first = {row.tobytes() for row in every}
    assert all(row.tobytes() in first for one in buffers(streamed.stream, 16) for row in one.X[one.order])
    told = [str(notice) for notice in streamed.notices]
    assert all(str(notice) in told for notice in whole.notices if notice.kind in ("turned", "images"))


def test_rows_without_a_label_are_counted_and_not_kept(tmp_path: Path) -> None:
    y = np.arange(3000.0)
    y[::2] = np.nan
    np.save(tmp_path / "X.npy", examples(3000)[0])
    np.save(tmp_path / "y.npy", y)
    data = open_stream(tmp_path / "X.npy", target=str(tmp_path / "y.npy"), memory_mib=0.1)
    (notice,) = (one for one in data.notices if one.kind == "missing")
    assert notice.what == "1,500 rows have no label and are left out: rows 1, 3, 5, 7, 9, …"


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(2, 5000), share=st.floats(0.01, 0.5), seed=st.integers(0, 2**32 - 1))
def test_the_deal_is_exact_whatever_the_cuts(rows: int, share: float, seed: int) -> None:
    parts = choose_rows(rows, 3, share, seed, 256.0)
    test, sample = parts.parts(0, rows)
    assert test.sum() == max(1, round(share * rows))
    assert not (test & sample).any()
    assert (test | sample).all()
    cut = [parts.parts(start, min(start + 777, rows))[0] for start in range(0, rows, 777)]
    assert_array_equal(np.concatenate(cut), test)


def test_the_deal_of_many_rows_is_bounded() -> None:
    parts = choose_rows(3_000_000, 50, 0.2, 0, 256.0)
    test, sample = parts.parts(0, 3_000_000)
    assert (test.sum(), sample.sum()) == (50_000, 50_000)
    few = choose_rows(3_000_000, 5000, 0.2, 0, 256.0).parts(0, 3_000_000)
    assert few[0].sum() == int(256 * 2**20 / 4 / 8 / 5000)
