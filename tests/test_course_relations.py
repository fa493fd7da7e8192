"""How a wrong value differs: what the checker states is true, also of numbers that it has not seen."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.relating.relations import WrongValue, holds, relation

Names = dict[str, Any]
Sizes = tuple[dict[str, int], ...]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def backward(rng: np.random.Generator, n_x: int, n_h: int, n_y: int, m: int) -> Names:
    """One hidden layer, forward and backward, in the order in which a solution computes it."""
    X, Y = rng.normal(size=(n_x, m)), rng.permutation(np.arange(n_y * m) % 2.0).reshape(n_y, m)
    W2, A1 = rng.normal(size=(n_y, n_h)), np.tanh(rng.normal(size=(n_h, m)))
    b2 = rng.normal(size=(n_y, 1))
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    dZ2 = A2 - Y
    dW2, db2 = dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    known = {"X": X, "Y": Y, "W2": W2, "A1": A1, "b2": b2, "W2 @ A1": W2 @ A1, "Z2": Z2, "A2": A2, "dZ2": dZ2}
    known |= {"dW2": dW2, "db2": db2, "dA1": dA1, "A1 ** 2": A1**2, "1 - A1 ** 2": 1 - A1**2, "dZ1": dZ1}
    return known | {"dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m, "m": m}


def cost(rng: np.random.Generator, n_x: int, n_y: int, m: int) -> Names:
    """The cost, step by step."""
    A, Y = rng.uniform(0.05, 0.95, size=(n_y, m)), rng.permutation(np.arange(n_y * m) % 2.0).reshape(n_y, m)
    of_1, of_0 = np.log(A), np.log(1 - A)
    losses = -(Y * of_1 + (1 - Y) * of_0)
    return {"A": A, "Y": Y, "of_1": of_1, "of_0": of_0, "Y * of_1": Y * of_1, "(1 - Y) * of_0": (1 - Y) * of_0} | {
        "losses": losses,
        "slopes": -Y / A + (1 - Y) / (1 - A),
        "total": losses.sum(),
        "cost": losses.sum() / m,
    }


def softmax(rng: np.random.Generator, n: int, d: int) -> Names:
    x = rng.normal(size=(n, d))
    e = np.exp(x)
    total = e.sum(axis=1, keepdims=True)
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    return {"x": x, "e": e, "total": total, "s": e / total, "norm": norm, "rows": x / norm, "g": sigmoid(x)} | {
        "ds": sigmoid(x) * (1 - sigmoid(x))
    }


def update(rng: np.random.Generator, n: int, p: int) -> Names:
    W, dW, b, db = (rng.normal(size=shape) for shape in ((n, p), (n, p), (n, 1), (n, 1)))
    rate = float(rng.uniform(0.01, 0.9))
    return {"W": W, "dW": dW, "b": b, "db": db, "rate": rate, "W_new": W - rate * dW}


def image(rng: np.random.Generator, h: int, w: int, c: int, m: int) -> Names:
    images = rng.integers(0, 256, size=(m, h, w, c))
    flat = images.reshape(m, -1).T
    v = images[0].reshape(-1, 1)
    known = {"images": images, "flat": flat, "scaled": flat / 255, "image": images[0], "v": v}
    return known | {"twice": images * 2}


def loss(rng: np.random.Generator, m: int) -> Names:
    """The L1 distance of two vectors."""
    yhat, y = rng.normal(size=m), rng.normal(size=m)
    known = {"yhat": yhat, "y": y, "column": y[:, None], "yhat - y": yhat - y, "distances": np.abs(yhat - y)}
    return known | {"total": np.abs(yhat - y).sum(), "dot": yhat @ y}


def plain(rng: np.random.Generator, n: int, m: int) -> Names:
    """A network's answers: a size, probabilities and predictions."""
    X, A = rng.normal(size=(n, m)), rng.uniform(size=(1, m))
    return {"X": X, "A": A, "Z": np.log(A / (1 - A)), "n": n, "Y": (A > 0.5) * 1.0, "inner": X * (X > 0)}


def hidden(rng: np.random.Generator, n: int, m: int) -> Names:
    """Answers of layers whose inner values nobody knows."""
    logits, inner = rng.normal(size=(n, m)), rng.normal(size=(n, m))
    known = {"A": sigmoid(logits), "A1": np.tanh(inner), "R": np.maximum(inner, 0)}
    return known | {"logits": logits, "inner": inner}


WORLDS: Mapping[Callable[..., Names], Sizes] = {
    backward: (
        {"n_x": 5, "n_h": 4, "n_y": 2, "m": 9},
        {"n_x": 3, "n_h": 6, "n_y": 1, "m": 8},
        {"n_x": 2, "n_h": 3, "n_y": 4, "m": 7},
    ),
    cost: ({"n_x": 4, "n_y": 1, "m": 7}, {"n_x": 3, "n_y": 1, "m": 12}, {"n_x": 6, "n_y": 2, "m": 5}),
    softmax: ({"n": 4, "d": 5}, {"n": 6, "d": 3}, {"n": 3, "d": 3}),
    update: ({"n": 4, "p": 5}, {"n": 6, "p": 3}),
    image: ({"h": 4, "w": 3, "c": 2, "m": 5}, {"h": 2, "w": 5, "c": 3, "m": 7}),
    loss: ({"m": 5}, {"m": 8}),
    hidden: ({"n": 3, "m": 5}, {"n": 2, "m": 7}),
    plain: ({"n": 4, "m": 9}, {"n": 3, "m": 11}),
}  # fmt: skip
"""Where the quantities come from, and the sizes of the fixtures."""


def cases(
    world: Callable[..., Names], quantity: str, formula: str, seed: int = 0, sizes_of: Sizes | None = None
) -> list[WrongValue]:
    """A quantity of a world as a wrong formula has it, on every fixture; only what lies upstream is known."""
    found = []
    for number, sizes in enumerate(WORLDS[world] if sizes_of is None else sizes_of):
        rng = np.random.default_rng([seed, number])
        names = world(rng, **sizes)
        upstream = list(names)[: list(names).index(quantity)]
        scope = {
            "np": np,
            "sigmoid": sigmoid,
            "rng": rng,
            **sizes,
            **{k: v for k, v in names.items() if k.isidentifier()},
        }
        with np.errstate(all="ignore"):
            got = eval(formula, scope)  # noqa: S307  our own formulas
        found.append(WrongValue(got, names[quantity], sizes, {name: names[name] for name in upstream}))
    return found


def is_wrong(case: WrongValue) -> bool:
    return case.came is None or case.right is None or not np.array_equal(case.came, case.right)


STATED: list[tuple[Callable[..., Names], str, str, str]] = [
    # types and shapes
    (backward, "dZ1", "None", "none"),
    (backward, "dZ1", "dZ1.tolist()", "type list"),
    (backward, "dZ1", "'dZ1'", "type str"),
    (softmax, "s", "np.where(s > 0.3, np.nan, s)", "not a number"),
    (cost, "cost", "np.inf", "not a number"),
    (backward, "dW1", "dW1.T", "transposed"),
    (backward, "db1", "db1.ravel()", "shape (n_h,)"),
    (backward, "db1", "db1.reshape(1, -1, 1)", "shape (1, n_h, 1)"),
    (image, "v", "image.reshape(h * w, c)", "shape (h*w, c)"),
    (image, "v", "image.ravel()", "shape (h*w*c,)"),
    (backward, "db1", "dZ1.sum(axis=1)", "shape (n_h,), ratio m"),
    (backward, "db1", "m * db1.T", "transposed, ratio m"),
    (backward, "db1", "dZ1", "not averaged axis 1"),
    (backward, "db1", "dZ1 / m", "not added axis 1"),
    (cost, "cost", "losses / m", "not added"),
    (cost, "cost", "losses", "not added, ratio m"),
    (backward, "db1", "dZ1.sum() / m", "added"),
    (backward, "dZ1", "dZ1.sum(axis=1)", "added axis 1"),
    (backward, "dZ1", "dZ1.mean(axis=0, keepdims=True)", "averaged axis 0"),
    (backward, "db1", "np.tile(db1, (1, 5))", "repeated"),
    (backward, "db1", "np.zeros((5, 1)) + db1.T", "repeated"),
    (cost, "cost", "np.full(7, cost)", "repeated"),
    (softmax, "s", "rng.normal(size=(n, n, 2))", "shape (n, n, 2) of other numbers"),
    (backward, "dW1", "rng.normal(size=(m, m))", "shape (m, m) of other numbers"),
    (image, "v", "image.T.reshape(-1)", "shape (h*w*c,), permuted"),
    # a constant
    (backward, "dW1", "m * dW1", "ratio m"),
    (backward, "dZ1", "dZ1 / m", "ratio 1/m"),
    (backward, "dW1", "-dW1", "ratio -1"),
    (backward, "dW1", "-dW1 / m", "ratio -1/m"),
    (backward, "dW1", "dW1 * m / n_x", "ratio m/n_x"),
    (backward, "dW1", "dW1 * m / (m - 1)", "ratio m/(m-1)"),
    (backward, "dW1", "dW1 / m**2", "ratio 1/m**2"),
    (backward, "dW1", "dW1 / 2", "ratio 1/2"),
    (backward, "dW1", "dW1 * 1.25", "ratio 1.25"),
    (backward, "dW1", "dW1 * 0.01", "ratio 0.01"),
    (image, "scaled", "flat / 256", "ratio 255/256"),
    (image, "scaled", "flat", "ratio 255"),
    (image, "scaled", "flat / 255**2", "ratio 1/255"),
    (cost, "losses", "losses / np.log(2)", "ratio 1/np.log(2)"),
    (update, "W_new", "rate * W_new", "ratio rate"),
    (backward, "dZ1", "dZ1 * rng.uniform(3, 9)", "proportional"),
    # sizes
    (plain, "n", "m", "is m"),
    (plain, "n", "n - 1", "is n-1"),
    (plain, "n", "12", "is 12"),
    (plain, "n", "n * m", "is n*m"),
    # the two values alone
    (softmax, "g", "sigmoid(-x)", "1 - x"),
    (image, "flat", "images.reshape(-1, m)", "reshaped instead of transposed"),
    (backward, "dZ1", "dZ1[::-1]", "rows permuted"),
    (backward, "dZ1", "np.roll(dZ1, 1, axis=1)", "columns permuted"),
    (backward, "dZ1", "np.sort(dZ1, axis=0)", "permuted"),
    (backward, "dZ1", "np.where(A1 > 0, dZ1, -dZ1)", "signs"),
    (softmax, "s", "np.exp(s)", "function exp"),
    (softmax, "s", "s**2", "function square"),
    (softmax, "s", "np.sqrt(s)", "function sqrt"),
    (softmax, "e", "1 / e", "is np.exp(-x)"),
    (backward, "dZ1", "np.abs(dZ1)", "function abs"),
    (plain, "inner", "np.maximum(inner, 0) - (inner == 0)", "without function relu"),
    (plain, "Y", "A * (A != 7)", "is A"),
    (plain, "A", "np.log(A / (1 - A))", "without function sigmoid"),
    (softmax, "s", "np.zeros_like(s)", "constant 0"),
    (softmax, "s", "np.full_like(s, rng.normal())", "constant"),
    (softmax, "s", "s * rng.normal(size=(n, 1))", "factor per row"),
    (softmax, "s", "s * rng.normal(size=d)", "factor per column"),
    (plain, "A", "1 / A", "function reciprocal"),
    # other quantities
    (backward, "dZ1", "dA1", "is dA1"),
    (backward, "dZ1", "A1", "is A1"),
    (backward, "dA1", "W2.T", "is W2.T"),
    (backward, "dZ1", "-dA1 / m", "is -dA1 / m"),
    (backward, "dZ1", "m * dA1", "is m * dA1"),
    # terms
    (backward, "Z2", "W2 @ A1", "missing term b2"),
    (update, "W_new", "W + rate * dW", "sign of term rate * dW"),
    (update, "W_new", "W - 2 * rate * dW", "extra term rate * dW"),
    (update, "W_new", "W_new + 1", "off by term 1"),
    (update, "W_new", "W_new - b", "off by term b"),
    (backward, "dZ2", "A2 + Y", "sign of term Y"),
    (backward, "Z2", "Z2 + b2", "extra term b2"),
    (backward, "Z2", "Z2 - 2 * b2", "sign of term b2"),
    (backward, "Z2", "W2 @ A1 / m + b2", "is b2 + W2 @ A1 / m"),
    (update, "W_new", "-rate * dW", "missing term W"),
    (update, "W_new", "W - 3 * rate * dW", "sign of term rate * dW"),
    (update, "W_new", "np.trunc(W_new)", "truncated"),
    # factors
    (backward, "dZ1", "dZ1 * A1", "extra factor A1"),
    (backward, "dZ2", "(A2 - Y) * A2 * (1 - A2)", "extra factor A2 * (1 - A2)"),
    (softmax, "ds", "1 - g", "is 1 - g"),
    (softmax, "rows", "x / norm**2", "without factor norm"),
    # expressions of two
    (backward, "dZ1", "dA1 * A1", "is A1 * dA1"),
    (backward, "dZ1", "dA1 * (1 - A1)", "is dA1 * (1 - A1)"),
    (backward, "dZ1", "dA1 * (1 + A1**2)", "is dA1 * (1 + A1**2)"),
    (backward, "dZ1", "dA1 * A1 * (1 - A1)", "is dA1 * (A1 * (1 - A1))"),
    (backward, "dZ1", "dA1 * (A1 > 0)", "is dA1 * (A1 > 0)"),
    (backward, "dW1", "dZ1 @ A1.T / m", "is dZ1 @ A1.T / m"),
    (backward, "dA1", "W2.T @ A2", "is W2.T @ A2"),
    (backward, "db1", "dZ1.sum(axis=0) / m", "axis 0 instead of 1: np.sum(dZ1, axis=0) / m"),
    (softmax, "s", "e / e.sum()", "no axis: e / np.sum(e)"),
    (softmax, "s", "e / e.sum(axis=0)", "axis 0 instead of 1: e / np.sum(e, axis=0)"),
    (softmax, "s", "e / e.max(axis=1, keepdims=True)", "is e / np.max(e, axis=1, keepdims=True)"),
    (softmax, "s", "e - total", "is e - total"),
    (softmax, "rows", "x / np.linalg.norm(x, axis=0)", "axis 0 instead of 1: x / np.linalg.norm(x, axis=0)"),
    (softmax, "rows", "x / np.abs(x).sum(axis=1, keepdims=True)", "is x / np.sum(np.abs(x), axis=1, keepdims=True)"),
    (softmax, "ds", "x * (1 - x)", "is x * (1 - x)"),
    (softmax, "ds", "g * (1 + g)", "is g * (1 + g)"),
    (update, "W_new", "W - dW", "is W - dW"),
    (update, "W_new", "rate * (W - dW)", "is rate * (W - dW)"),
    (update, "W_new", "rate * W - dW", "is rate * W - dW"),
    (update, "W_new", "W - rate * db", "is W - rate * db"),
    (update, "W_new", "W - dW / rate", "is W - dW / rate"),
    (cost, "losses", "(A - Y)**2", "is (A - Y)**2"),
    (cost, "cost", "((A - Y)**2).sum() / m", "is np.sum((A - Y)**2) / m"),
    (cost, "cost", "-(Y * np.log(A)).sum() / m", "is -np.sum(Y * of_1) / m"),
    (cost, "of_0", "1 - np.log(A)", "is 1 - of_1"),
    (plain, "Y", "(Z > 0.5) * 1.0", "is Z > 0.5"),
    (plain, "Y", "(A >= 1) * 1.0", "constant 0"),
    (softmax, "s", "2**x / total", "is 2**x / total"),
    (cost, "cost", "np.abs(A - Y).sum() / m", "is np.sum(np.abs(A - Y)) / m"),
    # sums of two products
    (cost, "losses", "-((1 - Y) * np.log(A) + Y * np.log(1 - A))", "is -((1 - Y) * of_1 + Y * of_0)"),
    (cost, "losses", "-(Y * np.log(A) + (1 - Y) * (1 - np.log(A)))", "is -((1 - Y) * (1 - of_1) + Y * of_1)"),
    (
        cost,
        "cost",
        "-((1 - Y) * np.log(A) + Y * np.log(1 - A)).sum() / m",
        "is -(np.sum((1 - Y) * of_1) + np.sum(Y * of_0)) / m",
    ),
    (
        cost,
        "cost",
        "-(Y.sum() * of_1.sum() + (1 - Y).sum() * of_0.sum()) / m",
        "is -(np.sum(1 - Y) * np.sum(of_0) + np.sum(Y) * np.sum(of_1)) / m",
    ),
    # one function for another
    (softmax, "g", "np.tanh(x) + 0 * x", "is np.tanh(x)"),
    (hidden, "A", "np.tanh(logits)", "tanh instead of sigmoid"),
    (hidden, "A", "np.maximum(logits, 0)", "relu instead of sigmoid"),
    (hidden, "A1", "sigmoid(inner)", "sigmoid instead of tanh"),
    (hidden, "R", "sigmoid(inner)", "sigmoid instead of relu"),
]  # fmt: skip
"""A world, a quantity, what a wrong program computes for it, and what is to be said."""

CATALOGUE: list[tuple[str, Callable[..., Names], str, str, str]] = [
    ("M2 no minus in the sigmoid", softmax, "g", "1 / (1 + np.exp(x))", "1 - x"),
    ("M5 x in place of the sigmoid", softmax, "ds", "x * (1 - x)", "is x * (1 - x)"),
    ("M5 plus in place of minus", softmax, "ds", "g * (1 + g)", "is g * (1 + g)"),
    (
        "M7 along columns",
        softmax,
        "norm",
        "np.linalg.norm(x, axis=0)",
        "axis 0 instead of 1: np.linalg.norm(x, axis=0)",
    ),
    ("M10 over everything", softmax, "total", "e.sum()", "added"),
    ("M10 along columns", softmax, "s", "e / e.sum(axis=0)", "axis 0 instead of 1: e / np.sum(e, axis=0)"),
    ("M10 no keepdims", softmax, "total", "e.sum(axis=1)", "shape (n,)"),
    ("M13 a buffer of whole numbers", softmax, "s", "s.astype(int)", "constant 0"),
    ("M14 a flat vector", image, "v", "image.ravel()", "shape (h*w*c,)"),
    ("M14 two axes", image, "v", "image.reshape(-1, c)", "shape (h*w, c)"),
    ("M15 no abs", loss, "distances", "yhat - y", "without function abs"),
    ("M15 abs after the sum", loss, "total", "np.abs((yhat - y).sum())", "added before abs: np.abs(np.sum(yhat - y))"),
    ("M15 nothing added", loss, "total", "distances", "not added"),
    ("M17 a column and a row", loss, "yhat - y", "yhat - y[:, None]", "is yhat - column"),
    ("M18 every product", loss, "dot", "np.outer(y, yhat)", "is yhat * column"),
    ("M18 element by element", loss, "dot", "y * yhat", "not added"),
    ("M20 not summed", cost, "cost", "losses / m", "not added"),
    ("M21 every label with every prediction", cost, "Y * of_1", "Y.T @ of_1", "is Y.T @ of_1"),
    ("M22 1 - log A", cost, "of_0", "1 - np.log(A)", "is 1 - of_1"),
    ("M23 no minus", cost, "cost", "-cost", "ratio -1"),
    ("M24 no mean", cost, "cost", "losses.sum()", "ratio m"),
    ("M24 over m - 1", cost, "cost", "losses.sum() / (m - 1)", "ratio m/(m-1)"),
    ("M24 over the inputs", cost, "cost", "losses.sum() / n_x", "ratio m/n_x"),
    ("M24 over 2m", cost, "cost", "losses.sum() / (2 * m)", "ratio 1/2"),
    ("M28 a flat w", update, "W_new", "W_new.ravel()", "shape (n*p,)"),
    ("M30 flattened across examples", image, "flat", "images.reshape(-1, m)", "reshaped instead of transposed"),
    ("M31 flattened without .T", image, "flat", "images.reshape(m, -1)", "transposed"),
    ("M32 another order of pixels", image, "flat", "images.transpose(0, 3, 1, 2).reshape(m, -1).T", "rows permuted"),
    ("M33 not scaled", image, "scaled", "flat", "ratio 255"),
    ("M33 scaled twice", image, "scaled", "flat / 255 / 255", "ratio 1/255"),
    ("M34 numbers of 8 bits", image, "twice", "images.astype(np.uint8) * np.uint8(2)", "modulo 256"),
    ("M37 no T", backward, "dW1", "(X @ dZ1.T) / m", "transposed"),
    ("M37 the error as a row", backward, "dW2", "A1 @ dZ2.T / m", "transposed"),
    ("M38 not averaged", backward, "db2", "dZ2.sum(axis=1, keepdims=True)", "ratio m"),
    ("M38 one number", backward, "db2", "dZ2.sum() / m", "added"),
    ("M39 truth minus prediction", backward, "dZ2", "Y - A2", "ratio -1"),
    ("M40 uphill", update, "W_new", "W + rate * dW", "sign of term rate * dW"),
    ("M42 probabilities", plain, "Y", "A", "is A"),
    ("M42 a flat answer", plain, "Y", "Y.ravel()", "shape (m,)"),
    ("M42 the classes exchanged", plain, "Y", "(A <= 0.5) * 1.0", "1 - x"),
    ("M58 a sign inside", cost, "slopes", "-(Y / A + (1 - Y) / (1 - A))", "signs"),
    ("M59 no minus", cost, "slopes", "Y / A - (1 - Y) / (1 - A)", "ratio -1"),
    ("M61 no slope", backward, "dZ1", "W2.T @ dZ2", "is dA1"),
    ("M61 the sigmoid's slope", backward, "dZ1", "dA1 * A1 * (1 - A1)", "is dA1 * (A1 * (1 - A1))"),
    ("M62 averaged twice", backward, "dZ1", "dZ1 / m", "ratio 1/m"),
    ("M64 not averaged", backward, "dW1", "dZ1 @ X.T", "ratio m"),
    ("M64 over the inputs", backward, "dW1", "dZ1 @ X.T / n_x", "ratio m/n_x"),
    ("M65 over the units", backward, "db1", "dZ1.sum(axis=0) / m", "axis 0 instead of 1: np.sum(dZ1, axis=0) / m"),
    ("M65 no keepdims", backward, "db1", "dZ1.sum(axis=1) / m", "shape (n_h,)"),
    ("M65 the mean of all", backward, "db1", "dZ1.mean()", "averaged"),
    ("M66 transposed", backward, "dW1", "dW1.T", "transposed"),
    ("M72 the update is lost", update, "W_new", "W", "is W"),
]
"""The catalogue's mistakes of chapters 1 to 4 that a relation of numbers tells, at the value where they happen."""

SQUARE: list[tuple[str, Callable[..., Names], str, str, str, dict[str, int]]] = [
    ("M6 no keepdims", softmax, "rows", "x / norm.ravel()", "is x / norm.T", {"n": 4, "d": 4}),
    ("M10 no keepdims", softmax, "s", "e / e.sum(axis=1)", "is e / total.T", {"n": 4, "d": 4}),
    ("M18 element by element", backward, "dA1", "W2.T * dZ2", "is dZ2 * W2.T", {"n_x": 3, "n_h": 3, "n_y": 3, "m": 3}),
    ("M67 not transposed", backward, "dA1", "W2 @ dZ2", "is W2 @ dZ2", {"n_x": 3, "n_h": 3, "n_y": 3, "m": 3}),
]
"""Mistakes that only a square fixture shows; in others they raise."""


@pytest.mark.parametrize(("mistake", "world", "quantity", "formula", "text"), CATALOGUE)
def test_the_catalogue(mistake: str, world: Callable[..., Names], quantity: str, formula: str, text: str) -> None:
    found = relation(cases(world, quantity, formula))
    assert found is not None
    assert found.text == text
    others = [case for seed in range(1, 4) for case in cases(world, quantity, formula, seed)]
    assert all(holds(text, case) for case in filter(is_wrong, others))


@pytest.mark.parametrize(("mistake", "world", "quantity", "formula", "text", "sizes"), SQUARE)
def test_the_catalogue_on_a_square_fixture(
    mistake: str, world: Callable[..., Names], quantity: str, formula: str, text: str, sizes: dict[str, int]
) -> None:
    found = relation(cases(world, quantity, formula, sizes_of=(sizes,)))
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize(("world", "quantity", "formula", "text"), STATED)
def test_what_is_said(world: Callable[..., Names], quantity: str, formula: str, text: str) -> None:
    found = relation(cases(world, quantity, formula))
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize(("world", "quantity", "formula", "text"), STATED)
def test_it_is_true_of_other_numbers_too(world: Callable[..., Names], quantity: str, formula: str, text: str) -> None:
    """Wherever the same mistake gives a wrong value, the statement is true: it was no coincidence of some numbers."""
    for seed in range(1, 6):
        for case in cases(world, quantity, formula, seed):
            if is_wrong(case):
                assert holds(text, case), (seed, case.sizes)


def test_it_is_not_true_of_right_or_of_other_values() -> None:
    """Each text is tried on the right value, and on a value of no relation to it."""
    for world, quantity, formula, text in STATED:
        rng = np.random.default_rng(5)
        for case in filter(is_wrong, cases(world, quantity, formula)):
            shape = np.shape(case.wanted)
            right = WrongValue(case.wanted, case.wanted, case.sizes, case.known)
            other = WrongValue(rng.normal(size=shape), case.wanted, case.sizes, case.known)
            assert not holds(text, right), text
            assert not holds(text, other), text


def test_nothing_is_said_of_random_numbers() -> None:
    """A value that has to do with nothing: 125 times nothing is stated."""
    for seed in range(25):
        for world, quantity in ((backward, "dZ1"), (cost, "cost"), (softmax, "s"), (update, "W_new"), (plain, "A")):
            wrong = cases(world, quantity, f"rng.normal(size=np.shape({quantity}))", seed)
            assert relation(wrong) is None, (seed, quantity)


def test_nothing_is_said_of_random_whole_numbers() -> None:
    """Small whole numbers meet each other by chance: what is said of them is still true, also of all of a case."""
    for seed in range(60):
        wrong = cases(softmax, "s", "rng.integers(0, 3, size=s.shape)", seed)
        found = relation(wrong)
        assert found is None or all(holds(found.text, case) for case in filter(is_wrong, wrong))
        assert found is None or found.text in ("constant 0", "constant")


MUTATIONS = (
    *("{0} * {1}", "{0} - {1}", "{0} + {1}", "{0} / {1}", "{0} @ {1}.T", "{0}.T @ {1}", "{0} * (1 - {1})", "{0}**2"),
    *("np.exp({0})", "{0} / m", "{0}.sum(axis=1, keepdims=True)", "{0}.T", "{0}[::-1]", "{0} + 1", "2 * {0} - {1}"),
    *("{0}.sum()", "np.abs({0})"),
)


def test_what_is_said_of_random_formulas_is_true() -> None:
    """Hundreds of formulas made by chance of the names of a world: what is stated of one seed is true of others."""
    rng = np.random.default_rng(11)
    names = ["X", "Y", "W2", "A1", "b2", "Z2", "A2", "dZ2", "dW2", "db2", "dA1", "dZ1"]
    tried = stated = 0
    for _ in range(250):
        quantity = str(rng.choice(["dA1", "dZ1", "dW1", "db1", "Z2"]))
        formula = str(rng.choice(MUTATIONS)).format(*rng.choice([*names, quantity, quantity], size=2))
        try:
            wrong = cases(backward, quantity, formula)
        except ValueError:
            continue  # shapes that do not go together
        tried += 1
        found = relation(wrong)
        if found is not None:
            stated += 1
            others = [case for seed in (1, 2) for case in cases(backward, quantity, formula, seed)]
            for case in filter(is_wrong, [*wrong, *others]):
                assert holds(found.text, case), (quantity, formula, found.text)
    assert tried > 100
    assert stated > 0.8 * tried


def test_only_where_the_value_is_wrong() -> None:
    """Fixtures on which the value is right do not count, and without a wrong one there is nothing to say."""
    wrong = cases(backward, "dW1", "m * dW1")
    right = WrongValue(wrong[0].wanted, wrong[0].wanted, wrong[0].sizes)
    found = relation([right, *wrong])
    assert found is not None
    assert found.text == "ratio m"
    assert relation([right]) is None
    assert relation([]) is None


def test_a_square_fixture_alone_names_no_size() -> None:
    """Where all sizes are 3, a third may be 1/n or 1/m: neither is said."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 3))
    found = relation([WrongValue(x / 3, x, {"n": 3, "m": 3})])
    assert found is not None
    assert found.text == "proportional"
    flat = relation([WrongValue(x[0], x[:1].T, {"n": 3, "m": 3})])
    assert flat is not None
    assert flat.text == "shape (3,)"


def test_the_details_name_what_the_text_names() -> None:
    found = relation(cases(backward, "db1", "dZ1.sum(axis=1)"))
    assert found is not None
    assert found.details == {"sizes": {"n_h": 4, "m": 9}, "got_shape": [4], "wanted_shape": [4, 1]}


def test_single_precision_is_compared_more_coarsely() -> None:
    found = relation(cases(backward, "dZ1", "(dA1 * A1).astype(np.float32)"))
    assert found is not None
    assert found.text == "is A1 * dA1"


def test_what_was_never_changed() -> None:
    W = np.arange(4.0)
    case = WrongValue(W, W - 1, {}, {"dW": np.ones(4)}, "W1", {"W1": W})
    found = relation([case])
    assert found is not None
    assert found.text == "unchanged"
    assert not holds("unchanged", WrongValue(W, W - 1, {}, {}, "W2", {"W1": W}))
    assert not holds("unchanged", WrongValue(W + 1, W - 1, {}, {}, "W1", {"W1": W}))


def test_texts_are_told() -> None:
    found = relation([WrongValue("sigmoid", "relu"), WrongValue("sigmoid", "relu")])
    assert found is not None
    assert found.text == 'is "sigmoid"'
    assert relation([WrongValue("sigmoid", "relu"), WrongValue("tanh", "relu")]) is None


def test_one_term_is_taken_too_often() -> None:
    rng = np.random.default_rng(0)
    cases_ = []
    for sizes in ({"m": 4}, {"m": 7}):
        Z, b, c = (rng.normal(size=(3, sizes["m"])) for _ in range(3))
        known = {"Z": Z, "rest": b * np.exp(c) * np.sqrt(np.abs(Z))}
        cases_.append(WrongValue(Z / sizes["m"] + known["rest"], Z + known["rest"], sizes, known))
    assert all(holds("ratio 1/m in term Z", case) for case in cases_)
    assert not any(holds("ratio m in term Z", case) for case in cases_)


def test_values_in_dicts_and_tuples_have_names() -> None:
    case = WrongValue(
        np.ones(2), np.zeros(2), {}, {"parameters": {"W1": np.full(2, 3.0)}, "cache": (np.full(2, 0.5), 2)}
    )
    assert holds("is W1 / 3", case)
    assert holds("is cache[0] * cache[1]", case)
    assert not holds("is W2", case)
    assert not holds("is (", case)
    assert not holds("no such words", case)


def test_an_expression_with_a_known_part() -> None:
    """A text that is known as a whole stands for its value, also within a longer one."""
    case = WrongValue(np.array([4.0]), np.array([1.0]), {}, {"np.foo(a, b)": np.array([2.0])})
    assert holds("is np.foo(a, b)**2", case)
    assert holds("is 2 * np.foo(a, b)", case)


def anything(rng: np.random.Generator) -> Any:
    """Any value that a learner's variable may hold."""
    shape = tuple(int(side) for side in rng.integers(0, 4, size=rng.integers(0, 4)))
    large, gaps = rng.normal(size=(3, 4)) * 1e200, np.where(rng.random((3, 4)) < 0.3, np.nan, 1.0)
    odd = [None, "relu", len, 1j, float("nan"), 10**400, {1, 2}, range(3), np.array([]), np.array([None, 1]), b"x"]
    values: list[Any] = [
        rng.normal(size=shape),
        rng.integers(0, 3, size=shape),
        rng.normal(size=shape) > 0,
        large,
        gaps,
    ]
    values += [rng.normal(size=(3, 4)).astype(np.float32), float(rng.normal()), 3, np.array(["a"]), np.zeros((3, 4))]
    values += [odd[rng.integers(len(odd))], [1.0, 2.0], (rng.normal(size=2), None), {"W1": rng.normal(size=(3, 4))}]
    return values[rng.integers(len(values))]


def test_whatever_comes_nothing_is_raised() -> None:
    rng = np.random.default_rng(4)
    names = ["q", "s t", "a + b", "x[0]", "1 -", "(1", "np.exp(q)", "parameters"]
    for _ in range(300):
        known = {name: anything(rng) for name in names[: rng.integers(0, len(names))]}
        wrong = [WrongValue(anything(rng), anything(rng), {"m": 3}, known, "q", {"q": anything(rng)}) for _ in range(2)]
        found = relation(wrong)
        assert found is None or any(holds(found.text, case) for case in wrong)
