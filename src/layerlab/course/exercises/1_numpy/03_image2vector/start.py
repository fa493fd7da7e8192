import numpy as np


def image2vector(image):
    # TODO
    pass


if __name__ == "__main__":
    image = np.arange(12.0).reshape(2, 3, 2)  # 2 rows of 3 pixels with 2 numbers each
    print(image2vector(image))
