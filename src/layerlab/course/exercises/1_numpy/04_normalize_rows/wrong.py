# %% M6 without keepdims | expect: exception norms: shapes or exception normalized: shapes or value norms: shape (n,)
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=1)  # <-
    normalized = x / norms  # <-
    return normalized


# %% M6 without keepdims, in one line | expect: exception
import numpy as np


def normalize_rows(x):
    return x / np.sqrt(np.sum(x**2, axis=1))  # <-


# %% M7 columns in place of rows | expect: value norms
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=0, keepdims=True)  # <-
    normalized = x / norms
    return normalized


# %% M7 columns, by hand | expect: value norms
import numpy as np


def normalize_rows(x):
    norms = np.sqrt(np.sum(x**2, axis=0))  # <-
    return x / norms


# %% M7 one length for the whole array | expect: value norms or small-change: axis
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x)  # <-
    normalized = x / norms
    return normalized


# %% M9 in place, on the caller's array | expect: mutated x
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    x /= norms  # <-
    return x


# %% M9 in place on a copy, which holds integers | expect: edge: integers
import numpy as np


def normalize_rows(x):
    y = x.copy()
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    return y


# %% own the root forgotten | expect: value norms: function square
import numpy as np


def normalize_rows(x):
    norms = np.sum(x**2, axis=1, keepdims=True)  # <-
    normalized = x / norms
    return normalized


# %% own the sum of the row | expect: value norms: is np.sum(x, axis=1, keepdims=True) or unnamed norms
import numpy as np


def normalize_rows(x):
    norms = np.sum(x, axis=1, keepdims=True)  # <-
    normalized = x / norms
    return normalized


# %% own the lengths returned | expect: value normalized: is norms
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    normalized = x / norms
    return norms


# %% own the largest number of the row in place of the length | expect: value norms or unnamed norms or value normalized: factor per row
import numpy as np


def normalize_rows(x):
    norms = np.max(np.abs(x), axis=1, keepdims=True)  # <-
    normalized = x / norms
    return normalized


# %% own multiplied | expect: value normalized: is x * norms
import numpy as np


def normalize_rows(x):
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    normalized = x * norms  # <-
    return normalized
