import numpy as np


def flatten_images(images):
    m = images.shape[0]
    rows = images.reshape(m, -1)
    X = rows.T
    return X
