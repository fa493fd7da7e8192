"""The sheet of unit maps: a figure on which rows of square maps are placed from the top down, and scales of colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .style import WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 6
"""The largest number of maps of hidden units in a row."""


class Sheet:
    """A figure on which rows of maps are placed from the top down; all lengths are in inches.

    Attributes:
        figure: the figure, without a layout engine.
        height: height of the figure.
        side: length of the sides of a hidden unit's map.
        output_side, output_columns: length of the sides of an output's map, and number of these maps in a row.
        y: height above the lower edge at which the next thing is placed.
    """

    left, output_left, gap, room_right = 0.12, 0.62, 0.1, 0.6
    heading, caption, output_caption = 0.25, 0.25, 0.3

    def __init__(self, units: Sequence[int], outputs: int, title: str) -> None:
        columns = max(4, *map(across, units))
        self.side = (WIDTH - self.left - self.room_right - (columns - 1) * self.gap) / columns
        if self.side < 1.3:  # captions of two lines
            self.caption = 0.4
        self.output_columns = min(outputs, 4)
        room = (WIDTH - self.output_left - 0.1) / self.output_columns - self.gap
        self.output_side = 2.75 if outputs == 1 else min(2.3, room)
        rows = sum(math.ceil(n / across(n)) for n in units)
        output_rows = math.ceil(outputs / self.output_columns)
        height = 0.5 + (len(units) + 1) * (self.heading + 0.1) + rows * (self.side + self.caption)
        height += output_rows * (self.output_side + self.output_caption) + (0.15 if outputs == 1 else 1.3)
        self.figure = new_figure(title, height)
        self.figure.set_layout_engine("none")
        self.height = float(self.figure.get_figheight())
        self.y = height - 0.5
        self._scales: list[tuple[Any, tuple[float, float, float, float], list[tuple[float, str]]]] = []
        words = self.figure.get_suptitle()
        self.figure.suptitle(words, x=self.left / WIDTH, y=1 - 0.12 / self.height, va="top", ha="left")

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return new axes whose upper left corner is at x and y."""
        return self.figure.add_axes((x / WIDTH, (y - height) / self.height, width / WIDTH, height / self.height))

    def write(self, x: float, y: float, words: str, **how: Any) -> None:
        """Write a text whose upper left corner is at x and y."""
        self.figure.text(x / WIDTH, y / self.height, words, **{"va": "top", "linespacing": 1.25, **how})

    def scale(self, image: Any, place: tuple[float, float, float, float], ticks: list[tuple[float, str]]) -> None:
        """Remember the place (x, y, width and height) of a scale of colours; it is drawn after all maps."""
        self._scales.append((image, place, ticks))

    def draw_scales(self) -> None:
        """Draw the scales of colours, each from its first to its last tick."""
        for image, (x, y, width, height), ticks in self._scales:
            upright = height > width
            axes = self.axes(x, y, width, height)
            drawn = self.figure.colorbar(image, cax=axes, orientation="vertical" if upright else "horizontal")
            drawn.outline.set_visible(False)
            drawn.set_ticks([at for at, _ in ticks], labels=[text for _, text in ticks])
            (axes.set_ylim if upright else axes.set_xlim)(ticks[0][0], ticks[-1][0])
            axes.tick_params(length=0, labelsize=9, pad=2)


def across(n: int) -> int:
    """Return how many of n maps are put into each row, so that rows are about equally long."""
    return math.ceil(n / math.ceil(n / COLUMNS))
