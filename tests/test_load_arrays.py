"""Arrays from files as datasets: what is found and said, and a sentence for every file that lies."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.io import loadmat, savemat

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Dataset, hold_out, load_cats
from layerlab.datasets import files as memory
from layerlab.datasets.arrays.matlab_files import matlab_entries
from layerlab.datasets.describing import split_csv
from layerlab.datasets.loading.arrays import load_arrays
from layerlab.runs.new_examples import read_new_examples

random = np.random.RandomState(0)
X, LABELS = random.standard_normal((30, 4)), np.arange(30) % 3
PIXELS = random.randint(0, 256, (30, 5, 6, 3)).astype(np.uint8)


def said(data: Dataset, kind: str) -> str:
    return " ".join(notice.what for notice in data.notices if notice.kind == kind)


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def hdf5(path: Path, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def mat(path: Path, **arrays: Any) -> Path:
    savemat(path, arrays)
    return path


def whole(data: Dataset) -> tuple[NDArray[Any], NDArray[Any]]:
    """X and Y of both parts in the order of the file."""
    assert data.called is not None
    order = np.argsort(np.concatenate(data.called))
    X, Y = (np.concatenate(pair, axis=1)[:, order] for pair in zip(data.train, data.test, strict=True))
    return X, Y


# --- real files


def test_the_cats_are_found_in_both_files(cats_folder: Path) -> None:
    cats, data = load_cats(cats_folder), load_arrays(cats_folder / "train_catvnoncat.h5")
    for part, wanted in ((data.train, cats.train), (data.test, cats.test)):
        assert_array_equal(part.X, wanted.X)
        assert_array_equal(part.Y, wanted.Y)
    assert data.class_names == ("non-cat", "cat")
    assert data.image_shape == (64, 64, 3)


def test_the_football_of_the_course_has_its_validation_as_test_part(cats_folder: Path) -> None:
    if not (cats_folder / "soccer2d.mat").is_file():
        pytest.skip("soccer2d.mat is not beside the cat files")
    data, raw = load_arrays(cats_folder / "soccer2d.mat"), loadmat(cats_folder / "soccer2d.mat")
    assert_array_equal(data.train.X, raw["X"].T)
    assert_array_equal(data.test.X, raw["Xval"].T)
    assert_array_equal(data.train.Y, raw["y"].T)
    assert_array_equal(data.test.Y, raw["yval"].T)
    assert "soccer2d.mat:Xval (inputs) and " in said(data, "parts")
    assert data.class_names == ("0", "1")


def test_small_cats_are_those_of_their_own_loader(small_cats: Path) -> None:
    cats, data = load_cats(small_cats), load_arrays(small_cats / "train_catvnoncat.h5")
    assert_array_equal(data.train.X, cats.train.X)
    assert_array_equal(data.test.Y, cats.test.Y)
    assert data.class_names == ("non-cat", "cat")
    assert "test_catvnoncat.h5:test_set_y (labels) are read as the test set." in said(data, "parts")
    assert said(data, "images") == "Pixels are divided by 255."


# --- what is found


@pytest.mark.parametrize(
    ("x", "y"),
    [
        *[("X", "y"), ("x", "Y"), ("x_train", "y_train"), ("X_train", "y_train"), ("train_x", "train_y")],
        *[("features", "labels"), ("data", "target"), ("train_set_x", "train_set_y"), ("images", "labels")],
        *[("trainImages", "trainLabels"), ("inputs", "targets"), ("Xtr", "ytr")],
    ],
)
@pytest.mark.parametrize(("write", "ending"), [(npz, "npz"), (hdf5, "h5"), (mat, "mat")])
def test_inputs_and_labels_are_found_by_name_and_said(
    tmp_path: Path, write: Callable[..., Path], ending: str, x: str, y: str
) -> None:
    path = write(tmp_path / f"data.{ending}", **{x: X, y: LABELS.astype(np.int32), "epsilon": np.ones(3)})
    data = load_arrays(path)
    assert said(data, "parts") == f"{path}:{x} (inputs) and {path}:{y} (labels) are read as the training set."
    columns, rows = whole(data)
    assert_array_equal(columns, X.T)
    assert_array_equal(rows, np.eye(3)[:, LABELS])
    assert (data.train.X.shape[1], data.test.X.shape[1]) == (24, 6)
    assert_array_equal(data.test.Y.sum(axis=1), 2)


@pytest.mark.parametrize(("write", "ending"), [(npz, "npz"), (hdf5, "hdf5"), (mat, "mat")])
def test_parts_of_a_file_are_the_parts(tmp_path: Path, write: Callable[..., Path], ending: str) -> None:
    y = LABELS.astype(np.int16)
    parts = {
        "x_train": X[:20],
        "y_train": y[:20],
        "x_test": X[20:26],
        "y_test": y[20:26],
        "Xval": X[26:],
        "yval": y[26:],
    }
    data = load_arrays(write(tmp_path / f"data.{ending}", **parts))
    assert data.validation is not None
    for part, some in ((data.train, slice(20)), (data.test, slice(20, 26)), (data.validation, slice(26, 30))):
        assert_array_equal(part.X, X[some].T)
        assert_array_equal(part.Y, np.eye(3)[:, LABELS[some]])


def test_names_select(tmp_path: Path) -> None:
    path = npz(tmp_path / "data.npz", a=X, b=LABELS, X=X + 1, y=1 - LABELS % 2)
    data = load_arrays(f"{path}:a", target="b")
    assert_array_equal(whole(data)[0], X.T)
    assert len(data.class_names) == 3
    assert_array_equal(whole(load_arrays(path, target="b"))[0], X.T + 1)


def test_groups_of_hdf5_are_part_of_the_name(tmp_path: Path) -> None:
    path = hdf5(
        tmp_path / "data.h5", **{"train/x": X[:20], "train/y": LABELS[:20], "test/x": X[20:], "test/y": LABELS[20:]}
    )
    assert_array_equal(load_arrays(path).test.X, X[20:].T)
    assert_array_equal(load_arrays(f"{path}:/test/x", target="/test/y", test=0.3).class_names, ["0", "1", "2"])


def test_npy_files_come_in_pairs(tmp_path: Path) -> None:
    for name, array in (("X_train", X[:20]), ("y_train", LABELS[:20]), ("X_test", X[20:]), ("y_test", LABELS[20:])):
        np.save(tmp_path / f"{name}.npy", array)
    for target in ("y_train.npy", tmp_path / "y_train.npy"):
        data = load_arrays(tmp_path / "X_train.npy", target=target)
        assert_array_equal(data.train.X, X[:20].T)
        assert_array_equal(data.test.X, X[20:].T)
    np.savez(tmp_path / "more.npz", labels=LABELS)
    np.save(tmp_path / "X.npy", X)
    assert_array_equal(whole(load_arrays(tmp_path / "X.npy", target=f"{tmp_path}/more.npz:labels"))[0], X.T)


def test_a_large_npy_file_is_mapped_and_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", LABELS)
    one = load_arrays(tmp_path / "X.npy", target="y.npy")
    monkeypatch.setattr("layerlab.datasets.arrays.numpy_files.MAPPED_BYTES", 1)
    assert_array_equal(load_arrays(tmp_path / "X.npy", target="y.npy").train.X, one.train.X)


def test_matlab_73_is_hdf5_the_other_way_round(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "new.mat", "w", userblock_size=512) as file:
        file["X"], file["y"] = X.T, (LABELS + 1.0).reshape(1, -1)
        for name in ("X", "y"):
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
    with (tmp_path / "new.mat").open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    data = load_arrays(tmp_path / "new.mat")
    assert_array_equal(whole(data)[0], X.T)
    assert data.class_names == ("1", "2", "3")


def test_the_source_says_how_to_read_it_again(tmp_path: Path) -> None:
    path = npz(tmp_path / "data.npz", a=X, b=LABELS)
    data = load_arrays(f"{path}:a", target="b", seed=3)
    assert data.source is not None
    again = load_arrays(data.source.path, **data.source.options)
    assert again.source == data.source
    assert_array_equal(again.train.X, data.train.X)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"])
def test_matlab_variables_are_those_of_scipy(tmp_path: Path, packed: bool, kind: str) -> None:
    for shape in ((1, 1), (3, 4), (2, 3, 4), (1, 2, 3, 4)):
        wanted = (random.standard_normal(shape) * 100).astype(kind)
        savemat(
            tmp_path / "data.mat", {"some": "text", "X": wanted, "a_long_name_of_its_own": 1}, do_compression=packed
        )
        (entry,) = [entry for entry in matlab_entries(tmp_path / "data.mat") if entry.name == "X"]
        array = entry.read()
        assert entry.shape == array.shape
        assert entry.dtype == array.dtype == wanted.dtype
        assert_array_equal(array, loadmat(tmp_path / "data.mat")["X"])


# --- shapes


@pytest.mark.parametrize("labels", [LABELS, LABELS.reshape(-1, 1), LABELS.reshape(1, -1)])
def test_the_lengths_say_where_the_examples_are(tmp_path: Path, labels: NDArray[Any]) -> None:
    rows = load_arrays(npz(tmp_path / "rows.npz", X=X, y=labels))
    columns = load_arrays(npz(tmp_path / "columns.npz", X=X.T, y=labels))
    assert_array_equal(columns.train.X, rows.train.X)
    assert said(rows, "turned") == ""
    assert said(columns, "turned") == (
        "The inputs have the shape (4, 30), with 30 labels, so the last axis is that of the examples."
    )


def test_one_column_is_one_feature(tmp_path: Path) -> None:
    assert load_arrays(npz(tmp_path / "data.npz", X=X[:, 0], y=LABELS)).n_x == 1


@pytest.mark.parametrize(
    ("images", "shape", "words"),
    [
        (PIXELS, (5, 6, 3), "Pixels are divided by 255."),
        (PIXELS[..., 0], (5, 6), "Pixels are divided by 255."),
        (PIXELS[..., :1], (5, 6), "Pixels are divided by 255."),
        (PIXELS.astype(np.int64), (5, 6, 3), "Pixels are divided by 255."),
        (PIXELS.astype(np.float32), (5, 6, 3), "Pixels are divided by 255."),
        (PIXELS / 255, (5, 6, 3), ""),
        (PIXELS.astype(np.uint16) * 257, (5, 6, 3), "Pixels are divided by 65535."),
        (
            PIXELS.transpose(0, 3, 1, 2),
            (5, 6, 3),
            "The images have the shape (3, 5, 6), so the first axis is that of the colour channels.",
        ),
        (PIXELS.transpose(1, 2, 3, 0), (5, 6, 3), "so the last axis is that of the examples"),
    ],
)
def test_images_are_columns_of_shares(tmp_path: Path, images: NDArray[Any], shape: Any, words: str) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", images=images, labels=LABELS))
    assert data.image_shape == shape
    assert words in said(data, "images") + said(data, "turned")
    wanted = (PIXELS if len(shape) == 3 else PIXELS[..., 0]).reshape(30, -1).T / 255
    assert_allclose(whole(data)[0], wanted, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (PIXELS - 128.0, "some values are outside of 0 to 255"),
        (PIXELS * 2.0, "some values are outside of 0 to 255"),
        (np.concatenate([PIXELS, PIXELS], axis=3), "they have 6 channels"),
    ],
)
def test_what_is_like_images_but_none_is_said(tmp_path: Path, images: NDArray[Any], words: str) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=images, y=LABELS))
    assert data.image_shape is None
    assert words in said(data, "images")
    assert_array_equal(whole(data)[0], images.reshape(30, -1).T)


def asked(tmp_path: Path, images: NDArray[Any], new: NDArray[Any]) -> tuple[NDArray[Any], str]:
    """New examples as columns, to a run on these images, and what was said of them."""
    data = load_arrays(npz(tmp_path / "data.npz", images=images, labels=LABELS))
    run = layerlab.train(Network([data.n_x, 3]), data, learning_rate=0.01, iterations=1, progress=False)
    np.save(tmp_path / "new.npy", new)
    kept = layerlab.load(run.save(tmp_path / "run"))
    assert kept.look == data.look
    examples = read_new_examples(kept, [tmp_path / "new.npy"])
    return examples.X, " ".join(map(str, examples.notices))


DEEP = PIXELS.astype(np.uint16) * 257


@pytest.mark.parametrize(
    ("images", "new", "wanted", "words"),
    [
        (
            DEEP,
            DEEP // 336,
            DEEP // 336 / 65535,
            "Pixels range from 0 to 0.00298, after the division by 65535 as in training.",
        ),
        (
            PIXELS,
            PIXELS // 255,
            PIXELS // 255 / 255,
            "Pixels range from 0 to 0.00392, after the division by 255 as in training.",
        ),
        (PIXELS - 128.0, PIXELS * 1.0, PIXELS, ""),
        (PIXELS / 255, PIXELS / 255, PIXELS / 255, ""),
        (PIXELS / 255, PIXELS, PIXELS, "Pixels range from 0 to 255; in training they range from 0 to 1."),
        (PIXELS, PIXELS.reshape(30, -1), PIXELS / 255, "after the division by 255 as in training."),
        (PIXELS[..., 0], PIXELS[..., :1], PIXELS[..., :1] / 255, "after the division by 255 as in training."),
        (
            PIXELS.transpose(0, 3, 1, 2),
            PIXELS.transpose(0, 3, 1, 2),
            PIXELS / 255,
            "after the division by 255 as in training.",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")
def test_new_examples_become_columns_as_in_training(
    tmp_path: Path, images: NDArray[Any], new: NDArray[Any], wanted: NDArray[Any], words: str
) -> None:
    columns, notices = asked(tmp_path, images, new)
    assert_allclose(columns, wanted.reshape(30, -1).T, rtol=0, atol=1e-15)
    assert (words in notices) if words else (notices == "")


@pytest.mark.parametrize(
    ("images", "new", "words"),
    [
        (PIXELS, PIXELS.transpose(0, 3, 1, 2), "wanted images of (5, 6, 3), as in training"),
        (PIXELS, PIXELS[0], "wanted images of (5, 6, 3), as in training"),
        (PIXELS.transpose(0, 3, 1, 2), PIXELS, "wanted images of (3, 5, 6), as in training"),
        (PIXELS.transpose(0, 3, 1, 2), PIXELS.reshape(30, -1), "wanted images with channels first, as in training"),
    ],
)
@pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")
def test_new_images_that_lie_otherwise_are_refused(
    tmp_path: Path, images: NDArray[Any], new: NDArray[Any], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        asked(tmp_path, images, new)
    assert str(caught.value) == f"{tmp_path / 'new.npy'} has the shape {new.shape}: {words}"


# --- labels


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (LABELS, ("0", "1", "2")),
        (LABELS.astype(np.uint8), ("0", "1", "2")),
        (LABELS + 1, ("1", "2", "3")),
        (LABELS * 5 - 5, ("-5", "0", "5")),
        (LABELS % 2 == 0, ("False", "True")),
        (LABELS % 2 * 1.0, ("0", "1")),
        (LABELS % 2 * 2 - 1, ("-1", "1")),
        (np.array(["b10", "b9", "a"])[LABELS], ("a", "b9", "b10")),
        (np.array([b"cat", "été".encode(), b"dog "])[LABELS], ("cat", "dog", "été")),
        (np.eye(3)[LABELS], ("0", "1", "2")),
        (np.eye(3, dtype=bool)[LABELS].T, ("0", "1", "2")),
        (np.eye(2, dtype=np.int8)[LABELS % 2], ("0", "1")),
    ],
)
def test_labels_of_classes(tmp_path: Path, labels: NDArray[Any], names: tuple[str, ...]) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=labels))
    assert data.class_names == names
    assert data.target_scaling is None
    rows = whole(data)[1]
    assert rows.shape == ((1, 30) if len(names) == 2 else (len(names), 30))
    numbers = rows[0] if len(names) == 2 else rows.argmax(axis=0)
    if labels.ndim == 1 and labels.dtype.kind in "iub":
        assert_array_equal(np.unique(labels)[numbers.astype(int)], labels)


def test_labels_that_start_at_1_are_said(tmp_path: Path) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=LABELS + 1))
    assert said(data, "labels") == ("Labels 1 to 3 are renumbered from 0; the classes keep their old numbers as names.")


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("names", [np.array([b"a", b"b", b"c"]), np.array(["a", "b", "c"])])
def test_the_files_own_names_are_used(tmp_path: Path, base: int, names: NDArray[Any]) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=LABELS + base, class_names=names))
    assert data.class_names == ("a", "b", "c")
    assert said(data, "labels") == (
        "Labels 1 to 3 are renumbered from 0; the classes have the names in the file." if base else ""
    )
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=LABELS + 7, class_names=names))
    assert "The file's 3 names of classes do not fit labels 7 to 9 and are not used." in said(data, "labels")


def test_names_in_hdf5_and_matlab_cells(tmp_path: Path) -> None:
    words = np.array(["cat", "dog", "cow"], dtype=object)[LABELS]
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["X"], file["y"] = X, words
    assert load_arrays(tmp_path / "data.h5").class_names == ("cat", "cow", "dog")
    assert load_arrays(mat(tmp_path / "cells.mat", X=X, y=words)).class_names == ("cat", "cow", "dog")
    chars = np.array(["cat", "horse", "cow"])[LABELS]
    assert load_arrays(mat(tmp_path / "chars.mat", X=X, y=chars)).class_names == ("cat", "cow", "horse")


def test_values_have_their_scaling(tmp_path: Path) -> None:
    y = np.stack([X[:, 0] * 7, np.full(30, 3.0)], axis=1)
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=y))
    assert data.class_names == ()
    assert_array_equal(whole(data)[1], y.T)
    assert data.target_scaling is not None
    assert_allclose(data.target_scaling.mean, data.train.Y.mean(axis=1, keepdims=True))
    assert_allclose(data.target_scaling.scale[:, 0], [data.train.Y[0].std(), 1.0])


def test_examples_that_are_held_out_keep_their_names(tmp_path: Path) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=LABELS))
    rest, validation = hold_out(data, 0.25)
    lines = [line.split(",") for line in split_csv(rest, data).splitlines()]
    assert lines[0] == ["example", "part"]
    assert sorted(int(line[0]) for line in lines[1:]) == list(range(1, 31))
    held_out = [int(line[0]) - 1 for line in lines[1:] if line[1] == "validation"]
    assert sorted(X[held_out].tolist()) == sorted(validation.X.T.tolist())


def test_values_are_dealt_anew_by_chance(tmp_path: Path) -> None:
    data = load_arrays(npz(tmp_path / "data.npz", X=X, y=X[:, 0] * 20))
    again = data.resplit(1)
    assert again.test.Y.shape == data.test.Y.shape
    assert again.called is not None
    assert_array_equal(again.train.Y[0], X[again.called[0] - 1, 0] * 20)
    assert sorted(np.concatenate(again.called)) == list(range(1, 31))


def test_whole_numbers_are_what_one_says_they_are(tmp_path: Path) -> None:
    path = npz(tmp_path / "data.npz", X=X, y=LABELS * 1.0)
    data = load_arrays(path)
    assert data.class_names == ()
    assert said(data, "labels") == (
        "The labels are 3 whole numbers stored as floats and are predicted as numbers "
        "(task='classes' makes them classes)."
    )
    assert load_arrays(path, task="classes").class_names == ("0", "1", "2")
    many = npz(tmp_path / "many.npz", X=X, y=np.arange(30))
    assert "The labels are 30 different whole numbers and are predicted as numbers" in said(load_arrays(many), "labels")
    assert load_arrays(mat(tmp_path / "data.mat", X=X, y=LABELS + 1.0)).class_names == ("1", "2", "3")
    assert load_arrays(npz(tmp_path / "ints.npz", X=X, y=LABELS), task="values").class_names == ()


# --- what cannot be read


def lying(path: Path, shape: str, body: bytes = bytes(64), descr: str = "'<f8'") -> Path:
    """A .npy file whose header claims a shape."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body)
    return path


def with_y(folder: Path, inputs: Any, labels: Any = LABELS) -> Path:
    return npz(folder / "data.npz", X=inputs, y=labels)


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    return path


def spoiled(path: Path, share: float) -> Path:
    content = bytearray(path.read_bytes())
    start = int(share * len(content))
    content[start : start + 64] = b"\xff" * len(content[start : start + 64])
    path.write_bytes(content)
    return path


def content(path: Path, what: bytes) -> Path:
    path.write_bytes(what)
    return path


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, what in members.items():
            archive.writestr(f"{name}.npy", what)
    return path


def npy_bytes(array: NDArray[Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def linked(path: Path, link: Any) -> Path:
    with h5py.File(path, "w") as file:
        file["X"], file["y"] = link, LABELS
    return path


def virtual(folder: Path) -> Path:
    hdf5(folder / "other.h5", secret=X)
    layout = h5py.VirtualLayout(shape=X.shape, dtype=X.dtype)
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "secret", shape=X.shape)
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_virtual_dataset("X", layout)
        file["y"] = LABELS
    return folder / "data.h5"


def external(folder: Path) -> Path:
    (folder / "raw.bin").write_bytes(X.tobytes())
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("X", X.shape, X.dtype, external=[(str(folder / "raw.bin"), 0, X.nbytes)])
        file["y"] = LABELS
    return folder / "data.h5"


def circle(folder: Path) -> Path:
    with h5py.File(folder / "data.h5", "w") as file:
        file["X"], file["other"], file["y"] = h5py.SoftLink("/other"), h5py.SoftLink("/X"), LABELS
    return folder / "data.h5"


def endless(folder: Path) -> Path:
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("X", (10**12,), "f8", chunks=(1000,))
        file["y"] = LABELS
    return folder / "data.h5"


def piped(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder_of(path: Path) -> Path:
    path.mkdir()
    return path


def hole(*place: int, value: float = np.nan) -> NDArray[Any]:
    array = X.copy()
    array[place] = value
    return array


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda f: f / "data.npz", "there is no such file; wanted a file of arrays"),
    "empty": (lambda f: content(f / "data.npz", b""), "is empty; wanted a file of arrays"),
    "a folder": (lambda f: folder_of(f / "data.h5"), "is a folder; wanted"),
    "a pipe": (lambda f: piped(f / "data.npy"), "is a pipe or a device, which may never end"),
    "strange ending": (lambda f: content(f / "data.txt", b"1 2 3"), "the ending '.txt' is unknown"),
    "pickle by its ending": (lambda f: content(f / "data.pkl", b"\x80"), "the ending '.pkl' is unknown"),
    "pickle": (lambda f: content(f / "data.npy", pickle.dumps([1])), "is a pickle, which can run any program"),
    "pickle as npz": (lambda f: content(f / "data.npz", pickle.dumps([1])), "is a pickle, which can run any program"),
    "objects": (
        lambda f: with_y(f, np.array([[1, "a"]] * 30, dtype=object)),
        "data.npz:X: holds Python objects, which",
    ),
    "text as npy": (lambda f: content(f / "data.npy", b"1,2,3\n" * 9), "cannot be read as a .npy file .*magic string"),
    "text as npz": (lambda f: content(f / "data.npz", b"1,2,3\n" * 9), "cannot be read as a .npz file .*not a zip"),
    "text as HDF5": (lambda f: content(f / "data.h5", b"1,2,3\n" * 9), "cannot be read as an HDF5 file"),
    "text as MATLAB": (lambda f: content(f / "data.mat", b"1,2,3\n" * 99), "cannot be read as a MATLAB file"),
    "half a npy": (
        lambda f: cut(content(f / "data.npy", npy_bytes(X)), 0.5),
        "claims 960 bytes of numbers but holds 416: the file is cut off",
    ),
    "head of a npy": (lambda f: cut(content(f / "data.npy", npy_bytes(X)), 0.05), "cannot be read as a .npy file"),
    "half a npz": (lambda f: cut(with_y(f, X), 0.5), "cannot be read as a .npz file"),
    "half an HDF5": (
        lambda f: cut(hdf5(f / "data.h5", X=X, y=LABELS), 0.5),
        "cannot be read as an HDF5 file .*truncated",
    ),
    "half a MATLAB": (lambda f: cut(mat(f / "data.mat", X=X, y=LABELS), 0.4), "cannot be read as a"),
    "spoiled npz": (lambda f: spoiled(with_y(f, X), 0.3), "cannot be read as a .npz file .Bad CRC"),
    "lying npy": (lambda f: lying(f / "data.npy", "(1000000, 1000000)"), "claims 8,000,000,000,000 bytes"),
    "negative npy": (lambda f: lying(f / "data.npy", "(-3, 4)"), "the shape .* has a negative length"),
    "no shape": (lambda f: lying(f / "data.npy", "'three'"), "cannot be read as a .npy file"),
    "code in a header": (lambda f: lying(f / "data.npy", "(3,)", descr="__import__('os')"), "cannot be read as a .npy"),
    "lying npz": (
        lambda f: zipped(f / "data.npz", X=lying(f / "a.npy", "(1000000, 1000000)").read_bytes(), y=npy_bytes(LABELS)),
        "data.npz:X: claims 8,000,000,000,000 bytes of numbers but holds 64",
    ),
    "no array in a npz": (lambda f: zipped(f / "data.npz"), "no array in it is named like inputs.*one of no arrays"),
    "endless zeros": (endless, "data.h5:X: 1,000,000,000,000 numbers: reading them takes .* GiB of memory"),
    "external link": (
        lambda f: linked(f / "data.h5", h5py.ExternalLink("other.h5", "X")),
        "data.h5:X: is a link into another file, which is not followed",
    ),
    "virtual": (virtual, "data.h5:X: takes its numbers from other files, which are not read"),
    "external storage": (external, "data.h5:X: takes its numbers from other files"),
    "links in a circle": (circle, "data.h5:X: is a link that leads nowhere, or in a circle"),
    "link to nowhere": (
        lambda f: linked(f / "data.h5", h5py.SoftLink("/gone")),
        "data.h5:X: is a link that leads nowhere",
    ),
    "nothing in HDF5": (lambda f: hdf5(f / "data.h5", X=h5py.Empty("f8"), y=LABELS), "data.h5:X: holds nothing"),
    "references": (
        lambda f: hdf5(f / "data.h5", X=np.array([h5py.Reference()] * 30, dtype=h5py.ref_dtype), y=LABELS),
        "data.h5:X: holds objects",
    ),
    "struct of MATLAB": (lambda f: mat(f / "data.mat", X={"a": 1}, y=LABELS), "is a struct of MATLAB:"),
    "cells of MATLAB": (
        lambda f: mat(f / "data.mat", X=X, y=np.array([1, "a"] * 15, dtype=object)),
        "data.mat:y: cannot be read as an array .a cell array that holds more than texts",
    ),
    "complex": (lambda f: with_y(f, X * 1j), r"data.npz:X: holds complex numbers \(complex128\): wanted numbers"),
    "complex of MATLAB": (lambda f: mat(f / "data.mat", X=X * 1j, y=LABELS), "data.mat:X: holds complex numbers"),
    "records": (lambda f: with_y(f, np.zeros(30, dtype=[("a", "f8")])), "data.npz:X: holds records of several fields"),
    "dates": (lambda f: with_y(f, np.zeros((30, 1), "M8[D]")), "data.npz:X: holds dates"),
    "text as inputs": (lambda f: with_y(f, np.full((30, 2), "a")), "data.npz:X: holds text"),
    "nan": (
        lambda f: with_y(f, hole(7, 2)),
        r"data.npz:X: the number at \[7, 2\] is nan, and 1 number is not finite in all",
    ),
    "infinity": (lambda f: with_y(f, hole(0, 3, value=np.inf)), r"X: the number at \[0, 3\] is inf"),
    "nan as a label": (lambda f: with_y(f, X, hole(4, 0)[:, 0]), r"data.npz:y: the number at \[4\] is nan"),
    "no examples": (
        lambda f: with_y(f, X[:0], LABELS[:0]),
        "data.npz:X: has the shape .*: wanted at least one example",
    ),
    "no features": (lambda f: with_y(f, X[:, :0]), "data.npz:X: has the shape .30, 0.: wanted"),
    "one number": (lambda f: with_y(f, np.float64(3)), "data.npz:X: is a single number"),
    "lengths": (lambda f: with_y(f, X, LABELS[:29]), "X has the shape .30, 4. and .*y .29,.: wanted a label for each"),
    "five axes": (lambda f: with_y(f, X.reshape(30, 2, 2, 1, 1)), "wanted examples × features or images"),
    "one class": (lambda f: with_y(f, X, LABELS * 0), "all labels are 0: wanted two or more classes"),
    "single example": (lambda f: with_y(f, X, (np.arange(30) == 3) * 1), "the class '1' has a single example"),
    "columns": (
        lambda f: with_y(f, X, np.stack([LABELS, LABELS], 1)),
        "labels have 2 columns that are not one-hot rows",
    ),
    "empty name": (lambda f: with_y(f, X, np.array(["a", ""] * 15)), r"the label at \[1\] is empty"),
    "no UTF-8": (lambda f: with_y(f, X, np.array([b"a", b"\xff"] * 15)), "not text in UTF-8"),
    "two candidates": (lambda f: npz(f / "data.npz", X=X, x=X, y=LABELS), "X and x could both be the inputs: name one"),
    "no candidates": (
        lambda f: npz(f / "data.npz", weights=X, bias=LABELS),
        r"named like inputs .*name one of weights \(float64 30 × 4\), bias \(int64 30\), as in data.npz:NAME",
    ),
    "no labels": (lambda f: npz(f / "data.npz", X=X, z=LABELS), r"named like labels: name one of z \(int64 30\)"),
    "no labels beside a npy": (
        lambda f: content(f / "X.npy", npy_bytes(X)),
        "named like labels: name a file of labels, such as y.npy with target=",
    ),
    "unknown name": (lambda f: f"{with_y(f, X)}:Z", "there is no array 'Z' in it: wanted one of X"),
    "other shape in the test part": (
        lambda f: npz(f / "data.npz", x_train=X, y_train=LABELS, x_test=X[:, :3], y_test=LABELS),
        "data.npz:x_test: its examples have the shape .3,. and those of .*x_train .4,.: wanted the same in both",
    ),
    "other labels in the test part": (
        lambda f: npz(f / "data.npz", x_train=X, y_train=LABELS, x_test=X, y_test=LABELS + 1),
        "no example to train on has the label 3",
    ),
    "other kind in the test part": (
        lambda f: npz(f / "data.npz", x_train=X, y_train=LABELS, x_test=X, y_test=LABELS.astype(str)),
        "labels of the test set are of another kind or width",
    ),
}


@pytest.mark.parametrize(("make", "words"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_dataset_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Callable[[Path], Any], words: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(InputError, match=words) as caught:
        load_arrays(path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"test": 0}, "test=0: wanted"),
        ({"test": 0.95}, "data.npz:y: 30 examples of 3 classes cannot be split"),
        ({"seed": 1.5}, "seed=1.5: wanted"),
        ({"task": "names"}, "task='names': wanted one of 'classes', 'values'"),
        ({"target": "Z"}, "there is no array 'Z' in it"),
        ({"target": "y.npy"}, "y.npy: there is no such file; .* with the labels"),
    ],
)
def test_options_that_do_not_apply_are_told(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_arrays(with_y(tmp_path, X), **options)


def test_names_are_no_values_and_fractions_no_classes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="labels are names such as 'a': wanted numbers, or task='classes'"):
        load_arrays(with_y(tmp_path, X, np.array(["a", "b"] * 15)), task="values")
    with pytest.raises(InputError, match="cannot be classes: wanted whole numbers, or task='values'"):
        load_arrays(with_y(tmp_path, X, X[:, 0]), task="classes")


def test_more_than_memory_is_refused_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_y(tmp_path, X)
    monkeypatch.setattr(memory, "free_memory", lambda: 2.0 * X.size * 16 - 1)
    with pytest.raises(InputError, match=r"data.npz:X: 30 × 4 numbers: reading them takes"):
        load_arrays(path)


def test_damage_anywhere_is_a_sentence_or_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = [
        with_y(tmp_path, X),
        hdf5(tmp_path / "data.h5", X=X, y=LABELS),
        mat(tmp_path / "data.mat", X=X, y=np.array(["cat", "dog", "cow"], dtype=object)[LABELS]),
    ]
    for path in files:
        before, chance = path.read_bytes(), np.random.RandomState(1)
        for _ in range(60):
            damaged = bytearray(before)
            for place in chance.randint(0, len(before), 3):
                damaged[place] = chance.randint(256)
            path.write_bytes(damaged)
            with contextlib.suppress(InputError):  # anything else would be a traceback
                load_arrays(path)
    assert capfd.readouterr() == ("", "")


def peak_of(read: Callable[[], Any]) -> int:
    """The most memory in bytes that Python and NumPy held at once while a function ran, its result included."""
    tracemalloc.start()
    try:
        kept = read()
        return tracemalloc.get_traced_memory()[1] if kept is not None else 0
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("own_test", [False, True])
def test_an_array_is_copied_once_between_its_file_and_the_dataset(tmp_path: Path, own_test: bool) -> None:
    m, n = 8000, 250
    X, y = np.random.RandomState(0).randn(m, n), np.arange(m) % 2
    arrays: dict[str, Any] = {"x_train": X[:6000], "y_train": y[:6000], "x_test": X[6000:], "y_test": y[6000:]}
    np.savez(tmp_path / "t.npz", **(arrays if own_test else {"X": X, "y": y}))
    load_arrays(tmp_path / "t.npz")  # imports and caches
    peak = peak_of(lambda: load_arrays(tmp_path / "t.npz"))
    assert peak < 2.25 * X.nbytes  # the file's numbers and the dataset's, and no third copy


def test_pixels_are_copied_once_between_their_file_and_the_dataset(tmp_path: Path) -> None:
    X, y = np.random.RandomState(0).randint(0, 256, (600, 3, 40, 40)).astype(np.uint8), np.arange(600) % 2
    np.savez(tmp_path / "t.npz", X=X, y=y)
    load_arrays(tmp_path / "t.npz")
    as_floats = 8 * X.nbytes
    peak = peak_of(lambda: load_arrays(tmp_path / "t.npz"))
    assert peak < 1.5 * as_floats  # bytes take an eighth; channels were first, and the floats are divided in place
