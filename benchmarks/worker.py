"""One contender at one row, in a process of its own: ``python -m benchmarks.worker ROW CONTENDER [--quick]``.

Prepares, then answers each line "go" on standard input with one line of facts as JSON, and "end" with its peak memory.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import warnings
from time import perf_counter
from typing import Any

from .row import UnavailableError
from .rows import ROWS

LIBRARIES = {
    "layerlab": ("layerlab", "with_layerlab"),
    "pytorch": ("torch", "with_pytorch"),
    "scikit-learn": ("sklearn.neural_network", "with_sklearn"),
    "jax": ("jax", "with_jax"),
    "products": ("numpy", "ceiling"),
    "shapes": ("numpy", "shapes"),
}
"""What is imported first, and timed, and the module here that uses it."""


def peak_bytes() -> int:
    """Most memory that this process had resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def prepared(row_name: str, label: str, quick: bool) -> tuple[Any, float]:
    """The contender's turn, and the seconds that its library took to import.

    Raises:
        UnavailableError: the row cannot be measured here.
        ModuleNotFoundError: a library is not installed.
    """
    row = ROWS[row_name]
    contender = row.contender(label)
    library, module = LIBRARIES[contender.library]
    begun = perf_counter()
    importlib.import_module(library)
    seconds = perf_counter() - begun
    from .material import Work, material_of

    work = Work(row, contender, row.iterations(contender, quick), material_of(row, contender))
    return importlib.import_module(f".{module}", __package__).prepare(work), seconds


def answer(reply: dict[str, Any]) -> None:
    """One line to the parent."""
    print(json.dumps(reply), flush=True)


def main() -> None:
    """Prepare, and take turns until told to end."""
    warnings.simplefilter("ignore")  # what a short training has to say about itself is not asked here
    row_name, label, *options = sys.argv[1:]
    try:
        turn, seconds = prepared(row_name, label, "--quick" in options)
    except ModuleNotFoundError as error:
        return answer({"skipped": f"{error.name} is not installed here"})
    except UnavailableError as error:
        return answer({"skipped": str(error)})
    answer({"import": seconds})
    for line in sys.stdin:
        if line.strip() != "go":
            break
        answer(turn())
    return answer({"peak": peak_bytes()})


if __name__ == "__main__":
    main()
