"""How much the tests notice: small faults put into the code one at a time, and whether a test fails.

    python tests/mutants.py cover                       # once: which test executes which line, and how long it takes
    python tests/mutants.py run --seed 0 --out a.json   # 60 mutants: 30 of the formulas, 30 of all else
    python tests/mutants.py run --replay a.json --survivors --tree OTHER   # the same faults in another checkout

A mutant is one operator, constant or comparison changed, or one call dropped (a statement that is a call). It is put
into a copy of the checkout, and the tests that execute its line run, the quick ones first, up to the first that fails.
A mutant that no test kills says that nobody would notice. Another checkout is compared by the function and the text of
the line, so that files may have moved.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

OPERATORS: dict[type[ast.AST], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.MatMult: "*"}
COMPARISONS: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
DATA, TIMES = ".coverage.mutants", ".coverage.mutants.xml"
"""What ``cover`` leaves at the root of the checkout."""


@dataclass(frozen=True)
class Mutant:
    """One small fault.

    Attributes:
        file: path below src.
        function: name of the function, with those of the classes and functions around it.
        text: the line, without its indentation.
        line: its number, from 1.
        start, end: columns that are replaced.
        new: what stands there instead.
        kind: operator, comparison, constant or call.
    """

    file: str
    function: str
    text: str
    line: int
    start: int
    end: int
    new: str
    kind: str


class Drawing:
    """All small faults that one file can have, inside functions."""

    def __init__(self, path: Path, src: Path) -> None:
        self.file, source = path.relative_to(src).as_posix(), path.read_text(encoding="utf-8")
        self.lines, self.tree = source.split("\n"), ast.parse(source)

    def mutants(self, node: ast.AST | None = None, function: str = "") -> Iterator[Mutant]:
        """Those of a node and of all below it."""
        for child in ast.iter_child_nodes(node or self.tree):
            named = isinstance(child, ast.FunctionDef | ast.ClassDef)
            if function:
                yield from self._faults(child, function)
            yield from self.mutants(child, f"{function}.{child.name}".strip(".") if named else function)  # type: ignore[attr-defined]

    def _faults(self, node: ast.AST, function: str) -> Iterator[Mutant]:
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            yield from self._between(function, node.left, node.right, OPERATORS[type(node.op)], "operator")
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            new = COMPARISONS[type(node.ops[0])]
            yield from self._between(function, node.left, node.comparators[0], new, "comparison")
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float) and node.end_col_offset:
            new = str(not node.value) if isinstance(node.value, bool) else repr(node.value + 1)
            yield self._mutant(function, node.lineno, (node.col_offset, node.end_col_offset), new, "constant")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.end_lineno == node.lineno:
            yield self._mutant(function, node.lineno, (node.col_offset, node.end_col_offset or 0), "None", "call")

    def _between(self, function: str, left: ast.expr, right: ast.expr, new: str, kind: str) -> Iterator[Mutant]:
        """The operator between two operands, where all three are on one line."""
        if left.end_lineno == right.lineno and left.end_col_offset is not None:
            raw = self.lines[right.lineno - 1].encode()[left.end_col_offset : right.col_offset]
            if not raw.strip(b" +-*/@<>=!isnot") and raw.strip():
                begin = left.end_col_offset + len(raw) - len(raw.lstrip())
                yield self._mutant(function, right.lineno, (begin, begin + len(raw.strip())), new, kind)

    def _mutant(self, function: str, line: int, columns: tuple[int, int], new: str, kind: str) -> Mutant:
        text = self.lines[line - 1]
        start, end = (len(text.encode()[:column].decode()) - len(text) + len(text.lstrip()) for column in columns)
        return Mutant(self.file, function, text.strip(), line, start, end, new, kind)


def drawn(tree: Path, seed: int, count: int, covered: dict[str, dict[int, list[str]]]) -> list[Mutant]:
    """Half of the mutants from the formulas, half from all else, of lines that a test executes."""
    src, random_ = tree / "src", random.Random(seed)  # noqa: S311
    pools: dict[bool, list[Mutant]] = {True: [], False: []}
    for path in sorted(src.rglob("*.py")):
        for one in Drawing(path, src).mutants():
            if covered.get(one.file, {}).get(one.line):
                pools["/formulas/" in one.file].append(one)
    return [one for pool in pools.values() for one in random_.sample(pool, count // 2)]


def cover(tree: Path, arguments: list[str]) -> None:
    """Run all tests once and keep which of them executes which line."""
    environment = {**os.environ, "COVERAGE_FILE": str(tree / DATA), "PYTHONPATH": str(tree / "src")}
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-q", "-m", "", "--cov=layerlab", "--cov-branch", "--cov-context=test",
         "--cov-report=", f"--junitxml={tree / TIMES}", *arguments],
        cwd=tree, env=environment, check=False,
    )  # fmt: skip


def tests_by_line(tree: Path, data: Path) -> dict[str, dict[int, list[str]]]:
    """For each file below src and each of its lines the tests that execute it."""
    from coverage import CoverageData

    found = CoverageData(basename=str(data))
    found.read()
    by_line: dict[str, dict[int, list[str]]] = {}
    for file in found.measured_files():
        if "/src/" in file:
            contexts = found.contexts_by_lineno(file)
            tests = {line: [name.split("|")[0] for name in names if name] for line, names in contexts.items()}
            by_line[file.rpartition("/src/")[2]] = tests
    return by_line


def seconds_by_test(times: Path) -> dict[str, float]:
    """How long each test took, by its file's name without ending and its own name."""
    if not times.exists():
        return {}
    cases = ElementTree.parse(times).iter("testcase")  # noqa: S314
    return {f"{c.get('classname', '').split('.')[-1]}::{c.get('name')}": float(c.get("time", 0)) for c in cases}


def found_in(tree: Path, mutant: Mutant) -> Mutant | None:
    """The same fault in another checkout: the same line of a function of the same name."""
    src = tree / "src"
    name = mutant.function.split(".")[-1]
    for path in sorted(src.rglob("*.py"), key=lambda path: path.name != Path(mutant.file).name):
        for one in Drawing(path, src).mutants():
            same = (one.text, one.start, one.new) == (mutant.text, mutant.start, mutant.new)
            if same and one.function.split(".")[-1] == name:
                return one
    return None


def verdict(tree: Path, mutant: Mutant, tests: list[str], timeout: float) -> tuple[str, str]:
    """Whether the tests notice a mutant: "killed", "survived" or "timeout" (which counts as noticed), and the test."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "benchmarks"))
        path = copy / "src" / mutant.file
        lines = path.read_text(encoding="utf-8").split("\n")
        line = lines[mutant.line - 1]
        indent = len(line) - len(line.lstrip())
        assert line.strip() == mutant.text, f"{mutant.file}:{mutant.line} has changed"
        lines[mutant.line - 1] = line[: indent + mutant.start] + mutant.new + line[indent + mutant.end :]
        path.write_text("\n".join(lines), encoding="utf-8")
        listed = Path(folder) / "tests.txt"
        listed.write_text("\n".join(tests), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "", "--tb=no", "-rfE"]
        command += ["-n0"] if "xdist" in (tree / "pyproject.toml").read_text(encoding="utf-8") else ["--no-cov"]
        environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(  # noqa: S603
                [*command, f"@{listed}"],
                cwd=copy, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "timeout", ""
        failed = [row for row in done.stdout.splitlines() if row.startswith(("FAILED", "ERROR"))]
        return ("survived", "") if done.returncode == 0 else ("killed", failed[0] if failed else done.stdout[-300:])


def run(options: argparse.Namespace) -> None:
    """Draw or replay mutants and write the verdicts, one after the other, so that a stopped run loses nothing."""
    tree, data = options.tree.resolve(), (options.data or options.tree / DATA).resolve()
    covered, seconds = tests_by_line(tree, data), seconds_by_test(options.times or options.tree / TIMES)
    if options.replay:
        rows = json.loads(options.replay.read_text(encoding="utf-8"))
        rows = [row for row in rows if row["verdict"] == "survived"] if options.survivors else rows
        fields = Mutant.__dataclass_fields__
        wanted = [Mutant(**{name: row[name] for name in fields}) for row in rows]
        mutants = [(one, found_in(tree, one)) for one in wanted]
    else:
        mutants = [(one, one) for one in drawn(tree, options.seed, options.count, covered)]
    results: list[dict[str, Any]] = []
    for number, (wanted_one, one) in enumerate(mutants):
        begun = time.perf_counter()
        tests = covered.get(one.file, {}).get(one.line, []) if one else []
        tests = sorted(set(tests), key=lambda name: seconds.get(short(name), 1.0))
        what, by = verdict(tree, one, tests, options.timeout) if one and tests else ("not found", "")
        results.append({**asdict(one or wanted_one), "verdict": what, "by": by, "tests": len(tests)})
        options.out.write_text(json.dumps(results, indent=1), encoding="utf-8")
        where = f"{(one or wanted_one).file}:{(one or wanted_one).line}"
        print(f"{number + 1:3} {what:9} {time.perf_counter() - begun:5.0f} s  {where}  {(one or wanted_one).new}  {by}")
    counts = {what: sum(row["verdict"] == what for row in results) for what in ("killed", "timeout", "survived")}
    print(counts)


def short(test: str) -> str:
    """A test's name as the table of times has it."""
    path, _, name = test.partition("::")
    return f"{Path(path).stem}::{name.rpartition('::')[2]}"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=("cover", "run"))
    parser.add_argument("--tree", type=Path, default=Path.cwd(), help="the checkout")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for the tests of one mutant")
    parser.add_argument("--data", type=Path, help="coverage data with contexts, if not that of `cover`")
    parser.add_argument("--times", type=Path, help="a JUnit file with the seconds of the tests")
    parser.add_argument("--replay", type=Path, help="the mutants of an earlier run instead of new ones")
    parser.add_argument("--survivors", action="store_true", help="of these only those that survived")
    parser.add_argument("--out", type=Path, default=Path("mutants.json"))
    options, others = parser.parse_known_args()
    if options.what == "cover":
        cover(options.tree.resolve(), others)
    else:
        run(options)


if __name__ == "__main__":
    main()
