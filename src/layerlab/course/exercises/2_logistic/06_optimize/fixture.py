def fixture(rng, n, m):
    X = rng.normal(size=(n, m))
    Y = rng.permutation(np.arange(m) % 3 == 0).reshape(1, m).astype(float)  # both classes, in unequal numbers
    start = {"w": rng.normal(size=(n, 1)) / np.sqrt(n), "b": float(rng.normal())}
    steps = {"num_iterations": int(rng.integers(4, 9)), "learning_rate": float(rng.uniform(0.2, 0.6))}
    return start | {"X": X, "Y": Y} | steps


def edges():
    X, Y = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]]), np.array([[1.0, 0.0, 1.0]])
    start = {"w": np.zeros((2, 1)), "b": 0.0}
    steps = {"num_iterations": 203, "learning_rate": 0.05}
    return [{"name": "iterations", "refused": True, "arguments": start | {"X": X, "Y": Y} | steps}]
