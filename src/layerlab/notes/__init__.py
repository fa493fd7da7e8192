"""The functions of the course notes, one module for each chapter, computed by layerlab's formulas and trainer.

These are the notes of the Deep Learning Specialization's first course (weeks 2 to 4), "Neural Networks and Deep
Learning". Names and signatures are the same, so a notebook that follows the course runs with one changed import::

    from layerlab.notes.logistic import *      # sigmoid, propagate, optimize, predict, model, …

basics        chapter 1: sigmoid, softmax, normalised rows, L1 and L2, loops against vectorised code
logistic      chapter 2: logistic regression as a network without hidden layers
planar        chapter 3: classification of points in the plane, one hidden layer
deep          chapter 4: an L-layer network, step by step
application   chapter 5: photos of cats, a 2-layer and a 4-layer network

Where the course notes are wrong, the docstring says so. Examples are columns; no function changes its arguments.
"""

from . import application, basics, deep, logistic, planar

__all__ = ["application", "basics", "deep", "logistic", "planar"]
