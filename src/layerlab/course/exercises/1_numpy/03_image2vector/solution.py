import numpy as np


def image2vector(image):
    h, w, c = image.shape
    vector = image.reshape(h * w * c, 1)
    return vector
