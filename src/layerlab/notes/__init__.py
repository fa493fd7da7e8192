"""The notes, one module a chapter: their names and signatures on the formulas of the ground floor.

A notebook written with the notes runs with one changed import::

    from layerlab.notes.logistic import *      # sigmoid, propagate, optimize, predict, model, …

basics        sigmoid, row norms, softmax, L1 and L2, loops against vectors
logistic      logistic regression seen as a network
planar        planar data, one hidden layer
deep          an L-layer network, step by step
application   cats and non-cats: two layers against four

Where the notes err, the docstrings say so. Examples are columns; no function changes its arguments.
"""

from . import application, basics, deep, logistic, planar

__all__ = ["application", "basics", "deep", "logistic", "planar"]
