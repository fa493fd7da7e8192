"""The command line from outside: what it prints, writes and returns, and what it says to a wrong request."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from PIL import Image

import layerlab


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "seven.png"
    Image.fromarray(np.random.RandomState(0).randint(0, 255, (30, 40, 3), np.uint8)).save(path)
    return path


def test_compare_prints_and_writes_the_same_facts(say: Say, tmp_path: Path) -> None:
    said = say("compare", "breast-cancer", "--json", "facts.json")
    assert said.status == 0
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["dataset"] == "breast_cancer"
    assert [model["layer_dims"] for model in facts["models"]] == [[30, 1], [30, 10, 1], [30, 20, 10, 5, 1]]
    assert len(facts["paired_tests"]) == 3
    for model in facts["models"]:
        assert f"{100 * model['test_accuracy']:.1f} %" in said.words
        low, high = model["test_interval"]
        assert low < model["test_accuracy"] < high
    assert "features standardised" in said.words
    assert said.out.splitlines()[-1] == "Next: layerlab compare breast-cancer --splits 16"  # two networks are equal
    assert [path.name for path in tmp_path.iterdir()] == ["facts.json"]  # nothing else is left behind


def test_json_to_standard_output_is_json_alone(say: Say) -> None:
    said = say("compare", "breast-cancer", "--json", "-")
    assert json.loads(said.out)["base_rate"] == pytest.approx(72 / 114)
    better = "All three networks are better than always answering 'benign', the majority class, which is correct for"
    assert better in " ".join(said.err.split())


def test_compare_with_seeds_and_splits(say: Say) -> None:
    facts = json.loads(say("compare", "breast-cancer", "--seeds", 2, "--splits", 2, "--json", "-").out)
    assert [len(model["seed_accuracies"]) for model in facts["models"]] == [1, 2, 2]
    assert facts["resplits"]["n"] == 2
    assert len(facts["resplits"]["paired_tests"]) == 3


def test_train_then_predict(say: Say, tmp_path: Path, photo: Path) -> None:
    said = say("train", "digits", "--layers", "12,8", "--learning-rate", 0.3, "--iterations", 40, "--seed", 7)
    assert said.status == 0
    assert "64-12-8-10" in said.words
    record = json.loads((tmp_path / "runs/digits-1/run.json").read_text())
    assert record["format_version"] == 5
    assert record["settings"]["learning_rate"] == 0.3
    assert (record["settings"]["iterations"], record["settings"]["seed"]) == (40, 7)
    assert sorted(path.name for path in (tmp_path / "runs/digits-1").iterdir()) == [
        "log.csv", "log.jsonl", "model.safetensors", "run.json",
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["digits-1"]  # the log is no longer beside it

    said = say("predict", "runs/digits-1", photo, photo, "--json", "-")
    predictions = json.loads(said.out)["predictions"]
    assert len(predictions) == 2
    run = layerlab.load(tmp_path / "runs/digits-1")
    X = layerlab.datasets.load_photos([photo], (8, 8))
    assert list(predictions[0]["probabilities"].values()) == pytest.approx(run.predict_proba(X)[:, 0])
    assert predictions[0]["class"] == str(run.predict(X)[0, 0])
    assert predictions[0]["class"] in said.err


def test_a_run_in_one_file_is_taken_everywhere(say: Say, tmp_path: Path, photo: Path) -> None:
    said = say("train", "digits", "--iterations", 30, "--out", "runs/mine.safetensors")
    assert said.status == 0
    assert "Saved in runs/mine.safetensors" in said.words
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["mine.safetensors"]  # no log is left beside it
    assert say("predict", "runs/mine.safetensors", photo).status == 0
    assert say("export", "runs/mine.safetensors", "mine.onnx").status == 0
    assert say("report", "runs/mine.safetensors").status == 0
    again = say("train", "digits", "--iterations", 30, "--out", "runs/mine.safetensors")
    assert again.status == 2
    assert "runs/mine.safetensors: is there already, and nothing is overwritten; name another file" in again.words
    other = ["train", "digits", "--iterations", 3, "--batch-size", 500, "--out", "other.safetensors", "--log", "own"]
    assert say(*other).status == 0
    assert sorted(path.name for path in tmp_path.glob("o*")) == ["other.safetensors", "own.csv", "own.jsonl"]


def test_train_says_accuracy_with_interval_and_base_rate(say: Say) -> None:
    said = say("train", "flower", "--iterations", 100, "--json", "-", "--out", "kept")
    facts = json.loads(said.out)
    low, high = (100 * end for end in facts["test_interval"])
    assert f"classifies {100 * facts['test_accuracy']:.1f} % of the 400 test examples correctly" in said.words
    assert f"(95 % interval {low:.1f} to {high:.1f} %; training set " in said.words
    assert "Always answering the same class would be correct for 50.0 %." in said.words
    assert facts["out"] == "kept"
    assert facts["settings"]["learning_rate"] == 1.2  # the dataset's own
    assert [iteration for iteration, _ in facts["costs"]] == [0, 99]


def test_runs_get_the_next_free_name(say: Say, tmp_path: Path) -> None:
    for _ in range(2):
        assert say("train", "flower", "--iterations", 2).status == 0
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["flower-1", "flower-2"]


def test_two_classes_have_both_probabilities(say: Say, small_cats: Path, photo: Path) -> None:
    assert say("train", "cats", "--folder", small_cats, "--layers", "none", "--iterations", 5).status == 0
    (prediction,) = json.loads(say("predict", "runs/cats-1", photo, "--json", "-").out)["predictions"]
    assert prediction["probabilities"].keys() == {"non-cat", "cat"}
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)
    assert prediction["class"] == max(prediction["probabilities"], key=lambda name: prediction["probabilities"][name])


def test_standardised_training_is_remembered(say: Say) -> None:
    assert say("train", "breast_cancer", "--iterations", 3).status == 0
    run = layerlab.load("runs/breast_cancer-1")
    assert run.standardization is not None
    assert say("train", "breast_cancer", "--iterations", 3, "--no-standardize").status == 0
    assert layerlab.load("runs/breast_cancer-2").standardization is None


def test_a_sick_training_is_named_in_words(say: Say) -> None:
    said = say("train", "flower", "--initializer", "zeros", "--iterations", 50)
    assert said.status == 0
    assert "! All 4 units of layer 1 compute the same" in said.words
    assert "Try: initializer 'he'" in said.words


def test_a_diverged_training_fails_and_keeps_nothing(say: Say, tmp_path: Path) -> None:
    said = say("train", "digits", "--hidden", "identity", "--learning-rate", "1e200", "--iterations", 20)
    assert said.status == 1
    assert "diverged" in said.words
    assert list(tmp_path.iterdir()) == []


def test_data_list_describe_fetch(say: Say) -> None:
    assert json.loads(say("data", "list", "--json", "-").out)["datasets"].keys() == layerlab.datasets.LOADERS.keys()
    facts = json.loads(say("data", "describe", "digits", "--json", "-").out)
    assert (facts["features"], facts["image"]) == (64, "8 × 8")
    assert "there is nothing to download" in say("data", "fetch", "digits").words


def test_doctor_names_versions_threads_engines_and_caches(say: Say) -> None:
    said = say("doctor", "--json", "-")
    facts = json.loads(said.out)
    assert facts["layerlab"] == layerlab.__version__
    assert facts["numpy"] == np.__version__
    assert {"cores", "matrix products", "engines", "cache", "cats", "gradient check"} <= facts.keys()
    assert facts["gradient check"].startswith("passed")


@pytest.mark.parametrize(
    "command",
    [[], ["compare"], ["train"], ["report"], ["predict"], ["export"], ["data"], ["data", "fetch"], ["doctor"]],
)
def test_help_of_every_command(say: Say, command: list[str]) -> None:
    said = say(*command, "--help")
    assert said.status == 0
    assert "Usage: layerlab" in said.words


WRONG: list[tuple[list[Any], str]] = [
    (
        ["compare", "dogs"],
        "no dataset is called 'dogs', and there is no such file or folder: wanted one of digits, cats",
    ),
    (["compare", "--splits", 1], "0 or at least 2 splits"),
    (["compare", "--seeds", 0], "--seeds"),
    (["compare", "digits", "--folder", "."], "does not apply"),
    (["compare", "cats", "--folder", "."], "no train_catvnoncat.h5 and no test_catvnoncat.h5 there"),
    (["compare", "--json", "missing/facts.json"], "missing/facts.json: cannot be written"),
    (["compare", "--json", "."], "is a folder"),
    (["compare", "--plots", "/dev/null/pictures"], "/dev/null/pictures"),
    (["compare", "--plots", "/dev/null"], "is a file"),
    (["train", "flower", "--learning-rate", -1], "--learning-rate -1.0: wanted a finite number above 0"),
    (["train", "flower", "--learning-rate", "nan"], "--learning-rate nan"),
    (["train", "flower", "--learning-rate", "fast"], "--learning-rate"),
    (["train", "flower", "--iterations", 0], "--iterations 0: wanted a whole number of at least 1"),
    (["train", "flower", "--layers", "20,0"], "'20,0': wanted whole numbers above 0"),
    (["train", "flower", "--layers", "-3"], "--layers"),
    (["train", "flower", "--layers", "20;7"], "'20;7'"),
    (["train", "flower", "--layers", ""], "--layers"),
    (["train", "flower", "--hidden", "swish"], "--hidden 'swish': wanted one of sigmoid"),
    (["train", "flower", "--initializer", "glorot"], "--initializer 'glorot': wanted one of 'zeros'"),
    (["train", "flower", "--hidden", ""], "--hidden '': wanted one of sigmoid"),
    (["train", "flower", "--layers", "3,4", "--hidden", "relu,swish"], "'swish' is no activation; wanted one of"),
    (["train", "flower", "--layers", "3", "--hidden", "relu,tanh"], "2 activations for 1 hidden layer; wanted one"),
    (["train", "flower", "--layers", "none", "--dropout", "0.5"], "--dropout 0.5: wanted hidden layers, whose values"),
    (
        ["train", "flower", "--schedule", "cosine", "--warmup", 20_000],
        "--warmup 20000.0: the training has 10000 epochs",
    ),
    (["train", "flower", "--batch-size", "32,64"], "--batch-size '32,64': takes one value only"),
    (
        ["train", "flower", "--learning-rate", "0.1,0.2"],
        "--learning-rate '0.1,0.2': takes one value only here; `layerlab sweep` takes several",
    ),
    (["train", "flower", "--schedule", "constant,cosine"], "--schedule 'constant,cosine': takes one value only here"),
    (["train", "flower", "--iterations", "1e3"], "--iterations '1e3': wanted a whole number of at least 1"),
    (["train", "flower", "--json", "/dev/null"], "/dev/null: is no file; name one for the JSON, or - for standard"),
    (["train", "flower", "--out", "a", "--json", "a"], "a: is the place of --out too; name another one for --json"),
    (["train", "flower", "--json", "a", "--plots", "a"], "a: is the place of --json too; name another one for --plots"),
    (["train", "flower", "--json", "a", "--plots", "a/b"], "a/b: lies in a, which is the place of --json too; name"),
    (["sweep", "flower", "--json", "plots"], "plots: is the place of --json too; name another one for --plots"),
    (["compare", "flower", "--json", "a", "--plots", "a"], "a: is the place of --json too"),
    (["train", "flower", "--dtype", "float16"], "--dtype 'float16'"),
    (["train", "flower", "--seed", -1], "--seed -1"),
    (["train", "flower", "--out", "."], "is there already"),
    (["train", "flower", "--out", "/dev/null/run"], "cannot be made"),
    (["predict", "nowhere", "photo.jpg"], "nowhere: no run.json there"),
    (["predict", "nowhere"], "FILE…"),
    (["data", "describe", "dogs"], "no dataset is called 'dogs'"),
    (["data", "fetch", "dogs"], "no dataset is called 'dogs'"),
    (["bake"], "bake"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[" ".join(map(str, wrong[0])) for wrong in WRONG])
def test_a_wrong_request_gets_one_sentence_and_status_2(
    say: Say, tmp_path: Path, arguments: list[Any], words: str
) -> None:
    said = say(*arguments)
    assert said.status == 2
    assert words in said.words
    assert said.out == ""
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []  # nothing half-written


def test_photos_that_are_none(say: Say, tmp_path: Path, photo: Path) -> None:
    assert say("train", "digits", "--iterations", 2, "--out", "run").status == 0
    text = tmp_path / "text.jpg"
    text.write_text("not an image")
    said = say("predict", "run", photo, text, "--json", "out.json")
    assert said.status == 2
    assert "text.jpg: this is not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image" in said.words
    assert not (tmp_path / "out.json").exists()


def test_a_run_that_was_not_trained_on_images_takes_no_photo(say: Say, photo: Path) -> None:
    assert say("train", "flower", "--iterations", 2, "--out", "run").status == 0
    said = say("predict", "run", photo)
    assert said.status == 2
    assert "flower" in said.words


def test_offline_without_the_cat_files_is_a_clear_sentence(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLAB_CATS_URL", "http://127.0.0.1:9/")  # the discard port: nobody listens
    said = say("compare", "cats")
    assert said.status == 1
    assert "--folder" in said.words


def test_a_mistake_in_layerlab_itself_shows_no_traceback(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("layerlab.commands.doctor.examine", broken)
    said = say("doctor")
    assert said.status == 1
    assert "a mistake in layerlab itself (KeyError: 'lost')" in said.words


@pytest.mark.skipif(os.name == "nt", reason="no pipes in the file system on Windows")
def test_a_pipe_as_photo_is_refused_and_not_waited_for(say: Say, tmp_path: Path) -> None:
    assert say("train", "digits", "--iterations", 2, "--out", "run").status == 0
    os.mkfifo(tmp_path / "pipe.jpg")
    said = say("predict", "run", "pipe.jpg")
    assert said.status == 2
    assert "pipe.jpg: is a pipe" in said.words


def test_a_json_that_cannot_be_finished_leaves_nothing_behind(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    said = say("data", "list", "--json", "facts.json")
    assert said.status == 1
    assert "facts.json: writing failed (No space left on device)" in said.words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_keeps_what_was_trained_and_says_so(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # in the background it is not
    started = f"{heard}from layerlab.commands.main import main; main()"
    command = [sys.executable, "-c", started, "train", "flower", "--iterations", "100000000", "--out", "run"]
    process = subprocess.Popen(  # noqa: S603
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    log = tmp_path / "run.log.jsonl"
    while process.poll() is None and not (log.exists() and log.stat().st_size):  # how soon depends on the machine
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "interrupted after" in err
    assert "Saved in run" in out
    run = layerlab.load(tmp_path / "run")
    assert run.history.interrupted
    assert len(run.history.costs) > 10


# The engines from the command line


def test_sweep_prints_a_table_sentences_and_draws_the_curves(say: Say, tmp_path: Path) -> None:
    said = say("sweep", "digits", "--learning-rate", "0.5,0.001,1e6", "--iterations", 60, "--json", "facts.json")
    assert said.status == 0
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["varied"] == ["learning_rate"]
    assert [row["learning_rate"] for row in facts["members"]] == [0.5, 0.001, 1e6]
    assert [row["behaviour"] for row in facts["members"]][:2] == ["fell", "crept"]
    for row in facts["members"]:
        assert f"learning rate {row['learning_rate']:g}: {row['what']}" in said.words
        assert f"{100 * row['test_accuracy']:.1f} %" in said.words
        assert [iteration for iteration, _ in row["costs"]] == [0, 59]
    assert "Pictures: plots/sweep.png" in said.words
    with Image.open(tmp_path / "plots" / "sweep.png") as picture:
        assert picture.size[0] == 1050


def test_sweep_over_networks_seeds_and_settings(say: Say) -> None:
    said = say(
        "sweep", "flower", "--layers", "4", "--layers", "3,2", "--layers", "none", "--hidden", "tanh", "--seed", "0,1",
        "--l2", "0,0.1", "--initializer", "he,xavier", "--epochs", 3, "--batch-size", 100, "--optimizer", "momentum",
        "--learning-rate", "0.1", "--momentum", "0.5", "--memory-gib", 0.5, "--plots", "pictures", "--json", "-",
    )  # fmt: skip
    facts = json.loads(said.out)
    assert said.status == 0
    assert facts["varied"] == ["network", "seed", "initializer", "l2"]
    assert len(facts["members"]) == 24
    assert {row["network"] for row in facts["members"]} == {"2-4-1 tanh", "2-3-2-1 tanh", "2-1"}
    assert {row["iterations"] for row in facts["members"]} == {12}
    assert len(facts["plans"]) == 3
    assert "Of the 24 curves" in said.words


def test_a_sweep_with_hidden_layers_starts_as_the_two_layer_network_and_tells_what_is_wrong(say: Say) -> None:
    said = say("sweep", "digits", "--layers", "8", "--layers", "none", "--iterations", 30, "--json", "-")
    facts = json.loads(said.out)
    assert facts["common"]["initializer"] == "he"
    assert [row["diagnosis"] for row in facts["members"]] == [[], []]
    assert '"learning_rate": 0.1,' in say("sweep", "digits", "--layers", "8,8,8", "--iterations", 2, "--json", "-").out
    said = say("sweep", "digits", "--layers", "8", "--initializer", "zeros,he", "--iterations", 30)
    assert "digits: layers 64-8-10 relu; 30 iterations; gradient descent, learning rate 0.5" in said.words
    assert "! equal, initializer zeros: all 8 units of layer 1 compute the same" in said.words
    assert "initializer zeros: The cost hardly fell, from 2.303 to 2.30" in said.words


def test_a_part_is_held_out_for_validation(say: Say, tmp_path: Path) -> None:
    stopped = ["--monitor", "validation_cost", "--patience", 3, "--optimizer", "adam", "--learning-rate", 0.05]
    said = say("train", "breast-cancer", "--validation", 0.2, *stopped, "--iterations", 500, "--out", "run")
    assert said.status == 0
    assert "monitor validation_cost" in said.words
    assert " are kept, the best by validation cost." in said.words
    run = layerlab.load(tmp_path / "run")
    assert run.plan is not None
    assert run.plan.examples == 455 - 91
    assert len(run.history.validation_costs) == len(run.history.costs) < 500
    said = say(
        "sweep",
        "digits",
        "--layers",
        "none",
        "--validation",
        0.25,
        "--iterations",
        20,
        "--learning-rate",
        "0.5,0.1",
        "--json",
        "-",
    )
    members = json.loads(said.out)["members"]
    assert all(0.5 < row["validation_accuracy"] <= 1 for row in members)
    for share, words in (
        (1.5, "--validation 1.5: wanted a finite number above 0, below 1"),
        (1e-9, "--validation 1e-09: is 0 of"),
    ):
        said = say("train", "digits", "--validation", share)
        assert said.status == 2
        assert said.err.startswith(f"layerlab: {words}")
    said = say("train", "digits", "--monitor", "validation_cost")
    assert said.err.startswith("layerlab: --monitor 'validation_cost' needs a validation set")


def test_a_sweep_over_schedules_with_settings_of_their_own_and_over_none(say: Say) -> None:
    options = ["--schedule", "constant,cosine", "--warmup", "1,2", "--clip-norm", "1,None", "--iterations", 10]
    said = say("sweep", "flower", "--layers", "none", *options, "--json", "-")
    assert said.status == 0
    rows = [(row["schedule"], row["clip_norm"], row["warmup"]) for row in json.loads(said.out)["members"]]
    assert rows[:2] == [("constant", 1.0, None), ("constant", None, None)]
    assert rows[2:] == [("cosine", clip, warmup) for clip in (1.0, None) for warmup in (1.0, 2.0)]
    assert "• schedule constant, clip norm None: The cost got stuck at" in said.words
    assert "• schedule cosine, clip norm 1, warmup 2: The cost got stuck at" in said.words


def test_a_sweep_takes_the_network_that_train_and_rate_take(say: Say) -> None:
    said = say("sweep", "flower", "--seed", "0,1,2", "--iterations", 40, "--json", "-")
    facts = json.loads(said.out)
    assert facts["common"]["network"] == "2-4-1 tanh"
    assert len({row["cost"] for row in facts["members"]}) == 3
    said = say("sweep", "flower", "--layers", "none", "--seed", "0,1", "--iterations", 2, "--json", "-")
    assert len({row["cost"] for row in json.loads(said.out)["members"]}) == 2  # from zeros both would be the same


def test_a_sweep_says_what_a_monitor_kept(say: Say) -> None:
    stopped = ["--monitor", "validation_accuracy", "--patience", 2, "--validation", 0.2, "--layers", 8]
    said = say(
        "sweep", "digits", *stopped, "--learning-rate", "0.5,0.1", "--dropout", 0.1, "--iterations", 150, "--json", "-"
    )
    members = json.loads(said.out)["members"]
    for row in members:
        assert 0 < row["kept_at"] <= row["iterations"]
    assert "kept" in said.words
    assert "best epoch by validation accuracy, after the update in “kept at”; these parameters were kept" in said.words
    assert "Each cost varies because of dropout." in said.words


def test_a_run_of_less_than_an_epoch_does_not_claim_to_have_kept_a_best_one(say: Say) -> None:
    said = say("train", "digits", "--monitor", "cost", "--batch-size", 100, "--iterations", 5, "--clip-norm", "None")
    assert said.status == 0
    assert "No epoch ended, so the last parameters are kept." in said.words


def test_a_name_that_another_training_took_meanwhile_costs_no_run(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from layerlab.evaluating.comparisons import recipe_training

    train_recipe = recipe_training.train_recipe

    def slow(*arguments: Any, **settings: Any) -> Any:
        (tmp_path / "runs" / "flower-1").mkdir(parents=True)
        return train_recipe(*arguments, **settings)

    monkeypatch.setattr(recipe_training, "train_recipe", slow)
    said = say("train", "flower", "--iterations", 3)
    assert said.status == 0
    assert "Saved in runs/flower-2" in said.words
    assert (tmp_path / "runs" / "flower-2" / "run.json").exists()


def test_every_setting_is_an_option(say: Say) -> None:
    from layerlab.settings import SETTINGS

    for command in ("train", "sweep"):
        words = say(command, "--help").words
        for name in SETTINGS:
            assert f"--{name.replace('_', '-')}" in words
    settings = ["--optimizer", "adamw", "--learning-rate", 0.01, "--beta1", 0.8, "--beta2", 0.99, "--epsilon", 1e-6]
    said = say("train", "digits", *settings, "--weight-decay", 0.1, "--iterations", 3, "--batch-size", 500)
    assert "AdamW, learning rate 0.01, beta1 0.8, beta2 0.99, epsilon 1e-06, weight decay 0.1, batch size" in said.words
    assert "Each cost is the mean of 2 iterations." in said.words


def test_explain_says_how_and_trains_nothing(say: Say, tmp_path: Path) -> None:
    said = say(
        "train",
        "digits",
        "--optimizer",
        "adam",
        "--learning-rate",
        0.01,
        "--batch-size",
        32,
        "--epochs",
        2,
        "--explain",
        "--json",
        "p.json",
    )
    assert said.status == 0
    assert "64-32-10, 32 of 1,437 examples per update, 90 updates by Adam, float64" in said.words
    assert "full: 64 features; Adam is not rotation-equivariant" in said.words
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]
    (plan,) = json.loads((tmp_path / "p.json").read_text())["plans"]
    assert (plan["basis"], plan["actual"]) == ("full", {})
    said = say("sweep", "digits", "--layers", "none", "--learning-rate", "0.1,0.2", "--explain")
    assert "2 networks 64-10" in said.words
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]


def test_train_takes_every_setting_of_the_engines(say: Say, tmp_path: Path) -> None:
    said = say(
        "train", "breast-cancer", "--optimizer", "nesterov", "--learning-rate", 0.01, "--momentum", 0.8,
        "--batch-size", 50, "--batch-seed", 3, "--l2", 0.1,
        "--epochs", 4, "--engine", "xla", "--basis", "span", "--dtype", "float64", "--out", "run",
        "--explain",
    )  # fmt: skip
    assert said.status == 0
    said = say(
        "train", "breast-cancer", "--optimizer", "nesterov", "--learning-rate", 0.01, "--momentum", 0.8,
        "--batch-size", 50, "--batch-seed", 3, "--l2", 0.1,
        "--epochs", 4, "--engine", "xla", "--basis", "full", "--dtype", "float32", "--out", "run",
    )  # fmt: skip
    assert said.status == 0
    settings = json.loads((tmp_path / "run" / "run.json").read_text())["settings"]
    assert settings["iterations"] == 40
    assert (settings["optimizer"], settings["momentum"], settings["l2"]) == ("nesterov", 0.8, 0.1)
    assert (settings["engine"], settings["dtype"], settings["batch_seed"]) == ("xla", "float32", 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["train", "digits", "--optimizer", "adam", "--learning-rate", "0.01", "--basis", "span"],
            "--basis 'span': Adam is not rotation-equivariant",
        ),
        (["train", "digits", "--optimizer", "adam"], "optimizer adam: the usual learning rate here, 0.5, is for"),
        (["sweep", "digits", "--optimizer", "rmsprop"], "optimizer rmsprop: the usual learning rate here, 0.5, is"),
        (["train", "digits", "--optimizer", "best"], "--optimizer 'best': wanted one of 'gd', 'momentum'"),
        (["train", "digits", "--momentum", "0.9"], "--momentum 0.9 has no meaning for --optimizer 'gd'"),
        (["train", "digits", "--batch-size", "5000"], "--batch-size 5000: wanted at most the 1437 training examples"),
        (
            ["train", "digits", "--epochs", "3", "--iterations", "3"],
            "--iterations 3, --epochs 3: wanted one of the two",
        ),
        (["sweep", "digits", "--learning-rate", "0.1,fast"], "--learning-rate '0.1,fast': wanted numbers with commas"),
        (["sweep", "digits", "--learning-rate", ""], "--learning-rate '': wanted numbers with commas"),
        (["sweep", "digits", "--batch-size", "32,64"], "--batch-size '32,64': takes one value only"),
        (["sweep", "digits", "--monitor", "cost,validation_cost"], "--monitor 'cost,validation_cost': takes one value"),
        (["sweep", "digits", "--epochs", "3,4"], "--epochs '3,4': takes one value only"),
        (["sweep", "digits", "--clip-norm", "1,never"], "--clip-norm '1,never': wanted numbers with commas"),
        (["sweep", "digits", "--clip-norm", "None,none"], "clip_norm: None is given twice"),
        (
            ["sweep", "digits", "--schedule", "constant,step", "--warmup", "2"],
            "--warmup 2.0 has no meaning for --schedule",
        ),
        (["sweep", "digits", "--seed", "1,2.5"], "--seed '1,2.5': wanted numbers with commas"),
        (["sweep", "digits", "--learning-rate", "0.1,-1"], "--learning-rate -1.0: wanted a finite number above 0"),
        (["sweep", "digits", "--layers", "4,x"], "--layers '4,x': wanted whole numbers above 0"),
        (["sweep", "digits", "--layers", "none", "--memory-gib", "1e-9"], "a network of 650 parameters needs "),
        (["sweep", "nothing"], "no dataset is called 'nothing'"),
    ],
)
def test_requests_of_the_engines_that_are_refused(say: Say, tmp_path: Path, arguments: list[str], words: str) -> None:
    said = say(*arguments)
    assert said.status == 2
    assert said.err.startswith(f"layerlab: {words}")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
def test_doctor_measures_and_the_planner_uses_it(say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from layerlab.training import measuring_speed as measuring

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(measuring, "SECONDS", 0.01)
    monkeypatch.setattr(measuring, "CASES", measuring.CASES[:5])
    assert json.loads(say("doctor", "--json", "-").out)["planner"] == "typical speeds, shipped with layerlab"
    said = say("doctor", "--measure", "--json", "-")
    assert said.status == 0
    assert "measuring numpy: 2-4-1, gd, float64" in said.words
    assert (
        json.loads(said.out)["planner"] == f"speeds measured on this machine ({tmp_path / 'layerlab' / 'machine.json'})"
    )
    assert "(by speeds measured on this machine)" in say("train", "digits", "--explain").words
    (tmp_path / "layerlab" / "machine.json").unlink()
    (tmp_path / "layerlab" / "machine.json").mkdir()
    said = say("doctor", "--measure")
    assert said.status == 1
    assert "cannot be written" in said.err.splitlines()[-1]


def test_a_training_of_a_single_epoch_ends_as_any_other(say: Say) -> None:
    Path("t.csv").write_text("a,y\n" + "".join(f"{k * k % 7},{'uv'[k % 2]}\n" for k in range(40)))
    said = say("train", "t.csv", "--target", "y", "--epochs", 1, "--layers", 2, "--out", "run")
    assert (said.status, said.err) == (0, "")
