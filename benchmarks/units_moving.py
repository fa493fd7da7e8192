"""The two pictures of README: what the units of the flower's 2-4-1 network see, as a still and as a moving picture.

    python -m benchmarks.units_moving docs

writes ``what_the_units_see.png``, the trained network as ``layerlab train flower --plots`` draws it, and
``what_the_units_see.gif``, the same network from its initial weights on. Both take about a minute.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from layerlab import plots
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.notes import planar

ITERATIONS, LEARNING_RATE, SEED = 10_000, 1.2, 3
FRAMES = 32
"""Pictures of the moving one, at iterations of equal ratio: most happens early."""

FIRST = 20
"""The iteration of the second frame; until then hardly anything moves."""

DOTS, COLOURS = 100, 128
"""Dots an inch and colours of the moving picture."""

SECONDS, LAST = 0.22, 4.0
"""How long each frame stands, and the last one."""


def trained(X: np.ndarray, Y: np.ndarray, moments: set[int]) -> Iterator[tuple[int, Parameters]]:
    """Yield the parameters after each of some numbers of updates, by the steps of the course notes."""
    parameters = planar.initialize_parameters(2, 4, 1, SEED)
    for iteration in range(max(moments) + 1):
        if iteration in moments:
            yield iteration, parameters
        _, cache = planar.forward_propagation(X, parameters)
        gradients = planar.backward_propagation(parameters, cache, X, Y)
        parameters = planar.update_parameters(parameters, gradients, LEARNING_RATE)


def main(folder: Path) -> None:
    """Write both pictures."""
    X, Y = planar.load_planar_dataset()
    network = Network([2, 4, 1], hidden="tanh", output="sigmoid")
    moments = {0, *np.geomspace(FIRST, ITERATIONS, FRAMES - 1).round().astype(int).tolist()}
    frames = []
    for iteration, parameters in trained(X, Y, moments):
        A2, _ = planar.forward_propagation(X, parameters)
        right = float(((A2 > 0.5) == Y).mean())
        cost = planar.compute_cost(A2, Y)
        title = f"Iteration {iteration:,}: cost {cost:.3f}, {100 * right:.0f} % of the training set correct"
        figure = plots.unit_maps(network, parameters, (X, Y), title=title, class_names=("red", "blue"))
        if iteration == ITERATIONS:
            still, vector = plots.save(figure, folder, "what_the_units_see")
            vector.unlink()
            print(still)
        frames.append(picture_of(figure))
    palette = np.concatenate([np.asarray(frame) for frame in frames[:: FRAMES // 6]])
    few_colours = Image.fromarray(palette).quantize(COLOURS, dither=Image.Dither.NONE)
    few = [frame.quantize(palette=few_colours, dither=Image.Dither.NONE) for frame in frames]
    durations = [round(1000 * SECONDS)] * (len(few) - 1) + [round(1000 * LAST)]
    path = folder / "what_the_units_see.gif"
    few[0].save(path, save_all=True, append_images=few[1:], duration=durations, loop=0, optimize=True)
    print(path, f"{path.stat().st_size / 1000:.0f} kB, {len(few)} frames")


def picture_of(figure: Figure) -> Image.Image:
    """A figure as dots."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS)
    return Image.open(picture).convert("RGB")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
