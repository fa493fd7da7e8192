"""From the arguments of a sweep to jobs: its members, checked, and gathered by the programs that they can share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import product
from typing import Any

import numpy as np

from layerlab.datasets import Dataset, Part
from layerlab.errors import InputError
from layerlab.formulas import SCHEDULES
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.argument_checks import TrainingData, check_balance, check_validation_weights, check_weights
from layerlab.runs.run import description_of
from layerlab.runs.settings_rules import check_meaning, complete_settings
from layerlab.settings import OWN, SETTINGS, VARIED
from layerlab.training.job import Job, Member
from layerlab.training.target import scaling_of
from layerlab.training.train import checked_parts

Several = Any
"""One value of a setting, or a list of values."""


def population_jobs(
    networks: Network | Sequence[Network],
    data: TrainingData,
    weights: tuple[Any, Any],
    validation: Any,
    settings: Mapping[str, Any],
) -> tuple[list[Job], tuple[str, ...]]:
    """Check the members of a population, and gather those that can share a program in a job.

    A job and its plan are all that is needed to train its members update by update (``training.fit.start_engine``).

    Args:
        networks, data, validation: as for ``sweep``.
        weights: weights of the training examples and of the validation examples.
        settings: every hyperparameter of ``sweep`` by name; ``with_defaults`` fills them in.

    Returns:
        A job for each program, whose members know their number in the product; and the names of the settings that have
        several values ("network" if there are several networks).

    Raises:
        InputError: data or settings are wrong.

    Example:
        >>> from layerlab import Network, datasets
        >>> from layerlab.runs.settings_rules import with_defaults
        >>> settings = with_defaults({"learning_rate": [0.1, 1.0], "iterations": 100})
        >>> networks = [Network([2, 3, 1]), Network([2, 8, 1]), Network([2, 4, 4, 1])]
        >>> jobs, varied = population_jobs(networks, datasets.load_flower(), (None, None), None, settings)
        >>> print([len(job.members) for job in jobs], varied)
        [4, 2] ('network', 'learning_rate')
    """
    several = [networks] if isinstance(networks, Network) else networks
    part, held_out, nets = _checked(several, data, validation, SETTINGS["dtype"].check(settings["dtype"]))
    members, varied = _members(nets, settings, part.X.shape[1])
    for member in members:
        check_meaning(member.network, member.settings, held_out is not None)
    own = {
        "sample_weight": check_weights(weights[0], part.X.shape[1], part.X.dtype),
        "validation_weight": check_validation_weights(weights[1], held_out, part.X.dtype),
    }
    check_balance(members[0].settings["class_weight"], part.Y, own["sample_weight"])
    shared: dict[str, Any] = {"part": part, "validation": held_out, "alone": False, **own}
    shared["scaling"] = scaling_of(nets[0], data)
    shared["description"] = description_of(data, shared["scaling"])
    return [Job(tuple(some), **shared) for some in _sharing(members)], varied


def _checked(
    networks: Sequence[Network], data: TrainingData, validation: Any, dtype: str
) -> tuple[Part, Part | None, list[Network]]:
    """Check the training and validation set once for all networks, and name the networks' output."""
    if not isinstance(networks, Sequence) or isinstance(networks, str):
        raise InputError(f"networks is {type(networks).__name__}: wanted a layerlab.Network or a list of them")
    if not networks:
        raise InputError("networks is empty: wanted at least one layerlab.Network")
    if isinstance(data, Dataset) and (data.stream or data.augmentation):
        what = "is a stream" if data.stream else "has augmented images, which change in each epoch"
        raise InputError(
            f"{data.name}: {what}; wanted examples that lie in memory, which a population shares: train one network "
            f"after the other"
        )
    part, held_out, first = checked_parts(networks[0], data, validation, dtype)
    named = [first]
    for network in networks[1:]:
        if (
            not isinstance(network, Network)
            or network.layer_dims[:: len(network.layer_dims) - 1] != first.layer_dims[:: len(first.layer_dims) - 1]
        ):
            raise InputError(
                f"{network!r} among the networks: wanted {first.layer_dims[0]} inputs and {first.layer_dims[-1]} "
                f"outputs for all, as the first has"
            )
        named.append(network.for_labels(part.Y))
        if named[-1].output != first.output:
            raise InputError(
                f"{network!r} among the networks: its output would be {named[-1].output!r}, that of the first "
                f"{first.output!r}; wanted one output for all, so that their costs can be compared"
            )
    return part, held_out, named


def _members(networks: Sequence[Network], settings: Mapping[str, Any], m: int) -> tuple[list[Member], tuple[str, ...]]:
    """Form the product of the networks and all settings; also the names of the settings that have several values."""
    values = {name: _listed(name, settings[name]) for name in VARIED}
    for name, several in (("networks", networks), *values.items()):
        twice = [value for i, value in enumerate(several) if value in several[:i]]
        if twice:
            raise InputError(f"{name}: {twice[0]!r} is given twice, and would be trained twice; name each once")
    varied = [name for name, several in values.items() if len(several) > 1]
    # Where schedules are varied too, a setting that only some of them have is left out of the others. The product then
    # holds the same member several times, and it is trained once.
    rare, members, known = _rare(values), list[Member](), set[Any]()
    for network, *chosen in product(networks, *values.values()):
        own = {**settings, **dict(zip(VARIED, chosen, strict=True))}
        ignored = [name for name in rare if name not in SCHEDULES[own["schedule"]].defaults]
        complete = complete_settings(m, **{**own, **dict.fromkeys(ignored)})
        if (key := (network, tuple(complete.items()))) not in known:
            members.append(Member(network, complete, number=len(members)))
        elif not set(varied).intersection(ignored):
            same = ", ".join(f"{name}={complete[name]!r}" for name in varied if name in complete)
            raise InputError(f"two of the networks would be the same, {same}: name each once; None is the usual value")
        known.add(key)
    names = [name for name in VARIED if name in varied or name in rare]
    return members, tuple(["network"] * (len(networks) > 1) + names)


def _rare(values: Mapping[str, Sequence[Any]]) -> list[str]:
    """Names of given settings that only some of the varied schedules have; the others are trained without them."""
    tables = [SCHEDULES[SETTINGS["schedule"].check(name)].defaults for name in values["schedule"]]
    given = [name for name in OWN["schedule"] if values[name] != [None]]
    return [name for name in given if 0 < sum(name in defaults for defaults in tables) < len(tables)]


def _listed(name: str, value: Several) -> list[Any]:
    """Return the values of a setting as a list, whether one was given or several."""
    if isinstance(value, str | bytes | Mapping | Set) or not isinstance(value, Iterable):
        return [value]
    listed = value.tolist() if isinstance(value, np.ndarray) else list(value)
    if not isinstance(listed, list) or not listed:
        raise InputError(f"{name}={value!r}: wanted one value or a list of at least one")
    return listed


def _sharing(members: Sequence[Member]) -> list[list[Member]]:
    """Group the members that can share a program: same depth, activations and output; each L-BFGS member for itself."""
    groups: dict[Any, list[Member]] = {}
    for member in members:
        network = member.network
        alone = member.number if member.settings["optimizer"] == LBFGS else None
        groups.setdefault((network.activations, network.output, network.embedding, alone), []).append(member)
    return list(groups.values())
