"""One epoch over more rows than fit into memory: layerlab's stream, PyTorch's DataLoader, ``partial_fit``.

    python -m benchmarks.streams FOLDER [--rows 100000 1000000 10000000] [--rounds 3]

Writes a Parquet file of each size into the folder (50 float32 columns and a label, row groups of 100,000 rows) and
removes it afterwards. All contenders read that file and train 50-64-1 by Adam on batches of 1,024, each in a process
of its own; they take turns, and the result is the median. Writes benchmarks/streams.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

COLUMNS, HIDDEN, BATCH, ROW_GROUP, RATE = 50, 64, 1024, 100_000, 1e-3
NAMES = [f"x{number}" for number in range(COLUMNS)]

Facts = dict[str, float]


def parquet() -> Any:
    """pyarrow's, by name, so that types are checked where it is not installed."""
    return importlib.import_module("pyarrow.parquet")


def write(path: Path, rows: int) -> None:
    """A file of standard normal features; the label is the sign of a product and a sum of some."""
    pa = importlib.import_module("pyarrow")
    draw = np.random.default_rng(0)
    schema = pa.schema([(name, pa.float32()) for name in NAMES] + [("y", pa.int8())])
    with parquet().ParquetWriter(path, schema) as file:
        for start in range(0, rows, ROW_GROUP):
            X = draw.standard_normal((COLUMNS, min(ROW_GROUP, rows - start)), dtype=np.float32)
            y = (X[0] * X[1] + X[2] + X[3] > 0).astype(np.int8)
            file.write_table(pa.table([*X, y], schema=schema), row_group_size=ROW_GROUP)


def with_layerlab(path: Path) -> Facts:
    """The whole: opening the file with a test set and a learned preparation, then an epoch; the planner chooses."""
    import layerlab
    from layerlab.datasets.loading.streams import open_stream

    begun = perf_counter()
    data = open_stream(path, target="y")
    opened = perf_counter() - begun
    assert data.stream is not None  # noqa: S101
    begun = perf_counter()
    run = layerlab.train(
        layerlab.Network([COLUMNS, HIDDEN, 1]),
        data,
        optimizer="adam",
        learning_rate=RATE,
        batch_size=BATCH,
        epochs=1,
        dtype="float32",
    )
    seconds = perf_counter() - begun
    assert run.plan is not None  # noqa: S101
    waited = run.plan.actual["read"]
    costs = run.history.costs[-50:].mean()
    return {"rows": data.stream.rows, "seconds": seconds, "open": opened, "waited": waited, "cost": float(costs)}


def with_pytorch(path: Path, workers: int) -> Facts:
    """Row groups in random order, shuffled within, read by pyarrow; batches as tensors, so that nothing is collated."""
    import torch

    data = importlib.import_module("torch.utils.data")  # by name, for types where it is not installed

    class Rows(data.IterableDataset):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Iterator[Any]:
            file, draw, worker = parquet().ParquetFile(path), np.random.default_rng(0), data.get_worker_info()
            order = draw.permutation(file.num_row_groups)
            for group in order if worker is None else order[worker.id :: worker.num_workers]:
                table = file.read_row_group(int(group))
                X = np.stack([table.column(name).to_numpy() for name in NAMES], axis=1)
                y = table.column("y").to_numpy().astype(np.float32)[:, None]
                places = draw.permutation(len(X))
                for start in range(0, len(X), BATCH):
                    some = places[start : start + BATCH]
                    yield torch.from_numpy(X[some]), torch.from_numpy(y[some])

    begun, rows, costs = perf_counter(), 0, []
    network = torch.nn.Sequential(torch.nn.Linear(COLUMNS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 1))
    optimizer, loss_of = torch.optim.Adam(network.parameters(), lr=RATE), torch.nn.BCEWithLogitsLoss()
    for X, y in data.DataLoader(Rows(), batch_size=None, num_workers=workers):
        optimizer.zero_grad()
        loss = loss_of(network(X), y)
        loss.backward()
        optimizer.step()
        costs.append(loss.item())
        rows += len(X)
    return {"rows": rows, "seconds": perf_counter() - begun, "cost": float(np.mean(costs[-50:])), "workers": workers}


def with_sklearn(path: Path) -> Facts:
    """``partial_fit`` on the same batches, read in the same way."""
    from sklearn.neural_network import MLPClassifier

    begun, rows, draw = perf_counter(), 0, np.random.default_rng(0)
    network = MLPClassifier((HIDDEN,), batch_size=BATCH, learning_rate_init=RATE)
    file, costs = parquet().ParquetFile(path), []
    for group in draw.permutation(file.num_row_groups):
        table = file.read_row_group(int(group))
        X = np.stack([table.column(name).to_numpy() for name in NAMES], axis=1)
        y, places = table.column("y").to_numpy(), draw.permutation(table.num_rows)
        for start in range(0, len(X), BATCH):
            some = places[start : start + BATCH]
            network.batch_size = min(BATCH, len(some))
            network.partial_fit(X[some], y[some], classes=[0, 1])
            costs.append(network.loss_)
            rows += len(some)
    return {"rows": rows, "seconds": perf_counter() - begun, "cost": float(np.mean(costs[-50:]))}


CONTENDERS: dict[str, Callable[[Path], Facts]] = {
    "layerlab": with_layerlab,
    "PyTorch, 0 workers": lambda path: with_pytorch(path, 0),
    "PyTorch, 2 workers": lambda path: with_pytorch(path, 2),
    "scikit-learn": with_sklearn,
}


def peak() -> float:
    """MiB at most of this process, and of each worker it had."""
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own * unit / 2**20


def workers_peak(workers: int) -> float:
    """MiB at most of so many workers; pages that they share with their parent are counted again."""
    return workers * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 2**20


def turn(name: str, path: Path) -> Facts:
    """A contender in a process of its own."""
    begun = perf_counter()
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.streams", str(path), "--only", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    return {**facts, "whole": perf_counter() - begun}


def measured(folder: Path, rows: int, rounds: int) -> dict[str, Facts]:
    """Medians of the rounds."""
    path = folder / f"streams-{rows}.parquet"
    try:
        write(path, rows)
        turns: dict[str, list[Facts]] = {name: [] for name in CONTENDERS}
        for _ in range(rounds):
            for name, made in turns.items():
                made.append(turn(name, path))
                print(rows, name, {key: round(value, 4) for key, value in made[-1].items()}, flush=True)
        return {
            name: {key: statistics.median(one[key] for one in made) for key in made[0]} for name, made in turns.items()
        }
    finally:
        path.unlink(missing_ok=True)


PAGE = """\
# Training on more rows than memory

One epoch of 50-64-1 by Adam on batches of 1,024, in float32. The Parquet file has row groups of 100,000 rows. Times
are {turns}, each in a process of its own, on {cores} cores. `python -m benchmarks.streams FOLDER` writes this file.

Rows per second are those of the epoch: reading, shuffling and updates. For layerlab it is all of `train`, with the
import of jax and compiling if the planner chooses it. Before that layerlab opens the file: one pass that splits off a
test set, learns the preparation, looks for classes and hashes the file. The others do nothing of that, and do not
prepare rows. Memory is the peak of the whole process with its libraries, and of its workers (pages that they share
with it count twice). Cost is the mean of the last 50 batches.

| rows | contender | rows per second | epoch | opening | whole process | peak memory | cost |
|---|---|---|---|---|---|---|---|
"""


def page(found: dict[int, dict[str, Facts]], rounds: int) -> str:
    """The page of results."""
    turns = f"medians of {rounds} turns" if rounds > 1 else "one turn"
    lines = [*PAGE.format(turns=turns, cores=os.cpu_count()).splitlines()]
    for rows, contenders in found.items():
        for name, one in contenders.items():
            opening = f"{one['open']:.1f} s" if "open" in one else ""
            lines.append(
                f"| {rows:,} | {name} | {one['rows'] / one['seconds']:,.0f} | {one['seconds']:.1f} s | {opening} | "
                f"{one['whole']:.1f} s | {one['peak']:,.0f} MiB | {one['cost']:.4f} |"
            )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=CONTENDERS)
    wanted = parser.parse_args()
    if wanted.only:
        facts = CONTENDERS[wanted.only](wanted.folder)
        print(json.dumps({**facts, "peak": peak() + workers_peak(int(facts.get("workers", 0)))}))
        return
    found = {rows: measured(wanted.folder, rows, wanted.rounds) for rows in wanted.rows}
    Path(__file__).with_suffix(".md").write_text(page(found, wanted.rounds), encoding="utf-8")


if __name__ == "__main__":
    main()
