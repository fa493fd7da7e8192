import numpy as np


def scale_pixels(pixels):
    # TODO
    pass


if __name__ == "__main__":
    print(scale_pixels(np.array([[0, 51], [204, 255]], dtype=np.uint8)))
