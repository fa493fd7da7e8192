"""Fitted estimators as runs: the same answers, an honest record, and everything that a run can do."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_breast_cancer, load_iris, load_linnerud, make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import layerlab
from layerlab import InputError
from layerlab.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a few epochs are enough


def scaled(X: Any) -> Any:
    return StandardScaler().fit_transform(X)


def binary() -> tuple[Any, Any]:
    X, y = load_breast_cancer(return_X_y=True)
    return scaled(X), np.array(["malignant", "benign"])[y]


def classes() -> tuple[Any, Any]:
    X, y = load_iris(return_X_y=True)
    return scaled(X), y * 10


def several_labels() -> tuple[Any, Any]:
    X, Y = make_multilabel_classification(120, 6, n_classes=4, random_state=0)
    return scaled(X), Y


def values() -> tuple[Any, Any]:
    X, Y = load_linnerud(return_X_y=True)
    return scaled(X), scaled(Y)


def counts() -> tuple[Any, Any]:
    X = np.random.RandomState(0).randn(150, 3)
    return X, np.random.RandomState(1).poisson(np.exp(X[:, 0]))


CLASSIFIERS: dict[str, Any] = {"binary": binary, "classes": classes, "several_labels": several_labels}
REGRESSORS: dict[str, Any] = {"values": values, "counts": counts}
WAYS: list[dict[str, Any]] = [
    {},
    {"solver": "sgd", "activation": "logistic", "batch_size": 16, "early_stopping": True},
    {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-4, "learning_rate": "adaptive"},
    {"solver": "lbfgs", "activation": "tanh", "hidden_layer_sizes": (6, 4)},
    {"hidden_layer_sizes": (5, 3), "activation": ["mish", "tanh"], "dropout": 0.1, "engine": "xla"},
    {"hidden_layer_sizes": ()},
    {"preset": "realmlp", "hidden_layer_sizes": (8,)},
]


def fitted(name: str, **parameters: Any) -> tuple[Any, Any, Any]:
    """An estimator and its examples."""
    X, y = (CLASSIFIERS | REGRESSORS)[name]()
    arguments = {"random_state": 1, "max_iter": 12, **parameters}
    if name in REGRESSORS:
        loss = "poisson" if name == "counts" else "squared_error"
        return MLPRegressor(loss, **arguments).fit(X, y), X, y
    return MLPClassifier(**arguments).fit(X, y), X, y


def in_columns(answers: Any) -> Any:
    """(m,) or (m, K) as (1, m) or (K, m)."""
    return np.asarray(answers).reshape(len(answers), -1).T


def check_same_answers(estimator: Any, run: layerlab.Run, X: Any) -> None:
    if not hasattr(estimator, "classes_"):
        assert_allclose(run.predict(X.T), in_columns(estimator.predict(X)), rtol=1e-12, atol=1e-14)
        return
    probabilities = run.network.class_probabilities(run.predict_proba(X.T))
    assert_allclose(probabilities, estimator.predict_proba(X).T, rtol=0, atol=1e-15)
    labels = run.predict(X.T)
    if len(labels) > 1:
        assert_array_equal(labels, estimator.predict(X).T)
    else:
        names = np.array(run.class_names)[labels[0]]
        assert_array_equal(names, estimator.predict(X).astype(str))


PAIRS = [*covering([*CLASSIFIERS, *REGRESSORS], WAYS, rounds=2), *product(REGRESSORS, WAYS[-1:])]


@pytest.mark.parametrize(("name", "way"), PAIRS, ids=str)
def test_a_run_answers_as_its_estimator_and_so_do_its_copies(tmp_path: Path, name: str, way: dict[str, Any]) -> None:
    if name == "counts" and "preset" in way:
        way = way | {"learning_rate_init": 0.01}
    estimator, X, _ = fitted(name, **way)
    X = X.astype(estimator.coefs_[0].dtype)
    run = estimator.to_run()
    check_same_answers(estimator, run, X)
    for place in ("kept", "kept.safetensors"):
        loaded = layerlab.load(run.save(tmp_path / place))
        assert dict(loaded.settings) == dict(run.settings)
        check_same_answers(estimator, loaded, X)
    layerlab.export(run, tmp_path / "model.onnx", X.T)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"X": np.ascontiguousarray(X)})[0]
    ours = estimator.predict_proba(X) if name in CLASSIFIERS else in_columns(estimator.predict(X)).T
    assert_allclose(theirs, ours, rtol=0, atol=1e-6 * max(1.0, abs(ours).max()))


def test_it_is_a_run_of_its_own() -> None:
    estimator, X, _ = fitted("classes")
    run, before = estimator.to_run(), estimator.predict_proba(X)
    for value in run.parameters.values():
        assert value.flags.c_contiguous
        value.fill(0.0)
    assert_array_equal(estimator.predict_proba(X), before)


# What it says about the training


def test_names_of_classes_and_features() -> None:
    X, y = binary()
    frame = pd.DataFrame(X[:, :3], columns=["radius", "texture", "perimeter"])
    run = MLPClassifier(5, max_iter=2).fit(frame, y).to_run()
    assert run.class_names == ("benign", "malignant")
    assert run.feature_names == ("radius", "texture", "perimeter")
    assert fitted("classes")[0].to_run().class_names == ("0", "10", "20")
    assert (fitted("values")[0].to_run().class_names, fitted("values")[0].to_run().feature_names) == ((), ())


def test_the_history_is_the_loss_curve_counted_in_updates(tmp_path: Path) -> None:
    estimator, _, _ = fitted("classes", batch_size=40, n_iter_no_change=np.inf)  # four batches an epoch, 12 epochs
    run = estimator.to_run()
    assert (run.settings["iterations"], run.settings["batch_size"], run.history.epoch) == (48, 40, 4)
    assert len(run.history.costs) == 48
    assert_allclose(run.history.curve, estimator.loss_curve_, rtol=1e-15)
    assert run.history.final_cost == pytest.approx(estimator.loss_, rel=1e-15)
    assert len(run.history.validation_costs) == len(run.history.validation_accuracies) == 0
    log = pd.read_csv(run.save(tmp_path / "kept") / "log.csv")
    assert_allclose(log["cost"], estimator.loss_curve_, rtol=1e-15)
    assert log["iteration"].tolist() == list(range(4, 49, 4))


@pytest.mark.parametrize("batch_size", [30, 1000])  # in batches, and all examples in one update an epoch
@pytest.mark.parametrize("to_the_last", [False, True])
@pytest.mark.filterwarnings("ignore:.*batch_size.*:UserWarning")
def test_early_stopping_is_a_monitor_and_the_best_epoch_is_what_was_kept(batch_size: int, to_the_last: bool) -> None:
    how = {"batch_size": batch_size, "early_stopping": True, "max_iter": 60, "tol": 0.001, "n_iter_no_change": 4}
    estimator = fitted("classes", **how)[0]
    if to_the_last:  # the best epoch is the last one
        estimator = fitted("classes", **how | {"max_iter": int(np.argmax(estimator.validation_scores_)) + 1})[0]
    run = estimator.to_run()
    wanted = {"monitor": "validation_accuracy", "patience": 5, "min_delta": 0.001}
    assert {name: run.settings[name] for name in wanted} == wanted
    best = int(np.argmax(estimator.validation_scores_))
    assert run.history.kept_at == (best + 1) * run.history.epoch
    assert (run.history.kept_at == len(run.history.costs)) is to_the_last
    assert run.history.figures == {
        "cost": pytest.approx(estimator.loss_curve_[best]),
        "validation_cost": estimator.validation_loss_curve_[best],
        "validation_accuracy": estimator.best_validation_score_,
    }
    by_loss = fitted("classes", early_stopping=True, monitor="loss")[0].to_run()
    assert by_loss.settings["monitor"] == fitted("values", early_stopping=True)[0].to_run().settings["monitor"]
    assert by_loss.settings["monitor"] == "validation_cost"


def test_validation_figures_are_what_a_run_calls_so() -> None:
    (X, y), (several, Y) = classes(), several_labels()
    watched = MLPClassifier(5, max_iter=6).fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    history = watched.to_run().history
    assert_array_equal(history.validation_accuracies, watched.validation_scores_)
    assert_array_equal(history.validation_costs, watched.validation_loss_curve_)
    assert history.kept_at is None
    split = MLPClassifier(5, max_iter=6).fit(several[::2], Y[::2], X_val=several[1::2], y_val=Y[1::2])
    assert np.isnan(split.to_run().history.validation_accuracies).all()  # theirs is of whole rows, a run's of labels
    assert np.isnan(fitted("values", early_stopping=True)[0].to_run().history.validation_accuracies).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_fits_that_go_on_keep_figures_with_their_epochs(tmp_path: Path, solver: str) -> None:
    X, y = classes()
    estimator = MLPClassifier(5, max_iter=4, solver=solver, warm_start=True).fit(X, y)
    estimator.fit(X, y, X_val=X, y_val=y)
    history = layerlab.load(estimator.to_run().save(tmp_path / "kept")).history
    n = len(estimator.loss_curve_)
    assert len(history.validation_costs) == n
    assert_array_equal(history.validation_costs[-4:], estimator.validation_loss_curve_[-4:])
    assert np.isnan(history.validation_costs[:-4]).all()
    assert len(history.validation_costs[:-4]) == (4 if solver == "adam" else 0)


def test_partial_fit_counts_the_updates_that_were_made() -> None:
    X, y = classes()
    estimator = MLPClassifier(5, batch_size=50)
    for _ in range(3):
        estimator.partial_fit(X, y, classes=np.unique(y))
    run = estimator.to_run()
    assert (len(run.history.costs), run.settings["iterations"]) == (9, 9)
    check_same_answers(estimator, run, X)


@pytest.mark.parametrize(
    ("parameters", "settings"),
    [
        ({"alpha": 0.5, "learning_rate_init": 0.01}, {"l2": 0.5, "learning_rate": 0.01, "optimizer": "adam_hat"}),
        ({"beta_1": 0.5, "epsilon": 1e-4, "dropout": 0.2}, {"beta1": 0.5, "epsilon": 1e-4, "dropout": 0.2}),
        ({"solver": "sgd"}, {"optimizer": "nesterov", "momentum": 0.9}),
        ({"solver": "sgd", "nesterovs_momentum": False}, {"optimizer": "momentum"}),
        ({"solver": "sgd", "momentum": 1, "learning_rate_init": 1e-4}, {"momentum": 1 - 2**-53}),
        ({"solver": "sgd", "momentum": 0}, {"optimizer": "gd", "schedule": "constant"}),
        (
            {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 3},
            {"schedule": "adaptive", "drop": 0.2, "plateau": 3, "least_progress": 0.01, "learning_rate": 0.001},
        ),
        ({"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": np.inf}, {"schedule": "constant"}),
        ({"solver": "lbfgs"}, {"optimizer": "lbfgs", "learning_rate": None, "batch_size": None}),
        ({"label_smoothing": 0.1}, {"label_smoothing": 0.1}),
        ({"preset": "realmlp"}, {"optimizer": "adam", "schedule": "log_cosine", "cycles": 4, "dtype": "float32"}),
        ({"max_iter": np.int64(3), "alpha": np.float32(0.5)}, {"iterations": 3, "l2": 0.5, "monitor": None}),
    ],
    ids=str,
)
def test_settings_are_those_of_the_training(parameters: dict[str, Any], settings: dict[str, Any]) -> None:
    run = fitted("classes", **parameters)[0].to_run()
    assert {name: run.settings[name] for name in settings} == settings
    assert json.loads(json.dumps(dict(run.settings))) == run.settings


def test_settings_stay_those_of_the_fit() -> None:
    estimator, _, _ = fitted("classes")
    assert estimator.set_params(alpha=3.0).to_run().settings["l2"] == 1e-4


def test_start_and_weights_are_noted() -> None:
    X, y = classes()
    assert [fitted("classes")[0].to_run().given_start, fitted("classes")[0].to_run().weighted] == [True, False]
    assert MLPClassifier(5, max_iter=2).fit(X, y, sample_weight=np.ones(len(y))).to_run().weighted
    assert MLPClassifier(5, max_iter=2, class_weight="balanced").fit(X, y).to_run().weighted


# What it is good for


def test_it_is_calibrated_and_reported_on(tmp_path: Path) -> None:
    X, y = binary()
    estimator = MLPClassifier(30, max_iter=60, random_state=0).fit(X[:400], y[:400])
    part = (X[400:].T, (y[None, 400:] == "malignant").astype(float))
    calibrated = layerlab.calibrate(estimator.to_run(), part)
    assert calibrated.costs[1] < calibrated.costs[0]
    first = (X[:400].T, (y[None, :400] == "malignant").astype(float))
    data = layerlab.datasets.Dataset(
        "mine",
        layerlab.datasets.Part(*first),
        layerlab.datasets.Part(*part),
        class_names=calibrated.run.class_names,
    )
    page = layerlab.report(calibrated.run, data, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "It started from given parameters, which a run does not keep" in page
    assert "malignant" in page


def test_what_is_not_one_network_that_tells_classes_apart_is_refused() -> None:
    X, y = classes()
    with pytest.raises(InputError) as caught:
        MLPClassifier(5, max_iter=2, n_members=3).fit(X, y).to_run()
    assert str(caught.value) == (
        "n_members=3: the estimator predicts the mean of its members, and a run is one network: wanted n_members=1"
    )
    with pytest.raises(InputError, match="y had the single class 7: a run tells classes apart, so at least two"):
        MLPClassifier(5, max_iter=2).fit(X, np.full(len(X), 7)).to_run()
    with pytest.raises(NotFittedError):
        MLPClassifier().to_run()


def test_a_pipeline_leaves_with_its_scaler_in_the_model(tmp_path: Path) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    for scaler in (StandardScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False)):
        model = make_pipeline(scaler, MLPClassifier(8, random_state=0, max_iter=20)).fit(X, y)
        place = tmp_path / f"{scaler.with_mean}{scaler.with_std}.onnx"
        assert layerlab.export(model, place, X.T).deviation < 1e-9
        session = onnxruntime.InferenceSession(place)
        answers = session.run(None, {session.get_inputs()[0].name: X})
        found = next(answer for answer in answers if np.ndim(answer) == 2)
        assert_allclose(found[:, -1], model.predict_proba(X)[:, 1], rtol=0, atol=1e-9)
    for steps, words in (
        ((MinMaxScaler(), MLPClassifier(4, max_iter=2)), "the pipeline has MinMaxScaler before the network"),
        ((StandardScaler(), LogisticRegression(max_iter=5000)), "run is Pipeline: wanted a layerlab.Run, an estimator"),
    ):
        with pytest.raises(InputError, match=words):
            layerlab.export(make_pipeline(*steps).fit(X, y), tmp_path / "no.onnx", X.T)


def test_a_report_takes_an_estimator(tmp_path: Path) -> None:
    data = layerlab.datasets.load_digits()
    wrong: Any = (data.train.X, data.train.Y)
    model = MLPClassifier(8, random_state=0, max_iter=20).fit(data.train.X.T, data.train.Y.argmax(axis=0))
    page = layerlab.report(model.to_run(), data, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "confusion" in page.lower()
    with pytest.raises(InputError, match="wanted a Dataset with a training set and a test set, such as"):
        layerlab.report(model.to_run(), wrong, tmp_path / "other.html")
