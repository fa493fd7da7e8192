"""``layerlab step`` and the text of one iteration: what it says, that its numbers are right, and what it refuses."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from matplotlib.patches import Rectangle
from plain_words import LONGEST, MEAN, screen_prose, sentences, words, wrong_terms
from small_data import write_photos, write_table

import layerlab
from layerlab import InputError, Network, Stepper
from layerlab.datasets import load_digits, load_flower
from layerlab.formulas import LOSSES, OPTIMIZERS
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.iteration_layout import detailed, number
from layerlab.training.dissection.iteration_words import LOSS_FORMULAS, iteration_text
from layerlab.training.dissection.update_words import STEPS

COURSE: dict[str, Any] = {
    "learning_rate": 1.2,
    "iterations": 100,
    "initializer": "normal",
    "seed": 3,
    "engine": "numpy",
}
"""The settings of the course's flower."""

STAGES = ["1 Forward", "2 Cost", "3 Backward", "4 Update"]


def iteration_of(at: int = 0, hidden: Any = "tanh", dims: Any = (2, 4, 1), **settings: Any) -> Anatomy:
    """An iteration of a network on the flower."""
    stepper = Stepper(Network(dims, hidden=hidden), load_flower(), **COURSE | settings)
    stepper.advance(at) if at else None
    return stepper.dissect()


def one_line(text: str) -> str:
    return " ".join(text.split())


# The text


def test_the_first_iteration_of_the_course_s_flower() -> None:
    """The numbers are worked out here once more, from the weights of the course and one example."""
    X, Y = load_flower().train
    W1, x = np.random.RandomState(3).randn(4, 2) * 0.01, X[:, 0]
    text = one_line(iteration_of().text())
    assert "network 2-4-1, m = 400 training examples." in text
    assert "Z1 = W1 X + b1 (4, 2) @ (2, 400) + (4, 1) → (4, 400) A1 = tanh(Z1) (4, 400)" in text
    assert "Z2 = W2 A1 + b2 (1, 4) @ (4, 400) + (1, 1) → (1, 400) A2 = sigmoid(Z2) (1, 400)" in text
    assert "dZ2 = A2 − Y (1, 400) dW2 = 1/m dZ2 A1ᵀ (1, 400) @ (400, 4) → (1, 4)" in text
    assert "dZ1 = W2ᵀ dZ2 * (1 − A1²) (4, 1) @ (1, 400) → (4, 400)" in text
    for row, (w, value) in enumerate(zip(W1[0], x, strict=True), start=1):
        assert f"{row} {number(w)} {number(value)} {number(w * value)}{' ← w' if row == 1 else ''}" in text
    z = float(W1[0] @ x)
    assert f"z {number(z)} Its activation is a = tanh(z) = {number(math.tanh(z))}." in text
    assert Y[0, 0] == 0
    assert "y = 0; the network predicts a = 0.5001, so its loss is 0.6933. The cost J is the mean of the 400" in text
    assert "W1 = W1 − α dW1 and so on" in text
    assert "so it fell by" in text


def test_the_stages_come_in_their_order_and_print_says_the_same() -> None:
    anatomy = iteration_of()
    assert [line[: len(stage)] for line, stage in zip(headings(str(anatomy)), STAGES, strict=True)] == STAGES
    assert str(anatomy) == anatomy.text() == iteration_text(anatomy.facts())


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\d [A-Z]", line)]


@pytest.mark.parametrize("width", [50, 80])
def test_it_fits_a_terminal(width: int) -> None:
    for anatomy, longest in ((iteration_of(), 45), (iteration_of(3, optimizer="adamw"), 53), (of_many_inputs(), 60)):
        lines = iteration_text(anatomy.facts(), width).splitlines()
        assert max(map(len, lines)) <= width
        assert len(lines) <= (longest if width == 80 else 1.6 * longest)


def of_many_inputs() -> Anatomy:
    """The first iteration of the network that the course has for cats, on noise."""
    random = np.random.RandomState(0)
    data = random.rand(12288, 12), np.array([[0.0, 1.0] * 6])
    how: dict[str, Any] = {"learning_rate": 0.0075, "iterations": 10, "initializer": "lecun", "basis": "full"}
    return Stepper(Network([12288, 20, 7, 5, 1]), data, **how).dissect()


def test_of_many_inputs_the_largest_terms_are_shown_and_the_sum_of_the_others() -> None:
    anatomy = of_many_inputs()
    text, summed = one_line(anatomy.text()), anatomy.sum_of(layer=1, unit=1)
    products = sorted(summed.terms, key=lambda row: -abs(row[-1]))
    for row in products[:5]:
        assert f" {row[0]} {number(row[1])} {number(row[2])} {number(row[3])} " in text
    own = summed.terms[0]
    rest = number(math.fsum(row[-1] for row in products[5:]) - own[3])
    assert (
        f" 1 {number(own[1])} {number(own[2])} {number(own[3])} ← w 12,282 others {rest} b 0 z {number(summed.z)} "
        in text
    )


def test_of_a_deep_network_only_some_layers_are_shown() -> None:
    text = one_line(iteration_of(dims=(2, 5, 4, 3, 5, 6, 4, 1)).text(layer=3, unit=2))
    assert re.findall(r"\bZ\d = ", text.split("3 Backward")[0]) == ["Z1 = ", "Z3 = ", "Z4 = ", "Z7 = "]
    assert "… layer 2 in the same way" in text
    assert "… layers 5 to 6 in the same way" in text


def test_its_sentences_are_plain() -> None:
    texts = [
        iteration_text(iteration_of(3, **how).facts(), 10_000)
        for how in (
            {},
            {
                "optimizer": "adamw",
                "batch_size": 32,
                "dropout": 0.2,
                "l2": 1.0,
                "schedule": "cosine",
                "clip_norm": 0.01,
            },
            {"hidden": "relu", "optimizer": "nesterov"},
            {"optimizer": "lbfgs", "learning_rate": None},
        )
    ]
    said = "\n".join(screen_prose(text) for text in texts)
    counts = [len(words(sentence)) for sentence in sentences(said)]
    assert max(counts) <= LONGEST
    assert sum(counts) / len(counts) < MEAN
    assert not list(wrong_terms(said))


# That the numbers are right


def equations(text: str) -> Iterator[tuple[str, float, str]]:
    """What stands between two signs of equality, its value, and the value that is said."""
    for line in re.findall(r"(?:^  +\S.*= |^ += )(.*) = (\S+)$", joined(text), re.MULTILINE):
        expression, said = line
        if not re.search(r"(?<![\d.])[A-Za-z]|[βαμδεᵀ]", expression):
            yield expression, evaluated(expression), said


def joined(text: str) -> str:
    """The text with each formula in one line."""
    return re.sub(r"\n {6}(?! )", " ", text)


def evaluated(expression: str) -> float:
    expression = re.sub(r"√([\d.e-]+)", r"math.sqrt(\1)", expression.replace("×", "*").replace("−", "-"))
    expression = expression.replace("²", "**2").replace(",", "")
    return float(eval(expression, {"math": math}))  # noqa: S307 (made by the code under test)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("choice", [(1, 1, 2), (2, 1, 4), (1, 3, None)])
def test_every_equation_holds(optimizer: str, choice: tuple[int, int, int | None]) -> None:
    """What is printed on the left of a sign of equality gives what is printed on its right, to the printed digits."""
    layer, unit, source = choice
    anatomy = iteration_of(5, optimizer=optimizer, learning_rate=0.01, l2=0.7)
    text = iteration_text(anatomy.facts(layer=layer, unit=unit, input=source), 2000)
    found = list(equations(text))
    assert len(found) >= 3
    for expression, value, said in found:
        shown = float(said.replace("−", "-").replace(",", ""))
        assert value == pytest.approx(shown, rel=4e-3, abs=1e-9), f"{expression} = {said}"


def test_every_optimiser_and_loss_has_its_words() -> None:
    assert set(STEPS) == set(OPTIMIZERS)
    assert set(LOSS_FORMULAS) == set(LOSSES)


@pytest.mark.parametrize("output", LOSSES)
def test_every_loss_can_be_said(output: str) -> None:
    X = np.random.RandomState(0).randn(3, 20)
    Y = np.eye(3)[:, np.arange(20) % 3] if output == "softmax" else np.arange(40).reshape(2, 20) % 2.0
    network = Network([3, 4, len(Y)], hidden="mish", output=output)
    anatomy = Stepper(network, (X, Y), learning_rate=0.1, iterations=5).dissect()
    for layer in (1, 2):
        text = one_line(anatomy.text(layer=layer, unit=2))
        assert [stage for stage in STAGES if stage not in text] == []
        assert f"its loss is {number(float(anatomy.losses[0]))}" in text
        assert number(anatomy.delta_of(layer=layer, unit=2).dz) in text
    assert "dZ1 = W2ᵀ dZ2 * mish′(Z1)" in text


def test_a_class_is_named_by_its_number() -> None:
    digits = load_digits()
    text = one_line(Stepper(Network([64, 8, 10]), digits, learning_rate=0.1, iterations=2).dissect().text(example=7))
    own = int(digits.train.Y[:, 7].argmax())
    assert f"Example 7: its class is number {own} (from 0), that is unit {own + 1} of the last layer" in text


def test_batches_dropout_penalty_and_clipping_are_said() -> None:
    how = {"batch_size": 32, "dropout": 0.25, "l2": 2.0, "clip_norm": 1e-3, "schedule": "cosine"}
    anatomy = iteration_of(3, **how)
    text = one_line(anatomy.text())
    first = int(anatomy.examples[0])
    assert "m = 32 of the 400 training examples (a mini-batch)" in text
    assert f"example {first} (column 0 of the batch)" in text
    assert "D is dropout: 0 for 25% of the values" in text
    assert "A1 = D1 * tanh(Z1)" in text
    assert "dZ1 = W2ᵀ dZ2 * D1 * tanh′(Z1)" in text
    assert "dW1 = 1/m dZ1 Xᵀ + λ/m W1" in text
    assert "plus the L2 penalty λ/(2m) Σ W²" in text
    assert "the L2 penalty adds λ/m · w" in text
    assert f"clipping multiplies every gradient by {number(anatomy.clipped_by)}" in text
    assert "(1.2 at first, schedule cosine)" in text


def test_a_last_batch_that_is_shorter_is_said_to_count_more() -> None:
    text = one_line(iteration_of(2, batch_size=150).text())
    assert "network 2-4-1, 100 of the 400 training examples (a mini-batch)." in text
    assert "The last batch of an epoch is shorter: 100 examples in place of 150." in text.split("1 Forward")[0]
    assert "The cost J is the sum of the 100 weighted losses, divided by 150: J =" in text
    assert "dW1[0, 0] is the sum of dw over the 100 examples, divided by 150: " in text
    assert "Every db is the sum of its dZ over the examples, divided by 150" in text
    assert "so its loss, times its weight 1.5, is" in text
    assert "dZ2 = weights * (A2 − Y)" in text
    whole = iteration_of(1, batch_size=150)
    assert whole.weights is None
    assert "dZ2 = A2 − Y" in whole.text()


def test_after_the_end_of_a_training_it_is_the_iteration_that_would_come_next() -> None:
    run = layerlab.train(Network([2, 4, 1], hidden="tanh"), load_flower(), **COURSE | {"iterations": 30})
    text = layerlab.dissect(run, load_flower()).text()
    assert text.startswith("Iteration 31, which would come after the last one: network 2-4-1")


def test_a_unit_that_learns_nothing_is_said_to() -> None:
    anatomy = iteration_of(hidden="relu", seed=1)
    off = int(np.flatnonzero(anatomy.layers[0].Z[0] < 0)[0])
    assert "The slope of relu is 0 because z is not above 0, so the unit learns nothing from this example." in one_line(
        anatomy.text(example=off)
    )
    zeros = one_line(iteration_of(initializer="zeros").text())
    assert "Every term of da is 0" in zeros
    assert "dW1[0, 0] is the mean of dw over the 400 examples: 0; every term is 0." in zeros
    assert "w = w − α dw = 0 − 1.2 × 0 = 0 The new cost" in zeros


def test_l_bfgs_shows_all_but_the_step() -> None:
    text = one_line(iteration_of(optimizer="lbfgs", learning_rate=None).text())
    forward, update = text.split("4 Update")
    assert "dW1[0, 0] is the mean of dw" in forward
    assert "line search" in update
    assert "new cost" not in update


def test_a_cost_that_is_not_finite_has_no_update() -> None:
    given = {"W1": np.full((1, 1), 1e200), "b1": np.zeros((1, 1)), "W2": np.full((1, 1), 1e200), "b2": np.zeros((1, 1))}
    network, data = Network([1, 1, 1], hidden="identity"), (np.array([[1.0, -1.0]]), np.array([[0.0, 1.0]]))
    text = Stepper(network, data, parameters=given, learning_rate=0.1, iterations=2).dissect().text()
    forward, update = one_line(text).split("4 Update: none.")
    assert forward.split("3 Backward")[0].endswith("J is not finite. ")
    assert "not finite" in update


def test_weights_whose_sums_overflow_have_their_text() -> None:
    stepper = Stepper(Network([2, 4, 1], hidden="tanh"), load_flower(), learning_rate=0.1, iterations=30)
    for column, value in enumerate((1e308, 1e308, 1e308, -1e308)):
        stepper.edit("W2", 0, column, value)
    stepper.edit("b2", 0, 0, 1e308)
    assert "4 Update" in stepper.dissect().text(layer=1)
    assert "4 Update" in stepper.dissect().text(layer=2)


def test_an_activation_near_one_keeps_the_digits_of_its_slope() -> None:
    X = np.array([[6.0, -6.0]])
    given = {"W1": np.array([[1.0]]), "b1": np.zeros((1, 1)), "W2": np.ones((1, 1)), "b2": np.zeros((1, 1))}
    network, data = Network([1, 1, 1], hidden="tanh"), (X, np.array([[1.0, 0.0]]))
    text = Stepper(network, data, parameters=given, learning_rate=0.1, iterations=2).dissect().text()
    assert f"a = tanh(z) = {math.tanh(6.0):.8f}."[:-2] in text


def test_numbers_are_written_with_the_digits_that_show_a_difference() -> None:
    assert detailed(0.01788628, 0.01787458) == "0.0178863"
    assert detailed(-0.5, -0.5) == "−0.5000"
    assert number(-1.2e-7) == "−1.2e-07"
    assert number(math.nan) == number(None) == "not finite"


# The command


def test_the_screen_is_what_print_shows(say: Say, tmp_path: Path) -> None:
    said = say("step", "flower", "--unit", 2, "--input", 2, "--at", 5, "--engine", "numpy", "--json", "facts.json")
    assert said.status == 0
    stepper = Stepper(Network([2, 4, 1], hidden="tanh"), load_flower(), **COURSE | {"iterations": 10000})
    stepper.advance(5)
    facts = stepper.dissect().facts(unit=2, input=2)
    assert (
        said.out == iteration_text(facts) + "\nNext: layerlab step flower --at 100 --unit 2 --input 2 --engine numpy\n"
    )
    kept = json.loads((tmp_path / "facts.json").read_text())
    assert kept == json.loads(json.dumps({"dataset": "flower", "inputs": {}, **facts}))


def test_a_narrow_terminal(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, say("step", "flower").out.splitlines())) <= 50


def test_the_bias_and_a_later_layer(say: Say) -> None:
    said = say("step", "flower", "--layer", 2, "--input", "bias")
    assert said.status == 0
    assert "its bias b (b2[0, 0] in NumPy)" in said.words
    assert "db2[0, 0] is the mean of db over the 400 examples" in said.words


def test_an_update_that_is_not_made_is_followed_by_the_question_for_a_learning_rate(say: Say) -> None:
    said = say("step", "flower", "--learning-rate", "1e308", "--at", 2)
    assert said.status == 0
    assert "4 Update: none. The cost is not finite" in said.words
    assert said.out.splitlines()[-1] == "Next: layerlab rate flower"


def test_the_next_step_keeps_the_example_where_every_iteration_has_it(say: Say) -> None:
    assert (
        say("step", "flower", "--example", 7).out.splitlines()[-1] == "Next: layerlab step flower --at 100 --example 7"
    )
    said = say("step", "flower", "--batch-size", 64, "--example", 132)
    assert said.out.splitlines()[-1] == "Next: layerlab step flower --at 100 --batch-size 64"


def test_a_run_whose_data_have_changed_is_refused_without_an_option_that_is_not_there(say: Say, tmp_path: Path) -> None:
    write_table(tmp_path / "cars.csv", "price")
    how = ["--epochs", 1, "--layers", 3, "--baseline", "none", "--out", "mine"]
    assert say("train", "cars.csv", "--target", "price", *how).status == 0
    write_table(tmp_path / "cars.csv", "price", 90)
    changed = say("step", "mine")
    (tmp_path / "cars.csv").unlink()
    gone = say("step", "mine")
    for said in (changed, gone):
        assert said.status == 2
        assert "cars.csv: " in said.err
        assert "--data" not in said.err


def test_data_of_one_s_own(say: Say, tmp_path: Path) -> None:
    write_table(tmp_path / "cars.csv", "price")
    write_photos(tmp_path / "photos")
    said = say("step", "cars.csv", "--target", "price", "--layers", 6, "--at", 2)
    assert said.status == 0
    assert "Iteration 3 of" in said.words
    assert "predicting 'price'" in said.words
    assert "Inputs: 1 size, 2 size missing, 3 age, 4 fuel=diesel, 5 fuel=gas, 6 fuel=petrol, 7 new." in said.words
    assert "Classes: 0 high, 1 low." in said.words
    said = say("step", "photos", "--plots", "plots")
    assert said.status == 0
    assert sorted(path.name for path in (tmp_path / "plots").glob("*.png")) == ["iteration.png", "weight.png"]


def test_a_saved_run(say: Say) -> None:
    how = ["--iterations", 40, "--engine", "numpy"]
    assert say("train", "flower", *how, "--baseline", "none", "--out", "mine").status == 0
    said = say("step", "mine", "--at", 7)
    assert said.status == 0, said.err
    assert said.out.splitlines()[:-1] == say("step", "flower", *how, "--at", 7).out.splitlines()[:-1]
    assert said.out.splitlines()[-1] == "Next: layerlab report mine"
    assert "Iteration 41" in say("step", "mine").words


REFUSED = [
    ("--layer 3", "--layer 3: wanted a whole number from 1 to 2"),
    ("--unit 0", "--unit 0: wanted a whole number from 1 to 4"),
    ("--layer 2 --unit 2", "--unit 2: wanted 1, because there is only one: a unit of layer 2"),
    (
        "--iterations 1 --at 1",
        "--at 1: the training has 1 iteration; wanted a number from 0 to 0, or more --iterations",
    ),
    ("--learning-rate 1e308 --at 3", "choose --at from 0 to 2"),
    ("--input 3", "--input 3: wanted a whole number from 1 to 2, an input of layer 1, or the word bias"),
    ("--input two", "--input 'two': wanted the number of an input, from 1, or the word bias"),
    ("--example 400", "--example 400: wanted a whole number from 0 to 399"),
    ("--example -1", "--example -1: wanted a whole number from 0 to 399"),
    ("--layer two", "'--layer'"),
    ("--at -1", "'--at'"),
    ("--at 10000", "--at 10000: the training has 10,000 iterations; wanted a number from 0 to 9999"),
    ("--at 3 --unit 9", "--unit 9: wanted a whole number from 1 to 4"),
    ("--at 9 --hidden identity --learning-rate 1e200", "--at 9: the training ends after"),
    (
        "--batch-size 64 --example 0",
        "--example 0: wanted one of the 64 training examples that iteration 1 uses, which are",
    ),
    ("--target y", "--target is for your own data"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED, ids=[options for options, _ in REFUSED])
def test_what_is_refused_is_one_sentence(say: Say, options: str, sentence: str) -> None:
    said = say("step", "flower", *shlex.split(options))
    assert (said.status, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert sentence in said.err


def test_ctrl_c_ends_the_updates_before_the_iteration(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stepper, "advance", lambda *_: 0)  # what it returns after a Ctrl-C
    said = say("step", "flower", "--at", 50)
    assert (said.status, said.out, said.err) == (1, "", "layerlab: interrupted\n")


def test_a_run_refuses_other_settings_and_a_stream_is_refused(say: Say, tmp_path: Path) -> None:
    assert say("train", "flower", "--iterations", 5, "--baseline", "none", "--out", "mine").status == 0
    for option in (["--learning-rate", 2], ["--layers", "3"], ["--target", "y"]):
        said = say("step", "mine", *option)
        assert said.status == 2
        assert f"leave {option[0]} out" in said.err
    assert say("step", "nothing").status == 2
    said = say("step", "mine", "--at", 6)
    assert said.status == 2
    assert "--at 6: wanted a whole number from 0 to 5, the run's updates; leave --at out" in said.err
    write_photos(tmp_path / "photos")
    said = say("step", "photos", "--augment", "flip")
    assert said.status == 2
    assert "--augment: an iteration is shown of examples that are all in memory; leave --augment out" in said.err


def test_the_console_lines_of_the_page_run(say: Say) -> None:
    page = (Path(__file__).parent.parent / "docs" / "step.md").read_text(encoding="utf-8")
    lines = [line[2:] for line in page.splitlines() if line.startswith("$ layerlab ")]
    assert len(lines) >= 4
    for line in lines:
        assert say(*shlex.split(line, comments=True)[1:]).status == 0, line


def test_the_screen_of_the_page_is_the_one_that_is_printed(say: Say) -> None:
    page = (Path(__file__).parent.parent / "docs" / "step.md").read_text(encoding="utf-8")
    shown = page.split("<!-- step flower -->\n```text\n")[1].split("```")[0]
    assert say("step", "flower").out.startswith(shown)


# The pictures


def test_the_matrices_have_their_numbers_and_colours() -> None:
    anatomy = iteration_of(20)
    figure = layerlab.plots.iteration(anatomy)
    assert anatomy.steps is not None
    first = [figure.axes[k] for k in range(3)]
    for axes, values in zip(first, (anatomy.parameters, grads(anatomy), anatomy.steps), strict=True):
        W, b = (np.asarray(image.get_array()) for image in axes.images)
        np.testing.assert_array_equal(W, values["W1"])
        np.testing.assert_array_equal(b, values["b1"])
        assert len(axes.texts) == W.size + b.size
    assert [axes.get_title(loc="left") for axes in first] == [
        "W and b before the update",
        "dW and db, the gradients",
        "steps, added to W and b",
    ]
    assert len(layerlab.plots.iteration(iteration_of(optimizer="lbfgs", learning_rate=None)).axes) == 4


def grads(anatomy: Anatomy) -> dict[str, Any]:
    return {name[1:]: value for name, value in anatomy.gradients.items()}


def test_a_matrix_of_zeros_is_said_to_be_one() -> None:
    anatomy = iteration_of(initializer="zeros")
    labels = [axes.get_xlabel() for axes in layerlab.plots.iteration(anatomy).axes]
    assert all("all numbers are 0" in label for label in labels)  # both classes have as many examples: db2 is 0, too
    layerlab.plots.weight_terms(anatomy)


def test_the_units_of_images_with_the_longest_steps_are_drawn() -> None:
    digits = load_digits()
    anatomy = Stepper(Network([64, 9, 10]), digits, learning_rate=0.1, iterations=2).dissect()
    figure = layerlab.plots.iteration(anatomy, digits.image_shape or ())
    assert anatomy.steps is not None
    longest = np.argsort(-np.linalg.norm(anatomy.steps["W1"], axis=1))[:6]
    assert [text.get_text() for text in figure.axes[0].texts] == [f"unit {unit + 1}" for unit in longest]
    drawn = np.asarray(figure.axes[2].images[0].get_array())
    np.testing.assert_allclose(drawn, anatomy.steps["W1"][longest[0]].reshape(8, 8))
    with pytest.raises(InputError, match="an image the shape"):
        layerlab.plots.iteration(anatomy, (4, 4))


def test_the_bars_are_the_terms_and_the_area_is_every_example() -> None:
    anatomy = iteration_of(20)
    left, right = layerlab.plots.weight_terms(anatomy, layer=2, unit=1, input=3, example=5).axes
    summed = anatomy.sum_of(layer=2, unit=1, example=5)
    widths = [bar.get_width() for bar in left.patches if isinstance(bar, Rectangle)]
    np.testing.assert_allclose(widths, [*(row[-1] for row in summed.terms), summed.b, summed.z])
    chain = anatomy.chain_of(layer=2, unit=1, input=3)
    dot = right.lines[-1]
    assert float(np.asarray(dot.get_ydata())[0]) == chain.terms[5][-1]
    assert [label.get_text() for label in left.get_yticklabels()] == [*(f"unit {k}" for k in range(1, 5)), "b", "z"]
    with pytest.raises(InputError, match="unit=9"):
        layerlab.plots.weight_terms(anatomy, unit=9)


def test_the_maps_show_before_after_and_the_change() -> None:
    anatomy = iteration_of(20)
    figure = layerlab.plots.iteration_maps(anatomy, class_names=("red", "blue"))
    before, after, change = (np.asarray(axes.images[0].get_array()) for axes in figure.axes[:3])
    np.testing.assert_allclose(after - before, change, atol=1e-15)
    assert np.abs(change).max() > 0
    assert len(figure.axes) == 15
    wide = layerlab.plots.iteration_maps(anatomy, X=np.array([[-100.0, 100.0], [0.0, 0.0]]))
    assert wide.axes[0].get_xlim()[1] > 100 > figure.axes[0].get_xlim()[1]
    with pytest.raises(InputError, match="wanted two inputs"):
        layerlab.plots.iteration_maps(of_many_inputs())
    with pytest.raises(InputError, match="makes no step"):
        layerlab.plots.iteration_maps(iteration_of(optimizer="lbfgs", learning_rate=None))
