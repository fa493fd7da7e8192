"""``python -m layerlab`` and the command ``layerlab``: signals are handled before all else is imported."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn


def start() -> None:
    """Run the command line; from here on a signal that asks it to end is a sentence, whatever is being imported."""
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
    """End the process after a signal, when all is said.

    Libraries that were interrupted are not asked to tidy up. And where the interrupt passed through code that Python
    runs from a text, as every import of a dataclass has it, Python would end by SIGINT, whatever the status.
    """
    with suppress(OSError, AttributeError, ValueError):  # a stream that is full, not there, or closed
        if isinstance(status, str):
            print(status, file=sys.stderr)
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    start()
