"""``load``: a run from the files of ``Run.save``. Every value is checked, since anyone may have changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.datasets.input_record import ADDED_LATER, InputRecord
from layerlab.datasets.json_values import check_keys, numbers_from, texts_from, truth_from
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.settings import check_settings

from .events import events_from
from .findings import Verdict, finding_from, verdict_from
from .history import History, history_from
from .members import members_from
from .plan import Plan, plan_from
from .run import Run, versions
from .run_files import RUN_FORMAT, RunPlaces, SavedArrays, place_of, read_run
from .settings_rules import check_learning_rate, setting_names, sizes_of_an_epoch
from .verdict import verdict_of

INPUT_KEYS = frozenset(one.name for one in fields(InputRecord))

KEYS = {one.name for one in fields(Run)} - {"parameters", "versions"} | {"format_version", *versions()}
"""The keys that ``run.json`` must have; a new one must be in ``MISSING_BEFORE`` or needs a new format version."""

MISSING_BEFORE: dict[str, Any] = ADDED_LATER | {"threshold": 0.5, "events": [], "members": None}
"""Keys that the files of older versions lack, with the values that hold for such runs."""

NETWORK_KEYS = {one.name for one in fields(Network)}

NETWORK_MISSING_BEFORE: dict[str, Any] = {"embedding": None}
"""Keys of the network that the files of older versions lack, with the values that hold for them."""


def load(path: str | Path) -> Run:
    """Load a run from the folder or file that ``Run.save`` or ``layerlab train`` made; nothing in it is executed.

    Args:
        path: a file if its name ends in .safetensors, else a folder.

    Raises:
        InputError: nothing is there, something is missing, damaged or changed, or it has another format version.
    """
    (record, arrays), place = read_run(path), place_of(path)
    try:
        run = _run_from(record)
        run.check_whole()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"{place.record}: is damaged or was changed ({reason}); train again") from error
    if record.get("members") is not None:
        return _with_members(run, record["members"], arrays, place)
    return replace(run, parameters=_checked_parameters(arrays, run.network, run.settings["dtype"], place.numbers))


def _with_members(run: Run, record: Any, arrays: SavedArrays, place: RunPlaces) -> Run:
    """Return the run with the members that its two files describe, the first one's parameters among its own.

    Raises:
        InputError: the files do not fit each other, or hold what no run has.
    """
    try:
        members = members_from(record, arrays, run.network)
    except (LookupError, TypeError, ValueError) as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else error
        raise InputError(
            f"{place.numbers}: does not fit the members of run.json ({reason}): one of the two was damaged or "
            f"changed; train again"
        ) from error
    parameters = _checked_parameters(members.own(0), run.network, run.settings["dtype"], place.numbers)
    return replace(run, parameters=parameters, members=members)


def _run_from(record: dict[str, Any]) -> Run:
    """Rebuild the run that ``run.json`` describes, without parameters; a changed record can raise any error."""
    record = MISSING_BEFORE | record
    check_keys(record, KEYS if record["format_version"] == RUN_FORMAT else KEYS - {"verdict"})
    described = NETWORK_MISSING_BEFORE | record["network"]
    check_keys(described, NETWORK_KEYS)
    network = Network(**described)
    if network.output is None:
        raise ValueError("the network has no output")
    names = tuple(versions())
    trained_by = dict(zip(names, texts_from([record[name] for name in names]), strict=True))
    check_keys(record["settings"], setting_names(record["settings"]))
    settings = check_settings(**record["settings"])
    check_learning_rate(settings)
    plan = None if record["plan"] is None else plan_from(record["plan"])
    if plan is not None and len(plan.layer_dims) != len(network.layer_dims):
        raise ValueError("the plan is for another network")
    findings, version = record["diagnosis"], record["format_version"]
    history = history_from(_complete_history(record["history"], version, settings, plan))
    if not isinstance(findings, list):
        raise TypeError("wanted a list of findings")
    return Run(
        network=network,
        parameters={},
        history=history,
        settings=settings,
        plan=plan,
        verdict=_verdict_from(record, history),
        diagnosis=tuple(finding_from(one if version == RUN_FORMAT else {**one, "changes": {}}) for one in findings),
        dataset=texts_from([record["dataset"]])[0],
        **vars(InputRecord.from_record({name: record[name] for name in INPUT_KEYS})),
        weighted=truth_from(record["weighted"]),
        given_start=truth_from(record["given_start"]),
        temperature=float(numbers_from([record["temperature"]])[0]),
        threshold=float(numbers_from([record["threshold"]])[0]),
        events=events_from(record["events"], network),
        versions=trained_by,
    )


def _complete_history(history: Any, version: int, settings: Mapping[str, Any], plan: Plan | None) -> Any:
    """Return the record of a history; of format 4, which kept no batch sizes, with those of settings and plan."""
    if version == RUN_FORMAT:
        return history
    batch_size, m = settings["batch_size"], 0 if plan is None else plan.examples
    sizes = [] if batch_size is None or m % batch_size == 0 else sizes_of_an_epoch(m, batch_size)
    return {**history, "sizes": sizes, "initial_cost": None, "validated_after": False}


def _verdict_from(record: dict[str, Any], history: History) -> Verdict:
    """Return the saved verdict; older versions saved none, so theirs follows from the curve alone."""
    return verdict_from(record["verdict"]) if "verdict" in record else verdict_of(history)


def _checked_parameters(arrays: SavedArrays, network: Network, dtype: str, file: str) -> Parameters:
    """Return the parameters in the network's order.

    Raises:
        InputError: they have other names, shapes or types than run.json says, or are not finite.
    """
    wanted, found = network.shapes, {name: array.shape for name, array in arrays.items()}
    wrong = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    if wrong:
        came, right = (shapes.get(wrong[0], "nothing") for shapes in (found, wanted))
        raise InputError(
            f"{file}: holds {came} as {wrong[0]} where run.json wants {right}: one of the two was damaged or changed; "
            f"train again"
        )
    types = {str(array.dtype) for array in arrays.values()}
    if len(types) > 1 or not types <= {"float64", "float32"}:
        raise InputError(f"{file}: holds {', '.join(sorted(types))}: wanted float64 or float32 alone; train again")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise InputError(f"{file}: holds numbers that are not finite: it was damaged or changed; train again")
    if types != {dtype}:
        raise InputError(
            f"{file}: holds {types.pop()} where run.json says {dtype}: one of the two was changed; train again"
        )
    return {name: arrays[name] for name in wanted}
