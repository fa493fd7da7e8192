"""Files become frames of text, or a sentence says what is wrong with them and where."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import re
import socket
import struct
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from command import Say
from hypothesis import given
from hypothesis import strategies as st

from layerlab import InputError
from layerlab.datasets.files import bytes_in_words, check_file, memory_budget
from layerlab.datasets.packed_files import read_unpacked
from layerlab.datasets.tabular.cells import plain_columns
from layerlab.datasets.tabular.reading import read_frame

pa: Any = pytest.importorskip("pyarrow")

packed = partial(gzip.compress, mtime=0)
"""Without the time of packing, which would stand in the tests' names: there two processes must not differ."""

TABLE = b"a,b\n1,x\n2,y\n"
ROWS = [("1", "x"), ("2", "y")]


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


def refused(source: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_frame(source, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", TABLE),
        ("t.CSV", TABLE),
        ("t.csv.gz", packed(TABLE)),
        ("t.csv.gz", packed(TABLE[:6]) + packed(TABLE[6:])),
        ("t.csv.bz2", bz2.compress(TABLE)),
        ("t.csv.xz", lzma.compress(TABLE)),
        ("t.csv.zip", zipped(("inside.csv", TABLE))),
        ("t.zip", zipped(("folder/inside.tsv", TABLE.replace(b",", b"\t")), ("__MACOSX/._inside.tsv", b"x"))),
        ("t.tsv", TABLE.replace(b",", b"\t")),
        ("t.csv", b"\xef\xbb\xbf" + TABLE),
        ("t.csv", TABLE.decode().encode("utf-16")),
        ("t.csv", TABLE.decode().encode("utf-16-le").join([b"\xff\xfe", b""])),
        ("t.csv", TABLE.replace(b"\n", b"\r\n")),
        ("t.csv", TABLE.replace(b"\n", b"\r")),
        ("t.csv", TABLE[:-1]),
        ("t.csv", TABLE + b"\n\n"),
        ("t.csv", b' a ,"b"\n1,"x"\n"2",y\n'),
    ],
)
def test_one_table_in_many_clothes(tmp_path: Path, name: str, data: bytes) -> None:
    read = read_frame(written(tmp_path, name, data))
    assert read.frame.columns == ["a", "b"]
    assert read.frame.rows() == ROWS
    assert read.notices == ()


def test_quoted_fields_keep_line_ends_separators_and_marks(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b'"a\nb",c\n"x, y\n\nz","he said ""no"""\n5,he said "no"\n')
    frame = read_frame(path).frame
    assert frame.columns == ["a\nb", "c"]
    assert frame.rows() == [("x, y\n\nz", 'he said "no"'), ("5", 'he said "no"')]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", b"a;b\n1,5;x\n2,5;y\n", "separated by semicolons, not by commas"),
        ("t.csv", b"a\tb\n1,5\tx\n2,5\ty\n", "separated by tabs, not by commas"),
        ("t.tsv", b"a|b\n1,5|x\n2,5|y\n", "separated by bars, not by tabs"),
    ],
)
def test_another_separator_is_found_and_said(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    read = read_frame(written(tmp_path, name, data))
    assert read.frame.rows() == [("1,5", "x"), ("2,5", "y")]
    assert said in read.notices[0].what


def test_blank_lines_are_skipped_and_said_and_do_not_count_as_rows(tmp_path: Path) -> None:
    read = read_frame(written(tmp_path, "t.csv", b"\na,b\n1,x\n\n\r\n2,y\n\n"))
    assert read.frame.rows() == ROWS
    assert str(read.notices[0]).endswith("3 empty lines were skipped.")
    assert ", row 2: has 1 field" in refused(written(tmp_path, "t.csv", b"a,b\n1,x\n\n\n2\n"))


def test_a_first_column_without_name_is_the_row_names_that_pandas_writes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_csv(path)
    read = read_frame(path)
    assert read.frame.columns == ["column 1", "a", "b"]
    assert "has no name, so it is called 'column 1'" in read.notices[0].what


def test_a_latin_1_file_names_the_row_and_the_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "a,b\n1,x\n2,é\n".encode("latin-1"))
    assert ", row 2: byte 0xe9 is not UTF-8; wanted UTF-8" in refused(path)
    assert refused(path).endswith("try encoding='cp1252'")  # the same letters, and a later file may have a euro sign
    assert read_frame(path, encoding="cp1252").frame["b"].to_list() == ["x", "é"]
    assert read_frame(path, encoding="latin-1").frame["b"].to_list() == ["x", "é"]
    assert "encoding='klingon': no such encoding" in refused(path, encoding="klingon")
    assert ", row 2: byte 0xe9 is not ascii" in refused(path, encoding="ascii")


BAD_TEXT = [
    (b"a,b\n1\n", "row 1: has 1 field; wanted 2 as in the header, separated by commas"),
    (b"a,b\n1,2\n1,2,3\n", "row 2: has 3 fields; wanted 2"),
    (b'a,b\n"1,\n2",2\n3\n', "row 2: has 1 field"),
    (b'a,b\n1,2\n3,"4\n5,6\n', "row 2: a quotation mark is not closed"),
    (b'a,b\n1,2\n3,5" pipe\n5,6\n', "row 2: a quotation mark is not closed or stands inside a field, near"),
    (b'a,b\n1,"x"y\n', "row 1: a quotation mark"),
    (b'"a,b\n1,2\n', "the header: a quotation mark is never closed"),
    (b"a,b\n", "has a line of names ('a', 'b') and no row"),
    (b"\n\r\n\n", "has only blank lines"),
    (b"a,a\n1,2\n", "columns 1 and 2 are both called 'a'"),
    (b"a, a \n1,2\n", "columns 1 and 2 are both called 'a'"),
    (b"a,,c\n1,2,3\n", "column 2 of 3 has no name"),
    (b"1.5,2.5\n3,4\n", "the first line ('1.5', '2.5') holds numbers; wanted a line of names"),
    (b"a,b\n1,\0\n", "row 1: a zero byte"),
    (b"\0", "the header: a zero byte"),
]


@pytest.mark.parametrize(("data", "said"), BAD_TEXT)
def test_torn_text_is_told_with_its_row(tmp_path: Path, data: bytes, said: str) -> None:
    sentence = refused(written(tmp_path, "t.csv", data))
    assert sentence.startswith(str(tmp_path / "t.csv"))
    assert said in sentence


@given(st.binary(max_size=200))
def test_no_bytes_lead_to_anything_but_a_frame_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    for name in ("t.csv", "t.jsonl", "t.csv.gz", "t.arrow", "t.parquet"):
        path = written(tmp_path_factory.getbasetemp(), name, data)
        said = ""
        try:
            read_frame(path)
        except InputError as error:
            said = str(error)
        assert "\n" not in said


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6).map(str.strip)


@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_writer_quotes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str
) -> None:
    quoted = [separator.join('"' + field.replace('"', '""') + '"' for field in row) for row in [("a", "b"), *rows]]
    path = written(tmp_path_factory.getbasetemp(), "quoted.csv", "\n".join(quoted).encode())
    assert read_frame(path).frame.fill_null("").rows() == rows


FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, None], "d": [True, False]})


@pytest.mark.parametrize("packing", ["", ".gz"])
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.parquet", lambda path: FRAME.write_parquet(path)),
        ("t.arrow", lambda path: FRAME.write_ipc(path)),
        ("t.feather", lambda path: FRAME.write_ipc(path, compression="zstd")),
        ("t.ipc", lambda path: FRAME.write_ipc_stream(path)),
        ("t.jsonl", lambda path: FRAME.write_ndjson(path)),
        ("t.ndjson", lambda path: FRAME.write_ndjson(path)),
    ],
)
def test_files_with_types_keep_them(tmp_path: Path, name: str, write: Any, packing: str) -> None:
    path = tmp_path / name
    write(path)
    if packing:
        path = written(tmp_path, name + packing, packed(path.read_bytes()))
    assert read_frame(path).frame.equals(FRAME)
    with path.open("rb") as file:
        assert read_frame(file).frame.equals(FRAME)


def test_open_files_of_text_and_without_a_name() -> None:
    assert read_frame(io.BytesIO(TABLE)).frame.rows() == ROWS
    assert read_frame(io.StringIO(TABLE.decode())).frame.rows() == ROWS
    assert read_frame(io.BytesIO(packed(TABLE))).frame.rows() == ROWS
    assert read_frame(io.BytesIO(b'{"a":"1","b":"x"}\n{"a":"2","b":"y"}\n')).frame.rows() == ROWS
    assert "the table: is empty, or was already read to its end" in refused(io.BytesIO())


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.jsonl", b'{"a":1}\n\n{a:1}\n', "row 2: is not JSON"),
        ("t.jsonl", b"[1]\n", "row 1: is a list; wanted an object in each line"),
        ("t.jsonl", b"\n\n", "has only blank lines"),
        ("t.json", b'[{"a":1}]', "is JSON, which is read as a table only with one object in each line"),
        ("t.parquet", b"PAR1" + bytes(30) + b"PAR1", "cannot be read as Parquet"),
        ("t.parquet", TABLE * 10, "cannot be read as Parquet"),
        ("t.arrow", b"ARROW1" + bytes(30), "cannot be read as Arrow"),
        ("t.arrow", TABLE * 10, "cannot be read as Arrow"),
        ("t.csv", b"PAR1" + bytes(30), "contains Parquet and ends in '.csv'"),
        ("t.csv", b"%PDF-1.4", "contains PDF and ends in"),
        ("t.csv", b"\x89HDF\r\n", "contains HDF5 and ends in"),
        ("t.xyz", TABLE, "ends in '.xyz'; wanted a table: one of .csv"),
        ("t", TABLE, "has no ending that shows the format"),
        ("t.xlsx", zipped(("[Content_Types].xml", b"<x/>")), "is a document or a spreadsheet; wanted a table"),
        ("t.zip", zipped(("a.csv", TABLE), ("b.csv", TABLE)), "holds 'a.csv', 'b.csv'; wanted a zip with one file"),
        ("t.zip", zipped(), "holds nothing; wanted a zip with one file"),
        ("t.zip", b"PK\x03\x04" + bytes(50), "cannot be unpacked as zip"),
        ("t.csv.gz", packed(TABLE)[:-9], "cannot be unpacked as gzip: it ends too early"),
        ("t.csv.gz", packed(TABLE)[:-8] + bytes(8), "cannot be unpacked as gzip: CRC"),
        ("t.csv.gz", packed(packed(TABLE)), "contains another gzip file (it is packed twice)"),
        ("t.csv.bz2", b"BZh91AY&SY" + bytes(20), "cannot be unpacked as bzip2"),
        ("t.csv.xz", lzma.compress(TABLE)[:-20], "cannot be unpacked as xz"),
        (
            "t.csv.zst",
            b"\x28\xb5\x2f\xfd" + bytes(20),
            "compressed by zstd; wanted gzip, bzip2, xz or zip: unpack it first with zstd -d",
        ),
    ],
)
def test_what_is_no_table_is_told_by_its_content(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    sentence = refused(written(tmp_path, name, data))
    assert sentence.startswith(str(tmp_path / name))
    assert said in sentence


def test_a_locked_zip_and_one_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", TABLE * 1000)))
    central = data.index(b"PK\x01\x02")
    locked = bytearray(data)
    locked[6] |= 1
    locked[central + 8] |= 1
    assert "locked with a password" in refused(written(tmp_path, "locked.zip", bytes(locked)))
    lie = bytearray(data)
    struct.pack_into("<I", lie, 22, 100)
    struct.pack_into("<I", lie, central + 24, 100)
    assert "cannot be unpacked as zip: Bad CRC" in refused(written(tmp_path, "lie.zip", bytes(lie)))


def gzip_bomb() -> bytes:
    million = packed(bytes(1_000_000))
    return million * 150


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("bomb.csv.gz", gzip_bomb()),
        ("bomb.csv.bz2", bz2.compress(bytes(120_000_000))),
        ("bomb.csv.zip", zipped(("bomb.csv", bytes(120_000_000)))),
    ],
)
def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path, name: str, bomb: bytes) -> None:
    path = written(tmp_path, name, bomb)
    assert "more than the 2.5 MB that are read of it by default" in refused(path, limit_bytes=10_000_000)
    assert "0 MB, more than the 100.0 MB that are read of it by default" in refused(path)


def test_a_table_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b"a,b\n" + b"1,2\n" * 1000)
    assert "holds 4.0 kB, more than the 1.0 kB" in refused(path, limit_bytes=1000)
    assert "1000 rows of 2 columns are 16.0 kB as numbers" in refused(path, limit_bytes=5000)
    pl.DataFrame({"a": [1] * 100_000}).write_parquet(tmp_path / "t.parquet")
    assert "100000 rows of 1 columns are 800.0 kB as numbers" in refused(tmp_path / "t.parquet", limit_bytes=10_000)
    assert memory_budget() > 10**6
    assert bytes_in_words(12) == "12 bytes"


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "none.csv")
    assert "is a folder" in refused(tmp_path)
    assert "is empty (0 bytes)" in refused(written(tmp_path, "empty.csv", b""))
    (tmp_path / "link.csv").symlink_to("gone.csv")
    assert "is a link to gone.csv, which does not exist" in refused(tmp_path / "link.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe" in refused(tmp_path / "pipe.csv")
    assert "/dev/zero: is a device" in refused("/dev/zero")
    assert "cannot be a path" in refused("a\0b.csv")
    assert "cannot be a path" in refused(written(tmp_path, "file", b"x") / "t.csv")
    assert "list is not a table; wanted a path" in refused([1, 2])


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.csv")
        assert "is a socket" in refused("socket.csv")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "t.csv", TABLE)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="this user may not read it"):
        check_file(path)


def test_a_failing_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    path = written(tmp_path, "t.csv", TABLE)
    monkeypatch.setattr("layerlab.datasets.files._WithoutWaiting", fail)
    with pytest.raises(InputError, match=re.escape("cannot be read (Input/output error)")):
        read_unpacked(path, 100)


def test_frames_of_other_libraries_give_the_same_columns() -> None:
    columns = {"a": [1, 2, 3], "b": ["x", None, "z"], "c": [0.5, None, 2.0], "d": [True, False, None]}
    expected = pl.DataFrame(columns)
    for frame in (expected, expected.lazy(), pa.table(columns), pd.DataFrame(columns)):
        read = read_frame(frame)
        assert read.name == "the table"
        assert read.frame.equals(expected), type(frame)


def test_pandas_needs_no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "word": pd.Categorical(["x", "y", None]),
            "mixed": [1, "two", None],
            "when": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "zoned": pd.to_datetime(["2024-01-01T01:00+01:00"] * 3),
            "nested": [[1], [2], None],
            5: [1.5, float("nan"), 2.5],
        },
        index=["p", "q", "r"],
    )
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    read = read_frame(frame).frame
    assert read["whole"].to_list() == [1.0, None, 3.0]
    assert read["flag"].to_list() == [True, None, False]
    assert read["word"].to_list() == ["x", "y", None]
    assert read["mixed"].to_list() == ["1", "two", None]
    assert read["when"].cast(pl.String).to_list()[1:] == [None, "2024-01-03 00:00:00.000000"]
    assert read["zoned"][0].hour == 0
    assert read["nested"].dtype == pl.Object
    assert read["5"].to_list() == [1.5, None, 2.5]


def test_frames_with_nothing_in_them_or_double_names() -> None:
    assert "the table: has no columns" in refused(pl.DataFrame())
    assert "the table: has no rows" in refused(pl.DataFrame({"a": []}))
    assert "are both called 'a'" in refused(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert "are both called 'a'" in refused(pa.table([[1], [2]], names=["a", "a"]))
    assert "column 1 of 1 has no name" in refused(pl.DataFrame({" ": [1]}))
    assert "is a pandas Series" in refused(pd.Series([1]))


SHEET = b"name,age,price\nAnn,31,1.5\nBob,45,2.5\nCem,28,3.5\n"

ABOVE = [
    (b"Sales report 2024\n\n", "line 1 ('Sales report 2024')", 2),
    (b"Sales report 2024,,\n,,\n", "line 1 ('Sales report 2024')", 2),
    (b",,\n", "line 1 (only separators)", 1),
    (b"\n# exported by hand\n# on Monday, or so\n", "line 2 ('# exported by hand')", 3),
    (b'"Sales\nreport"\n', "line 1 ('Sales\\nreport')", 2),
]


@pytest.mark.parametrize(("above", "seen", "skip"), ABOVE)
@pytest.mark.parametrize("separator", [b",", b";"])
def test_a_title_above_the_names_is_told_with_the_lines_to_skip(
    tmp_path: Path, above: bytes, seen: str, skip: int, separator: bytes
) -> None:
    sheet = SHEET.replace(b",", separator)
    path = written(tmp_path, "t.csv", above.replace(b",,", separator * 2) + sheet)
    said = refused(path)
    assert seen in said
    assert f"stands above the line of names ('name', 'age', 'price'); wanted the names first: skip={skip} " in said
    assert read_frame(path, skip=skip).frame.equals(read_frame(written(tmp_path, "s.csv", sheet)).frame)
    known = read_frame(path, known=["price", "age"])
    assert known.frame["age"].to_list() == ["31", "45", "28"]
    assert f"{path}: {'a line' if skip == 1 else f'{skip} lines'} above the names w" in known.notices[0].what


@pytest.mark.parametrize(
    "data", [b"#id,x\na,b\nc,d\n", b"# x,y\n1,2\n3,4\n", b"x\n1\n2\n", b"a;b\nhi, you;c\nwell, ok;d\n"]
)
def test_names_that_are_no_title(tmp_path: Path, data: bytes) -> None:
    assert read_frame(written(tmp_path, "t.csv", data)).frame.height == 2


def test_skip_that_cannot_be(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", SHEET)
    assert refused(path, skip=9) == f"skip=9: {path} has 4 lines; wanted fewer to skip, so that some are left"
    assert "skip=-1: wanted the number of lines" in refused(path, skip=-1)
    assert "skip=2: the table is not a text file; leave skip out" in refused(pl.DataFrame({"x": [1]}), skip=2)
    bad = written(tmp_path, "b.csv", b"Title\n\nx,y\n1,\xe9\n")
    assert "row 1: byte 0xe9" in refused(bad, skip=2)


def test_columns_without_name_and_cells_are_left_out(tmp_path: Path) -> None:
    read = read_frame(written(tmp_path, "t.csv", b"a,b,,\n1,x,,\n2,y, ,\n"))
    assert read.frame.columns == ["a", "b"]
    assert "columns 3, 4 have neither a name nor any value; they are left out" in read.notices[0].what
    assert "column 3 of 3 has no name" in refused(written(tmp_path, "u.csv", b"a,b,\n1,x,\n2,y,z\n"))
    first = read_frame(written(tmp_path, "v.csv", b",b,\n0,x,\n1,y,\n"))
    assert first.frame.columns == ["column 1", "b"]


def test_a_row_of_sums_is_told(tmp_path: Path) -> None:
    read = read_frame(written(tmp_path, "t.csv", SHEET + b"Total:,,7.5\n"))
    assert read.notices[0].what.endswith("the last row (4) begins with 'Total:'. If it sums up the others, delete it")
    assert read_frame(written(tmp_path, "u.csv", b"a,b\nsum,1\nsum,2\n")).notices == ()


def test_the_encoding_of_windows_is_told_by_its_own_bytes(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "t.csv", "a,b\n1,5 €\n".encode("cp1252"))).endswith("try encoding='cp1252'")
    assert refused(written(tmp_path, "u.csv", b"a,b\n1,\x81\xe9\n")).endswith("try encoding='latin-1'")


@pytest.mark.parametrize("lists", ["[1,2]", '{"b":1}', '[{"c":1},3]'])
def test_nested_json_is_a_column_that_others_stand_beside(tmp_path: Path, lists: str) -> None:
    lines = f'{{"a":1,"t":{lists}}}\n{{"a":2,"t":{{"b":[3]}}}}\n{{"a":3}}\n'.encode()
    read = read_frame(written(tmp_path, "t.jsonl", lines))
    assert read.frame["a"].to_list() == [1, 2, 3]
    assert read.frame["t"].dtype.is_nested()


def test_columns_are_asked_for_plain_numbers_at_once() -> None:
    words = {
        "^a.*$": ["1", None, "-2.5e3"],
        "a b": ["1", "x", "2"],
        "none": [None, None, None],
        "inf": ["1", "inf", "2"],
        "code": ["012", "13", "14"],
        "long": ["1", "1234567890.1234567", "2"],
    }
    frame = pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))
    plain = plain_columns(frame, frame.columns)
    assert {name: one.to_list() for name, one in plain.items()} == {
        "^a.*$": [1, None, -2500],
        "long": [1, 1234567890.1234567, 2],
    }
    assert plain_columns(frame, []) == {}


def test_of_very_many_columns_the_first_thousand_are_printed(say: Say) -> None:
    rows = [[str((i * j) % 7) for j in range(1200)] + ["ab"[i % 2]] for i in range(30)]
    lines = [",".join([*(f"c{j}" for j in range(1200)), "y"]), *map(",".join, rows)]
    Path("wide.csv").write_text("\n".join(lines))
    said = say("data", "describe", "wide.csv", "--target", "y", "--json", "wide.json")
    shown = json.loads(Path("wide.json").read_text())["preparation"]
    assert f"… {len(shown):,} columns in all: --json has them." in said.out
    assert len(shown) > 1000
    assert said.out.count("number") < 1100
