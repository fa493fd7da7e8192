"""How smoothly the lab's page plays, what it costs the training, and how much memory, on this machine.

    python -m benchmarks.lab [--seconds 8] [--turns 5]

A real Chromium shows the page of a lab in a process of its own. A script in the page notes when each frame and each
answer comes; nothing else of the page is changed. Training with the page open and ``layerlab.train`` alone take turns.
Writes benchmarks/lab.md. Needs Linux, a Chromium (LAYERLAB_CHROMIUM names another one) and playwright.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from .machine import describe
from .turns import others_busy

WATCHED = """(() => {
  const notes = (globalThis.benchmark = { frames: [], drawn: [], told: [], sockets: [] });
  const Plain = WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      notes.sockets.push(this);
      this.addEventListener("message", ({ data }) => {
        const now = performance.now();
        if (typeof data !== "string") notes.frames.push(now);
        else if (data.includes('"told"')) notes.told.push([now, JSON.parse(data)]);
      });
    }
    send(text) {
      super.send(text);
      if (text.includes('"drawn"')) notes.drawn.push(performance.now());
    }
  };
})()"""

ASK = """async (message) => {
  const { sockets, told } = globalThis.benchmark;
  const id = `benchmark ${Math.random()}`;
  const asked = performance.now();
  sockets.at(-1).send(JSON.stringify({ ...message, id }));
  for (;;) {
    await new Promise((go) => setTimeout(go, 1));
    const answer = told.find(([, one]) => one.id === id);
    if (answer) return answer[0] - asked;
  }
}"""

TRAIN = """
import sys, time, layerlab
data = layerlab.datasets.load_dataset(sys.argv[1])
layers, iterations = [int(n) for n in sys.argv[2].split(",")], int(sys.argv[4])
network = layerlab.Network(layers, hidden=sys.argv[3])
rate = {"flower": 0.3, "digits": 0.5}[sys.argv[1]]
layerlab.train(network, data, validation=data.test, learning_rate=rate, iterations=iterations)
began = time.perf_counter()
layerlab.train(network, data, validation=data.test, learning_rate=rate, iterations=iterations)
print(iterations / (time.perf_counter() - began))
"""

NETWORKS = {"flower": ("2,8,8,1", "tanh", 5_000), "digits": ("64,32,10", "relu", 1_000)}
"""Layers, activation and iterations as the lab opens these data, so that both take the same engine."""


class Lab(NamedTuple):
    """A lab in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def memory(self) -> float:
        """MiB that the process holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def busy(self) -> float:
        """Seconds that the process has spent on processors."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def lab_of(data: str) -> Iterator[Lab]:
    """A lab that runs inside the block."""
    command = [sys.executable, "-m", "layerlab", "lab", data, "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield Lab(process, process.stdout.readline().strip() if process.stdout else "")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def opened(browser: Browser, lab: Lab) -> Page:
    """A new tab, in which the training is ready."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCHED)
    page.goto(lab.address)
    page.get_by_role("button", name="Play", exact=True).and_(page.locator(":enabled")).wait_for()
    return page


def iteration(page: Page) -> int:
    """The iteration that the page shows."""
    term = page.get_by_role("definition").and_(page.get_by_label("Iteration", exact=True))
    return int(term.inner_text().replace(",", ""))


def press(page: Page, name: str) -> None:
    """Press a button of the header, and wait until it says the opposite."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name={"Play": "Pause", "Pause": "Play"}[name], exact=True).wait_for()


def run_to(page: Page, iterations: int) -> None:
    """Prolong the training."""
    field = page.get_by_role("textbox", name="Run to", exact=True)
    field.fill(f"{iterations:,}")
    field.press("Enter")


def smoothness(page: Page, seconds: float) -> dict[str, float]:
    """Frames, answers and updates while the page plays."""
    press(page, "Play")
    sleep(1)
    before, began = iteration(page), perf_counter()
    page.evaluate("() => { benchmark.frames.length = benchmark.drawn.length = 0; }")
    trips = [page.evaluate(ASK, {"type": "speed", "per_second": None}) for _ in range(30)]
    sleep(max(0.0, seconds - (perf_counter() - began)))
    rate = (iteration(page) - before) / (perf_counter() - began)
    frames: list[float] = page.evaluate("() => benchmark.frames")
    drawn: list[float] = page.evaluate("() => benchmark.drawn")
    pauses = []
    for _ in range(8):
        pauses.append(page.evaluate(ASK, {"type": "pause"}))
        page.get_by_role("button", name="Play", exact=True).wait_for()
        press(page, "Play")
        page.wait_for_timeout(200)
    press(page, "Pause")
    lags = [drew - max(came for came in frames if came <= drew) for drew in drawn if drew > frames[0]]
    gaps = [later - sooner for sooner, later in pairwise(frames)]
    return {
        "frames a second": 1000 * len(gaps) / (frames[-1] - frames[0]),
        "latest frame, ms": max(gaps) - 1000 / 30,
        "frames more than 100 ms late": sum(gap > 100 + 1000 / 30 for gap in gaps),
        "answer to a command, median, ms": statistics.median(trips),
        "from frame to drawn, median, ms": statistics.median(lags),
        "pause, longest of 8, ms": max(pauses),
        "updates a second": rate,
    }


def train_alone(data: str) -> float:
    """Updates a second of ``layerlab.train`` in a process of its own."""
    layers, hidden, iterations = NETWORKS[data]
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, data, layers, hidden, str(iterations)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


def rest(page: Page, lab: Lab, seconds: float) -> float:
    """The share of one processor that the lab takes while it is paused."""
    page.wait_for_timeout(3000)  # until findings are computed
    before = lab.busy()
    page.wait_for_timeout(1000 * seconds)
    return (lab.busy() - before) / seconds


def first_sight(browser: Browser, lab: Lab) -> tuple[float, float, float]:
    """Seconds from the request to the first paint, kB that the browser gets, and kB once they are unpacked."""
    page = opened(browser, lab)
    painted: float = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    sizes: list[float] = page.evaluate(
        "() => ['encodedBodySize', 'decodedBodySize'].map(size =>"
        " [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]"
        ".reduce((sum, one) => sum + one[size], 0))"
    )
    page.context.close()
    return painted / 1000, sizes[0] / 1000, sizes[1] / 1000


def long_run(page: Page, lab: Lab, iterations: int) -> list[tuple[int, float, float]]:
    """Memory of server (MiB) and page (MB, after its garbage was collected) on the way to many iterations."""
    tools = page.context.new_cdp_session(page)
    rows = []
    run_to(page, iterations)
    press(page, "Play")
    for n in (iterations // 10, iterations // 2, iterations):
        while iteration(page) < n:
            page.wait_for_timeout(100)
        tools.send("HeapProfiler.collectGarbage")
        used = tools.send("Runtime.getHeapUsage")["usedSize"]
        rows.append((n, lab.memory(), used / 1e6))
    return rows


def twenty_tabs(browser: Browser, lab: Lab) -> tuple[float, float]:
    """MiB of the lab before and while 20 tabs play."""
    before = lab.memory()
    pages = [opened(browser, lab) for _ in range(20)]
    for page in pages:
        page.get_by_role("button", name="Play", exact=True).click()
    sleep(8)
    during = lab.memory()
    for page in pages:
        page.context.close()
    return before, during


def measure(browser: Browser, seconds: float, turns: int) -> list[str]:
    """Everything, as lines of Markdown."""
    figures: dict[str, dict[str, float]] = {}
    for data in NETWORKS:
        with lab_of(data) as lab:
            page = opened(browser, lab)
            run_to(page, 900_000)
            rows, alone = [], []
            for _ in range(turns):
                rows.append(smoothness(page, seconds))
                print(data, rows[-1], file=sys.stderr)
                alone.append(train_alone(data))
            shares = [row["updates a second"] / rate for row, rate in zip(rows, alone, strict=True)]
            figures[data] = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
            figures[data] |= {
                "updates a second of train alone": statistics.median(alone),
                "with the page open, of train alone": statistics.median(shares),
                "processor while paused": rest(page, lab, seconds),
            }
            page.context.close()
    lines = table(
        ["", *figures], [[name, *(f"{of[name]:.4g}" for of in figures.values())] for name in figures["flower"]]
    )
    with lab_of("flower") as lab:
        sights = [first_sight(browser, lab) for _ in range(turns)]
        before, during = twenty_tabs(browser, lab)
        print(sights, before, during, file=sys.stderr)
    paint, sent, unpacked = (statistics.median(row) for row in zip(*sights, strict=True))
    lines += ["", f"First paint: {paint:.2f} s. The page: {sent:.0f} kB sent, {unpacked:.0f} kB unpacked."]
    lines += [f"The lab's process: {before:.0f} MiB before, and {during:.0f} MiB while 20 tabs play."]
    with lab_of("flower") as lab:
        grown = long_run(opened(browser, lab), lab, 100_000)
    rows_of = [[f"{n:,}", f"{server:.0f}", f"{heap:.1f}"] for n, server, heap in grown]
    return [*lines, "", *table(["iterations", "server, MiB", "page's heap, MB"], rows_of)]


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table."""
    return ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *rows)]


def main() -> None:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    program = os.environ.get("LAYERLAB_CHROMIUM") or shutil.which("chromium")
    busy, load = others_busy(), os.getloadavg()[0]
    facts = describe()
    root = os.geteuid() == 0
    with sync_playwright() as playwright:
        options = ["--disable-gpu", "--enable-precise-memory-info", *["--no-sandbox"] * root]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        lines = measure(browser, given.seconds, given.turns)
        version = browser.version
        browser.close()
    text = f"""# The lab, measured

{facts["processor"]}, {facts["cores"]} cores; Chromium {version} without a graphics card. At the start other programs
kept {busy or 0:.0%} of the processors busy; the load average of the minute before was {load:.1f}.
`python -m benchmarks.lab --seconds {given.seconds:g} --turns {given.turns}` writes this file; medians of the turns.

"""
    text += "\n".join(lines)
    print(text)
    Path(__file__).with_suffix(".md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
