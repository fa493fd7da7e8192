def fixture(rng, n, m):
    return {"x": rng.normal(size=(n, m)) * rng.uniform(1, 4, size=(n, 1))}


def edges():
    return [{"name": "integers", "refused": True, "arguments": {"x": np.array([[2, -3, 6], [8, 1, -4]])}}]
