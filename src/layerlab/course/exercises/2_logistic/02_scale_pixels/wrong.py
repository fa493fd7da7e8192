# %% M33 not divided | expect: value scaled: ratio 255
import numpy as np


def scale_pixels(pixels):
    scaled = pixels.astype(float)  # <-
    centred = 2 * scaled / 255 - 1
    return scaled, centred  # <-


# %% M33 divided twice | expect: value scaled: ratio 1/255
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255 / 255  # <-
    centred = 2 * scaled - 1
    return scaled, centred


# %% M34 doubled as bytes: 2 · 190 becomes 124 | expect: value doubled or value centred
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    doubled = 2 * pixels  # <-
    centred = doubled / 255 - 1
    return scaled, centred


# %% M34 moved as bytes: 0 − 128 becomes 128 | expect: value centred or value moved or value (pixels - 128) / 127.5: ratio 256/255 or value 128: ratio 256/255
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    centred = (pixels - 128) / 127.5  # <-
    return scaled, centred


# %% M34 fractions put back into bytes | expect: value scaled
import numpy as np


def scale_pixels(pixels):
    scaled = (pixels / 255).astype(np.uint8)  # <-
    centred = 2 * (pixels / 255) - 1
    return scaled, centred


# %% M34 divided in place, which bytes can't hold | expect: exception scaled: casting
import numpy as np


def scale_pixels(pixels):
    scaled = pixels.copy()
    scaled /= 255  # <-
    return scaled, 2 * scaled - 1


# %% M34 whole-number division | expect: value scaled
import numpy as np


def scale_pixels(pixels):
    scaled = pixels // 255  # <-
    centred = 2 * (pixels / 255) - 1
    return scaled, centred


# %% own 256 in place of 255 | expect: value scaled: ratio 255/256
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 256  # <-
    centred = 2 * scaled - 1
    return scaled, centred


# %% own a minus in the wrong place | expect: value centred
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    centred = scaled - 1  # <-
    return scaled, centred


# %% own the other way round | expect: value centred: ratio -1
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    centred = 1 - 2 * scaled  # <-
    return scaled, centred


# %% own the two in the wrong order | expect: structure: order: centred, scaled
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    centred = 2 * scaled - 1
    return centred, scaled


# %% own only one of the two | expect: structure: type array instead of tuple or structure: 1 value instead of 2 or structure
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    return scaled


# %% own divided by the largest of each column | expect: value scaled
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / pixels.max(axis=0)  # <-
    centred = 2 * scaled - 1
    return scaled, centred


# %% own divided by the largest pixel | expect: value scaled
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / pixels.max()  # <-
    centred = 2 * scaled - 1
    return scaled, centred


# %% M34 doubled as bytes in one line | expect: value doubled: modulo 256 or value pixels: bytes
import numpy as np


def scale_pixels(pixels):
    scaled = pixels / 255
    centred = 2 * pixels / 255 - 1  # <-
    return scaled, centred
