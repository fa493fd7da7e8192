# %% the examples' axis turned to the end first
import numpy as np


def flatten_images(images):
    last = np.moveaxis(images, 0, -1)
    X = last.reshape(-1, images.shape[0])
    return X


# %% the pixels column by column | advise: order
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    turned = images.transpose(0, 2, 1, 3)
    rows = turned.reshape(m, -1)
    X = rows.T
    return X


# %% channel after channel | advise: order
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    turned = images.transpose(0, 3, 1, 2)
    rows = turned.reshape(m, -1)
    X = rows.T
    return X


# %% channel after channel, column by column: order="F" for each image | advise: order
import numpy as np


def flatten_images(images):
    m = images.shape[0]
    turned = images.transpose(0, 3, 2, 1)
    rows = turned.reshape(m, -1)
    X = rows.T
    return X
