"""The lab's page, driven as a person would: the curve, what the network says, and one iteration stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import fsum, isclose, log, tanh

import lab_page
import pytest
from lab_page import LabPage, number_of
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.processes
browser, lab, visit = lab_page.browser, lab_page.lab, lab_page.visit
Visit = Callable[..., LabPage]


def exact(table: Locator, part: str = "tbody") -> list[list[float]]:
    """The numbers of a table's rows, with all their digits: each is the title of its cell."""
    rows: list[list[str]] = table.locator(f"{part} tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.title).filter(title => title !== ''))"
    )
    return [[float(title) for title in row] for row in rows]


def heads(table: Locator) -> list[str]:
    """The names of a table's columns."""
    return table.get_by_role("columnheader").all_inner_texts()


# Inside


def test_inside_shows_the_sum_of_one_unit_with_its_numbers(visit: Visit) -> None:
    lab = visit()
    lab.step(3)
    inside = lab.show("inside")
    table = inside.get_by_role("table")
    expect(table).to_have_count(1)
    expect(table.get_by_role("row")).to_have_count(1 + 2 + 2)  # the heads, two inputs, the bias and the sum
    assert heads(table) == ["input", "w", "x", "w · x"]
    terms, ((b,), (z,)) = exact(table), exact(table, "tfoot")
    assert all(isclose(w * x, product) for w, x, product in terms)
    assert isclose(fsum(product for *_, product in terms) + b, z, rel_tol=1e-12)
    network = lab.page.get_by_role("region", name=lab.t("region.network"), exact=True)
    expect(network).to_contain_text(f"z = {z:.4f}".replace("-", "−"))
    expect(network).to_contain_text(f"a = {tanh(z):.4f}".replace("-", "−"))


def test_four_stages_by_mouse(visit: Visit) -> None:
    lab = visit()
    lab.step()
    inside = lab.show("inside")
    for stage, lens in ((2, "numbers"), (3, "gradients"), (4, "steps"), (1, "numbers")):
        button = lab.button(f"inside.stage.{stage}")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(lab.radio(f"diagram.lens.{lens}")).to_be_checked()
        expect(inside.locator("math").locator("visible=true").first).to_be_visible()
    assert lab.iteration == 1


def test_an_iteration_by_keyboard_from_stage_to_stage(visit: Visit) -> None:
    lab = visit()
    lab.tab("says").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(lab.tab("inside")).to_be_focused()
    lab.button("inside.next").focus()
    for _ in range(3):
        lab.page.keyboard.press("Enter")
    expect(lab.button("inside.finish")).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.at(1)
    expect(lab.button("inside.stage.1")).to_have_attribute("aria-pressed", "true")


def test_each_stage_follows_from_the_one_before(visit: Visit) -> None:
    lab = visit()
    lab.step(2)
    inside = lab.show("inside")
    lab.unit(1, 3).click()
    lab.button("inside.stage.2").click()
    table = inside.get_by_role("table")
    ((y, a),) = exact(table)
    loss = -log(a if y else 1 - a)
    expect(inside).to_contain_text(f"{loss:.4f}")
    lab.button("inside.stage.3").click()
    expect(table).to_have_count(1)
    assert len(exact(table)) == 400
    assert isclose(exact(table)[0][0], a - y, abs_tol=1e-12)
    terms = exact(table)
    (*_, (mean,)) = exact(table, "tfoot")
    assert isclose(fsum(product for *_, product in terms) / 400, mean, rel_tol=1e-9)
    lab.button("inside.stage.4").click()
    expect(inside).to_contain_text(lab.t("inside.cost.fell"))


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (375, 812)])
def test_nothing_shows_below_the_button_that_goes_on(visit: Visit, width: int, height: int) -> None:
    lab = visit(width=width, height=height)
    lab.open_data("digits")
    lab.step()
    inside = lab.show("inside")
    lab.button("inside.stage.3").click()
    inside.get_by_role("table").first.scroll_into_view_if_needed()
    below = """button => {
      const {left, bottom} = button.getBoundingClientRect();
      const heights = Array.from({length: Math.floor(innerHeight - bottom)}, (_, k) => Math.ceil(bottom) + k);
      const there = (y) => document.elementFromPoint(left + 50, y);
      const others = heights.map(there).filter(one => !button.parentElement.contains(one));
      return [innerHeight - bottom, others.map(one => one?.outerHTML)];
    }"""
    room, uncovered = lab.button("inside.next").evaluate(below)
    assert 0 < room < 40
    assert uncovered == []


def test_what_is_chosen_in_the_diagram_is_chosen_inside(visit: Visit) -> None:
    lab = visit()
    inside = lab.show("inside")
    lab.unit(5, 2).click()
    expect(inside.get_by_role("spinbutton", name=lab.t("inside.unit"), exact=True)).to_have_value("5")
    expect(lab.choice("inside.layer")).to_have_value("2")
    lab.choice("inside.layer").select_option("1")
    lab.put(inside.get_by_role("spinbutton", name=lab.t("inside.unit"), exact=True), "7")
    expect(lab.unit(7, 1)).to_have_attribute("aria-pressed", "true")
    rows = inside.get_by_role("table").locator("tbody tr")
    rows.nth(1).click()
    expect(inside.get_by_role("spinbutton", name=lab.t("inside.input"), exact=True)).to_have_value("2")
    lab.put(inside.get_by_role("spinbutton", name=lab.t("inside.example"), exact=True), "399")
    lab.put(inside.get_by_role("spinbutton", name=lab.t("inside.example"), exact=True), "1000")
    expect(inside.get_by_role("spinbutton", name=lab.t("inside.example"), exact=True)).to_have_value("399")


@pytest.mark.parametrize("place", ["W1[0, 0]", "b1[0, 0]"])
def test_a_weight_is_changed_by_hand(visit: Visit, place: str) -> None:
    lab = visit()
    lab.step(2)
    before = lab.figure("cost")
    inside = lab.show("inside")
    if place.startswith("b"):
        inside.get_by_role("checkbox", name=lab.t("inside.bias"), exact=True).check()
    lab.button("inside.stage.4").click()
    field = inside.get_by_role("textbox", name=lab.t("inside.edit", place=place))
    expect(field).to_be_visible()
    lab.put(field, "two")
    expect(field).to_have_attribute("aria-invalid", "true")
    lab.put(field, "2.5")
    expect(lab.page.get_by_text(lab.t("about.changes", n=1), exact=True)).to_be_visible()
    lab.button("inside.stage.1").click()
    table = inside.get_by_role("table")
    lab.wait(lambda: 2.5 in (exact(table)[0][0], exact(table, "tfoot")[0][0]))
    lab.step()
    assert lab.figure("cost") != before
    lab.button("rewind").click()
    lab.at(0)
    lab.slider.press("End")
    lab.at(3)
    expect(lab.page.get_by_text(lab.t("about.changes", n=1), exact=True)).to_be_visible()


# The curve


def test_the_curve_as_a_table_and_a_click_on_it(visit: Visit) -> None:
    lab = visit()
    lab.put(lab.field("run_to"), "300")
    lab.button("play").click()
    lab.at(300)
    region = lab.page.get_by_role("region", name=lab.t("region.curve"), exact=True)
    region.get_by_text(lab.t("curve.table"), exact=True).click()
    rows = region.get_by_role("row")
    expect(rows).to_have_count(21)
    cells = [[number_of(text) for text in row.locator("th, td").all_inner_texts()] for row in rows.all()[1:]]
    assert [iteration for iteration, *_ in cells] == sorted(iteration for iteration, *_ in cells)
    assert (cells[0][0], cells[-1][0]) == (1, 300)
    assert sum(one > other for (_, one, _), (_, other, _) in pairwise(cells)) > 10  # it falls
    region.get_by_text(lab.t("curve.table"), exact=True).click()
    before = region.screenshot()
    region.get_by_role("checkbox", name=lab.t("curve.log"), exact=True).check()
    assert region.screenshot() != before
    box, slider = region.bounding_box(), lab.slider.bounding_box()
    assert box
    assert slider
    lab.page.mouse.move(slider["x"] + slider["width"] / 3, slider["y"] - 40)
    expect(region).to_contain_text(", validation ")
    lab.page.mouse.down()
    lab.page.mouse.up()
    lab.wait(lambda: 60 < lab.iteration < 140)


# What it says


def test_what_the_network_says_of_each_example(visit: Visit) -> None:
    lab = visit()
    lab.play_to(1000)
    says = lab.show("says")
    before = lab.field("plane.example").input_value()
    lab.button("plane.next").click()
    expect(lab.field("plane.example")).to_have_value(str(int(before) + 1))
    lab.put(lab.field("plane.example"), "250")
    expect(says).to_contain_text("red" if "red" in says.inner_text() else "blue")
    shares = says.get_by_role("list", name=lab.t("plane.probabilities")).get_by_role("listitem").all_inner_texts()
    assert isclose(sum(number_of(text.split()[-2]) for text in shares), 100, abs_tol=0.11)
    lab.put(lab.field("plane.example"), "4000")
    expect(says).to_contain_text(lab.t("plane.wanted", last=399))
    says.get_by_text(lab.t("plane.as_table"), exact=True).click()
    expect(says.get_by_role("table")).to_be_visible()


def test_a_click_on_the_plane_chooses_the_example_there(visit: Visit) -> None:
    lab = visit()
    plane = lab.show("says").get_by_role("img", name=lab.t("plane.map"))
    box = plane.bounding_box()
    assert box
    chosen = set()
    for share in (0.35, 0.5, 0.62):
        lab.page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.4 * box["height"])
        chosen.add(lab.field("plane.example").input_value())
    assert len(chosen) > 1


def test_the_plane_of_the_output_unit_is_that_of_the_network(visit: Visit) -> None:
    lab = visit()
    says = lab.show("says")

    def plane_of(layer: int) -> bytes:
        lab.unit(1, layer).hover()
        name = lab.t("plane.map_of_unit", unit=lab.t("diagram.unit", unit=1, layer=layer))
        return says.get_by_role("img", name=name, exact=True).screenshot()

    def plane() -> bytes:
        lab.page.mouse.move(0, 0)
        return says.get_by_role("img", name=lab.t("plane.map"), exact=True).screenshot()

    lab.wait(lambda: plane_of(3) == plane())  # with the line where both classes are equally likely
    assert plane_of(1) != plane()


@pytest.mark.parametrize("data", ["digits", "breast_cancer"])
def test_pictures_and_tables_are_shown_as_they_are(visit: Visit, data: str) -> None:
    lab = visit()
    lab.open_data(data)
    lab.play_to(30)
    says = lab.show("says")
    if data == "digits":
        expect(says.get_by_role("img", name=lab.t("plane.picture", example=0))).to_be_visible()
        expect(says.get_by_role("listitem")).to_have_count(10)
    else:
        expect(says.get_by_role("row")).to_have_count(31)
    inside = lab.show("inside")
    expect(inside.get_by_role("table").locator("tbody tr")).to_have_count({"digits": 64, "breast_cancer": 30}[data])
