"""Who trains the configurations of a search, each on every fold: scikit-learn, Optuna with PyTorch, layerlab."""

from __future__ import annotations

import importlib
import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from .search_space import DEPTHS, HIDDEN, L2, LEARNING_RATES, OPTIMIZERS, WIDTHS, Configuration, examples, folds

BATCHES = 8
"""Batches of a search with halving."""


class Measured(NamedTuple):
    """What a contender did.

    Attributes:
        seconds: of the whole, with everything on this many jobs at a time.
        each: seconds of each configuration on its own job, all folds; NaN where they are trained together.
        accuracies: of each configuration, the mean over the folds; NaN where a training failed.
        updates: made for each configuration, all folds; 0 where one failed.
    """

    seconds: float
    each: list[float]
    accuracies: list[float]
    updates: list[int]


class Asked(NamedTuple):
    """What every contender does.

    Attributes:
        iterations: updates of each training that is not pruned.
        data: "cats" or "digits".
        halving: the η of successive halving, with rungs at 1/η² and 1/η of the updates; 1 for none.
    """

    iterations: int
    data: str = "cats"
    halving: int = 1

    @property
    def rungs(self) -> list[int]:
        """After how many updates trials are pruned, and the end."""
        eta = self.halving
        return [*([] if eta == 1 else [-(-self.iterations // eta**k) for k in (2, 1)]), self.iterations]


Contender = Callable[[Sequence[Configuration], Asked, int], Measured]
"""From configurations, what is asked, and jobs at a time."""


def scikit_learn(searched: Sequence[Configuration], asked: Asked, jobs: int) -> Measured:
    """``RandomizedSearchCV`` of ``MLPClassifier``: every configuration once, all examples an update, no early stop."""
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV, RandomizedSearchCV
    from sklearn.neural_network import MLPClassifier

    X, y = examples(asked.data)
    estimator = MLPClassifier(
        solver="sgd",
        shuffle=False,
        tol=0.0,
        n_iter_no_change=10**9,
        max_iter=asked.iterations,
        random_state=0,
        batch_size=len(y),  # it takes the fold's examples, which are fewer, all at once
    )
    space = [{name: [value] for name, value in _to_scikit_learn(one).items()} for one in searched]
    usual: dict[str, Any] = {"refit": False, "cv": folds(y), "n_jobs": jobs, "error_score": np.nan, "random_state": 0}
    if asked.halving > 1:
        search: Any = HalvingRandomSearchCV(
            estimator,
            space,
            n_candidates=len(searched),
            factor=asked.halving,
            resource="max_iter",
            min_resources=asked.rungs[0],
            max_resources=asked.iterations,
            scoring="accuracy",
            **usual,
        )
    else:
        search = RandomizedSearchCV(
            estimator,
            space,
            n_iter=len(searched),
            scoring=lambda model, X, y: {"accuracy": model.score(X, y), "updates": model.n_iter_},
            **usual,
        )
    begun = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged, diverged, a batch that is cut: the results show that
        search.fit(X, y)
    seconds = perf_counter() - begun
    found = search.cv_results_
    if asked.halving > 1:
        return _halved(found, searched, seconds, search.n_splits_)
    places = {params["alpha"]: place for place, params in enumerate(found["params"])}
    order = [places[one["l2"]] for one in searched]
    updates = np.sum([found[f"split{fold}_test_updates"] for fold in range(search.n_splits_)], axis=0)
    each = (found["mean_fit_time"] + found["mean_score_time"]) * search.n_splits_
    return Measured(
        seconds,
        each[order].tolist(),
        found["mean_test_accuracy"][order].tolist(),
        np.nan_to_num(updates[order]).astype(int).tolist(),
    )


def _halved(found: Any, searched: Sequence[Configuration], seconds: float, n_splits: int) -> Measured:
    """What scikit-learn's halving did: at every rung it trains those that are left from the start."""
    n = len(searched)
    places = {one["l2"]: place for place, one in enumerate(searched)}
    each, updates, accuracies = np.zeros(n), np.zeros(n, int), np.full(n, np.nan)
    times = (found["mean_fit_time"] + found["mean_score_time"]) * n_splits
    for i, params in enumerate(found["params"]):
        at = places[params["alpha"]]
        each[at] += times[i]
        updates[at] += int(found["n_resources"][i]) * n_splits
        accuracies[at] = found["mean_test_score"][i]
    return Measured(seconds, each.tolist(), accuracies.tolist(), updates.tolist())


def _to_scikit_learn(one: Configuration) -> dict[str, Any]:
    """Its names; ``alpha``/(2m) Σ W² is layerlab's penalty."""
    return {
        "hidden_layer_sizes": tuple(one["widths"]),
        "activation": one["hidden"],
        "learning_rate_init": one["learning_rate"],
        "alpha": one["l2"],
        "momentum": 0.0 if one["optimizer"] == "gd" else 0.9,
        "nesterovs_momentum": one["optimizer"] == "nesterov",
    }


def optuna_pytorch(searched: Sequence[Configuration], asked: Asked, jobs: int) -> Measured:
    """Optuna's TPE, which proposes what ``enqueue_trial`` names, and a plain training loop in PyTorch for each fold.

    Enqueued values cost TPE no modelling: a search of its own would take longer than this one.
    """
    import optuna

    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    X, y = examples(asked.data)
    classes = int(y.max()) + 1
    parts = [(torch.from_numpy(X[a]), torch.from_numpy(y[a]), torch.from_numpy(X[b]), y[b]) for a, b in folds(y)]

    def objective(trial: Any) -> float:
        begun, one, made = perf_counter(), _proposed(trial), 0
        trainings = [_training(torch, one, x, labels, classes) for x, labels, *_ in parts]
        for rung in asked.rungs:
            networks = [train(rung - made) for train in trainings]
            made = rung
            with torch.no_grad():
                said = [network(left_out).numpy() for network, (*_, left_out, _) in zip(networks, parts, strict=True)]
            found = [logits.argmax(axis=1) if classes > 2 else logits[:, 0] > 0 for logits in said]
            accuracy = float(np.mean([(own == part[3]).mean() for own, part in zip(found, parts, strict=True)]))
            trial.set_user_attr("seconds", perf_counter() - begun)
            trial.set_user_attr("updates", made * len(parts))
            trial.report(accuracy, rung)
            if rung < asked.iterations and trial.should_prune():
                raise optuna.TrialPruned
        return accuracy

    pruner: Any = optuna.pruners.NopPruner()
    if asked.halving > 1:
        pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=asked.rungs[0], reduction_factor=asked.halving)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0), pruner=pruner)
    for one in searched:
        study.enqueue_trial(_to_optuna(one))
    begun = perf_counter()
    study.optimize(objective, n_trials=len(searched), n_jobs=jobs)
    seconds = perf_counter() - begun
    each = [trial.user_attrs["seconds"] for trial in study.trials]
    made = [trial.user_attrs["updates"] for trial in study.trials]
    return Measured(seconds, each, [float(trial.value or 0.0) for trial in study.trials], made)


def _to_optuna(one: Configuration) -> dict[str, Any]:
    """Its parameters, the widths each by a name of its own."""
    widths = {f"width_{layer}": width for layer, width in enumerate(one["widths"])}
    return {name: value for name, value in one.items() if name != "widths"} | {"depth": len(one["widths"])} | widths


def _proposed(trial: Any) -> Configuration:
    """The space as a user of Optuna writes it down."""
    return {
        "optimizer": trial.suggest_categorical("optimizer", OPTIMIZERS),
        "learning_rate": trial.suggest_float("learning_rate", *LEARNING_RATES, log=True),
        "hidden": trial.suggest_categorical("hidden", HIDDEN),
        "l2": trial.suggest_float("l2", *L2, log=True),
        "widths": [
            trial.suggest_int(f"width_{layer}", *WIDTHS)
            for layer in range(trial.suggest_int("depth", DEPTHS[0], DEPTHS[-1]))
        ],
    }


def _training(torch: Any, one: Configuration, X: Any, y: Any, classes: int) -> Callable[[int], Any]:
    """A function that makes so many more updates with all examples, and returns the network."""
    layers, n = list[Any](), X.shape[1]
    for width in one["widths"]:
        layers += [torch.nn.Linear(n, width), {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[one["hidden"]]()]
        n = width
    network = torch.nn.Sequential(*layers, torch.nn.Linear(n, classes if classes > 2 else 1))
    named = dict(network.named_parameters())
    weights = {"params": [named[name] for name in named if "weight" in name], "weight_decay": one["l2"] / len(X)}
    optimizer = torch.optim.SGD(
        [weights, {"params": [named[name] for name in named if "bias" in name]}],
        lr=one["learning_rate"],
        momentum=0.0 if one["optimizer"] == "gd" else 0.9,
        nesterov=one["optimizer"] == "nesterov",
    )
    loss_function = torch.nn.CrossEntropyLoss() if classes > 2 else torch.nn.BCEWithLogitsLoss()
    labels = y if classes > 2 else y[:, None].to(torch.float32)

    def train(n: int) -> Any:
        for _ in range(n):
            optimizer.zero_grad()
            loss_function(network(X), labels).backward()
            optimizer.step()
        return network

    return train


def layerlab(searched: Sequence[Configuration], asked: Asked, jobs: int) -> Measured:
    """The configurations in batches of a search, by as many processes as there are jobs.

    Without halving they are one batch. With halving they are eight, as in a search of a user's: trials are compared
    with those of earlier batches.
    """
    from layerlab.tuning.search.proposals.candidate import Candidate
    from layerlab.tuning.search.workers.processes import WorkerProcesses

    begun = perf_counter()
    own = [Candidate(i, _to_layerlab(one, asked.iterations)) for i, one in enumerate(searched)]
    size = len(own) if asked.halving == 1 else max(1, -(-len(own) // BATCHES))
    with tempfile.TemporaryDirectory() as folder:
        state = _state(Path(folder), asked)
        with WorkerProcesses(jobs) as workers:
            for number, start in enumerate(range(0, len(own), size)):
                state.folder.save_batch(number, own[start : start + size])
                while state.open_tasks():
                    workers.attend(state)
        seconds = perf_counter() - begun
        found = [state.outcome(task.name) for number, some in state.batches() for task in state.tasks(number, some)]
        accuracies, made = np.full(len(own), np.nan), np.zeros(len(own), int)
        for outcome in found:
            if outcome is not None:
                last = outcome.reached - 1
                accuracies[outcome.numbers] = outcome.accuracy[np.arange(len(last)), last].mean(axis=1)
                made[outcome.numbers] = outcome.moments[last] * state.search_data.folds
    accuracies[~np.isfinite(accuracies)] = np.nan
    return Measured(seconds, [np.nan] * len(searched), accuracies.tolist(), made.tolist())


def _state(place: Path, asked: Asked) -> Any:
    """A search in a folder, on the examples and the folds of all contenders."""
    from layerlab.tuning.search.state import SearchState
    from layerlab.tuning.search.trials.folder import SearchFolder
    from layerlab.tuning.search.trials.population import SharedSettings
    from layerlab.tuning.search.trials.search_data import SearchData

    X, y = examples(asked.data)
    fold = np.empty(len(y), np.int32)
    for number, (_, test) in enumerate(folds(y)):
        fold[test] = number
    classes = int(y.max()) + 1
    Y = np.eye(classes, dtype=X.dtype)[y].T if classes > 2 else y[None].astype(X.dtype)
    search_data = SearchData(X.T, Y, "softmax" if classes > 2 else "sigmoid", fold, fold)
    shared = SharedSettings("accuracy", asked.halving, 1, 0, "float32", "auto")
    folder = SearchFolder(place)
    folder.begin({"data": search_data.digest(), "space": {}, "how": shared._asdict(), "batch": 1, "references": []})
    search_data.save(folder.data_file)
    return SearchState.at(place)


def _to_layerlab(one: Configuration, iterations: int) -> dict[str, Any]:
    """What a search proposes for it."""
    own = {name: one[name] for name in ("optimizer", "learning_rate", "l2", "hidden")}
    layers = ",".join(map(str, one["widths"]))
    return own | {"layers": layers, "batch_size": "all", "iterations": iterations, "initializer": "xavier"}


CONTENDERS: dict[str, Contender] = {
    "scikit-learn": scikit_learn,
    "Optuna and PyTorch": optuna_pytorch,
    "layerlab": layerlab,
}
"""By name."""
