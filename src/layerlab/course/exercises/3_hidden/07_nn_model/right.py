# %% the cost in every turn
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x = layer_sizes(X, Y)[0]
    n_y = layer_sizes(X, Y)[2]
    parameters = initialize_parameters(n_x, n_h, n_y, seed)
    for i in range(0, num_iterations):
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 1000 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    return parameters


# %% a while loop and names for the arguments
import numpy as np
from given import backward_propagation, forward_propagation, initialize_parameters, update_parameters


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(n_x=len(X), n_h=n_h, n_y=len(Y), seed=seed)
    done = 0
    while done < num_iterations:
        _, cache = forward_propagation(X, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate=learning_rate)
        done += 1
    return parameters


# %% the update written out
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    p = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    for _ in range(num_iterations):
        g = backward_propagation(p, forward_propagation(X, p)[1], X, Y)
        p = {key: p[key] - learning_rate * g["d" + key] for key in p}
    return p


# %% all steps written out
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    W1, b1, W2, b2 = (parameters[key].copy() for key in ("W1", "b1", "W2", "b2"))
    m = X.shape[1]
    for _ in range(num_iterations):
        A1 = np.tanh(W1 @ X + b1)
        A2 = sigmoid(W2 @ A1 + b2)
        dZ2 = A2 - Y
        dZ1 = W2.T @ dZ2 * (1 - A1**2)
        W2 -= learning_rate * dZ2 @ A1.T / m
        b2 -= learning_rate * dZ2.mean(axis=1, keepdims=True)
        W1 -= learning_rate * dZ1 @ X.T / m
        b1 -= learning_rate * dZ1.mean(axis=1, keepdims=True)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% costs kept in a list
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    n_x, _, n_y = layer_sizes(X, Y)
    parameters, costs = initialize_parameters(n_x, n_h, n_y, seed), []
    for iteration in range(1, num_iterations + 1):
        A2, cache = forward_propagation(X, parameters)
        costs.append(compute_cost(A2, Y))
        parameters = update_parameters(parameters, backward_propagation(parameters, cache, X, Y), learning_rate)
    if print_cost:
        print(costs[::1000])
    return parameters


# %% one step as a function
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    def step(parameters):
        A2, cache = forward_propagation(X, parameters)
        return update_parameters(parameters, backward_propagation(parameters, cache, X, Y), learning_rate)

    state = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    for _ in range(num_iterations):
        state = step(state)
    return state


# %% the step, called again and again
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    def trained(parameters, left):
        if left == 0:
            return parameters
        cache = forward_propagation(X, parameters)[1]
        grads = backward_propagation(parameters, cache, X, Y)
        return trained(update_parameters(parameters, grads, learning_rate), left - 1)

    return trained(initialize_parameters(np.shape(X)[0], n_h, np.shape(Y)[0], seed), num_iterations)


# %% forward once more at the end
import numpy as np


def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3):
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], seed)
    A2, cache = forward_propagation(X, parameters)
    for i in range(num_iterations):
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
        A2, cache = forward_propagation(X, parameters)
        if print_cost:
            print(i, compute_cost(A2, Y))
    return dict(parameters)
