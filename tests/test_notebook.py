"""What notebooks show for a value: text and a picture that a saved notebook keeps, and nothing that runs or loads."""

from __future__ import annotations

import base64
import io
import re
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from PIL import Image

import layerlab
from layerlab import views
from layerlab.datasets import Dataset, load_digits, load_flower, load_table
from layerlab.reporting.notebook import MOST_ROWS

LARGEST = 200_000
"""Bytes that a value may add to a notebook."""


@pytest.fixture(scope="module")
def flower() -> Dataset:
    return load_flower()


def html_of(value: Any) -> str:
    """The HTML of a value, after the checks that hold for every value."""
    html: str = value._repr_html_()
    assert len(html.encode()) < LARGEST
    assert "<script" not in html
    assert not re.search(r"https?://|url\(|<link|<style|@import|javascript:| on\w+=", html)
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'src="([^"]*)', html))
    return html


def picture_in(html: str) -> Image.Image:
    """The one picture of a value."""
    (coded,) = re.findall(r'<img [^>]*src="data:image/png;base64,([^"]*)"', html)
    return Image.open(io.BytesIO(base64.b64decode(coded)))


def rows_of(html: str) -> list[list[str]]:
    """The cells of all rows of all tables."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_a_run_shows_its_cost_its_settings_and_its_curve(flower: Dataset) -> None:
    network = layerlab.Network([2, 4, 1], hidden="tanh")
    run = layerlab.train(network, flower, learning_rate=1.2, iterations=50)
    html = html_of(run)
    assert run.verdict is not None
    assert run.verdict.sentence in html
    rows = {row[0]: row[1] for row in rows_of(html)}
    assert rows["layers"] == "2-4-1"
    assert rows["trained on"] == "flower"
    assert "learning rate 1.2" in rows["settings"]
    assert picture_in(html).size[0] == 770
    assert picture_in(html).convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_a_run_that_went_wrong_says_what_would_help(flower: Dataset) -> None:
    network = layerlab.Network([2, 4, 1], hidden="tanh")
    with pytest.warns(layerlab.TrainingWarning):
        run = layerlab.train(network, flower, learning_rate=1.2, iterations=50, initializer="zeros")
    assert any(finding.remedy in unescape(html_of(run)) for finding in run.diagnosis)


def test_datasets_show_their_sizes_and_examples(flower: Dataset) -> None:
    for data, n in ((flower, "400"), (load_digits(), "1437")):
        html = html_of(data)
        assert data.name in html
        assert n in html.replace(",", "")
        assert len(picture_in(html).convert("RGB").getcolors(10**6) or []) > 10


def test_names_of_a_table_are_text_and_never_markup() -> None:
    name, kinds = "<script>alert(1)</script>", ("<b>bold</b>", "plain & simple")
    random = np.random.RandomState(0)
    frame = polars.DataFrame({"size": random.randn(40), name: [kinds[k % 2] for k in range(40)]})
    data = load_table(frame, target=name)
    html = html_of(data)
    assert "<b>bold" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert "plain &amp; simple" in html


def test_values_are_shown_as_a_histogram() -> None:
    random = np.random.RandomState(0)
    frame = polars.DataFrame({"size": random.randn(60), "price": random.randn(60)})
    html = html_of(load_table(frame, target="price"))
    assert "price" in html
    picture_in(html)


def test_a_sweep_shows_what_print_shows_and_its_curves(flower: Dataset) -> None:
    network = layerlab.Network([2, 3, 1], hidden="tanh")
    sweep = layerlab.sweep(network, flower, learning_rate=[1.0, 0.1], iterations=30)
    html = html_of(sweep)
    assert {row[0] for row in rows_of(html)} >= {"1.0", "0.1"} or {row[0] for row in rows_of(html)} >= {"1", "0.1"}
    picture_in(html)


def test_a_large_sweep_stays_small(flower: Dataset) -> None:
    network = layerlab.Network([2, 2, 1], hidden="tanh")
    rates = np.linspace(0.1, 1, MOST_ROWS + 20).round(4).tolist()
    html = html_of(layerlab.sweep(network, flower, learning_rate=rates, iterations=3))
    assert "and 20 rows more" in html
    assert len(rows_of(html)) <= MOST_ROWS + 2


def test_a_comparison_shows_its_verdict_and_its_accuracies(flower: Dataset) -> None:
    models = (layerlab.Recipe("small", (2,), 0.5, 20), layerlab.Recipe("large", (8,), 0.5, 20))
    comparison = layerlab.compare(flower, models=models, progress=False)
    html = html_of(comparison)
    text = unescape(html)
    assert all(sentence in text for sentence in comparison.verdict())
    picture_in(html)


def test_a_search_shows_its_choice(flower: Dataset, tmp_path: Path) -> None:
    found = layerlab.search(flower, trials=2, workers=0, folder=tmp_path / "search")
    html = html_of(found)
    assert found.choice is not None
    assert len(rows_of(html)) >= 3
    picture_in(html)


def html_names() -> set[str]:
    """Classes that have ``_repr_html_``."""
    from layerlab.evaluating.comparisons.comparison import Comparison

    classes = (layerlab.Run, Dataset, layerlab.Sweep, layerlab.Search, Comparison)
    return {one.__name__ for one in classes if hasattr(one, "_repr_html_")}


def test_every_view_is_there() -> None:
    for name, (module, function) in views.VIEWS.items():
        assert name in html_names()
        assert callable(getattr(import_module(module), function))
