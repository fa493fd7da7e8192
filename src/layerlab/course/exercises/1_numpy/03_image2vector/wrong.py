# %% M14 no second axis | expect: value vector: shape (h*w*c,)
import numpy as np


def image2vector(image):
    vector = image.reshape(-1)  # <-
    return vector


# %% M14 one column a channel | expect: value vector: shape (h*w, c)
import numpy as np


def image2vector(image):
    h, w, c = image.shape
    vector = image.reshape(h * w, c)  # <-
    return vector


# %% M14 a row in place of a column | expect: value vector: transposed
import numpy as np


def image2vector(image):
    vector = image.reshape(1, -1)  # <-
    return vector


# %% M14 flatten | expect: value vector: shape (h*w*c,)
import numpy as np


def image2vector(image):
    return image.flatten()


# %% own the size of one image, typed in | expect: exception vector: shapes
import numpy as np


def image2vector(image):
    vector = image.reshape(30, 1)  # <-
    return vector


# %% own column by column | expect: value vector: rows permuted or value vector: permuted
import numpy as np


def image2vector(image):
    vector = image.reshape((-1, 1), order="F")  # <-
    return vector


# %% own channel after channel | expect: value vector
import numpy as np


def image2vector(image):
    turned = image.transpose(2, 0, 1)
    vector = turned.reshape(-1, 1)
    return vector


# %% own the shape is printed and the column not returned | expect: returned-none
import numpy as np


def image2vector(image):
    vector = image.reshape(-1, 1)
    print(vector.shape)


# %% own the caller's image gets another shape | expect: mutated image
import numpy as np


def image2vector(image):
    image.shape = (image.size, 1)  # <-
    return image


# %% own the first channel alone | expect: value vector: shape (h*w, 1) of other numbers
import numpy as np


def image2vector(image):
    vector = image[:, :, 0].reshape(-1, 1)  # <-
    return vector
