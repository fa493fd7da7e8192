def fixture(rng, n, m):
    return {"x": 2 * rng.normal(size=(n, m))}


def edges():
    return [
        {"name": "integers", "refused": True, "arguments": {"x": np.array([[-2, 0, 1], [3, -1, 2]])}},
        {"name": "large", "refused": False, "arguments": {"x": np.array([[-1000.0, 0.0], [1000.0, 1.5]])}},
    ]
