"""Where the rows of a stream come from: arrays in files, or a function that makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .stream import MEMORY, Numbers, Rows, Stream


class Makes(Protocol):
    """Something that makes examples when it is asked for them.

    Attributes:
        rows, n_x: number of examples and of features.
    """

    rows: int
    n_x: int

    def read(self, numbers: Numbers, epoch: int) -> tuple[Rows, Rows]:
        """X (k, n_x) and Y (k, n_y) of the examples with these numbers, counted from 0, as they are in an epoch."""
        ...


@dataclass(frozen=True)
class Generated:
    """Examples made anew for each epoch, any of them at the price of any other.

    Attributes:
        make: what makes them.
        n_y: rows of labels.
    """

    make: Makes
    n_y: int
    name: str = "the stream"
    block: int = field(default=1, init=False)
    renewed: bool = field(default=True, init=False)

    @property
    def rows(self) -> int:
        """Number of examples."""
        return self.make.rows

    @property
    def n_x(self) -> int:
        """Number of features."""
        return self.make.n_x

    @property
    def digest(self) -> str:
        """The maker's own, if it has one."""
        return str(getattr(self.make, "digest", ""))

    def read(self, numbers: Numbers, epoch: int) -> tuple[Rows, Rows]:
        """As in ``Source``."""
        X, Y = self.make.read(numbers, epoch)
        return np.asarray(X), np.asarray(Y)


def generated(make: Makes, *, memory_mib: float = MEMORY.default, name: str = "the stream") -> Stream:
    """A stream of examples that are made when they are needed, such as images that are changed a little in each epoch.

    Their order is an ordinary shuffle, however many buffers there are.

    Args:
        make: with ``rows``, ``n_x`` and ``read(numbers, epoch)``, which returns X (k, n_x) and Y (k, n_y); it should be
            a pure function of both, so that a training that was killed can go on from its checkpoint.
        memory_mib: MiB that two buffers and what fills them may take.
        name: for messages.

    Example:
        >>> import numpy as np
        >>> class Noisy:
        ...     rows, n_x = 100, 2
        ...     def read(self, numbers, epoch):
        ...         x = numbers[:, None] / 100 + np.random.RandomState(epoch).rand(len(numbers), 2) / 100
        ...         return x, (numbers[:, None] > 50).astype(float)
        >>> generated(Noisy()).rows
        100
    """
    n_y = np.asarray(make.read(np.zeros(1, np.int64), 0)[1]).shape[1]
    return Stream(Generated(make, n_y, name), memory_mib=MEMORY.check(memory_mib))


@dataclass(frozen=True)
class Arrays:
    """Rows of a pair of arrays in files, of which a slice can be read.

    Attributes:
        X, y: (rows, n_x) and (rows,) or (rows, n_y), as NumPy maps them or h5py opens them.
        classes: the labels in their order, if y holds class numbers or names; else None: values, or columns.
        block: rows that are read together.
    """

    name: str
    X: Any
    y: Any
    block: int
    digest: str
    classes: NDArray[Any] | None = None
    renewed: bool = field(default=False, init=False)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    @property
    def n_x(self) -> int:
        """Number of features: of images every number of every pixel."""
        return int(np.prod(self.X.shape[1:]))

    @property
    def n_y(self) -> int:
        """Rows of labels."""
        if self.classes is not None:
            return 1 if len(self.classes) == 2 else len(self.classes)
        return int(np.prod(self.y.shape[1:]))

    def read(self, numbers: Numbers, epoch: int) -> tuple[Rows, Rows]:  # noqa: ARG002
        """As in ``Source``."""
        first, last = int(numbers[0]), int(numbers[-1]) + 1
        with readable(self.name):
            X, y = np.asarray(self.X[first:last]), np.asarray(self.y[first:last])
        if len(numbers) < last - first:
            X, y = X[numbers - first], y[numbers - first]
        return X.reshape(len(X), -1), self.labels(y)

    def labels(self, y: Rows) -> Rows:
        """(k, n_y) of a slice of y."""
        if self.classes is None:
            return y.reshape(len(y), -1)
        places = np.searchsorted(self.classes, y.reshape(-1))
        return places.reshape(-1, 1) if len(self.classes) == 2 else np.eye(len(self.classes))[places]


@contextmanager
def readable(name: str) -> Iterator[None]:
    """What goes wrong on reading, as a sentence."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # whatever a library raises for a file that is gone, cut or damaged
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name}: cannot be read ({reason}); wanted a whole file that stays while it is read") from None


def mapped(path: Path) -> Any:
    """A .npy file of numbers, mapped into memory.

    Raises:
        InputError: it is none.
    """
    with readable(str(path)):
        return np.load(path, mmap_mode="r", allow_pickle=False)


def in_hdf5(path: Path, name: str) -> Any:
    """A dataset of an HDF5 file, opened and not read.

    Raises:
        InputError: it is not there.
    """
    import h5py

    with readable(str(path)):
        file = h5py.File(path, "r")
        names: list[str] = []
        file.visititems(lambda place, one: names.append(place) if isinstance(one, h5py.Dataset) else None)
    if name not in names:
        raise InputError(f"{path}: has no array {name!r}: wanted one of {', '.join(names)}; write {path.name}:{names[0]}")
    return file[name]
