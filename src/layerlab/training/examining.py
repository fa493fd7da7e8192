"""Examine a finished training: find out how it went and, if it ended badly, what would have helped."""

from __future__ import annotations

from layerlab.datasets import Part
from layerlab.formulas import Parameters
from layerlab.runs.causes import suspects_of
from layerlab.runs.diagnosis import findings
from layerlab.runs.evidence import Evidence, evidence_of
from layerlab.runs.findings import Finding
from layerlab.runs.history import History
from layerlab.text import tell

from .interrupts import Interrupts
from .job import Job
from .remedies import trial_of
from .stages import stage, stopwatch


def evidence_in(job: Job, trained: Parameters, history: History, member: int = 0) -> Evidence:
    """Return what a finished training shows; its verdict and its diagnosis rest on it.

    Args:
        job: what was trained.
        trained: ``W1 b1 … WL bL`` at the end, as they were learned.
        history: what was recorded.
        member: the model's number among the job's members.
    """
    one, part = job.members[member], Part(job.part.X, job.targets)
    weights = job.weights[member] if job.weights is not None and job.each_weighs else job.weights
    return evidence_of(
        one.network,
        trained,
        history,
        part,
        one.settings,
        weights=weights,
        start=job.start(one),
        given=job.given is not None,
    )


def findings_of(job: Job, evidence: Evidence, interrupts: Interrupts, advice: bool) -> tuple[Finding, ...]:
    """Return what is wrong with a run, and what would have helped.

    Args:
        job: what was trained.
        evidence: what the training showed.
        interrupts: Ctrl-C ends only the search for a remedy, because the run itself is complete.
        advice: whether short trainings may find out what would have helped.
    """
    if not advice or not suspects_of(evidence):
        return findings(evidence, None)
    before = interrupts.count
    interrupts.at_once, stopped, trial = True, False, None  # only the advice would be lost
    try:
        with stage("advice"), stopwatch():  # initial weights and compiling for a trial do not belong to the training
            trial = trial_of(job, evidence, lambda: interrupts.count > before)
    except KeyboardInterrupt:
        stopped, trial = True, None
    finally:
        interrupts.at_once = False
    if stopped or interrupts.count > before:
        interrupts.answered = True
        tell("The training is complete; the search for settings that would have helped was interrupted.")
    return findings(evidence, trial)
