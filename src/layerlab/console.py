"""Where text and tables are printed: consoles of rich that show as an escape whatever would steer the terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import rich.console
from rich import box
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from layerlab.escapes import printable, printable_lines
from layerlab.text import percent

WIDTH = 100
"""Characters in a line where there is no terminal whose width could be asked."""


def _with_escapes(renderable: Any) -> Any:
    """Return a string or a text of rich with escapes, and anything else as it is."""
    if isinstance(renderable, str):
        return printable_lines(renderable)
    if isinstance(renderable, Text) and (shown := printable_lines(renderable.plain)) != renderable.plain:
        return renderable.blank_copy(shown)  # without the styles of its parts, whose places have moved
    return renderable


class Console(rich.console.Console):
    """Where text is printed: a console of rich that shows as an escape whatever would steer the terminal.

    Names from files reach people through consoles, so that none of them can be forgotten. Line ends stay here: whoever
    puts a name into a sentence makes it ``printable`` first.
    """

    def render_str(self, text: str, **how: Any) -> Text:
        """Make a renderable text of a string, as rich does, with escapes."""
        return super().render_str(printable_lines(text), **how)

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the pieces of what is shown, as rich does, with escapes; what rich itself moves the cursor by stays."""
        for piece in super().render(_with_escapes(renderable), options):
            yield piece if piece.control else piece._replace(text=printable_lines(piece.text))


def as_text(show: Callable[[Console], None]) -> str:
    """Return what a function prints on a console as plain text, without colours and ``WIDTH`` characters wide."""
    file = io.StringIO()
    show(Console(file=file, width=WIDTH, color_system=None))
    return file.getvalue().rstrip("\n")


class _Table(Table):
    """A table whose cells are as wide as they are with their escapes."""

    def add_row(self, *cells: Any, **how: Any) -> None:
        """Add a row, as rich does, with escapes."""
        super().add_row(*map(_with_escapes, cells), **how)


def plain_table(first: str, *others: str) -> Table:
    """Return an empty table in layerlab's style, its columns named: the first flush left, the others flush right."""
    table = _Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(printable_lines(first), no_wrap=True)
    for name in others:
        table.add_column(printable_lines(name), justify="right")
    return table


def print_pairs(facts: dict[str, Any], console: Console) -> None:
    """Print each name with its value, one pair a line; a float is a share and printed as per cent."""
    table = plain_table("", "")
    table.show_header = False
    table.columns[1].justify = "left"
    for name, value in facts.items():
        table.add_row(
            Text(printable(name), "bold"), Text(percent(value) if isinstance(value, float) else printable(str(value)))
        )
    console.print(table)
