"""The page about a run from outside: what it says, that it is sound HTML, and that it loads and runs nothing."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_array_equal

import layerlab
from layerlab import InputError, Network, Run, datasets
from layerlab.datasets import Dataset, Part
from layerlab.reporting.mistakes import strongest
from layerlab.reporting.page import element

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


@pytest.mark.parametrize(
    ("name", "pictures"), [("digits", 3), ("flower", 2), ("breast_cancer", 2)], ids=["digits", "flower", "tumours"]
)
def test_the_page_has_what_training_printed(say: Say, tmp_path: Path, name: str, pictures: int) -> None:
    printed = say("train", name, "--iterations", 80, "--layers", "7", "--out", "run", "--json", "facts.json")
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    said = say("report", "run", "--out", "page.html", "--json", "report.json")
    assert (said.status, said.err) == (0, "")
    assert said.out == "Written to page.html\n"
    page = check_sound((tmp_path / "page.html").read_text(encoding="utf-8"))
    lines = re.split(r" ! | Kept in", " ".join(printed.out.split()))[0]
    assert lines.startswith(f"{name}: ")
    assert lines.endswith(" %)")
    assert lines in page.words
    assert len(page.all("svg")) == pictures
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for fact in ("test_accuracy", "test_interval", "base_rate", "train_accuracy", "costs"):
        assert told[fact] == facts[fact]
    assert np.trace(told["confusion"]) == round(facts["test_accuracy"] * np.sum(told["confusion"]))
    assert f"{100 * told['calibration_error']:.1f} points apart" in page.words
    assert page.inside("h2") == [
        "Data",
        "Network and settings",
        "Plan",
        "Cost",
        "Accuracy",
        "Confusion matrix",
        "Wrong answers",
        "Reliability of the probabilities",
        "Diagnosis",
        "Versions",
        "How to reproduce it",
    ]


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
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
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


def rows_of(page_text: str) -> list[list[str]]:
    part = page_text.split("<h2>Wrong answers</h2>")[1].split("</section>")[0].split("<tbody>")[1]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in part.split("</tr>")[:-1]]


def test_wrong_answers_are_rows_the_surest_first_in_their_own_units(tmp_path: Path) -> None:
    tumours = datasets.load_breast_cancer()
    run = trained(tumours.standardized(), iterations=3)
    page = layerlab.report(run, tumours, tmp_path / "page.html").read_text(encoding="utf-8")
    rows, features = rows_of(page), strongest(run, tumours.standardized())
    X = tumours.standardized().test.X
    predicted, P = run.predict(X)[0], run.predict_proba(X)[0]
    wrong = np.flatnonzero(predicted != tumours.test.Y[0])
    assert {int(row[0]) for row in rows} == set(wrong.tolist())
    assert 0 < len(rows) <= 24
    sure = [float(row[2].split()[0]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    for number, said, share, true, *values in rows:
        i = int(number)
        assert (said, true) == tuple(tumours.class_names[k] for k in (predicted[i], 1 - predicted[i]))
        assert share == f"{100 * max(P[i], 1 - P[i]):.1f} %"
        assert values == [f"{value:.4g}" for value in tumours.test.X[features, i]]
    assert all(tumours.feature_names[j] in page for j in features)
    assert "with the 6 of 30 features that move the first layer most" in page


def test_more_than_24_wrong_answers_and_none(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    page = layerlab.report(trained(flower, iterations=2), flower, tmp_path / "bad.html").read_text(encoding="utf-8")
    assert len(rows_of(page)) == 24
    assert "test examples (counted from 0) are answered wrong; the 24 surest" in page
    blobs = Part(np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0.0, 0.0, 1.0, 1.0]]))
    easy = Dataset("easy", blobs, blobs)
    page = layerlab.report(trained(easy), easy, tmp_path / "good.html").read_text(encoding="utf-8")
    assert "Nothing: every test example got its right class." in check_sound(page).words
    assert "class 0" in page


def test_standardised_images_are_shown_as_they_came(tmp_path: Path) -> None:
    digits = datasets.load_digits()
    run = trained(digits.standardized(), iterations=3)
    text = layerlab.report(run, digits, tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'aria-labelledby="mistakes-title"' in text
    assert "each feature to mean 0 and deviation 1" in text
    with pytest.raises(InputError, match="the data are standardised otherwise than the run's"):
        layerlab.report(trained(digits, iterations=3), digits.standardized(), tmp_path / "other.html")


def test_text_from_data_is_escaped(tmp_path: Path) -> None:
    nasty = '<script>alert("1") & $x$</script>'
    flower = datasets.load_flower()
    data = replace(flower, name=nasty, class_names=(nasty, "</svg>"), feature_names=("<b>", "&amp;"), about=nasty)
    digits = datasets.load_digits()
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
    assert "all 4 units of layer 1 are equal" in words
    assert "Try: random initial weights" in words


def test_versions_are_those_of_the_training(say: Say, tmp_path: Path) -> None:
    assert say("train", "flower", "--iterations", 3, "--out", "run").status == 0
    file = tmp_path / "run" / "run.json"
    record = json.loads(file.read_text(encoding="utf-8")) | {"layerlab": "0.0.7", "numpy": "1.2.3"}
    file.write_text(json.dumps(record), encoding="utf-8")
    assert layerlab.load("run").versions == {"layerlab": "0.0.7", "numpy": "1.2.3"}
    assert say("report", "run").status == 0
    words = Page((tmp_path / "report.html").read_text(encoding="utf-8")).words
    assert f"layerlab 0.0.7 {layerlab.__version__} numpy 1.2.3 {np.__version__}" in words


def test_data_without_a_name_are_named_on_the_command_line(say: Say, tmp_path: Path) -> None:
    X, Y = datasets.load_flower().train
    layerlab.train(Network([2, 1]), (X[:, ::2], Y[:, ::2]), learning_rate=0.1, iterations=3).save("run")
    said = say("report", "run")
    assert said.status == 2
    assert said.err.startswith("layerlab: the run was trained on data without a name: name a dataset with --data, one")
    assert say("report", "run", "--data", "flower").status == 0
    page = check_sound((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "The run was trained on 200 examples, not on these 400." in page.words
    assert "layerlab train" not in page.words  # nothing that would train something else
    assert "data = (X, Y)" in page.words


def test_nothing_is_overwritten(say: Say, tmp_path: Path) -> None:
    assert say("train", "flower", "--iterations", 2, "--out", "run").status == 0
    (tmp_path / "report.html").write_text("mine", encoding="utf-8")
    said = say("report", "run")
    assert said.status == 2
    assert said.err == (
        "layerlab: report.html: is there already, and nothing is overwritten; name another file or remove it\n"
    )
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: no run.json there; wanted a folder that `layerlab train` or Run.save made"),
        (["run", "--data", "dogs"], "no dataset is called 'dogs': wanted one of digits, cats"),
        (["run", "--data", "digits"], "the run tells apart red, blue, the data 0, 1, 2"),
        (["run", "--folder", "."], "flower is not read from files, so a folder (.) does not apply"),
        (["run", "--out", "missing/page.html"], "missing/page.html: cannot be written (No such file or directory)"),
        (["run", "--out", "."], ".: is there already"),
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


def test_runs_that_have_no_answers(tmp_path: Path) -> None:
    flower, digits = datasets.load_flower(), datasets.load_digits()
    values = layerlab.train(Network([2, 1], output="identity"), flower, learning_rate=0.1, iterations=2)
    run = trained(flower, iterations=2)
    diverged = replace(run, parameters={**run.parameters, "b1": np.array([[np.inf]])})
    nameless = replace(run, class_names=())
    wrong: list[tuple[Run, Any, str]] = [
        (values, flower, "the run does not give each example one class: wanted a classifier"),
        (diverged, flower, "the run diverged, it gives no answers to report on"),
        (nameless, digits, "X has 64 features (shape (64, 1437)), the network takes 2"),
        (run, flower.train, "data is Part: wanted a Dataset, with a training and a test part"),
    ]
    for some, data, words in wrong:
        with pytest.raises(InputError) as caught:
            layerlab.report(some, data, tmp_path / "page.html")
        assert str(caught.value).startswith(words)
    assert list(tmp_path.iterdir()) == []
