"""A page of HTML in a narrow window of Chromium: which elements reach beyond the window."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MEASURE = """
const inside = document.querySelector("iframe").contentDocument;
const beyond = [...inside.querySelectorAll("body *")].filter(one => {
  const box = one.parentElement.closest(".wide");  // what scrolls in a box of its own may be wider
  return !box && one.getBoundingClientRect().right > inside.documentElement.clientWidth + 0.5;
});
document.querySelector("p").textContent = JSON.stringify([
  inside.documentElement.clientWidth, inside.documentElement.scrollWidth, beyond.map(one => one.outerHTML.slice(0, 99)),
  [...inside.querySelectorAll(".wide")].filter(one => getComputedStyle(one).overflowX != "auto").length,
]);
"""


def check_fits(page: str, folder: Path, width: int = 375) -> None:
    """Fail where an element reaches beyond a window of this width, other than in a box that scrolls.

    Args:
        page: the HTML file's text.
        folder: for Chromium's own files.
        width: in pixels.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("there is no Chromium to show the page")
    frame = f'<iframe style="width: {width}px; height: 700px; border: 0" srcdoc="{html.escape(page)}"></iframe>'
    around = f'<meta charset="utf-8">{frame}<p></p><script>addEventListener("load", () => {{{MEASURE}}})</script>'
    (folder / "around.html").write_text(around, encoding="utf-8")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    said = subprocess.run(  # noqa: S603
        [
            chromium,
            *quiet,
            "--disable-quic",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={folder / 'chromium'}",
            "--dump-dom",
            (folder / "around.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stdout
    if not said:
        pytest.skip("Chromium does not start here")
    (found,) = re.findall(r"<p>(\[.*?\])</p><script>", said)
    client, whole, beyond, unscrolled = json.loads(html.unescape(found))
    assert beyond == []
    assert whole <= client <= width
    assert unscrolled == 0
