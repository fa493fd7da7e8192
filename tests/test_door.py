"""What ``import layerlab`` costs, and that every public name can be had from it."""

import subprocess
import sys

import pytest

import layerlab

HEAVY = ("sklearn", "matplotlib", "h5py", "PIL", "jax", "scipy", "numpy", "pooch", "rich")


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh Python holds after running the code."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    return set(done.stdout.split())


@pytest.mark.processes
def test_importing_layerlab_imports_nothing_heavy() -> None:
    loaded = modules_after("import layerlab")
    assert "layerlab" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.processes
def test_the_notes_and_the_trainer_need_numpy_alone() -> None:
    loaded = modules_after("import layerlab\nlayerlab.notes.application, layerlab.train, layerlab.datasets.load_cats")
    assert not loaded & (set(HEAVY) - {"numpy"})


@pytest.mark.processes
def test_training_needs_numpy_alone() -> None:
    loaded = modules_after(
        "import layerlab\n"
        "layerlab.train(layerlab.Network([2, 2, 1]), layerlab.datasets.load_flower(), learning_rate=1, iterations=2)"
        ".predict([[0], [1]])"
    )
    assert not loaded & (set(HEAVY) - {"numpy"})


@pytest.mark.processes
def test_the_interval_of_an_accuracy_needs_numpy_alone() -> None:
    loaded = modules_after("from layerlab.evaluating.statistics import wilson_interval\nwilson_interval(40, 50)")
    assert not loaded & (set(HEAVY) - {"numpy"})


@pytest.mark.processes
def test_help_loads_no_numbers() -> None:
    loaded = modules_after("import layerlab.commands.main")
    assert not loaded & {"numpy", "scipy", "sklearn", "matplotlib", "h5py", "PIL", "jax"}


def test_every_public_name_is_there_and_documented() -> None:
    for name in layerlab.__all__:
        assert getattr(layerlab, name).__doc__, name
    assert set(dir(layerlab)) == set(layerlab.__all__)
    assert not hasattr(layerlab, "no_such_name")
