import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    # TODO
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


if __name__ == "__main__":
    parameters = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([[0.5]])}
    parameters |= {"W2": np.array([[3.0]]), "b2": np.array([[0.0]])}
    grads = {"dW1": np.array([[10.0, 20.0]]), "db1": np.array([[-1.0]])}
    grads |= {"dW2": np.array([[5.0]]), "db2": np.array([[0.1]])}
    print(update_parameters(parameters, grads, 0.1))
