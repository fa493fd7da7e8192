"""``Members``: the networks of a run that was trained as a population, each without one fold of the training set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.json_values import check_keys, truth_from
from layerlab.formulas import Parameters
from layerlab.network import Network

PREFIX = "members."
"""What the names of these arrays begin with in a run's model file, such as "members.W1"."""

ARRAYS = ("folds", "out_of_fold", "targets")
"""The fields that are arrays, besides the parameters."""

NUMBERS = ("seeds", "held_out", "kept_at")
"""The fields with a whole number for each member."""


@dataclass(frozen=True, eq=False)
class Members:
    """The members of a run: networks of one shape, trained together, each without one fold of the training set.

    A run with members answers with the mean of its members' probabilities or values.

    Attributes:
        parameters: as ``Run.parameters``, each with a leading axis of the K members.
        seeds: the seed of each member's initial parameters.
        held_out: the fold that each member did not train on.
        kept_at: the number of updates after which each member had the parameters that it keeps.
        folds: (m,) fold of each training example, in the order of the training set.
        out_of_fold: (n_y, m), the answer for each training example by the members that did not train on it:
            probabilities, or values in the target's own units; nan where all members trained on it (``answered``).
        targets: (n_y, m), the labels or values of these examples, in the target's own units.
        ordered: whether the folds follow each other in time; then the examples of two folds are not alike.
        grouped: whether the caller said which examples belong together (``fold_groups``).
    """

    parameters: Parameters
    seeds: tuple[int, ...]
    held_out: tuple[int, ...]
    kept_at: tuple[int, ...]
    folds: NDArray[np.int16]
    out_of_fold: NDArray[Any]
    targets: NDArray[Any]
    ordered: bool = False
    grouped: bool = False

    def __len__(self) -> int:
        """Return K, the number of members."""
        return len(self.seeds)

    def __repr__(self) -> str:
        """Return a short description, without the arrays."""
        return f"<{len(self)} members on {len(set(self.held_out))} folds of {len(self.folds):,} examples>"

    @property
    def answered(self) -> NDArray[np.bool_]:
        """(m,) whether some member did not train on the example, so that it has an answer out of fold."""
        left_out: NDArray[np.bool_] = np.isin(self.folds, self.held_out)
        return left_out

    def own(self, k: int) -> Parameters:
        """Return the parameters of member k, from 0, without the axis of members."""
        return {name: value[k] for name, value in self.parameters.items()}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays by the names that they have in a run's model file."""
        named = {**self.parameters, **{name: getattr(self, name) for name in ARRAYS}}
        return {PREFIX + name: array for name, array in named.items()}

    def record(self) -> dict[str, Any]:
        """Return everything but the arrays as plain values for JSON."""
        truths = {"ordered": self.ordered, "grouped": self.grouped}
        return {name: list(getattr(self, name)) for name in NUMBERS} | truths


def members_from(record: Any, arrays: Mapping[str, NDArray[Any]], network: Network) -> Members:
    """Rebuild the members from what ``record`` and ``arrays`` returned.

    Args:
        record: the plain values; anyone may have changed them.
        arrays: the arrays of the model file.
        network: the network of the run.

    Raises:
        LookupError, TypeError, ValueError: something is missing, was damaged, or does not fit the network.
    """
    check_keys(record, {*NUMBERS, "ordered", "grouped"})
    numbers = {name: _whole_numbers(record[name]) for name in NUMBERS}
    models = len(numbers["seeds"])
    if models < 2 or {len(values) for values in numbers.values()} != {models}:
        raise ValueError("wanted a seed, a fold and an epoch for each of at least 2 members")
    folds = arrays[f"{PREFIX}folds"]
    n_y, m = network.layer_dims[-1], len(folds)
    wanted: dict[str, tuple[int, ...]] = {name: (models, *shape) for name, shape in network.shapes.items()}
    wanted |= {"folds": (m,), "out_of_fold": (n_y, m), "targets": (n_y, m)}
    named = {PREFIX + name: shape for name, shape in wanted.items()}
    wrong = sorted(name for name in {*named, *arrays} if name not in arrays or arrays[name].shape != named.get(name))
    if wrong:
        came = arrays[wrong[0]].shape if wrong[0] in arrays else "nothing"
        raise ValueError(f"{wrong[0]} is {came}: wanted {named.get(wrong[0], 'nothing')}")
    seeds, held_out, kept_at = (numbers[name] for name in NUMBERS)
    out_of_fold, targets = (arrays[PREFIX + name] for name in ARRAYS[1:])
    parameters = {name: arrays[PREFIX + name] for name in network.shapes}
    truths = {name: truth_from(record[name]) for name in ("ordered", "grouped")}
    members = Members(parameters, seeds, held_out, kept_at, folds, out_of_fold, targets, **truths)
    _check_values(members)
    return members


def _whole_numbers(values: Any) -> tuple[int, ...]:
    """Return a list of whole numbers of at least 0 as a tuple; raise TypeError or ValueError if it is none."""
    if not (isinstance(values, list) and all(type(value) is int for value in values)):
        raise TypeError("wanted whole numbers where there is something else")
    if min(values, default=0) < 0:
        raise ValueError(f"{min(values)}: wanted a number of at least 0")
    return tuple(values)


def _check_values(members: Members) -> None:
    """Raise ValueError where numbers are not finite, or of another type than a run has."""
    types = {str(value.dtype) for value in (*members.parameters.values(), members.out_of_fold, members.targets)}
    if members.folds.dtype != np.int16 or len(types) > 1 or not types <= {"float32", "float64"}:
        raise ValueError(
            f"the members' arrays are of type {', '.join(sorted(types))}, with {members.folds.dtype} folds"
        )
    answers = members.out_of_fold[:, members.answered]
    if not all(np.isfinite(value).all() for value in (*members.parameters.values(), answers, members.targets)):
        raise ValueError("the members have numbers that are not finite")


def about_first_member(run_members: Members | None) -> str:
    """Return the sentence for whatever looks into one network of a run with members; "" for a single network."""
    if run_members is None:
        return ""
    return (
        f"The run has {len(run_members)} members, and its answers are the mean of theirs; what is shown of the inside "
        f"of the network is that of the first member."
    )
