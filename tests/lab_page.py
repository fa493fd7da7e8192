"""A lab, a Chromium, and pages on which a test does what a person does: by roles and accessible names alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab_server import Process, in_a_process
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

DEBIANS = Path("/usr/bin/chromium")
QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")
SECONDS = 20.0
"""The longest that a page may take for anything; a machine on which other tests run needs some of it."""

expect.set_options(timeout=1000 * SECONDS)


def chromium() -> str:
    """Return the Chromium that LAYERLAB_CHROMIUM names, else one on the path, else Debian's; without any, skip."""
    if named := os.environ.get("LAYERLAB_CHROMIUM"):
        return named
    on_path = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    found = next(on_path, str(DEBIANS) if DEBIANS.exists() else None)
    if found is None:
        pytest.skip("there is no Chromium: install one, or name one with LAYERLAB_CHROMIUM")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file."""
    program = chromium()
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's own sandbox does not start as root
        started = playwright.chromium.launch(executable_path=program, args=[*QUIET, *["--no-sandbox"] * root])
        yield started
        started.close()


@pytest.fixture(scope="module")
def lab() -> Iterator[Process]:
    """One lab for all tests of a file; every page has a session of its own."""
    chromium()
    with in_a_process("flower") as process:
        yield process


@pytest.fixture
def visit(browser: Browser, lab: Process) -> Iterator[Callable[..., LabPage]]:
    """A function that opens the lab as a new person; at the end no page may have had an error or asked another host."""
    visitors: list[Visitor] = []

    def come(language: str = "en", width: int = 1440, height: int = 900, **how: Any) -> LabPage:
        visitors.append(Visitor(browser, how.pop("lab", lab), language, width, height, **how))
        return visitors[-1].open()

    yield come
    for visitor in visitors:
        visitor.leave()
    assert [wrong for visitor in visitors for wrong in visitor.wrong] == []


class Visitor:
    """A person's browser: its window, language and light; and what went wrong in it.

    Args:
        browser: that runs.
        lab: whose address is opened.
        language: "en" or "ko".
        width: of the window, in CSS pixels.
        height: of the window.
        scheme: "light" or "dark".
        how: what else Playwright's new_context takes.
    """

    def __init__(
        self, browser: Browser, lab: Process, language: str, width: int, height: int, scheme: str = "light", **how: Any
    ) -> None:
        self.lab, self.language, self.wrong = lab, language, list[str]()
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            locale={"en": "en-US", "ko": "ko-KR"}[language],
            color_scheme=scheme,  # type: ignore[arg-type]
            **how,
        )
        self.context.set_default_timeout(1000 * SECONDS)
        self.context.on("request", self._ask)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.wrong.append(str(error.error)))

    def _ask(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != self.lab.host:
            self.wrong.append(f"asked {request.url}")

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(said.text)

    def open(self, address: str | None = None) -> LabPage:
        """Open a tab at the lab's own address, or another one of its addresses."""
        page = self.context.new_page()
        page.goto(address or f"http://{self.lab.host}/?token={self.lab.gate.token}")
        opened = LabPage(page, self)
        expect(opened.button("play")).to_be_enabled()
        return opened

    def leave(self) -> None:
        """Close all tabs."""
        self.context.close()


class LabPage:
    """A tab with the lab, driven by roles and names in its language.

    Args:
        page: the tab.
        visitor: whose it is.
    """

    def __init__(self, page: Page, visitor: Visitor) -> None:
        self.page, self.visitor, self.language = page, visitor, visitor.language
        text = (files("layerlab.lab") / "words" / f"{visitor.language}.json").read_text(encoding="utf-8")
        self._words: dict[str, str] = json.loads(text)

    def t(self, key: str, **values: Any) -> str:
        """Return a text of the page; a number n of 1 takes the text for one, where there is one."""
        text = self._words.get(f"{key}.one") if values.get("n") == 1 else None
        return (text or self._words[key]).format(**values)

    def button(self, key: str, **values: Any) -> Locator:
        """Return a button by its text."""
        return self.page.get_by_role("button", name=self.t(key, **values), exact=True)

    def unit(self, unit: int, layer: int) -> Locator:
        """Return a unit of the diagram."""
        return self.button("diagram.unit", unit=unit, layer=layer)

    def tab(self, key: str) -> Locator:
        """Return one of the tabs on the right."""
        return self.page.get_by_role("tab", name=self.t(f"tab.{key}"), exact=True)

    def panel(self, key: str) -> Locator:
        """Return what a tab shows."""
        return self.page.get_by_role("tabpanel", name=self.t(f"tab.{key}"), exact=True)

    def field(self, key: str) -> Locator:
        """Return a text field by its label."""
        return self.page.get_by_role("textbox", name=self.t(key), exact=True)

    def choice(self, key: str) -> Locator:
        """Return a list of choices by its label."""
        return self.page.get_by_role("combobox", name=self.t(key), exact=True)

    def radio(self, key: str) -> Locator:
        """Return one of several buttons of which one is pressed."""
        return self.page.get_by_role("radio", name=self.t(key), exact=True)

    @property
    def slider(self) -> Locator:
        """The timeline."""
        return self.page.get_by_role("slider", name=self.t("iteration"), exact=True)

    def value(self, key: str) -> Locator:
        """Return a value of the header by its term."""
        return self.page.get_by_role("definition").and_(self.page.get_by_label(self.t(key), exact=True))

    def figure(self, key: str) -> float:
        """Return a value of the header as a number; NaN before there is any."""
        return number_of(self.value(key).inner_text())

    @property
    def iteration(self) -> int:
        """The iteration that the header shows."""
        return int(self.figure("iteration"))

    def wait(self, holds: Callable[[], Any], seconds: float = SECONDS) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"after {seconds} s: {self.page.get_by_role('banner').inner_text()!r}"
            self.page.wait_for_timeout(20)

    def at(self, iteration: int) -> None:
        """Wait until the training stands at an iteration."""
        expect(self.value("iteration")).to_have_text(f"{iteration:,}")
        expect(self.slider).to_have_value(str(iteration))
        expect(self.button("play")).to_be_visible()

    def open_data(self, name: str) -> None:
        """Choose other data than the present, and wait until their network is drawn."""
        units = self.page.get_by_role("group", name=self.t("diagram.units"), exact=True)
        before = units.inner_text()
        self.choice("data").select_option(name)
        self.wait(lambda: units.inner_text() != before, 60)
        expect(self.button("play")).to_be_visible()

    def play_to(self, iteration: int) -> None:
        """Play until at least this iteration was made, and pause."""
        self.button("play").click()
        self.wait(lambda: self.iteration >= iteration)
        self.button("pause").click()
        expect(self.button("play")).to_be_visible()

    def step(self, n: int = 1) -> None:
        """Make iterations one by one."""
        for _ in range(n):
            before = self.iteration
            self.button("step").click()
            self.at(before + 1)

    def show(self, key: str) -> Locator:
        """Choose a tab, and return what it shows."""
        self.tab(key).click()
        expect(self.panel(key)).to_be_visible()
        return self.panel(key)

    def put(self, field: Locator, value: str) -> None:
        """Write into a field as a person does, and leave it with Enter."""
        field.fill(value)
        field.press("Enter")

    def details(self, key: str) -> None:
        """Open what is folded away."""
        self.page.get_by_text(self.t(key), exact=True).click()

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        return wider

    def check_accessible(self) -> None:
        """Fail where axe-core finds anything wrong."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()


def number_of(text: str) -> float:
    """Return the number that the page wrote: 1,234 or −0.5 or 97.5 % or 1.52·10⁻⁷; NaN for none."""
    plain = text.strip().replace(",", "").replace("−", "-").removesuffix("%").strip()
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    if power := re.fullmatch(r"(.+?)\s*[·×]\s*10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", plain):
        return float(f"{power[1]}e{power[2].translate(raised)}")
    return float("nan") if plain in ("", "–") else float(plain)
