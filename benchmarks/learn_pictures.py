"""The pictures of docs/learn: its pages run, and what they draw is kept with few colours, so that it is small.

    python -m benchmarks.learn_pictures 1 2 3

writes the pictures of these chapters into docs/learn/pictures; without numbers, of all chapters.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from learn_pages import FOLDER, blocks_of, chapters, run_python

COLOURS, WIDTH = 128, 840
"""Colours and width of a picture, in dots."""


def main(numbers: list[str]) -> None:
    """Run the pages and keep their pictures."""
    for page in chapters():
        if numbers and page.stem[0] not in numbers:
            continue
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            namespace: dict[str, Any] = {}
            for block in blocks_of(page):
                if block.language == "python":
                    run_python(block.source, namespace)
            for picture in sorted(Path(folder).glob("pictures/*.png")):
                keep(picture, FOLDER / "pictures" / picture.name)
            os.chdir(FOLDER)


def keep(picture: Path, place: Path) -> None:
    """Write a picture at its place, smaller and with few colours."""
    image = Image.open(picture).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    small = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(place, optimize=True)
    print(f"{place.name}: {place.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
