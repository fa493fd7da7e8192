# %% rises looked for, and nan by itself
import numpy as np


def judge_learning_rates(curves):
    changes = np.diff(curves, axis=1)
    rises = changes > 0
    any_rise = np.any(rises, axis=1)
    broken = np.isnan(curves).any(axis=1)
    too_large = any_rise | broken
    kept = curves[:, -1] / curves[:, 0]
    too_small = kept > 0.9
    verdicts = np.zeros(len(curves), dtype=int)
    verdicts[too_small] = -1
    verdicts[too_large] = 1
    return verdicts


# %% the share of the fall
import numpy as np


def judge_learning_rates(curves):
    changes = curves[:, 1:] - curves[:, :-1]
    largest = np.max(changes, axis=1)
    too_large = ~(largest <= 0)
    fall = curves[:, 0] - curves[:, -1]
    share = fall / curves[:, 0]
    too_small = share < 0.1
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts
