"""Some of a population's models, or of its examples, taken out of what an engine reads and out of the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Span

from .updates import EngineData, State

Places = NDArray[np.intp]


class GroupedState:
    """The ``State`` of a population whose arrays lie in groups; a field is put together when somebody reads it.

    Args:
        groups: the groups' states.
        models: K, the number of models; the last group may have copies of the last one.
    """

    def __init__(self, groups: Sequence[State], models: int) -> None:
        self.groups, self.models = groups, models

    def __getattr__(self, field: str) -> Any:
        """Put a field of ``State`` together when it is read for the first time."""
        if field not in State._fields:
            raise AttributeError(field)
        value = put_together([getattr(group, field) for group in self.groups], self.models)
        setattr(self, field, value)
        return value

    def _replace(self, **values: Any) -> State:
        return State(**{field: values[field] if field in values else getattr(self, field) for field in State._fields})


def plain_state(state: State) -> State:
    """Return a state as the named tuple itself, put together where an engine keeps it in groups."""
    return state._replace()


def data_of(data: EngineData, places: Places, models: int) -> EngineData:
    """Return the data of some models; what all models share is not copied.

    Args:
        data: of the whole population.
        places: places of the models on the axis of models; one may come several times.
        models: K, the number of models of the population.
    """

    def own(value: Any) -> Any:
        return value[places] if getattr(value, "ndim", 0) == 3 and value.shape[0] == models else value

    def in_span(X: Any) -> Any:
        return X._replace(start=own(X.start), norm=own(X.norm)) if isinstance(X, Span) else X

    return data._replace(
        X=in_span(data.X),
        validation=None if data.validation is None else tuple(own(in_span(one)) for one in data.validation),
        validation_weights=_rows_of(data.validation_weights, places),
        rates={name: own(value) for name, value in data.rates.items()},
        units=None if data.units is None else tuple(own(value) for value in data.units),
        weights=_rows_of(data.weights, places),
        total=None if data.total is None else own(data.total),
    )


def examples_of(data: EngineData, places: Places) -> EngineData:
    """Return the data without examples that weigh nothing, for updates that use all examples.

    Args:
        data: of weighted models without batches; examples are in columns.
        places: (m',) places of the examples that stay.
    """
    X: Any = data.X
    if isinstance(X, Span):
        X = X._replace(gram=X.gram[np.ix_(places, places)], start=np.take(X.start, places, axis=-1))
    else:
        X = np.take(X, places, axis=-1)
    assert data.weights is not None  # noqa: S101
    weights = np.take(data.weights, places, axis=-1)
    mean = weights.mean(axis=-1, keepdims=True)
    return data._replace(X=X, Y=np.take(data.Y, places, axis=-1), weights=weights / mean)


def _rows_of(weights: Any, places: Places) -> Any:
    """Return some models' own weights out of (K, m); weights (m,) that all models share stay, and so does None."""
    return weights[places] if weights is not None and weights.ndim == 2 else weights


def state_of(state: State, places: Places) -> State:
    """Return the state of some models, as NumPy arrays of its own; numbers without an axis of models stay."""

    def own(value: Any) -> NDArray[Any]:
        array = np.asarray(value)
        return array[places] if array.ndim else array

    some: State = each_array(own, plain_state(state))
    return some


def put_together(values: Sequence[Any], models: int) -> Any:
    """Put the same part of several groups' states together along the axis of models.

    Args:
        values: dicts, named tuples or arrays, all built alike.
        models: K; the last group may repeat a model, and the copies are dropped.
    """

    def together(*arrays: Any) -> NDArray[Any]:
        first = np.asarray(arrays[0])
        # A number without an axis counts updates; a group that ended earlier has a smaller one.
        return np.concatenate(arrays)[:models] if first.ndim else np.asarray(max(arrays, key=float), first.dtype)

    return each_array(together, *values)


def each_array(change: Callable[..., Any], *values: Any) -> Any:
    """Call a function with the arrays at each place of nested dicts and named tuples, and put its values there.

    Args:
        change: takes as many arrays as there are values.
        values: all built alike; () in them stands for what a training does not have.
    """
    first = values[0]
    if isinstance(first, dict):
        return {name: each_array(change, *(value[name] for value in values)) for name in first}
    if isinstance(first, tuple):
        parts = [each_array(change, *some) for some in zip(*values, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    return change(*values)
