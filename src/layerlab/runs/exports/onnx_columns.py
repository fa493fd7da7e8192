"""What a run's preparation does to the columns of a table, as ONNX nodes: an input a column, and X at the end.

Numbers are float64 up to X, also where the network is of float32: dates in days, and years, do not fit into float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from layerlab.datasets.preparing.encoders import LARGEST, PERIODS, Category, Date, Encoder, Number, Truth
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.formulas.scaling import CLIP_AT

ML_OPSET = 2
"""Of the domain ai.onnx.ml, whose LabelEncoder turns text into numbers; from ONNX 1.4 on."""

CONSTANTS = {
    "nothing": 0.0,
    "half way": 0.5,
    "unit": 1.0,
    "twice": 2.0,
    "full turn": 2.0 * np.pi,
    "end": CLIP_AT,
    "largest": LARGEST,
    "least": -LARGEST,
    "most deviation": 1e100,  # its square is finite
    "least deviation": -1e100,
}
"""Numbers that nodes use, by name."""


class Columns(NamedTuple):
    """Nodes from the columns to X.

    Attributes:
        nodes: in order; the inputs are called as ``placeholder`` has them.
        constants: what they use, by name.
    """

    nodes: list[Any]
    constants: dict[str, NDArray[Any]]


def placeholder(number: int) -> str:
    """What a column's input is called until all other names are known."""
    return f"column {number}"


def column_nodes(preparation: Preparation, dtype: np.dtype[Any]) -> Columns:
    """Nodes that make "X", (batch, n_x), of one (batch, 1) tensor a column."""
    constants: dict[str, NDArray[Any]] = {f"/{name}": np.array(value) for name, value in CONSTANTS.items()}
    constants["/flat"] = np.array([-1])
    nodes: list[Any] = []
    rows: list[str] = []
    for number, encoder in enumerate(preparation.encoders):
        build = Building(placeholder(number), f"/{number}", constants)
        rows += NODES[encoder.kind](build, encoder)
        nodes += build.nodes
    nodes.append(helper.make_node("Concat", rows, ["/columns"], axis=1))
    nodes.append(helper.make_node("Cast", ["/columns"], ["X"], to=helper.np_dtype_to_tensor_dtype(dtype)))
    return Columns(nodes, constants)


def named_inputs(nodes: Sequence[Any], columns: Sequence[str]) -> list[str]:
    """Calls the inputs as the columns are called, with an underscore where the graph has that name inside.

    Args:
        nodes: which come to use the names.
        columns: names of the columns.

    Returns:
        Names of the inputs.
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
    """Text for a category, else float64."""
    return int(TensorProto.STRING if encoder.kind == "category" else TensorProto.DOUBLE)


class Building:
    """Nodes of one column, each with a name of its own."""

    def __init__(self, column: str, prefix: str, constants: dict[str, NDArray[Any]]) -> None:
        self.column, self.prefix, self.constants = column, prefix, constants
        self.nodes: list[Any] = []

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Another node; the name of its output."""
        name = f"{self.prefix}/{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, value: Any) -> str:
        """A number or table of this column; its name."""
        self.constants[f"{self.prefix}/{name}"] = np.asarray(value)
        return f"{self.prefix}/{name}"


def _number(build: Building, encoder: Number) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = _filled(build, encoder, missing)
    return [_scaled(build, encoder, x), *_missing(build, encoder, missing)]


def _truth(build: Building, encoder: Truth) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = build.node("Where", missing, "/half way", build.column)
    sides = build.node("Sub", build.node("Mul", x, "/twice"), "/unit")
    return [sides, *_missing(build, encoder, missing)]


def _category(build: Building, encoder: Category) -> list[str]:
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


def _date(build: Building, encoder: Date) -> list[str]:
    missing = build.node("IsNaN", build.column)
    x = _filled(build, encoder, missing)
    waves = [wave for period in encoder.periods for wave in _waves(build, x, missing, period)]
    return [_scaled(build, encoder, x), *waves, *_missing(build, encoder, missing)]


def _filled(build: Building, encoder: Number | Date, missing: str) -> str:
    """The center where nothing stands, and nothing beyond ``LARGEST``."""
    filled = build.node("Where", missing, build.constant("center", encoder.center), build.column)
    return build.node("Clip", filled, "/least", "/largest")


def _scaled(build: Building, encoder: Number | Date, x: str) -> str:
    """z / √(1 + (z / 3)²), z = (x − center) / scale.

    Sum and MatMul, since onnxruntime drops a Sub of what is 0 in float32, and a Div by what is 1 there.
    """
    centred = build.node("Sum", x, build.constant("less", [[-encoder.center]]))
    z = build.node("MatMul", centred, build.constant("by", [[1.0 / encoder.scale]]))
    z = build.node("Clip", z, "/least deviation", "/most deviation")
    third = build.node("Div", z, "/end")
    under = build.node("Add", build.node("Mul", third, third), "/unit")
    return build.node("Div", z, build.node("Sqrt", under))


def _waves(build: Building, x: str, missing: str, period: str) -> Iterator[str]:
    """Sine and cosine of the place in the period, 0 where nothing stands."""
    turns = build.node("Div", x, build.constant(period, PERIODS[period]))
    part = build.node("Sub", turns, build.node("Floor", turns))
    angle = build.node("Mul", part, "/full turn")
    for wave in ("Sin", "Cos"):
        yield build.node("Where", missing, "/nothing", build.node(wave, angle))


def _missing(build: Building, encoder: Number | Truth | Date, missing: str) -> list[str]:
    return [build.node("Cast", missing, to=TensorProto.DOUBLE)] if encoder.missing else []


NODES: dict[str, Callable[[Building, Any], list[str]]] = {
    "number": _number,
    "truth": _truth,
    "category": _category,
    "date": _date,
}
"""By the kind of column: nodes from the input to its rows of X."""
