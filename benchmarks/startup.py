"""How long ``layerlab --help`` and ``import layerlab`` take, as multiples of ``python -c "import numpy"``.

    python benchmarks/startup.py [--runs 21]

The commands take turns, A B C A B C …, each in a new process with compiled bytecode; the result is the median of the
ratios within a turn, so that a machine whose speed drifts does not matter. Writes benchmarks/startup.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from time import perf_counter

COMMANDS = {
    'python -c "import numpy"': ["-c", "import numpy"],
    "layerlab --help": ["-m", "layerlab", "--help"],
    'python -c "import layerlab"': ["-c", "import layerlab"],
    'python -c "pass"': ["-c", "pass"],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of one new Python process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    for arguments in COMMANDS.values():
        seconds(arguments)  # warms the disk and writes the bytecode
    turns = [{name: seconds(arguments) for name, arguments in COMMANDS.items()} for _ in range(runs)]
    base = next(iter(COMMANDS))
    versions = (
        f"Python {platform.python_version()}, NumPy {metadata.version('numpy')}, typer {metadata.version('typer')}"
    )
    lines = [
        "# Start-up",
        "",
        f"Medians of {runs} turns; {versions}, {os.cpu_count()} cores.",
        "`python benchmarks/startup.py` writes this file.",
        "",
        f"| command | median | of `{base}` |",
        "|---|---|---|",
    ]
    for name in COMMANDS:
        median = statistics.median(turn[name] for turn in turns)
        ratio = statistics.median(turn[name] / turn[base] for turn in turns)
        lines.append(f"| `{name}` | {1000 * median:.0f} ms | {ratio:.2f} × |")
    text = "\n".join([*lines, "", "Target: `layerlab --help` takes at most three times as long as importing NumPy."])
    print(text)
    Path(__file__).with_suffix(".md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
