"""``python -m layerlab`` and the command ``layerlab``. Signals are handled before anything else is imported."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn


def start() -> None:
    """Run the command line. From here on, a signal that asks it to end gives a sentence, even during an import."""
    try:
        from layerlab.training.interrupts import SIGNALS, signals_as_interrupts

        with signals_as_interrupts(until_the_process_ends=True):
            try:
                from layerlab.commands.main import main as run

                run()
            except SystemExit as end:
                if SIGNALS.came:
                    _end_at_once(end.code)
                raise
            if SIGNALS.came:
                _end_at_once(0)
    except KeyboardInterrupt:
        _end_at_once("layerlab: interrupted")


def _end_at_once(status: object) -> NoReturn:
    """End the process after a signal, when everything is printed.

    Interrupted libraries are not asked to tidy up. Otherwise, if the interrupt came while Python ran code from a text,
    as the import of a dataclass does, Python would end by SIGINT, whatever the status.
    """
    with suppress(OSError, AttributeError, ValueError):  # a stream that is full, missing or closed
        if isinstance(status, str):
            print(status, file=sys.stderr)
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    start()
