"""``layerlab doctor``: whether layerlab computes correctly on this machine, and which versions and engines it uses."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from layerlab.errors import InputError, WorkError

from .options import Json
from .output import Output

PACKAGES = (
    "numpy",
    "jax",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "h5py",
    "pillow",
    "requests",
    "safetensors",
    "onnx",
    "onnxruntime",
    "rich",
    "typer",
)
"""Packages whose versions are shown."""

DOCTOR = (
    "Check that layerlab works on this machine: the gradients, the engines, the versions and the caches.\n\n"
    "Example: [bold]layerlab doctor[/]\n\n"
    "Please add what it prints to a bug report."
)


PASSED = "passed"
"""How the fact about the gradient check begins where all is well."""

SHIPPED = "typical speeds, shipped with layerlab"
"""What the planner uses on a machine that was not measured."""


def measure_machine(tell: Callable[[str], None]) -> None:
    """Measure how fast the engines are on this machine, and save the speeds for the planner.

    Args:
        tell: called with the name of each measurement, before it starts.

    Raises:
        WorkError: the cache folder cannot be written to.
    """
    from layerlab.training.measuring_speed import measure
    from layerlab.training.speed import keep, machine_file

    machine = measure(tell)
    try:
        keep(machine)
    except OSError as error:
        raise WorkError(f"{machine_file()}: cannot be written ({error}); XDG_CACHE_HOME names another cache") from error


def _engines() -> str:
    """Return the engines that work here, each tried on one update, and the reason if one does not."""
    from layerlab.datasets import load_flower
    from layerlab.evaluating.comparisons.recipe_training import train_recipe
    from layerlab.evaluating.comparisons.recipes import SUITES

    if find_spec("jax") is None:
        return "numpy; xla needs jax, which is not installed here"
    try:
        run = train_recipe(
            SUITES["flower"].recipes[0], load_flower(), engine="xla", iterations=1, advice=False, progress=False
        )
    except InputError as error:
        return f"numpy; {error}"
    if run.history.interrupted:
        raise KeyboardInterrupt
    return "numpy, xla"


def _planner() -> str:
    """Return where the planner's speeds come from: measured on this machine, or shipped with layerlab."""
    from layerlab.training.speed import machine_file, this_machine

    if this_machine().measured:
        return f"speeds measured on this machine ({machine_file()})"
    return f"{SHIPPED}; {machine_file()} is damaged" if machine_file().exists() else SHIPPED


def examine() -> dict[str, Any]:
    """Collect versions, threads, engines and caches, and check the gradients of a small network on this machine."""
    from threadpoolctl import threadpool_info

    from layerlab.datasets import load_flower
    from layerlab.datasets.included.cats import check_cats
    from layerlab.machine import VERSION, cache_folder, cores, version_of
    from layerlab.network import Network
    from layerlab.training.gradient_checking.gradient_check import gradient_check

    check = gradient_check(Network([2, 4, 3, 1], hidden="tanh"), load_flower())
    largest = max(one.relative_difference for one in check.checks)
    pools = [
        f"{pool['internal_api']} {pool.get('version') or ''}, {pool['num_threads']} threads"
        for pool in threadpool_info()
    ]
    return {
        "layerlab": VERSION,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{package: version_of(package) for package in PACKAGES},
        "cores": cores(),
        "matrix products": "; ".join(sorted(set(pools))),
        "engines": _engines(),
        "planner": _planner(),
        "LAYERLAB_DATA": os.environ.get("LAYERLAB_DATA", "not set"),
        "cache": str(cache_folder()),
        "cats": check_cats(),
        "gradient check": f"{PASSED if check else 'FAILED'} (relative difference {largest:.0e})",
    }


def _verdict(facts: dict[str, Any]) -> str:
    """Return a sentence that says whether all is well.

    Args:
        facts: the result of ``examine``.
    """
    if not facts["gradient check"].startswith(PASSED):
        return "The gradient check failed: this installation computes wrong numbers. Install its packages again."
    engines, _, why = facts["engines"].partition("; ")
    works = "The gradient check passed: layerlab computes correctly on this machine."
    return f"{works} But one engine does not work: {why}." if why else f"{works} Both engines work: {engines}."


def doctor(
    measure: Annotated[
        bool,
        typer.Option(
            "--measure", help="First measure how fast the engines are on this machine, for better plans (20 s)."
        ),
    ] = False,
    json_path: Json = None,
) -> None:
    """Check the gradients, and print versions, threads, engines and caches of this installation."""
    from layerlab.console import print_pairs

    with Output(json=json_path) as output:
        if measure:
            measure_machine(lambda line: print(f"measuring {line}", file=sys.stderr))
        output.keep(examine())
        output.say(_verdict(output.facts))
        print_pairs(output.facts, output.console)
        if not output.facts["gradient check"].startswith(PASSED):
            output.failure = "the gradient check failed: this installation computes wrong numbers"
        damaged = output.facts["planner"].endswith("is damaged")
        output.next_step("layerlab", *(["doctor", "--measure"] if damaged else ["compare"]))
