"""Parquet and Arrow files that end the process which reads them end in a sentence; so does a fork."""

from __future__ import annotations

import base64
import multiprocessing
import os
import subprocess
import sys
import zlib
from pathlib import Path

import polars as pl
import pytest
from command import Say

import layerlab
from layerlab import InputError
from layerlab.datasets import load_table, reading_trial

DEADLY = {
    "t.parquet": (
        "c-nnZO-sW-5Z#R-c<|t%vosJS2Mvlv)A-Ru6pU3+ESeNSJVw*Bel^nA*53Rz9{nr+15ci%_zRrbMDd^w$(x;-w{IWp27a>&D$Kx4"
        "12kZaas2xP1A-wiC_$+LeVE3%#+ZU#jVlwg45suorcLW*9sv`Y=!&kjZA~(iv%&r$N1+sXqR3ym+Aq55m+naFK63o5F}I#L(+#l="
        ">jJsB8uNS!ioUt8_R{noRCG0`prbj~FleMwH9{HP&@0w6H~w-hUKJ=YYpfXmoi9EV5KO#tp;?odN@S!w<u{whryJQtr*#{Z-}o}c"
        "`hkzJN8k>yeh7<Nwhnzi^XoE){$hah;gI^csa^2oewSc}pmBvHH~kjPc{_Q+2u^VB<?Aq?*F&PV^LqapVK*ad4I0-a^Gsqhl!xrK"
        "kxx0y58o}Mm!-duM$*bz=x?#|QIOt5z091y8{K!(?t(dJ^|H&fYdTBSCEJ`o?_b`;W-ak-=R96XlGv#wiR;AGRj1}gwih|xT9P<P"
        "Eo#M{v!GY-!syOk@XZAHEI$F*eSt6"
    ),
    "t.arrow": (
        "c-n<fxedZV5FGn1Fkm6`1P%!u5KsVtD?y?M9+6RwOP~ZQAtFKq1W3p1dM%-o3}@{(GyBLPgwO!+v<LIK<_Y}}BV_a*FXB0ojGwS6"
        "{n~mi<SNEOc_0yz?@7FtTJZt3ndT?jo!pXfK`TX5O8=Ca0u!B*>x?&b-mclUV?iifZMV!h8{XdS*g4Z#Ijb9aXZ(&<nGP6pucxL^"
        "Bry#(ZSd%SD~ol6f7NoLCh{v>q>F3Wy^rccR3Crb)7_r-%>VbgV?R%aI3o"
    ),
}
"""Files of three rows with a few bytes changed, on which polars 2.0 asks for 2**61 bytes and the process is aborted."""


def deadly(name: str) -> bytes:
    return zlib.decompress(base64.b85decode(DEADLY[name]))


@pytest.mark.parametrize(
    "command",
    [
        "train t.parquet --target y",
        "train t.parquet --target y --memory 5",
        "train t.arrow --target y",
        "data describe t.parquet --target y",
        "predict run t.arrow",
    ],
)
def test_a_file_that_ends_the_process_is_refused(say: Say, command: str) -> None:
    good = pl.DataFrame({"a": [k * k % 7 for k in range(40)], "y": ["u", "v"] * 20})
    good.write_csv("t.csv")
    assert say("train", "t.csv", "--target", "y", "--epochs", 1, "--layers", 2, "--out", "run").status == 0
    for name in DEADLY:
        Path(name).write_bytes(deadly(name))
    said = say(*command.split())
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert "cannot be read as" in said.err
    assert "wanted a whole file of this kind" in said.err


def test_it_does_end_a_process_that_reads_it_itself(tmp_path: Path) -> None:
    """The two files are what the tests above need: where a polars refuses them itself, look for others."""
    for name in DEADLY:
        path = tmp_path / name
        path.write_bytes(deadly(name))
        read = "pl.read_parquet(sys.argv[1])" if name == "t.parquet" else "pl.read_ipc_stream(sys.argv[1])"
        program = f"import sys, polars as pl; {read}"
        done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, check=False)  # noqa: S603
        assert done.returncode < 0


def test_bytes_in_memory_are_tried_as_well() -> None:
    import io

    with pytest.raises(InputError, match="cannot be read as Parquet: memory allocation of"):
        load_table(io.BytesIO(deadly("t.parquet")), target="y")


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
@pytest.mark.parametrize("form", ["parquet", "ipc", "ipc_stream"])
def test_sound_files_of_all_kinds_are_read(tmp_path: Path, form: str, compression: str) -> None:
    path = tmp_path / ("t.parquet" if form == "parquet" else "t.arrow")
    frame = pl.DataFrame({"a": ["u", "v"] * 20_000, "b": range(40_000), "y": [0.5 * k for k in range(40_000)]})
    getattr(frame, f"write_{form}")(path, compression=compression)
    assert load_table(path, target="y", keep=["b"]).train.X.shape[1] == 32_000


def test_a_sound_file_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": ["u", "v"] * 20, "y": range(40)}).write_parquet(path)
    first = load_table(path, target="y")
    monkeypatch.setattr("subprocess.Popen", None)
    assert (load_table(path, target="y").train.X == first.train.X).all()


def test_without_a_polars_for_the_other_process_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": ["u", "v"] * 20, "y": range(40)}).write_parquet(path)
    program = tmp_path / "fails.py"
    program.write_text("raise ImportError('no polars here')")
    monkeypatch.setattr(reading_trial, "__file__", str(program))
    assert load_table(path, target="y").n_x == 1


def in_a_fork(path: str) -> str:
    try:
        return str(load_table(path, target="y").n_x)
    except InputError as error:
        return str(error)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows forks no process")
@pytest.mark.filterwarnings("ignore:os.fork")  # of jax, if another test has loaded it
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_process_that_was_forked_after_a_table_was_read_does_not_hang(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    frame = pl.DataFrame({"a": ["u", "v"] * 20, "y": range(40)})
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    assert layerlab.datasets.load_table(path, target="y").n_x == 1
    with multiprocessing.get_context("fork").Pool(1) as pool:
        said = pool.apply_async(in_a_fork, (str(path),)).get(timeout=60)
    assert "the threads that read tables do not survive a fork" in said
    assert "spawn" in said
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply_async(in_a_fork, (str(path),)).get(timeout=120) == "1"
