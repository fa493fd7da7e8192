"""Files that an earlier layerlab wrote (tests/contract/files/): they load, go on, and answer as they did then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from command import Say
from numpy.testing import assert_allclose
from old_files import FILES, STOPPED_AT, examples, grid, results, scores, searched_points, trained_points
from snapshots import differences

import layerlab

EXPECTED: dict[str, Any] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["plane", "plane.safetensors"])
def test_a_run_answers_as_it_did(name: str) -> None:
    run = layerlab.load(FILES / name)
    assert_allclose(run.predict_proba(grid())[0], EXPECTED["plane"], rtol=1e-9)
    assert len(run.history.costs) == 60


@pytest.mark.parametrize("name", ["cars", "values"])
def test_a_run_on_a_table_prepares_new_rows_as_it_did(name: str, say: Say) -> None:
    said = say("predict", FILES / f"{name}-run", FILES / "new.csv", "--json", "-")
    assert said.status == 0
    assert differences(json.loads(said.out)["predictions"], EXPECTED[name]) == []


def test_a_checkpoint_goes_on_to_the_same_costs(tmp_path: Path) -> None:
    path = shutil.copy(FILES / "checkpoint.safetensors", tmp_path)
    epochs: list[int] = []
    run = trained_points(checkpoint=path, resume=True, callback=lambda moment: epochs.append(moment.epoch))
    assert epochs[0] == STOPPED_AT + 1
    assert epochs[-1] == 20
    assert_allclose(run.history.costs, EXPECTED["checkpoint"], rtol=1e-9)


def test_a_search_goes_on_and_keeps_what_had_ended(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    shutil.copytree(FILES / "search", folder)
    (folder / "claims").mkdir()  # empty, so that git does not keep it
    before, finished = results(folder), EXPECTED["search"]["finished"]
    found = searched_points(folder, resume=True)
    assert not found.interrupted
    now = scores(found)
    assert 0 < len(finished) < len(now) == 12
    for number, score in finished.items():
        assert now[number] == score
    assert differences(now, EXPECTED["search"]["whole"]) == []
    after = results(folder)
    assert all(after[name] == data for name, data in before.items())


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_an_estimator_kept_by_skops_answers_as_it_did(name: str) -> None:
    expected = EXPECTED[name]
    path = FILES / f"{name}.skops"
    assert skops.io.get_untrusted_types(file=path) == expected["classes"]
    model = skops.io.load(path, trusted=expected["classes"])
    assert type(model) is getattr(layerlab.sklearn, type(model).__name__)
    X, values = examples(60, 2)
    answers = model.predict_proba(X[:6])[:, 0] if name == "classifier" else model.predict(X[:6])
    assert_allclose(answers, expected["answers"], rtol=1e-9)
    before = model.t_
    model.partial_fit(X, np.where(values > 0, "high", "low") if name == "classifier" else values)
    assert model.t_ > before
