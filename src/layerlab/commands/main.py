"""The command line: parses, calls, prints. Every command that computes has ``--json PATH``.

Exit status: 0 done, 1 the work failed (a download, a diverged or interrupted training), 2 the request was wrong.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import typer

from layerlab.errors import InputError, WorkError
from layerlab.evaluating.comparisons.recipes import SUITES

from .compare import COMPARE, compare
from .data import data_app
from .doctor import doctor
from .explain import EXPLAIN, explain
from .export import EXPORT, export
from .output import fail
from .predict import PREDICT, predict
from .rate import RATE, rate
from .report import REPORT, report
from .search import SEARCH, search
from .sweep import SWEEP, sweep
from .train import TRAIN, train

INTERRUPTED = 130
"""What the parser returns for a Ctrl-C that nobody handled."""

app = typer.Typer(
    name="layerlab",
    help=(
        "Neural networks you can read, watch and trust.\n\n"
        "Start with [bold]layerlab compare[/]: three networks on real "
        f"handwritten digits, compared on the same test set. Data: {', '.join(SUITES)}."
    ),
    epilog="Exit status: 0 done, 1 the work failed, 2 the request was wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(data_app, name="data")


def main() -> None:
    """Run a command; an error is one sentence on standard error, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot print "×" gets "?", not an error
    try:
        if app(prog_name="layerlab", standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except InputError as error:
        fail(str(error), 2)
    except WorkError as error:
        fail(str(error), 1)
    except KeyboardInterrupt:
        fail("interrupted", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}", 1)
    except MemoryError:
        fail("not enough memory for this request: choose smaller layers or less data", 1)
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's, about what was asked
            _refuse(error)
        if os.environ.get("LAYERLAB_DEBUG"):
            raise
        fail(f"a mistake in layerlab itself ({type(error).__name__}: {error}); LAYERLAB_DEBUG=1 shows where", 1)


def _refuse(error: Any) -> None:
    """What the parser says to options and arguments it does not know, in one sentence; bare groups show their help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(2)
    command = error.ctx.command_path if getattr(error, "ctx", None) else "layerlab"
    fail(f"{error.format_message().rstrip('.')}; `{command} --help` shows what there is", 2)


app.command(help=COMPARE)(compare)
app.command(help=TRAIN)(train)
app.command(help=SWEEP)(sweep)
app.command(help=RATE)(rate)
app.command(help=SEARCH)(search)
app.command(help=PREDICT)(predict)
app.command(help=REPORT)(report)
app.command(help=EXPLAIN)(explain)
app.command(help=EXPORT)(export)
app.command()(doctor)
