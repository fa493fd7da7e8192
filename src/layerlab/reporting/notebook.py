"""What notebooks show for runs, datasets, sweeps, searches and comparisons: the printed text as HTML, and a picture.

The HTML has no script, loads nothing and takes its colours from the notebook, so that a saved notebook can be read
anywhere, in light and in dark. The picture is a PNG inside the page, because notebooks drop SVG that they do not trust.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any, cast

from rich.table import Table
from rich.text import Text

from layerlab import plots
from layerlab.console import WIDTH, Console, print_pairs
from layerlab.datasets import Dataset
from layerlab.datasets.describing import class_counts, data_lines, dataset_facts, print_class_counts
from layerlab.escapes import printable_lines
from layerlab.evaluating.comparisons.comparison import Comparison
from layerlab.evaluating.comparisons.words import print_comparison
from layerlab.plots.style import png
from layerlab.runs.events import event_lines
from layerlab.runs.run import Run
from layerlab.runs.summary import settings_text
from layerlab.text import amount, count_text
from layerlab.tuning.search.result import Search
from layerlab.tuning.search.words import print_search
from layerlab.tuning.sweeps.result import Sweep, facts_about
from layerlab.tuning.sweeps.words import print_sweep

from .pictures.of_runs import accuracies_picture, contact_picture, cost_picture
from .pictures.of_searches import search_figures
from .pictures.of_sweeps import sweep_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 40
"""The largest number of rows that a notebook shows of a table; ``print`` shows all."""

MOST_IMAGES = 16
"""The largest number of images that a notebook shows of a dataset."""

CARD = "max-width: 60em; overflow-x: auto"
CELL = "padding: .15em .8em .15em 0; text-align: {side}; white-space: {space}; vertical-align: top"
PICTURE = "display: block; width: 100%; max-width: 44em; margin: .6em 0; background: #fff; border-radius: 4px"
"""Styles stand in the elements themselves, because viewers of saved notebooks drop style sheets."""


def run_html(run: Run) -> str:
    """Show a run: what its cost did, what is wrong with it, its network and settings, and the cost curve."""
    history, network = run.history, run.network
    lines = [f"• {run.verdict.sentence}"] if run.verdict else []
    lines += [f"! {finding}" for finding in run.diagnosis]
    lines += [f"• {line}" for line in event_lines(run.events)]
    pairs = {"trained on": run.dataset} if run.dataset else {}
    pairs |= {
        "layers": "-".join(map(str, network.layer_dims)),
        **({"embedding": network.embedding_name} if network.embedding else {}),
        "activations": f"{network.hidden_name}, output {network.output}",
        "parameters": f"{network.n_parameters:,}",
        "cost": _cost_text(run),
        "updates": f"{len(history.costs):,} in {history.seconds:.1f} s",
        "settings at the start" if run.events else "settings": settings_text(run.settings),
    }
    drawn = cost_picture(run, run.dataset or "training") if len(history.curve) else None
    return _card("Run", (*lines, _pairs(pairs)), drawn)


def _cost_text(run: Run) -> str:
    curve = run.history.curve
    return f"{amount(float(curve[0]))} → {amount(float(curve[-1]))}" if len(curve) else "no update was made"


def dataset_html(data: Dataset) -> str:
    """Show a dataset: its sizes, classes or values, and what was noticed; some of its examples, or its target."""
    if data.source is None and data.raw is None:
        facts = {name: value for name, value in dataset_facts(data).items() if name != "feature names"}
        return _card("Dataset", [_pairs(facts)], _examples(data))
    counts = class_counts(data)
    lines = [*data_lines(data), *_printed(lambda console: print_class_counts(counts, console))]
    return _card("Dataset", lines, _examples(data))


def _examples(data: Dataset) -> Figure:
    """Return a picture of images, of points in the plane, or of how often each class or value occurs."""
    if data.image_shape is not None and data.standardization is None:
        return contact_picture(data, MOST_IMAGES)
    if data.n_x == 2 and data.n_y == 1 and len(data.class_names) == 2:
        return plots.points(data.train.X, data.train.Y, data.class_names, title=f"{data.name}: the training set")
    return plots.target(data.train.Y, data.test.Y, data.class_names, title=f"{data.name}: what is predicted")


def sweep_html(sweep: Sweep) -> str:
    """Show a sweep: the recommendation, its table, what each curve did, and the curves."""
    facts = facts_about(sweep, sweep.table)
    every = sweep.histories[0].every if sweep.histories else 1
    shown = _printed(lambda console: print_sweep(facts, console, every))
    return _card("Sweep", shown, sweep_picture(sweep, sweep.dataset) if sweep.histories else None)


def search_html(search: Search) -> str:
    """Show a search: what was chosen, what it scores, and how that compares with the reference networks."""
    facts = search.facts()
    first = next((figure for _, figure, _ in search_figures(facts)), None)
    return _card("Search", _printed(lambda console: print_search(facts, console)), first)


def comparison_html(comparison: Comparison) -> str:
    """Show a comparison: its verdict, its tables, and the accuracies with their intervals."""
    about = comparison.data.about
    shown = _printed(lambda console: print_comparison(comparison.facts(), about, console))
    return _card("Comparison", shown, accuracies_picture(comparison))


class _Recorder:
    """Replaces a console, and keeps what is printed: strings, texts and tables of rich.

    Attributes:
        printed: in order.
        width: the width of a line, as where there is no terminal.
    """

    width = WIDTH

    def __init__(self) -> None:
        self.printed: list[Any] = []

    def print(self, *what: Any, **_: Any) -> None:
        """Keep what a console would print; its style does not matter here."""
        self.printed.extend(what)


def _printed(show: Callable[[Console], None]) -> list[Any]:
    """Return everything that a function prints."""
    recorder = _Recorder()
    show(cast(Console, recorder))
    return recorder.printed


def _card(kind: str, content: Iterable[Any], figure: Figure | None) -> str:
    """Return all of the HTML: what is printed, and under it the picture."""
    inside = "".join(_parts(content))
    if figure is not None:
        coded = base64.b64encode(png(figure)).decode()
        inside += f'<img alt="{kind}" style="{PICTURE}" src="data:image/png;base64,{coded}">'
    return f'<div class="layerlab" style="{CARD}">{inside}</div>'


def _parts(content: Iterable[Any]) -> Iterator[str]:
    """Yield each thing as HTML; lines that begin with a bullet become a list."""
    items: list[str] = []
    for thing in content:
        text = thing.plain if isinstance(thing, Text) else thing
        if isinstance(text, str) and text.lstrip().startswith("•"):
            items.append(f"<li>{_escaped(text.lstrip()[1:].strip())}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if isinstance(text, Table):
            yield _table(text)
        elif isinstance(text, str) and text.strip():
            yield f"<p>{_escaped(text.strip())}</p>"
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _escaped(text: str) -> str:
    return escape(printable_lines(text)).replace("\n", "<br>")


def _plain(cell: Any) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)


def _table(table: Table) -> str:
    """Write a table of rich as HTML: the first cell of each row is its heading."""
    columns = list(table.columns)
    rows = list(zip(*(map(_plain, column.cells) for column in columns), strict=True))
    head = ""
    if table.show_header:
        head = f"<thead><tr>{''.join(_cell('th', _plain(one.header), one.justify) for one in columns)}</tr></thead>"
    body = "".join(
        f"<tr>{_cell('th', row[0], columns[0].justify)}"
        f"{''.join(_cell('td', text, one.justify) for text, one in zip(row[1:], columns[1:], strict=True))}</tr>"
        for row in rows[:MOST_ROWS]
    )
    left = len(rows) - MOST_ROWS
    note = f"<p>… and {count_text(left, 'row')} more, which print shows.</p>" if left > 0 else ""
    return f'<table style="border-collapse: collapse">{head}<tbody>{body}</tbody></table>{note}'


def _cell(tag: str, text: str, justify: str) -> str:
    side = "right" if justify == "right" else "left"
    space = "nowrap" if len(text) <= 40 else "normal"
    scope = f' scope="{"row" if justify != "right" else "col"}"' if tag == "th" else ""
    return f'<{tag}{scope} style="{CELL.format(side=side, space=space)}">{_escaped(text)}</{tag}>'


def _pairs(facts: dict[str, Any]) -> Table:
    """Return a table of names and values."""
    recorder = _Recorder()
    print_pairs(facts, cast(Console, recorder))
    table: Table = recorder.printed[0]
    return table
