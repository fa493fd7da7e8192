import numpy as np


def judge_learning_rates(curves):
    # TODO
    pass


if __name__ == "__main__":
    slow = [0.70, 0.69, 0.69, 0.68]
    good = [0.70, 0.40, 0.30, 0.28]
    jumping = [0.70, 0.30, 0.50, 0.25]
    print(judge_learning_rates(np.array([slow, good, jumping])))
