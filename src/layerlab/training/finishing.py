"""The end of a training: from what was recorded to a ``Run``. ``train`` and ``Stepper.run`` end here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from layerlab.formulas import Parameters
from layerlab.runs.evidence import Evidence
from layerlab.runs.findings import Finding
from layerlab.runs.history import History
from layerlab.runs.members import Members
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run

from .examining import evidence_in
from .fit import coordinates_of, full_parameters
from .job import Job
from .record import history_of
from .stages import stage
from .target import in_own_units
from .watching import Record


class Ending(NamedTuple):
    """What a training left.

    Attributes:
        trained: ``W1 b1 … WL bL`` as they were learned; with a monitor those of the best epoch.
        history: what was recorded.
        evidence: what verdict and diagnosis rest on.
        members: the members that were trained together; None for a single network, and ``trained`` is the first one's.
        shown: the number of the member whose evidence this is.
    """

    trained: Parameters
    history: History
    evidence: Evidence
    members: Members | None = None
    shown: int = 0


def concluded(job: Job, record: Record, history: History | None = None) -> Ending:
    """Return what a training left: full weights, history and evidence.

    Args:
        job: what was trained.
        record: all that was recorded; with no last chunk, nothing was trained.
        history: its history, where the job was changed on the way and does not tell all of it.
    """
    with stage("finish"):
        trained = job.start(job.members[0]) if record.last is None else trained_in(job, record)
        history = history_of(record, job) if history is None else history
        return Ending(trained, history, evidence_in(job, trained, history))


def trained_in(job: Job, record: Record) -> Parameters:
    """Return the parameters that a training ends with, as they were learned and at full width."""
    assert record.last is not None  # noqa: S101
    return full_parameters(job, 0, coordinates_of(job, record.last, 0))


def finished(job: Job, plan: Plan, ending: Ending, found: tuple[Finding, ...], **more: Any) -> Run:
    """Make the run of a finished training.

    Args:
        job: what was trained.
        plan: how, with the seconds that it took.
        ending: what it left.
        found: what is wrong with it.
        more: other fields of ``Run``: its settings and events where they changed on the way.
    """
    fields: Mapping[str, Any] = {
        "settings": job.common,
        "weighted": job.sample_weight is not None if job.folds is None else job.folds.weighted,
        "given_start": job.given is not None,
        **job.description,
        **more,
    }
    return Run(
        network=job.members[0].network,
        parameters=in_own_units(job, ending.trained),
        history=ending.history,
        plan=plan,
        verdict=ending.evidence.verdict,
        diagnosis=found,
        members=ending.members,
        **fields,
    )
