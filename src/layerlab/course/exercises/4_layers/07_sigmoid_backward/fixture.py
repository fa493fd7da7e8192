def fixture(rng, n, m):
    return {"dA": rng.normal(size=(n, m)), "cache": 1.5 * rng.normal(size=(n, m))}


def edges():
    dA, Z = np.array([[0.5, -2.0, 3.0]]), np.array([[0.0, 1000.0, -1000.0]])
    return [{"name": "large", "refused": False, "arguments": {"dA": dA, "cache": Z}}]
