"""What a dense network is given of a photograph: pixels in some coordinates, or what is counted of them.

Every function takes images (k, 64, 64, 3) from 0 to 1 and returns rows (k, n). No label is used and nothing is learned:
a row depends on its own image alone, so that it is the same in every split.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Rows = NDArray[np.float32]


def shrunk(images: Images, side: int) -> Images:
    """Means of square patches, (k, side, side, channels)."""
    k, height, _, channels = images.shape
    patch = height // side
    means: Images = images.reshape(k, side, patch, side, patch, channels).mean(axis=(2, 4))
    return means


def flat(values: NDArray[Any]) -> Rows:
    """Everything of an image in one row, (k, n)."""
    return np.ascontiguousarray(values.reshape(len(values), -1), np.float32)


# --- one pixel at a time: each number is a function of one pixel of the shrunk image ---


def opponent(images: Images) -> Images:
    """Brightness, red against green, blue against yellow: (…, 3)."""
    red, green, blue = np.moveaxis(images, -1, 0)
    return np.stack([images.mean(axis=-1), red - green, blue - (red + green) / 2], axis=-1)


def colourfulness(images: Images) -> Images:
    """The opponent colours, their absolute values, and the saturation (max − min) / (max + 0.05): (…, 6)."""
    colours = opponent(images)
    most, least = images.max(axis=-1), images.min(axis=-1)
    saturation = (most - least) / (most + 0.05)  # what is black has no colour
    return np.concatenate([colours, np.abs(colours[..., 1:]), saturation[..., None]], axis=-1)


def grey_pixels(images: Images, side: int) -> Rows:
    """(k, side²)."""
    return flat(shrunk(images, side).mean(axis=-1))


def rgb_pixels(images: Images, side: int) -> Rows:
    """(k, 3 side²)."""
    return flat(shrunk(images, side))


def opponent_pixels(images: Images, side: int) -> Rows:
    """(k, 3 side²)."""
    return flat(opponent(shrunk(images, side)))


def colour_pixels(images: Images, side: int) -> Rows:
    """(k, 6 side²)."""
    return flat(colourfulness(shrunk(images, side)))


def local_contrast(images: Images, side: int) -> Rows:
    """Grey pixels minus the mean of the 5 × 5 around, divided by their deviation: (k, side²)."""
    grey = shrunk(images, side).mean(axis=-1)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(grey, ((0, 0), (2, 2), (2, 2)), mode="edge"), (5, 5), (1, 2)
    )
    return flat((grey - around.mean(axis=(-2, -1))) / (around.std(axis=(-2, -1)) + 0.05))


# --- counted over many pixels: which colours and which edges there are, and roughly where ---


def colour_quantiles(images: Images, quarters: int = 2, many: int = 8) -> Rows:
    """The six colour values of each part of the image, sorted by themselves, every so-manieth kept.

    (k, quarters² · many · 6)
    """
    k, patch = len(images), 32 // quarters
    values = colourfulness(shrunk(images, 32)).reshape(k, quarters, patch, quarters, patch, 6)
    ordered = np.sort(values.swapaxes(2, 3).reshape(k, quarters**2, patch**2, 6), axis=2)
    step = patch**2 // many
    return flat(ordered[:, :, step // 2 :: step])


def colour_histogram(images: Images, bins: tuple[int, int, int] = (8, 4, 4)) -> Rows:
    """Square roots of the shares of hue × saturation × brightness, (k, product of bins).

    The root makes the distance of two rows Hellinger's.
    """
    from matplotlib.colors import rgb_to_hsv

    values = rgb_to_hsv(shrunk(images, 32)).reshape(len(images), -1, 3)
    hue, saturation, brightness = np.moveaxis(np.minimum((values * bins).astype(int), np.array(bins) - 1), -1, 0)
    box = (hue * bins[1] + saturation) * bins[2] + brightness  # (k, pixels)
    n = int(np.prod(bins))
    counts = np.bincount((np.arange(len(images))[:, None] * n + box).ravel(), minlength=len(images) * n)
    return flat(np.sqrt(counts.reshape(len(images), n) / box.shape[1]))


DIRECTIONS = 9
"""Of edges, over half a turn."""


def edge_histogram(images: Images, side: int, cell: int, normalised: bool) -> Rows:
    """How strong the edges of each direction are in each cell: (k, (side / cell)² · 9).

    Dalal & Triggs 2005, "Histograms of oriented gradients": square roots of the pixels, at each the channel that
    changes most, votes shared by the two nearest directions.

    Args:
        images: (k, 64, 64, 3).
        side: to which they are shrunk first.
        cell: pixels of a cell's side.
        normalised: by the energy of the four blocks of 2 × 2 cells around, each cut at 0.3 and then added; else roots.
    """
    pixels = np.sqrt(shrunk(images, side))
    dy, dx = np.zeros_like(pixels), np.zeros_like(pixels)
    dy[:, 1:-1], dx[:, :, 1:-1] = pixels[:, 2:] - pixels[:, :-2], pixels[:, :, 2:] - pixels[:, :, :-2]
    steepest = (dy**2 + dx**2).argmax(axis=-1)[..., None]
    dy, dx = (np.take_along_axis(slope, steepest, axis=-1)[..., 0] for slope in (dy, dx))
    strength, place = np.hypot(dy, dx), np.arctan2(dy, dx) % np.pi / np.pi * DIRECTIONS
    below = np.floor(place).astype(int)
    cells = side // cell
    votes = np.empty((len(images), cells, cells, DIRECTIONS), np.float32)
    for direction in range(DIRECTIONS):
        share = np.where(below % DIRECTIONS == direction, 1 - (place - below), 0)
        share = np.where((below + 1) % DIRECTIONS == direction, place - below, share)
        votes[..., direction] = shrunk((strength * share)[..., None], cells)[..., 0]
    return flat(_by_blocks(votes) if normalised else np.sqrt(votes))


def _by_blocks(votes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each cell's votes (k, cells, cells, 9) against the four blocks that it lies in."""
    energy = np.pad((votes**2).sum(axis=-1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    block = energy[:, :-1, :-1] + energy[:, 1:, :-1] + energy[:, :-1, 1:] + energy[:, 1:, 1:]
    corners = (block[:, :-1, :-1], block[:, 1:, :-1], block[:, :-1, 1:], block[:, 1:, 1:])
    total: NDArray[np.float32] = sum(
        (np.minimum(votes / np.sqrt(corner + 0.05**2)[..., None], 0.3) for corner in corners), np.zeros_like(votes)
    )
    return total


def spectrum(images: Images) -> Rows:
    """Logarithm of the Fourier magnitudes of the grey image at 32 × 32, in boxes of 2 × 2 frequencies: (k, 128).

    It does not change where the image is moved (but for its borders, which a Hann window fades out).
    """
    grey = shrunk(images, 32).mean(axis=-1)
    fade = np.hanning(32)
    waves = np.fft.fft2((grey - grey.mean(axis=(1, 2), keepdims=True)) * fade[:, None] * fade)
    half = np.log(np.abs(waves[:, :16]) + 0.05)  # the other half mirrors it
    return flat(half.reshape(len(images), 8, 2, 16, 2).mean(axis=(2, 4)))


INPUTS: dict[str, Callable[[Images], Rows]] = {
    "grey 16": partial(grey_pixels, side=16),
    "RGB 8": partial(rgb_pixels, side=8),
    "RGB 16": partial(rgb_pixels, side=16),
    "opponent 8": partial(opponent_pixels, side=8),
    "colour 8": partial(colour_pixels, side=8),
    "colour 16": partial(colour_pixels, side=16),
    "local contrast 16": partial(local_contrast, side=16),
    "quantiles": colour_quantiles,
    "histogram": colour_histogram,
    "edges 4×4": partial(edge_histogram, side=64, cell=16, normalised=False),
    "HOG 4×4": partial(edge_histogram, side=32, cell=8, normalised=True),
    "HOG 8×8": partial(edge_histogram, side=32, cell=4, normalised=True),
    "spectrum": spectrum,
}
"""All that is tried, by name; the number is the side in pixels, for edges in cells."""
