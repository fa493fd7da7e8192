import numpy as np


def with_loops(X, means):
    """Right, and slow: three loops, one number at a time."""
    n, m = X.shape
    D = np.zeros((means.shape[1], m))
    for c in range(means.shape[1]):
        for j in range(m):
            for i in range(n):
                D[c, j] += (X[i, j] - means[i, c]) ** 2
    return D


def squared_distances(X, means):
    # TODO
    pass


if __name__ == "__main__":
    from time import perf_counter

    rng = np.random.default_rng(3)
    X, means = rng.normal(size=(20, 1000)), rng.normal(size=(20, 5))
    for function in (with_loops, squared_distances):
        start = perf_counter()
        function(X, means)
        print(function.__name__, f"{1000 * (perf_counter() - start):.2f} ms")
