import numpy as np


def flatten_images(images):
    # TODO
    pass


if __name__ == "__main__":
    # an image of 1s, one of 2s and one of 3s
    images = np.arange(1, 4).reshape(3, 1, 1, 1) * np.ones((3, 2, 2, 1))
    print(flatten_images(images))
