"""Data of one's own from outside: one command reads, trains, reports, predicts, explains and exports."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
from command import Say
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn.datasets import load_digits, load_wine

import layerlab
from layerlab import InputError
from layerlab.datasets import load_data
from layerlab.evaluating.comparisons.recipes import suite_of

HEAD = "id,rooms,area,city,country,price"


def house(random: np.random.RandomState, number: int, shown: str | None = None) -> str:
    rooms, area, city = random.randint(1, 8), random.gamma(8, 12), random.choice(["Ulm", "Bonn", "Jena"])
    price = 3000 * area + 15_000 * rooms + 90_000 * (city == "Bonn") + 10_000 * random.randn()
    return f'{number},{rooms},"{shown or f"{area:.1f}"}",{city},DE,{price:.0f}'


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A table with an identifier, a constant, a category and three dirty cells."""
    random, path = np.random.RandomState(0), tmp_path / "houses.csv"
    dirty = {10: "n/a", 11: "$95", 12: "1,234"}
    path.write_text("\n".join([HEAD, *(house(random, k, dirty.get(k)) for k in range(1, 201))]))
    return path


@pytest.fixture
def new_houses(tmp_path: Path) -> Path:
    """The same columns in another order, one city that training never saw, no price."""
    path = tmp_path / "new.csv"
    path.write_text("city,area,rooms,id,country\nUlm,80,3,1,DE\nRome,75,2,2,IT\nBonn,60,,3,DE\n")
    return path


FEW = ("--epochs", 15, "--layers", 8)
ALONE = ("--layers", 128, "--epochs")
"""One network of the size that is usual without folds, which memorises more easily than several together."""


def test_one_command_trains_on_a_table_and_says_what_was_done(say: Say, houses: Path) -> None:
    said = say("train", houses.name, "--target", "price", *FEW, "--out", "run", "--json", "facts.json")
    assert said.status == 0, said.err
    assert "Training set: 160 examples. Test set: 40 examples, split at random (seed 0)." in said.words
    assert "Target: 'price', a number from" in said.words
    assert "row 11 '$95' as 95, row 12 '1,234' as 1234" in said.words
    assert "row 10 'n/a'" in said.words
    assert "'country' has the value 'DE' in every row; it is left out" in said.words
    assert "'id'" in said.words
    assert "ridge regression" in said.words
    record = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert record["source"]["path"] == "houses.csv"
    assert record["source"]["options"] == {"target": "price"}
    assert [encoder["name"] for encoder in record["preparation"]["encoders"]] == ["rooms", "area", "city"]
    with Path("run/split.csv").open(encoding="utf-8") as file:
        split = {int(row["example"]): row["part"] for row in csv.DictReader(file)}
    data = load_data(houses, target="price")
    assert data.called is not None
    assert sorted(split) == list(range(1, 201))
    assert sorted(row for row, part in split.items() if part == "test") == data.called[1].tolist()


def test_everything_after_the_training(say: Say, houses: Path, new_houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    told = say("report", "run", "--out", "report.html")
    assert told.status == 0, told.err
    page = Path("report.html").read_text(encoding="utf-8")
    assert "How the data were prepared" in page
    assert "layerlab train houses.csv --target price" in page
    predicted = say("predict", "run", "new.csv", "--out", "answers.csv")
    assert predicted.status == 0, predicted.err
    assert "'Rome'" in predicted.words
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text(encoding="utf-8"))))
    assert [row["row"] for row in rows] == ["1", "2", "3"]
    explained = say("explain", "run", 17, "--json", "why.json", "--plots", "pictures")
    assert explained.status == 0, explained.err
    facts = json.loads(Path("why.json").read_text(encoding="utf-8"))
    shares = [column["share"] for column in facts["columns"]]
    assert {column["name"] for column in facts["columns"]} == {"rooms", "area", "city"}
    assert sum(shares) == pytest.approx(facts["at_row"] - facts["at_baseline"] - facts["remainder"], rel=1e-6)
    assert Path("pictures/shares.png").exists()
    shuffled = say("explain", "run", "--json", "matters.json", "--plots", "pictures")
    assert shuffled.status == 0, shuffled.err
    columns = json.loads(Path("matters.json").read_text(encoding="utf-8"))["columns"]
    assert all(one["interval"][0] <= one["drop"] <= one["interval"][1] for one in columns)
    assert Path("pictures/importance.png").exists()
    for form, path in (("numpy", "folder"), ("onnx", "houses.onnx")):
        exported = say("export", "run", path, "--format", form)
        assert exported.status == 0, exported.err


def test_the_commands_of_the_report_train_the_same_again(say: Say, houses: Path) -> None:
    import shlex

    assert say("train", "houses.csv", "--target", "price", *FEW, "--keep", "id", "--out", "first").status == 0
    assert say("report", "first", "--out", "report.html").status == 0
    page = Path("report.html").read_text(encoding="utf-8")
    line = next(line for line in page.replace("<pre>", "\n").splitlines() if line.startswith("layerlab train"))
    words = shlex.split(line.split("</pre>")[0])
    assert say(*words[1:], "--out", "second").status == 0
    first, second = layerlab.load("first"), layerlab.load("second")
    assert_array_equal(first.parameters["W1"], second.parameters["W1"])


def test_what_is_said_otherwise_than_the_recipe_is_repeated_too(say: Say, houses: Path) -> None:
    import shlex

    odd = [
        "--optimizer",
        "gd",
        "--learning-rate",
        0.05,
        "--schedule",
        "constant",
        "--dropout",
        0,
        "--batch-size",
        "none",
    ]
    assert say("train", "houses.csv", "--target", "price", *FEW, *odd, "--out", "first").status == 0
    first = layerlab.load("first")
    assert (first.settings["batch_size"], first.settings["dropout"], first.settings["optimizer"]) == (None, 0, "gd")
    assert say("report", "first").status == 0
    page = Path("first.html").read_text(encoding="utf-8")
    line = next(line for line in page.replace("<pre>", "\n").splitlines() if line.startswith("layerlab train"))
    assert say(*shlex.split(line.split("</pre>")[0])[1:], "--out", "second").status == 0
    assert_array_equal(layerlab.load("second").parameters["W1"], first.parameters["W1"])


def test_another_table_is_prepared_as_the_run_was(say: Say, houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--validation", 0.2, "--out", "run").status == 0
    lines = houses.read_text().splitlines()
    moved = [line.replace('"', '"1', 1) if k and "n/a" not in line else line for k, line in enumerate(lines)]
    Path("moved.csv").write_text("\n".join(moved))
    from layerlab.reporting.run_data import dataset_of, prepared_for

    run = layerlab.load("run")
    data = prepared_for(run, dataset_of(run, "moved.csv", None))
    assert data.preparation == run.preparation
    assert data.raw is not None
    assert run.preparation is not None
    assert_array_equal(data.test.X, run.preparation.features(data.raw.table.taken(data.raw.test)))


def test_predictions_by_hand_and_in_python(say: Say, houses: Path, new_houses: Path) -> None:
    data = load_data(houses, target="price")
    run = layerlab.train(layerlab.Network([data.n_x, 4, 1]), data, learning_rate=0.01, epochs=10, batch_size=32)
    run.save("run")
    said = say("predict", "run", "new.csv", "--json", "-")
    facts = json.loads(said.out)
    assert facts["predictions"][0]["row"] == 1
    assert data.preparation is not None
    from layerlab.datasets.tabular.new_tables import read_as_trained
    from layerlab.datasets.tabular.reading import read_frame

    table, _ = read_as_trained(read_frame(new_houses).frame, data.preparation.inputs)
    X = data.preparation.features(table)
    assert_allclose([row["value"] for row in facts["predictions"]], run.predict(X)[0], rtol=1e-12)


def test_a_run_answers_a_frame_as_it_comes(houses: Path, new_houses: Path, tmp_path: Path) -> None:
    data = load_data(houses, target="price")
    run = layerlab.train(layerlab.Network([data.n_x, 4, 1]), data, learning_rate=0.01, epochs=5, batch_size=32)
    frame = pl.read_csv(new_houses)
    assert data.preparation is not None
    by_hand = run.predict(data.preparation.features(data.preparation.table_of(frame)))
    assert_array_equal(run.predict(frame), by_hand)
    assert_array_equal(run.predict(frame.to_pandas()), by_hand)
    assert layerlab.export(run, tmp_path / "folder", frame, format="numpy").deviation < 1e-10
    with pytest.raises(InputError, match="has no column 'area'"):
        run.predict(frame.drop("area"))


def test_new_examples_are_explained(say: Say, houses: Path, new_houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    said = say("explain", "run", 2, "--data", "new.csv")
    assert said.status == 0, said.err
    assert "Rome" in said.out
    assert "the true value" not in said.out
    said = say("explain", "run", 999)
    assert (said.status, "wanted a row of the data, 1 to 200" in said.err) == (2, True)


def test_a_run_on_a_frame_is_reported_on_by_its_file(say: Say, houses: Path) -> None:
    data = layerlab.datasets.load_table(pl.read_csv(houses), target="price")
    run = layerlab.train(layerlab.Network([data.n_x, 4, 1]), data, learning_rate=0.01, epochs=5, batch_size=32)
    run.save("run")
    assert say("report", "run").status == 2
    said = say("report", "run", "--data", "houses.csv")
    assert said.status == 0, said.err
    assert Path("run.html").exists()


def test_a_table_in_another_encoding(say: Say, tmp_path: Path) -> None:
    lines = [
        "Straße,größe,preis",
        *(f"{'Köln' if k % 2 else 'Jena'},{k % 9},{100 * (k % 9) + 50 * (k % 2)}" for k in range(60)),
    ]
    Path("latin.csv").write_text("\n".join(lines), encoding="latin-1")
    assert "--encoding" in say("train", "latin.csv", "--target", "preis", *FEW).err
    assert say("train", "latin.csv", "--target", "preis", *FEW, "--encoding", "latin-1", "--out", "run").status == 0
    for more in ([], ["--encoding", "latin-1"]):
        assert say("predict", "run", "latin.csv", *more).status == 0


def test_memorising_is_said_where_the_rows_were_split_at_random(say: Say, tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    columns: dict[str, Any] = {f"x{j}": random.randn(120) for j in range(30)}
    pl.DataFrame(columns | {"y": random.choice(["a", "b"], 120)}).write_csv("noise.csv")
    said = say("train", "noise.csv", "--target", "y", *ALONE, 60, "--out", "run", "--json", "facts.json")
    assert "The network fits the training set much better than the test set (" in said.words
    assert "it has partly memorised the training examples (overfitting)" in said.words
    assert "not shown to be better than a constant" in said.words
    assert json.loads(Path("facts.json").read_text(encoding="utf-8"))["train_test_gap"]["outcome"] == "memorised"
    assert say("report", "run", "--out", "run.html").status == 0
    assert "partly memorised" in Path("run.html").read_text(encoding="utf-8")


def test_a_learning_rate_with_which_the_network_memorises_is_not_all(say: Say, tmp_path: Path) -> None:
    random = np.random.RandomState(5)
    pl.DataFrame({name: random.randn(150) for name in "abcdefghijy"}).write_csv("noise.csv")
    words = say("rate", "noise.csv", "--target", "y", "--engine", "numpy").words
    assert "It is recommended because of its low training cost, but that is not all that counts." in words
    assert "it has partly memorised the training examples" in words
    assert "not all that counts" not in say("rate", "plane", "--engine", "numpy", "--iterations", "50").words


def test_one_image_in_place_of_data_is_told_from_other_files(say: Say, tmp_path: Path) -> None:
    Path("photo.png").write_bytes(b"")
    said = say("train", "photo.png")
    assert said.status == 2
    assert (
        "is a single image; wanted a folder of images (a trained run classifies it: layerlab predict RUN" in said.words
    )


def test_a_trend_split_by_time_is_not_called_memorised(say: Say, tmp_path: Path) -> None:
    random, t = np.random.RandomState(0), np.arange(300)
    table = pl.DataFrame({"month": t, "x": random.randn(300), "price": t + random.randn(300)})
    table.write_csv("trend.csv")
    said = say("train", "trend.csv", "--target", "price", "--time", "month", "--keep", "month", *ALONE, 200)
    assert said.status == 0, said.err
    assert (
        "The test rows are later (by 'month') than the training rows, and 'price' changes over time: its mean is"
        in said.words
    )
    assert "Boosted trees were trained on a random four fifths of the training set." in said.words
    assert "So the data have changed over time (drift); overfitting alone does not explain it." in said.words
    assert "partly memorised" not in said.words


def test_bad_photographs_are_left_out_if_asked(say: Say, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(6):
            shade = np.full((8, 8), 200 * (name == "a") + number, np.uint8)
            Image.fromarray(shade).save(tmp_path / "photos" / name / f"{number}.png")
    assert say("train", "photos", "--epochs", 3, "--out", "run").status == 0
    (tmp_path / "new").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8) + np.array([250, 0, 0], np.uint8)).save(tmp_path / "new" / "red.png")
    (tmp_path / "new" / "bad.png").write_bytes(b"no image")
    refused = say("predict", "run", "new")
    assert refused.status == 2
    assert "or leave such files out with --skip-bad" in refused.words
    said = say("predict", "run", "new", "--skip-bad", "--json", "-")
    assert said.status == 0, said.err
    assert len(json.loads(said.out)["predictions"]) == 1
    assert "bad.png" in said.err
    assert "is in colour" in said.err


def test_standard_input_to_standard_output(
    say: Say, houses: Path, new_houses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    with new_houses.open("rb") as file:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(file))
        said = say("predict", "run", "-", "--out", "-")
    assert said.status == 0, said.err
    assert said.out.splitlines()[0] == "row,value"
    assert len(said.out.splitlines()) == 4
    assert "'Rome'" in said.err


def test_several_runs_answer_together(say: Say, houses: Path, new_houses: Path) -> None:
    for seed in (1, 2, 3):
        assert say("train", "houses.csv", "--target", "price", *FEW, "--seed", seed, "--out", f"run{seed}").status == 0
    said = say("predict", "run1", "new.csv", "--with", "run2", "--with", "run3", "--out", "answers.csv")
    assert said.status == 0, said.err
    alone = []
    for seed in (1, 2, 3):
        facts = json.loads(say("predict", f"run{seed}", "new.csv", "--json", "-").out)
        alone.append([row["value"] for row in facts["predictions"]])
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text(encoding="utf-8"))))
    assert_allclose([float(row["value"]) for row in rows], np.mean(alone, axis=0))
    assert_allclose([float(row["lowest"]) for row in rows], np.min(alone, axis=0))
    assert_allclose([float(row["highest"]) for row in rows], np.max(alone, axis=0))


def test_runs_on_other_data_do_not_answer_together(say: Say, houses: Path, new_houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "a").status == 0
    assert say("train", "houses.csv", "--target", "city", *FEW, "--out", "b").status == 0
    said = say("predict", "a", "new.csv", "--with", "b")
    assert said.status == 2
    assert "differs from <Run" in said.err


def test_runs_on_other_scales_do_not_answer_together(say: Say, houses: Path, new_houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "a").status == 0
    assert say("train", "houses.csv", "--target", "price", *FEW, "--standardize", "--out", "b").status == 0
    said = say("predict", "a", "new.csv", "--with", "b")
    assert (said.status, " in standardisation; wanted runs on the same data" in said.err) == (2, True)


def test_classes_come_with_probabilities(say: Say, houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "city", *FEW, "--out", "run").status == 0
    said = say("predict", "run", "houses.csv", "--out", "answers.csv")
    assert said.status == 0, said.err
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text(encoding="utf-8"))))
    names = [f"probability of {name}" for name in ("Bonn", "Jena", "Ulm")]
    assert list(rows[0]) == ["row", "class", *names]
    assert_allclose([sum(float(row[name]) for name in names) for row in rows], 1)


def test_describing_trains_nothing(say: Say, houses: Path) -> None:
    said = say("data", "describe", "houses.csv", "--target", "price", "--leave-out", "id", "--json", "facts.json")
    assert said.status == 0, said.err
    facts = json.loads(Path("facts.json").read_text(encoding="utf-8"))
    assert [column["column"] for column in facts["preparation"]] == ["rooms", "area", "city", "price"]
    assert facts["split"] == {"share": 0.2, "seed": 0, "group": None, "time": None, "given": False}
    assert "how they are made" in said.words


def test_a_changed_file_is_not_believed(say: Say, houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    houses.write_text(houses.read_text().replace("Ulm", "Rom"))
    said = say("report", "run", "--out", "report.html")
    assert (said.status, "houses.csv: was changed since the run was trained on it" in said.err) == (2, True)
    houses.unlink()
    said = say("explain", "run", 3)
    assert (said.status, "houses.csv: is not there (looked for in" in said.err) == (2, True)


def test_a_share_can_be_held_out_and_the_medians_are_those_of_the_rest(say: Say, houses: Path) -> None:
    said = say("train", "houses.csv", "--target", "price", *FEW, "--validation", 0.25, "--out", "run")
    assert said.status == 0, said.err
    assert Path("run/split.csv").read_text(encoding="utf-8").count("validation") == 40
    run, whole = layerlab.load("run"), load_data(houses, target="price")
    rest, held_out = layerlab.datasets.hold_out(whole, 0.25)
    assert rest.preparation == run.preparation != whole.preparation
    assert held_out.X.shape == (rest.n_x, 40)
    assert rest.raw is not None
    assert len(rest.raw.train) == 120
    assert say("report", "run", "--out", "report.html").status == 0


def test_splits_are_dealt_anew_with_preparations_of_their_own(houses: Path) -> None:
    data = load_data(houses, target="city")
    again = data.resplit(5)
    assert again.preparation != data.preparation
    assert again.train.X.shape[1] == data.train.X.shape[1]
    assert data.resplit(0).preparation == data.preparation


def test_compare_takes_a_table(say: Say, houses: Path) -> None:
    said = say("compare", "houses.csv", "--target", "city", "--json", "facts.json")
    assert said.status == 0, said.err
    facts = json.loads(Path("facts.json").read_text(encoding="utf-8"))
    alone = ["logistic regression", "2-layer network", "4-layer network"]
    assert [model["name"] for model in facts["models"]] == [*alone, "mean of 8 networks"]
    assert [model["members"] for model in facts["models"]] == [1, 1, 1, 8]


def test_sweep_takes_a_table(say: Say, houses: Path) -> None:
    said = say("sweep", "houses.csv", "--target", "price", "--learning-rate", "0.003,0.001", "--epochs", 5)
    assert said.status == 0, said.err
    assert "0.003" in said.words
    assert "r2" in said.words
    assert "nan" not in said.words


LINEAR = ("houses.csv", "--target", "city", "--layers", "none")
WITHOUT_STEPS = "has no meaning for --optimizer 'lbfgs', whose line search finds the length of a step"


def test_defaults_give_way_to_what_is_asked_for(say: Say, houses: Path) -> None:
    def facts(command: str, *options: Any) -> Any:
        said = say(command, *LINEAR, "--epochs", 3, *options, "--json", "-")
        assert said.status == 0, said.err
        return json.loads(said.out)

    assert [row["learning_rate"] for row in facts("sweep", "--learning-rate", "0.1,0.01")["members"]] == [0.1, 0.01]
    assert facts("sweep", "--schedule", "constant,cosine")["common"]["optimizer"] == "adamw"
    assert facts("sweep")["common"]["optimizer"] == "lbfgs"
    mixed = facts("sweep", "--layers", 4)
    assert (len(mixed["members"]), mixed["common"]["dropout"]) == (2, 0.0)
    assert facts("rate")["sweep"]["common"]["optimizer"] == "adamw"
    assert facts("train", "--out", "a")["settings"]["optimizer"] == "lbfgs"
    assert facts("train", "--learning-rate", 0.1, "--out", "b")["settings"]["optimizer"] == "adamw"
    assert facts("train", "--batch-size", 16, "--out", "c")["settings"]["optimizer"] == "adamw"


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("sweep", ("--optimizer", "lbfgs", "--learning-rate", "0.1,0.01"), WITHOUT_STEPS),
        ("sweep", ("--layers", "4", "--dropout", "0.2"), "--dropout 0.2: wanted hidden layers"),
        ("train", ("--dropout", "0.2"), "--dropout 0.2: wanted hidden layers"),
        ("train", ("--optimizer", "lbfgs", "--batch-size", "16"), WITHOUT_STEPS),
        ("rate", ("--optimizer", "lbfgs"), "--optimizer 'lbfgs' has no learning rate to test"),
    ],
)
def test_what_was_asked_for_and_cannot_be_is_refused(
    say: Say, houses: Path, command: str, options: tuple[str, ...], words: str
) -> None:
    said = say(command, *LINEAR, *options)
    assert said.status == 2
    assert words in said.err


def test_a_folder_of_images(say: Say, tmp_path: Path) -> None:
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images[:120], digits.target[:120] % 2, strict=True)):
        place = tmp_path / "photos" / ("odd" if label else "even") / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(image * 15.9).astype(np.uint8)).save(place)
    said = say("train", "photos", "--epochs", 5, "--augment", "shift=1", "--out", "run")
    assert said.status == 0, said.err
    assert "in grey" in said.words
    seen = say("data", "describe", "photos", "--augment", "shift=1", "--plots", "pictures")
    assert seen.status == 0, seen.err
    assert Path("pictures/contact_sheet.png").exists()
    predicted = say("predict", "run", "photos/odd", "--out", "answers.csv")
    assert predicted.status == 0, predicted.err
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text(encoding="utf-8"))))
    assert rows[0]["file"].endswith("odd/1.png")
    assert say("explain", "run", "odd/1.png", "--plots", "pictures").status == 0
    assert Path("pictures/saliency.png").exists()
    assert say("report", "run", "--out", "report.html").status == 0


def test_hdf5_and_npy(say: Say, tmp_path: Path) -> None:
    X, y = load_wine(return_X_y=True)
    with h5py.File("wine.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, y
    np.save("X.npy", X)
    np.save("y.npy", y)
    for arguments in (["wine.h5"], ["wine.h5:train_set_x", "--target", "train_set_y"], ["X.npy", "--target", "y.npy"]):
        said = say("train", *arguments, "--epochs", 5, "--out", f"run{len(arguments)}{arguments[0][0]}")
        assert said.status == 0, said.err
        assert "features standardised" in said.words
    said = say("predict", "run1w", "X.npy", "--out", "answers.csv")
    assert said.status == 0, said.err
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text(encoding="utf-8"))))
    assert len(rows) == len(X)
    assert np.mean([int(row["class"]) == label for row, label in zip(rows, y, strict=True)]) > 0.8
    assert say("report", "run1w", "--out", "report.html").status == 0


def test_a_stream(say: Say, tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X = random.randn(4000, 3)
    columns: dict[str, Any] = {f"x{j}": X[:, j] for j in range(3)}
    pl.DataFrame(columns | {"y": np.where(X[:, 0] > 0, "up", "down")}).write_parquet("big.parquet")
    said = say("train", "big.parquet", "--target", "y", "--memory", 16, "--epochs", 2, "--out", "run")
    assert said.status == 0, said.err
    assert "read from the file as they are needed" in said.words
    facts = layerlab.load("run")
    assert facts.plan is not None
    assert say("report", "run", "--out", "report.html").status == 0
    assert say("predict", "run", "big.parquet", "--out", "answers.csv").status == 0


WRONG = [
    (["train", "houses.csv"], "houses.csv: is a table; wanted --target NAME too"),
    (["train", "houses.csv", "--target", "prize"], "price"),
    (["train", "nothing.csv", "--target", "y"], "nothing.csv: there is no such file or folder"),
    (["train", "digits", "--target", "y"], "--target is for your own data, and digits comes with layerlab"),
    (["train", "houses.csv", "--target", "price", "--size", "64"], "does not apply to houses.csv, which is a table"),
    (["train", "houses.csv", "--target", "price", "--folder", "x"], "--folder is for cats"),
    (["train", "houses.csv", "--target", "price", "--test", "2"], "test"),
    (["train", "houses.txt.exe", "--target", "price"], "wanted one of digits"),
    (["sweep", "houses.csv", "--target", "price", "--memory", "16"], "houses.csv"),
    (["compare", "houses.csv", "--target", "price"], "its labels are values, not classes"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[" ".join(wrong[0]) for wrong in WRONG])
def test_a_wrong_request_gets_one_sentence(say: Say, houses: Path, arguments: list[str], words: str) -> None:
    said = say(*arguments)
    assert said.status == 2
    assert words in said.words
    assert len(said.err.splitlines()) == 1
    assert [path.name for path in Path().iterdir()] == ["houses.csv"]


def test_a_new_table_without_a_column(say: Say, houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    Path("other.csv").write_text("rooms,city\n1,Ulm\n")
    said = say("predict", "run", "other.csv", "--out", "answers.csv")
    assert (said.status, "other.csv: has no column 'area'" in said.err) == (2, True)
    assert not Path("answers.csv").exists()


def test_an_id_needs_no_kind(say: Say, houses: Path) -> None:
    said = say("data", "describe", "houses.csv", "--target", "price", "--id", "id", "--categories", "id,city")
    assert said.status == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--memory", "0"], "(MiB that the buffers"),
        (["--time", "rooms", "--group", "rooms"], "--time 'rooms': is the column of group too"),
        (
            ["--task", "values", "--target", "sold"],
            "column 'sold': 'no' is not a number; wanted numbers for --task 'values'",
        ),
    ],
)
def test_sentences_about_options(say: Say, houses: Path, options: list[str], words: str) -> None:
    lines = houses.read_text().split("\n")
    sold = [line + (",sold" if i == 0 else f",{'yes' if i % 2 else 'no'}") for i, line in enumerate(lines)]
    houses.write_text("\n".join(sold))
    pl.read_csv("houses.csv", ignore_errors=True).write_parquet("houses.parquet")
    said = say(
        "data", "describe", "houses.parquet" if "--memory" in options else "houses.csv", "--target", "price", *options
    )
    assert (said.status, words in said.err) == (2, True), said.err


def test_nothing_is_overwritten(say: Say, houses: Path, new_houses: Path) -> None:
    assert say("train", "houses.csv", "--target", "price", *FEW, "--out", "run").status == 0
    before = new_houses.read_text()
    said = say("predict", "run", "new.csv", "--out", "new.csv")
    assert said.status == 2
    assert new_houses.read_text() == before


def test_a_frame_gets_networks_by_its_size(houses: Path) -> None:
    data = layerlab.datasets.load_table(pl.read_csv(houses), target="city")
    suite = suite_of(data)
    assert suite is not None
    assert [recipe.layers for recipe in suite.recipes] == [(), (128,), (128, 64, 32)]
    assert suite_of(replace(data, raw=None)) is None


def test_an_unknown_option_in_python(houses: Path) -> None:
    with pytest.raises(InputError, match="does not apply to"):
        load_data(houses, target="price", sheet=3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--time", "t", "--group", "k"), "--group 'k' and --time 't': every row is in a group of the test set"),
        (("--time", "t", "--group", "t"), "--time 't': is the column of group too; wanted another column"),
        (("--time", "t", "--test", "t.csv"), "--test and --group or --time: a test set from a file needs no split"),
        (("--task", "values"), "column 'y': 'no' is not a number; wanted numbers for --task 'values'"),
        (("--group", "z"), "--group 'z': t.csv has no such column"),
    ],
)
def test_options_are_named_as_they_are_typed(say: Say, options: tuple[str, ...], words: str) -> None:
    rows = [f"{i},{'ab'[i % 2]},{i % 7},{['no', 'yes'][i % 3 > 1]}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["t,k,x,y", *rows]) + "\n")
    said = say("data", "describe", "t.csv", "--target", "y", *options)
    assert (said.status, said.out) == (2, "")
    assert words in said.words


def test_what_is_held_out_is_counted_and_said_of_its_rows(houses: Path, say: Say) -> None:
    asked = ("--target", "price", "--validation", "0.25", "--epochs", "2", "--baseline", "none", "--out", "run")
    said = say("train", houses, *asked)
    assert (
        "Training set: 120 examples. Validation set: 40 examples. Test set: 40 examples, split at random" in said.words
    )
    with Path("run/split.csv").open(encoding="utf-8") as file:
        known = {int(row["example"]) for row in csv.DictReader(file) if row["part"] in ("train", "test")}
    row = min(set(range(1, 201)) - known)
    refused = say("explain", "run", row)
    assert refused.status == 2
    assert f"row {row}: it is in the validation set: wanted a row of the training set or of the test set" in (
        refused.words
    )


def test_rows_that_all_have_one_answer_are_explained(houses: Path, say: Say) -> None:
    say("train", houses, "--target", "city", *FEW, "--baseline", "none", "--out", "run")
    lines = houses.read_text(encoding="utf-8").splitlines()
    Path("new.csv").write_text(
        "\n".join([lines[0], *(line for line in lines[1:] if ",Ulm," in line)][:5]) + "\n", "utf-8"
    )
    explained = say("explain", "run", "1", "--data", "new.csv")
    assert explained.status == 0, explained.err
    assert "Row 1: the prediction is " in explained.words
