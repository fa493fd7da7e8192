"""A run as NumPy source: a folder with ``predict.py``, which has the formulas of this network, and its weights.

Names that come from the user's data are written as Python literals, so that none can become code.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from pprint import pformat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.tabular.table import Table
from layerlab.errors import InputError, WorkError
from layerlab.formulas import LEAK, MISH_END, SELU_ALPHA, SELU_SCALE, Periodic
from layerlab.runs.run import Run

from .checked_examples import FeaturesOrTable
from .numpy_columns import column_functions, column_literals

PAGE = '''\
"""{title}, trained with layerlab {version}. It needs only NumPy.

    python predict.py rows.csv      prints the predicted {answer} of each {line}
"""

{imports}
from pathlib import Path

import numpy as np

with np.load(Path(__file__).with_name("weights.npz"), allow_pickle=False) as weights:
{arrays}
{names}
ESCAPES = {{c: chr(c).encode("unicode_escape").decode() for c in range(0x10000) if not chr(c).isprintable()}}

{functions}


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        predictions = predict({reading})
    except ({errors}) as error:
        print(f"{{path or 'no file'}}: {{error}}{wanted}".translate(ESCAPES), file=sys.stderr)
        sys.exit(2)
    for prediction in predictions:
        print({shown})
'''

CLASSIFIER = '''\
def probabilities({X}):
    """{what}, (m, {K}), of {examples}."""
{formulas}


def predict({X}):
    """{label}"""
    return {rule}'''

REGRESSION = '''\
def predict({X}):
    """The predicted values, (m, {K}), of {examples}."""
{formulas}'''

TABLE = {"X": "table", "examples": "a table of m rows, as ``features`` takes it"}
"""The argument of the functions of a run with a preparation."""

ACTIVATION_LINES = {
    "relu": "{A} = np.maximum({Z}, 0)",
    "tanh": "{A} = np.tanh({Z})",
    "sigmoid": "e = np.exp(-abs({Z}))\n{A} = np.where({Z} < 0, e, 1) / (1 + e)",
    "leaky_relu": f"{{A}} = np.maximum({{Z}}, 0) + {LEAK} * np.minimum({{Z}}, 0)",
    "selu": f"{{A}} = {SELU_SCALE} * (np.maximum({{Z}}, 0) + {SELU_ALPHA} * np.expm1(np.minimum({{Z}}, 0)))",
    "mish": f"e = np.exp(np.minimum({{Z}}, {MISH_END:g}))\nn = e * (e + 2)\n{{A}} = {{Z}} * (n / (n + 2))",
    "identity": "{A} = {Z}",
}
"""Lines that compute a layer's A from its Z, by the activation's name. The sigmoid cannot overflow."""

OUTPUT_LINES = {
    "sigmoid": ACTIVATION_LINES["sigmoid"],
    "softmax": "e = np.exp({Z} - {Z}.max(axis=0))\n{A} = e / e.sum(axis=0)",
    **dict.fromkeys(("identity", "absolute", "huber"), ACTIVATION_LINES["identity"]),
    "poisson": "{A} = np.exp({Z})",
}
"""Lines that compute the outputs from the last layer's Z."""

SOFTMAX_OF_MEMBERS = "e = np.exp({Z} - {Z}.max(axis=1, keepdims=True))\n{A} = e / e.sum(axis=1, keepdims=True)"
"""The same for softmax where the last layer's Z has a leading axis of members."""

ASK = """\
import json, os, runpy, sys
import numpy as np

model = runpy.run_path(sys.argv[1])
if os.path.exists("table.json"):
    with open("table.json") as file:
        X = json.load(file)
else:
    X = np.load("rows.npy", allow_pickle=False)
names = [name for name in ("probabilities", "predict") if name in model]
np.savez("answers.npz", **{name: model[name](X) for name in names})
"""
"""The script that checks the folder in a new Python process: it loads ``predict.py`` and saves its predictions."""


def write_numpy(run: Run, path: Path) -> None:
    """Write a run as a new folder with ``predict.py`` and ``weights.npz``.

    Raises:
        InputError: the hidden activation has no line here.
    """
    for hidden in run.network.activations:
        if hidden not in ACTIVATION_LINES:
            raise InputError(
                f"hidden={hidden!r} has no line of NumPy here: wanted one of {', '.join(ACTIVATION_LINES)}"
            )
    path.mkdir()
    arrays: dict[str, Any] = dict(run.all_parameters)
    if run.standardization:
        arrays |= run.standardization._asdict()
    np.savez(path / "weights.npz", **arrays)
    (path / "predict.py").write_text(_page(run), encoding="utf-8")


def _page(run: Run) -> str:
    """Return the text of ``predict.py``."""
    from layerlab.machine import VERSION

    network = run.network
    dims = "-".join(map(str, network.layer_dims))
    kinds = f"{network.hidden_name}, {network.output}" if network.activations else network.output
    shown = "class_names[prediction].translate(ESCAPES)" if run.class_names else "prediction"
    raw = run.preparation is not None
    return PAGE.format(
        imports="import csv\nimport sys\nfrom datetime import datetime, timezone" if raw else "import sys",
        line="row of a table with a header" if raw else "line of numbers",
        reading="read(path)" if raw else 'np.loadtxt(path, delimiter=",", ndmin=2)',
        errors="csv.Error, OSError, ValueError" if raw else "OSError, ValueError",
        wanted="" if raw else f"; wanted lines of {network.layer_dims[0]} numbers with commas, and no header",
        title=f"The network {dims} ({kinds})",
        version=VERSION,
        answer=("labels" if network.has_several_labels else "class") if network.classifies else "value",
        arrays="\n".join(f"    {line}" for line in _arrays(run)),
        names="".join(_names(run)) + (column_literals(run.preparation) if run.preparation else ""),
        functions=(column_functions(run.preparation) if run.preparation else "") + _functions(run),
        shown="*prediction" if network.has_several_labels or not network.classifies else shown,
    )


def _arrays(run: Run) -> Iterator[str]:
    """Yield the lines that load the arrays of ``weights.npz``."""
    if run.standardization:
        yield 'mean, scale = weights["mean"], weights["scale"]'
    if run.network.embedding is not None:
        yield 'f1, c1, V1, v1 = weights["f1"], weights["c1"], weights["V1"], weights["v1"]'
    for layer in range(1, len(run.network.layer_dims)):
        yield f'W{layer}, b{layer} = weights["W{layer}"], weights["b{layer}"]'


def _names(run: Run) -> Iterator[str]:
    """Yield the names of the dataset, its classes and features as assignments of literals."""
    for name in ("dataset", "class_names", "feature_names"):
        if value := getattr(run, name):
            plain = str(value) if name == "dataset" else tuple(map(str, value))
            literal = pformat(plain, width=100, compact=True)  # breaks lines between literals alone
            yield f"{name} = {literal}\n".replace("\n ", "\n" + " " * len(f"{name} = ("))


def _functions(run: Run) -> str:
    """Return the source of the functions ``probabilities`` and ``predict``, or of ``predict`` alone for regression."""
    network = run.network
    n_x, n_y = network.layer_dims[0], network.layer_dims[-1]
    formulas = "\n".join(f"    {line}" for line in _formulas(run))
    came = {"X": "X", "examples": f"m examples in rows, (m, {n_x})"} if run.preparation is None else TABLE
    if not network.classifies:
        return REGRESSION.format(K=n_y, formulas=formulas, **came)
    label, rule = _prediction(run, f"probabilities({came['X']})")
    several = network.has_several_labels
    return CLASSIFIER.format(
        what="Probability of each label" if several else "Probability of each class",
        K=max(n_y, 2),
        formulas=formulas,
        **came,
        label=label,
        rule=rule,
    )


def _prediction(run: Run, outputs: str) -> tuple[str, str]:
    """Return the docstring of ``predict``, and the expression that makes a prediction of the probabilities."""
    if run.network.has_several_labels:
        return f"Labels 0 or 1, (m, {run.network.layer_dims[-1]}).", f"({outputs} > 0.5).astype(np.int64)"
    if run.threshold != 0.5:
        label = f"Class 1 if its probability is above {run.threshold!r}, else class 0, (m,)."
        return label, f"({outputs}[:, 1] > {run.threshold!r}).astype(np.int64)"
    return "The number of the most probable class, (m,).", f"{outputs}.argmax(axis=1)"


def _formulas(run: Run) -> Iterator[str]:
    """Yield the lines that compute the network's outputs from X.

    They check the shape first: one example given as a column would broadcast to many wrong predictions.
    """
    network, dtype = run.network, run.parameters["W1"].dtype
    n_x = network.layer_dims[0]
    if run.preparation is None:
        yield "X = np.atleast_2d(X)"
        yield f"if X.shape[-1] != {n_x}:"
        yield f'    raise ValueError(f"X has the shape {{X.shape}}: wanted (m, {n_x}), examples in rows")'
        if run.standardization:  # in float64, as before the training
            yield "X = (X - mean.T) / scale.T"
        yield f"A0 = X.T.astype(np.{dtype})  # examples in columns from here on"
    else:
        yield "X = features(table)"
        if run.standardization:
            yield "X = (X - mean) / scale"
        yield f"A0 = X.astype(np.{dtype})"
    if network.embedding is not None:
        yield from _waves(network.embedding, 0 if run.members is None else len(run.members))
    n_layers = len(network.layer_dims) - 1
    for layer in range(1, n_layers + 1):
        yield f"Z{layer} = W{layer} @ A{layer - 1} + b{layer}"
        last = layer == n_layers
        lines = OUTPUT_LINES[str(network.output)] if last else ACTIVATION_LINES[network.activations[layer - 1]]
        if last and run.members is not None and network.output == "softmax":
            lines = SOFTMAX_OF_MEMBERS
        yield from lines.format(A=f"A{layer}", Z=f"Z{layer}").split("\n")
    A = f"A{n_layers}"
    if run.members is not None:
        yield f"{A} = {A}.mean(axis=0)  # over the {len(run.members)} members, whose arrays have a leading axis"
    yield f"return np.concatenate([1 - {A}, {A}]).T" if network.has_two_classes else f"return {A}.T"


def _waves(embedding: Periodic, members: int) -> Iterator[str]:
    """Yield the lines that add the waves of the embedded inputs to the first layer's inputs.

    Args:
        embedding: which inputs, and how many waves.
        members: how many members there are, whose axis stands before all others; 0 for a single network.
    """
    d, width = len(embedding.inputs), embedding.width
    before, shape, inputs = "", f"{width}, -1", "A0"
    if members:
        before, shape, inputs = f"{members}, ", f"{members}, {width}, -1", f"np.repeat(A0[None], {members}, axis=0)"
    yield f"x = A0[{list(embedding.inputs)}][:, None]  # the embedded inputs, (d, 1, m)"
    yield "P = np.cos(2 * np.pi * (f1[..., None] * x + c1[..., None]))  # (d, frequencies, m)"
    yield f"H = (V1.reshape({before}{d}, {embedding.outputs}, -1) @ P).reshape({shape}) + v1"
    yield f"A0 = np.concatenate([{inputs}, H], axis=-2)"


def run_numpy(path: Path, examples: FeaturesOrTable) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Run the folder's ``predict.py`` on examples in a new Python process.

    Args:
        path: the folder; the examples and the predictions are files next to it for a moment.
        examples: (n_x, m), or the table of a run with a preparation.

    Returns:
        (m, K) probabilities and labels, or (m, n_y) values and None.

    Raises:
        WorkError: it ends with an error.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        if isinstance(examples, Table):
            table = {column.name: column.values.tolist() for column in examples.columns}
            (Path(beside) / "table.json").write_text(json.dumps(table), encoding="utf-8")
        else:
            np.save(f"{beside}/rows.npy", np.ascontiguousarray(examples.T))
        command = [sys.executable, "-c", ASK, str(path.resolve() / "predict.py")]
        done = subprocess.run(command, cwd=beside, capture_output=True, text=True, errors="replace")  # noqa: S603
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise WorkError(f"the exported predict.py cannot be run, so it was not saved ({reason})")
        with np.load(f"{beside}/answers.npz", allow_pickle=False) as answers:
            outputs = answers["probabilities" if "probabilities" in answers else "predict"]
            return outputs, answers["predict"] if "probabilities" in answers else None
