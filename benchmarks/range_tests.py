"""Range tests on mini-batches: how much of the fall that some learning rate reaches does the suggested one miss?

Run: python -m benchmarks.range_tests [--draws 40] [--seed 0]

Each draw is a data set, a network of none to three hidden layers, an optimiser, a batch size and seeds. From the same
start and in the same epochs the network is trained at the suggested learning rate and at nine others, by equal factors
over six decades, as one population. A suggestion misses

    (cost at the suggestion − lowest cost of the nine) / (cost at the start − that lowest cost)

with the costs on the whole training set after the last update. The same is asked of another seed of weights and
batches, which the range test never saw. A draw in which the best of the nine falls by less than a tenth is drawn again.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import layerlab
from layerlab import Network
from layerlab.datasets import Part, load_breast_cancer, load_digits, load_flower
from layerlab.formulas import cost, network_forward

EPOCHS = (20, 5, 50)
"""Lengths of the trainings by which a suggestion is judged; the first is the one that counts."""

HIGHEST = {"gd": 100.0, "momentum": 10.0, "nesterov": 10.0, "rmsprop": 1.0, "adam": 1.0, "adamw": 1.0}
"""By optimiser, the highest of the nine learning rates; the lowest is a millionth of it."""


class Draw(NamedTuple):
    """One case: data, network and the settings of ``train`` without a learning rate and a length."""

    name: str
    network: Network
    part: Part
    settings: dict[str, Any]


def main() -> None:
    """Print a row for each draw, and how many suggestions miss at most 5 %."""
    warnings.simplefilter("ignore")
    reader = argparse.ArgumentParser()
    reader.add_argument("--draws", type=int, default=40)
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    rows = []
    print("| draw | suggestion | misses after 20 epochs | another seed | 5 epochs | 50 epochs |\n" + "|---" * 6 + "|")
    for draw in draws(asked.seed):
        row = judged(draw)
        if row is None:
            continue
        rows.append(row)
        print(f"| {draw.name} | {row[0]} | {' | '.join(f'{100 * share:.1f} %' for share in row[1:])} |", flush=True)
        if len(rows) == asked.draws:
            break
    for number, what in enumerate(
        ("after 20 epochs", "after 20 epochs, another seed", "5 epochs", "50 epochs"), start=1
    ):
        shares = np.array([row[number] for row in rows])
        print(
            f"{what}: {int((shares <= 0.05).sum())} of {len(rows)} miss at most 5 %; "
            f"median {100 * np.median(shares):.1f} %, largest {100 * shares.max():.1f} %"
        )


def draws(seed: int) -> Iterator[Draw]:
    """Cases without end, the data sets in turn."""
    random, sets = np.random.RandomState(seed), {name: load() for name, load in SETS.items()}

    def one(several: Any) -> Any:
        return several[random.randint(len(several))]

    while True:
        for name, part in sets.items():
            depth, hidden, optimizer = random.randint(4), one(["relu", "tanh"]), one(list(HIGHEST))
            sizes = [int(one([4, 8, 16, 32])) for _ in range(depth)]
            batch = int(one([8, 16, 32, 64, 128][: 4 if part.X.shape[1] < 250 else 5]))
            network = Network([part.X.shape[0], *sizes, part.Y.shape[0]], hidden=hidden).for_labels(part.Y)
            start = {"initializer": "he" if hidden == "relu" else "lecun", "seed": int(random.randint(1000))}
            settings = {"optimizer": optimizer, "batch_size": batch, "batch_seed": int(random.randint(1000)), **start}
            text = (
                f"{name} {'-'.join(map(str, network.layer_dims))}{' ' + hidden if sizes else ''}, {optimizer}, {batch}"
            )
            yield Draw(text, network, part, settings)


def judged(draw: Draw) -> tuple[str, float, float, float, float] | None:
    """The suggestion, and what it misses after 20 epochs, with another seed, after 5 and 50; None: nothing to learn."""
    suggestion = suggested(draw)
    other = {name: draw.settings[name] + 1000 for name in ("seed", "batch_seed")}
    anew = draw._replace(settings={**draw.settings, **other})
    cases = [(draw, EPOCHS[0], suggestion), (anew, EPOCHS[0], suggestion)]
    cases += [(draw, epochs, suggested(draw, epochs)) for epochs in EPOCHS[1:]]
    shares = []
    for case, epochs, rate in cases:
        share = missed(case, epochs, rate)
        if share is None:
            return None
        shares.append(share)
    return ("none" if suggestion is None else f"{suggestion:.2g}", *shares)  # type: ignore[return-value]


def suggested(draw: Draw, epochs: int | None = None) -> float | None:
    """What the range test suggests, told the number of epochs or not."""
    own = draw.settings if epochs is None else {**draw.settings, "epochs": epochs}
    return layerlab.range_test(draw.network, draw.part, **own).suggestion


def missed(draw: Draw, epochs: int, rate: float | None) -> float | None:
    """Share of the best fall that a learning rate misses, 1 for none or a diverged one; None: nothing to learn."""
    highest = HIGHEST[draw.settings["optimizer"]]
    several = [float(f"{one:.4g}") for one in np.geomspace(1e-6 * highest, highest, 9)]
    rates = several if rate is None or rate in several else [*several, rate]
    swept = layerlab.sweep(draw.network, draw.part, learning_rate=rates, epochs=epochs, progress=False, **draw.settings)
    costs = [_cost(draw, run.parameters) if history_is_finite(run) else np.inf for run in swept.runs]
    first = layerlab.formulas.initialize_parameters(
        draw.network.layer_dims, draw.settings["initializer"], draw.settings["seed"]
    )
    start, best = _cost(draw, first), min(costs[:9])
    if start - best < 0.1 * start:
        return None
    own = np.inf if rate is None else costs[rates.index(rate)]
    return float(min(1.0, (own - best) / (start - best)))


def history_is_finite(run: layerlab.Run) -> bool:
    """Whether a training did not diverge."""
    return bool(np.isfinite(run.history.costs).all())


def _cost(draw: Draw, parameters: Any) -> float:
    with np.errstate(all="ignore"):
        Z, _ = network_forward(draw.part.X, parameters, draw.network.activations)
        value = float(cost(draw.network.loss.losses(Z, draw.part.Y)))
    return value if np.isfinite(value) else np.inf


def _standard(X: Any) -> Any:
    """Features, in rows, brought to mean 0 and standard deviation 1."""
    spread = X.std(1, keepdims=True)
    return (X - X.mean(1, keepdims=True)) / np.where(spread > 0, spread, 1)


def _breast_cancer() -> Part:
    part = load_breast_cancer().train
    return Part(_standard(part.X), part.Y)


def _from_sklearn(name: str) -> Callable[[], Part]:
    def load() -> Part:
        from sklearn import datasets

        rows, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
        Y = _standard(targets[None]) if targets.dtype.kind == "f" else np.eye(targets.max() + 1)[:, targets]
        return Part(_standard(rows.T), Y)

    return load


SETS: dict[str, Callable[[], Part]] = {
    "flower": lambda: load_flower().train,
    "digits": lambda: load_digits().train,
    "breast cancer": _breast_cancer,
    "wine": _from_sklearn("wine"),
    "iris": _from_sklearn("iris"),
    "diabetes": _from_sklearn("diabetes"),
}
"""The six data sets, by name: training set, features scaled."""


if __name__ == "__main__":
    main()
