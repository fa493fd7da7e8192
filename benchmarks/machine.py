"""On what it was measured: processor, versions, and the ceiling."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from .rows import CATS
from .turns import ROOT, cores, environment

PACKAGES = ("layerlab", "numpy", "jax", "torch", "scikit-learn")


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system and versions, without names of hosts or paths."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"Python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
    }


def measure_ceiling() -> dict[str, float]:
    """Operations a second of products in float64 and float32, bytes a second of copies, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ceiling"],
        cwd=ROOT,
        env=environment("", CATS),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    rates: dict[str, float] = json.loads(done.stdout)
    return rates


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Its name and generation, where Linux says them; some virtual machines hide the model's number."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    known = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    facts = {name.strip(): value.strip() for name, value in known.items()}
    kind = ", ".join(f"{name} {facts[name]}" for name in ("cpu family", "model") if name in facts)
    return f"{facts.get('model name', platform.machine())} ({kind})"
