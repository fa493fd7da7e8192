"""The page about a run from outside: what it says, that it is sound HTML, and that it loads and runs nothing."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from narrow_window import check_fits
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

import layerlab
from layerlab import InputError, Network, Run, datasets
from layerlab.datasets import Dataset, Part
from layerlab.datasets.describing import split_in_words
from layerlab.datasets.part import Notice, Source
from layerlab.datasets.preparing.learning_encoders import learn_encoders
from layerlab.datasets.preparing.split_table import Raw
from layerlab.datasets.tabular.splitting import Split
from layerlab.datasets.tabular.table import Column, Table
from layerlab.evaluating.class_scores import recall_and_precision
from layerlab.evaluating.explanations.input_groups import cell_text
from layerlab.evaluating.statistics import wilson_interval
from layerlab.reporting.example_columns import strongest_columns
from layerlab.reporting.page import element
from layerlab.reporting.reported_run import ReportedRun
from layerlab.runs.how_to_repeat import train_command
from layerlab.runs.summary import answer_lines, evidence_lines, trouble_lines

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

VOID = {"meta", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """A parsed page; tags that do not close as they opened fail the test."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute stands twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, f"<{tag}/> is no HTML"
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def inside(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(text for tag, text in self.texts if tag != "style").split())


def check_sound(text: str) -> Page:
    """Everything that holds for any page."""
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.all("html") == [{"lang": "en"}]
    assert {"charset": "utf-8"} in page.all("meta")
    headings = [tag for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "link", "img")
        for name, value in attributes.items():
            assert not name.startswith("on"), "nothing runs"
            if name.split(":")[-1] in ("src", "href"):
                assert re.match(r"#|data:image/png;base64,", value or ""), value
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
    for target in re.findall(r'(?:href="|url\()#([^")]+)', text):
        assert target in ids
    for drawing in page.all("svg"):
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"] in ids
    assert all(page.inside("title"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert "http:" not in text.replace("http-equiv", "")
    assert "https:" not in text
    return page


def trained(data: Dataset, *hidden: int, **settings: Any) -> Run:
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 60, "progress": False, **settings}
    return layerlab.train(Network((data.n_x, *hidden, data.n_y), hidden="tanh"), data, **arguments)


def few_digits() -> Dataset:
    """A tenth of the digits: a page about them has everything that a page about images has."""
    digits = datasets.load_digits()
    train, test = (Part(part.X[:, ::10], part.Y[:, ::10]) for part in (digits.train, digits.test))
    return replace(digits, train=train, test=test)


PICTURES_FIRST = {
    "digits": ["Wrong predictions", "Confusion matrix"],
    "flower": ["Decision boundary", "Confusion matrix"],
    "breast_cancer": ["Confusion matrix"],
}
"""Sections that follow the scores."""


@pytest.mark.parametrize(
    ("name", "pictures"), [("digits", 8), ("flower", 7), ("breast_cancer", 5)], ids=["digits", "flower", "tumours"]
)
def test_the_page_has_what_training_printed(say: Say, tmp_path: Path, name: str, pictures: int) -> None:
    printed = say("train", name, "--iterations", 80, "--layers", "7", "--out", "run", "--json", "facts.json")
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    said = say("report", "run", "--out", "page.html", "--json", "report.json")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Saved in page.html: open it in a browser.\nNext: layerlab explain run")
    page = check_sound((tmp_path / "page.html").read_text(encoding="utf-8"))
    run = layerlab.load("run")
    for sentence in (*answer_lines(run, facts), *evidence_lines(run, facts), *trouble_lines(run, facts)):
        sentence = re.sub(r" Fitting the trees took .*", "", sentence)  # times differ
        assert " ".join(sentence.split()) in " ".join(printed.out.split())
        assert " ".join(sentence.split()) in page.words
    assert len(page.all("svg")) == pictures
    reported = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for fact in ("test_accuracy", "test_interval", "base_rate", "train_accuracy", "costs", "baseline"):
        assert reported[fact] == facts[fact]
    assert np.trace(reported["confusion"]) == round(facts["test_accuracy"] * np.sum(reported["confusion"]))
    assert f"the two differ within a bin by {100 * reported['calibration_error']:.1f} points on average" in page.words
    titles = page.inside("h2")
    if facts["diagnosis"]:
        assert titles.pop(0) == "What went wrong and what to try"
    elif trouble_lines(run, facts):
        titles.remove("Problems and what to try")
    assert titles == [
        "Accuracy",
        *PICTURES_FIRST[name],
        "Cost curve",
        *(["What each unit sees"] if name != "breast_cancer" else []),
        "What the predictions depend on",
        "Single predictions explained" if name == "digits" else "One prediction explained",
        *([] if name == "digits" else ["Wrong predictions"]),
        "ROC and precision-recall curves",
        "Reliability of the probabilities",
        "Data",
        *(["What the network sees"] if name == "digits" else []),
        "Network and settings",
        "For experts: how it was computed",
        "Versions",
        "How to repeat this training",
    ]


def settings_listed(page: Page) -> list[str]:
    """The settings in the table of settings, in their order."""
    words = page.words.split("setting value meaning")[1].split("Settings that are not listed")[0]
    return re.findall(r"\b(?:optimizer|learning rate|beta1|epsilon|l2|dropout|warmup|weight decay|engine)\b", words)


def test_settings_that_are_off_or_usual_are_not_listed(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    plain, adam = trained(flower, 3), trained(flower, 3, optimizer="adamw", l2=0.5, weight_decay=0.2, engine="numpy")
    pages = [
        check_sound(layerlab.report(run, flower, tmp_path / f"{k}.html").read_text(encoding="utf-8"))
        for k, run in enumerate((plain, adam))
    ]
    assert settings_listed(pages[0]) == ["optimizer", "learning rate"]
    assert settings_listed(pages[1]) == ["optimizer", "learning rate", "l2", "weight decay", "engine"]
    titles = pages[0].inside("h2")
    assert titles[-4:] == [
        "Network and settings",
        "For experts: how it was computed",
        "Versions",
        "How to repeat this training",
    ]


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"initializer": "zeros"}, "equal"),
        ({"learning_rate": 300.0}, "saturated"),
        ({"learning_rate": 1e-5}, "stuck"),
        ({"learning_rate": 1e200, "hidden": "relu"}, "diverged"),
    ],
    ids=["equal", "saturated", "stuck", "diverged"],
)
def test_of_a_run_that_failed_cause_and_remedy_come_first(tmp_path: Path, settings: dict[str, Any], kind: str) -> None:
    flower = datasets.load_flower()
    network = Network([2, 4, 1], hidden=settings.pop("hidden", "tanh"))
    chosen = {"learning_rate": 1.2, "iterations": 300, "progress": False, **settings}
    run = layerlab.train(network, flower, **chosen)
    (finding,) = run.diagnosis
    assert finding.kind == kind
    page = check_sound(layerlab.report(run, flower, tmp_path / "page.html").read_text(encoding="utf-8"))
    titles = page.inside("h2")
    assert titles[0] == "What went wrong and what to try"
    assert "Problems and what to try" not in titles
    start = page.words.split("What went wrong and what to try")[1]
    assert start.index(finding.cause) < start.index(finding.remedy) < start.index(titles[1])
    assert page.words.count(finding.remedy) == 1
    command = train_command(run, finding.changes)
    for name, value in finding.changes.items():
        assert f"--{name.replace('_', '-')} {value}" in command or (name, value) == ("standardize", True)
    assert (f"As a command: {command}" in start) == bool(finding.changes)
    if kind == "diverged":  # there is nothing to score
        assert titles[1:] == [
            "Cost curve",
            "Data",
            "Network and settings",
            "For experts: how it was computed",
            "Versions",
            "How to repeat this training",
        ]
        assert "nan" not in page.words


@pytest.mark.processes
@pytest.mark.parametrize("name", ["digits", "flower", "breast_cancer", "own"])
def test_a_telephone_shows_all_of_the_page(tmp_path: Path, name: str) -> None:
    data = own_table(classes=False) if name == "own" else datasets.load_dataset(name)
    rate = 0.01 if name == "own" else 0.3
    run = replace(trained(data, 5, iterations=5, learning_rate=rate), preparation=data.preparation)
    check_fits(layerlab.report(run, data, tmp_path / "page.html").read_text(encoding="utf-8"), tmp_path)


def test_the_confusion_matrix_counts_every_test_example(tmp_path: Path) -> None:
    digits = datasets.load_digits()
    run = trained(digits, 12)
    text = layerlab.report(run, digits, tmp_path / "page.html").read_text(encoding="utf-8")
    part = text.split("<h2>Confusion matrix</h2>")[1].split("</section>")[0]
    truth, predicted = digits.test.Y.argmax(axis=0), run.predict(digits.test.X)[0]
    for i, row in enumerate(part.split("<tbody>")[1].split("</tr>")[:10]):
        cells = re.findall(r"<td>(.*?)</td>", row)
        counts = [int(re.sub(r"<small>.*</small>", "", cell).split(">")[1].split("<")[0]) for cell in cells[:-1]]
        assert counts == [int(((truth == i) & (predicted == j)).sum()) for j in range(10)]
        assert int(cells[-1]) == sum(counts)
        assert f"<small>{100 * counts[i] / sum(counts):.0f} %</small>" in cells[i]


@pytest.mark.parametrize("name", ["digits", "breast_cancer"])
def test_what_it_says_about_reproducing_gives_the_same_weights(say: Say, tmp_path: Path, name: str) -> None:
    options = ["--optimizer", "adam", "--learning-rate", 0.003, "--epochs", 2, "--batch-size", 100, "--beta1", 0.8]
    assert say("train", name, "--layers", "6,5", "--hidden", "tanh", *options, "--out", "run").status == 0
    assert say("report", "run").status == 0
    page = Page((tmp_path / "run.html").read_text(encoding="utf-8"))
    command, lines = page.inside("pre")[1:]
    words = shlex.split(command)
    assert words[:3] == ["layerlab", "train", name]
    assert say(*words[1:], "--out", "again").status == 0
    room: dict[str, Any] = {}
    exec(lines, room)  # noqa: S102 (the page's own words)
    run = layerlab.load("run")
    for other in (layerlab.load("again"), room["run"]):
        for key, value in run.parameters.items():
            assert_array_equal(other.parameters[key], value)


def test_a_share_that_was_held_out_is_held_out_again(say: Say, tmp_path: Path) -> None:
    options = ["--validation", 0.25, "--monitor", "validation_cost", "--patience", 4, "--iterations", 60]
    assert say("train", "breast-cancer", *options, "--out", "run", "--json", "facts.json").status == 0
    assert say("report", "run", "--json", "report.json").status == 0
    facts, told = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("facts.json", "report.json"))
    assert told["train_accuracy"] == facts["train_accuracy"]
    page = check_sound((tmp_path / "run.html").read_text(encoding="utf-8"))
    n = 455 - round(0.25 * 455)
    share = f"{100 * facts['train_accuracy']:.1f} %"
    assert f"this network, on its training set {share} {round(facts['train_accuracy'] * n)} of {n}" in page.words
    assert "validation set 25.0 % of the training set, split off at random (seed 0)" in page.words
    command, lines = page.inside("pre")[1:]
    assert " --validation 0.25 " in command
    assert say(*shlex.split(command)[1:], "--out", "again").status == 0
    room: dict[str, Any] = {}
    exec(lines, room)  # noqa: S102 (the page's own words)
    run = layerlab.load("run")
    for other in (layerlab.load("again"), room["run"]):
        assert_array_equal(other.history.validation_costs, run.history.validation_costs)
        assert_array_equal(other.parameters["W1"], run.parameters["W1"])
        assert other.held_out == run.held_out == (0.25, 0)


def test_what_the_command_line_cannot_repeat_is_not_said_to_be(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    dealt, held_out = datasets.hold_out(flower, 0.5, seed=7)
    start = trained(flower, 3).parameters
    runs = {
        "weights": (trained(flower, 3, sample_weight=np.arange(1.0, 401)), "The examples had weights of their own"),
        "start": (trained(flower, 3, parameters=start), "It started from given parameters, which a run does not keep"),
        "seed": (trained(dealt, 3, validation=held_out), "hold_out(data, 0.5, seed=7)"),
        "other": (
            trained(flower, 3, validation=held_out, monitor="validation_cost"),
            "It was monitored on a validation",
        ),
        "output": (layerlab.train(Network([2, 1], output="huber"), flower, learning_rate=0.1, iterations=2), "'huber'"),
    }
    for name, (run, words) in runs.items():
        text = layerlab.report(run, flower, tmp_path / f"{name}.html").read_text(encoding="utf-8")
        page = check_sound(text)
        assert words in page.words
        assert "layerlab train" not in page.words
        assert "layerlab.datasets.load_dataset('flower')" in page.words
        lines = page.inside("pre")[-1]
        assert ("sample_weight=sample_weight" in lines) == (name == "weights")
        assert ("parameters=parameters" in lines) == (name == "start")
        assert ("validation=validation" in lines) == (name in ("seed", "other"))


def test_an_argument_without_an_option_is_in_the_lines_of_python_alone(tmp_path: Path) -> None:
    for number in range(12):
        place = tmp_path / "photos" / ("odd" if number % 2 else "even") / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), 20 * number, np.uint8)).save(place)
    data = datasets.load_images(tmp_path / "photos", limit=4)
    page = Page(layerlab.report(trained(data, iterations=2), data, tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "limit=4" in page.inside("pre")[-1]
    assert "layerlab train" not in page.words


def values(n_y: int = 1) -> Dataset:
    """Sums of features with noise, in units of their own; the test part is small."""
    random = np.random.RandomState(0)
    X = 100 + 10 * random.randn(4, 90)
    Y = (X[:n_y] - X[1 : n_y + 1]) / 10 + 0.2 * random.randn(n_y, 90)
    return Dataset("sums", Part(X[:, :60], Y[:, :60]), Part(X[:, 60:], Y[:, 60:]), feature_names=tuple("abcd"))


@pytest.mark.parametrize(("n_y", "output"), [(1, "identity"), (3, "huber")])
def test_a_regression_has_errors_and_residuals_in_place_of_a_confusion_matrix(
    tmp_path: Path, n_y: int, output: str
) -> None:
    from scipy.stats import ttest_1samp
    from sklearn.metrics import mean_absolute_error, r2_score

    data = values(n_y).standardized()
    network = Network([4, 6, n_y], hidden="tanh", output=output)
    run = layerlab.train(network, data, learning_rate=0.1, iterations=800, progress=False)
    facts = ReportedRun(run, data).facts
    for part, name in ((data.train, "train"), (data.test, "test")):
        assert facts[f"{name}_r2"] == pytest.approx(r2_score(part.Y.T, run.predict(part.X).T))
        assert facts[f"{name}_error"] == pytest.approx(mean_absolute_error(part.Y.T, run.predict(part.X).T))
    off = np.abs(data.test.Y - run.predict(data.test.X)).mean(axis=0)
    assert_allclose(facts["test_error_interval"], ttest_1samp(off, 0.0).confidence_interval(0.95))
    page = check_sound(layerlab.report(run, values(n_y), tmp_path / "page.html").read_text(encoding="utf-8"))
    titles = page.inside("h2")
    assert titles[:2] == ["Errors", "Predicted and true values"]
    assert titles[titles.index("Cost curve") :][1:5] == [
        "Residuals",
        "What the predictions depend on",
        "One prediction explained",
        "Largest errors",
    ]
    assert not {"Confusion matrix", "Wrong predictions", "Accuracy"} & set(titles)
    assert len(page.all("svg")) == 5
    low, high = facts["test_error_interval"]
    interval = f"{max(low, 0):.4g} to {high:.4g}"
    assert "Errors on the 30 test examples" in page.words
    assert f"this network {facts['test_error']:.4g} {interval} {facts['test_r2']:.3f}" in page.words
    assert f"this network, on its training set {facts['train_error']:.4g} – {facts['train_r2']:.3f}" in page.words
    worst = int(off.argmax())
    raw = " ".join(f"{value:.4g}" for value in values(n_y).test.X[:, worst])
    answers, truth = (", ".join(f"{v:.4g}" for v in Y[:, worst]) for Y in (run.predict(data.test.X), data.test.Y))
    assert f"{worst} {answers} {truth} {off[worst]:.4g} {raw}" in page.words
    assert "values" in page.words
    assert "Base rate" not in page.words


def test_a_regression_on_labels_by_name_and_on_one_example(say: Say, tmp_path: Path) -> None:
    flower = datasets.load_flower()
    run = layerlab.train(Network([2, 4, 1], output="identity"), flower, learning_rate=0.1, iterations=50)
    run.save("run")
    assert say("report", "run", "--json", "facts.json").status == 0
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert {"test_r2", "test_error", "median_error"} <= facts.keys()
    assert "test_accuracy" not in facts
    X, Y = flower.test
    single = replace(flower, test=Part(X[:, :1], Y[:, :1]))
    words = check_sound(layerlab.report(run, single, tmp_path / "one.html").read_text(encoding="utf-8")).words
    assert "nan" not in words


def rows_of(page_text: str) -> list[list[str]]:
    part = page_text.split("<h2>Wrong predictions</h2>")[1].split("</section>")[0].split("<tbody>")[1]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in part.split("</tr>")[:-1]]


def test_wrong_predictions_are_rows_the_most_confident_first_in_their_own_units(tmp_path: Path) -> None:
    tumours = datasets.load_breast_cancer()
    run = trained(tumours.standardized(), iterations=20)
    page = layerlab.report(run, tumours, tmp_path / "page.html").read_text(encoding="utf-8")
    rows, features = rows_of(page), strongest_columns(run, tumours.standardized())
    X = tumours.standardized().test.X
    predicted, P = run.predict(X)[0], run.predict_proba(X)[0]
    wrong = np.flatnonzero(predicted != tumours.test.Y[0])
    assert {int(row[0]) for row in rows} == set(wrong.tolist())
    assert 0 < len(rows) <= 12
    sure = [float(row[2].split()[0]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    for number, said, share, true, *values in rows:
        i = int(number)
        assert (said, true) == tuple(tumours.class_names[k] for k in (predicted[i], 1 - predicted[i]))
        assert share == f"{100 * max(P[i], 1 - P[i]):.1f} %"
        assert values == [f"{value:.4g}" for value in tumours.test.X[features, i]]
    assert all(tumours.feature_names[j] in page for j in features)
    assert "with the 6 of 30 features that affect the first layer most" in page


def test_more_than_12_wrong_predictions_and_none(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    page = layerlab.report(trained(flower, iterations=2), flower, tmp_path / "bad.html").read_text(encoding="utf-8")
    assert len(rows_of(page)) == 12
    assert "test examples (counted from 0) are classified wrong; these are the 12 most confident ones" in page
    blobs = Part(np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0.0, 0.0, 1.0, 1.0]]))
    easy = Dataset("easy", blobs, blobs)
    page = layerlab.report(trained(easy), easy, tmp_path / "good.html").read_text(encoding="utf-8")
    assert "There are none: all test examples are classified correctly." in check_sound(page).words
    assert "class 0" in page


def test_standardised_images_are_shown_as_they_came(tmp_path: Path) -> None:
    digits = few_digits()
    run = trained(digits.standardized(), iterations=3)
    text = layerlab.report(run, digits, tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'aria-labelledby="mistakes-title"' in text
    assert "each feature to mean 0 and standard deviation 1, as measured on the training set" in text
    with pytest.raises(InputError, match="the data are standardised otherwise than the run's"):
        layerlab.report(trained(digits, iterations=3), digits.standardized(), tmp_path / "other.html")


def test_text_from_data_is_escaped(tmp_path: Path) -> None:
    nasty = '<script>alert("1") & $x$</script>'
    flower = datasets.load_flower()
    data = replace(flower, name=nasty, class_names=(nasty, "</svg>"), feature_names=("<b>", "&amp;"), about=nasty)
    digits = few_digits()
    images = replace(digits, class_names=(nasty, *digits.class_names[1:]))
    for number, named in enumerate((data, images)):
        run = trained(named, iterations=3)
        text = layerlab.report(run, named, tmp_path / f"{number}.html").read_text(encoding="utf-8")
        assert nasty in check_sound(text).words
        assert "<script" not in text.lower()
    assert element("p", "<", title='"') == '<p title="&quot;">&lt;</p>'


def test_a_validation_part_gets_a_curve_of_its_own(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    run = trained(flower, 3, validation=flower.test, batch_size=100, l2=0.1)
    words = check_sound(layerlab.report(run, flower, tmp_path / "page.html").read_text(encoding="utf-8")).words
    assert "cost on the training and the validation set, means of 4 iterations" in words
    assert "validation set" in words
    assert "with the L2 penalty" in words


def test_a_calibrated_and_a_sick_run_say_so(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    run = layerlab.calibrate(trained(flower, 4, initializer="zeros"), flower.test).run
    words = Page(layerlab.report(run, flower, tmp_path / "page.html").read_text(encoding="utf-8")).words
    assert f"the last layer was divided by the temperature {run.temperature:.4g}." in words
    assert "All 4 units of layer 1 compute the same" in words
    assert "Try: initializer 'he'" in words


def test_versions_are_those_of_the_training(say: Say, tmp_path: Path) -> None:
    assert say("train", "flower", "--iterations", 3, "--out", "run").status == 0
    file = tmp_path / "run" / "run.json"
    record = json.loads(file.read_text(encoding="utf-8")) | {"layerlab": "0.0.7", "numpy": "1.2.3"}
    file.write_text(json.dumps(record), encoding="utf-8")
    assert layerlab.load("run").versions == {"layerlab": "0.0.7", "numpy": "1.2.3"}
    assert say("report", "run").status == 0
    words = Page((tmp_path / "run.html").read_text(encoding="utf-8")).words
    assert f"layerlab 0.0.7 {layerlab.__version__} numpy 1.2.3 {np.__version__}" in words


def test_data_without_a_name_are_named_on_the_command_line(say: Say, tmp_path: Path) -> None:
    X, Y = datasets.load_flower().train
    layerlab.train(Network([2, 1]), (X[:, ::2], Y[:, ::2]), learning_rate=0.1, iterations=3).save("run")
    said = say("report", "run")
    assert said.status == 2
    assert said.err.startswith(
        "layerlab: the run was trained on data without a name: name the data with --data, a path or"
    )
    assert say("report", "run", "--data", "flower").status == 0
    page = check_sound((tmp_path / "run.html").read_text(encoding="utf-8"))
    assert "The run was trained on 200 examples, not on these 400." in page.words
    assert "layerlab train" not in page.words  # nothing that would train something else
    assert "data = (X, Y)" in page.words


def test_nothing_is_overwritten(say: Say, tmp_path: Path) -> None:
    assert say("train", "flower", "--iterations", 2, "--out", "run").status == 0
    (tmp_path / "run.html").write_text("mine", encoding="utf-8")
    said = say("report", "run")
    assert said.status == 2
    assert said.err == (
        "layerlab: run.html: is there already, and nothing is overwritten; name another file or remove it\n"
    )
    assert (tmp_path / "run.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: no run.json there; wanted a folder that `layerlab train` or Run.save made"),
        (["run", "--data", "dogs"], "no dataset is called 'dogs': wanted one of digits, cats"),
        (["run", "--data", "digits"], "the run's classes are red, blue, the data's 0, 1, 2"),
        (["run", "--folder", "."], "flower is not read from files, so a folder (.) does not apply"),
        (["run", "--out", "missing/page.html"], "missing/page.html: cannot be written (No such file or directory)"),
        (["run", "--out", "."], ".: is there already"),
        (["run", "--out", "a", "--json", "a"], "a: is the place of --out too; name another one for --json"),
        (["run", "--data", ""], "no dataset is called '': wanted one of digits, cats"),
        (["run", "--out", "x" * 300], "x" * 300),
        (["damaged"], "damaged/run.json: is damaged"),
    ],
)
def test_wrong_requests_get_one_sentence_and_leave_nothing(
    say: Say, tmp_path: Path, arguments: list[str], words: str
) -> None:
    assert say("train", "flower", "--iterations", 2, "--out", "run").status == 0
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"")
    said = say("report", *arguments)
    assert said.status == 2
    assert said.err.startswith(f"layerlab: {words}")
    assert said.err.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"run", "damaged"}


def test_runs_that_cannot_be_reported_on(tmp_path: Path) -> None:
    flower, digits = datasets.load_flower(), datasets.load_digits()
    X, Y = flower.train
    labels = layerlab.train(Network([2, 2], output="sigmoid"), (X, np.vstack([Y, Y])), learning_rate=0.1, iterations=2)
    run = trained(flower, iterations=2)
    nameless = replace(run, class_names=())
    wrong: list[tuple[Run, Any, str]] = [
        (labels, flower, "the run predicts several labels for each example: wanted one class or values"),
        (nameless, digits, "X has 64 features (shape (64, 1437)), the network takes 2"),
        (run, flower.train, "data is Part: wanted a Dataset with a training set and a test set, such as"),
    ]
    for some, data, words in wrong:
        with pytest.raises(InputError) as caught:
            layerlab.report(some, data, tmp_path / "page.html")
        assert str(caught.value).startswith(words)
    assert list(tmp_path.iterdir()) == []


class Preparation:
    """Of a table with a number and a category, as the page asks for it."""

    columns = ("size", "town")
    groups = (slice(0, 1), slice(1, 4))
    feature_names = ("size", "town=A", "town=B", "town=C")

    def __init__(self, columns: Sequence[Column]) -> None:
        self.encoders = learn_encoders(columns)

    def described(self) -> list[dict[str, Any]]:
        return [
            {"column": "size", "kind": "number", "what is done": "mean 0, deviation 1"},
            {"column": "town", "kind": "category", "what is done": "a row a town"},
        ]


def own_table(classes: bool) -> Dataset:
    """A table with its rows' numbers, notices and a split."""
    random = np.random.RandomState(0)
    size, town = random.randn(80), random.randint(0, 3, 80)
    X = np.vstack([size, np.eye(3)[:, town]])
    Y = (np.where(size + town > 1, 1.0, 0.0) if classes else 10 * size + town)[None] + 0.0
    columns = (
        Column("size", "number", 100 + 10 * size),
        Column("town", "category", np.array(["<A>", "B", None], object)[town]),
        Column("price", "truth" if classes else "number", Y[0]),
    )
    train, test = np.arange(50), np.arange(50, 80)
    rows = np.arange(1001, 1081)
    notices = (
        Notice("identifier", "id", "Column 'id' names rows and was left out.", left_out=True),
        Notice("missing", "town", "Column 'town' is missing in some rows, such as row 1003.", (1003,)),
    )
    return Dataset(
        "mine",
        Part(X[:, train], Y[:, train]),
        Part(X[:, test], Y[:, test]),
        feature_names=Preparation.feature_names,
        class_names=("cheap", "dear") if classes else (),
        called=(rows[train], rows[test]),
        preparation=Preparation(columns[:2]),  # type: ignore[arg-type]
        raw=Raw(Table(columns, rows), "price", train, test, Split(share=0.375, seed=7), Preparation.columns),
        source=Source("houses.csv", {}, "ab" * 32),
        notices=notices,
    )


@pytest.mark.parametrize("classes", [True, False])
def test_data_of_ones_own_are_said_in_the_words_of_the_file(tmp_path: Path, classes: bool) -> None:
    data = own_table(classes)
    settings = {} if classes else {"learning_rate": 0.01}
    run = replace(trained(data, iterations=3, **settings), preparation=data.preparation)
    facts = ReportedRun(run, data).facts
    page = check_sound(layerlab.report(run, data, tmp_path / "page.html").read_text(encoding="utf-8"))
    titles = page.inside("h2")
    assert titles[titles.index("Data") + 1] == "How the data were prepared"
    for words in (
        "Read from houses.csv, whose SHA-256 begins with abababababab.",
        "The test set is 37.5 % of the rows, split at random (seed 7).",
        "Left out: Column 'id' names rows and was left out.",
        "Noticed: Column 'town' is missing in some rows, such as row 1003.",
        "town category a row a town",
        "(by their rows in the file)",
    ):
        assert words in page.words
    off = np.abs(run.predict(data.test.X) - data.test.Y)[0]
    worst = int(off.argmax()) if not classes else None
    assert data.raw is not None
    if worst is not None:
        cells = [cell_text(data.raw.table[name], 50 + worst) for name in ("size", "town")]
        assert f"{1051 + worst} {run.predict(data.test.X)[0, worst]:.4g} {data.test.Y[0, worst]:.4g}" in page.words
        assert " ".join(cells) in page.words
    assert {one["name"] for one in facts["importance"]["columns"]} == {"size", "town"}
    assert facts["data"]["split"] == {"share": 0.375, "seed": 7, "group": None, "time": None, "given": False}
    json.dumps(facts, default=float)


def test_how_rows_were_dealt_in_words() -> None:
    assert split_in_words(Split(0.2, seed=3)) == "split at random (seed 3)"
    assert split_in_words(Split(0.2, time="day")) == "split by time: the last 20.0 % by 'day'"
    assert (
        split_in_words(Split(0.2, group="house")) == "split at random (seed 0), rows with the same 'house' in one set"
    )
    assert split_in_words(Split(0.25, given=True)) == "given as a file of its own"


def test_images_from_files_have_their_names(tmp_path: Path) -> None:
    digits = few_digits()
    files = tuple(np.array([f"{part}-{k}.png" for k in range(m)]) for part, m in (("train", 144), ("test", 36)))
    named = replace(digits, called=(files[0], files[1]))
    page = check_sound(layerlab.report(trained(named, iterations=20), named, tmp_path / "page.html").read_text("utf-8"))
    assert re.search(r"test-\d+\.png", page.words)


def test_recall_and_precision_come_with_intervals() -> None:
    facts = recall_and_precision([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
    assert (facts[0]["recall"], facts[0]["precision"]) == (0.8, 8 / 9)
    assert facts[1]["precision_interval"] == list(wilson_interval(9, 11))
    assert facts[2] == {"recall": None, "recall_interval": None, "precision": None, "precision_interval": None}
