"""What tests get: no variable and no cache of the user's, the command line, and the cat files if they are at hand."""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

import h5py
import numpy as np
import pytest
from caches import empty_cache
from command import Said, Say, main
from hypothesis import settings
from snapshots import Snapshots

CAT_FILES = {"train_catvnoncat.h5": ("train", 12), "test_catvnoncat.h5": ("test", 6)}
settings.register_profile("layerlab", settings(), deadline=None)  # a slow machine is no failure
settings.load_profile("layerlab")
NUMBERS = count()
"""Of the tests' caches."""
GIVEN_FOLDER = os.environ.get("LAYERLAB_DATA")  # read before the variable is taken away from every test


@pytest.fixture(scope="session")
def cats_folder() -> Path:
    """The folder with the notes' two cat files."""
    shared = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
    for folder in ([Path(GIVEN_FOLDER).resolve()] if GIVEN_FOLDER else []) + [shared.resolve()]:
        if all((folder / name).is_file() for name in CAT_FILES):
            return folder
    pytest.skip("the cat files are not at ../shared/data nor in LAYERLAB_DATA")


@pytest.fixture
def small_cats(tmp_path: Path) -> Path:
    """A folder with two files like the cats': 12 and 6 images of 8 × 8 pixels in colours, both classes in each."""
    folder = tmp_path / "small_cats"
    folder.mkdir()
    random = np.random.RandomState(0)
    for name, (part, n_images) in CAT_FILES.items():
        with h5py.File(folder / name, "w") as file:
            file[f"{part}_set_x"] = random.randint(0, 256, size=(n_images, 8, 8, 3)).astype(np.uint8)
            file[f"{part}_set_y"] = np.arange(n_images, dtype=np.int64) % 3 // 2  # 0 0 1 0 0 1 …
            file["list_classes"] = np.array([b"non-cat", b"cat"])
    return folder


@pytest.fixture(scope="session")
def snapshots(pytestconfig: pytest.Config) -> Snapshots:
    """The kept files that results are compared with."""
    return Snapshots(bool(pytestconfig.getoption("--rewrite")))


@pytest.fixture(autouse=True)
def no_trials(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No short trainings look for a remedy after those that end badly, on purpose or since they are short.

    They would take longer than all else; a test that is about them has the mark "advice".
    """
    if request.node.get_closest_marker("advice") is None:
        monkeypatch.setattr("layerlab.training.examining.trial_of", lambda *_: None)


@pytest.fixture(autouse=True)
def time_for_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the boosted baseline, too, is there: no test hangs on two seconds."""
    monkeypatch.setattr("layerlab.evaluating.baseline_comparison.LEAST_SECONDS", 600.0)


@pytest.fixture(autouse=True)
def untouched_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, kept_for_the_run: Path
) -> None:
    """No test reads the user's variables, or reads or writes the user's cache; programs are compiled once a run."""
    monkeypatch.delenv("LAYERLAB_DATA", raising=False)
    monkeypatch.delenv("LAYERLAB_CATS_URL", raising=False)
    folder = tmp_path_factory.getbasetemp() / "caches" / str(next(NUMBERS))  # mktemp looks through all earlier ones
    empty_cache(monkeypatch, folder, kept_for_the_run)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Say:
    """Calls the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["layerlab", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Said(status, *capsys.readouterr())

    return call
