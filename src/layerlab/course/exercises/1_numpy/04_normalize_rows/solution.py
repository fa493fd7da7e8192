import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    normalized = x / norms
    return normalized
