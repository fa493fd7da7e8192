# %% M76 only the ends compared: jumps on the way are not seen | expect: value too_large or unnamed too_large
import numpy as np


def judge_learning_rates(curves):
    too_large = curves[:, -1] > curves[:, 0]  # <-
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts


# %% M76 too large only if every step rises | expect: value too_large or unnamed too_large
import numpy as np


def judge_learning_rates(curves):
    rises = curves[:, 1:] > curves[:, :-1]
    too_large = np.all(rises, axis=1)  # <-
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts


# %% M76 slowness asked first | expect: value verdicts
import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_small, -1, np.where(too_large, 1, 0))  # <-
    return verdicts


# %% M76 a fall of 0.1, whatever the first cost | expect: value too_small or unnamed too_small or small-change: term or value 0.1
import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1  # <-
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts


# %% M76 a training that blew up is called good | expect: edge: nan
import numpy as np


def judge_learning_rates(curves):
    too_large = (np.diff(curves, axis=1) > 0).any(axis=1) & ~np.isnan(curves[:, -1])
    too_small = curves[:, 0] - curves[:, -1] < 0.1 * curves[:, 0]
    return np.where(too_large, 1, np.where(too_small, -1, 0))


# %% own large and small exchanged | expect: value verdicts: ratio -1
import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_large, -1, np.where(too_small, 1, 0))  # <-
    return verdicts


# %% own down the columns: one training compared with the next | expect: exception rises: shapes
import numpy as np


def judge_learning_rates(curves):
    rises = np.diff(curves, axis=0) > 0  # <-
    too_large = rises.any(axis=0)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    return np.where(too_large, 1, np.where(too_small, -1, 0))


# %% own one verdict for all curves | expect: value too_large: added axis 0 too much or value too_large or value verdicts
import numpy as np


def judge_learning_rates(curves):
    rises = curves[:, 1:] > curves[:, :-1]
    too_large = rises.any()  # <-
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.1 * curves[:, 0]
    return np.where(too_large, 1, np.where(too_small, -1, 0))


# %% own the fall the wrong way round | expect: value fall: ratio -1
import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, -1] - curves[:, 0]  # <-
    too_small = fall < 0.1 * curves[:, 0]
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts


# %% own a share of the last cost | expect: value too_small or unnamed too_small
import numpy as np


def judge_learning_rates(curves):
    not_higher = curves[:, 1:] <= curves[:, :-1]
    too_large = ~np.all(not_higher, axis=1)
    fall = curves[:, 0] - curves[:, -1]
    too_small = fall < 0.9 * curves[:, 0]  # <-
    verdicts = np.where(too_large, 1, np.where(too_small, -1, 0))
    return verdicts


# %% own if for all curves at once | expect: exception: truth-value
import numpy as np


def judge_learning_rates(curves):
    fall = curves[:, 0] - curves[:, -1]
    if fall < 0.1 * curves[:, 0]:  # <-
        return -1
    return 0


# %% own the first curve alone | expect: structure: return in a loop
import numpy as np


def judge_learning_rates(curves):
    for curve in curves:
        if not np.all(curve[1:] <= curve[:-1]):
            return np.array([1])
        if curve[0] - curve[-1] < 0.1 * curve[0]:
            return np.array([-1])
        return np.array([0])
