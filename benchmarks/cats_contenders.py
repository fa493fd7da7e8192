"""Which dense networks are held against each other on the cats, and among which of them one is chosen.

The list was made by looking at the course notes' 209 training images alone (two times five folds), and then left as
it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .cats_views import MORE, View

USUAL: Mapping[str, Any] = {
    "optimizer": "adamw",
    "learning_rate": 0.001,
    "schedule": "cosine",
    "batch_size": 64,
    "iterations": 600,
    "weight_decay": 0.1,
    "dropout": 0.3,
}
"""Settings of ``sweep`` that a contender has unless it says otherwise."""


@dataclass(frozen=True)
class Contender:
    """A dense network, what it is given, and what it is held against.

    Attributes:
        view: inputs and augmentation.
        hidden: sizes of its hidden layers.
        against: the contender that differs from it by one thing, whose accuracy is taken from its own; "" for none.
        members: networks that differ by their seed, whose probabilities are averaged.
        others: settings beside the usual ones.
    """

    view: View
    hidden: tuple[int, ...] = (64,)
    against: str = ""
    members: int = 4
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings of ``sweep``."""
        return {**USUAL, **self.others}


NONE, MILD, STRONG = (
    "none",
    "flip,shift=0.2,rotate=30,brightness=0.25",
    "flip,shift=0.25,rotate=180,brightness=0.25",
)
COUNTED = ("quantiles", "histogram", "edges 4×4")
ALL = (*COUNTED, "HOG 4×4", "HOG 8×8", "spectrum")
DEEP: Mapping[str, Any] = {"iterations": 1300}
FIRM: Mapping[str, Any] = {"dropout": 0.5, "weight_decay": 0.3}

CONTENDERS = {
    # pixels: a number of a row is a function of one pixel
    "grey 16×16, 256": Contender(View(("grey 16",), MILD), (256,)),
    "RGB 8×8, no augmentation": Contender(View(("RGB 8",), NONE)),
    "RGB 8×8, mild": Contender(View(("RGB 8",), MILD), against="RGB 8×8, no augmentation"),
    "RGB 8×8, strong": Contender(View(("RGB 8",), STRONG), against="RGB 8×8, mild"),
    "RGB 8×8, strong, 256-64": Contender(View(("RGB 8",), STRONG), (256, 64), "RGB 8×8, strong", others=DEEP),
    "RGB 16×16, mild": Contender(View(("RGB 16",), MILD), against="RGB 8×8, mild"),
    "opponent 8×8, strong": Contender(View(("opponent 8",), STRONG), against="RGB 8×8, strong"),
    "opponent 8×8, strong, 256-64": Contender(
        View(("opponent 8",), STRONG), (256, 64), "opponent 8×8, strong", others=DEEP
    ),
    "colour 8×8, no augmentation": Contender(View(("colour 8",), NONE)),
    "colour 8×8, strong": Contender(View(("colour 8",), STRONG), against="opponent 8×8, strong"),
    "colour 8×8, strong, 256, firm": Contender(View(("colour 8",), STRONG), (256,), "colour 8×8, strong", others=FIRM),
    "colour 16×16, strong": Contender(View(("colour 16",), STRONG), against="colour 8×8, strong"),
    "colour 8×8, strong, 64-32": Contender(View(("colour 8",), STRONG), (64, 32), "colour 8×8, strong"),
    **{
        f"colour 8×8, strong, {more}": Contender(View(("colour 8",), f"{STRONG};{more}"), against="colour 8×8, strong")
        for more in MORE
    },
    "local contrast 16×16, 256": Contender(View(("local contrast 16",), MILD), (256,), "grey 16×16, 256"),
    # counted: histograms over many pixels
    "quantiles": Contender(View(("quantiles",), MILD)),
    "histogram": Contender(View(("histogram",), MILD)),
    "edges": Contender(View(("edges 4×4",), MILD)),
    "HOG": Contender(View(("HOG 4×4", "HOG 8×8"), MILD)),
    "spectrum": Contender(View(("spectrum",), MILD)),
    "quantiles + histogram": Contender(View(("quantiles", "histogram"), MILD), against="quantiles"),
    "… + edges": Contender(View(COUNTED, MILD), against="quantiles + histogram"),
    "everything": Contender(View(ALL, MILD), against="… + edges"),
    # the last one, with one thing changed
    "everything, no augmentation": Contender(View(ALL, NONE), against="everything"),
    "everything, strong": Contender(View(ALL, STRONG), against="everything"),
    "everything, 128, firm": Contender(View(ALL, MILD), (128,), "everything", others=FIRM),
    "everything, 128-32": Contender(View(ALL, MILD), (128, 32), "everything"),
    "everything, no hidden layer": Contender(View(ALL, MILD), (), "everything", others={"dropout": 0.0}),
    "everything, no dropout": Contender(View(ALL, MILD), against="everything", others={"dropout": 0.0}),
    "everything, no weight decay": Contender(View(ALL, MILD), against="everything", others={"weight_decay": 0.0}),
    "everything, labels smoothed": Contender(View(ALL, MILD), against="everything", others={"label_smoothing": 0.1}),
    "everything, 16 members": Contender(View(ALL, MILD), against="everything", members=16),
    **{f"everything, {more}": Contender(View(ALL, f"{MILD};{more}"), against="everything") for more in MORE},
    "everything and colour 8×8": Contender(View((*ALL, "colour 8"), MILD), against="everything"),
}
"""By name."""

PIXELS = (
    "RGB 8×8, strong, 256-64",
    "RGB 16×16, mild",
    "opponent 8×8, strong, 256-64",
    "colour 8×8, strong",
    "colour 8×8, strong, 256, firm",
    "colour 16×16, strong",
)
"""Those of which one may be chosen where only pixels are allowed."""

EVERYTHING = (
    *PIXELS,
    "quantiles + histogram",
    "… + edges",
    "everything",
    "everything, no augmentation",
    "everything, strong",
    "everything, 128, firm",
)
"""Those of which one may be chosen where counting is allowed too."""

AVERAGES: Mapping[str, tuple[str, ...]] = {
    "average of the pixel networks": PIXELS[2:],
    "average of the networks that count": EVERYTHING[len(PIXELS) :],
}
"""Averages of their probabilities may be chosen as well."""

SERIES = ((146, 226), (0, 208), (57, 136, 210), (93, 145), (154, 252), (219, 221))
"""Numbers of images of one scene or animal, the first two identical: found among the pairs that look most alike under
crops and mirrors, and confirmed by eye. From 209 on they are the course notes' test images."""
