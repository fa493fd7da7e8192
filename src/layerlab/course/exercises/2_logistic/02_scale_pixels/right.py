# %% two lines
def scale_pixels(pixels):
    scaled = pixels / 255
    return scaled, 2 * scaled - 1


# %% floats first
import numpy as np


def scale_pixels(pixels):
    X = pixels.astype(np.float64)
    return X / 255.0, (X - 127.5) / 127.5


# %% times one over
import numpy as np


def scale_pixels(pixels):
    x = np.multiply(pixels, 1 / 255)
    return x, np.subtract(x + x, 1.0)


# %% moved to the middle, then twice
import numpy as np


def scale_pixels(pixels):
    s = np.array(pixels, dtype=float) / 255
    return (s, (s - 0.5) * 2)


# %% interpolation between the ends
import numpy as np


def scale_pixels(pixels):
    scaled = np.interp(pixels, [0, 255], [0, 1])
    centred = np.interp(pixels, [0, 255], [-1, 1])
    return scaled, centred


# %% a table of all 256 values
import numpy as np


def scale_pixels(pixels):
    table = np.linspace(0, 1, 256)
    wide = np.linspace(-1, 1, 256)
    return table[pixels], wide[pixels]


# %% in place, on copies that hold floats
import numpy as np


def scale_pixels(pixels):
    scaled = pixels.astype(float)
    scaled /= 255
    centred = scaled.copy()
    centred *= 2
    centred -= 1
    return scaled, centred


# %% einsum
import numpy as np


def scale_pixels(pixels):
    scaled = np.einsum("ij,->ij", pixels.astype(float), 1 / 255)
    return scaled, scaled - (1 - scaled)


# %% two loops
import numpy as np


def scale_pixels(pixels):
    scaled = np.zeros(pixels.shape)
    centred = np.zeros(pixels.shape)
    for i in range(pixels.shape[0]):
        for j in range(pixels.shape[1]):
            value = float(pixels[i, j])
            scaled[i, j] = value / 255
            centred[i, j] = 2 * value / 255 - 1
    return scaled, centred


# %% wide integers first
import numpy as np


def scale_pixels(pixels):
    p = pixels.astype(int)
    return p / 255, (2 * p - 255) / 255


# %% a list of the two
import numpy as np


def scale_pixels(pixels):
    x = np.true_divide(pixels, 255)
    return [x, x * 2 - np.ones_like(x)]
