"""Where text and tables are printed: consoles of rich that print control characters as visible escapes."""

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
"""Characters in a line if there is no terminal that has a width."""


def _with_escapes(renderable: Any) -> Any:
    """Return a string or a rich text with escapes, and anything else unchanged."""
    if isinstance(renderable, str):
        return printable_lines(renderable)
    if isinstance(renderable, Text) and (shown := printable_lines(renderable.plain)) != renderable.plain:
        return renderable.blank_copy(shown)  # without the styles of its parts, whose positions have changed
    return renderable


class Console(rich.console.Console):
    """A console of rich that prints control characters as visible escapes.

    All names from files are printed through consoles, so none of them can be forgotten. Line ends are kept: code that
    puts a name into a sentence makes it ``printable`` first.
    """

    def render_str(self, text: str, **how: Any) -> Text:
        """Turn a string into a rich text, with escapes."""
        return super().render_str(printable_lines(text), **how)

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the pieces of text that are printed, with escapes; rich's own cursor movements are kept."""
        for piece in super().render(_with_escapes(renderable), options):
            yield piece if piece.control else piece._replace(text=printable_lines(piece.text))


def as_text(show: Callable[[Console], None]) -> str:
    """Return what a function prints on a console, as plain text without colours, ``WIDTH`` characters wide."""
    file = io.StringIO()
    show(Console(file=file, width=WIDTH, color_system=None))
    return file.getvalue().rstrip("\n")


class _Table(Table):
    """A table whose cells are as wide as their text with escapes."""

    def add_row(self, *cells: Any, **how: Any) -> None:
        """Add a row, with control characters as escapes."""
        super().add_row(*map(_with_escapes, cells), **how)


def plain_table(first: str, *others: str) -> Table:
    """Return an empty table in layerlab's style; the first column is aligned left, the others right."""
    table = _Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(printable_lines(first), no_wrap=True)
    for name in others:
        table.add_column(printable_lines(name), justify="right")
    return table


def print_pairs(facts: dict[str, Any], console: Console) -> None:
    """Print each name with its value, one pair per line; a float is a share and printed in percent."""
    table = plain_table("", "")
    table.show_header = False
    table.columns[1].justify = "left"
    for name, value in facts.items():
        table.add_row(
            Text(printable(name), "bold"), Text(percent(value) if isinstance(value, float) else printable(str(value)))
        )
    console.print(table)
