"""A corpus of bad inputs: what a user may hand to the command line by mistake, or out of malice.

Each is a function that writes files into the working folder, with the command that reads them and words that the
refusal has to say. ``test_bad_files.py`` runs them all.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import polars as pl
from PIL import Image
from scipy.sparse import csc_array


class Bad(NamedTuple):
    """A bad input.

    Attributes:
        name: of the case.
        make: writes it into the working folder.
        command: what reads it, in words.
        words: that the refusal says, each of them.
    """

    name: str
    make: Callable[[], Any]
    command: list[str]
    words: tuple[str, ...]


CORPUS: list[Bad] = []
TABLE = "a,b,y\n" + "".join(f"{k},{k * k % 7},{k % 2}\n" for k in range(1, 41))
"""A good table of 40 rows."""


def bad(command: str, *words: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Adds a function that makes a bad input to the corpus."""

    def add(make: Callable[[], Any]) -> Callable[[], Any]:
        CORPUS.append(Bad(make.__name__, make, command.split(), words))
        return make

    return add


def text(name: str, content: str | bytes, *words: str, file: str = "t.csv", options: str = "--target y") -> None:
    """Adds a table of text to the corpus."""
    data = content.encode() if isinstance(content, str) else content
    command = ["train", file, *options.split()]
    CORPUS.append(Bad(name, lambda: Path(file).write_bytes(data), command, words))


def rows(of: Callable[[int], Any], count: int = 40) -> str:
    """Lines of a table."""
    return "".join(f"{of(k)}\n" for k in range(1, count + 1))


def good_frame() -> pl.DataFrame:
    """The good table with types."""
    return pl.read_csv(io.BytesIO(TABLE.encode()))


# Text in columns: its shape.
text("cut_in_a_quotation", TABLE + '41,"4', "t.csv, row 41", "quotation mark")
text("quotation_inside_a_field", TABLE + 'a"b,1,1\n', "t.csv, row 41", "quotation mark")
text("ragged_row_too_short", TABLE + "41,2\n", "t.csv, row 41: has 2 fields; wanted 3")
text("ragged_row_too_long", TABLE + "41,2,1,9\n", "t.csv, row 41: has 4 fields; wanted 3")
text("double_names", "a,a,y\n" + rows(lambda k: f"{k},{k},{k % 2}"), "columns 1 and 2 are both called 'a'")
text("names_equal_but_for_spaces", "y , y,b\n" + rows(lambda k: f"{k},{k},{k}"), "columns 1 and 2 are both called 'y'")
text("empty_name", "a,,y\n" + rows(lambda k: f"{k},{k},{k % 2}"), "t.csv: column 2 of 3 has no name")
text(
    "no_names",
    rows(lambda k: f"{k}.5,{k + 1},{k % 2 + 7}"),
    "t.csv: the first line",
    "holds numbers",
    options="--target 1",
)
text("empty_file", "", "t.csv: is empty")
text("one_line_end", "\n", "t.csv: has only blank lines")
text("byte_order_mark_only", b"\xef\xbb\xbf", "t.csv")
text("byte_order_mark_of_utf16_only", b"\xff\xfe", "t.csv")
text("separators_only", ",,\n,,\n", "t.csv: column 1 of 3 has no name")
text("header_only", "a,b,y\n", "t.csv: has a line of names ('a', 'b', 'y') and no row")
text("header_only_without_line_end", "a,b,y", "t.csv: has a line of names ('a', 'b', 'y') and no row")
text("one_row", "a,b,y\n1,2,3\n", "t.csv", "y")
text("one_column", "y\n1\n2\n3\n4\n", "t.csv", "'y'")
text("not_utf8", TABLE.replace("40,", "\xe9,").encode("latin-1"), "t.csv, row 40", "byte 0xe9 is not UTF-8")
text("wrong_encoding_said", TABLE.encode() + b"\xff,1,1\n", "t.csv", "ascii", options="--target y --encoding ascii")
text("encoding_that_is_none", TABLE, "'morse': no such encoding", options="--target y --encoding morse")
text("encoding_of_bytes", TABLE, "'hex': no such encoding", options="--target y --encoding hex")
text("cut_utf16", TABLE.encode("utf-16")[:-1], "t.csv")
text("zero_byte_in_a_cell", TABLE + "4\0,1,1\n", "t.csv, row 41", "a zero byte")
text("zeros_only", b"\0" * 1000, "t.csv", "a zero byte")
text("old_line_ends_and_ragged", TABLE.replace("\n", "\r") + "41,2\r", "t.csv, row 41: has 2 fields")
text("parquet_called_csv", b"PAR1" + b"\x15" * 50, "t.csv: contains Parquet and ends in '.csv'")
text("pdf_called_csv", b"%PDF-1.4\n%\xe2", "t.csv: contains PDF and ends in '.csv'")
text("web_page_called_csv", "<!DOCTYPE html>\n<html><body>404, not found</body></html>\n", "t.csv")
text("json_as_table", '[{"a": 1}]', "t.json", file="t.json")
text("no_ending", TABLE, "table", file="table")

# Text in columns: its values.
text("all_missing", "a,b,y\n" + rows(lambda _: "NA,NA,NA"), "t.csv, column 'y': no row has a value")
text("target_missing_everywhere", "a,b,y\n" + rows(lambda k: f"{k},{k * k},"), "t.csv, column 'y': no row has a value")
text("features_missing_everywhere", "a,b,y\n" + rows(lambda k: f",,{k % 2}"), "t.csv: no column is left")
text("single_class", "a,b,y\n" + rows(lambda k: f"{k},{k},yes"), "t.csv, column 'y': has the value 'yes' in every row")
text(
    "constant_value", "a,b,y\n" + rows(lambda k: f"{k},{k},3.5"), "t.csv, column 'y': has the value '3.5' in every row"
)
text(
    "class_of_one_row",
    "a,y\n" + rows(lambda k: f"{k % 7},{'c' if k == 7 else 'ab'[k % 2]}"),
    "t.csv, row 7, column 'y'",
    "'c'",
)
text("class_for_each_row", "a,y\n" + rows(lambda k: f"{k},name{k}"), "t.csv, column 'y': has a different word in each")
text("dates_as_target", "a,y\n" + rows(lambda k: f"{k % 7},2024-01-{k % 28 + 1:02}"), "t.csv, column 'y': holds dates")
text(
    "target_too_large",
    "a,y\n" + rows(lambda k: f"{k % 7},{'1e308' if k == 5 else k}.5".replace("1e308.5", "1e308")),
    "t.csv, row 5, column 'y': 1e+308 is too large",
)
text("infinite_target", "a,y\n" + rows(lambda k: f"{k % 7},inf"), "t.csv, column 'y'")
text("words_as_numbers", "a,b,y\n" + rows(lambda k: f"x,{k},{k % 2}"), "column 'a': no cell is a number",
     options="--target y --numbers a")  # fmt: skip
text("unknown_target", TABLE, "t.csv", "'z'", options="--target z")
text("line_of_json_broken", '{"a":1,"y":2}\n{"a":2,"y":\n', "t.jsonl, row 2: is not JSON", file="t.jsonl")
NESTED = '{"a":{"b":1},"y":2}\n{"a":{"b":1},"y":3}\n' * 30
text("nested_json", NESTED, "t.jsonl", "no column is left to predict 'y' from", "'a'", file="t.jsonl")
text("numbers_as_json", "1\n2\n", "t.jsonl, row 1: is a number", file="t.jsonl")
text("blank_json", "\n\n \n", "t.jsonl", "blank lines", file="t.jsonl")
text("lists_as_json", "[1,2]\n[3,4]\n", "t.jsonl, row 1", file="t.jsonl")
text("json_of_not_utf8", b'{"a":"\xe9","y":1}\n' * 9, "t.jsonl", file="t.jsonl")
text("json_with_a_key_twice", '{"a":1,"a":2,"y":2}\n' * 9, "t.jsonl", "both called 'a'", file="t.jsonl")
text("nan_in_json", '{"a":1,"y":2}\n{"a":NaN,"y":1}\n' * 9, "t.jsonl, row 2: is not JSON (NaN", file="t.jsonl")
text("json_without_fields", "{}\n{}\n", "t.jsonl", file="t.jsonl")
text("text_called_parquet", TABLE, "t.parquet: cannot be read as Parquet", file="t.parquet")
text("text_called_arrow", TABLE, "t.arrow: cannot be read as Arrow", file="t.arrow")
text("text_called_npy", TABLE, "t.npy: cannot be read as a .npy file", file="t.npy", options="")
text("text_called_npz", TABLE, "t.npz: cannot be read as a .npz file", file="t.npz", options="")
text("text_called_hdf5", TABLE, "t.h5: cannot be read as an HDF5 file", file="t.h5", options="")
text("text_called_matlab", TABLE, "t.mat: cannot be read as", file="t.mat", options="")


# Typed tables.
@bad("train t.parquet --target y", "t.parquet: cannot be read as Parquet")
def cut_parquet() -> None:
    good_frame().write_parquet("t.parquet")
    Path("t.parquet").write_bytes(Path("t.parquet").read_bytes()[:-20])


@bad("train t.parquet --target y", "t.parquet: cannot be read as Parquet")
def damaged_parquet() -> None:
    good_frame().write_parquet("t.parquet", compression="uncompressed")
    data = bytearray(Path("t.parquet").read_bytes())
    data[4:40] = b"\xff" * 36
    Path("t.parquet").write_bytes(data)


@bad("train t.parquet --target y --memory 16", "t.parquet: cannot be read")
def cut_parquet_streamed() -> None:
    cut_parquet()


@bad("train t.parquet --target y --memory 16", "t.parquet")
def damaged_parquet_streamed() -> None:
    damaged_parquet()


@bad("train t.arrow --target y", "t.arrow: cannot be read as Arrow")
def cut_arrow() -> None:
    good_frame().write_ipc("t.arrow")
    Path("t.arrow").write_bytes(Path("t.arrow").read_bytes()[:-20])


@bad("train t.arrow --target y", "t.arrow")
def cut_arrow_stream() -> None:
    stream = io.BytesIO()
    good_frame().write_ipc_stream(stream)
    Path("t.arrow").write_bytes(stream.getvalue()[:200])


@bad("train t.parquet --target y", "t.parquet, column 'y': holds lists")
def nested_target() -> None:
    good_frame().with_columns(pl.concat_list("a", "b").alias("y")).write_parquet("t.parquet")


@bad("train t.parquet --target y --memory 16", "t.parquet, column 'y': holds lists")
def nested_target_streamed() -> None:
    nested_target()


@bad("train t.parquet --target y", "t.parquet: no column is left", "binary")
def binary_features() -> None:
    frame = pl.DataFrame({"a": [b"\xff\x00"] * 40, "y": [0, 1] * 20})
    frame.write_parquet("t.parquet")


@bad("train t.parquet --target y", "t.parquet", "'a'")
def parquet_with_a_name_twice() -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    pq.write_table(pa.table([[1, 2], [3, 4], [0, 1]], names=["a", "a", "y"]), "t.parquet")


@bad("train t.parquet --target y", "t.parquet: has no rows")
def parquet_without_rows() -> None:
    good_frame().clear().write_parquet("t.parquet")


@bad("train t.parquet --target y --memory 16", "t.parquet")
def parquet_without_rows_streamed() -> None:
    parquet_without_rows()


@bad("train t.parquet --target y --memory 16", "t.parquet", "'y'")
def target_missing_everywhere_streamed() -> None:
    good_frame().with_columns(pl.lit(None, pl.Float64).alias("y")).write_parquet("t.parquet")


@bad("train t.parquet --target y --leave-out y --memory 16", "--leave-out 'y': is the target")
def target_left_out_streamed() -> None:
    good_frame().write_parquet("t.parquet")


@bad("train t.parquet --target y --memory 16", "t.parquet", "y")
def single_class_streamed() -> None:
    good_frame().with_columns(pl.lit("yes").alias("y")).write_parquet("t.parquet")


# Packed files.
def packed(name: str, ending: str, data: bytes, *words: str) -> None:
    text(name, data, *words, file=f"t.csv.{ending}")


packed("cut_gzip", "gz", gzip.compress(TABLE.encode())[:-9], "t.csv.gz: cannot be unpacked as gzip")
packed("cut_bzip2", "bz2", bz2.compress(TABLE.encode())[:-9], "t.csv.bz2: cannot be unpacked as bzip2")
packed("cut_xz", "xz", lzma.compress(TABLE.encode())[:-9], "t.csv.xz: cannot be unpacked as xz")
packed("gzip_without_content", "gz", gzip.compress(b""), "t.csv.gz")
packed("gzip_of_gzip", "gz", gzip.compress(gzip.compress(TABLE.encode())), "t.csv.gz", "twice")
packed("wrong_checksum", "gz", gzip.compress(TABLE.encode())[:-8] + b"\0" * 8, "t.csv.gz: cannot be unpacked")
packed("packed_by_zstd", "zst", b"\x28\xb5\x2f\xfd" + b"\0" * 20, "t.csv.zst: is compressed by zstd")


@bad("train t.csv.gz --target y", "t.csv.gz: its")
def gzip_bomb() -> None:
    with gzip.open("t.csv.gz", "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(b"0" * 1_000_000)


@bad("train t.csv.bz2 --target y", "t.csv.bz2: its")
def bzip2_bomb() -> None:
    with bz2.open("t.csv.bz2", "wb") as file:
        for _ in range(200):
            file.write(b"0" * 1_000_000)


def zipped(members: dict[str, bytes], name: str = "t.zip") -> None:
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)


@bad("train t.csv.zip --target y", "t.csv.zip: its")
def zip_bomb() -> None:
    zipped({"t.csv": b"0" * 200_000_000}, "t.csv.zip")


@bad("train t.csv.zip --target y", "t.csv.zip: holds 'a.csv', 'b.csv'")
def zip_of_two() -> None:
    zipped({"a.csv": TABLE.encode(), "b.csv": TABLE.encode()}, "t.csv.zip")


@bad("train t.csv.zip --target y", "t.csv.zip: holds nothing")
def zip_of_none() -> None:
    zipped({}, "t.csv.zip")


@bad("train t.csv.zip --target y", "t.csv.zip: is locked with a password")
def locked_zip() -> None:
    zipped({"t.csv": TABLE.encode()}, "t.csv.zip")
    data = bytearray(Path("t.csv.zip").read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    Path("t.csv.zip").write_bytes(data)


@bad("train t.csv.zip --target y", "t.csv.zip")
def zip_with_a_script() -> None:
    zipped({"../../etc/run.sh": b"rm -rf /"}, "t.csv.zip")


@bad("train t.xlsx --target y", "t.xlsx")
def spreadsheet() -> None:
    zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}, "t.xlsx")


@bad("train t.csv --target y", "t.csv: is a document or a spreadsheet")
def spreadsheet_called_csv() -> None:
    zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}, "t.csv")


# Paths.
@bad("train t.csv --target y", "t.csv: there is no such file")
def nothing_there() -> None:
    pass


@bad("train t.csv --target y", "t.csv")
def link_to_nothing() -> None:
    Path("t.csv").symlink_to("gone.csv")


@bad("train t.csv --target y", "t.csv")
def link_in_a_circle() -> None:
    Path("t.csv").symlink_to("u.csv")
    Path("u.csv").symlink_to("t.csv")


@bad("train t.csv --target y", "t.csv")
def folder_called_csv() -> None:
    Path("t.csv").mkdir()


@bad("train t.csv --target y", "t.csv: is a pipe")
def pipe() -> None:
    os.mkfifo("t.csv")


@bad("train t.npy --target y.npy", "t.npy: is a pipe")
def pipe_of_arrays() -> None:
    os.mkfifo("t.npy")


@bad("train t.parquet --target y --memory 16", "t.parquet: is a pipe")
def pipe_streamed() -> None:
    os.mkfifo("t.parquet")


@bad("train t.npy --target y.npy --memory 16", "t.npy")
def pipe_of_arrays_streamed() -> None:
    os.mkfifo("t.npy")


@bad("train /dev/zero --target y", "/dev/zero")
def device() -> None:
    pass


@bad("train t.csv --target y", "t.csv: is a device")
def link_to_a_device() -> None:
    Path("t.csv").symlink_to("/dev/zero")


CORPUS += [
    Bad("name_with_a_line_end", lambda: Path("a\nb.csv").write_text("a,y\n1\n"), ["train", "a\nb.csv", "--target", "y"],
        ("a\\nb.csv", "row 1")),
    Bad("name_with_a_bell", lambda: Path("a\x1b[31mb.csv").write_text("a,y\n1\n"),
        ["train", "a\x1b[31mb.csv", "--target", "y"], ("b.csv", "row 1")),
    Bad("name_that_is_no_text", lambda: Path("\udcff.csv").write_text("a,y\n1\n"),
        ["train", "\udcff.csv", "--target", "y"], (".csv", "row 1")),
    Bad("name_in_greek_with_a_space", lambda: Path("δ δ.csv").write_text("a,y\n1\n"),
        ["train", "δ δ.csv", "--target", "y"], ("δ δ.csv", "row 1")),
    Bad("name_with_a_dash_in_front", lambda: Path("-x.csv").write_text("a,y\n1\n"),
        ["train", "./-x.csv", "--target", "y"], ("-x.csv", "row 1")),
    Bad("name_that_is_too_long", lambda: None, ["train", "x" * 5000 + ".csv", "--target", "y"], ("x.csv",)),
    Bad("name_with_a_zero_byte", lambda: None, ["train", "x\0.csv", "--target", "y"], (".csv",)),
    Bad("target_with_a_line_end", lambda: Path("t.csv").write_text(TABLE), ["train", "t.csv", "--target", "y\nz"],
        ("t.csv", "'y\\nz'")),
    Bad("target_in_html", lambda: Path("t.csv").write_text(TABLE), ["train", "t.csv", "--target", "<b>[red]{y}"],
        ("t.csv", "'<b>[red]{y}'")),
]  # fmt: skip


# Images.
def photo(path: str, seed: int = 0, size: tuple[int, int] = (12, 10)) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.RandomState(seed).randint(0, 256, (*size, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def folder(ending: str = "png") -> None:
    """A good folder of two classes with six images each."""
    for k in range(12):
        photo(f"pets/{'cat' if k % 2 else 'dog'}/{k}.{ending}", k)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says to be so large and holds next to nothing."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def cut(path: str, keep: float = 0.6) -> None:
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: int(keep * len(data))])


def images(name: str, spoil: Callable[[], Any], *words: str, ending: str = "png", options: str = "") -> None:
    def make() -> None:
        folder(ending)
        spoil()

    CORPUS.append(Bad(name, make, ["train", "pets", *options.split()], words))


images("cut_png", lambda: cut("pets/cat/3.png"), "1 of 12 images cannot be read", "cat/3.png")
images("cut_jpeg", lambda: cut("pets/cat/3.jpg"), "1 of 12 images cannot be read", "cat/3.jpg", ending="jpg")
images("cut_gif", lambda: cut("pets/cat/3.gif"), "1 of 12 images cannot be read", "cat/3.gif", ending="gif")
images("cut_bmp", lambda: cut("pets/cat/3.bmp"), "1 of 12 images cannot be read", "cat/3.bmp", ending="bmp")
images("cut_webp", lambda: cut("pets/cat/3.webp"), "1 of 12 images cannot be read", "cat/3.webp", ending="webp")
images("cut_tiff", lambda: cut("pets/cat/3.tif"), "1 of 12 images cannot be read", "cat/3.tif", ending="tif")
images("huge_png", lambda: Path("pets/cat/3.png").write_bytes(png_header(50000, 50000)), "cat/3.png", "bomb")
images("png_that_lies", lambda: Path("pets/cat/3.png").write_bytes(png_header(5000, 5000)), "cat/3.png")
images("text_called_jpeg", lambda: Path("pets/cat/x.jpg").write_text("404"), "cat/x.jpg", "this is not a JPEG")
images("empty_image", lambda: Path("pets/cat/x.jpg").touch(), "cat/x.jpg")
images("pipe_in_a_folder", lambda: os.mkfifo("pets/cat/x.png"), "cat/x.png", "pipe")
images("svg_called_png", lambda: Path("pets/cat/x.png").write_text("<svg/>"), "cat/x.png")
images("image_with_an_odd_name", lambda: Path("pets/cat/x\n\udcff.png").write_text("no"), "cat/x\\n")
images("size_of_zero", lambda: None, "size", options="--size 0")
images("size_in_words", lambda: None, "size", options="--size abc")
images("size_too_large", lambda: None, "size", options="--size 100000")
images("unknown_augmentation", lambda: None, "augment", options="--augment melt")
images("target_of_images", lambda: None, "target", options="--target y")
images("memory_of_images", lambda: None, "memory", options="--memory 16")


@bad("train pets", "pets: there is only one class, 'cat'")
def one_class_of_images() -> None:
    for k in range(3):
        photo(f"pets/cat/{k}.png", k)


@bad("train pets", "pets: the class dog has a single image")
def one_image_of_a_class() -> None:
    for k in range(3):
        photo(f"pets/cat/{k}.png", k)
    photo("pets/dog/1.png")


@bad("train pets", "pets: no image in the class folder dog")
def empty_class_folder() -> None:
    folder()
    for file in Path("pets/dog").iterdir():
        file.unlink()


@bad("train pets", "pets: holds no class folders")
def images_without_folders() -> None:
    for k in range(3):
        photo(f"pets/{k}.png", k)


@bad("train pets", "pets: holds no class folders")
def empty_folder() -> None:
    Path("pets").mkdir()


@bad("train pets", "pets", "link")
def links_out_of_the_folder() -> None:
    folder()
    for file in Path("pets/dog").iterdir():
        file.rename(file.name)
        file.symlink_to(Path(file.name).absolute())


@bad("train pets", "pets")
def folder_that_is_a_circle() -> None:
    Path("pets").mkdir()
    Path("pets/cat").symlink_to("dog")
    Path("pets/dog").symlink_to("cat")


# Arrays.
def arrays(name: str, make: Callable[[], Any], command: str, *words: str) -> None:
    CORPUS.append(Bad(name, make, ["train", *command.split()], words))


def npy(shape: str, data: bytes = b"\0" * 64, descr: str = "'<f8'") -> bytes:
    """A .npy file with a header of one's own."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def xy(X: Any, y: Any) -> Callable[[], Any]:
    def make() -> None:
        np.save("X.npy", X, allow_pickle=True)
        np.save("y.npy", y)

    return make


X, y = np.random.RandomState(0).standard_normal((40, 3)), np.arange(40) % 2
spoilt = X.copy()
spoilt[7, 1] = np.nan
PAIR = "X.npy --target y.npy"
objects = np.array([[1, "a"], [None, 2.0]] * 20, object)


def write(name: str, data: bytes) -> Callable[[], Any]:
    def make() -> None:
        np.save("y.npy", y)
        Path(name).write_bytes(data)

    return make


def saved(name: str, **named: Any) -> Callable[[], Any]:
    return lambda: np.savez(name, **named)


def shortened(make: Callable[[], Any], name: str, keep: float = 0.6) -> Callable[[], Any]:
    def short() -> None:
        make()
        cut(name, keep)

    return short


arrays("cut_npy", shortened(xy(X, y), "X.npy"), PAIR, "X.npy", "cut off")
arrays("cut_header_of_npy", shortened(xy(X, y), "X.npy", 0.05), PAIR, "X.npy")
arrays("npy_of_objects", xy(objects, y), PAIR, "X.npy", "objects")
arrays("pickle_called_npy", write("X.npy", b"\x80\x04K\x01."), PAIR, "X.npy: is a pickle")
arrays("npy_of_1e15_rows", write("X.npy", npy("(1000000000000000, 3)")), PAIR, "X.npy", "claims")
arrays("npy_of_1e30_rows", write("X.npy", npy("(10**30, 3)")), PAIR, "X.npy")
arrays("npy_of_2e200_rows", write("X.npy", npy(f"(2{'0' * 200}, 3)")), PAIR, "X.npy")
arrays("npy_of_negative_rows", write("X.npy", npy("(-5, 3)")), PAIR, "X.npy", "negative")
arrays("npy_of_code", write("X.npy", npy("(__import__('os').getpid(), 3)")), PAIR, "X.npy")
arrays("npy_of_no_rows", xy(X[:0], y[:0]), PAIR, "X.npy", "shape (0, 3)")
arrays("npy_of_one_number", xy(np.array(3.0), y), PAIR, "X.npy", "single number")
arrays("npy_of_complex_numbers", xy(X * 1j, y), PAIR, "X.npy: holds complex numbers")
arrays("npy_of_dates", xy(np.full((40, 2), "2024-01-01", "M8[D]"), y), PAIR, "X.npy: holds dates")
arrays("nan_in_arrays", xy(spoilt, y), PAIR, "X.npy: the number at [7, 1] is nan")
arrays("infinity_in_arrays", xy(np.where(np.isnan(spoilt), -np.inf, spoilt), y), PAIR, "X.npy: the number at [7, 1] is")
arrays(
    "number_too_large_in_arrays",
    xy(np.where(np.isnan(spoilt), 1e200, spoilt), y),
    PAIR,
    "X.npy: the number at [7, 1] is 1e+200",
)
arrays("nan_in_labels", xy(X, np.where(y == 1, np.nan, 0.5)), PAIR, "y.npy: the number at [1] is nan")
arrays("lengths_that_differ", xy(X, y[:-1]), PAIR, "X.npy", "y.npy", "a label for each row")
arrays("labels_of_one_class", xy(X, 0 * y), PAIR, "y.npy")
arrays("label_alone_in_its_class", xy(X, np.r_[y[:-1], 7]), PAIR, "y.npy: the class '7' has a single example")
arrays("no_labels", lambda: np.save("X.npy", X), "X.npy", "X.npy", "labels")
arrays("labels_that_are_not_there", lambda: np.save("X.npy", X), PAIR, "y.npy: there is no such file")
arrays("cut_npz", shortened(saved("t.npz", X=X, y=y), "t.npz"), "t.npz", "t.npz: cannot be read as a .npz file")
arrays("npz_of_pickles", saved("t.npz", X=objects, y=y), "t.npz", "t.npz:X", "objects")
arrays("npz_without_names", saved("t.npz", foo=X, bar=y), "t.npz", "t.npz", "foo")
arrays("npz_without_arrays", lambda: zipped({"a.txt": b"x"}, "t.npz"), "t.npz", "t.npz")
arrays("npz_bomb", lambda: zipped({"X.npy": npy("(25000000, 1)", b"\0" * 8), "y.npy": npy("(5,)")}, "t.npz"), "t.npz",
       "t.npz:X", "claims")  # fmt: skip
arrays("array_that_is_not_there", saved("t.npz", X=X, y=y), "t.npz:Z", "t.npz: there is no array 'Z'")


def hdf5(fill: Callable[[Any], Any] = lambda _: None, **named: Any) -> Callable[[], Any]:
    def make() -> None:
        with h5py.File("t.h5", "w") as file:
            for name, values in {"y": y, **named}.items():
                file[name] = values
            fill(file)

    return make


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((40, 3), "f8")
    layout[:] = h5py.VirtualSource("/etc/hostname", "X", (40, 3))
    file.create_virtual_dataset("X", layout)


def external(file: Any) -> None:
    file.create_dataset("X", (40, 3), "u1", external="/etc/passwd")


def sparse(file: Any) -> None:
    file.create_dataset("X", (10**12, 3), "f8", chunks=(1000, 3))


def sparse_both(file: Any) -> None:
    del file["y"]
    file.create_dataset("y", (10**12,), "i8", chunks=(1000,))
    sparse(file)


LINK = h5py.ExternalLink("/etc/passwd", "X")
STREAMED = "t.h5:X --target y --memory 16"
arrays("cut_hdf5", shortened(hdf5(X=X), "t.h5"), "t.h5", "t.h5")
arrays("external_link", hdf5(X=LINK), "t.h5", "t.h5:X", "another file")
arrays("external_numbers", hdf5(external), "t.h5", "t.h5:X", "other files")
arrays("virtual_array", hdf5(virtual), "t.h5", "t.h5:X", "other files")
arrays("link_to_itself", hdf5(X=h5py.SoftLink("/X")), "t.h5", "t.h5:X", "circle")
arrays("1e12_sparse_zeros", hdf5(sparse), "t.h5", "t.h5:X", "memory")


def endless_heap() -> None:
    """Texts whose heap has free space of no bytes, from which HDF5 never comes back."""
    hdf5(X=X, class_names=["no", "yes"])()
    data = bytearray(Path("t.h5").read_bytes())
    free = data.index(b"GCOL") + 16 + 24 + 24 + 8  # behind the heap's head and two words
    data[free : free + 8] = bytes(8)
    Path("t.h5").write_bytes(data)


def text_of_gigabytes() -> None:
    """Two texts of which one claims to be as long as four gigabytes."""
    hdf5(X=X, class_names=["no", "yes"])()
    with h5py.File("t.h5") as file:
        place = file["class_names"].id.get_offset()
    data = bytearray(Path("t.h5").read_bytes())
    data[place : place + 4] = b"\xff" * 4
    Path("t.h5").write_bytes(data)


arrays("text_of_gigabytes", text_of_gigabytes, "t.h5", "t.h5:class_names", "4,294,967,295 bytes")
arrays("endless_heap", endless_heap, "t.h5", "t.h5:class_names", "damaged")
arrays("records", hdf5(X=np.zeros(40, "f8,i4")), "t.h5", "t.h5:X: holds records")
arrays("words_as_features", hdf5(X=[["a", "b"]] * 40), "t.h5", "t.h5:X: holds text")
arrays("nothing_in_hdf5", hdf5(X=h5py.Empty("f8")), "t.h5", "t.h5:X: holds nothing")
arrays("1e12_sparse_zeros_streamed", hdf5(sparse_both), STREAMED, "t.h5:X", "never written")
arrays("virtual_array_streamed", hdf5(virtual), STREAMED, "t.h5:X", "other files")
arrays("external_numbers_streamed", hdf5(external), STREAMED, "t.h5:X", "other files")
arrays("external_link_streamed", hdf5(X=LINK), STREAMED, "t.h5:X", "another file")
arrays("nan_streamed", hdf5(X=spoilt), STREAMED, "t.h5", "row 8", "nan")
arrays("one_class_streamed", xy(X, 0 * y), PAIR + " --memory 16", "X.npy")
arrays("complex_labels_streamed", xy(X, y * 1j), PAIR + " --memory 16", "X.npy", "complex128")
arrays("dates_as_labels_streamed", xy(X, np.full(40, "2024-01-01", "M8[D]")), PAIR + " --memory 16", "X.npy")
arrays("no_features_streamed", xy(X[:, :0], y), PAIR + " --memory 16", "X.npy", "(40, 0)")
arrays("a_class_for_each_row_streamed", xy(X, np.arange(40)), PAIR + " --memory 16", "X.npy: y has", "classes")
arrays("label_too_large_streamed", xy(X, np.where(y == 1, 1e200, 0.5)), PAIR + " --memory 16", "X.npy, row 2")
arrays("labels_that_are_no_npy", xy(X, y), "X.npy --target y.csv --memory 16", "y.csv: is not a .npy file")
arrays("cut_npy_streamed", shortened(xy(X, y), "X.npy"), PAIR + " --memory 16", "X.npy")
arrays("objects_streamed", xy(objects, y), PAIR + " --memory 16", "X.npy")
arrays("npy_of_1e15_rows_streamed", write("X.npy", npy("(1000000000000000, 3)")), PAIR + " --memory 16", "X.npy")
arrays("lengths_that_differ_streamed", xy(X, y[:-1]), PAIR + " --memory 16", "X.npy")
arrays("csv_streamed", lambda: Path("t.csv").write_text(TABLE), "t.csv --target y --memory 16", "t.csv")


def matlab(**named: Any) -> Callable[[], Any]:
    def make() -> None:
        from scipy.io import savemat

        savemat("t.mat", named)

    return make


arrays("cut_matlab", shortened(matlab(X=X, y=y), "t.mat"), "t.mat", "t.mat")
arrays("sparse_matlab", matlab(X=csc_array(np.eye(40)), y=y), "t.mat", "t.mat:X", "sparse")
arrays("struct_matlab", matlab(X={"a": X}, y=y), "t.mat", "t.mat:X", "struct")
