"""The lab's page for everyone: in Korean, in narrow windows, by keyboard alone, without a fault that axe-core finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import lab_page
import numpy as np
import pytest
from lab_page import LabPage
from lab_server import Process, in_a_process
from playwright.sync_api import expect

pytestmark = pytest.mark.processes
browser, lab, visit = lab_page.browser, lab_page.lab, lab_page.visit
Visit = Callable[..., LabPage]

NAMES = {
    "en": (
        ("play", "Play"),
        ("pause", "Pause"),
        ("step", "One iteration"),
        ("rewind", "Rewind to the initial weights"),
        ("iteration", "Iteration"),
        ("setting.learning_rate.name", "Learning rate"),
        ("tab.inside", "Inside"),
        ("tab.take", "Take away"),
        ("diagram.unit", "Unit {unit} of layer {layer}"),
    ),
    "ko": (
        ("play", "실행"),
        ("pause", "일시정지"),
        ("step", "한 번 반복"),
        ("rewind", "처음 가중치로"),
        ("iteration", "반복"),
        ("setting.learning_rate.name", "학습률"),
        ("tab.inside", "안쪽"),
        ("tab.take", "가져가기"),
        ("diagram.unit", "{layer}층의 유닛 {unit}"),
    ),
}
"""Names by which others drive the page, too: they stay."""

TABS = ("says", "inside", "take")
WINDOWS = ((1440, 900), (1024, 768), (375, 812))
SMALL = """() => [...document.querySelectorAll("button, input, select, textarea, summary, a, [role=tab]")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen"))
  .map(one => [one, one.matches("[type=checkbox], [type=radio]") && one.labels[0] || one])
  .map(([one, target]) => [one, target.getBoundingClientRect()])
  .filter(([one, box]) => box.width < 23.99 || box.height < 23.99)
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width} × ${box.height}`)"""
"""Controls that are smaller than 24 by 24 pixels."""

CUT = """() => [...document.querySelectorAll(
    "button, label, dt, dd, h1, h2, h3, p, summary, legend, th, td, textarea, .field-line span")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen, svg, math"))
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible" && !one.title)
  .map(one => one.outerHTML.slice(0, 160))"""
"""Texts that are cut off, and whose whole text is nowhere."""

COVERED = """() => {
  const boxOf = (name) => {
    const range = document.createRange();
    range.selectNodeContents(name);
    return range.getBoundingClientRect();
  };
  const tiles = [...document.querySelectorAll(".layer-units button")].filter(one => one.checkVisibility())
    .map(one => one.getBoundingClientRect());
  return [...document.querySelectorAll(".tile-name")].filter(one => one.checkVisibility())
    .map(one => [one.textContent, boxOf(one)])
    .filter(([, box]) => tiles.some(tile => box.left < tile.right - 1 && box.right > tile.left + 1
      && box.top < tile.bottom - 1 && box.bottom > tile.top + 1))
    .map(([text]) => text);
}"""
"""Names of inputs and outputs that lie over a tile."""


def everything_at_a_glance(lab: LabPage) -> None:
    """Fail where the page is wider than its window, a control is too small, or a text is cut off."""
    assert lab.overflow() <= 0
    assert lab.page.evaluate(SMALL) == []
    assert lab.page.evaluate(CUT) == []
    assert lab.page.evaluate(COVERED) == []


# Names


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_by_which_others_drive_the_page(visit: Visit, language: str) -> None:
    lab = visit(language)
    assert [(key, lab.t(key, unit="{unit}", layer="{layer}")) for key, _ in NAMES[language]] == list(NAMES[language])
    for name in ("iteration", "cost", "validation_cost", "validation_accuracy"):
        named = lab.page.get_by_label(lab.t(name), exact=True)
        tags = named.evaluate_all("all => all.map(one => one.tagName + (one.type ? ` ${one.type}` : ''))")
        assert sorted(tags) == ["DD", "INPUT range"][: 1 + (name == "iteration")]
    expect(lab.unit(2, 1)).to_be_visible()
    assert lab.page.evaluate("() => document.documentElement.lang") == language


# A covering set of journeys, in Korean and in narrow windows


def plays(lab: LabPage) -> None:
    """Play, pause, one iteration, rewind."""
    lab.play_to(30)
    lab.step()
    assert lab.figure("cost") > 0
    lab.button("rewind").click()
    lab.at(0)


def goes_back(lab: LabPage) -> None:
    """Go along the timeline."""
    lab.step(3)
    lab.slider.focus()
    lab.slider.press("ArrowLeft")
    lab.at(2)
    lab.slider.press("Home")
    lab.at(0)


def changes_settings(lab: LabPage) -> None:
    """Change a live setting, then one that needs a new training; a mistake is said."""
    lab.step()
    rate = lab.field("setting.learning_rate.name")
    lab.put(rate, "x")
    expect(lab.page.get_by_text(lab.t("wanted.float"), exact=True)).to_be_visible()
    lab.put(rate, "0.1")
    expect(lab.page.get_by_text(lab.t("about.changes", n=1), exact=True)).to_be_visible()
    lab.put(lab.field("setting.seed.name"), "5")
    lab.button("notice.begin").click()
    lab.at(0)
    lab.step()


def chooses_data(lab: LabPage) -> None:
    """Open other data, and choose a unit of their network."""
    lab.choice("data").select_option("digits")
    expect(lab.unit(10, 2)).to_be_visible()
    lab.unit(10, 2).click()
    expect(lab.unit(10, 2)).to_have_attribute("aria-pressed", "true")
    lab.step()


def looks(lab: LabPage) -> None:
    """Look through each lens, in light and dark, and in the other language."""
    lab.step()
    for lens in ("numbers", "gradients", "steps", "maps"):
        lab.radio(f"diagram.lens.{lens}").check()
        expect(lab.page.get_by_text(lab.t(f"diagram.edges.{lens}"), exact=True)).to_be_visible()
    lab.details("about.page")
    lab.choice("page.scheme").select_option("dark")
    assert lab.page.evaluate("() => document.querySelector('.layerlab-lab').dataset.scheme") == "dark"
    lab.choice("page.language").select_option("ko" if lab.language == "en" else "en")
    other = "실행" if lab.language == "en" else "Play"
    expect(lab.page.get_by_role("button", name=other, exact=True)).to_be_visible()


def takes_away(lab: LabPage) -> None:
    """Take the Python, the weights and the link of a changed training; the link makes it again."""
    lab.step()
    lab.put(lab.field("setting.learning_rate.name"), "0.1")
    lab.step(2)
    lab.show("take")
    code, link = lab.field("take.python"), lab.field("take.link")
    lab.wait(lambda: "s.change(learning_rate=0.1)" in code.input_value() and "#" in link.input_value())
    with lab.page.expect_download() as coming:
        lab.button("take.weights").click()
    with np.load(coming.value.path()) as weights:
        assert weights["W1"].shape == (8, 2)
    other = lab.visitor.open(link.input_value())
    other.at(3)
    assert other.value("cost").inner_text() == lab.value("cost").inner_text()
    other.page.close()


JOURNEYS = (plays, goes_back, changes_settings, chooses_data, looks, takes_away)


@pytest.fixture(scope="module")
def its_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A lab on a table with Korean names."""
    table = tmp_path_factory.mktemp("table") / "감귤.csv"
    rows = [
        f"{15 + k % 11},{40 + 3 * (k % 13)},{4 + (k * k) % 7},{'맛있음' if k % 11 + k % 13 > 11 else '보통'}"
        for k in range(120)
    ]
    table.write_text("\n".join(["기온,습도,일조 시간,맛", *rows]) + "\n", encoding="utf-8")
    with in_a_process(str(table), "--target", "맛") as process:
        yield process


@pytest.mark.parametrize(("width", "height"), WINDOWS)
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journeys_in_korean(visit: Visit, journey: Callable[[LabPage], None], width: int, height: int) -> None:
    lab = visit("ko", width, height)
    journey(lab)
    assert lab.overflow() <= 0


@pytest.mark.parametrize(("width", "height"), WINDOWS[1:])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journeys_in_narrow_windows(visit: Visit, journey: Callable[[LabPage], None], width: int, height: int) -> None:
    lab = visit("en", width, height)
    journey(lab)
    assert lab.overflow() <= 0


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_a_table_of_ones_own_in_korean(visit: Visit, its_lab: Process, width: int, height: int) -> None:
    lab = visit("ko", width, height, lab=its_lab)
    expect(lab.page.get_by_role("combobox", name="데이터", exact=True)).to_have_value("given")
    expect(lab.page.get_by_text("기온", exact=True).first).to_be_attached()
    lab.play_to(30)
    lab.show("says")
    expect(lab.page.get_by_text("맛있음").first).to_be_visible()
    lab.choice("data").select_option("flower")
    lab.button("notice.begin").click()
    expect(lab.unit(8, 2)).to_be_visible()
    lab.open_data("given")
    lab.at(0)
    lab.show("take")
    expect(lab.page.get_by_text(lab.t("take.link.given"))).to_be_visible()
    everything_at_a_glance(lab)


# Without a fault


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, scheme: str, tab: str) -> None:
    lab = visit("ko" if scheme == "dark" else "en", scheme=scheme)
    lab.step(2)
    lab.show(tab)
    lab.check_accessible()
    lab.page.set_viewport_size({"width": 375, "height": 812})
    lab.check_accessible()


@pytest.mark.parametrize("data", ["flower", "digits", "breast_cancer"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_is_cut_off_or_too_small(visit: Visit, language: str, data: str) -> None:
    lab = visit(language)
    if data != "flower":
        lab.open_data(data)
    lab.step(2)
    for folded in ("group.regularisation", "group.schedule", "group.length", "group.engine", "about.page"):
        lab.details(folded)
    for width, height in (*WINDOWS, (720, 450), (320, 640)):  # 720 × 450 is 1440 × 900 at 200 %, 320 is 1280 at 400 %
        lab.page.set_viewport_size({"width": width, "height": height})
        for tab in TABS:
            lab.show(tab)
            everything_at_a_glance(lab)


def test_a_page_at_200_percent_loses_nothing(visit: Visit) -> None:
    lab = visit("en", 720, 450, device_scale_factor=2)
    lab.step(2)
    for control in (lab.choice("speed"), lab.field("run_to"), lab.choice("data"), lab.radio("diagram.lens.steps")):
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport()
    lab.unit(8, 2).click()
    expect(lab.unit(8, 2)).to_be_in_viewport()
    lab.put(lab.field("setting.learning_rate.name"), "0.1")
    expect(lab.page.get_by_text(lab.t("about.changes", n=1), exact=True)).to_be_visible()


def test_every_control_is_reached_by_tab_and_shows_where_it_is(visit: Visit) -> None:
    lab = visit()
    lab.step()
    seen = []
    lab.page.get_by_role("heading", level=1).click()
    for _ in range(80):
        lab.page.keyboard.press("Tab")
        here: dict[str, Any] = lab.page.evaluate(
            """() => {
              const one = document.activeElement;
              const style = getComputedStyle(one.matches("[type=radio]") ? one.labels[0].querySelector("span") : one);
              const box = one.getBoundingClientRect();
              const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return {
                name: one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent.slice(0, 40),
                ring: outlined || style.boxShadow !== "none",
                inside: box.bottom > 0 && box.top < innerHeight,
                body: one === document.body,
              };
            }"""
        )
        if here["body"]:
            break
        assert here["ring"], here
        assert here["inside"], here
        seen.append(here["name"])
    header = ("rewind", "play", "step", "speed", "run_to", "data")
    places = [seen.index(lab.t(key)) for key in header]
    assert places == sorted(places)
    others = ("iteration", "tab.says", "setting.learning_rate.name", "curve.log", "about.page")
    assert {lab.t(key) for key in others} < {*seen}


def test_who_wants_less_motion_gets_none(visit: Visit) -> None:
    lab = visit(reduced_motion="reduce")
    lab.step()
    moving = lab.page.evaluate(
        "() => document.getAnimations().filter(one => one.effect.getTiming().duration > 1).length"
    )
    assert moving == 0
    lab.play_to(10)
    slow = lab.page.evaluate(
        "() => [...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration.split(', ')"
        ".some(time => parseFloat(time) > 0.001)).map(one => one.outerHTML.slice(0, 99))"
    )
    assert slow == []


def test_forced_colours_keep_every_control_and_what_is_chosen(visit: Visit) -> None:
    lab = visit(forced_colors="active")
    lab.step(2)
    expect(lab.unit(1, 1)).to_be_visible()
    chosen, other = (lab.unit(n, 1).screenshot() for n in (1, 2))
    assert chosen != other
    for name in ("play", "step", "rewind"):
        border = lab.button(name).evaluate("one => getComputedStyle(one).borderTopStyle")
        assert border != "none", name
    lab.check_accessible()
