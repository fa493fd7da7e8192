"""``python -m layerlab`` and the command ``layerlab``: signals are handled before all else is imported."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def start() -> None:
    """Run the command line; from here on a signal that asks it to end is a sentence, whatever is being imported."""
    try:
        from layerlab.training.interrupts import SIGNALS, signals_as_interrupts

        with signals_as_interrupts(until_the_process_ends=True):
            try:
                from layerlab.commands.main import main as run

                run()
            except SystemExit as end:
                if SIGNALS.first is not None:  # all is said: libraries that were interrupted are not asked to tidy up
                    _end_at_once(end.code)
                raise
    except KeyboardInterrupt:
        sys.exit("layerlab: interrupted")


def _end_at_once(status: object) -> None:
    with suppress(OSError, AttributeError):  # a stream that cannot be written to, or is not there
        if isinstance(status, str):
            print(status, file=sys.stderr)
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    start()
