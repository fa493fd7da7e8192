# %% in the words of the statement
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    params = {"w": w, "b": b}
    return params, grads, costs


# %% without print_cost
import numpy as np


def optimize(w, b, X, Y, num_iterations, learning_rate):
    costs = []
    for k in range(num_iterations):
        g, c = propagate(w, b, X, Y)
        if not k % 100:
            costs += [c]
        w, b = w - learning_rate * g["dw"], b - learning_rate * g["db"]
    return {"w": w, "b": b}, {"dw": g["dw"], "db": g["db"]}, costs


# %% a float copy, changed in place
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    w = np.array(w, dtype=float)
    b = float(b)
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(float(cost))
    return {"w": w, "b": b}, grads, costs


# %% a while loop, and minus added
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs, i = [], 0
    while i < num_iterations:
        grads, cost = propagate(w, b, X, Y)
        w = w + (-learning_rate) * grads["dw"]
        b = b + (-learning_rate) * grads["db"]
        if i in range(0, num_iterations, 100):
            costs.append(cost)
        i += 1
    return {"w": w, "b": b}, grads, costs


# %% a dict of parameters
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    params = {"w": w, "b": b}
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(params["w"], params["b"], X, Y)
        params = {name: params[name] - learning_rate * grads["d" + name] for name in params}
        if i % 100 == 0:
            costs.append(cost)
    return params, grads, costs


# %% all costs kept, and every hundredth returned
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    every = []
    for _ in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        every.append(cost)
        w = w - np.multiply(learning_rate, grads["dw"])
        b = b - np.multiply(learning_rate, grads["db"])
    return {"w": w, "b": b}, grads, every[::100]


# %% gradients written out
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    m = X.shape[1]
    costs = []
    for i in range(num_iterations):
        A = sigmoid(w.T @ X + b)
        cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dw = X @ (A - Y).T / m
        db = np.mean(A - Y)
        w = w - learning_rate * dw
        b = b - learning_rate * db
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, {"dw": dw, "db": db}, costs


# %% a function for one step
import numpy as np


def step(w, b, gradients, rate):
    return w - rate * gradients["dw"], b - rate * gradients["db"]


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = []
    for i in range(0, num_iterations):
        gradients, cost = propagate(w, b, X, Y)
        if i % 100 == 0:
            costs.append(cost)
        w, b = step(w, b, gradients, learning_rate)
    return {"w": w, "b": b}, gradients, costs


# %% costs as an array
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = np.zeros(-(-num_iterations // 100))
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        if i % 100 == 0:
            costs[i // 100] = cost
        w = np.subtract(w, learning_rate * grads["dw"])
        b = b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, costs


# %% counted from 1
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    costs = list()
    for number in range(1, num_iterations + 1):
        grads, cost = propagate(w, b, X, Y)
        dw, db = grads["dw"], grads["db"]
        w, b = w - dw * learning_rate, b - db * learning_rate
        if (number - 1) % 100 == 0:
            costs.append(cost)
        if print_cost and number % 100 == 1:
            print(number, cost)
    return {"w": w, "b": b}, {"dw": dw, "db": db}, costs


# %% a copy, changed in place
import numpy as np


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    w = w.copy()
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs
