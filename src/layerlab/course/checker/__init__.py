"""The checker: it runs a learner's function on fixtures, and says where and how its numbers go wrong.

Everything here imports NumPy and the standard library alone, and other pages of this folder by relative imports: it
runs in a process of its own, where this folder is the package ``checker`` and nothing else of layerlab is loaded.
"""
