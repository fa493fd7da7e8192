"""Which pictures a comparison and a run draw."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import layerlab
from layerlab import Recipe
from layerlab.datasets import Dataset, Part, load_breast_cancer, load_digits, load_flower
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.reporting.pictures import of_explanations
from layerlab.reporting.pictures import of_runs as gallery

QUICK = (
    Recipe("logistic regression", (), 0.5, 20, initializer="zeros"),
    Recipe("2-layer network", (6,), 0.5, 20),
)
IMAGES = {
    f"{model}_{kind}" for model in ("logistic_regression", "2-layer_network") for kind in ("mislabelled", "weights")
}


def drawn(folder: Path, paths: list[Path]) -> set[str]:
    """Names of the pictures; each is there as PNG and as SVG, and nothing else is."""
    names = {path.stem for path in paths}
    assert {path.name for path in folder.iterdir()} == {f"{name}.{end}" for name in names for end in ("png", "svg")}
    return names


def test_a_comparison_on_images_shows_mistakes_and_weights(tmp_path: Path) -> None:
    comparison = layerlab.compare("digits", models=QUICK, progress=False)
    paths = gallery.comparison_pictures(comparison, tmp_path)
    assert drawn(tmp_path, paths) == {"costs", "accuracies", "sigmoid"} | IMAGES
    wrong = int((~comparison.models[1].right).sum())
    assert f"{wrong} of 360 test images classified wrong" in (tmp_path / "2-layer_network_mislabelled.svg").read_text()


def test_a_comparison_on_the_flower_shows_boundaries_for_1_to_50_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "HIDDEN_ITERATIONS", 20)
    paths = gallery.comparison_pictures(layerlab.compare("flower", models=QUICK, progress=False), tmp_path)
    assert drawn(tmp_path, paths) == {"costs", "accuracies", "sigmoid", "boundaries", "hidden_units"}
    text = (tmp_path / "hidden_units.svg").read_text()
    for n in (1, 2, 3, 4, 5, 20, 50):
        assert f"{n} unit{'s' if n > 1 else ''}: " in text


def test_a_comparison_on_a_table_shows_costs_and_accuracies(tmp_path: Path) -> None:
    paths = gallery.comparison_pictures(layerlab.compare("breast_cancer", models=QUICK, progress=False), tmp_path)
    assert drawn(tmp_path, paths) == {"costs", "accuracies", "sigmoid"}


def test_a_run_draws_what_belongs_to_its_data(tmp_path: Path) -> None:
    for data, names in (
        (load_digits(), {"costs", "mislabelled", "weights"}),
        (load_flower(), {"costs", "boundary", "units"}),
        (load_breast_cancer().standardized(), {"costs"}),
    ):
        folder = tmp_path / data.name
        assert drawn(folder, gallery.run_pictures(train_recipe(QUICK[1], data), data, folder)) == names


def figure_words(figure: Figure) -> str:
    return " | ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text) if isinstance(text, Text))


def test_weights_show_what_training_changed_from_the_start_that_the_seed_draws() -> None:
    digits = load_digits()
    network = layerlab.Network([64, 5, 10])
    run = layerlab.train(network, digits, learning_rate=0.1, iterations=30, initializer="he", seed=7)
    W0 = np.random.RandomState(7).randn(5, 64) * np.sqrt(2 / 64)
    change = run.parameters["W1"] - W0
    figure = gallery.weights_picture(run, digits)
    first = int(np.argmax(np.linalg.norm(change, axis=1)))
    assert figure.axes[0].get_xlabel().startswith(f"unit {first + 1}\n")
    drawn = np.asarray(figure.axes[0].images[0].get_array()).ravel()
    np.testing.assert_allclose(drawn, change[first], atol=1e-12)
    assert "W − W₀" in figure_words(figure)


def test_weights_of_a_given_start_are_shown_as_they_are_and_it_is_said() -> None:
    digits = load_digits()
    network = layerlab.Network([64, 5, 10])
    start = layerlab.formulas.initialize_parameters(network.layer_dims, "he", 3)
    run = layerlab.train(network, digits, learning_rate=0.1, iterations=30, parameters=start)
    figure = gallery.weights_picture(run, digits)
    np.testing.assert_array_equal(np.asarray(figure.axes[0].images[0].get_array()).ravel(), run.parameters["W1"][0])
    assert "its start W₀ is not known" in figure_words(figure)
    assert "moved" not in figure_words(figure)


def test_the_weights_of_outputs_are_named_by_their_classes() -> None:
    digits = load_digits()
    run = train_recipe(QUICK[0], digits)
    figure = gallery.weights_picture(run, digits)
    assert [axes.get_xlabel().split("\n")[0] for axes in figure.axes[:10]] == [f"output {k}" for k in range(10)]
    np.testing.assert_allclose(np.asarray(figure.axes[3].images[0].get_array()).ravel(), run.parameters["W1"][3])
    colder = dataclasses.replace(run, temperature=2.0, parameters={k: v / 2 for k, v in run.parameters.items()})
    calibrated = gallery.weights_picture(colder, digits)
    drawn = [np.asarray(each.axes[3].images[0].get_array()) for each in (calibrated, figure)]
    np.testing.assert_allclose(drawn[0], drawn[1])


def test_three_classes_in_the_plane_have_unit_maps_and_no_boundary_of_two(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    Y = np.eye(3)[random.randint(3, size=60)].T
    data = Dataset("corners", Part(random.randn(2, 60), Y), Part(random.randn(2, 60), Y), ("a", "b", "c"))
    run = layerlab.train(layerlab.Network([2, 3, 3]), data, learning_rate=0.1, iterations=5)
    assert drawn(tmp_path, gallery.run_pictures(run, data, tmp_path)) == {"costs", "units"}


def test_colour_images_of_two_classes(tmp_path: Path, small_cats: Path) -> None:
    cats = layerlab.datasets.load_cats(small_cats)
    paths = gallery.run_pictures(train_recipe(QUICK[1], cats), cats, tmp_path / "pictures")
    assert drawn(tmp_path / "pictures", paths) == {"costs", "mislabelled", "weights"}


def test_a_regression_draws_its_residuals(tmp_path: Path) -> None:
    flower = load_flower()
    run = layerlab.train(layerlab.Network([2, 4, 1], output="identity"), flower, learning_rate=0.1, iterations=300)
    assert drawn(tmp_path, gallery.run_pictures(run, flower, tmp_path)) == {"costs", "residuals", "units"}
    assert "cost (half the squared error, per example)" in (tmp_path / "costs.svg").read_text()


def test_a_saliency_picture_names_the_file_in_one_line_and_the_set_of_its_images() -> None:
    digits = load_digits()
    run = train_recipe(QUICK[1], digits)
    path = "/home/somebody/photographs/of the summer/2026/IMG_20260704_153012_HDR.jpeg"
    figure, _ = of_explanations.saliency_picture(run, digits, digits.test.X[:, :1], [path])
    caption = figure.axes[0].get_xlabel()
    assert caption.startswith("IMG_2026070…12_HDR.jpeg:\n")
    assert "photographs" not in caption
    assert figure.get_suptitle().startswith("Images of the test set")
