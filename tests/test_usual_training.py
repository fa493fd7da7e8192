"""``layerlab train TABLE``: what is trained unless the user says otherwise, and what makes it another training."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say
from numpy.testing import assert_array_equal

import layerlab
from layerlab.datasets import load_data, load_digits, load_flower, load_table
from layerlab.evaluating.comparisons.recipes import suite_of
from layerlab.runs.how_to_repeat import command_can_repeat, python_lines, train_command
from layerlab.runs.run import Run

QUICK = ("--epochs", 2, "--baseline", "none", "--no-advice")


def flats(rows: int = 100, **more: Any) -> pl.DataFrame:
    """Flats with their towns, sizes and rents, and the columns in ``more``."""
    random = np.random.RandomState(0)
    size, town = random.gamma(8, 10, rows).round(1), random.choice(["Bonn", "Jena", "Ulm"], rows)
    rent = 9 * size + 200 * (town == "Bonn") + 20 * random.randn(rows)
    return pl.DataFrame({"size": size, "floor": random.randint(0, 9, rows), "town": town, "rent": rent.round()} | more)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """The flats in a file."""
    flats().write_csv(tmp_path / "flats.csv")
    return "flats.csv"


def trained(say: Say, table: str, *asked: Any, target: str = "rent", out: str = "run") -> Run:
    """Train on a table and load the run."""
    said = say("train", table, "--target", target, *QUICK, *asked, "--out", out)
    assert said.status == 0, said.err
    return layerlab.load(out)


def assert_same(one: Run, two: Run) -> None:
    """The same bits in all members."""
    assert one.members is not None
    assert two.members is not None
    for name, value in one.members.parameters.items():
        assert_array_equal(value, two.members.parameters[name])
    assert_array_equal(one.members.out_of_fold, two.members.out_of_fold)


def repeated(say: Say, run: Run) -> None:
    """Type the command that repeats a run, run its lines of Python, and compare."""
    assert run.source is not None
    assert command_can_repeat(run, load_data(run.source.path, **run.source.options))
    words = shlex.split(train_command(run))[1:]
    assert say(*words, "--baseline", "none", "--no-advice", "--out", "again").status == 0
    assert_same(run, layerlab.load("again"))
    names: dict[str, Any] = {}
    exec(python_lines(run, known=True), names)  # noqa: S102 (our own words)
    assert_same(run, names["run"])


def test_a_table_gets_eight_networks_on_eight_folds(say: Say, table: str) -> None:
    said = say("train", table, "--target", "rent", *QUICK, "--json", "facts.json", "--out", "run")
    assert said.status == 0, said.err
    assert "8 networks were trained together, each without one of 8 folds of the training set" in said.words
    assert "Out of fold, 80 training examples were predicted by members that were not trained on them" in said.words
    assert "2 inputs as waves, hidden activation mish" in said.words
    facts = json.loads(Path("facts.json").read_text("utf-8"))
    assert facts["embedding"]["inputs"] == [0, 1]
    assert (facts["layer_dims"], facts["out_of_fold"]["folds"]) == ([5, 128, 128, 1], 8)
    run = layerlab.load("run")
    assert run.members is not None
    assert (len(run.members), len(set(run.members.folds.tolist()))) == (8, 8)
    assert run.source is not None
    assert run.source.options["scaling"] == "quantile"
    record = json.loads(Path("run/run.json").read_text("utf-8"))
    assert len(record["members"]["kept_at"]) == 8
    assert record["plan"]["cut"] == ""
    repeated(say, run)


def test_what_follows_the_training_knows_its_networks(say: Say, table: str) -> None:
    trained(say, table)
    assert say("report", "run", "--out", "page.html").status == 0
    page = Path("page.html").read_text("utf-8")
    assert "--members 8 --folds 8 --embedding periodic" in page
    assert "Out of fold, 80 training examples" in page
    said = say("predict", "run", table, "--intervals", 0.9, "--out", "answers.csv")
    assert said.status == 0, said.err
    answers = pl.read_csv("answers.csv")
    assert (answers["low"] <= answers["value"]).all()
    assert (answers["value"] <= answers["high"]).all()
    assert say("explain", "run", 3).status == 0


def waves_of(run: Run) -> tuple[int, ...]:
    """Return the rows of X that a network sees as waves too."""
    assert run.network.embedding is not None
    return run.network.embedding.inputs


def test_classes_have_networks_on_folds_with_the_same_shares(say: Say, table: str) -> None:
    run = trained(say, table, target="town")
    assert run.members is not None
    assert run.network.output == "softmax"
    town = np.asarray(run.members.targets).argmax(axis=0) if run.members.targets.shape[0] > 1 else run.members.targets
    counts = np.array([np.bincount(town[run.members.folds == k].astype(int), minlength=3) for k in range(8)])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()
    assert run.source is not None
    assert_array_equal(run.predict_proba(load_data(run.source.path, **run.source.options).test.X).shape, (3, 20))


@pytest.mark.parametrize(
    "asked",
    [
        ("--layers", 8),
        ("--members", 1),
        ("--validation", 0.2),
        ("--validation", 0.2, "--monitor", "validation_cost"),
        ("--monitor", "cost"),
        ("--optimizer", "lbfgs", "--layers", "none"),
    ],
    ids=str,
)
def test_whoever_asks_for_one_network_gets_one(say: Say, table: str, asked: tuple[Any, ...]) -> None:
    run = trained(say, table, *asked)
    assert run.members is None
    assert run.network.embedding is None
    assert run.source is not None
    assert "scaling" not in run.source.options


def test_a_network_as_before_is_the_same_as_with_its_layers(say: Say, table: str) -> None:
    one, two = trained(say, table, "--members", 1), trained(say, table, "--layers", 128, out="other")
    assert one.settings == two.settings
    assert_array_equal(one.parameters["W1"], two.parameters["W1"])


def test_other_data_have_no_folds(tmp_path: Path) -> None:
    X = np.random.RandomState(0).randn(200, 3)
    np.savez(tmp_path / "points.npz", X=X, y=(X[:, 0] > 0).astype(int))
    for data in (load_digits(), load_flower(), load_data(tmp_path / "points.npz")):
        suite = suite_of(data)
        assert suite is not None
        assert suite.usual is None


@pytest.mark.parametrize(("how", "inputs"), [("none", None), ("periodic", (0, 1))])
def test_waves_are_chosen_by_an_option(say: Say, table: str, how: str, inputs: tuple[int, ...] | None) -> None:
    run = trained(say, table, "--embedding", how)
    assert run.members is not None
    assert (run.network.embedding and run.network.embedding.inputs) == inputs
    single = trained(say, table, "--layers", 4, "--embedding", how, out="one")
    assert (single.network.embedding and single.network.embedding.inputs) == inputs


def test_members_folds_and_scaling_are_options(say: Say, table: str) -> None:
    run = trained(say, table, "--members", 3, "--folds", 4, "--scaling", "robust", "--embedding", "none")
    assert run.members is not None
    assert (len(run.members), len(set(run.members.folds.tolist()))) == (3, 4)
    assert run.source is not None
    assert "scaling" not in run.source.options
    assert run.network.embedding is None
    assert "'--members', '3'" in str(shlex.split(train_command(run)))
    repeated(say, run)


def test_a_small_budget_cuts_epochs_and_networks_and_says_so(say: Say, table: str) -> None:
    asked = ("train", table, "--target", "rent", "--baseline", "none", "--no-advice", "--time-budget", 0.001)
    said = say(*asked, "--out", "run")
    assert said.status == 0, said.err
    assert "For the time budget of 0.001 s the training has 1 epoch instead of 100 and 2 networks instead of 8: an" in (
        said.words
    )
    run = layerlab.load("run")
    assert run.members is not None
    assert run.plan is not None
    assert len(run.members) == 2
    assert "2 networks instead of 8" in run.plan.cut
    assert json.loads(Path("run/run.json").read_text("utf-8"))["plan"]["cut"] == run.plan.cut
    assert "--members 2 --folds 8" in train_command(run)
    assert say("report", "run", "--out", "page.html").status == 0
    page = Path("page.html").read_text("utf-8")
    assert "2 networks instead of 8" in page
    assert "cost on the training set and the held-out folds" in page
    assert "validation set" not in page
    repeated(say, run)


def test_a_number_of_networks_that_was_asked_for_is_not_cut(say: Say, table: str) -> None:
    asked = ("--target", "rent", "--members", 3, "--baseline", "none", "--no-advice", "--time-budget", 0.001)
    said = say("train", table, *asked, "--out", "run")
    assert said.status == 0, said.err
    assert "the training has 1 epoch instead of 100: an epoch" in said.words
    members = layerlab.load("run").members
    assert members is not None
    assert len(members) == 3


def test_a_budget_is_for_one_network_too(say: Say, table: str) -> None:
    asked = ("--target", "rent", "--layers", 4, "--baseline", "none", "--no-advice", "--time-budget", 0.001)
    said = say("train", table, *asked, "--out", "run")
    assert said.status == 0, said.err
    assert "the training has 1 epoch instead of 100: an epoch" in said.words
    assert layerlab.load("run").members is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--embedding", "waves"), "--embedding 'waves': wanted periodic or none"),
        (("--time-budget", 0), "--time-budget 0: wanted seconds above 0, such as 60"),
        (("--time-budget", -3), "--time-budget -3: wanted seconds above 0, such as 60"),
        (("--time-budget", "nan"), "--time-budget nan: wanted seconds above 0, such as 60"),
        (("--time-budget", 5, "--epochs", 3), "--time-budget with --epochs: the budget chooses the epochs anew"),
        (("--time-budget", 5, "--checkpoint", "c"), "--time-budget with --checkpoint: the budget chooses"),
        (("--members", 0), "members"),
        (("--folds", 1), "folds"),
        (("--folds", 500), "folds"),
        (("--scaling", "ranks"), "scaling"),
        (("--layers", 4, "--folds", 4), "folds"),
    ],
)
def test_bad_values_are_refused_in_one_sentence(say: Say, table: str, asked: tuple[Any, ...], words: str) -> None:
    said = say("train", table, "--target", "rent", *asked, "--out", "run")
    assert said.status == 2
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert not Path("run").exists()


def test_waves_need_a_column_of_numbers(say: Say, table: str) -> None:
    said = say("train", table, "--target", "rent", "--leave-out", "size,floor", "--embedding", "periodic")
    assert said.status == 2
    assert "--embedding periodic: wanted a table with a column of numbers or dates" in said.err
    said = say("train", "flower", "--embedding", "periodic")
    assert said.status == 2
    assert "--embedding periodic: wanted a table with a column of numbers or dates" in said.err


# Tables of other kinds


def test_fewer_groups_than_folds_are_a_fold_each(say: Say, tmp_path: Path) -> None:
    flats(house=[f"house {k // 20}" for k in range(100)]).write_csv("flats.csv")
    run = trained(say, "flats.csv", "--group", "house")
    assert run.members is not None
    groups = len(set(run.members.folds.tolist()))
    assert groups == 4
    assert len(run.members) == 8
    repeated(say, run)


def test_rows_of_one_group_are_trained_by_one_network(say: Say, tmp_path: Path) -> None:
    flats(house=["old" if k < 70 else "new" for k in range(100)]).write_csv("flats.csv")
    assert trained(say, "flats.csv", "--group", "house").members is None


def test_time_is_not_waves_and_has_no_intervals(say: Say, tmp_path: Path) -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 9), eager=True)
    flats(day=days).write_csv("flats.csv")
    run = trained(say, "flats.csv", "--time", "day", "--keep", "day")
    assert run.members is not None
    assert run.members.ordered
    assert run.preparation is not None
    names = [run.preparation.feature_names[row] for row in waves_of(run)]
    assert names == ["size", "floor"]
    assert any("day" in name for name in run.preparation.feature_names)
    said = say("predict", "run", "flats.csv", "--intervals", 0.9)
    assert said.status == 2
    assert "time" in said.err
    repeated(say, run)


def test_fewer_rows_than_fill_folds_get_one_network(say: Say, tmp_path: Path) -> None:
    flats(60).write_csv("flats.csv")
    assert trained(say, "flats.csv").members is None


def test_a_class_with_two_rows_is_no_obstacle(say: Say, tmp_path: Path) -> None:
    flats(kind=["new"] * 2 + ["old", "older"] * 49).write_csv("flats.csv")
    run = trained(say, "flats.csv", target="kind")
    assert run.members is not None
    assert run.network.layer_dims[-1] == 3


def test_constant_columns_are_left_out(say: Say, tmp_path: Path) -> None:
    flats(always=[7] * 100, country=["DE"] * 100).write_csv("flats.csv")
    run = trained(say, "flats.csv")
    assert run.members is not None
    assert waves_of(run) == (0, 1)


def test_a_table_without_numbers_has_no_waves(say: Say, table: str) -> None:
    run = trained(say, table, "--leave-out", "size,floor")
    assert run.members is not None
    assert run.network.embedding is None
    repeated(say, run)


def test_a_table_of_numbers_alone_is_all_waves(say: Say, table: str) -> None:
    run = trained(say, table, "--leave-out", "town")
    assert run.members is not None
    assert waves_of(run) == (0, 1)
    assert run.network.layer_dims[0] == 2


def test_a_network_with_waves_of_ones_own_has_no_command(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = load_table(table, target="rent")
    network = layerlab.Network([data.n_x, 4, 1], embedding=layerlab.Periodic([0]))
    run = layerlab.train(network, data, learning_rate=0.01, iterations=3)
    assert not command_can_repeat(run, data)
    whole = layerlab.Network([data.n_x, 4, 1], embedding=layerlab.Periodic([0, 1]))
    assert command_can_repeat(layerlab.train(whole, data, learning_rate=0.01, iterations=3), data)
