"""Folders of images as datasets: what arrives, what is said of it, and a sentence for what cannot be read."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image

from layerlab import InputError
from layerlab.datasets import Dataset, load_digits, load_photos
from layerlab.datasets import files as memory
from layerlab.datasets.loading.images import load_images
from layerlab.datasets.printable_names import natural_order
from layerlab.escapes import printable

Bytes = NDArray[np.uint8]


def noise(seed: int, height: int = 6, width: int = 8, *channels: int) -> Bytes:
    return np.random.RandomState(seed).randint(0, 256, (height, width, *channels)).astype(np.uint8)


def saved(pixels: Bytes, path: Path, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def filled(root: Path, *classes: str, count: int = 5, channels: tuple[int, ...] = (3,)) -> Path:
    """Class folders with images that all differ."""
    for k, name in enumerate(classes):
        for i in range(count):
            saved(noise(100 * k + i + sum(map(ord, str(name))), 6, 8, *channels), root / name / f"{i}.png")
    return root


def said(data: Dataset, kind: str) -> str:
    return " ".join(notice.what for notice in data.notices if notice.kind == kind)


# --- what arrives


def test_digits_written_as_files_come_back_exactly(tmp_path: Path) -> None:
    digits = load_digits()
    pixels = np.rint(digits.train.X * 255).astype(np.uint8)
    for i, label in enumerate(digits.train.Y.argmax(axis=0)[:300]):
        saved(pixels[:, i].reshape(8, 8), tmp_path / str(label) / f"{i}.png")
    data = load_images(tmp_path)
    assert data.class_names == tuple("0123456789")
    assert data.image_shape == (8, 8)
    assert (data.train.X.shape, data.test.X.shape) == ((64, 240), (64, 60))
    assert data.called is not None
    for part, called in zip((data.train, data.test), data.called, strict=True):
        numbers = [int(Path(name).stem) for name in called]
        assert_array_equal(part.X, pixels[:, numbers] / 255)
        assert_array_equal(part.Y, digits.train.Y[:, numbers])
        assert part.Y.sum(axis=1).min() >= len(called) // 20


def test_two_classes_are_one_row(tmp_path: Path) -> None:
    data = load_images(filled(tmp_path, "a", "b"))
    assert data.train.Y.shape == (1, 8)
    assert data.called is not None
    assert_array_equal(data.train.Y[0], [name.startswith("b") for name in data.called[0]])


def test_a_training_column_is_what_prediction_makes_of_the_file(tmp_path: Path) -> None:
    saved(noise(1, 300, 200, 3), tmp_path / "a" / "1.jpg")
    saved(noise(2, 90, 200, 4), tmp_path / "a" / "2.png")
    saved(noise(3, 30, 20), tmp_path / "b" / "3.gif")
    saved(noise(4, 50, 77, 3), tmp_path / "b" / "4.tif")
    saved(noise(5, 50, 77, 3), tmp_path / "b" / "5.bmp")
    saved(noise(6, 50, 77, 3), tmp_path / "a" / "6.webp")
    data = load_images(tmp_path)
    assert data.called is not None
    assert data.image_shape is not None
    for part, called in zip((data.train, data.test), data.called, strict=True):
        assert_array_equal(part.X, load_photos([tmp_path / name for name in called], data.image_shape))
    for word in ("1 JPEG", "1 PNG", "1 GIF", "1 TIFF", "1 BMP", "1 WEBP", "20 × 30 to 200 × 300 pixels", "in colour"):
        assert word in data.about


@pytest.mark.parametrize(
    ("sides", "wanted"),
    [([(10, 20)] * 4, (10, 20)), ([(100, 200)] * 4, (32, 64)), ([(1, 640)] * 4, (1, 64)), ([(64, 65)] * 4, (63, 64))],
)
def test_the_size_is_the_median_with_a_longer_side_of_64(
    tmp_path: Path, sides: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    for i, (height, width) in enumerate(sides):
        saved(noise(i, height, width), tmp_path / "ab"[i % 2] / f"{i}.png")
    assert load_images(tmp_path).image_shape == wanted


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif", "tif", "mpo.jpg"])
def test_the_median_is_that_of_upright_pictures(tmp_path: Path, ending: str) -> None:
    given = {"format": "MPO"} if ending == "mpo.jpg" else {}
    for i in range(4):
        exif = Image.Exif()
        exif[0x0112] = 6
        saved(noise(i, 10, 30, 3), tmp_path / "ab"[i % 2] / f"{i}.{ending}", exif=exif, **given)
    data = load_images(tmp_path)
    assert data.image_shape == (30, 10, 3)
    assert "10 × 30 pixels" in data.about


@pytest.mark.parametrize(
    ("size", "shape"), [(5, (5, 5)), ("5", (5, 5)), ("5x4", (4, 5)), ("5X4", (4, 5)), (" 5 × 4 ", (4, 5))]
)
def test_a_size_is_width_by_height(tmp_path: Path, size: Any, shape: tuple[int, int]) -> None:
    assert load_images(filled(tmp_path, "a", "b", channels=()), size=size).image_shape == shape


@pytest.mark.parametrize("size", ["", "0", "64x", "x64", "-3", "64x0", "1e3", "64.5", 0, -1, 2.5, "axb", True, (3, 4)])
def test_a_size_that_is_none_is_told(tmp_path: Path, size: Any) -> None:
    with pytest.raises(InputError, match="wanted pixels, such as 64, or 64x48 for 64 wide and 48 high"):
        load_images(filled(tmp_path, "a", "b"), size=size)


def test_grey_files_and_grey_pixels_are_one_number_a_pixel(tmp_path: Path) -> None:
    filled(tmp_path / "files", "a", "b", channels=())
    assert load_images(tmp_path / "files").image_shape == (6, 8)
    for i in range(4):
        saved(np.stack([noise(i)] * 3, axis=-1), tmp_path / "pixels" / "ab"[i % 2] / f"{i}.png")
    pixels = load_images(tmp_path / "pixels")
    assert pixels.image_shape == (6, 8)
    assert pixels.called is not None
    first = noise(int(Path(pixels.called[0][0]).stem))
    assert_array_equal(pixels.train.X[:, 0], first.ravel() / 255)
    assert load_images(tmp_path / "pixels", colour=True).image_shape == (6, 8, 3)


def test_one_picture_in_colours_makes_all_of_them_so_unless_grey_is_asked_for(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b", channels=())
    saved(noise(9, 6, 8, 3), tmp_path / "a" / "c.png")
    assert load_images(tmp_path).image_shape == (6, 8, 3)
    assert load_images(tmp_path, colour=False).image_shape == (6, 8)


def test_a_grey_palette_is_grey_and_a_coloured_one_is_not(tmp_path: Path) -> None:
    for colours, shape in ([0, 0, 0, 9, 9, 9], (2, 2)), ([0, 0, 0, 9, 9, 8], (2, 2, 3)):
        root = tmp_path / str(len(shape))
        for i in range(4):
            picture = Image.new("P", (2, 2), 1)
            picture.putpalette(colours)
            (root / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
            picture.save(root / "ab"[i % 2] / f"{i}.png")
        assert load_images(root).image_shape == shape


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path, ending: str) -> None:
    values = np.array([[0, 256, 32768, 65535]], dtype=np.uint16)
    for i in range(4):
        path = tmp_path / "ab"[i % 2] / f"{i}.{ending}"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(values).save(path)
    assert_array_equal(load_images(tmp_path).train.X[:, 0] * 255, [0, 1, 128, 255])


def test_classes_and_files_are_sorted_naturally(tmp_path: Path) -> None:
    assert load_images(filled(tmp_path, "10", "9", "B", "a", "class 2", "class 11")).class_names == (
        *("9", "10", "a", "B"),
        *("class 2", "class 11"),
    )


@given(st.lists(st.text(max_size=6), max_size=8))
def test_any_names_have_an_order(names: list[str]) -> None:
    assert sorted(names, key=natural_order) == sorted([*names[3:], *names[:3]], key=natural_order)


def test_the_same_seed_deals_the_same_and_another_one_otherwise(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b", "c", count=20)
    called = [load_images(tmp_path, seed=seed).called for seed in (3, 3, 4)]
    first, again, other = (tuple(sorted(names[1])) for names in called if names)
    assert first == again != other


def test_a_limit_reads_as_many_of_each_class(tmp_path: Path) -> None:
    data = load_images(filled(tmp_path, "a", "b", count=9), limit=4)
    assert data.train.X.shape[1] + data.test.X.shape[1] == 8
    assert said(data, "limit") == "8 of 18 images are read: at most 4 of each class."


def test_the_source_says_how_to_read_it_again(tmp_path: Path) -> None:
    data = load_images(filled(tmp_path, "a", "b"), size="4", seed=3)
    assert data.source is not None
    again = load_images(data.source.path, **data.source.options)
    assert again.source == data.source
    assert_array_equal(again.train.X, data.train.X)
    saved(noise(77, 6, 8, 3), tmp_path / "a" / "1.png")
    changed = load_images(tmp_path, size="4", seed=3).source
    assert changed is not None
    assert changed.digest != data.source.digest


# --- parts


def test_folders_of_parts_are_the_parts(tmp_path: Path) -> None:
    for part, count in (("Train", 6), ("val", 3), ("TEST", 2)):
        filled(tmp_path / part, "a", "b", count=count)
        saved(noise(len(part) + count, 6, 8, 3), tmp_path / part / "a" / "own.png")
    data = load_images(tmp_path)
    assert data.validation is not None
    assert [part.X.shape[1] for part in (data.train, data.validation, data.test)] == [13, 7, 5]
    assert "The folders train, validation, test are the sets" in said(data, "parts")
    assert "files are in two sets" in said(data, "leak")
    standardized = data.standardized()
    assert standardized.validation is not None
    assert standardized.standardization is not None
    assert_array_equal(standardized.validation.X, standardized.standardization(data.validation.X))


def test_without_a_test_folder_validation_is_the_test_part(tmp_path: Path) -> None:
    filled(tmp_path / "train", "a", "b")
    filled(tmp_path / "valid", "a", "b", count=2)
    data = load_images(tmp_path)
    assert data.validation is None
    assert data.test.X.shape[1] == 4
    assert said(data, "parts") == "There is no test folder, so the validation folder is the test set."


def test_a_training_folder_alone_is_dealt(tmp_path: Path) -> None:
    data = load_images(filled(tmp_path / "train", "a", "b").parent, test=0.4)
    assert (data.train.X.shape[1], data.test.X.shape[1]) == (6, 4)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    assert load_images(filled(tmp_path, "train", "plane", "test")).class_names == ("plane", "test", "train")


def test_a_class_that_only_the_test_part_has_is_told(tmp_path: Path) -> None:
    filled(tmp_path / "train", "a", "b")
    filled(tmp_path / "test", "a", "b", "c")
    with pytest.raises(InputError, match="the test set has the class c, which the training set does not have"):
        load_images(tmp_path)


def test_a_class_that_the_test_part_lacks_is_said(tmp_path: Path) -> None:
    filled(tmp_path / "train", "a", "b")
    filled(tmp_path / "test", "a")
    filled(tmp_path / "more", "a")
    data = load_images(tmp_path)
    assert said(data, "absent") == "The test set has no image of the class b."
    assert said(data, "unread") == "Not read (next to the folders of the sets): more."


# --- what is said


def test_what_lies_beside_images_is_said(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    for name in ("a/notes.txt", "a/more.TXT", "b/README", "b/.DS_Store", "list.csv", "a/._1.png", "b/Thumbs.db"):
        (tmp_path / name).write_bytes(b"text")
    saved(noise(1), tmp_path / "loose.png")
    saved(noise(2), tmp_path / "a" / "deep" / "3.png")
    (tmp_path / ".git").mkdir()
    data = load_images(tmp_path)
    assert said(data, "other") == "Not read (the ending is not that of an image): .csv 1, .txt 2, no ending 1."
    assert said(data, "hidden") == "Not read (hidden): .git, a/._1.png, b/.DS_Store and 1 more."
    assert said(data, "loose") == "Not read (outside of the class folders): loose.png."
    assert said(data, "nested") == "Not read (inside a class folder): a/deep."
    assert data.train.X.shape[1] + data.test.X.shape[1] == 10


def test_copies_are_said(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    (tmp_path / "b" / "same.png").write_bytes((tmp_path / "a" / "0.png").read_bytes())
    data = load_images(tmp_path, seed=0)
    assert "One file is in two classes: a/0.png = b/same.png" in said(data, "contradiction")
    for part in ("train", "test"):
        filled(tmp_path / "parts" / part, "a", "b", count=3)
    (tmp_path / "parts" / "train" / "a" / "again.png").write_bytes((tmp_path / "a" / "0.png").read_bytes())
    data = load_images(tmp_path / "parts")
    assert "6 files are in two sets: train/a/0.png = train/a/again.png = test/a/0.png" in said(data, "leak")
    assert said(data, "duplicates") == (
        "1 file is an exact copy within the same set: train/a/0.png = train/a/again.png = test/a/0.png."
    )


def test_squeezed_and_enlarged_images_are_said(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    saved(noise(1, 3, 80, 3), tmp_path / "a" / "banner.png")
    saved(noise(2, 3, 4, 3), tmp_path / "b" / "small.png")
    data = load_images(tmp_path)
    assert said(data, "squeezed") == (
        "1 of 12 images have very different proportions and are squeezed to 8 × 6 (a/banner.png: 80 × 3)."
    )
    assert (
        said(data, "enlarged") == "1 of 12 images are smaller than 8 × 6 pixels and are enlarged (b/small.png: 4 × 3)."
    )


def test_links_inside_are_followed_and_links_out_are_not(tmp_path: Path) -> None:
    root, other = filled(tmp_path / "root", "a", "b"), filled(tmp_path / "other", "c")
    (root / "a" / "out.png").symlink_to(other / "c" / "0.png")
    (root / "c").symlink_to(other / "c", target_is_directory=True)
    (root / "a" / "in.png").symlink_to(root / "b" / "1.png")
    (root / "again").symlink_to("b", target_is_directory=True)
    (root / "b" / "round").symlink_to("..", target_is_directory=True)
    data = load_images(root)
    assert data.class_names == ("a", "again", "b")
    assert said(data, "link") == ("Not read (a link to a place outside of the folder): c, a/out.png.")
    assert said(data, "nested") == "Not read (inside a class folder): again/round, b/round."
    assert data.train.X.shape[1] + data.test.X.shape[1] == 16


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_of_any_bytes_are_shown_on_one_line(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b\nc", "猫 été")
    broken = os.fsencode(tmp_path) + b"/a/\xff\xfe.png"
    Path(os.fsdecode(broken)).write_bytes((tmp_path / "a" / "1.png").read_bytes())
    data = load_images(tmp_path)
    assert data.class_names == ("a", "b\\nc", "猫 été")
    assert "a/\\udcff\\udcfe.png" in said(data, "duplicates") + said(data, "leak")
    assert data.called is not None
    assert all(name.isprintable() and name.encode() for names in data.called for name in names.tolist())


def test_shown_leaves_printable_names_alone() -> None:
    assert printable("über/猫 1.png") == "über/猫 1.png"
    assert printable("a\r\n\x1b[31m") == "a\\r\\n\\x1b[31m"


# --- what cannot be read


def png(width: int, height: int, rows: bytes = b"", depth: int = 8, colour: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def encoded(kind: str, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(noise(0, 64, 64, 3)).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def half(kind: str) -> bytes:
    content = encoded(kind)
    return content[: len(content) // 2]


def swapped(kind: str, place: float) -> bytes:
    content = bytearray(encoded(kind))
    content[int(place * len(content)) :] = bytes(len(content) - int(place * len(content)))
    return bytes(content)


def taller(bitmap: bytes) -> bytes:
    """A BMP whose header claims 5000 rows."""
    return bitmap[:22] + struct.pack("<i", 5000) + bitmap[26:]


NO_IMAGE = "this is not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image, or its first bytes are damaged"
UNREADABLE = "cannot be read as a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image"

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", NO_IMAGE),
    "text": (lambda: b"no cat at all\n" * 9, NO_IMAGE),
    "web page": (lambda: b"<!DOCTYPE html><html>404</html>", NO_IMAGE),
    "zeros": (lambda: bytes(1000), NO_IMAGE),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", NO_IMAGE),
    "PDF": (lambda: encoded("PDF"), NO_IMAGE),
    "PPM": (lambda: encoded("PPM"), NO_IMAGE),
    "ICO": (lambda: encoded("ICO"), NO_IMAGE),
    "pickle": (lambda: b"\x80\x04N.", NO_IMAGE),
    "half a JPEG": (lambda: half("JPEG"), f"{UNREADABLE}.*truncated"),
    "half a PNG": (lambda: half("PNG"), f"{UNREADABLE}.*truncated"),
    "half a WebP": (lambda: half("WEBP"), f"{UNREADABLE}|{NO_IMAGE}"),
    "half a GIF": (lambda: half("GIF"), f"{UNREADABLE}|{NO_IMAGE}"),
    "half a BMP": (lambda: half("BMP"), f"{UNREADABLE}.*truncated"),
    "half a TIFF": (lambda: half("TIFF"), f"{UNREADABLE}|{NO_IMAGE}"),
    "first byte of a JPEG": (lambda: b"\xff", NO_IMAGE),
    "head of a JPEG": (lambda: encoded("JPEG")[:30], f"{UNREADABLE}|{NO_IMAGE}"),
    "JPEG with a PNG's tail of zeros": (lambda: swapped("PNG", 0.3), UNREADABLE),
    "no width": (lambda: png(0, 5), NO_IMAGE),
    "lies: taller than its rows": (lambda: taller(encoded("BMP")), f"{UNREADABLE}.*truncated"),
    "bomb": (lambda: png(100_000, 100_000), "claims more than 89,478,485 pixels, which is refused"),
    "largest header": (lambda: png(2**31 - 1, 2**31 - 1), "claims more than 89,478,485 pixels"),
    "just above the limit": (lambda: png(89_478_486, 1), "claims more than 89,478,485 pixels"),
    "palette without colours": (lambda: png(2, 1, b"\0\0\1", colour=3), UNREADABLE),
    "strange depth": (lambda: png(2, 1, b"\0\0\1", depth=7), f"{UNREADABLE}|{NO_IMAGE}"),
    "32-bit TIFF": (lambda: encoded("TIFF", "I"), "32 bits per pixel, and nothing shows which value is white"),
    "float TIFF": (lambda: encoded("TIFF", "F"), "32 bits per pixel, and nothing shows which value is white"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_named_with_its_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: Callable[[], bytes], words: str
) -> None:
    filled(tmp_path, "a", "b")
    (tmp_path / "b" / "bad.jpg").write_bytes(content())
    with pytest.raises(InputError, match=words) as caught:
        load_images(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}: 1 of 11 images cannot be read: b/bad.jpg (")
    assert message.endswith("; repair or remove them, or leave them out with skip_bad=True")
    assert "\n" not in message
    data = load_images(tmp_path, skip_bad=True)
    assert data.train.X.shape[1] + data.test.X.shape[1] == 10
    assert "1 of 11 images cannot be read and are left out: b/bad.jpg (" in said(data, "bad")
    assert capfd.readouterr() == ("", "")


def test_a_telephones_heic_is_a_bad_file_with_what_to_do(tmp_path: Path) -> None:
    folder = filled(tmp_path, "a", "b")
    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)
    (folder / "a" / "IMG_1.HEIC").write_bytes(content)
    with pytest.raises(InputError, match=r"1 of 11 images cannot be read: a/IMG_1\.HEIC \(is a HEIC photograph.*JPEG"):
        load_images(folder)
    assert load_images(folder, skip_bad=True).train.X.shape[1] == 8


def test_all_bad_files_are_counted_and_the_first_ten_named(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    for i in range(13):
        (tmp_path / "a" / f"x{i}.png").write_bytes(b"" if i % 2 else half("PNG"))
    with pytest.raises(InputError, match=r"13 of 23 images cannot be read: a/x0.png \(.*a/x9.png \(.* and 3 more;"):
        load_images(tmp_path)


def test_pipes_and_links_to_nowhere_are_bad_files(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    (tmp_path / "a" / "gone.png").symlink_to(tmp_path / "a" / "nowhere.png")
    (tmp_path / "b" / "round.png").symlink_to(tmp_path / "b" / "round.png")
    with pytest.raises(InputError, match="3 of 13 images") as caught:
        load_images(tmp_path)
    for words in (r"pipe.png (is a pipe", "gone.png (is a link ", "round.png (cannot be a path"):
        assert words in str(caught.value)


def test_a_class_of_bad_files_alone_is_told(tmp_path: Path) -> None:
    filled(tmp_path, "a", "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "1.png").write_bytes(b"")
    with pytest.raises(InputError, match="no image of the class c can be read"):
        load_images(tmp_path, skip_bad=True)


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


BAD_FOLDERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda root: None, "there is no such folder; wanted a folder with a folder of images for each class"),
    "a file": (lambda root: root.write_bytes(b"x"), "is a file; wanted a folder"),
    "empty": (made, "holds no class folders; wanted"),
    "images alone": (
        lambda root: saved(noise(0), root / "1.png"),
        "holds no class folders.*outside of the class folders.*1.png",
    ),
    "one class": (lambda root: filled(root, "a"), "there is only one class, 'a': wanted two or more"),
    "an empty class": (lambda root: (filled(root, "a", "b"), made(root / "c")), "no image in the class folder c"),
    "a class of text": (
        lambda root: (filled(root, "a"), made(root / "c"), (root / "c" / "a.txt").write_bytes(b"")),
        r"no image in the class folder c \(Not read \(the ending is not that of an image\): .txt 1\)",
    ),
    "a folder around": (
        lambda root: filled(root / "flowers", "a", "b"),
        r"no image in the class folder flowers \(Not read \(inside a class folder\): .*/b\).*give the folder",
    ),
    "one image of a class": (
        lambda root: (filled(root, "a"), filled(root, "b", count=1)),
        "the class b has a single image; wanted at least two, one to train on and one to test on",
    ),
    "too large a test part": (lambda root: filled(root, "a", "b", "c", count=2), "cannot be split"),
    "an empty training class": (
        lambda root: (
            filled(root / "train", "a", "b"),
            made(root / "train" / "c"),
            filled(root / "test", "a", "b"),
        ),
        "no image in the class folder c",
    ),
    "an empty training part": (
        lambda root: (made(root / "train" / "a"), filled(root / "test", "a", "b")),
        "no image in the class folder a",
    ),
}


@pytest.mark.parametrize(("make", "words"), BAD_FOLDERS.values(), ids=BAD_FOLDERS)
def test_a_folder_that_is_no_dataset_is_told(tmp_path: Path, make: Callable[[Path], Any], words: str) -> None:
    root = tmp_path / "data"
    make(root)
    with pytest.raises(InputError, match=words) as caught:
        load_images(root, test=0.9 if "split" in words else 0.2)
    assert str(caught.value).startswith(f"{root}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"test": 0}, "test=0: wanted a finite number above 0, below 1"),
        ({"test": 1.0}, "test=1.0"),
        ({"seed": -1}, "seed=-1"),
        ({"limit": 1}, "limit=1: wanted a whole number of at least 2"),
        ({"colour": "red"}, "colour='red': wanted True, False or None"),
    ],
)
def test_options_out_of_range_are_told(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_images(filled(tmp_path, "a", "b"), **options)


def test_more_than_memory_is_refused_before_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, "a", "b")
    monkeypatch.setattr(memory, "free_memory", lambda: 2 * 9.0 * 10 * 6 * 8 * 3 - 1)
    with pytest.raises(
        InputError, match=r"10 images of 8 × 6 pixels in colour: reading them takes .*a smaller size with size="
    ):
        load_images(tmp_path)
    assert load_images(tmp_path, size=3).image_shape == (3, 3, 3)
