import numpy as np
from given import backward_propagation, compute_cost, forward_propagation, initialize_parameters, update_parameters


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    # TODO
    return parameters


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    X = rng.normal(size=(2, 200))
    Y = (X[:1] * X[1:] > 0).astype(float)  # two opposite quarters of the plane
    print(nn_model(X, Y, n_h=4, num_iterations=2000, print_cost=True))
