"""The one style of all pictures: colours, lines and sizes, rows with names, layout, saving."""

from __future__ import annotations

import io
import logging
import os
import textwrap
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerlab.errors import InputError, WorkError
from layerlab.escapes import printable_lines
from layerlab.runs.writing import NO_ROOM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


WIDTH = 7.0
"""Width of every picture, in inches."""

BLUE, ORANGE, BLACK = "#0072B2", "#D55E00", "#000000"
GREEN, PURPLE = "#2E8B4F", "#8646A0"
"""Colours of what lies above and below 0, such as contributions for and against a class. Classes have other colours."""

COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", BLACK)
"""Colours that colour-blind people can tell apart too (Okabe & Ito 2008)."""

DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))
"""Line styles; seven colours with four of these make 28 different curves."""

TINTS = ("#FBE3D5", "#D3E6F2")
"""Background colours of class 0 and class 1: those of their points, orange and blue, mixed with much white."""

NARROWEST = 5
"""Letters of a line to which a text is wrapped at least."""

INK, FAINT = "#262626", "#8C8C8C"
"""Colours of text and axes, and of what matters less."""

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a name is a dollar
    "figure.titlesize": 11.5,
    "figure.constrained_layout.h_pad": 0.07,
    "figure.constrained_layout.w_pad": 0.07,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "layerlab",  # the same picture has the same bytes
}
"""Parameters of matplotlib that differ from its defaults."""


logging.getLogger("matplotlib").addHandler(logging.NullHandler())  # what it logs would go to standard error


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with matplotlib's defaults and ``STYLE``, whatever the user has set, and restore the user's settings."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        # a name in letters that the font lacks is shown as boxes, and that is all there is to say
        warnings.filterwarnings("ignore", "Glyph .* missing from ", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support .* natively", UserWarning)
        yield


def new_figure(title: str, height: float, given: Figure | None = None) -> Figure:
    """Return an empty figure with a title at its left.

    Args:
        title: the title; if it is long, it is wrapped and the figure becomes higher.
        height: height in inches with a title of one line.
        given: a figure to clear and resize, instead of a new one.
    """
    from matplotlib.figure import Figure

    title = wrapped(title, WIDTH - 0.2, size=STYLE["figure.titlesize"])
    figure = given or Figure()
    figure.clear()
    figure.set_size_inches(WIDTH, height + 0.19 * title.count("\n"))
    figure.set_layout_engine("constrained")
    figure.suptitle(title, x=0.01, horizontalalignment="left")
    return figure


def titled_axes(axes: Axes | None, title: str, height: float) -> tuple[Figure, Axes]:
    """Return the given axes and their figure, or a new figure with one pair of axes; draw the title if there is one."""
    if axes is None:
        figure = new_figure(title, height)
        return figure, figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(wrapped(title, axes.get_window_extent().width / axes.figure.dpi), loc="left", parse_math=False)
    return axes.figure.figure, axes


def named_rows(
    names: Sequence[str], title: str, *, top: float = 1.0, gap: float = 0.11, width: float = 2.2
) -> tuple[Figure, Axes]:
    """Return a figure with a row for each name, the first on top, and no line at the left.

    Args:
        names: the names; long ones are wrapped.
        title: title of the figure.
        top: height of everything else, in inches.
        gap: distance between two rows, in inches.
        width: width of the names, in inches.
    """
    names = [wrapped(name, width) for name in names]
    figure = new_figure(title, top + sum(gap + 0.16 * (name.count("\n") + 1) for name in names))
    axes = figure.add_subplot()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure, axes


def settled(figure: Figure, given: Axes | None = None) -> Figure:
    """Lay the figure out once, so that all later drawings of it are the same; control characters become escapes.

    Args:
        figure: the finished figure.
        given: axes that the caller gave; their figure is left as it is.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(printable_lines(text.get_text()))
    if given is None:
        lay_out(figure)
        lay_out(figure)  # once more, with the widths that the first time gave
        figure.set_layout_engine("none")
    return figure


def lay_out(figure: Figure) -> None:
    """Run the layout engine once, if the figure has one."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def wrapped(text: str, inches: float, size: float = 9.5) -> str:
    """Break a text into at most eight lines of at most this width, in letters of this size (points)."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    text = printable_lines(text)
    font = FontProperties(size=size)

    def lines(most: int) -> list[str]:
        return textwrap.wrap(text, most, max_lines=8, placeholder=" …", break_on_hyphens=False)

    def too_wide(most: int) -> bool:
        widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines(most)]
        return max(widths, default=0) > 72 * inches

    letters = range(min(len(text), int(36 * inches)) + 1)
    if len(letters) <= NARROWEST:
        return text
    fitting = bisect_left(letters, True, NARROWEST, key=too_wide) - 1
    return "\n".join(lines(max(fitting, NARROWEST)))


@house_style()
def save(figure: Figure, folder: str | Path, name: str) -> tuple[Path, Path]:
    """Save a figure as ``name.png`` (150 dots an inch) and ``name.svg`` (text as text); equal figures, equal bytes.

    Each file appears whole or not at all, in the place of an older one.

    Args:
        figure: a result of the functions in ``layerlab.plots``, or any other figure.
        folder: the folder; it is created if it does not exist.
        name: name of the files, without ending.

    Returns:
        The two paths, PNG first.

    Raises:
        InputError: the folder cannot be written to, or the name is a path.
        WorkError: the disk is full.
    """
    folder = Path(folder)
    if not name or Path(name).name != name:
        raise InputError(f"name={name!r}: wanted a file name without folder and ending, such as 'costs'")
    paths = folder / f"{name}.png", folder / f"{name}.svg"
    for path, metadata in zip(paths, ({"Software": None}, {"Date": None, "Creator": None}), strict=True):
        _write(path, _rendered(figure, path.suffix[1:], metadata))
    return paths


@house_style()
def svg(figure: Figure) -> str:
    """Return the figure as SVG without metadata; equal figures give equal texts."""
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    return _rendered(figure, "svg", nothing).decode()


@house_style()
def png(figure: Figure) -> bytes:
    """Return the figure as a small PNG for a page of a notebook: 110 dots per inch, in 256 colours."""
    from PIL import Image

    picture, small = io.BytesIO(), io.BytesIO()
    figure.savefig(picture, format="rgba", dpi=110)
    width, height = (figure.get_size_inches() * 110).astype(int).tolist()
    drawn = Image.frombuffer("RGBA", (width, height), picture.getvalue()).convert("RGB")
    drawn.quantize(256).save(small, "png", optimize=True)
    return small.getvalue()


def signed_colours() -> Colormap:
    """Return colours for numbers below, at and above 0: purple, white, green; no class has one of these."""
    return shades(PURPLE, "#FFFFFF", GREEN)


def activation_colours() -> Colormap:
    """Return the same in lighter colours, for maps with points on them."""
    return shades("#A97BC0", "#D9C6E2", "#FFFFFF", "#C3E4BF", "#69B578")


def shades(*colours: Any) -> Colormap:
    """Return a scale of colours that changes evenly from the first to the last."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", list(colours))


def class_looks(count: int) -> list[tuple[str, str]]:
    """Return the colour and marker of each class: orange discs, blue triangles, and so on through ``COLOURS``."""
    if count == 2:
        return [(ORANGE, "o"), (BLUE, "^")]
    return [(COLOURS[k % len(COLOURS)], "o^sDvPX"[k % 7 if k < 7 else (k + k // 7) % 7]) for k in range(count)]


def tinted(colour: str, share: float) -> tuple[float, ...]:
    """Mix a colour with white; ``share`` is the share of the colour, from 0 to 1."""
    from matplotlib.colors import to_rgb

    return tuple(1 - share * (1 - part) for part in to_rgb(colour))


def _rendered(figure: Figure, kind: str, metadata: Mapping[str, None]) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, metadata=metadata, dpi=150 if kind == "png" else 300)
    return picture.getvalue()


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise WorkError(f"{path}: writing failed ({error}); make room there") from error
        raise InputError(f"{path}: cannot be written ({error}); name a folder that can be written to") from error
