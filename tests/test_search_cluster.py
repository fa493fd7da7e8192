"""A cluster that cannot be used is refused in a sentence; one that can be used is, with TLS too."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import pytest
from searches import SPACE, small, summary

import layerlab
from layerlab import InputError, WorkError
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.workers.dask_cluster import TaskOrder

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("local:0", "cluster='local:0': wanted 1 to 1024 workers, as in 'local:2'"),
        ("local:2000", "cluster='local:2000': wanted 1 to 1024 workers, as in 'local:2'"),
        ("local", "cluster='local': wanted 'local:2', 'tcp://host:8786', 'tls://host:8786' or a distributed.Client"),
        ("somewhere:8786", "cluster='somewhere:8786': wanted 'local:2', 'tcp://host:8786'"),
        (3, "cluster=3: wanted 'local:2', 'tcp://host:8786'"),
        ("carrier-pigeon://here:1", "cluster='carrier-pigeon://here:1': wanted 'local:2'"),
        ("pigeon://here:1", r"cluster='pigeon://here:1': no dask scheduler can be reached there \(.*pigeon"),
        ("tcp://127.0.0.1:1", r"cluster='tcp://127.0.0.1:1': no dask scheduler can be reached there"),
        ("tls://127.0.0.1:1", r"cluster='tls://127.0.0.1:1': no dask scheduler can be reached there \(.*TLS"),
    ],
)
def test_a_target_that_is_none(target: Any, words: str, capfd: pytest.CaptureFixture[str]) -> None:
    gc.collect()
    gc.disable()
    try:
        with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), pytest.raises(InputError, match=words):
            small(cluster=target)
        left = [one.status for one in gc.get_objects() if isinstance(one, distributed.Client)]
    finally:
        gc.enable()
    assert capfd.readouterr() == ("", "")
    assert set(left) <= {"closed"}  # one that Python closes later can make dask wait for itself


def test_workers_beside_a_cluster() -> None:
    with pytest.raises(InputError, match="workers=2 beside cluster='local:2': wanted one of the two"):
        small(cluster="local:2", workers=2)


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"needs dask \(.*\); pip install -e '\.\[cluster\]'"):
        small(cluster="local:2")


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A cluster of this process's own threads: quick to start."""
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as own:
        yield own


def test_a_client_is_used_and_not_closed(cluster: Any) -> None:
    with distributed.Client(cluster) as client:
        assert summary(small(cluster=client)) == summary(small(workers=0))
        assert client.status == "running"
    with pytest.raises(InputError, match=r"the distributed.Client is closed; wanted one that is connected"):
        small(cluster=client)


def test_how_far_a_worker_is_can_be_watched(cluster: Any) -> None:
    heard: set[str] = set()

    def watch(state: SearchState, *_: object) -> None:
        news = list((state.folder.path / "claims").glob("*.news"))
        heard.update(path.stem for path in news if json.loads(path.read_text())["iterations"] == 3000)

    with distributed.Client(cluster) as client:
        small(cluster=client, watcher=watch, trials=3, space={**SPACE, "iterations": 3000, "depth": 2})
    assert heard


def test_a_worker_with_another_layerlab(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(version: str, *rest: Any) -> TaskOrder:
        return TaskOrder("9.9.9", *rest)

    monkeypatch.setattr("layerlab.tuning.search.workers.dask_cluster.TaskOrder", changed)
    with (
        distributed.Client(cluster) as client,
        pytest.raises(InputError, match=rf"a worker has layerlab {layerlab.__version__}, the search 9.9.9"),
    ):
        small(cluster=client)


def test_a_scheduler_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.tuning.search.workers.dask_connection.WAIT", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as own,
        distributed.Client(own) as client,
        pytest.raises(InputError, match=r"the scheduler has no worker after 0.2 s; start some with dask worker"),
    ):
        small(cluster=client)


class Line:
    """A process of dask's command line, and the address that its scheduler has."""

    def __init__(self, *words: str, environment: dict[str, str]) -> None:
        path = os.pathsep.join(sys.path)
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *words],
            env={**os.environ, "PYTHONPATH": path, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def address(self) -> str:
        """As the scheduler says it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "Scheduler at:" in line:
                return line.split("Scheduler at:")[1].strip()
        raise AssertionError("the scheduler said nothing of its address")

    def end(self) -> None:
        """At once."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


OPENSSL = shutil.which("openssl") or ""


def certificate(folder: Path) -> dict[str, str]:
    """A self-signed certificate, and dask's configuration that uses it for all."""
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command = [OPENSSL, *words, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603
    files = {"ca-file": "cert.pem"}
    for who in ("client", "scheduler", "worker"):
        files |= {f"{who}.cert": "cert.pem", f"{who}.key": "key.pem"}
    return {f"distributed.comm.tls.{name}": str(folder / file) for name, file in files.items()}


@pytest.mark.skipif(not OPENSSL, reason="no openssl")
def test_tls_and_a_scheduler_that_goes_away(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    environment = {f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": value for name, value in tls.items()}
    scheduler = Line(
        "distributed.cli.dask_scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        environment=environment,
    )  # fmt: skip
    address = scheduler.address()
    worker = Line("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", environment=environment)
    try:
        assert address.startswith("tls://")
        with dask.config.set(tls):
            assert summary(small(cluster=address)) == summary(small(workers=0))

            def end(*_: object) -> None:
                scheduler.end()

            folder = tmp_path / "search"
            gone = rf"its scheduler is gone .*{folder}, where the search can go on"
            short = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
            with short, pytest.raises(WorkError, match=gone):
                small(cluster=address, folder=folder, watcher=end)
        assert summary(small(workers=0, folder=folder, resume=True)) == summary(small(workers=0))
    finally:
        worker.end()
        scheduler.end()
