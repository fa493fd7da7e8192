"""The lab's page, driven as a person would: everything that can be taken away, and the link that brings it back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lab_page
import numpy as np
import polars
import pytest
from lab_page import LabPage
from playwright.sync_api import expect

import layerlab

pytestmark = pytest.mark.processes
browser, lab, visit = lab_page.browser, lab_page.lab, lab_page.visit
Visit = Callable[..., LabPage]


def played(visit: Visit) -> LabPage:
    """A training that a person has changed: 12 iterations, another learning rate, and 3 more."""
    lab = visit()
    lab.put(lab.field("run_to"), "12")
    lab.button("play").click()
    lab.at(12)
    lab.put(lab.field("setting.learning_rate.name"), "0.1")
    expect(lab.page.get_by_text(lab.t("about.changes", n=1), exact=True)).to_be_visible()
    lab.step(3)
    return lab


def test_the_code_makes_the_same_training_in_a_new_process(visit: Visit, tmp_path: Path) -> None:
    lab = played(visit)
    lab.show("take")
    code = lab.field("take.python")
    lab.wait(lambda: "0.1" in code.input_value())
    assert code.get_attribute("readonly") is not None
    (tmp_path / "taken.py").write_text(
        code.input_value() + "\nprint('cost', f'{run.history.costs[-1]:.10f}', data.train.X.shape)\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "taken.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    cost = done.stdout.rpartition("cost ")[2].split()[0]
    assert abs(float(cost) - lab.figure("cost")) < 5e-5  # the header has four digits
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.button("take.copy.python").click()
    assert lab.page.evaluate("() => navigator.clipboard.readText()") == code.input_value()


def test_files_by_mouse_and_by_keyboard(visit: Visit, tmp_path: Path) -> None:
    lab = played(visit)
    lab.show("take")
    files = {}
    for what in ("notebook", "weights", "curves_csv", "curves_svg", "model"):
        with lab.page.expect_download() as coming:
            if what == "weights":
                lab.button(f"take.{what}").focus()
                lab.page.keyboard.press("Enter")
            else:
                lab.button(f"take.{what}").click()
        files[what] = tmp_path / coming.value.suggested_filename
        coming.value.save_as(files[what])
    assert json.loads(files["notebook"].read_text(encoding="utf-8"))["nbformat"] == 4
    with np.load(files["weights"]) as weights:
        assert weights["W1"].shape == (8, 2)
    assert len(polars.read_csv(files["curves_csv"])) == 15
    assert "<svg" in files["curves_svg"].read_text(encoding="utf-8")
    assert files["model"].suffix == ".safetensors"


def test_a_link_makes_the_training_again(visit: Visit) -> None:
    lab = played(visit)
    before = lab.value("cost").inner_text()
    lab.show("take")
    link = lab.field("take.link")
    lab.wait(lambda: "#" in link.input_value())
    other = lab.visitor.open(link.input_value())
    other.at(15)
    assert other.value("cost").inner_text() == before
    expect(other.field("setting.learning_rate.name")).to_have_value("0.1")


def test_what_was_taken_is_read_by_layerlab(visit: Visit, tmp_path: Path) -> None:
    lab = visit()
    lab.step(2)
    lab.show("take")
    with lab.page.expect_download() as coming:
        lab.button("take.model").click()
    coming.value.save_as(tmp_path / "model.safetensors")
    run = layerlab.load(tmp_path / "model.safetensors")
    accuracy = run.accuracy(layerlab.datasets.load_flower().test)
    lab.step()  # the values of an iteration are those of the weights that it began with
    assert abs(lab.figure("validation_accuracy") - 100 * accuracy) < 0.06
