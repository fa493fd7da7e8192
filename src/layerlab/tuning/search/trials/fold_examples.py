"""What the engine reads for each fold: the fold's own training examples, and all examples for scoring.

An update on all examples reads the fold's own examples only. A fold with fewer examples than others is filled up with
examples that it holds out, which weigh 0, so that one compiled program serves all folds. Mini-batches and dropout go by
the examples' numbers in the whole set. So with these, held-out examples stay, and weigh 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from layerlab.formulas import Span
from layerlab.training.engines import initial_state
from layerlab.training.job import Job
from layerlab.training.layout import weights_of
from layerlab.training.members import Places, data_of, examples_of
from layerlab.training.updates import EngineData, Program, State

from .search_data import SearchData


class FoldExamples(NamedTuple):
    """A fold as the engine reads it.

    Attributes:
        own: the data for training; examples of weight 0 are held out.
        judged: the data for scoring, with all examples.
    """

    own: EngineData
    judged: EngineData

    def of(self, places: Places, models: int) -> FoldExamples:
        """Return the same for some models: see ``data_of``."""
        return FoldExamples(data_of(self.own, places, models), data_of(self.judged, places, models))


def fold_programs(search_data: SearchData, job: Job, data: EngineData) -> tuple[Program, list[FoldExamples]]:
    """Return the program that trains on every fold, and its data for each fold.

    Args:
        search_data: examples and folds.
        job: the models, on all examples, without weights.
        data: as ``laid_out`` returned it.
    """
    every = search_data.weights()
    jobs = [replace(job, sample_weight=np.tile(weights, (len(job.members), 1))) for weights in every]
    program, folds = jobs[0].program(isinstance(data.X, Span)), []
    most, judged = int((every > 0).sum(axis=1).max()), data._replace(rates={})
    for one, weights in zip(jobs, every, strict=True):
        weighed = data._replace(**weights_of(one))
        if program.batch_size or program.dropped:
            folds.append(FoldExamples(weighed, judged))
            continue
        places = np.sort(np.argsort(-weights, kind="stable")[:most])
        X = data.X._replace(gram=data.X.gram[places]) if isinstance(data.X, Span) else data.X
        folds.append(FoldExamples(examples_of(weighed, places), judged._replace(X=X)))
    return program, folds


def state_on_folds(program: Program, folds: list[FoldExamples], state: State) -> State:
    """Return the state before the first update, the same on every fold, from that on all examples.

    In the span C has a column for each example that a fold is trained on.
    """
    weights = folds[0].own.weights
    assert weights is not None  # noqa: S101
    parameters = {
        name: value[..., : weights.shape[-1]] if name == "C1" else value for name, value in state.parameters.items()
    }
    return initial_state(program, parameters)
