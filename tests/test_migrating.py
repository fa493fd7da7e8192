"""What docs/migrating.md says of PyTorch, Keras and scikit-learn, each held against the library itself.

The Keras half is skipped where Keras is missing. It and the page's example were run with Keras 3.15.1 on jax 0.10.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as TheirClassifier

import layerlab
from layerlab.formulas import LOSSES, Parameters, initialize_parameters
from layerlab.sklearn import MLPClassifier, MLPRegressor

NETWORK = layerlab.Network([30, 16, 1], hidden="tanh")
BATCH, RATE, EPOCHS = 32, 0.003, 3


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture(scope="module")
def keras() -> Iterator[Any]:
    """Keras in float64, so that what is the same is the same to rounding."""
    pytest.importorskip("keras", reason="Keras is not installed")
    keras = import_module("keras")
    if keras.config.backend() == "jax":
        import_module("jax").config.update("jax_enable_x64", True)
    before = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield keras
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy(before)


def examples(m: int) -> layerlab.datasets.Part:
    """The first of the standardised breast cancer table."""
    X, Y = layerlab.datasets.load_breast_cancer().standardized().train
    return layerlab.datasets.Part(X[:, :m], Y[:, :m])


def orders(m: int, epochs: int = EPOCHS) -> Iterator[NDArray[np.intp]]:
    """Numbers of the examples of each update, in layerlab's order for batch_seed=0."""
    random = np.random.RandomState(0)
    for _ in range(epochs):
        order = random.permutation(m)
        yield from (order[start : start + BATCH] for start in range(0, m, BATCH))


def trained(part: Any, network: layerlab.Network = NETWORK, **own: Any) -> layerlab.Run:
    usual = {"learning_rate": RATE, "epochs": EPOCHS, "batch_size": BATCH, "initializer": "xavier"}
    settings: dict[str, Any] = usual | own
    return layerlab.train(network, part, **settings)


def assert_same(run: layerlab.Run, theirs: Parameters, tolerance: float = 1e-12) -> None:
    for name, value in run.parameters.items():
        assert_allclose(theirs[name], value, rtol=0, atol=tolerance)


def difference(run: layerlab.Run, theirs: Parameters) -> float:
    return max(float(abs(theirs[name] - value).max()) for name, value in run.parameters.items())


# PyTorch


def torch_model(torch: Any, network: layerlab.Network, parameters: Parameters) -> Any:
    """The same network with the same numbers, as the page moves them."""
    layers: list[Any] = []
    for n_prev, n in zip(network.layer_dims, network.layer_dims[1:], strict=False):
        layers += [torch.nn.Linear(n_prev, n, dtype=torch.float64), torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    state = {}
    for layer in range(1, len(network.layer_dims)):
        state[f"{2 * layer - 2}.weight"] = torch.from_numpy(parameters[f"W{layer}"])
        state[f"{2 * layer - 2}.bias"] = torch.from_numpy(parameters[f"b{layer}"][:, 0])
    model.load_state_dict(state)
    return model


def from_torch(model: Any) -> Parameters:
    values = [value.numpy() for value in model.state_dict().values()]
    layers = range(1, len(values) // 2 + 1)
    return {f"W{n}": values[2 * n - 2] for n in layers} | {f"b{n}": values[2 * n - 1][:, None] for n in layers}


def loop(
    torch: Any,
    part: Any,
    optimizer: Callable[[Any], Any],
    penalty: float = 0.0,
    each_update: Callable[[Any], Any] = lambda model: None,
    schedule: Callable[[Any], Any] | None = None,
    interval: int = 1,
) -> tuple[Parameters, list[float]]:
    """PyTorch's usual loop, in layerlab's order of examples; the parameters, and the loss of every update."""
    model = torch_model(torch, NETWORK, initialize_parameters(NETWORK.layer_dims, "xavier", 0))
    X, y = torch.from_numpy(part.X.T.copy()), torch.from_numpy(part.Y.T.copy())
    own, losses = optimizer(model), []
    rate = schedule and schedule(own)
    for update, batch in enumerate(orders(len(X)), start=1):
        weights = sum((weight**2).sum() for name, weight in model.named_parameters() if name.endswith("weight"))
        loss = torch.nn.BCEWithLogitsLoss()(model(X[batch]), y[batch]) + penalty / 2 * weights / len(batch)
        own.zero_grad()
        loss.backward()
        each_update(model)
        own.step()
        losses.append(loss.item())
        if rate and update % interval == 0:
            rate.step()
    return from_torch(model), losses


def grouped(model: Any, decay: float) -> list[dict[str, Any]]:
    """Weights decay, biases do not."""
    named = list(model.named_parameters())
    return [
        {"params": [value for name, value in named if name.endswith("weight")], "weight_decay": decay},
        {"params": [value for name, value in named if name.endswith("bias")], "weight_decay": 0.0},
    ]


TORCH: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "gd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {}),
    "rmsprop": ("RMSprop", {}, {"beta2": 0.99}),
    "adam": ("Adam", {}, {}),
    "adamw": ("AdamW", {}, {}),
}
"""layerlab's optimiser: PyTorch's, its arguments, and what layerlab has to be told to have PyTorch's defaults."""


@pytest.mark.parametrize("name", TORCH)
def test_pytorchs_optimisers_and_last_short_batches(torch: Any, name: str) -> None:
    part = examples(110)  # 32 + 32 + 32 + 14
    kind, arguments, own = TORCH[name]
    theirs, losses = loop(
        torch, part, lambda model: getattr(torch.optim, kind)(grouped(model, 0.0), lr=RATE, **arguments)
    )
    own = own | ({"weight_decay": 0.0} if name == "adamw" else {})
    run = trained(part, optimizer=name, **own)
    assert_same(run, theirs)
    assert_allclose(run.history.costs, losses, rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in TORCH if name != "adamw"])
def test_weight_decay_of_grouped_weights_is_l2_over_the_batch(torch: Any, name: str) -> None:
    part, l2 = examples(96), 0.32
    kind, arguments, own = TORCH[name]
    theirs, _ = loop(
        torch, part, lambda model: getattr(torch.optim, kind)(grouped(model, l2 / BATCH), lr=RATE, **arguments)
    )
    assert_same(trained(part, optimizer=name, l2=l2, **own), theirs)


def test_without_groups_biases_decay_too(torch: Any) -> None:
    part, l2 = examples(96), 0.32
    theirs, _ = loop(torch, part, lambda model: torch.optim.SGD(model.parameters(), lr=RATE, weight_decay=l2 / BATCH))
    assert difference(trained(part, l2=l2), theirs) > 1e-9


def test_in_a_short_batch_the_penalty_has_that_batchs_m(torch: Any) -> None:
    part, l2 = examples(110), 0.32
    theirs, losses = loop(torch, part, lambda model: torch.optim.Adam(model.parameters(), lr=RATE), penalty=l2)
    run = trained(part, l2=l2, optimizer="adam")
    assert_same(run, theirs)
    assert_allclose(run.history.costs, losses, rtol=1e-12)
    decayed, _ = loop(torch, part, lambda model: torch.optim.Adam(grouped(model, l2 / BATCH), lr=RATE))
    assert difference(run, decayed) > 1e-9


def test_adamw_with_groups(torch: Any) -> None:
    part = examples(110)
    theirs, _ = loop(torch, part, lambda model: torch.optim.AdamW(grouped(model, 0.02), lr=RATE))
    assert_same(trained(part, optimizer="adamw", weight_decay=0.02), theirs)
    all_of_them, _ = loop(torch, part, lambda model: torch.optim.AdamW(model.parameters(), lr=RATE))
    assert difference(trained(part, optimizer="adamw", weight_decay=0.01), all_of_them) > 1e-9


def test_step_schedules_are_the_same_but_for_momentum(torch: Any) -> None:
    part = examples(96)
    for name, arguments in (("gd", {}), ("momentum", {"momentum": 0.9})):
        theirs, _ = loop(
            torch,
            part,
            lambda model, own=arguments: torch.optim.SGD(model.parameters(), lr=0.1, **own),  # type: ignore[misc]
            schedule=lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.1),
            interval=3,
        )
        run = trained(part, learning_rate=0.1, optimizer=name, schedule="step", interval=1, drop=0.1)
        assert (difference(run, theirs) < 1e-12) == (name == "gd")


def test_a_cosine_by_updates_is_the_same(torch: Any) -> None:
    part = examples(96)
    theirs, _ = loop(
        torch,
        part,
        lambda model: torch.optim.Adam(model.parameters(), lr=RATE),
        schedule=lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3 * EPOCHS),
    )
    assert_same(trained(part, optimizer="adam", schedule="cosine"), theirs)


def test_clipping_differs_by_pytorchs_millionth(torch: Any) -> None:
    part = examples(96)
    theirs, _ = loop(
        torch,
        part,
        lambda model: torch.optim.SGD(model.parameters(), lr=0.1),
        each_update=lambda model: torch.nn.utils.clip_grad_norm_(model.parameters(), 0.05),
    )
    assert 1e-12 < difference(trained(part, learning_rate=0.1, clip_norm=0.05), theirs) < 1e-5


def test_pytorchs_losses(torch: Any) -> None:
    """Loss and gradient of each output beside PyTorch's of the same name, with its stated factor."""
    random = np.random.RandomState(0)
    Z, Y = 3 * random.randn(3, 20), random.randn(3, 20)
    counts, classes = random.poisson(2.0, (3, 20)).astype(float), np.eye(3)[:, random.randint(3, size=20)]
    nn = torch.nn
    for output, labels, loss, factor in (
        ("sigmoid", classes, nn.BCEWithLogitsLoss(reduction="none"), 1.0),
        ("identity", Y, nn.MSELoss(reduction="none"), 0.5),
        ("absolute", Y, nn.L1Loss(reduction="none"), 1.0),
        ("huber", Y, nn.HuberLoss(reduction="none"), 1.0),
        ("poisson", counts, nn.PoissonNLLLoss(reduction="none"), 1.0),
        ("softmax", classes, nn.CrossEntropyLoss(reduction="sum"), 1.0),
    ):
        z = torch.tensor(Z.T.copy(), requires_grad=True)
        theirs = factor * loss(z, torch.tensor(labels.T.copy())).sum()
        theirs.backward()
        assert_allclose(LOSSES[output].gradient(Z, labels), z.grad.T, rtol=1e-12, atol=1e-15, err_msg=output)
        if output != "poisson":  # the deviance and the likelihood differ by what the labels alone decide
            assert LOSSES[output].losses(Z, labels).sum() == pytest.approx(theirs.item(), rel=1e-12), output


@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")  # one update is few
def test_weights_of_classes_and_smoothing_are_cross_entropys(torch: Any) -> None:
    X, Y = (rows[:, :100] for rows in layerlab.datasets.load_digits().train)
    start, each, classes = initialize_parameters([64, 10], "xavier", 0), np.linspace(0.5, 2, 10), Y.argmax(axis=0)
    logits = torch.from_numpy((start["W1"] @ X + start["b1"]).T.copy())
    for theirs, own in (
        ({"weight": torch.from_numpy(each)}, {"sample_weight": each[classes]}),
        ({"label_smoothing": 0.1}, {"label_smoothing": 0.1}),
    ):
        run = trained((X, Y), layerlab.Network([64, 10]), batch_size=None, epochs=1, **own)
        loss = torch.nn.CrossEntropyLoss(**theirs)(logits, torch.from_numpy(classes))
        assert run.history.costs[0] == pytest.approx(loss.item(), rel=1e-12)


def test_leaky_relu_has_pytorchs_slope(torch: Any) -> None:
    assert torch.nn.LeakyReLU()(torch.tensor([-1.0])).item() == pytest.approx(
        layerlab.formulas.leaky_relu(np.array([-1.0]))[0]
    )


def test_he_and_xavier_are_the_normal_ones(torch: Any) -> None:
    torch.manual_seed(0)
    weight = torch.empty(500, 400, dtype=torch.float64)
    for initializer, draw in (
        ("he", torch.nn.init.kaiming_normal_),
        ("xavier", torch.nn.init.xavier_normal_),
    ):
        ours = initialize_parameters([400, 500], initializer, 0)["W1"]
        assert draw(weight).std().item() == pytest.approx(ours.std(), rel=0.01)
    usual = torch.nn.Linear(400, 500).weight
    assert abs(usual).max().item() == pytest.approx(1 / math.sqrt(400), rel=0.01)  # its spread is lecun's / √3


def test_weights_come_from_pytorch_and_go_back(torch: Any) -> None:
    part, network = examples(110), layerlab.Network([30, 8, 4, 1], hidden="tanh", output="sigmoid")
    run = trained(part, network, epochs=2)
    model = torch_model(torch, network, run.parameters)
    theirs = torch.sigmoid(model(torch.from_numpy(part.X.T.copy()))).detach().numpy().T
    assert_allclose(run.predict_proba(part.X), theirs, rtol=0, atol=1e-12)
    assert_same(run, from_torch(model), 0.0)


# Keras


RELU = layerlab.Network([30, 16, 1])
"""Keras' tanh on jax computes in float32, whatever the type of its layers (3.15.1); relu has no digits to lose."""


def keras_model(keras: Any, penalty: float = 0.0) -> Any:
    start = initialize_parameters(NETWORK.layer_dims, "xavier", 0)
    own = {"kernel_regularizer": keras.regularizers.L2(penalty)}
    model = keras.Sequential(
        [keras.Input((30,)), keras.layers.Dense(16, activation="relu", **own), keras.layers.Dense(1, **own)]
    )
    model.set_weights([start["W1"].T, start["b1"][:, 0], start["W2"].T, start["b2"][:, 0]])
    return model


def from_keras(model: Any) -> Parameters:
    W1, b1, W2, b2 = model.get_weights()
    return {"W1": W1.T, "b1": b1[:, None], "W2": W2.T, "b2": b2[:, None]}


def fitted(keras: Any, part: Any, optimizer: Any, penalty: float = 0.0) -> Parameters:
    model = keras_model(keras, penalty)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))
    for batch in orders(part.X.shape[1]):
        model.train_on_batch(part.X.T[batch], part.Y.T[batch])
    return from_keras(model)


KERAS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "gd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {}),
    "adam_hat": ("Adam", {}, {"epsilon": 1e-7}),
}


@pytest.mark.parametrize("name", KERAS)
@pytest.mark.filterwarnings("ignore")  # Keras' own
def test_keras_optimisers_and_its_l2(keras: Any, name: str) -> None:
    """L2(λ) adds λ Σ W² to the mean loss: ours is 2 m λ, where every batch has m examples."""
    part, penalty = examples(96), 0.005
    kind, arguments, own = KERAS[name]
    for theirs in (0.0, penalty):
        made = fitted(keras, part, getattr(keras.optimizers, kind)(RATE, **arguments), theirs)
        assert_same(trained(part, RELU, optimizer=name, l2=2 * BATCH * theirs, **own), made)


@pytest.mark.filterwarnings("ignore")
def test_keras_puts_rmsprops_epsilon_under_the_root(keras: Any) -> None:
    part = examples(96)
    made = fitted(keras, part, keras.optimizers.RMSprop(RATE, epsilon=1e-30))
    assert_same(trained(part, RELU, optimizer="rmsprop", epsilon=1e-15), made, 1e-9)
    made = fitted(keras, part, keras.optimizers.RMSprop(RATE))
    assert difference(trained(part, RELU, optimizer="rmsprop", epsilon=1e-7), made) > 1e-5


@pytest.mark.filterwarnings("ignore")
def test_keras_rates_change_and_its_gradients_are_clipped_as_ours(keras: Any) -> None:
    part = examples(96)
    steps = keras.optimizers.schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.01, 0.001])
    made = fitted(keras, part, keras.optimizers.SGD(steps, momentum=0.9))
    run = trained(part, RELU, optimizer="momentum", learning_rate=0.1, schedule="step", interval=1, drop=0.1)
    assert_same(run, made, 1e-7)  # its schedules are float32
    made = fitted(keras, part, keras.optimizers.SGD(0.1, global_clipnorm=0.05))
    assert_same(trained(part, RELU, learning_rate=0.1, clip_norm=0.05), made)


@pytest.mark.filterwarnings("ignore")
def test_what_keras_adds_to_a_loss_and_what_it_divides_by(keras: Any) -> None:
    part, weights = examples(96), np.linspace(0.5, 2, 96)
    for penalty, own in ((0.0, weights), (0.005, None)):
        model = keras_model(keras, penalty)
        model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
        theirs = model.evaluate(part.X.T, part.Y.T, sample_weight=own, batch_size=96, verbose=0)
        start = from_keras(model)
        run = layerlab.Run(
            layerlab.Network([30, 16, 1], output="sigmoid"), start, layerlab.History(costs=np.empty(0)), settings={}
        )
        right = run.predict_proba(part.X)
        losses = -np.log(np.where(part.Y == 1, right, 1 - right))[0]
        decay = penalty * sum((start[name] ** 2).sum() for name in ("W1", "W2"))
        assert theirs == pytest.approx(float((losses * (1 if own is None else own)).mean() + decay), rel=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_keras_adamw_decays_biases_too(keras: Any) -> None:
    bias = keras.Variable([2.0], name="bias")
    adamw = keras.optimizers.AdamW(0.1)
    adamw.apply([keras.ops.zeros(1)], [bias])
    assert float(bias[0]) == pytest.approx(2 * (1 - 0.1 * 0.004), rel=1e-6)


def test_slopes_of_leaky_relus(keras: Any) -> None:
    z = keras.ops.convert_to_tensor([-1.0])
    slopes = [float(relu(z)[0]) for relu in (keras.layers.LeakyReLU(), keras.activations.get("leaky_relu"))]
    assert_allclose(slopes, [-0.3, -0.2], rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_keras_normal_initialisers_are_cut_off(keras: Any) -> None:
    weights = np.asarray(keras.initializers.HeNormal(seed=0)((400, 500)))
    assert weights.std() == pytest.approx(math.sqrt(2 / 400), rel=0.01)
    assert abs(weights).max() < 2.3 * math.sqrt(2 / 400)


# scikit-learn


@pytest.mark.parametrize("n_classes", [2, 3])
def test_weights_come_from_scikit_learn_and_go_back(n_classes: int) -> None:
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    X, y = X[y < n_classes], y[y < n_classes]
    settings: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "activation": "tanh", "random_state": 0}
    with pytest.warns(ConvergenceWarning):
        theirs = TheirClassifier(max_iter=20, **settings).fit(X, y)
    parameters: Parameters = {}
    for layer, (coef, intercept) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True), start=1):
        parameters |= {f"W{layer}": coef.T, f"b{layer}": intercept[:, None]}
    sizes = [4, 7, 5, 1 if n_classes == 2 else 3]
    output = "sigmoid" if n_classes == 2 else "softmax"
    run = layerlab.Run(
        layerlab.Network(sizes, "tanh", output), parameters, layerlab.History(costs=np.empty(0)), settings={}
    )
    ours = run.predict_proba(X.T)
    assert_allclose(ours[-1], theirs.predict_proba(X)[:, -1], rtol=0, atol=1e-12)
    for kind in (TheirClassifier, MLPClassifier):
        back = kind(**settings).partial_fit(X, y, classes=range(n_classes))
        back.coefs_ = [run.parameters[f"W{layer}"].T for layer in (1, 2, 3)]
        back.intercepts_ = [run.parameters[f"b{layer}"][:, 0] for layer in (1, 2, 3)]
        assert_allclose(back.predict_proba(X), theirs.predict_proba(X), rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a few epochs are enough
@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")  # four updates are few
def test_alpha_is_l2_and_the_estimators_adam_is_adam_hat() -> None:
    part = examples(110)
    settings: dict[str, Any] = {"alpha": 0.3, "batch_size": 110, "n_iter_no_change": np.inf, "random_state": 0}
    start, model = (
        MLPClassifier((16,), "tanh", max_iter=epochs, learning_rate_init=rate, **settings).fit(part.X.T, part.Y[0])
        for epochs, rate in ((1, 1e-300), (4, RATE))
    )
    parameters = {f"W{layer}": coef.T for layer, coef in enumerate(start.coefs_, start=1)}
    parameters |= {f"b{layer}": own[:, None] for layer, own in enumerate(start.intercepts_, start=1)}
    run = trained(part, batch_size=None, epochs=4, optimizer="adam_hat", l2=0.3, parameters=parameters)
    assert_allclose(run.history.costs, model.loss_curve_, rtol=1e-12)
    assert_allclose(run.parameters["W1"], model.coefs_[0].T, rtol=0, atol=1e-12)


# What the page's table of wishes says


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a few epochs are enough
def test_every_wish_is_heard() -> None:
    cancer = layerlab.datasets.load_breast_cancer().standardized()
    X, y, X_val, y_val = cancer.train.X.T, cancer.train.Y[0], cancer.test.X.T, cancer.test.Y[0]
    settings: dict[str, Any] = {"max_iter": 3, "n_iter_no_change": np.inf, "random_state": 0}
    for wish in (
        {"class_weight": "balanced"},
        {"class_weight": {0: 1, 1: 5}},
        {"dropout": 0.2},
        {"initializer": "he"},
        {"hidden_layer_sizes": (20, 10), "activation": ["relu", "tanh"]},
        {"n_members": 3},
        {"label_smoothing": 0.1},
        {"engine": "numpy"},
    ):
        assert MLPClassifier(**wish, **settings).fit(X, y).score(X_val, y_val) > 0.3, wish
    for loss in ("absolute_error", "huber", "poisson"):
        MLPRegressor(loss, **settings).fit(X, y)
    watched = MLPClassifier(early_stopping=True, monitor="loss", **settings).fit(X, y, X_val=X_val, y_val=y_val)
    assert len(watched.validation_loss_curve_) == len(watched.validation_scores_) == watched.n_iter_
    for _ in range(2):
        watched.partial_fit(X, y, X_val=X_val, y_val=y_val)
    assert [layer.shape[1] for layer in watched.activations(X)] == [100, 1]


def test_several_labels_are_learned_in_parts() -> None:
    random = np.random.RandomState(0)
    X = random.randn(60, 4)
    Y = (X[:, :2] > 0).astype(int)
    model = MLPClassifier(random_state=0)
    for _ in range(30):
        model.partial_fit(X, Y, classes=[0, 1])
    assert model.predict(X).shape == (60, 2)
