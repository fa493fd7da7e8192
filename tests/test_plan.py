"""The planner: what it chooses and says, before and after; the rates it goes by, shipped or measured."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Part, load_digits, load_flower
from layerlab.machine import free_memory
from layerlab.runs.plan import Plan
from layerlab.training import measuring_speed as measuring
from layerlab.training import planner
from layerlab.training import speed as machine
from layerlab.training.compiled import COMPILED
from layerlab.training.job import Job
from layerlab.training.planner import GIB, make_plan
from layerlab.training.speed import SHIPPED, Rates, this_machine
from layerlab.training.train import single_job

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


def part(p: int, m: int, n_y: int = 1) -> Part:
    random = np.random.RandomState(0)
    Y = random.randint(0, 2, (1, m)) if n_y == 1 else np.eye(n_y)[:, random.randint(0, n_y, m)]
    return Part(random.rand(p, m), Y.astype(np.float64))


def planned(p: int, m: int, *hidden: int, **settings: Any) -> Plan:
    network = Network([p, *hidden, 1], hidden=settings.pop("activation", "relu"))
    return layerlab.explain(network, part(p, m), **{"learning_rate": 0.1, "iterations": 1000, **settings})


# Choices


def test_wide_data_goes_into_the_span_and_narrow_data_stays() -> None:
    wide = planned(2000, 50, 20)
    assert wide.basis == "span"
    assert wide.basis_reason == "every step of W1 is a weighted sum of the 50 training examples (rank at most 50)"
    # At full width 4 · 2000 · 20 · 50 and 6 · 20 · 1 · 50 operations, in the span 2 · 20 · 50 · 50 and the same.
    assert (wide.full_products, wide.products) == (8_006_000.0, 106_000.0)
    narrow = planned(50, 2000, 20)
    assert (narrow.basis, narrow.products) == ("full", narrow.full_products)
    assert narrow.basis_reason == "there are no more features than training examples (2,000)"


def test_a_few_updates_do_not_pay_for_the_tables() -> None:
    few = planned(2000, 500, 4, iterations=5)
    assert (few.basis, few.basis_reason) == ("full", "the span's tables would cost more time than 5 updates save")
    assert planned(2000, 500, 4, iterations=5000).basis == "span"


def test_what_is_asked_for_is_done() -> None:
    for basis in ("full", "span"):
        asked = planned(2000, 50, 20, basis=basis)
        assert (asked.basis, asked.basis_reason) == (basis, "asked for")
    for engine in ("numpy", "xla"):
        asked = planned(20, 50, 5, engine=engine)
        assert (asked.engine, asked.engine_reason) == (engine, "asked for")


def test_a_tiny_fit_pays_for_no_compiler_and_a_long_one_is_compiled() -> None:
    tiny = layerlab.explain(Network([2, 4, 1]), load_flower(), learning_rate=1.0, iterations=500)
    assert tiny.engine == "numpy"
    assert re.fullmatch(
        r"takes about \d+ ms; xla would take \S+ ms, after \d+ ms to import jax and compile", tiny.engine_reason
    )
    long = layerlab.explain(Network([2, 4, 1]), load_flower(), learning_rate=1.0, iterations=10**6)
    assert long.engine == "xla"
    assert re.fullmatch(
        r"takes about \S+ s, after \d+ ms to import jax and compile; numpy would take \S+ s", long.engine_reason
    )
    times = {
        engine: sum(planned(2, 400, 4, engine=engine, iterations=10**6).expected.values())
        for engine in ("numpy", "xla")
    }
    assert times["xla"] < times["numpy"]


@pytest.fixture
def nothing_ready() -> Iterator[None]:
    """As in a process that has compiled nothing."""
    with COMPILED.set_aside():
        yield


@pytest.mark.usefixtures("nothing_ready")
def test_the_choice_does_not_depend_on_what_the_process_did_before() -> None:
    def choices() -> list[str]:
        return [planned(2, 400, 4, iterations=iterations).engine for iterations in range(2000, 40_000, 2000)]

    before = choices()
    assert set(before) == {"numpy", "xla"}
    layerlab.train(Network([2, 4, 1]), part(2, 400), learning_rate=0.1, iterations=2, engine="xla")
    assert choices() == before


@pytest.mark.usefixtures("nothing_ready")
def test_what_is_done_already_is_not_expected_again() -> None:
    first = layerlab.train(Network([3, 7, 1]), part(3, 31), learning_rate=0.1, iterations=2, engine="xla")
    again = layerlab.train(Network([3, 7, 1]), part(3, 31), learning_rate=0.1, iterations=2, engine="xla")
    assert first.plan is not None
    assert again.plan is not None
    assert "compile" in first.plan.expected
    assert "compile" not in again.plan.expected


# Words


def test_the_plan_in_words_before_and_after() -> None:
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 300, "optimizer": "momentum", "batch_size": 16}
    data, network = part(2000, 50), Network([2000, 20, 1])
    before = layerlab.explain(network, data, **settings)
    lines = before.explain().splitlines()
    assert lines[1] == "network 2000-20-1, 16 of 50 examples per update, 300 updates by momentum, float64"
    assert lines[-2] == (
        "basis   span: 2,000 features become 50 coefficients per unit; every step of W1 is a weighted sum of the 50 "
        "training examples (rank at most 50)"
    )
    assert lines[-1].endswith(" times less")
    assert [line[:8].strip() for line in lines[2:-2]] == ["engine", "time", "memory"]
    total = re.search(r"expected draw \S+ ms \+ basis \d+ µs \+ updates \S+ .?s = (\S+ .?s) ", lines[3])
    assert total is not None
    assert lines[0] == f"Expected time: {total[1]} with the {before.engine} engine."
    assert "(by typical speeds; `layerlab doctor --measure` measures this machine)" in lines[3]
    after = layerlab.train(network, data, **settings).plan
    assert after is not None
    assert after.explain().splitlines()[1:3] == lines[1:3]
    assert after.explain().splitlines()[-2:] == lines[-2:]
    stages = r"draw \S+ .?s \+ basis \S+ .?s \+ updates \S+ .?s \+ finish \S+ .?s = \S+ .?s"
    assert re.search(rf"^ {{8}}actual   {stages}$", after.explain(), re.MULTILINE)
    assert str(after) == after.explain()


def test_durations_have_two_digits_and_a_unit_that_suits() -> None:
    from layerlab.runs.plan import two_digit_time

    seconds = (0.0, 7.23e-5, 0.00099, 0.0123, 0.999, 2.34, 99.6, 119.0, 150.0, 230.0, 7000.0, 7200.0, 1e6)
    said = ("0.0 µs", "72 µs", "990 µs", "12 ms", "1.0 s", "2.3 s", "100 s", "119 s", "2.5 min", "3.8 min", "117 min")
    assert tuple(map(two_digit_time, seconds)) == (*said, "2.0 h", "278 h")


@pytest.mark.processes
def test_a_plan_without_training_trains_nothing_and_imports_no_jax() -> None:
    import subprocess
    import sys

    code = (
        "import sys, layerlab; network, flower = layerlab.Network([2, 4, 1]), layerlab.datasets.load_flower(); "
        "layerlab.explain(network, flower, learning_rate=1, iterations=10**7); print('jax' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "False\n"


def test_explain_checks_what_train_checks() -> None:
    with pytest.raises(InputError, match="learning_rate=-1: wanted a finite number above 0"):
        planned(2, 10, learning_rate=-1)
    with pytest.raises(InputError, match="X has 3 features"):
        layerlab.explain(Network([2, 1]), part(3, 10), learning_rate=0.1, iterations=1)
    with pytest.raises(InputError, match="no setting is called 'rate', 'steps'; the settings are learning_rate"):
        planned(2, 10, rate=0.1, steps=3)


def test_a_run_keeps_its_plan_on_the_disk(tmp_path: Path) -> None:
    run = layerlab.train(Network([200, 4, 1]), part(200, 20), learning_rate=0.01, iterations=30)
    loaded = layerlab.load(run.save(tmp_path / "run"))
    assert loaded.plan == run.plan
    assert loaded.plan is not None
    assert loaded.plan.explain() == run.plan.explain()  # type: ignore[union-attr]


# Memory


def test_one_that_is_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "free_memory", lambda: 1e6)
    with pytest.raises(InputError) as caught:
        planned(300, 500, 300)
    assert re.fullmatch(
        r"a network of 90601 parameters needs \S+ GiB to train, and 0.000931 GiB may be used: choose smaller layers or "
        r"batches, or allow more memory",
        str(caught.value),
    )


def test_the_free_memory_is_a_sensible_number() -> None:
    assert 0.05 * GIB < free_memory() < 100_000 * GIB


def test_the_memory_that_a_population_needs_grows_with_it() -> None:
    job = single_job(
        Network([20, 30, 1]), part(20, 100), validation=None, parameters=None,
        settings={"learning_rate": 0.1, "iterations": 5},
    )  # fmt: skip
    many = Job(job.members * 64, job.part, alone=False)
    whole = make_plan(many)
    assert whole.slice == 64
    cut = make_plan(many, budget=whole.memory / 4)
    assert 10 <= cut.slice <= 16
    assert cut.memory <= whole.memory / 4


# Rates


def sizes_of(p: int, m: int, *hidden: int, **settings: Any) -> Any:
    job = single_job(
        Network([p, *hidden, 1]), part(p, m), validation=None, parameters=None,
        settings={"learning_rate": 0.1, "iterations": 5, **settings},
    )  # fmt: skip
    return planner.sizes_of(job, span=False, members=1)


def test_the_products_of_an_update_are_counted() -> None:
    # Z1 and dW1: 2 · 2 · 5·3·100; Z2, dW2 and dA1: 3 · 2 · 3·1·100
    assert sizes_of(5, 100, 3).products == 4 * 5 * 3 * 100 + 6 * 3 * 1 * 100
    assert sizes_of(5, 100, 3, batch_size=10).products == (4 * 5 * 3 + 6 * 3) * 10


def test_more_work_takes_longer() -> None:
    for rates in (SHIPPED.numpy, SHIPPED.xla):
        times = [rates.update(sizes_of(p, 200, 10)) for p in (10, 100, 1000)]
        assert times == sorted(times)
        assert rates.update(sizes_of(50, 200, 10, optimizer="adam")) > rates.update(sizes_of(50, 200, 10))
        assert rates.update(sizes_of(50, 200, 10, dtype="float32")) < rates.update(sizes_of(50, 200, 10))


@pytest.fixture
def own_rates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Writes the file in which measured rates are kept."""
    path = tmp_path / "layerlab" / "machine.json"
    path.parent.mkdir()
    monkeypatch.setattr(machine, "cache_folder", lambda: path.parent)

    def write(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_measured_rates_take_the_place_of_the_shipped(own_rates: Callable[[str], Path]) -> None:
    record = asdict(
        replace(SHIPPED, xla=Rates(0.0, 0.0, 0.0, 0.0), import_jax=0.0, compile_program=0.0, compile_layer=0.0)
    )
    del record["measured"]
    assert this_machine() == SHIPPED
    own_rates(json.dumps(record))
    assert this_machine().measured
    tiny = planned(2, 10, iterations=1)
    assert (tiny.engine, tiny.measured) == ("xla", True)
    assert "(by speeds measured on this machine)" in tiny.explain()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "[" * 100_000,
        '{"numpy": 1}',
        json.dumps({**asdict(SHIPPED), "numpy": {"operation": "fast"}}),
    ],
)
def test_a_file_of_rates_that_cannot_be_read_counts_as_none(own_rates: Callable[[str], Path], text: str) -> None:
    own_rates(text)
    assert this_machine() == SHIPPED


def test_rates_that_make_no_sense_count_as_none(own_rates: Callable[[str], Path]) -> None:
    record = asdict(SHIPPED)
    del record["measured"]
    for name, wrong in product(("product", "compile_program", "import_jax"), (-1.0, math.nan, "1", None, [1], 1e308)):
        own_rates(json.dumps({**record, name: wrong}))
        assert this_machine() == SHIPPED
    own_rates(json.dumps({**record, "import_jax": 1}))  # a whole number is a number
    assert this_machine() == replace(SHIPPED, import_jax=1.0, measured=True)


@pytest.mark.skipif(os.name == "nt", reason="no pipes in the file system on Windows")
def test_a_pipe_in_place_of_the_rates_is_not_waited_for(own_rates: Callable[[str], Path]) -> None:
    path = own_rates("")
    path.unlink()
    os.mkfifo(path)
    assert this_machine() == SHIPPED


@pytest.mark.processes
def test_a_measurement_explains_what_it_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SECONDS", 0.01)
    told: list[str] = []
    found = measuring.measure(told.append)
    assert found.measured
    assert [line.split(":")[0] for line in told].count("numpy") == len(measuring.CASES)
    assert [line.split(":")[0] for line in told].count("xla") == len(measuring.CASES)
    for rates in (found.numpy, found.xla):
        numbers = list(asdict(rates).values())
        assert min(numbers) >= 0
        assert 0 < max(numbers) < 1
    assert 0 < found.compile_program + 4 * found.compile_layer < 60


def test_the_digits_are_planned_the_same_from_dataset_and_part() -> None:
    digits = load_digits()
    plans = [
        layerlab.explain(Network([64, 10]), data, learning_rate=0.1, iterations=5) for data in (digits, digits.train)
    ]
    assert replace(plans[0], budget=0.0) == replace(plans[1], budget=0.0)
