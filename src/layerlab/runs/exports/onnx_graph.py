"""A run as an ONNX file: its formulas as nodes of a graph, with examples in rows.

    Z_l = A_(l−1) W_lᵀ + b_l        A_l = g_l(Z_l)

The members of a run are computed side by side, by products with a leading axis, and their outputs are averaged.

onnx and onnxruntime are imported with this module, which is imported when the first ONNX file is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from layerlab.datasets.preparing.preparation import Preparation
from layerlab.datasets.tabular.table import Table
from layerlab.errors import InputError, WorkError
from layerlab.formulas import LEAK, MISH_END, SELU_ALPHA, SELU_SCALE
from layerlab.formulas.turns import TURN
from layerlab.network import Network
from layerlab.runs.run import Run

from .checked_examples import FeaturesOrTable
from .onnx_columns import ML_OPSET, column_nodes, input_type, named_inputs

OPSET, IR_VERSION = 13, 7
"""Versions of ONNX 1.8 (2020), which most software reads, and the first in which softmax is along one axis."""

MOST_BYTES = 2**31 - 2**20
"""Bytes of the largest model: a protobuf message ends at 2 GiB."""

Nodes = list[Any]
"""Nodes of the graph, in an order in which they can be computed."""


def _single(op: str) -> Callable[[str, str], Nodes]:
    """Return a function that makes the node of an activation that ONNX has."""
    return lambda Z, A: [helper.make_node(op, [Z], [A])]


def _leaky_relu(Z: str, A: str) -> Nodes:
    """Build max(0, z) + 0.01 min(0, z) from simple nodes: onnxruntime has no LeakyRelu for float64."""
    return [
        helper.make_node("Max", [Z, "zero"], [f"{A}_above"]),
        helper.make_node("Min", [Z, "zero"], [f"{A}_below"]),
        helper.make_node("Mul", [f"{A}_below", "leak"], [f"{A}_leaked"]),
        helper.make_node("Add", [f"{A}_above", f"{A}_leaked"], [A]),
    ]


def _selu(Z: str, A: str) -> Nodes:
    """Build λ (max(0, z) + α (e^min(0, z) − 1)) from simple nodes: onnxruntime has no Selu for float64."""
    return [
        helper.make_node("Max", [Z, "zero"], [f"{A}_above"]),
        helper.make_node("Min", [Z, "zero"], [f"{A}_below"]),
        helper.make_node("Exp", [f"{A}_below"], [f"{A}_exp"]),
        helper.make_node("Sub", [f"{A}_exp", "one"], [f"{A}_bent"]),
        helper.make_node("Mul", [f"{A}_bent", "alpha"], [f"{A}_scaled"]),
        helper.make_node("Add", [f"{A}_above", f"{A}_scaled"], [f"{A}_sum"]),
        helper.make_node("Mul", [f"{A}_sum", "lambda"], [A]),
    ]


def _mish(Z: str, A: str) -> Nodes:
    """Build z n / (n + 2) with n = eᶻ (eᶻ + 2); z is limited in the exponent, so that nothing overflows."""
    return [
        helper.make_node("Min", [Z, "end"], [f"{A}_least"]),
        helper.make_node("Exp", [f"{A}_least"], [f"{A}_exp"]),
        helper.make_node("Add", [f"{A}_exp", "two"], [f"{A}_exp_2"]),
        helper.make_node("Mul", [f"{A}_exp", f"{A}_exp_2"], [f"{A}_n"]),
        helper.make_node("Add", [f"{A}_n", "two"], [f"{A}_n_2"]),
        helper.make_node("Div", [f"{A}_n", f"{A}_n_2"], [f"{A}_share"]),
        helper.make_node("Mul", [Z, f"{A}_share"], [A]),
    ]


ACTIVATION_NODES = {
    "relu": _single("Relu"),
    "tanh": _single("Tanh"),
    "sigmoid": _single("Sigmoid"),
    "leaky_relu": _leaky_relu,
    "selu": _selu,
    "mish": _mish,
    "identity": _single("Identity"),
}
"""Functions that make the nodes from a layer's Z to its A, by the name of the activation."""

NODE_NUMBERS = {
    "zero": 0.0,
    "half": 0.5,
    "one": 1.0,
    "two": 2.0,
    "leak": LEAK,
    "alpha": SELU_ALPHA,
    "lambda": SELU_SCALE,
    "end": MISH_END,
}
"""Numbers that nodes use, by name."""


def write_onnx(run: Run, path: Path) -> None:
    """Write a run as a new ONNX file.

    Raises:
        InputError: the hidden activation has no nodes here, or the model is larger than a file of this format can be.
    """
    size = sum(array.nbytes for array in run.all_parameters.values())
    for hidden in run.network.activations:
        if hidden not in ACTIVATION_NODES:
            raise InputError(f"hidden={hidden!r} has no ONNX nodes: wanted one of {', '.join(ACTIVATION_NODES)}")
    if size > MOST_BYTES:
        raise InputError(f"the parameters have {size:,} bytes and an ONNX file at most 2 GiB: use format='numpy'")
    model = _model(run)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def _model(run: Run) -> onnx.ModelProto:
    """Build the model: the nodes of the columns of a table, if there are some, then those of the network."""
    from layerlab.machine import VERSION

    dtype, nodes, constants = run.parameters["W1"].dtype, list(_nodes(run)), _constants(run)
    inputs = [_table("X", dtype, run.network.layer_dims[0])]
    if run.preparation is not None:
        before = column_nodes(run.preparation, dtype)
        nodes, constants = [*before.nodes, *nodes], constants | before.constants
        inputs = _column_inputs(run.preparation, nodes)
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "layerlab",
        inputs,
        list(_outputs(run)),
        [numpy_helper.from_array(array, name) for name, array in constants.items() if name in used],
    )
    domains = {"": OPSET} | ({"ai.onnx.ml": ML_OPSET} if any(node.domain for node in nodes) else {})
    model = helper.make_model(
        graph,
        producer_name="layerlab",
        producer_version=VERSION,
        opset_imports=[helper.make_opsetid(*entry) for entry in domains.items()],
        ir_version=IR_VERSION,
    )
    about = _metadata(run, VERSION)
    if run.preparation is not None:
        names = zip(run.preparation.columns, (put.name for put in inputs), strict=True)
        about |= {"kinds": json.dumps(run.preparation.kinds), "inputs": json.dumps(dict(names))}
    helper.set_model_props(model, about)
    return model


def _column_inputs(preparation: Preparation, nodes: Nodes) -> list[onnx.ValueInfoProto]:
    """Return an input (batch, 1) for each column of the table, and make the nodes use its name."""
    names = named_inputs(nodes, preparation.columns)
    return [
        helper.make_tensor_value_info(name, input_type(encoder), ["batch", 1])
        for name, encoder in zip(names, preparation.encoders, strict=True)
    ]


def _metadata(run: Run, version: str) -> dict[str, str]:
    """Return the file's metadata: versions, names of dataset, classes and features, the image shape; lists as JSON."""
    return {
        "layerlab": version,
        "dataset": str(run.dataset),
        "class_names": json.dumps([str(name) for name in run.class_names]),
        "feature_names": json.dumps([str(name) for name in run.feature_names]),
        "image_shape": json.dumps(None if run.image_shape is None else [int(n) for n in run.image_shape]),
    }


def _constants(run: Run) -> dict[str, NDArray[Any]]:
    """Return parameters, standardisation and the numbers that nodes use, in the run's type; b as a row.

    Those of members have a leading axis: b (K, 1, n), and W transposed, (K, n_prev, n), since only Gemm does it itself.
    """
    dtype = run.parameters["W1"].dtype
    if run.members is None:
        constants = {name: array.ravel() if name[0] == "b" else array for name, array in run.parameters.items()}
    else:
        constants = {name: array.mT for name, array in run.members.parameters.items()}
    if run.standardization:
        constants |= {name: array.ravel() for name, array in run.standardization._asdict().items()}
    constants |= {name: np.array(number) for name, number in NODE_NUMBERS.items()}
    constants["threshold"] = np.array(run.threshold)
    constants |= _embedding_constants(run)
    numbers = {name: np.ascontiguousarray(array, dtype) for name, array in constants.items()}
    return numbers | {name: np.array(places, np.int64) for name, places in _places(run).items()}


def _embedding_constants(run: Run) -> dict[str, Any]:
    """Return an embedding's own parameters as its nodes need them: V_j transposed (d, F, outputs), v as a row.

    Those of members have a leading axis; adding "for_each" gives the inputs one, too.
    """
    embedding, found = run.network.embedding, run.all_parameters
    if embedding is None:
        return {}
    V = found["V1"].reshape(-1, len(embedding.inputs), embedding.outputs, embedding.frequencies).mT
    if run.members is None:
        return {"V1": V[0], "v1": found["v1"].ravel(), "turn": np.array(TURN)}
    waves = {name: found[name][:, None] for name in ("f1", "c1")}  # (K, 1, d, F), the batch where the 1 is
    return {**waves, "V1": V, "v1": found["v1"].mT, "turn": np.array(TURN), "for_each": np.zeros((len(V), 1, 1))}


def _places(run: Run) -> dict[str, Any]:
    """Return the whole numbers that nodes use: columns that they take, and shapes with -1 for the batch."""
    embedding = run.network.embedding
    if embedding is None:
        return {"class_1": 1}
    each = () if run.members is None else (len(run.members),)
    shapes = {"as_columns": (-1, len(embedding.inputs), 1), "as_rows": (*each, -1, embedding.width)}
    return {"class_1": 1, "embedded": embedding.inputs, **shapes}


def _nodes(run: Run) -> Iterator[Any]:
    """Yield the nodes of the network from X to the outputs, in order."""
    A = "X"
    if run.standardization:  # as nodes: folded into W1 and b1, they would round differently, and nobody could read them
        yield helper.make_node("Sub", ["X", "mean"], ["X_centred"])
        yield helper.make_node("Div", ["X_centred", "scale"], ["A0"])
        A = "A0"
    if run.network.embedding is not None:
        yield from _embedding_nodes(A, several=run.members is not None)
        A = "A0_with_waves"
    n_layers = len(run.network.layer_dims) - 1
    for layer in range(1, n_layers + 1):
        if run.members is None:
            yield helper.make_node("Gemm", [A, f"W{layer}", f"b{layer}"], [f"Z{layer}"], transB=1)
        else:
            yield helper.make_node("MatMul", [A, f"W{layer}"], [f"WA{layer}"])
            yield helper.make_node("Add", [f"WA{layer}", f"b{layer}"], [f"Z{layer}"])
        A = f"A{layer}"
        if layer < n_layers:
            yield from ACTIVATION_NODES[run.network.activations[layer - 1]](f"Z{layer}", A)
    yield from _output_nodes(run, f"Z{n_layers}")


def _embedding_nodes(A: str, several: bool) -> Nodes:
    """Return the nodes from X to [X; H]: U = f x + c, P = cos 2πU, H = V P + v; d stands before the batch in V P.

    Args:
        A: the name of X.
        several: whether there are members, whose axis stands before all others.
    """
    swapped = [0, 2, 1, 3] if several else [1, 0, 2]
    repeated = [helper.make_node("Add", [A, "for_each"], ["A0_of_members"])] if several else []
    return [
        helper.make_node("Gather", [A, "embedded"], ["x_embedded"], axis=1),
        helper.make_node("Reshape", ["x_embedded", "as_columns"], ["x"]),
        helper.make_node("Mul", ["x", "f1"], ["x_f"]),
        helper.make_node("Add", ["x_f", "c1"], ["U"]),
        helper.make_node("Mul", ["U", "turn"], ["angle"]),
        helper.make_node("Cos", ["angle"], ["P"]),
        helper.make_node("Transpose", ["P"], ["P_by_input"], perm=swapped),
        helper.make_node("MatMul", ["P_by_input", "V1"], ["VP_by_input"]),
        helper.make_node("Transpose", ["VP_by_input"], ["VP"], perm=swapped),
        helper.make_node("Reshape", ["VP", "as_rows"], ["VP_rows"]),
        helper.make_node("Add", ["VP_rows", "v1"], ["H"]),
        *repeated,
        helper.make_node("Concat", ["A0_of_members" if several else A, "H"], ["A0_with_waves"], axis=-1),
    ]


def _output_nodes(run: Run, Z: str) -> Nodes:
    """Return the nodes from the logits Z to probabilities and label, or to values."""
    network = run.network
    result = "probabilities" if network.classifies else "values"
    each, mean = result, list[Any]()
    if run.members is not None:
        each = f"{result}_of_members"
        mean = [helper.make_node("ReduceMean", [each], [result], axes=[0], keepdims=0)]
    if not network.classifies:
        return [helper.make_node("Exp" if network.output == "poisson" else "Identity", [Z], [each]), *mean]
    if network.has_several_labels:
        return [
            helper.make_node("Sigmoid", [Z], [each]),
            *mean,
            helper.make_node("Greater", ["probabilities", "half"], ["above"]),
            helper.make_node("Cast", ["above"], ["label"], to=onnx.TensorProto.INT64),
        ]
    if run.threshold != 0.5:
        return [
            *_class_nodes(network, Z, each),
            *mean,
            helper.make_node("Gather", ["probabilities", "class_1"], ["probability_of_class_1"], axis=1),
            helper.make_node("Greater", ["probability_of_class_1", "threshold"], ["above"]),
            helper.make_node("Cast", ["above"], ["label"], to=onnx.TensorProto.INT64),
        ]
    label = helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0)
    return [*_class_nodes(network, Z, each), *mean, label]


def _class_nodes(network: Network, Z: str, result: str) -> Nodes:
    """Return the nodes from the logits Z to the probability of each class, as an array of the name ``result``.

    A single σ(z) is written as the softmax of 0 and z, which keeps small probabilities: onnxruntime's Sigmoid rounds
    those below 10⁻⁷ to zero in float32.
    """
    if network.output == "softmax":
        return [helper.make_node("Softmax", [Z], [result], axis=-1)]
    return [
        helper.make_node("Mul", [Z, "zero"], ["Z_of_class_0"]),
        helper.make_node("Concat", ["Z_of_class_0", Z], ["Z_of_classes"], axis=-1),
        helper.make_node("Softmax", ["Z_of_classes"], [result], axis=-1),
    ]


def _outputs(run: Run) -> Iterator[onnx.ValueInfoProto]:
    """Yield the outputs of the graph: probabilities and label, or values."""
    n_y, dtype = run.network.layer_dims[-1], run.parameters["W1"].dtype
    if not run.network.classifies:
        yield _table("values", dtype, n_y)
        return
    yield _table("probabilities", dtype, max(n_y, 2))
    yield _table("label", np.dtype(np.int64), n_y if run.network.has_several_labels else None)


def _table(name: str, dtype: np.dtype[Any], columns: int | None) -> onnx.ValueInfoProto:
    """Return a named input or output of shape (batch, columns), or (batch,) without columns."""
    shape: list[str | int | None] = ["batch"] if columns is None else ["batch", columns]
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)


def run_onnx(path: Path, examples: FeaturesOrTable) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Run the ONNX file on examples with onnxruntime.

    Args:
        path: the ONNX file.
        examples: (n_x, m), or a table with the columns of the inputs, in their order.

    Returns:
        (m, K) probabilities and labels, or (m, n_y) values and None.

    Raises:
        WorkError: onnxruntime cannot run it.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors are raised, not logged
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        outputs, *labels = session.run(None, _feeds(session, examples))
    except Exception as error:  # onnxruntime's errors have no common type
        raise WorkError(f"onnxruntime cannot run the exported model, so it was not saved ({error})") from error
    return outputs, labels[0] if labels else None


def _feeds(session: onnxruntime.InferenceSession, examples: FeaturesOrTable) -> dict[str, NDArray[Any]]:
    """Return the values of each input: rows of the wanted type, or one column, with "" for a missing category."""
    inputs = session.get_inputs()
    if not isinstance(examples, Table):
        wanted = np.float64 if "double" in inputs[0].type else np.float32
        return {"X": np.ascontiguousarray(examples.T, wanted)}
    values = [
        np.where(column.missing, "", column.values) if column.kind == "category" else column.values
        for column in examples.columns
    ]
    return {put.name: column[:, None] for put, column in zip(inputs, values, strict=True)}
