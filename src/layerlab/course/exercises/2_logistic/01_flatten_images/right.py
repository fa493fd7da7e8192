# %% one line
import numpy as np


def flatten_images(images):
    return images.reshape(images.shape[0], -1).T


# %% all sizes by name
import numpy as np


def flatten_images(images):
    m, h, w, c = images.shape
    return np.transpose(np.reshape(images, (m, h * w * c)))


# %% len and swapaxes
import numpy as np


def flatten_images(images):
    return images.reshape(len(images), -1).swapaxes(0, 1)


# %% the examples' axis moved to the end
import numpy as np


def flatten_images(images):
    return np.moveaxis(images, 0, -1).reshape(-1, images.shape[0])


# %% transpose, then reshape
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    return images.transpose(1, 2, 3, 0).reshape(images.size // m, m)


# %% einsum
import numpy as np


def flatten_images(images):
    m, h, w, c = images.shape
    return np.einsum("mhwc->hwcm", images).reshape(h * w * c, m)


# %% a stack of columns
import numpy as np


def flatten_images(images):
    return np.stack([image.ravel() for image in images], axis=1)


# %% columns joined
import numpy as np


def flatten_images(images):
    columns = [image.reshape(-1, 1) for image in images]
    return np.hstack(columns)


# %% a loop that fills columns
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    X = np.zeros((images[0].size, m))
    for j in range(m):
        X[:, j] = images[j].flatten()
    return X


# %% as an array of Fortran's order, on purpose and consistently
import numpy as np


def flatten_images(images):
    return np.asfortranarray(images.reshape(images.shape[0], -1).T.copy())


# %% np.array of rows, transposed
import numpy as np


def flatten_images(images):
    rows = [list(image.flat) for image in images]
    return np.array(rows).T
