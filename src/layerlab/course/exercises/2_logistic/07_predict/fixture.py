def fixture(rng, n, m):
    w, b = rng.uniform(0.5, 1.5, size=(n, 1)), float(rng.normal())
    X = rng.normal(size=(n, m))
    Z = np.linspace(-1.4, 1.5, m) + rng.uniform(-0.1, 0.1, size=m)  # sums on both sides of 0 and 0.5
    Z = rng.permutation(Z if m % 2 else Z + 1)  # and not always as many on one side as on the other
    X[0] += (Z - (w.T @ X + b)[0]) / w[0]
    return {"w": w, "b": b, "X": X}


def edges():
    X = np.array([[1.0, 0.0, -2.0, 3.0], [-1.0, 0.0, 2.0, 1.0]])
    return [{"name": "half", "refused": True, "arguments": {"w": np.array([[1.0], [1.0]]), "b": 0.0, "X": X}}]
