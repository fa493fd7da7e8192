def fixture(rng, m):
    A2 = sigmoid(rng.normal(scale=1.5, size=(1, m)))
    Y = rng.permutation(np.arange(m) % 2).reshape(1, m).astype(float)
    return {"A2": A2, "Y": Y}


def edges():
    certain = {"A2": np.array([[1.0, 0.25, 0.0, 0.9]]), "Y": np.array([[1.0, 0.0, 0.0, 1.0]])}
    whole = {"A2": np.array([[0.75, 0.25, 0.125]]), "Y": np.array([[1, 0, 1]])}
    return [
        {"name": "integers", "refused": True, "arguments": whole},
        {"name": "certain", "refused": False, "arguments": certain},
    ]
