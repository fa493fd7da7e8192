"""The command line. A new command is a function in its own file here, registered in ``COMMANDS`` below.

A command parses, calls and prints; ``Output`` does what is the same for all. Every command that computes has
``--json PATH``. This page loads no NumPy, so that ``--help`` is quick: a command imports what it needs when it runs.

Exit status: 0 success; 1 the work failed (a download, a full disk, a diverged or interrupted training) or the output
could not be printed; 2 the request was wrong.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import typer
from typer.main import get_command

from layerlab.errors import InputError, WorkError
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.training.interrupts import SIGNALS, signals_as_interrupts

from .compare import COMPARE, compare
from .data import DESCRIBE, FETCH, LIST, data_describe, data_fetch, data_list
from .doctor import DOCTOR, doctor
from .explain import EXPLAIN, explain
from .export import EXPORT, export
from .lab import LAB, lab
from .learn import LEARN, learn
from .learn_check import CHECK, learn_check
from .learn_dev import DEV, DEV_CHECK, learn_dev_check
from .learn_doctor import CHECKUP, learn_doctor
from .learn_exercise import HINT, LIST_EXERCISES, SOLUTION, learn_hint, learn_list, learn_solution
from .learn_folder import NEW, RESET, RESULTS, learn_export_results, learn_new, learn_reset
from .output import check_printed, fail, forgiving_streams
from .predict import PREDICT, predict
from .rate import RATE, rate
from .report import REPORT, report
from .search import SEARCH, search
from .spelling import with_typed_options
from .step import STEP, step
from .sweep import SWEEP, sweep
from .train import TRAIN, train

INTERRUPTED = 130
"""What the parser returns after a Ctrl-C that no command handled."""

app = typer.Typer(
    name="layerlab",
    help=(
        "Neural networks you can read, watch and trust.\n\n"
        "Start with [bold]layerlab compare[/]: it trains three networks on handwritten digits, and compares them on "
        f"the same test set. Datasets: {', '.join(SUITES)}; or a table, images or arrays of your own."
    ),
    epilog="Exit status: 0 success, 1 the work failed, 2 the request was wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
data_app = typer.Typer(help="List, describe or download datasets.", no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(data_app, name="data")
learn_app = typer.Typer(help=LEARN, invoke_without_command=True, rich_markup_mode="rich")
app.add_typer(learn_app, name="learn")
dev_app = typer.Typer(help=DEV, no_args_is_help=True, rich_markup_mode="rich")
learn_app.add_typer(dev_app, name="dev")


def main() -> None:
    """Run a command; an error is one sentence on standard error, never a traceback."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot print "×" gets "?", not an error
    with forgiving_streams(), signals_as_interrupts():
        _run()
        check_printed()


def _open_closed_streams() -> None:
    """Open streams that are closed: else the next file that is opened would become standard output."""
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) < 3:
            pass
        os.close(number)


@cache
def parser() -> Any:
    """Return the parser of all commands, which takes a twentieth of a second to build."""
    return get_command(app)


def _run() -> None:
    """Run the command that the arguments name; an error becomes a sentence and an exit status."""
    try:
        if parser()(prog_name="layerlab", standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        fail("interrupted", 1)
    except Exception as error:
        if SIGNALS.came:  # a library that is being imported may turn the interrupt into another error
            fail("interrupted", 1)
        if hasattr(error, "format_message"):  # an error of typer about the command line
            _refuse(error)
        sentence, status = _sentence_and_status(error)
        if not sentence and os.environ.get("LAYERLAB_DEBUG"):
            raise
        mistake = f"a mistake in layerlab itself ({type(error).__name__}: {error}); LAYERLAB_DEBUG=1 shows where"
        fail(sentence or mistake, status)


def _sentence_and_status(error: Exception) -> tuple[str, int]:
    """Return a sentence about an error and the exit status; no sentence if the error is a mistake in layerlab."""
    if isinstance(error, InputError):
        return str(error), 2
    if isinstance(error, WorkError):
        return str(error), 1
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}", 1
    if isinstance(error, MemoryError):
        return "not enough memory for this request: choose smaller layers or less data", 1
    return "", 1


def _refuse(error: Any) -> None:
    """Say in one sentence what the parser does not understand; a group without a command prints its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(2)
    command = error.ctx.command_path if getattr(error, "ctx", None) else "layerlab"
    fail(f"{error.format_message().rstrip('.')}; `{command} --help` lists what there is", 2)


COMMANDS: dict[Callable[..., None], str] = {
    compare: COMPARE,
    train: TRAIN,
    step: STEP,
    lab: LAB,
    sweep: SWEEP,
    rate: RATE,
    search: SEARCH,
    predict: PREDICT,
    report: REPORT,
    explain: EXPLAIN,
    export: EXPORT,
    doctor: DOCTOR,
}
"""The commands in the order of ``layerlab --help``, each with its help."""

for command, help_text in COMMANDS.items():
    app.command(help=help_text)(with_typed_options(command))
data_app.command("list", help=LIST)(with_typed_options(data_list))
data_app.command("describe", help=DESCRIBE)(with_typed_options(data_describe))
data_app.command("fetch", help=FETCH)(with_typed_options(data_fetch))
learn_app.callback()(with_typed_options(learn))
learn_app.command("new", help=NEW)(with_typed_options(learn_new))
learn_app.command("list", help=LIST_EXERCISES)(with_typed_options(learn_list))
learn_app.command("hint", help=HINT)(with_typed_options(learn_hint))
learn_app.command("check", help=CHECK)(with_typed_options(learn_check))
learn_app.command("reset", help=RESET)(with_typed_options(learn_reset))
learn_app.command("solution", help=SOLUTION)(with_typed_options(learn_solution))
learn_app.command("doctor", help=CHECKUP)(with_typed_options(learn_doctor))
learn_app.command("export-results", help=RESULTS)(with_typed_options(learn_export_results))
dev_app.command("check", help=DEV_CHECK)(with_typed_options(learn_dev_check))
