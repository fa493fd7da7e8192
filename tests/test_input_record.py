"""How inputs were made is listed once: both classes have every fact, JSON keeps it, and it makes the same inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_data import write_arrays, write_photos, write_table

from layerlab import InputError, Network, Run
from layerlab.datasets import Dataset, hold_out, load_data
from layerlab.datasets.input_record import ADDED_LATER, InputRecord
from layerlab.runs.run import description_of


def _table(folder: Path) -> Dataset:
    write_table(folder / "cars.csv", "value")
    return hold_out(load_data(folder / "cars.csv", target="value"), 0.2, seed=3)[0].standardized()


def _photos(folder: Path) -> Dataset:
    write_photos(folder / "photos")
    return load_data(folder / "photos", size=8)


def _arrays(folder: Path) -> Dataset:
    write_arrays(folder / "points.npz")
    return load_data(folder / "points.npz", target="y")


def same(one: InputRecord, other: InputRecord) -> None:
    """Every fact is equal, arrays number by number."""
    for field in fields(InputRecord):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("standardization", "target_scaling") and left is not None:
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right, field.name


def test_dataset_and_run_have_every_fact() -> None:
    facts = {one.name for one in fields(InputRecord)}
    measured = {"image_ranges"}  # of a dataset, when it is asked for
    assert facts <= {one.name for one in fields(Dataset)} | measured
    assert facts <= {one.name for one in fields(Run)}


@pytest.mark.parametrize("make", [_table, _photos, _arrays])
def test_json_keeps_every_fact(make: Callable[[Path], Dataset], tmp_path: Path) -> None:
    record = InputRecord.of(make(tmp_path))
    assert [value for value in vars(record).values() if value not in (None, ())]
    same(InputRecord.from_record(json.loads(json.dumps(record.record()))), record)


def test_a_table_becomes_the_inputs_that_were_trained_on(tmp_path: Path) -> None:
    data = _table(tmp_path)
    assert data.raw is not None
    X = InputRecord.of(data).features(data.raw.table.taken(data.raw.test))
    np.testing.assert_array_equal(X, data.test.X)


def test_features_are_standardised_and_nothing_else(tmp_path: Path) -> None:
    data = _arrays(tmp_path)
    X = data.test.X
    np.testing.assert_array_equal(InputRecord.of(data).features(X), X)
    np.testing.assert_array_equal(InputRecord.of(data.standardized()).features(X), data.standardized().test.X)


def test_a_run_is_described_by_a_dataset_alone(tmp_path: Path) -> None:
    data = _table(tmp_path)
    description = description_of(data, data.target_scaling)
    assert description["dataset"] == data.name
    same(InputRecord(**{name: value for name, value in description.items() if name != "dataset"}), InputRecord.of(data))
    assert description_of(data, None)["target_scaling"] is None
    assert description_of(data.train, None) == {}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"class_names": ("a", "b", "c")}, "there are 3 class names: wanted 2, or none"),
        ({"feature_names": ("a",)}, "there are 1 feature names: wanted 3, or none"),
        ({"image_shape": (2, 2)}, "the image shape is (2, 2): wanted two or three whole numbers whose product is 3"),
    ],
)
def test_facts_that_do_not_fit_the_network_are_refused(wrong: dict[str, Any], message: str, tmp_path: Path) -> None:
    record = InputRecord.of(_arrays(tmp_path))
    network = Network([3, 1], output="sigmoid")
    record.check(network)
    with pytest.raises(InputError) as caught:
        replace(record, **wrong).check(network)
    assert str(caught.value) == message


@pytest.mark.parametrize("key", [one.name for one in fields(InputRecord) if one.name not in ADDED_LATER])
def test_a_record_with_another_list_of_facts_is_refused(key: str) -> None:
    record = InputRecord().record()
    del record[key]
    with pytest.raises(ValueError, match=f"missing or unknown: {key}"):
        InputRecord.from_record(record)
