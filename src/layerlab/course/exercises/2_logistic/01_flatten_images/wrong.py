# %% M30 the right shape, and images scrambled | expect: value X: reshaped instead of transposed
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    X = images.reshape(-1, m)  # <-
    return X


# %% M30 all sizes typed out, and images scrambled | expect: value X: reshaped instead of transposed
import numpy as np


def flatten_images(images):
    m, h, w, c = images.shape
    return images.reshape(h * w * c, m)  # <-


# %% M31 not transposed | expect: value X: transposed
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    X = images.reshape(m, -1)
    return X


# %% M31 transposed twice | expect: value rows: transposed or value X: transposed
import numpy as np


def flatten_images(images):
    rows = images.reshape(images.shape[0], -1).T
    X = rows.T
    return X


# %% M32 channel after channel, for every image alike | advise: order
import numpy as np


def flatten_images(images):
    return images.transpose(0, 3, 1, 2).reshape(images.shape[0], -1).T


# %% M32 the order of Fortran, for every image alike | advise: order
import numpy as np


def flatten_images(images):
    columns = [image.flatten(order="F") for image in images]
    return np.array(columns).T


# %% M14 one column for all images | expect: value X: shape (m*h*w*c, 1) or value X
import numpy as np


def flatten_images(images):
    X = images.reshape(-1, 1)
    return X


# %% own only two axes joined | expect: value X
import numpy as np


def flatten_images(images):
    m, h, w, c = images.shape
    X = images.reshape(m * h, w * c).T
    return X


# %% own the axes turned without reshape | expect: value X: shape (c, w, h, m) or value X
import numpy as np


def flatten_images(images):
    X = images.T
    return X


# %% own the examples taken from the wrong axis | expect: value m: is h
import numpy as np


def flatten_images(images):
    m = images.shape[1]  # <-
    rows = images.reshape(m, -1)
    X = rows.T
    return X


# %% own the first image alone | expect: structure: return in a loop
import numpy as np


def flatten_images(images):
    for image in images:
        return image.reshape(-1, 1)  # <-
