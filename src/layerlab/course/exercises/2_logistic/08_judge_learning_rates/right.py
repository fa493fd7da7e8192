# %% diff and isnan
import numpy as np


def judge_learning_rates(curves):
    too_large = (np.diff(curves, axis=1) > 0).any(axis=1) | np.isnan(curves).any(axis=1)
    too_small = curves[:, 0] - curves[:, -1] < 0.1 * curves[:, 0]
    return np.where(too_large, 1, np.where(too_small, -1, 0))


# %% a loop over the curves
import numpy as np


def judge_learning_rates(curves):
    verdicts = []
    for curve in curves:
        falling = all(later <= earlier for earlier, later in zip(curve, curve[1:]))
        if not falling:
            verdicts.append(1)
        elif curve[0] - curve[-1] < 0.1 * curve[0]:
            verdicts.append(-1)
        else:
            verdicts.append(0)
    return np.array(verdicts)


# %% select
import numpy as np


def judge_learning_rates(curves):
    rising = np.logical_not(np.all(curves[:, 1:] <= curves[:, :-1], axis=1))
    slow = (curves[:, 0] - curves[:, -1]) / curves[:, 0] < 0.1
    return np.select([rising, slow], [1, -1], default=0)


# %% floats, filled in turn
import numpy as np


def judge_learning_rates(curves):
    verdicts = np.zeros(curves.shape[0])
    verdicts[curves[:, 0] - curves[:, -1] < 0.1 * curves[:, 0]] = -1
    for i in range(curves.shape[0]):
        for j in range(1, curves.shape[1]):
            if not curves[i, j] <= curves[i, j - 1]:
                verdicts[i] = 1
    return verdicts


# %% the lowest so far
import numpy as np


def judge_learning_rates(curves):
    lowest = np.minimum.accumulate(curves, axis=1)
    too_large = ~(curves == lowest).all(axis=1)
    too_small = curves[:, -1] > 0.9 * curves[:, 0]
    return too_large * 1 - (too_small & ~too_large) * 1


# %% nan as infinity
import numpy as np


def judge_learning_rates(curves):
    c = np.where(np.isnan(curves), np.inf, curves)
    with np.errstate(invalid="ignore"):
        up = c[:, 1:] > c[:, :-1]
    return np.where(up.any(axis=1), 1, -(c[:, 0] - c[:, -1] < 0.1 * c[:, 0]).astype(int))


# %% the largest change
import numpy as np


def judge_learning_rates(curves):
    largest = np.diff(curves, axis=1).max(axis=1)
    fall = 1 - curves[:, -1] / curves[:, 0]
    return np.where(largest <= 0, np.where(fall < 0.1, -1, 0), 1)


# %% sorted curves never rise
import numpy as np


def judge_learning_rates(curves):
    rises = (curves != -np.sort(-curves, axis=1)).any(axis=1)
    slow = curves[:, -1] > curves[:, 0] - curves[:, 0] / 10
    return rises.astype(int) - (slow & np.invert(rises)).astype(int)


# %% a function for one curve
import numpy as np


def verdict(curve):
    if not np.all(curve[1:] <= curve[:-1]):
        return 1
    return -1 if curve[0] - curve[-1] < curve[0] * 0.1 else 0


def judge_learning_rates(curves):
    return np.array([verdict(curve) for curve in curves])


# %% transposed
import numpy as np


def judge_learning_rates(curves):
    c = curves.T
    steady = (c[1:] <= c[:-1]).all(axis=0)
    enough = c[0] - c[-1] >= 0.1 * c[0]
    return np.where(steady & enough, 0, np.where(steady, -1, 1))
