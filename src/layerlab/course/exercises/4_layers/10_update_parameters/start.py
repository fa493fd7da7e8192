import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    # TODO
    return parameters


if __name__ == "__main__":
    params = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([[0.5]])}
    grads = {"dW1": np.array([[10.0, 20.0]]), "db1": np.array([[-1.0]])}
    print(update_parameters(params, grads, 0.1))
