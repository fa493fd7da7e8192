import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]  # False beside a nan as well
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts
