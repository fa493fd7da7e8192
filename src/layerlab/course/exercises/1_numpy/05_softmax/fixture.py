def fixture(rng, n, m):
    return {"x": 1.5 * rng.normal(size=(n, m)) + rng.normal(size=(n, 1))}


def edges():
    return [
        {"name": "integers", "refused": True, "arguments": {"x": np.array([[3, -1, 0], [2, 4, 1]])}},
        {"name": "large", "refused": False, "arguments": {"x": np.array([[1000.0, 998.0, 0.0], [-3.0, 1.0, 2.0]])}},
    ]
