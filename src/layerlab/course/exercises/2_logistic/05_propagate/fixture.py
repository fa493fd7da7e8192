def fixture(rng, n, m):
    X = rng.normal(size=(n, m))
    Y = rng.permutation(np.arange(m) % 3 == 0).reshape(1, m).astype(float)  # both classes, in unequal numbers
    return {"w": rng.normal(size=(n, 1)) / np.sqrt(n), "b": float(rng.normal()), "X": X, "Y": Y}


def edges():
    X = np.array([[-900.0, 2.0, 900.0], [1.0, 3.0, -1.0]])
    arguments = {"w": np.array([[1.0], [0.5]]), "b": 0.1, "X": X, "Y": np.array([[0.0, 1.0, 1.0]])}
    return [{"name": "saturated", "refused": False, "arguments": arguments}]
