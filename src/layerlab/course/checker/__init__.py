"""The checker: it runs a learner's function on fixtures, and says where and how its numbers go wrong.

Everything here imports NumPy and the standard library alone, and other pages of this folder by relative imports: it
runs in a process of its own, where this folder is the package ``checker`` and nothing else of layerlab is loaded.

``child``        the process: it reads a request, and answers with the verdict and then the findings
``diagnosing``   the pipeline, from the verdict to the findings; ``inquiry`` looks into a wrong function
``judging/``     right or not: the file is loaded and called, and compared with the solution
``watching/``    what every place of a function computed
``repairing/``   the place where a right value makes every result right
``relating/``    how the value in that place is wrong
``changing/``    a small change of the text that makes every result right
``exercise``, ``diagnostic``, ``comparing``, ``nodes``, ``deadline``: what all of them use
"""
