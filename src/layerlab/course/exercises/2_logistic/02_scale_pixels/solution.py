import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    doubled = 2 * scaled
    centred = doubled - 1
    return scaled, centred
