def fixture(rng, n, p, m):
    A_prev, W, b = rng.normal(size=(p, m)), rng.normal(size=(n, p)), rng.normal(size=(n, 1))
    return {"A_prev": A_prev, "W": W, "b": b, "activation": "relu" if m % 2 else "sigmoid"}


def edges():
    A_prev, W, b = np.array([[1.0, -2.0, 0.0]]), np.array([[2.0], [-1.0]]), np.array([[4.0], [0.0]])
    return [
        {
            "name": "zero",
            "refused": True,
            "arguments": {"A_prev": A_prev, "W": W, "b": b, "activation": "relu"},
        }
    ]
