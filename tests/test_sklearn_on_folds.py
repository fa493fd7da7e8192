"""The preset "tabular" of the estimators: what ``layerlab train`` trains on a table, in pipelines and searches."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import layerlab
from layerlab.sklearn import MLPClassifier, MLPRegressor, TablePreprocessor

SMALL: dict[str, Any] = {"hidden_layer_sizes": [6], "preset": "tabular", "random_state": 0, "max_iter": 30}
FEW: dict[str, Any] = {**SMALL, "n_members": 2, "max_iter": 3}


def rows(m: int = 120) -> tuple[Any, Any]:
    """Two numbers and an indicator; the value depends on all three."""
    random = np.random.RandomState(0)
    X = np.column_stack([random.randn(m, 2), np.arange(m) % 2])
    return X, X[:, 0] - X[:, 1] + 2 * X[:, 2] + 0.1 * random.randn(m)


@pytest.fixture(scope="module")
def values() -> MLPRegressor:
    model = MLPRegressor(**SMALL)
    model.fit(*rows())
    return model


@pytest.fixture(scope="module")
def classes() -> MLPClassifier:
    X, y = rows()
    model = MLPClassifier(**SMALL)
    model.fit(X, np.digitize(y, [-0.5, 1.5]))
    return model


def test_eight_networks_on_eight_folds_see_numbers_as_waves_and_answer_with_their_mean(values: MLPRegressor) -> None:
    X, y = rows()
    run = values.to_run()
    assert run.members is not None
    assert (len(run.members), len(set(run.members.held_out)), values.n_iter_) == (8, 8, 30)
    assert run.network.embedding is not None
    assert run.network.embedding.inputs == (0, 1)  # the indicator has two values
    assert [coef.shape for coef in values.coefs_] == [(8, 9, 6), (8, 6, 1)]
    each = [run.member(k).predict(X.T)[0] for k in range(8)]
    assert_allclose(values.predict(X), np.mean(each, axis=0), rtol=1e-5, atol=1e-5)
    assert values.score(X, y) > 0.5


def test_its_settings_are_those_of_layerlab_train_on_a_table(values: MLPRegressor, tmp_path: Path) -> None:
    from layerlab.evaluating.comparisons.recipes import members_recipe

    X, y = rows()
    text = "\n".join(",".join(map(str, row)) for row in np.column_stack([X, y]))
    (tmp_path / "t.csv").write_text(f"a,b,c,y\n{text}\n")
    recipe = members_recipe(layerlab.datasets.load_table(tmp_path / "t.csv", target="y", test=0.01))
    assert recipe is not None
    settings = values.to_run().settings
    alike = {name: value for name, value in recipe.others.items() if name not in ("members", "folds", "epochs")}
    assert {name: settings[name] for name in alike} == alike
    assert (settings["learning_rate"], settings["initializer"]) == (recipe.learning_rate, recipe.initializer)
    whole = MLPRegressor(preset="tabular", random_state=0, n_members=2, engine="numpy").fit(X[:24], y[:24])
    assert [coef.shape[1:] for coef in whole.coefs_] == [(9, 128), (128, 128), (128, 1)]
    assert whole.n_iter_ == recipe.others["epochs"]


def test_answers_out_of_fold_and_intervals(values: MLPRegressor, classes: MLPClassifier) -> None:
    X, y = rows()
    assert values.out_of_fold_.shape == (len(y), 1)
    assert np.corrcoef(values.out_of_fold_[:, 0], y)[0, 1] > 0.7
    low, high = values.to_run().predict_intervals(X.T, 0.9)
    assert np.mean((low[0] <= y) & (y <= high[0])) > 0.85
    assert_allclose(classes.out_of_fold_.sum(axis=1), 1, rtol=1e-5)
    assert classes.to_run().class_names == ("0", "1", "2")


def test_probabilities_are_the_mean_of_the_networks(classes: MLPClassifier) -> None:
    X, _ = rows()
    P = classes.predict_proba(X)
    assert_allclose(P, np.mean([classes.to_run().member(k).predict_proba(X.T) for k in range(8)], axis=0).T, atol=1e-5)
    assert_allclose(np.exp(classes.predict_log_proba(X)), P, rtol=1e-5)
    assert [a.shape for a in classes.activations(X)] == [(8, 120, 6), (8, 120, 3)]


def test_it_works_in_pipelines_searches_clone_pickle_and_skops(tmp_path: Path, classes: MLPClassifier) -> None:
    import skops.io

    X, y = rows(60)
    pipeline = make_pipeline(TablePreprocessor(scaling="quantile"), MLPRegressor(**FEW))
    found = GridSearchCV(pipeline, {"mlpregressor__alpha": [0.0, 0.1]}, cv=2).fit(X, y)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    again = clone(classes).fit(X, np.digitize(y, [-0.5, 1.5]))
    assert again.get_params() == classes.get_params()
    for kept in (pickle.loads(pickle.dumps(classes)),):  # noqa: S301
        assert_allclose(kept.predict_proba(X), classes.predict_proba(X), rtol=0)
    skops.io.dump(classes, tmp_path / "m.skops")
    kept = skops.io.load(tmp_path / "m.skops", trusted=skops.io.get_untrusted_types(file=tmp_path / "m.skops"))
    assert_allclose(kept.predict_proba(X), classes.predict_proba(X), rtol=0)


def test_two_classes_several_labels_weights_and_targets_far_from_zero() -> None:
    X, y = rows()
    two = MLPClassifier(**FEW, class_weight="balanced").fit(X, np.where(y > 1, "high", "low"))
    assert set(two.predict(X)) <= {"high", "low"}
    assert (two.out_activation_, two.predict_proba(X).shape) == ("logistic", (120, 2))
    several = MLPClassifier(**FEW).fit(X, np.column_stack([y > 1, X[:, 2]]).astype(int))
    assert several.predict(X).shape == (120, 2)
    far = MLPRegressor(**SMALL).fit(X, 1000 + 50 * y, sample_weight=np.linspace(0.5, 1, 120))
    assert far.score(X, 1000 + 50 * y) > 0.5
    counts = MLPRegressor("poisson", **FEW).fit(X, np.floor(np.exp(y / 4)))
    assert (counts.predict(X) > 0).all()


def test_the_same_seed_gives_the_same_bits(values: MLPRegressor) -> None:
    X, y = rows()
    again = MLPRegressor(**SMALL).fit(X, y)
    assert_allclose(again.predict(X), values.predict(X), rtol=0)
    assert np.abs(MLPRegressor(**{**SMALL, "random_state": 1}).fit(X, y).predict(X) - values.predict(X)).max() > 0


def test_another_fit_forgets_the_networks() -> None:
    X, y = rows()
    model = MLPRegressor(**FEW).fit(X, y)
    model.set_params(preset=None, n_members=1, max_iter=200, tol=0.1).fit(X, y)
    assert model.coefs_[0].shape == (3, 6)
    assert not hasattr(model, "out_of_fold_")
    assert model.to_run().members is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"solver": "sgd"}, "solver='sgd' with preset='tabular': wanted 'adam'"),
        ({"warm_start": True}, "warm_start=True with preset='tabular': wanted False"),
        ({"early_stopping": True}, "early_stopping=True with preset='tabular'"),
        ({"shuffle": False}, "shuffle=False with preset='tabular'"),
    ],
    ids=str,
)
def test_what_it_cannot_be_mixed_with(wrong: dict[str, Any], words: str) -> None:
    X, y = rows()
    with pytest.raises(ValueError, match=words):
        MLPRegressor(**{**FEW, **wrong}).fit(X, y)


def test_what_data_it_refuses() -> None:
    import scipy.sparse as sp

    X, y = rows()
    with pytest.raises(ValueError, match="X_val with preset='tabular': each of its networks is validated on a fold"):
        MLPRegressor(**FEW).fit(X, y, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="wanted dense features"):
        MLPRegressor(**FEW).fit(sp.csr_array(X), y)
    with pytest.raises(ValueError, match="partial_fit with preset='tabular'"):
        MLPRegressor(**FEW).partial_fit(X, y)
    with pytest.raises(ValueError, match="wanted one name, or one for each"):
        MLPRegressor(**{**FEW, "activation": ["tanh", "relu"]}).fit(X, y)
    model = MLPRegressor(**FEW)
    with pytest.raises(ValueError, match="1 sample with preset='tabular': wanted at least 2"):
        model.fit(X[:1], y[:1])
    assert not hasattr(model, "coefs_")


def test_an_estimator_of_the_earlier_preset_answers_as_it_did() -> None:
    """Before, "tabular" named RealMLP's recipe; a saved estimator keeps its own formula."""
    X, y = rows()
    earlier = MLPClassifier([6], preset="realmlp", random_state=0, max_iter=3).fit(X, y > 0)
    answers = earlier.predict_proba(X)
    earlier.preset = "tabular"
    assert_allclose(earlier.predict_proba(X), answers, rtol=0)
