"""Checkpoints of a population: a folder with a file for each of its slices, finished or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layerlab.errors import InputError
from layerlab.runs.writing import check_new
from layerlab.training.checkpoint import Checkpoint, checkpoint_of
from layerlab.training.job import Job


@dataclass(frozen=True)
class Slices:
    """The folder. A file is called by its program's number, its first member's and that behind its last.

    Attributes:
        folder: where.
    """

    folder: Path

    def of(self, job: Job, program: int, start: int, size: int) -> tuple[Job, Checkpoint]:
        """The next members, those of the file that begins with the first of them if there is one, and their place.

        Args:
            job: all members of a program.
            program: its number.
            start: number of the first member.
            size: how many there shall be where nothing is kept yet.
        """
        found = sorted(self.folder.glob(f"{program}-{start}-*"))
        stop = int(found[0].name.split("-")[-1]) if found else min(start + size, len(job.members))
        some = job.slice(start, stop)
        return some, checkpoint_of(some, self.folder / f"{program}-{start}-{stop}", resume=True)

    def remove(self) -> None:
        """No checkpoints any more, and no folder if it holds nothing else."""
        for pattern in ("[0-9]*-[0-9]*-[0-9]*", ".[0-9]*.part"):  # the latter a kill may leave
            for file in self.folder.glob(pattern):
                file.unlink()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def slices_at(folder: str | Path | None, resume: bool) -> Slices | None:
    """A folder for checkpoints, if one is wanted.

    Raises:
        InputError: something is there and is not to be resumed, or the place cannot be written to.
    """
    if folder is None:
        if resume:
            raise InputError("resume=True: name the folder to go on from, checkpoint=…")
        return None
    folder = Path(folder)
    if not folder.exists():
        check_new(folder)
    elif not folder.is_dir():
        raise InputError(f"{folder}: is no folder; name one for the checkpoints")
    elif any(folder.iterdir()) and not resume:
        raise InputError(f"{folder}: holds something already; resume=True (--resume) goes on from it, or empty it")
    return Slices(folder)
