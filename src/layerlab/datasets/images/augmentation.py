"""Augmentation: each epoch uses another variant of every image, which depends only on its number and the epoch.

    mirrored → rotated about the centre → shifted → brighter or darker

Pixels from beyond the border repeat the pixel at the border. Labels do not change.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas.arrays import Floats
from layerlab.settings import SETTINGS, Setting

if TYPE_CHECKING:
    pass

Block = NDArray[Any]
"""Images (k, height, width, channels), float64 or float32, from 0 to 1."""

FLIPS = ("none", "horizontal", "vertical", "both")
"""horizontal: swap left and right; vertical: swap top and bottom; both: each of the two by itself."""

RANGES = {
    "shift": Setting("shift", float, 0.0, "How far an image is shifted, in pixels, or as a share of its side", low=0),
    "rotate": Setting("rotate", float, 0.0, "How far an image is rotated, in degrees", low=0, high=180),
    "brightness": Setting("brightness", float, 0.0, "How much brighter or darker an image gets", low=0, below=1),
    "seed": SETTINGS["seed"],
}

CHANGED_AT_A_TIME = 2**16
"""How many numbers are changed at a time, so that they fit the processor's cache; no result depends on it."""


@dataclass(frozen=True)
class Augmentation:
    """How far a variant may differ from its image; each amount is uniformly random between its two ends.

    Attributes:
        flip: one of ``FLIPS``; True is "horizontal". Half of the images are flipped.
        shift: to each side, in whole pixels; below 1, a share of the image's height and width, at least one pixel.
        rotate: degrees to each side.
        brightness: b multiplies pixels by a factor from 1 − b to 1 + b; results above 1 become 1.
        seed: seed of all random numbers.

    Raises:
        InputError: an amount is out of its range, or the flip is unknown.
    """

    flip: str | bool = "none"
    shift: float = 0.0
    rotate: float = 0.0
    brightness: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        named = (
            {True: "horizontal", False: "none"}.get(self.flip, self.flip) if isinstance(self.flip, bool) else self.flip
        )
        if named not in FLIPS:
            raise InputError(f"flip={self.flip!r}: wanted True, False or one of {', '.join(FLIPS)}")
        object.__setattr__(self, "flip", named)
        for name, range_ in RANGES.items():
            object.__setattr__(self, name, range_.check(getattr(self, name)))
        if self.shift > 1 and self.shift != int(self.shift):
            raise InputError(f"shift={self.shift:g}: wanted whole pixels, or a share of the side below 1")

    def __str__(self) -> str:
        """Write the amounts as ``parse_augmentation`` reads them.

        Example:
            >>> str(Augmentation(flip=True, rotate=10))
            'flip=horizontal,rotate=10'
        """
        changed = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        values = [getattr(self, name) for name in changed]
        return (
            ",".join(
                f"{name}={value:.17g}"
                if isinstance(value, float) and float(f"{value:g}") != value
                else f"{name}={value:g}"
                if isinstance(value, float)
                else f"{name}={value}"
                for name, value in zip(changed, values, strict=True)
            )
            or "none"
        )


def parse_augmentation(text: str) -> Augmentation:
    """Read an augmentation from a text, as given on the command line.

    Args:
        text: "flip,shift=2,rotate=10,brightness=0.2", each at most once, and all optional; "none" for no augmentation.

    Raises:
        InputError: a word is unknown or repeated, or a value is missing or out of range.

    Example:
        >>> parse_augmentation("flip,shift=0.1")
        Augmentation(flip='horizontal', shift=0.1, rotate=0.0, brightness=0.0, seed=0)
    """
    values: dict[str, Any] = {}
    for word in [] if text.strip() == "none" else text.split(","):
        name, has_value, value = (piece.strip() for piece in word.partition("="))
        if name not in ("flip", *RANGES):
            raise InputError(f"augmentation {text!r}: {name!r} is unknown: wanted some of flip, {', '.join(RANGES)}")
        if name in values:
            raise InputError(f"augmentation {text!r}: {name} is given twice; give it once")
        if name == "flip":
            values[name] = value if has_value else True
        else:
            values[name] = _number(text, name, value)
    try:
        return Augmentation(**values)
    except InputError as error:
        raise InputError(f"augmentation {text!r}: {error}") from error


def _number(text: str, name: str, value: str) -> float:
    """Read an amount as a number."""
    try:
        number = float(value)
    except ValueError as error:
        came = f"{name}={printable(value)}" if value else f"{name} has no number"
        raise InputError(f"augmentation {text!r}: {came}: wanted a number, such as {name}=2") from error
    return int(number) if number.is_integer() else number


def mirrored(images: Block, across: NDArray[np.bool_], down: NDArray[np.bool_]) -> Block:
    """Mirror images: swap left and right where ``across`` (k,), top and bottom where ``down`` (k,)."""
    images = np.where(across[:, None, None, None], images[:, :, ::-1], images)
    return np.where(down[:, None, None, None], images[:, ::-1], images)


def shifted(images: Block, dy: NDArray[np.int64], dx: NDArray[np.int64]) -> Block:
    """Shift images by whole pixels, down by dy (k,) and right by dx (k,).

    out(y, x) = in(y − dy, x − dx), both limited to the image.
    """
    _, height, width, _ = images.shape
    rows = np.clip(np.arange(height) - dy[:, None], 0, height - 1)  # (k, h)
    columns = np.clip(np.arange(width) - dx[:, None], 0, width - 1)  # (k, w)
    moved: Block = images[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved


def rotated(images: Block, degrees: Floats) -> Block:
    """Rotate images about their centre, anticlockwise by ``degrees`` (k,), with bilinear interpolation.

    With the centre c = ((h − 1) / 2, (w − 1) / 2) and the angle α, out(y, x) is the image at

        y' = c_y + (y − c_y) cos α + (x − c_x) sin α        x' = c_x − (y − c_y) sin α + (x − c_x) cos α,

    both limited to the image. Between pixels, it is the mean of the four pixels around, weighted by nearness:

        (1 − v)(1 − u) in(⌊y'⌋, ⌊x'⌋) + (1 − v) u in(⌊y'⌋, ⌊x'⌋ + 1) + v (1 − u) in(⌊y'⌋ + 1, ⌊x'⌋) + …,

    v = y' − ⌊y'⌋, u = x' − ⌊x'⌋.
    """
    k, height, width, channels = images.shape
    angle = np.deg2rad(degrees)[:, None, None]
    y, x = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    y_from = np.clip(y * np.cos(angle) + x * np.sin(angle) + (height - 1) / 2, 0, height - 1)  # (k, h, w)
    x_from = np.clip(x * np.cos(angle) - y * np.sin(angle) + (width - 1) / 2, 0, width - 1)
    top, left = y_from.astype(np.int64), x_from.astype(np.int64)
    v, u = ((y_from - top)[..., None].astype(images.dtype), (x_from - left)[..., None].astype(images.dtype))
    below, beside = (top < height - 1) * width, (left < width - 1).astype(np.int64)  # steps in a flat image
    place = np.arange(k)[:, None, None] * (height * width) + top * width + left
    pixels = images.reshape(-1, channels)
    upper = pixels[place] * (1 - u) + pixels[place + beside] * u
    lower = pixels[place + below] * (1 - u) + pixels[place + below + beside] * u
    turned: Block = upper * (1 - v) + lower * v
    return turned


def brightened(images: Block, factors: Floats) -> Block:
    """Brighten or darken images: min(factor · pixel, 1), with one factor (k,) for each image."""
    changed: Block = np.minimum(images * factors.astype(images.dtype)[:, None, None, None], 1)
    return changed


def random_draws(seed: int, epoch: int, numbers: NDArray[Any]) -> Floats:
    """Six random numbers for each image, (k, 6), uniform on [0, 1): SplitMix64 of (seed, epoch, number, 0 to 5).

    Steele, Lea & Flood, Fast splittable pseudorandom number generators, 2014. It has no state to step
    through, so any image of any epoch can be made directly.
    """
    state = _mixed(_mixed(np.array([seed], np.uint64)) + np.uint64(epoch))
    state = _mixed(state + numbers.astype(np.uint64))  # (k,)
    bits = _mixed(state[:, None] + np.arange(6, dtype=np.uint64) * GOLDEN)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ / φ, odd: SplitMix64's step."""


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's next number from a state; the multiplication wraps around, as intended."""
    z = z + GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
