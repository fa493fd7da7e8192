"""A user's photographs as columns: every mode and turn, and a sentence for every file that is no photograph."""

from __future__ import annotations

import gc
import io
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from command import Say
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from PIL import Image

import layerlab
from layerlab import InputError
from layerlab.datasets import load_cats, load_digits, load_photos
from layerlab.datasets.images.image_ranges import image_ranges, unlike_training_images
from layerlab.datasets.images.photos import image_header, pillow_is_quiet, pixels_to_columns, read_photo
from layerlab.runs.new_examples import read_new_examples

Bytes = NDArray[np.uint8]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def noise(height: int, width: int, *channels: int) -> Bytes:
    return np.random.RandomState(0).randint(0, 256, size=(height, width, *channels)).astype(np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes = b"", extra: bytes = b"", depth: int = 8, colour: int = 0) -> bytes:
    """A PNG written by hand: what the header claims need not be what is in the rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def saved(picture: Image.Image, path: Path, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def written(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


# --- what arrives as it was


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("png", {}), ("webp", {"lossless": True}), ("bmp", {}), ("tiff", {}), ("tiff", {"compression": "lzw"})],
)
def test_an_image_of_the_networks_size_arrives_as_it_was(tmp_path: Path, suffix: str, options: dict[str, Any]) -> None:
    pixels = noise(5, 7, 3)
    path = saved(Image.fromarray(pixels), tmp_path / f"photo.{suffix}", **options)
    assert_array_equal(load_photos([path], (5, 7, 3)), pixels.reshape(-1, 1) / 255)


def test_a_training_image_is_its_own_training_column(small_cats: Path, tmp_path: Path) -> None:
    cats = load_cats(small_cats)
    with h5py.File(small_cats / "train_catvnoncat.h5") as file:
        images = file["train_set_x"][()]
    paths = [saved(Image.fromarray(image), tmp_path / f"{i}.png") for i, image in enumerate(images)]
    assert cats.image_shape is not None
    assert_array_equal(load_photos(paths, cats.image_shape), cats.train.X)


def test_a_training_image_of_the_notes_is_its_own_training_column(cats_folder: Path, tmp_path: Path) -> None:
    cats = load_cats(cats_folder)
    image = (cats.train.X[:, 25] * 255).round().astype(np.uint8).reshape(64, 64, 3)
    path = saved(Image.fromarray(image), tmp_path / "25.png")
    assert_array_equal(load_photos([path], (64, 64, 3)), cats.train.X[:, 25:26])


def test_columns_come_in_the_order_of_the_files_as_float64(tmp_path: Path) -> None:
    paths = [saved(Image.new("RGB", (4, 4), colour), tmp_path / f"{colour}.png") for colour in (RED, GREEN, BLUE)]
    X = load_photos([str(paths[2]), paths[0], paths[1], paths[0]], (2, 2, 3))
    assert X.dtype == np.float64
    assert_array_equal(X[:3].T, np.array([BLUE, RED, GREEN, RED]) / 255)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_a_lossy_photograph_arrives_nearly_as_it_was(tmp_path: Path, suffix: str) -> None:
    path = saved(Image.new("RGB", (32, 16), (200, 100, 50)), tmp_path / f"photo.{suffix}", quality=95)
    pixels = read_photo(path, (8, 8, 3))
    assert np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 4


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    pixels = noise(3, 3, 3)
    for name in ("photo.jpg", "photo", "photo.gif"):
        path = saved(Image.fromarray(pixels), tmp_path / name, format="PNG")
        assert_array_equal(read_photo(path, (3, 3, 3)), pixels)


def test_an_animation_gives_its_first_picture(tmp_path: Path) -> None:
    red, blue = Image.new("RGB", (4, 4), RED), Image.new("RGB", (4, 4), BLUE)
    for name in ("film.png", "film.webp", "film.mpo"):
        path = saved(red, tmp_path / name, save_all=True, append_images=[blue])
        assert read_photo(path, (1, 1, 3))[0, 0].tolist() == pytest.approx(RED, abs=3), name


def test_what_telephones_write_into_a_jpg_is_read(tmp_path: Path) -> None:
    picture = Image.new("RGB", (16, 16), GREEN)
    path = saved(picture, tmp_path / "photo.jpg", format="MPO", save_all=True, append_images=[picture])
    with Image.open(path) as image:
        assert image.format == "MPO"
    assert read_photo(path, (2, 2, 3))[0, 0].tolist() == pytest.approx(GREEN, abs=3)


# --- colours, grey and transparency


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_transparent_parts_become_white(tmp_path: Path, suffix: str) -> None:
    pixels = np.array([[(255, 0, 0, 255), (255, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 51)]], dtype=np.uint8)
    path = saved(Image.fromarray(pixels), tmp_path / f"cut-out.{suffix}", lossless=True)
    assert read_photo(path, (1, 4, 3)).tolist() == [[list(RED), list(WHITE), list(WHITE), [204, 204, 204]]]
    assert read_photo(path, (1, 4)).tolist() == [[76, 255, 255, 204]]


def test_transparent_grey_becomes_white(tmp_path: Path) -> None:
    grey, opacity = (Image.fromarray(np.array([row], dtype=np.uint8)) for row in ([100, 100, 0], [255, 0, 51]))
    path = saved(Image.merge("LA", (grey, opacity)), tmp_path / "grey.png")
    assert read_photo(path, (1, 3)).tolist() == [[100, 255, 204]]
    assert read_photo(path, (1, 3, 3))[..., 2].tolist() == [[100, 255, 204]]


@pytest.mark.parametrize("transparency", [1, bytes([255, 0, 255])])
def test_a_transparent_colour_of_a_palette_becomes_white(tmp_path: Path, transparency: int | bytes) -> None:
    picture = Image.new("P", (3, 1))
    picture.putpalette([*RED, *GREEN, *BLUE])
    picture.putdata([0, 1, 2])
    path = saved(picture, tmp_path / "palette.png", transparency=transparency)
    assert read_photo(path, (1, 3, 3)).tolist() == [[list(RED), list(WHITE), list(BLUE)]]


def test_a_palette_without_transparency_keeps_its_colours(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([*BLUE, *GREEN])
    picture.putdata([0, 1])
    assert read_photo(saved(picture, tmp_path / "palette.png"), (1, 2, 3)).tolist() == [[list(BLUE), list(GREEN)]]


@pytest.mark.parametrize(
    ("colour", "depth", "row", "transparent"),
    [
        (0, 1, b"\x40", struct.pack(">H", 0)),  # two pixels of one bit: 0 and 1
        (0, 8, bytes([7, 255]), struct.pack(">H", 7)),
        (0, 16, struct.pack(">2H", 0x8001, 0xFFFF), struct.pack(">H", 0x8001)),
        (2, 8, bytes([1, 2, 3, *WHITE]), struct.pack(">3H", 1, 2, 3)),
    ],
)
def test_the_one_transparent_value_of_a_png_becomes_white(
    tmp_path: Path, colour: int, depth: int, row: bytes, transparent: bytes
) -> None:
    content = png(2, 1, b"\0" + row, chunk(b"tRNS", transparent), depth, colour)
    path = written(content, tmp_path / "photo.png")
    assert read_photo(path, (1, 2, 3)).tolist() == [[list(WHITE), list(WHITE)]]
    assert read_photo(path, (1, 2)).tolist() == [[255, 255]]


def test_a_transparent_value_whitens_nothing_else(tmp_path: Path) -> None:
    content = png(2, 1, b"\0" + struct.pack(">2H", 0x8000, 0x8001), chunk(b"tRNS", struct.pack(">H", 0x8001)), 16)
    assert read_photo(written(content, tmp_path / "photo.png"), (1, 2)).tolist() == [[128, 255]]


def test_grey_photographs_serve_networks_of_colours(tmp_path: Path) -> None:
    pixels = noise(4, 4)
    path = saved(Image.fromarray(pixels), tmp_path / "grey.png")
    assert_array_equal(read_photo(path, (4, 4, 3)), np.stack([pixels] * 3, axis=-1))


def test_colours_serve_grey_networks_by_their_lightness(tmp_path: Path) -> None:
    pixels = np.array([[RED, GREEN, BLUE, WHITE]], dtype=np.uint8)
    path = saved(Image.fromarray(pixels), tmp_path / "colours.png")
    assert read_photo(path, (1, 4)).tolist() == [[76, 150, 29, 255]]  # ITU-R 601: 0.299 R + 0.587 G + 0.114 B


def test_grey_networks_get_one_row_a_pixel(tmp_path: Path) -> None:
    paths = [
        saved(Image.fromarray(noise(20, 30, 3)), tmp_path / "a.png"),
        saved(Image.new("L", (8, 8)), tmp_path / "b.png"),
    ]
    X = load_photos(paths, (8, 8))
    assert X.shape == (64, 2)
    assert X[:, 0].max() > 0
    assert X[:, 1].max() == 0


def test_black_and_white_is_0_and_255(tmp_path: Path) -> None:
    picture = Image.fromarray(np.array([[True, False], [False, True]]))
    assert picture.mode == "1"
    path = saved(picture, tmp_path / "fax.png")
    assert read_photo(path, (2, 2)).tolist() == [[255, 0], [0, 255]]
    assert read_photo(path, (2, 2, 3))[0].tolist() == [[255, 255, 255], [0, 0, 0]]


def test_a_photograph_in_printers_colours_is_read(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # magenta and yellow: red
    path = saved(picture, tmp_path / "print.jpg", quality=95)
    with Image.open(path) as image:
        assert image.mode == "CMYK"
    assert read_photo(path, (2, 2, 3))[1, 1].tolist() == pytest.approx(RED, abs=4)


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], dtype=np.uint16)
    path = saved(Image.fromarray(values), tmp_path / "deep.png")
    assert read_photo(path, (1, 5)).tolist() == [[0, 0, 1, 128, 255]]
    assert read_photo(path, (1, 5, 3))[..., 1].tolist() == [[0, 0, 1, 128, 255]]


# --- turns and sizes

F_SHAPE = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0]], dtype=np.uint8)  # looks other in each of eight turns

# how a camera stored the picture: the tag's number, and what makes the stored pixels from those that the eye saw
STORED_AS: dict[int, Callable[[Bytes], Bytes]] = {
    1: lambda seen: seen,
    2: lambda seen: seen[:, ::-1],  # mirrored
    3: lambda seen: seen[::-1, ::-1],  # upside down
    4: lambda seen: seen[::-1],
    5: lambda seen: seen.T,
    6: lambda seen: np.rot90(seen, 1),  # the camera held so that the picture must be turned clockwise
    7: lambda seen: seen[::-1, ::-1].T,
    8: lambda seen: np.rot90(seen, -1),
    9: lambda seen: seen,  # no such turn
}


TIFF_PACKED = ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")

WRITTEN_AS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("jpg", {"quality": 100}),
    "progressive JPEG": ("jpg", {"quality": 100, "progressive": True}),
    "MPO": ("mpo", {"quality": 100, "save_all": True}),
    "PNG": ("png", {}),
    "WebP": ("webp", {"lossless": True}),
    "AVIF": ("avif", {"quality": 100}),
    "TIFF": ("tiff", {}),
    "TIFF of two pages": ("tiff", {"save_all": True, "append_images": [Image.new("RGB", (5, 4))]}),
    **{f"TIFF by {packing}": ("tiff", {"compression": packing}) for packing in TIFF_PACKED},
}


def tag(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def as_stored(orientation: int, mode: str = "RGB") -> Image.Image:
    """The letter F, 48 wide and 64 high when it is upright, as a camera with that tag stores it."""
    seen = np.kron(F_SHAPE, np.full((16, 16), 255, dtype=np.uint8))
    stored = Image.fromarray(np.ascontiguousarray(STORED_AS[orientation](seen)))
    if mode == "I;16":
        return Image.fromarray(np.asarray(stored).astype(np.uint16) * 257)
    if mode == "P":
        palette = Image.frombytes("P", stored.size, stored.point(lambda value: value // 255).tobytes())
        palette.putpalette([0, 0, 0, 255, 255, 255])
        return palette
    return stored.convert("RGB").convert(mode)


def check_upright(path: Path) -> None:
    with pillow_is_quiet():
        header = image_header(path)
    assert (header.height, header.width) == (64, 48)
    for shape in ((64, 48, 3), (64, 48)):
        pixels = read_photo(path, shape).reshape(64, 48, -1)
        assert_array_equal(pixels[8::16, 8::16, 0] > 127, F_SHAPE == 1)


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize(("suffix", "options"), WRITTEN_AS.values(), ids=WRITTEN_AS)
def test_a_turned_photograph_is_set_upright(
    tmp_path: Path, suffix: str, options: dict[str, Any], orientation: int
) -> None:
    if orientation > 8 and "compression" in options:
        return  # libtiff writes no such tag
    check_upright(saved(as_stored(orientation), tmp_path / f"photo.{suffix}", exif=tag(orientation), **options))


@pytest.mark.parametrize("orientation", [1, 4, 6, 7])
@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16", "CMYK"])
@pytest.mark.parametrize("suffix", ["png", "tiff", "webp", "jpg"])
def test_a_turned_photograph_of_any_colours_is_set_upright(
    tmp_path: Path, suffix: str, mode: str, orientation: int
) -> None:
    if (suffix, mode) in {("png", "CMYK"), *(("jpg", other) for other in ("LA", "RGBA", "P", "I;16"))}:
        return  # the format has no such images
    check_upright(saved(as_stored(orientation, mode), tmp_path / f"photo.{suffix}", exif=tag(orientation)))


@pytest.mark.parametrize("orientation", [1, 4, 6, 7])
@pytest.mark.parametrize("suffix", ["jpg", "webp", "tiff", "avif"])
def test_the_turn_may_stand_in_the_xmp_block_alone(tmp_path: Path, suffix: str, orientation: int) -> None:
    words = f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/>'
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{words}</x:xmpmeta>'.encode()
    given: dict[str, Any] = {"tiffinfo": {700: xmp}} if suffix == "tiff" else {"xmp": xmp}
    check_upright(saved(as_stored(orientation), tmp_path / f"photo.{suffix}", quality=100, **given))


def test_a_png_may_say_its_turn_behind_the_pixels(tmp_path: Path) -> None:
    content = io.BytesIO()
    as_stored(6).save(content, "PNG")
    pixels, end = content.getvalue()[:-12], content.getvalue()[-12:]
    behind = chunk(b"eXIf", tag(6).tobytes().removeprefix(b"Exif\0\0"))
    check_upright(written(pixels + behind + end, tmp_path / "photo.png"))


def test_the_colours_of_a_turned_photograph_end_where_they_should(tmp_path: Path) -> None:
    stored = Image.new("RGB", (64, 32), RED)  # the left half red, the right half blue
    stored.paste(BLUE, (32, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: left comes to the top
    path = saved(stored, tmp_path / "photo.jpg", quality=95, exif=exif)
    upright = read_photo(path, (64, 32, 3))
    assert upright[10, 16].tolist() == pytest.approx(RED, abs=6)
    assert upright[54, 16].tolist() == pytest.approx(BLUE, abs=6)


def test_transparency_and_sixteen_bits_survive_a_turn(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    deep = saved(Image.fromarray(np.array([[0x8000, 0xFFFF]], dtype=np.uint16)), tmp_path / "deep.png", exif=exif)
    assert read_photo(deep, (1, 2)).tolist() == [[255, 128]]
    clear = Image.fromarray(np.array([[(9, 9, 9, 255), (9, 9, 9, 0)]], dtype=np.uint8))
    assert read_photo(saved(clear, tmp_path / "clear.png", exif=exif), (1, 2)).tolist() == [[255, 9]]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("kept", [slice(0, 16), slice(0, 6)])
def test_damaged_exif_does_not_keep_a_photograph_out(tmp_path: Path, suffix: str, kept: slice) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    content = exif.tobytes()[kept] + b"??"
    path = saved(Image.new("RGB", (16, 16), GREEN), tmp_path / f"photo.{suffix}", exif=content, quality=95)
    assert read_photo(path, (1, 1, 3))[0, 0].tolist() == pytest.approx(GREEN, abs=4)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_exif_that_cannot_be_written_again_turns_a_photograph_all_the_same(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = 3, 72.0
    content = bytearray(exif.tobytes())
    content[content.index(b"\x01\x1a") + 3] = 1  # the resolution, a fraction, now typed as a byte
    stored = Image.new("RGB", (32, 16), RED)
    stored.paste(BLUE, (16, 0, 32, 16))
    path = saved(stored, tmp_path / f"photo.{suffix}", exif=bytes(content), quality=95)
    assert read_photo(path, (8, 16, 3))[4, 2].tolist() == pytest.approx(BLUE, abs=6)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 500), (2000, 30), (1, 900), (64, 64)])
def test_any_size_is_squeezed_to_the_networks(tmp_path: Path, width: int, height: int) -> None:
    path = saved(Image.new("RGB", (width, height), (10, 20, 30)), tmp_path / "photo.png")
    assert_array_equal(load_photos([path], (64, 48, 3)), np.tile([[10], [20], [30]], (64 * 48, 1)) / 255)


def test_nothing_is_cropped(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 100), RED)
    picture.paste(BLUE, (200, 0, 400, 100))
    pixels = read_photo(saved(picture, tmp_path / "wide.png"), (4, 4, 3))
    assert_array_equal(pixels[:, 0], np.tile(RED, (4, 1)))
    assert_array_equal(pixels[:, 3], np.tile(BLUE, (4, 1)))


@pytest.mark.parametrize("name", ["my_image.jpg", "cat_in_iran.jpg", "la_defense.jpg"])
def test_real_photographs_are_read(cats_folder: Path, name: str) -> None:
    path = cats_folder / "images" / name
    if not path.is_file():
        pytest.skip("the photographs are not beside the cat files")
    X = load_photos([path], (64, 64, 3))
    assert X.shape == (12288, 1)
    assert 0 <= X.min() < 0.5 < X.max() <= 1
    with Image.open(path) as image:  # the mean colour of an upright photograph does not depend on its size
        assert X.reshape(-1, 3).mean(axis=0) == pytest.approx(np.asarray(image).mean(axis=(0, 1)) / 255, abs=0.01)


def test_a_stack_of_images_becomes_columns_of_whole_images() -> None:
    images = noise(6, 4, 5, 3)
    columns = pixels_to_columns(images)
    assert columns.shape == (60, 6)
    assert columns.dtype == np.float64
    for i in range(6):
        assert_array_equal(columns[:, i], images[i].ravel() / 255)


# --- photographs unlike all that were trained on


def test_honest_photographs_are_hardly_ever_called_unlike(cats_folder: Path) -> None:
    for data in (load_cats(cats_folder), load_digits()):
        assert data.image_ranges is not None
        assert data.image_shape is not None
        found = unlike_training_images(data.image_ranges, data.test.X, data.image_shape)
        assert len(found) <= 0.02 * data.test.X.shape[1]
    X, false, others = load_cats(cats_folder).train.X, 0, 0
    for seed in range(30):
        places = np.random.RandomState(seed).permutation(X.shape[1])
        ranges = image_ranges(X[:, places[:50]], (64, 64, 3), None)
        false += len(unlike_training_images(ranges, X[:, places[50:]], (64, 64, 3)))
        others += X.shape[1] - 50
    assert false <= 0.02 * others


def test_what_is_no_such_photograph_is_called_unlike(cats_folder: Path, tmp_path: Path) -> None:
    cats = load_cats(cats_folder)
    run = layerlab.train(layerlab.Network((12288, 1)), cats, learning_rate=0.005, iterations=3, advice=False)
    run = layerlab.load(run.save(tmp_path / "run"))
    cat = Image.fromarray((cats.test.X[:, 0] * 255).round().astype(np.uint8).reshape(64, 64, 3))
    pictures = {
        "white": (Image.new("RGB", (300, 300), WHITE), "brightness 1.00, in training 0.05 to 0.68; contrast 0.00"),
        "black": (Image.new("RGB", (300, 300)), "brightness 0.00, in training 0.05 to 0.68; contrast 0.00"),
        "noise": (Image.fromarray(noise(64, 64, 3)), r"detail 0.\d+, in training 0.01 to 0.11"),
        "wide": (cat.resize((900, 100)), "width / height 9, in training 1, so it is squeezed"),
    }
    for name, (picture, words) in pictures.items():
        (notice,) = read_new_examples(run, [saved(picture, tmp_path / f"{name}.png")]).notices
        assert re.search(f"1 image is unlike all training images.*{name}.png.*{words}", notice.what)
    for like in (cat, cat.resize((128, 96))):
        assert not read_new_examples(run, [saved(like, tmp_path / "cat.png")]).notices
    assert not read_new_examples(replace(run, image_ranges=None), [tmp_path / "white.png"]).notices  # a run of before


def test_explain_says_that_a_photograph_is_unlike(say: Say, tmp_path: Path) -> None:
    for i, name in enumerate("ab" * 20):
        (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
        saved(Image.fromarray(noise(8, 8, 3) // (1 + i % 2) + i), tmp_path / "photos" / name / f"{i}.png")
    assert say("train", "photos", "--layers", "none", "--out", "run").status == 0
    saved(Image.new("RGB", (90, 10), WHITE), tmp_path / "page.png")
    for command in (("predict", "run", "page.png"), ("explain", "run", "page.png")):
        said = say(*command)
        assert said.status == 0, said.err
        assert "page.png (brightness 1.00" in said.words
        assert "width / height 9, in training 1, so it is squeezed" in said.words


# --- what is no photograph


def jpeg_bytes() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(noise(64, 64, 3)).save(buffer, "JPEG")
    return buffer.getvalue()


def in_format(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(noise(64, 64, 3)).save(buffer, kind)
    return buffer.getvalue()


def zipped_text(kind: bytes) -> bytes:
    """A PNG whose comment of a few kilobytes unpacks to megabytes."""
    flags = b"k\0\0" if kind == b"zTXt" else b"k\0\1\0\0\0"
    return png(1, 1, b"\0\0", chunk(kind, flags + zlib.compress(b"x" * 5_000_000)))


NOT_AN_IMAGE = "this is not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image"
TOO_LARGE = "the image claims more than 89,478,485 pixels"
UNREADABLE = "cannot be read as a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF image"

BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", NOT_AN_IMAGE),
    "text": (lambda: b"this is a cat\n" * 99, NOT_AN_IMAGE),
    "half a GIF": (lambda: in_format("GIF")[: len(in_format("GIF")) // 2], f"{UNREADABLE}|{NOT_AN_IMAGE}"),
    "half a BMP": (lambda: in_format("BMP")[: len(in_format("BMP")) // 2], f"{UNREADABLE}|{NOT_AN_IMAGE}"),
    "half a TIFF": (lambda: in_format("TIFF")[: len(in_format("TIFF")) // 2], f"{UNREADABLE}|{NOT_AN_IMAGE}"),
    "the first bytes of a JPEG": (lambda: jpeg_bytes()[:100], UNREADABLE),
    "the first bytes of a PNG": (lambda: in_format("PNG")[:20], UNREADABLE),
    "the header of a PNG": (lambda: in_format("PNG")[:33], NOT_AN_IMAGE),
    "half a JPEG": (lambda: jpeg_bytes()[: len(jpeg_bytes()) // 2], f"{UNREADABLE}.*truncated"),
    "half a PNG": (lambda: in_format("PNG")[: len(in_format("PNG")) // 2], f"{UNREADABLE}.*truncated"),
    "half a WebP": (lambda: in_format("WEBP")[: len(in_format("WEBP")) // 2], f"{UNREADABLE}|{NOT_AN_IMAGE}"),
    "no width": (lambda: png(0, 5), NOT_AN_IMAGE),
    "no height": (lambda: png(5, 0), NOT_AN_IMAGE),
    "palette without colours": (lambda: png(2, 1, b"\0\0\1", colour=3), UNREADABLE),
    "decompression bomb": (lambda: png(100_000, 100_000), TOO_LARGE),
    "largest header": (lambda: png(2**31 - 1, 2**31 - 1), TOO_LARGE),
    "just above the limit": (lambda: png(89_478_486, 1), TOO_LARGE),
    "compressed comment": (lambda: zipped_text(b"zTXt"), UNREADABLE),
    "compressed international comment": (lambda: zipped_text(b"iTXt"), UNREADABLE),
}


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_photograph_is_told(
    tmp_path: Path, content: Callable[[], bytes], words: str, suffix: str
) -> None:
    path = written(content(), tmp_path / f"photo.{suffix}")
    with pytest.raises(InputError, match=words) as caught:
        load_photos([path], (8, 8, 3))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert "()" not in str(caught.value)
    del caught
    gc.collect(1)  # a file left open warns here, and a warning is an error


@pytest.mark.parametrize("brands", [b"heic\0\0\0\0mif1heic", b"mif1\0\0\0\0mif1heix", b"hevc\0\0\0\0"])
def test_a_telephones_heic_is_told_with_what_to_do(tmp_path: Path, brands: bytes) -> None:
    content = struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(range(256)) * 9
    path = written(content, tmp_path / "IMG_0001.HEIC")
    with pytest.raises(InputError, match=r"IMG_0001\.HEIC: is a HEIC photograph.*convert it to JPEG"):
        load_photos([path], (8, 8, 3))


def test_an_avif_is_not_taken_for_a_heic(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (8, 8), BLUE), tmp_path / "photo.avif", quality=100)
    content = path.read_bytes().replace(b"ftypavif", b"ftypmif1", 1)  # the brands that follow say avif all the same
    for some in (path, written(content, tmp_path / "other.avif")):
        assert read_photo(some, (1, 1, 3))[0, 0].tolist() == pytest.approx(BLUE, abs=4)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jpg: there is no such file; wanted a file that can be read"):
        load_photos([tmp_path / "nowhere.jpg"], (8, 8, 3))


@pytest.mark.parametrize("name", ["", "x" * 5000 + ".jpg", "a\0b.jpg"])
def test_a_name_that_can_be_no_file_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"is a folder|cannot be a path"):
        load_photos([f"{tmp_path}/{name}"], (8, 8, 3))


def test_a_folder_is_no_photograph(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; wanted a file") as caught:
        load_photos([tmp_path], (8, 8, 3))
    assert str(caught.value).startswith(f"{tmp_path}: ")


def test_the_bad_one_of_several_is_named(tmp_path: Path) -> None:
    good = saved(Image.new("RGB", (4, 4)), tmp_path / "good.png")
    bad = written(b"cat", tmp_path / "bad.png")
    with pytest.raises(InputError, match=f"^{bad}: "):
        load_photos([good, bad, good], (2, 2, 3))


@pytest.mark.parametrize("paths", [[], (), "cat.jpg", Path("cat.jpg")])
def test_photographs_come_as_a_list(paths: Any) -> None:
    with pytest.raises(InputError, match="wanted a list of one or more files"):
        load_photos(paths, (8, 8, 3))


@pytest.mark.parametrize("shape", [(), (8,), (8, 8, 1), (8, 8, 4), (8, 8, 3, 1), (0, 8, 3), (8, -1)])
def test_images_of_other_shapes_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = saved(Image.new("RGB", (4, 4)), tmp_path / "photo.png")
    with pytest.raises(InputError, match=r"wanted \(height, width\) or \(height, width, 3\)"):
        load_photos([path], shape)


def test_files_are_closed_and_the_warnings_filter_is_as_before(tmp_path: Path) -> None:
    paths = [saved(Image.fromarray(noise(4, 4, 3)), tmp_path / f"photo.{suffix}") for suffix in ("jpg", "png", "webp")]
    before = list(warnings.filters)
    load_photos(paths, (2, 2, 3))
    assert list(warnings.filters) == before
    gc.collect(1)  # a file left open warns here, and a warning is an error


def test_the_largest_photograph_below_the_limit_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 64)
    path = saved(Image.new("RGB", (8, 8), BLUE), tmp_path / "photo.png")
    assert read_photo(path, (1, 1, 3)).tolist() == [[list(BLUE)]]
    path = saved(Image.new("RGB", (13, 5), BLUE), tmp_path / "photo.png")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a user's filters say does not matter
        with pytest.raises(InputError, match=r"claims more than 64 pixels"):
            read_photo(path, (1, 1, 3))
