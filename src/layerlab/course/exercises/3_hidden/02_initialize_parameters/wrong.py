# %% M45 numbers between 0 and 1 | expect: value W1: only positive
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.rand(n_h, n_x) * 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M45 the uniform numbers of the new generator | expect: value W1: only positive
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.default_rng(seed)
    W1 = 0.01 * rng.random((n_h, n_x))  # <-
    b1 = np.zeros((n_h, 1))
    W2 = 0.01 * rng.random((n_y, n_h))
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M47 W1 with the inputs as rows | expect: value W1: shape (n_x, n_h)
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_x, n_h) * 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M47 W2 with the hidden units as rows | expect: value W2: shape (n_h, n_y)
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_h, n_y) * 0.01  # <-
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M48 a flat bias | expect: value b1: shape (n_h,)
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros(n_h)  # <-
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M48 the bias as a row | expect: value b1: shape (1, n_h)
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((1, n_h))  # <-
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M48 a random bias | expect: value b2: not zero
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = rng.randn(n_y, 1) * 0.01  # <-
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M48 biases of one | expect: value b1: not zero
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.ones((n_h, 1))  # <-
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M48 a number for a bias | expect: value b1: shape ()
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = 0.0  # <-
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M49 weights of zero | expect: value W1: constant 0
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = np.zeros((n_h, n_x))  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M49 the same number everywhere | expect: value W1: rows equal or value W1: constant
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = np.ones((n_h, n_x)) * 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M49 equal units | expect: value W1: rows equal
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = np.tile(rng.randn(1, n_x) * 0.01, (n_h, 1))  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M50 without the factor | expect: value W1: scale 1 instead of 0.01
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x)  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M50 another factor | expect: value W2: scale 0.1 instead of 0.01
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.1  # <-
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M50 the factor added | expect: value W1: scale 1 instead of 0.01
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) + 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% M74 whole numbers | expect: value W1: constant 0
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = (rng.randn(n_h, n_x) * 0.01).astype(int)  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own the seed not used | expect: value W1: not repeatable
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState()
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own always the same seed | expect: value W1: same for every seed
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(3)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own only positive | expect: value W1: only positive
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = np.abs(rng.randn(n_h, n_x)) * 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own b2 as long as b1 | expect: value b2: shape (n_h, 1)
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_h, 1))  # <-
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own the shape without brackets | expect: exception b1: call or exception b1: other
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros(n_h, 1)  # <-
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own the shape in brackets for randn | expect: exception W1: types or exception W1: call
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn((n_h, n_x)) * 0.01  # <-
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% own without b2 | expect: structure: missing key 'b2'
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2}


# %% own a tuple | expect: structure: type tuple instead of dict
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = rng.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return W1, b1, W2, b2


# %% M29 the widths of another variable | expect: uses-global n_hidden
import numpy as np


n_hidden = 4


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W1 = rng.randn(n_hidden, n_x) * 0.01  # <-
    b1 = np.zeros((n_hidden, 1))
    W2 = rng.randn(n_y, n_hidden) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
