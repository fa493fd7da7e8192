"""The functions of the notes, one module for each chapter, computed by layerlab's formulas and trainer.

"The notes" are those of the Deep Learning Specialization's first course, "Neural Networks and Deep Learning" (weeks 2
to 4). Names and signatures are theirs, so a notebook that was written with them runs with one changed import::

    from layerlab.notes.logistic import *      # sigmoid, propagate, optimize, predict, model, …

basics        chapter 1: sigmoid, softmax, normalised rows, L1 and L2, loops against vectorised code
logistic      chapter 2: logistic regression as a network without hidden layers
planar        chapter 3: classification of points in the plane, one hidden layer
deep          chapter 4: an L-layer network, step by step
application   chapter 5: photos of cats, a 2-layer and a 4-layer network

Where the notes are wrong, the docstring says so. Examples are columns; no function changes its arguments.
"""

from . import application, basics, deep, logistic, planar

__all__ = ["application", "basics", "deep", "logistic", "planar"]
