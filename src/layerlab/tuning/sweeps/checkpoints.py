"""Checkpoints of a sweep: a folder with a file for each slice of the population, finished or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layerlab.errors import InputError
from layerlab.runs.writing import check_new, kind_at
from layerlab.training.checkpoint import Checkpoint, checkpoint_of
from layerlab.training.job import Job


@dataclass(frozen=True)
class SweepCheckpoints:
    """The folder of a sweep's checkpoints.

    A file's name holds three numbers: of its program, of its first member, and of the member after its last.

    Attributes:
        folder: where the files are.
    """

    folder: Path

    def of(self, job: Job, program: int, start: int, size: int) -> tuple[Job, Checkpoint]:
        """Return the next slice of members and its checkpoint; if a file begins with it, it has the size of that file.

        Args:
            job: all members of a program.
            program: its number.
            start: number of the first member.
            size: how many members the slice has where no file is kept yet.
        """
        found = sorted(self.folder.glob(f"{program}-{start}-*"))
        stop = int(found[0].name.split("-")[-1]) if found else min(start + size, len(job.members))
        members = job.slice(start, stop)
        return members, checkpoint_of(members, self.folder / f"{program}-{start}-{stop}", resume=True)

    def remove(self) -> None:
        """Delete all checkpoints, and the folder too if it holds nothing else."""
        for pattern in ("[0-9]*-[0-9]*-[0-9]*", ".[0-9]*.part"):  # a kill may leave one of the latter
            for file in self.folder.glob(pattern):
                file.unlink()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def checkpoints_at(folder: str | Path | None, resume: bool) -> SweepCheckpoints | None:
    """Return the folder for a sweep's checkpoints, checked, or None if none are wanted.

    Raises:
        InputError: something is there and is not to be resumed, or the place cannot be written to.
    """
    if folder is None:
        if resume:
            raise InputError("resume=True: name the folder to go on from, checkpoint=…")
        return None
    folder = Path(folder)
    there = kind_at(folder)
    if not there:
        check_new(folder)
    elif there != "folder":
        raise InputError(f"{folder}: is no folder; name one for the checkpoints")
    elif any(folder.iterdir()) and not resume:
        raise InputError(f"{folder}: holds something already; resume=True goes on from it, or empty it")
    return SweepCheckpoints(folder)
