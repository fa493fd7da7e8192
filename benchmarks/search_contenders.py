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


Contender = Callable[[Sequence[Configuration], int, int], Measured]
"""From configurations, updates of each training, and jobs at a time."""


def scikit_learn(searched: Sequence[Configuration], iterations: int, jobs: int) -> Measured:
    """``RandomizedSearchCV`` of ``MLPClassifier``: every configuration once, all examples an update, no early stop."""
    from sklearn.model_selection import RandomizedSearchCV
    from sklearn.neural_network import MLPClassifier

    X, y = examples()
    estimator = MLPClassifier(
        solver="sgd", shuffle=False, tol=0.0, n_iter_no_change=10**9, max_iter=iterations, random_state=0
    )  # its batch is min(200, m): the fold's 167 or 168 examples
    search = RandomizedSearchCV(
        estimator,
        [{name: [value] for name, value in _to_scikit_learn(one).items()} for one in searched],
        n_iter=len(searched),
        scoring=lambda model, X, y: {"accuracy": model.score(X, y), "updates": model.n_iter_},
        refit=False,
        cv=folds(y),
        n_jobs=jobs,
        error_score=np.nan,
        random_state=0,
    )
    begun = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged, or diverged: the results show that
        search.fit(X, y)
    seconds = perf_counter() - begun
    found = search.cv_results_
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


def optuna_pytorch(searched: Sequence[Configuration], iterations: int, jobs: int) -> Measured:
    """Optuna's TPE, which proposes what ``enqueue_trial`` names, and a plain training loop in PyTorch for each fold.

    Enqueued values cost TPE no modelling: a search of its own would take longer than this one.
    """
    import optuna

    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    X, y = examples()
    parts = [(torch.from_numpy(X[a]), torch.from_numpy(y[a]), X[b], y[b]) for a, b in folds(y)]

    def objective(trial: Any) -> float:
        begun, one = perf_counter(), _proposed(trial)
        accuracies = []
        for x, labels, left_out, truth in parts:
            network = _trained(torch, one, x, labels[:, None].to(torch.float32), iterations)
            with torch.no_grad():
                said = network(torch.from_numpy(left_out))[:, 0].numpy() > 0
            accuracies.append(float((said == truth).mean()))
        trial.set_user_attr("seconds", perf_counter() - begun)
        return float(np.mean(accuracies))

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    for one in searched:
        study.enqueue_trial(_to_optuna(one))
    begun = perf_counter()
    study.optimize(objective, n_trials=len(searched), n_jobs=jobs)
    seconds = perf_counter() - begun
    each = [trial.user_attrs["seconds"] for trial in study.trials]
    made = [iterations * len(parts)] * len(searched)
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


def _trained(torch: Any, one: Configuration, X: Any, Y: Any, iterations: int) -> Any:
    """A network after so many updates with all examples."""
    layers, n = list[Any](), X.shape[1]
    for width in one["widths"]:
        layers += [torch.nn.Linear(n, width), {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[one["hidden"]]()]
        n = width
    network = torch.nn.Sequential(*layers, torch.nn.Linear(n, 1))
    named = dict(network.named_parameters())
    weights = {"params": [named[name] for name in named if "weight" in name], "weight_decay": one["l2"] / len(X)}
    optimizer = torch.optim.SGD(
        [weights, {"params": [named[name] for name in named if "bias" in name]}],
        lr=one["learning_rate"],
        momentum=0.0 if one["optimizer"] == "gd" else 0.9,
        nesterov=one["optimizer"] == "nesterov",
    )
    loss_function = torch.nn.BCEWithLogitsLoss()
    for _ in range(iterations):
        optimizer.zero_grad()
        loss_function(network(X), Y).backward()
        optimizer.step()
    return network


def layerlab(searched: Sequence[Configuration], iterations: int, jobs: int) -> Measured:
    """The configurations as the only batch of a search without halving, by as many processes as there are jobs."""
    from layerlab.tuning.search.proposals.candidate import Candidate
    from layerlab.tuning.search.workers.processes import WorkerProcesses

    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        state = _state(Path(folder))
        own = [Candidate(i, _to_layerlab(one, iterations)) for i, one in enumerate(searched)]
        state.folder.save_batch(0, own)
        with WorkerProcesses(jobs) as workers:
            while state.open_tasks():
                workers.attend(state)
        seconds = perf_counter() - begun
        found = [state.outcome(task.name) for task in state.tasks(0, own)]
        accuracies = np.full(len(searched), np.nan)
        for outcome in found:
            if outcome is not None:
                accuracies[outcome.numbers] = outcome.accuracy[:, -1].mean(axis=1)
    accuracies[~np.isfinite(accuracies)] = np.nan
    made = [iterations * len(folds(examples()[1]))] * len(searched)
    return Measured(seconds, [np.nan] * len(searched), accuracies.tolist(), made)


def _state(place: Path) -> Any:
    """A search in a folder, on the cats and the folds of all contenders."""
    from layerlab.tuning.search.state import SearchState
    from layerlab.tuning.search.trials.folder import SearchFolder
    from layerlab.tuning.search.trials.population import SharedSettings
    from layerlab.tuning.search.trials.search_data import SearchData

    X, y = examples()
    fold = np.empty(len(y), np.int32)
    for number, (_, test) in enumerate(folds(y)):
        fold[test] = number
    search_data = SearchData(X.T, y[None].astype(X.dtype), "sigmoid", fold, fold)
    shared = SharedSettings("accuracy", 1, 1, 0, "float32", "auto")
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
