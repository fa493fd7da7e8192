# %% half of 255 taken away first
import numpy as np


def scale_pixels(pixels):
    values = pixels.astype(float)
    scaled = values / 255
    moved = values - 127.5
    centred = moved / 127.5
    return scaled, centred


# %% doubled and moved before the division
import numpy as np


def scale_pixels(pixels):
    values = pixels.astype(float)
    scaled = values / 255
    doubled = 2 * values
    moved = doubled - 255
    centred = moved / 255
    return scaled, centred


# %% the doubled pixels divided
import numpy as np


def scale_pixels(pixels):
    values = pixels.astype(float)
    scaled = values / 255
    doubled = 2 * values
    ratio = doubled / 255
    centred = ratio - 1
    return scaled, centred
