# %% M72 the new parameters not kept | expect: small-change: not kept
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        update_parameters(parameters, grads, learning_rate)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M72 the new parameters under another name | expect: small-change: not kept
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        new = update_parameters(parameters, grads, learning_rate)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M75 the learning rate not passed on | expect: value W1: is W1 - 1.2 * dW1 or value learning_rate: is 1.2
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M75 a learning rate of its own | expect: value learning_rate: is 0.5 or value W1: is W1 - dW1 / 2 or value W1: is W1 - 0.5 * dW1
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate=0.5)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M75 the forward pass before the loop | expect: small-change: stale
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    A2, cache = forward_propagation(X, parameters)  # <-
    for i in range(num_iterations):
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters


# %% M75 the gradients before the loop | expect: small-change: stale
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    A2, cache = forward_propagation(X, parameters)
    grads = backward_propagation(parameters, cache, X, Y)  # <-
    for i in range(num_iterations):
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters


# %% M75 updated before the gradients | expect: exception: unassigned or exception grads: unassigned or exception parameters: unassigned
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        parameters = update_parameters(parameters, grads, learning_rate)  # <-
        grads = backward_propagation(parameters, cache, X, Y)
    return parameters


# %% M75 one update too few | expect: small-change: index or value W1: extra term learning_rate * dW1
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(1, num_iterations):  # <-
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M75 one update too many | expect: small-change: index
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations + 1):  # <-
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M75 updated twice a turn | expect: value W1: extra term learning_rate * dW1 or small-change: extra step
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        parameters = update_parameters(parameters, grads, learning_rate)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M49 all parameters begin at zero | expect: value W1: constant 0
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    parameters = {name: np.zeros(value.shape) for name, value in parameters.items()}  # <-
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% M29 trained on another X | expect: uses-global X_train
import numpy as np


X_train = np.random.default_rng(0).normal(size=(5, 9))


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X_train, parameters)  # <-
        grads = backward_propagation(parameters, cache, X_train, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters


# %% M40 uphill | expect: value learning_rate: ratio -1 or value W1: sign of term learning_rate * dW1
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, -learning_rate)  # <-
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own the initial weights in every turn | expect: value W1 or unnamed W1
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    for i in range(num_iterations):
        parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)  # <-
        A2, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters


# %% own returned after the first turn | expect: structure: return in a loop
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
        return parameters  # <-


# %% own the seed not passed on | expect: value seed: is 3 or small-change: variable or unnamed W1
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, 3)  # <-
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own always four hidden units | expect: value n_h: is 4
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_h, n_y = layer_sizes(X, Y)  # <-
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters


# %% own the examples taken for the inputs | expect: exception parameters: shapes or exception W1: shapes
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[1], Y.shape[1]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own inputs and outputs exchanged | expect: exception parameters: shapes or exception W1: shapes
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_y, n_h, n_x, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own the arguments of backward exchanged | expect: exception grads: shapes or exception dW1: shapes
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, Y, X)  # <-
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own forward called without parameters | expect: exception A2: call or exception A2, cache: call
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X)  # <-
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own the result of forward not unpacked | expect: exception grads: types or exception grads: index
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        cache = forward_propagation(X, parameters)
        cost = 0
        grads = backward_propagation(parameters, cache, X, Y)  # <-
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return parameters


# %% own the gradients returned | expect: structure: missing key 'W1'
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
    return grads


# %% own nothing returned | expect: returned-none
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, n_y = X.shape[0], Y.shape[0]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print(i, cost)
