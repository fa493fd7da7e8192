# %% minus one
import numpy as np


def image2vector(image):
    return image.reshape(-1, 1)


# %% the sizes by index
import numpy as np


def image2vector(image):
    return image.reshape((image.shape[0] * image.shape[1] * image.shape[2], 1))


# %% np.reshape
import numpy as np


def image2vector(image):
    return np.reshape(image, (image.size, 1))


# %% flatten and a new axis
import numpy as np


def image2vector(image):
    return image.flatten()[:, np.newaxis]


# %% ravel and None
import numpy as np


def image2vector(image):
    return np.ravel(image)[:, None]


# %% one row, transposed
import numpy as np


def image2vector(image):
    row = image.reshape(1, -1)
    return row.T


# %% at least two axes
import numpy as np


def image2vector(image):
    return np.atleast_2d(image.ravel()).T


# %% a loop that fills the column
import numpy as np


def image2vector(image):
    h, w, c = image.shape
    vector = np.zeros((h * w * c, 1))
    for i in range(h):
        for j in range(w):
            for k in range(c):
                vector[(i * w + j) * c + k, 0] = image[i, j, k]
    return vector


# %% a list of numbers
import numpy as np


def image2vector(image):
    numbers = [number for row in image for pixel in row for number in pixel]
    return np.array(numbers).reshape(len(numbers), 1)


# %% a copy whose shape is set
import numpy as np


def image2vector(image):
    v = image.copy()
    v.shape = (v.size, 1)
    return v


# %% rows and pixels joined
import numpy as np


def image2vector(image):
    pixels = np.concatenate(list(image), axis=0)
    return np.expand_dims(np.hstack(list(pixels)), axis=1)
