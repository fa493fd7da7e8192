"""A run's preparation of a table's columns as ONNX nodes: one input for each column, X at the end.

Numbers are float64 up to X, also where the network is of float32: dates in days, and years, do not fit into float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from layerlab.datasets.preparing.encoders import LARGEST_NUMBER, PERIODS, Category, Date, Encoder, Number, Truth
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.formulas.scaling import CLIP_AT

ML_OPSET = 2
"""Version of the domain ai.onnx.ml, whose LabelEncoder turns text into numbers; from ONNX 1.4 on."""

CONSTANTS = {
    "nothing": 0.0,
    "half way": 0.5,
    "unit": 1.0,
    "twice": 2.0,
    "full turn": 2.0 * np.pi,
    "end": CLIP_AT,
    "largest": LARGEST_NUMBER,
    "least": -LARGEST_NUMBER,
    "most deviation": 1e100,  # its square is finite
    "least deviation": -1e100,
}
"""Numbers that nodes use, by name."""


class ColumnNodes(NamedTuple):
    """The nodes that make X from the columns.

    Attributes:
        nodes: in order; their inputs have the names of ``placeholder`` until ``named_inputs`` replaces them.
        constants: arrays that the nodes use, by name.
    """

    nodes: list[Any]
    constants: dict[str, NDArray[Any]]


def placeholder(number: int) -> str:
    """Return the name that a column's input has until all other names of the graph are known."""
    return f"column {number}"


def column_nodes(preparation: Preparation, dtype: np.dtype[Any]) -> ColumnNodes:
    """Build the nodes that make "X", (batch, n_x), from one (batch, 1) tensor for each column."""
    constants: dict[str, NDArray[Any]] = {f"/{name}": np.array(value) for name, value in CONSTANTS.items()}
    constants |= {"/flat": np.array([-1]), "/last axis": np.array([1]), "/column": np.array([-1, 1])}
    nodes: list[Any] = []
    rows: list[str] = []
    for number, encoder in enumerate(preparation.encoders):
        build = ColumnBuilder(placeholder(number), f"/{number}", constants)
        rows += NODES[encoder.kind](build, encoder)
        nodes += build.nodes
    nodes.append(helper.make_node("Concat", rows, ["/columns"], axis=1))
    nodes.append(helper.make_node("Cast", ["/columns"], ["X"], to=helper.np_dtype_to_tensor_dtype(dtype)))
    return ColumnNodes(nodes, constants)


def named_inputs(nodes: Sequence[Any], columns: Sequence[str]) -> list[str]:
    """Name the inputs like the columns; a name that the graph already uses inside gets underscores at its end.

    Args:
        nodes: they are changed, so that they use the new names.
        columns: names of the columns.

    Returns:
        The names of the inputs, one for each column.
    """
    places = {placeholder(number) for number in range(len(columns))}
    inside = {name for node in nodes for name in (*node.input, *node.output)} - places | {""}
    taken, names = inside | set(columns), {}
    for number, column in enumerate(columns):
        name = column
        while name in taken and not (name == column and name not in inside):
            name += "_"
        taken.add(name)
        names[placeholder(number)] = name
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
    return list(names.values())


def input_type(encoder: Encoder) -> int:
    """Return the ONNX type of a column's input: text for a category, else float64."""
    return int(TensorProto.STRING if encoder.kind == "category" else TensorProto.DOUBLE)


class ColumnBuilder:
    """Collects the nodes of one column, and gives each its own name."""

    def __init__(self, column: str, prefix: str, constants: dict[str, NDArray[Any]]) -> None:
        self.column, self.prefix, self.constants = column, prefix, constants
        self.nodes: list[Any] = []

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        name = f"{self.prefix}/{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, value: Any) -> str:
        """Add a number or table of this column and return its name."""
        self.constants[f"{self.prefix}/{name}"] = np.asarray(value)
        return f"{self.prefix}/{name}"


def _number(build: ColumnBuilder, encoder: Number) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = _filled(build, encoder, missing)
    return [_scaled(build, encoder, x, missing), *_missing(build, encoder, missing)]


def _truth(build: ColumnBuilder, encoder: Truth) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = build.node("Where", missing, "/half way", build.column)
    sides = build.node("Sub", build.node("Mul", x, "/twice"), "/unit")
    return [sides, *_missing(build, encoder, missing)]


def _category(build: ColumnBuilder, encoder: Category) -> list[str]:
    n = len(encoder.values)
    place = build.node(
        "LabelEncoder",
        build.column,
        domain="ai.onnx.ml",
        keys_strings=[*encoder.values, ""],
        values_int64s=[*range(n), n + 1],
        default_int64=n,
    )
    flat = build.node("Reshape", place, "/flat")
    return [build.node("Gather", build.constant("table", encoder.table), flat, axis=0)]


def _date(build: ColumnBuilder, encoder: Date) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = _filled(build, encoder, missing)
    waves = [wave for period in encoder.periods for wave in _waves(build, x, missing, period)]
    return [_scaled(build, encoder, x, missing), *waves, *_missing(build, encoder, missing)]


def _filled(build: ColumnBuilder, encoder: Number | Date, missing: str) -> str:
    """Replace missing values by the column's center, and clip the others to ``LARGEST_NUMBER``."""
    filled = build.node("Where", missing, build.constant("center", encoder.center), build.column)
    return build.node("Clip", filled, "/least", "/largest")


def _scaled(build: ColumnBuilder, encoder: Number | Date, x: str, missing: str) -> str:
    """Build a column's scaled row, in the way that was learned."""
    return _score(build, encoder, x, missing) if encoder.knots else _robust(build, encoder, x)


def _score(build: ColumnBuilder, encoder: Number | Date, x: str, missing: str) -> str:
    """Build the normal score of x: linear between knots, constant beyond, 0 if the value is missing.

    The knot above x is found in two steps, so that an example is compared with some 60 numbers instead of 1000: first
    among the last knots of all blocks, then in its block. Behind the last knot stand infinities, below which x is.
    """
    knots, scores = encoder.curve
    width = int(np.ceil(np.sqrt(len(knots))))
    blocks = np.append(knots, np.full(-len(knots) % width, np.inf)).reshape(-1, width)
    above = build.node("Greater", x, build.constant("block ends", blocks[None, :-1, -1]))
    block = build.node("ReduceSum", build.node("Cast", above, to=TensorProto.INT64), "/last axis", keepdims=0)
    own = build.node("Gather", build.constant("blocks", blocks), block, axis=0)
    above = build.node("Cast", build.node("Greater", x, own), to=TensorProto.INT64)
    inside = build.node("ReduceSum", above, "/last axis", keepdims=0)
    place = build.node("Add", build.node("Mul", block, build.constant("width", width)), inside)
    place = build.node("Clip", place, build.constant("first", 1), build.constant("last", len(knots) - 1))
    place = build.node("Reshape", place, "/column")
    before = build.node("Sub", place, build.constant("one", 1))
    low, high, left, right = (
        build.node("Gather", build.constant(name, values), at, axis=0)
        for name, values in (("knots", knots), ("scores", scores))
        for at in (before, place)
    )
    part = build.node("Div", build.node("Sub", x, low), build.node("Sub", high, low))
    part = build.node("Clip", part, "/nothing", "/unit")
    score = build.node("Add", left, build.node("Mul", part, build.node("Sub", right, left)))
    return build.node("Where", missing, "/nothing", score)


def _robust(build: ColumnBuilder, encoder: Number | Date, x: str) -> str:
    """Build z / √(1 + (z / 3)²) with z = (x − center) / scale.

    It uses Sum and MatMul, because onnxruntime drops a Sub of a constant that is 0 in float32, and a Div by a constant
    that is 1 in float32.
    """
    centred = build.node("Sum", x, build.constant("less", [[-encoder.center]]))
    z = build.node("MatMul", centred, build.constant("by", [[1.0 / encoder.scale]]))
    z = build.node("Clip", z, "/least deviation", "/most deviation")
    third = build.node("Div", z, "/end")
    under = build.node("Add", build.node("Mul", third, third), "/unit")
    return build.node("Div", z, build.node("Sqrt", under))


def _waves(build: ColumnBuilder, x: str, missing: str, period: str) -> Iterator[str]:
    """Yield sine and cosine of the position in the period; 0 if the value is missing."""
    turns = build.node("Div", x, build.constant(period, PERIODS[period]))
    part = build.node("Sub", turns, build.node("Floor", turns))
    angle = build.node("Mul", part, "/full turn")
    for wave in ("Sin", "Cos"):
        yield build.node("Where", missing, "/nothing", build.node(wave, angle))


def _missing(build: ColumnBuilder, encoder: Number | Truth | Date, missing: str) -> list[str]:
    """Return the row that says where values are missing, if the training set had missing values."""
    return [build.node("Cast", missing, to=TensorProto.DOUBLE)] if encoder.missing else []


NODES: dict[str, Callable[[ColumnBuilder, Any], list[str]]] = {
    "number": _number,
    "truth": _truth,
    "category": _category,
    "date": _date,
}
"""Functions that add the nodes from a column's input to its rows of X, and return their names, by the column's kind."""
