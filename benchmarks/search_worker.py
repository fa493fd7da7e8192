"""A contender of ``search_peers`` in a process of its own: its work is in one file, what it did goes to another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .search_contenders import CONTENDERS, Asked


def main() -> None:
    """Work, after a first small piece with which a peer imports its libraries and starts its processes."""
    told, answer = map(Path, sys.argv[1:])
    work = json.loads(told.read_text(encoding="utf-8"))
    contender, searched = CONTENDERS[work["name"]], work["searched"]
    asked = Asked(work["iterations"], work["data"], work["halving"])
    if work["name"] == "layerlab":
        import layerlab.tuning.sweeps.sweep  # noqa: F401
    else:
        contender(searched[:1], asked._replace(iterations=2, halving=1), work["jobs"])
    measured = contender(searched, asked, work["jobs"])
    answer.write_text(json.dumps(measured._asdict()), encoding="utf-8")


if __name__ == "__main__":
    main()
