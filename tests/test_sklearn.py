"""The estimators against scikit-learn's own: the same numbers, the same contract, and what scikit-learn lacks."""

from __future__ import annotations

import pickle
import re
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerlab import load
from layerlab.sklearn import MLPClassifier, MLPRegressor, TabularScaler

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # 20 epochs are few

TABLES: dict[str, Any] = {
    "iris": load_iris,
    "wine": load_wine,
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
    "diabetes": load_diabetes,
}


def table(name: str) -> tuple[Any, Any]:
    """Standardised features, and classes or standardised values."""
    X, y = TABLES[name](return_X_y=True)
    return StandardScaler().fit_transform(X), y if name != "diabetes" else (y - y.mean()) / y.std()


def pair(name: str, **parameters: Any) -> tuple[Any, Any]:
    """scikit-learn's estimator and ours, fitted to the same table."""
    X, y = table(name)
    theirs, ours = (TheirRegressor, MLPRegressor) if name == "diabetes" else (TheirClassifier, MLPClassifier)
    arguments = {"random_state": 3, "max_iter": 20, **parameters}
    engine = arguments.pop("engine", "auto")
    return theirs(**arguments).fit(X, y), ours(engine=engine, **arguments).fit(X, y)


def assert_same(theirs: Any, ours: Any, tolerance: float = 1e-12) -> None:
    """Every fitted attribute that both have."""
    assert ours.n_iter_ == theirs.n_iter_
    assert (ours.n_layers_, ours.n_outputs_, ours.t_) == (theirs.n_layers_, theirs.n_outputs_, theirs.t_)
    assert ours.out_activation_ == theirs.out_activation_
    assert_allclose(ours.loss_, theirs.loss_, rtol=tolerance)
    for name in ("coefs_", "intercepts_"):
        for own, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert own.shape == other.shape
            assert own.dtype == other.dtype
            assert_allclose(own, other, rtol=0, atol=tolerance * max(1.0, abs(other).max()))
    if theirs.solver != "lbfgs":
        assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=tolerance)
        assert ours.best_loss_ == theirs.best_loss_ or ours.best_loss_ == pytest.approx(
            theirs.best_loss_, rel=tolerance
        )
        assert (ours.validation_scores_ is None) == (theirs.validation_scores_ is None)
        if theirs.validation_scores_ is not None:
            assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-9)
            assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_, rel=1e-9)


# scikit-learn's own checks


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@parametrize_with_checks(
    [MLPClassifier(n_members=2, max_iter=30), MLPRegressor(solver="sgd"), MLPRegressor(loss="huber")]
)
def test_scikit_learns_checks_of_other_parameters(estimator: Any, check: Any) -> None:
    check(estimator)


# The same numbers


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", TABLES)
def test_costs_are_scikit_learns_after_20_epochs(name: str, solver: str) -> None:
    assert_same(*pair(name, solver=solver), 1e-9 if solver == "lbfgs" else 1e-12)


VARIANTS: list[dict[str, Any]] = [
    {"engine": "xla"},
    {"engine": "xla", "solver": "sgd"},
    {"engine": "xla", "solver": "lbfgs"},
    {"activation": "logistic", "hidden_layer_sizes": (20, 10)},
    {"activation": "identity", "hidden_layer_sizes": 7, "alpha": 0.5},
    {"hidden_layer_sizes": ()},
    {"hidden_layer_sizes": (), "activation": "logistic"},
    {"solver": "sgd", "momentum": 0.0, "batch_size": 50, "shuffle": False},
    {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5, "activation": "tanh"},
    {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-4},
    {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1, "learning_rate_init": 0.1},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2},
    {"early_stopping": True},
    {"early_stopping": True, "tol": 0.01, "n_iter_no_change": 2, "validation_fraction": 0.3},
    {"tol": 0.05, "n_iter_no_change": 1, "max_iter": 100},
    {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01},
    {"solver": "lbfgs", "max_fun": 7},
]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [*covering(["wine", "breast_cancer"], VARIANTS), *covering(["diabetes"], VARIANTS)],
    ids=str,
)
def test_every_parameter_means_what_it_means_there(name: str, parameters: dict[str, Any]) -> None:
    theirs, ours = pair(name, **parameters)
    assert_same(theirs, ours, 1e-10)
    X, y = table(name)
    assert_allclose(ours.score(X, y), theirs.score(X, y), rtol=1e-9)


def test_defaults_and_names_are_scikit_learns() -> None:
    for ours, theirs in ((MLPClassifier(), TheirClassifier()), (MLPRegressor(), TheirRegressor())):
        known = theirs.get_params()
        assert {name: ours.get_params()[name] for name in known} == known
        new = set(ours.get_params()) - set(known)
        assert {"dropout", "initializer", "engine", "n_members", "preset", "monitor"} <= new


def test_several_labels_an_example() -> None:
    X, y = table("wine")
    Y = np.stack([y == 0, y > 0, y == 2], axis=1).astype(int)
    theirs = TheirClassifier(random_state=0, max_iter=20).fit(X, Y)
    ours = MLPClassifier(random_state=0, max_iter=20).fit(X, Y)
    assert_same(theirs, ours)
    assert_array_equal(ours.predict(X), theirs.predict(X))
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9)
    assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=1e-7)


def test_weights_of_examples_are_scikit_learns() -> None:
    X, y = table("wine")
    weights = np.random.RandomState(0).rand(len(y))
    for solver in ("adam", "lbfgs"):
        theirs = TheirClassifier(random_state=0, max_iter=20, batch_size=50, solver=solver)
        ours = MLPClassifier(random_state=0, max_iter=20, batch_size=50, solver=solver)
        assert_same(theirs.fit(X, y, sample_weight=weights), ours.fit(X, y, sample_weight=weights))


def test_warm_starts_and_partial_fits_go_on_as_scikit_learns() -> None:
    X, y = table("wine")
    theirs, ours = (kind(random_state=0, max_iter=5, warm_start=True) for kind in (TheirClassifier, MLPClassifier))
    for _ in range(3):
        assert_same(theirs.fit(X, y), ours.fit(X, y))
    assert len(ours.loss_curve_) == 15
    for solver in ("sgd", "adam"):
        theirs, ours = (kind(random_state=0, solver=solver) for kind in (TheirClassifier, MLPClassifier))
        for start in range(0, 150, 50):
            for model in (theirs, ours):
                model.partial_fit(X[start : start + 50], y[start : start + 50], classes=[0, 1, 2])
            assert_same(theirs, ours)


@pytest.mark.parametrize("nesterov", [True, False])
def test_fewer_examples_than_features_go_on_as_scikit_learns(nesterov: bool) -> None:
    """A fit is then computed in the span of its examples; what SGD remembers of it goes on at full width."""
    random = np.random.RandomState(0)
    X, y = random.randn(12, 300), random.randint(0, 2, 12)
    theirs, ours = (
        kind(20, solver="sgd", random_state=0, max_iter=15, nesterovs_momentum=nesterov, learning_rate="invscaling")
        for kind in (TheirClassifier, MLPClassifier)
    )
    assert_same(theirs.fit(X, y), ours.fit(X, y))
    for some in (slice(0, 5), slice(3, 12), slice(1, 6)):
        assert_same(theirs.partial_fit(X[some], y[some]), ours.partial_fit(X[some], y[some]))
    ensemble = MLPClassifier(20, solver="sgd", random_state=0, max_iter=5, n_members=2).fit(X, y).partial_fit(X, y)
    alone = MLPClassifier(20, solver="sgd", random_state=0, max_iter=5).fit(X, y).partial_fit(X, y)
    assert_allclose(ensemble.coefs_[0][0], alone.coefs_[0], rtol=1e-9)


def test_another_solver_may_go_on() -> None:
    X, y = table("wine")
    for first, second in (("lbfgs", "adam"), ("adam", "sgd"), ("sgd", "lbfgs")):
        model = MLPClassifier(random_state=0, max_iter=3, warm_start=True, solver=first, tol=1e9).fit(X, y)
        model.set_params(solver=second).fit(X, y)
        assert np.isfinite(model.best_loss_)
    model = MLPClassifier(5, random_state=0, max_iter=3, warm_start=True, early_stopping=True).fit(X, y)
    assert model.best_loss_ is None
    assert np.isfinite(model.set_params(early_stopping=False).fit(X, y).best_loss_)
    model.set_params(warm_start=False, hidden_layer_sizes=6, solver="lbfgs").fit(X, y)
    model.set_params(solver="adam").partial_fit(X, y)  # what Adam remembers of five units is forgotten
    assert np.isfinite(model.loss_)


def test_a_warm_start_with_other_sizes_is_refused() -> None:
    X, y = table("wine")
    model = MLPClassifier(random_state=0, max_iter=2, warm_start=True, hidden_layer_sizes=5).fit(X, y)
    with pytest.raises(ValueError, match="layers 13-5-3, and 13-6-3 is asked for: wanted the same to go on;"):
        model.set_params(hidden_layer_sizes=6).fit(X, y)


@pytest.mark.parametrize("make", [sp.csr_array, sp.csc_array, sp.csr_matrix])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_features_give_what_dense_ones_give(make: Any, solver: str) -> None:
    X, y = load_digits(return_X_y=True)
    X = X[:300] / 16
    arguments: dict[str, Any] = {"random_state": 0, "max_iter": 10, "solver": solver}
    theirs = TheirClassifier(**arguments).fit(make(X), y[:300])
    ours = MLPClassifier(**arguments).fit(make(X), y[:300])
    assert_same(theirs, ours)
    dense = MLPClassifier(**arguments).fit(X, y[:300])
    assert_allclose(ours.predict_proba(make(X)), dense.predict_proba(X), rtol=1e-8)
    assert_allclose(ours.activations(make(X))[0], dense.activations(X)[0], rtol=1e-8, atol=1e-12)
    with pytest.raises(ValueError, match="engine='xla': the features are sparse"):
        MLPClassifier(engine="xla", max_iter=1).fit(make(X), y[:300])


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_float32_is_kept(engine: str) -> None:
    X, y = table("wine")
    theirs = TheirClassifier(random_state=0, max_iter=20).fit(X.astype(np.float32), y)
    ours = MLPClassifier(random_state=0, max_iter=20, engine=engine).fit(X.astype(np.float32), y)
    assert_same(theirs, ours, 1e-4)
    assert ours.predict_proba(X.astype(np.float32)).dtype == np.float32


# Where ours is right


def test_losses_are_exact_where_scikit_learn_clips_them() -> None:
    """Raw features of the breast cancer table: probabilities of 0 and 1 in the first epoch."""
    X, y = load_breast_cancer(return_X_y=True)
    theirs, ours = (
        kind(solver="sgd", random_state=0, max_iter=1).fit(X, y) for kind in (TheirClassifier, MLPClassifier)
    )
    assert (round(theirs.loss_, 1), round(ours.loss_, 1)) == (12.1, 223.4)
    arguments: dict[str, Any] = {"random_state": 0, "max_iter": 1, "batch_size": len(y)}
    ours, start = (MLPClassifier(learning_rate_init=rate, **arguments).fit(X, y) for rate in (1e-3, 1e-300))
    hidden = np.maximum(0, X @ start.coefs_[0] + start.intercepts_[0])
    z = (hidden @ start.coefs_[1] + start.intercepts_[1])[:, 0]
    penalty = 0.5e-4 * sum((W**2).sum() for W in start.coefs_) / len(y)
    true = np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-abs(z)))) + penalty
    assert ours.loss_ == pytest.approx(true, rel=1e-12)
    assert np.isfinite(ours.predict_log_proba(X)).all()


def test_several_outputs_have_the_loss_that_the_gradient_belongs_to() -> None:
    X, Y = load_linnerud(return_X_y=True)
    X, Y = StandardScaler().fit_transform(X), StandardScaler().fit_transform(Y)
    theirs = TheirRegressor(random_state=0, max_iter=20, alpha=0.0).fit(X, Y)
    ours = MLPRegressor(random_state=0, max_iter=20, alpha=0.0).fit(X, Y)
    assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)
    assert_allclose(np.array(ours.loss_curve_) / 3, theirs.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("loss", ["poisson"])
def test_counts_are_scikit_learns(loss: str) -> None:
    random = np.random.RandomState(0)
    X = random.randn(150, 4)
    y = random.poisson(np.exp(X[:, 0]))
    theirs = TheirRegressor(loss, random_state=0, max_iter=20).fit(X, y)
    ours = MLPRegressor(loss, random_state=0, max_iter=20).fit(X, y)
    assert_same(theirs, ours)
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)
    with pytest.raises(ValueError, match="y reaches down to -1"):
        MLPRegressor("poisson").fit(X, y - 1)


# Memory


def peak_memory(call: Callable[[], Any], X: Any) -> float:
    """The most memory that a call takes at a time, as a multiple of that of X."""
    call()  # what it imports and keeps is there now
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / float(X.nbytes)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_features_are_copied_at_most_once_on_their_way_to_the_engine(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerlab.training.engines.FREED_BLOCK", 0)  # memory that is asked for and at once given back
    random = np.random.RandomState(0)
    X, y = random.randn(4000, 250), random.randint(0, 3, 4000)

    def fit(X: Any, **parameters: Any) -> float:
        model = kind(hidden_layer_sizes=2, max_iter=1, engine="numpy", random_state=0, **parameters)
        return peak_memory(lambda: model.fit(X, y), X)

    for solver in ("adam", "lbfgs"):
        assert fit(X, solver=solver) < 0.5  # rows are trained on where they lie
    assert 0.9 < fit(np.asfortranarray(X)) < 1.5
    assert 0.9 < fit(random.randint(-5, 5, X.shape)) < 1.5  # as float64
    assert 0.9 < fit(X, early_stopping=True) < 1.5  # the training set and the validation set
    model = kind(hidden_layer_sizes=2, max_iter=1).fit(X, y)
    assert peak_memory(lambda: model.predict(X), X) < 0.5
    assert peak_memory(lambda: model.fit(X, y, X_val=X, y_val=y), X) < 0.5


# The company that estimators keep


def test_pipelines_searches_and_copies() -> None:
    X, y = table("wine")
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(random_state=0, max_iter=15))
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=2, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.8
    scores = cross_val_score(pipeline, X, y, cv=2, n_jobs=2)
    assert_allclose(scores, search.cv_results_["mean_test_score"][0], atol=0.2)
    model = search.best_estimator_[-1]
    again = clone(model)
    assert again.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        again.predict(X)


def test_models_are_kept_by_pickle_joblib_and_skops(tmp_path: Any) -> None:
    import skops.io

    X, y = table("wine")
    model = MLPClassifier(random_state=0, max_iter=15).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    trusted = ["layerlab.sklearn.classifier.MLPClassifier"]
    kept = skops.io.dumps(model)
    assert skops.io.get_untrusted_types(data=kept) == trusted
    for copy in (
        pickle.loads(pickle.dumps(model)),  # noqa: S301 our own
        joblib.load(tmp_path / "model.joblib"),
        skops.io.loads(kept, trusted=trusted),
    ):
        assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
        copy.partial_fit(X, y)
        assert_allclose(copy.coefs_[0], clone(model).fit(X, y).partial_fit(X, y).coefs_[0], rtol=1e-12)


def test_names_of_features_are_checked() -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = MLPClassifier(random_state=0, max_iter=5).fit(X, y)
    assert list(model.feature_names_in_) == list(X.columns)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(X.rename(columns={"sepal length (cm)": "length"}))


def test_metadata_is_routed_through_a_pipeline() -> None:
    X, y = table("wine")
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier(random_state=0, max_iter=5).set_fit_request(sample_weight=True, X_val=True, y_val=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, model, transform_input=["X_val"])
        pipeline.fit(X, y, sample_weight=np.ones(len(y)), X_val=X[:50], y_val=y[:50])
    assert len(pipeline[-1].validation_scores_) == 5


@pytest.mark.skipif(not hasattr(MLPClassifier, "set_callbacks"), reason="scikit-learn before 1.9 has no callbacks")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scikit_learns_callbacks_see_every_epoch(solver: str, capsys: pytest.CaptureFixture[str]) -> None:
    from sklearn.callback import ProgressBar, ScoringMonitor

    X, y = table("wine")
    monitor = ScoringMonitor(scoring="accuracy")
    model = MLPClassifier(random_state=0, max_iter=7, solver=solver).set_callbacks(monitor, ProgressBar())
    model.fit(X, y)
    assert "MLPClassifier" in capsys.readouterr().out
    scores = monitor.get_logs(select="most_recent").data
    whole, *epochs = [row["accuracy"] for row in scores]
    assert len(epochs) == model.n_iter_ == 7
    wanted = [clone(model).set_params(max_iter=n).fit(X, y).score(X, y) for n in (1, 4, 7)]
    assert [epochs[0], epochs[3], epochs[6]] == wanted
    assert whole == wanted[-1]


@pytest.mark.skipif(not hasattr(MLPClassifier, "set_callbacks"), reason="scikit-learn before 1.9 has no callbacks")
def test_a_callback_ends_a_fit() -> None:
    class Enough:
        def setup(self, estimator: Any, context: Any) -> None: ...
        def teardown(self, estimator: Any, context: Any) -> None: ...
        def on_fit_task_begin(self, estimator: Any, context: Any) -> None: ...
        def on_fit_task_end(self, estimator: Any, context: Any) -> bool:  # noqa: ARG002 its protocol
            return bool(context.task_name == "epoch" and context.task_id == 2)

    X, y = table("wine")
    model = MLPClassifier(random_state=0, max_iter=20).set_callbacks(Enough()).fit(X, y)
    assert model.n_iter_ == 3


@pytest.mark.skipif(not hasattr(MLPClassifier, "set_callbacks"), reason="scikit-learn before 1.9 has no callbacks")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_estimator_is_written_to_when_its_fit_has_ended_and_callbacks_get_a_fitted_copy(solver: str) -> None:
    seen: list[tuple[int, int, bool, float]] = []

    class Look:
        def setup(self, estimator: Any, context: Any) -> None: ...
        def teardown(self, estimator: Any, context: Any) -> None: ...
        def on_fit_task_begin(self, estimator: Any, context: Any) -> None: ...
        def on_fit_task_end(self, estimator: Any, context: Any, *, fitted_estimator: Any) -> None:  # noqa: ARG002
            learned = {name for name in vars(estimator) if name.endswith("_") and not name.startswith("_")}
            curve, scores = fitted_estimator.loss_curve_, fitted_estimator.validation_scores_
            seen.append((len(curve), len(scores), bool(learned), fitted_estimator.score(X, y) - scores[-1]))

    X, y = table("wine")
    model = MLPClassifier(random_state=0, max_iter=3, solver=solver).set_callbacks(Look()).fit(X, y, X_val=X, y_val=y)
    assert seen == [(epoch, epoch, False, 0.0) for epoch in (1, 2, 3, 3)]
    assert len(model.loss_curve_) == 3


# What is new


def test_a_held_out_part_of_ones_own() -> None:
    X, y = table("digits")
    train, held_out = slice(0, 1200), slice(1200, None)
    model = MLPClassifier(random_state=0, max_iter=12)
    model.fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out], sample_weight_val=np.arange(len(y) - 1200))
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == 12
    weights = np.arange(len(y) - 1200)
    assert model.validation_scores_[-1] == pytest.approx(model.score(X[held_out], y[held_out], weights))
    own = -model.predict_log_proba(X[held_out])[np.arange(len(weights)), y[held_out]]
    assert model.validation_loss_curve_[-1] == pytest.approx(np.average(own, weights=weights))
    assert_allclose(model.coefs_[0], MLPClassifier(random_state=0, max_iter=12).fit(X[train], y[train]).coefs_[0])
    model.set_params(solver="lbfgs").fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out])
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.validation_scores_[-1] == pytest.approx(model.score(X[held_out], y[held_out]))
    for wrong in ({"X_val": X}, {"y_val": y}, {"sample_weight_val": y}):
        with pytest.raises(ValueError, match="give"):
            model.fit(X, y, **wrong)


def test_early_stopping_by_the_loss_keeps_the_epoch_of_least_loss() -> None:
    X, y = table("wine")
    parts = {"X_val": X[::3], "y_val": y[::3]}
    arguments: dict[str, Any] = {"random_state": 0, "max_iter": 400, "learning_rate_init": 0.03, "n_iter_no_change": 5}
    model = MLPClassifier(early_stopping=True, monitor="loss", **arguments).fit(X[1::3], y[1::3], **parts)
    best = int(np.argmin(model.validation_loss_curve_)) + 1
    assert best < model.n_iter_ < 400
    again = MLPClassifier(**{**arguments, "max_iter": best, "n_iter_no_change": np.inf}).fit(X[1::3], y[1::3])
    assert_allclose(model.coefs_[0], again.coefs_[0], rtol=1e-9)


def test_partial_fit_may_watch_a_held_out_part() -> None:
    X, y = table("wine")
    model = MLPClassifier(random_state=0)
    for _ in range(3):
        model.partial_fit(X[::2], y[::2], classes=[0, 1, 2], X_val=X[1::2], y_val=y[1::2])
    assert len(model.validation_scores_) == 3
    with pytest.raises(ValueError, match="early_stopping=True without X_val"):
        MLPClassifier(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])


def test_class_weights_are_weights_of_examples() -> None:
    X, y = table("breast_cancer")
    each = {0: 2.0, 1: 0.5}
    by_class = MLPClassifier(random_state=0, max_iter=5, class_weight=each).fit(X, y)
    by_example = MLPClassifier(random_state=0, max_iter=5).fit(X, y, sample_weight=np.where(y == 0, 2.0, 0.5))
    assert_allclose(by_class.coefs_[0], by_example.coefs_[0], rtol=1e-12)
    balanced = MLPClassifier(random_state=0, max_iter=5, class_weight="balanced").fit(X, y)
    own = np.where(y == 0, len(y) / (2 * (y == 0).sum()), len(y) / (2 * (y == 1).sum()))
    by_example.fit(X, y, sample_weight=own)
    assert_allclose(balanced.coefs_[0], by_example.coefs_[0], rtol=1e-9)
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported by partial_fit"):
        balanced.partial_fit(X, y)


def test_an_activation_a_layer_and_what_the_layers_answer() -> None:
    X, y = table("wine")
    model = MLPClassifier((5, 4), ["tanh", "relu"], random_state=0, max_iter=5).fit(X, y)
    first = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    second = np.maximum(0, first @ model.coefs_[1] + model.intercepts_[1])
    one, two, out = model.activations(X)
    assert_allclose(one, first, rtol=1e-12)
    assert_allclose(two, second, rtol=1e-12, atol=1e-15)
    assert_allclose(out, model.predict_proba(X), rtol=1e-12)
    with pytest.raises(ValueError, match="for 2 hidden layers: wanted one name, or one for each"):
        MLPClassifier((5, 4), ["tanh"]).fit(X, y)
    with pytest.raises(ValueError, match="'softplus' is none; wanted of "):
        MLPClassifier((5, 4), ["tanh", "softplus"]).fit(X, y)


def test_an_ensemble_is_its_members_mean() -> None:
    X, y = table("wine")
    together = MLPClassifier(random_state=0, max_iter=20, n_members=3).fit(X, y)
    assert together.coefs_[0].shape == (3, 13, 100)
    alone = MLPClassifier(random_state=0, max_iter=20).fit(X, y)
    assert_allclose(together.coefs_[0][0], alone.coefs_[0], rtol=1e-9)  # the first starts from the same weights
    each = []
    for k in range(3):
        member = clone(alone).set_params(max_iter=1).fit(X, y)
        member.coefs_ = [coef[k] for coef in together.coefs_]
        member.intercepts_ = [intercept[k] for intercept in together.intercepts_]
        each.append(member.predict_proba(X))
    assert_allclose(together.predict_proba(X), np.mean(each, axis=0), rtol=1e-12)
    assert_allclose(together.predict_log_proba(X), np.log(np.mean(each, axis=0)), rtol=1e-12)
    assert not np.allclose(each[0], each[1])
    assert MLPRegressor(n_members=2, solver="lbfgs", max_iter=5).fit(X, y).predict(X).shape == (len(y),)


def test_dropout_and_initialisers_and_smoothing() -> None:
    X, y = table("wine")
    plain = MLPClassifier(random_state=0, max_iter=5).fit(X, y)
    for new in ({"dropout": 0.3}, {"initializer": "he"}, {"label_smoothing": 0.2}):
        one, two = (MLPClassifier(random_state=0, max_iter=5, **new).fit(X, y) for _ in range(2))
        assert_array_equal(one.coefs_[0], two.coefs_[0])
        assert not np.allclose(one.coefs_[0], plain.coefs_[0])
    with pytest.raises(ValueError, match="with solver='lbfgs': wanted 0"):
        MLPClassifier(solver="lbfgs", dropout=0.1).fit(X, y)


def test_a_fit_that_diverges_says_what_to_do() -> None:
    X, y = load_diabetes(return_X_y=True, scaled=False)
    theirs = (
        "Solver produced non-finite parameter weights. "
        "The input data may contain large values and need to be preprocessed."
    )
    for solver, words in (("sgd", r"was not finite in epoch \d+"), ("lbfgs", "or its gradient was not finite")):
        with pytest.raises(ValueError, match=rf"^{re.escape(theirs)} The loss {words}: put a StandardScaler before"):
            MLPRegressor(solver=solver, learning_rate_init=1e3, random_state=0).fit(X * 1e200, y)


@pytest.mark.parametrize("factor", [1.0, 1e200])  # it diverges after some epochs, and in the first one
def test_a_fit_that_diverges_with_early_stopping_keeps_the_best_epoch(factor: float, tmp_path: Path) -> None:
    X, y = load_diabetes(return_X_y=True)
    how: dict[str, Any] = {"hidden_layer_sizes": 20, "solver": "sgd", "activation": "identity", "random_state": 0}
    how |= {"early_stopping": True, "alpha": 0, "tol": 0.0, "learning_rate_init": 0.5}
    model = MLPRegressor(**how)
    with pytest.warns(
        ConvergenceWarning, match=r"not finite in epoch \d+, where the fit ends: the weights with the best"
    ):
        model.fit(factor * X, y)
    epochs = len(model.validation_scores_)
    assert epochs == model.n_iter_ == len(model.loss_curve_) < model.max_iter
    for figures in (model.validation_scores_, model.validation_loss_curve_, model.loss_curve_):
        assert np.isnan(figures[-1])
    if factor > 1:
        assert epochs == 1
        wanted = MLPRegressor(**how | {"learning_rate_init": 1e-300, "max_iter": 1}).fit(X, y)
    else:
        best = int(np.nanargmax(model.validation_scores_))
        assert model.best_validation_score_ == model.validation_scores_[best]
        wanted = MLPRegressor(**how | {"max_iter": best + 1}).fit(X, y)
    for ours, theirs in zip(model.coefs_, wanted.coefs_, strict=True):
        assert_allclose(ours, theirs, rtol=1e-12)
    run = load(model.to_run().save(tmp_path / "run"))  # what was kept can be kept on disk
    assert len(run.history.costs) == (epochs - 1) * run.history.epoch
    assert_array_equal(run.parameters["W1"].T, model.coefs_[0])


def test_a_fit_that_has_not_converged_says_so() -> None:
    X, y = table("wine")
    for solver, words in (("adam", r"Maximum iterations \(2\) reached"), ("lbfgs", "lbfgs failed to converge after 2")):
        with pytest.warns(ConvergenceWarning, match=words):
            MLPClassifier(solver=solver, max_iter=2).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPClassifier(solver="lbfgs", random_state=0).fit(X, y)


def test_frames_of_pandas_go_in() -> None:
    X, y = load_wine(return_X_y=True, as_frame=True)
    labels = pd.Series(np.array(["a", "b", "c"], dtype=object)[y])
    model = MLPClassifier(random_state=0, max_iter=3).fit(X, labels)
    assert set(model.predict(X)) <= {"a", "b", "c"}


# The preset for tables


def test_the_preset_is_a_recipe_whose_values_give_way_to_ones_own() -> None:
    X, y = table("wine")
    model = MLPClassifier(preset="realmlp", random_state=0, max_iter=3).fit(X, y)
    assert [coef.shape for coef in model.coefs_] == [(13, 256), (256, 256), (256, 256), (256, 3)]
    assert (model.n_iter_, len(model.validation_scores_)) == (3, 3)
    assert {coef.dtype for coef in model.coefs_} == {np.dtype("float32")}
    small = MLPClassifier(8, preset="realmlp", random_state=0, max_iter=3).fit(X, y)
    assert [coef.shape for coef in small.coefs_] == [(13, 8), (8, 3)]
    assert clone(small).get_params() == small.get_params()


def test_the_preset_learns_tables_behind_its_scaler() -> None:
    X, y = load_wine(return_X_y=True)
    model = make_pipeline(TabularScaler(), MLPClassifier(16, preset="realmlp", random_state=0, max_iter=60))
    assert model.fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.9
    two = model.fit(X[::2], y[::2] > 0)
    assert two[-1].out_activation_ == "softmax"
    assert two.predict_proba(X).shape == (len(y), 2)
    assert set(two.predict(X)) == {False, True}
    X, y = load_diabetes(return_X_y=True)
    values = make_pipeline(
        TabularScaler(), MLPRegressor(hidden_layer_sizes=16, preset="realmlp", random_state=0, max_iter=60)
    )
    assert values.fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.3  # targets of mean 152: they were standardised
    best = values[-1]
    assert best.best_validation_score_ == max(best.validation_scores_)


def test_the_preset_of_two_members_is_their_mean() -> None:
    X, y = load_diabetes(return_X_y=True)
    arguments: dict[str, Any] = {
        "hidden_layer_sizes": 5,
        "preset": "realmlp",
        "random_state": 0,
        "max_iter": 4,
        "shuffle": False,
    }
    both, one = (MLPRegressor(n_members=n, validation_fraction=0, **arguments).fit(X, y) for n in (2, 1))
    assert both.coefs_[0].shape == (2, 10, 5)
    assert_allclose(both.coefs_[0][0], one.coefs_[0], rtol=1e-3, atol=1e-4)
    assert both.validation_scores_ is None


def test_four_updates_of_the_preset_by_hand() -> None:
    """Of which the first is none, the schedule being 0: Adam of φ where θ = f φ, with a scale for each feature."""
    random = np.random.RandomState(0)
    X, y = random.randn(40, 3).astype(np.float32), random.randint(0, 3, 40)
    arguments: dict[str, Any] = {
        "hidden_layer_sizes": (4,), "preset": "realmlp", "random_state": 1, "shuffle": False, "validation_fraction": 0,
        "label_smoothing": 0.0, "max_iter": 4,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start, after = (MLPClassifier(learning_rate_init=rate, **arguments).fit(X, y) for rate in (1e-30, 0.04))
    torch = pytest.importorskip("torch")
    factors = {"W1": 3**-0.5, "W2": 4**-0.5, "b1": 0.1, "b2": 0.1, "g": 6.0}
    theta = {
        "W1": start.coefs_[0], "W2": start.coefs_[1], "b1": start.intercepts_[0], "b2": start.intercepts_[1],
        "g": np.ones(3),
    }  # fmt: skip
    phi = {
        name: torch.tensor(value / factors[name], dtype=torch.float64, requires_grad=True)
        for name, value in theta.items()
    }
    adam = torch.optim.Adam(phi.values(), lr=0.04, betas=(0.9, 0.95))
    for update in range(4):
        adam.param_groups[0]["lr"] = 0.04 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * update / 4))) / 2
        W1, W2, b1, b2, g = (factors[name] * phi[name] for name in ("W1", "W2", "b1", "b2", "g"))
        Z = torch.nn.functional.selu((torch.tensor(X, dtype=torch.float64) * g) @ W1 + b1) @ W2 + b2
        adam.zero_grad()
        torch.nn.functional.cross_entropy(Z, torch.tensor(y)).backward()
        adam.step()
    values = {name: (factors[name] * value).detach().numpy() for name, value in phi.items()}
    assert_allclose(after.coefs_[0], values["g"][:, None] * values["W1"], rtol=1e-3, atol=1e-5)
    assert_allclose(after.coefs_[1], values["W2"], rtol=1e-3, atol=1e-5)
    assert_allclose(after.intercepts_[0], values["b1"], rtol=1e-3, atol=1e-5)


def test_what_the_preset_cannot_be_mixed_with() -> None:
    X, y = table("wine")
    for wrong, words in (({"solver": "sgd"}, "wanted 'adam'"), ({"preset": "tabula"}, "The 'preset' parameter")):
        with pytest.raises(ValueError, match=words):
            MLPClassifier(preset="realmlp").set_params(**wrong).fit(X, y)
    with pytest.raises(ValueError, match="its schedule needs to know all epochs"):
        MLPClassifier(preset="realmlp").partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="wanted dense features"):
        MLPClassifier(preset="realmlp").fit(sp.csr_array(X), y)


def test_the_preset_learns_values_wherever_they_lie() -> None:
    random = np.random.RandomState(0)
    X = random.randn(200, 4)
    y = X[:, 0] + 0.1 * random.randn(200)
    arguments: dict[str, Any] = {"hidden_layer_sizes": 16, "preset": "realmlp", "random_state": 0, "max_iter": 40}
    for loss in ("squared_error", "absolute_error", "huber"):
        plain = MLPRegressor(loss, **arguments).fit(X, y)
        moved = MLPRegressor(loss, **arguments).fit(X, 100 * y + 1000)
        assert plain.score(X, y) > 0.9
        assert moved.score(X, 100 * y + 1000) == pytest.approx(plain.score(X, y), abs=0.05)
    constant = MLPRegressor(**arguments).fit(X, np.full(200, 5.0))
    assert_allclose(constant.predict(X), 5.0, atol=1e-3)
    again = MLPRegressor(warm_start=True, **arguments).fit(X, 100 * y + 1000)
    before = again.score(X, 100 * y + 1000)
    assert again.fit(X, 100 * y + 1000).score(X, 100 * y + 1000) > before - 0.02
    array = MLPClassifier(cast(Any, np.array([5, 4])), preset="realmlp", max_iter=2).fit(X, y > 0)
    assert array.coefs_[1].shape == (5, 4)


# What was there before is not lost


@pytest.mark.parametrize(
    ("parameters", "given", "words"),
    [
        ({"solver": "lbfgs", "dropout": 0.5}, {}, "wanted 0"),
        ({"early_stopping": True, "validation_fraction": 0.005}, {}, "validation set is too small"),
        ({}, {"sample_weight": -np.ones(178)}, "wanted weights of at least 0"),
        ({}, {"sample_weight": np.full(178, 1e308)}, "whose sum a number can hold"),
        ({}, {"X_val": np.ones((5, 3)), "y_val": np.arange(5) % 3}, "features"),
        ({"class_weight": {"a": -1}}, {}, "wanted finite weights of at least 0"),
        ({"class_weight": {"a": np.nan}}, {}, "wanted finite weights of at least 0"),
        ({"class_weight": {"a": "b"}}, {}, "class_weight="),
        ({"solver": "sgd", "learning_rate_init": 1e300, "activation": "identity"}, {}, "not finite in epoch"),
    ],
    ids=str,
)
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(
    parameters: dict[str, Any], given: dict[str, Any], words: str
) -> None:
    X, y = table("wine")
    model = MLPClassifier(5, random_state=0, max_iter=5).fit(X, y)
    before, curve = model.predict_proba(X), list(model.loss_curve_)
    with pytest.raises(ValueError, match=words):
        model.set_params(**parameters).fit(X, np.array(["a", "b", "c"])[y], **given)
    model.set_params(activation="relu")
    assert_array_equal(model.predict_proba(X), before)
    assert model.loss_curve_ == curve
    assert set(model.predict(X)) <= {0, 1, 2}
    with pytest.raises(ValueError, match="n_members 1, and 3 is asked for"):
        MLPClassifier(5, max_iter=2, warm_start=True).fit(X, y).set_params(n_members=3).fit(X, y)


def test_values_that_do_not_fit_are_refused_before_training() -> None:
    X, y = table("diabetes")
    model = MLPRegressor(hidden_layer_sizes=4, random_state=0, max_iter=2).fit(X, np.c_[y, y])
    with pytest.raises(ValueError, match="y_val has 2 outputs per example, and y has 1: wanted the same number"):
        model.fit(X, y, X_val=X, y_val=np.c_[y, y])
    with pytest.raises(ValueError, match="layers 10-4-2, and 10-4-1 is asked for"):
        model.partial_fit(X, y)
    assert model.predict(X).shape == (442, 2)
    with pytest.raises(ValueError, match="The loss or its gradient was not finite"):
        MLPRegressor(hidden_layer_sizes=4, solver="lbfgs", random_state=0).fit(X * 1e200, y)


def test_a_class_without_weight_has_none_in_the_balance() -> None:
    X, y = table("wine")
    weights = (y > 0) * 1.0
    model = MLPClassifier(4, class_weight="balanced", max_iter=3, random_state=0).fit(X, y, sample_weight=weights)
    own = np.where(y == 1, 1 / (y == 1).sum(), 1 / (y == 2).sum()) * weights
    other = MLPClassifier(4, max_iter=3, random_state=0).fit(X, y, sample_weight=own * weights.sum() / 2)
    assert_allclose(model.coefs_[0], other.coefs_[0], rtol=1e-9)


def test_endless_patience_still_says_that_it_has_not_converged() -> None:
    X, y = table("wine")
    with pytest.warns(ConvergenceWarning):
        MLPClassifier(n_iter_no_change=np.inf, max_iter=2).fit(X, y)
