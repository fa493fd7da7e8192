def fixture(rng, n_x, n_h, n_y, m):
    W1, b1 = rng.normal(size=(n_h, n_x)) / np.sqrt(n_x), rng.normal(size=(n_h, 1))
    W2, X = rng.normal(size=(n_y, n_h)), rng.normal(size=(n_x, m))
    Z2 = W2 @ np.tanh(W1 @ X + b1)
    b2 = -np.sort(Z2, axis=1)[:, m // 2 : m // 2 + 1] - 0.3  # in every row some outputs are on either side
    return {"parameters": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, "X": X}


def edges():
    W1, b1 = np.array([[1.0, -1.0], [0.5, 2.0]]), np.zeros((2, 1))
    W2, b2 = np.array([[2.0, 0.0]]), np.zeros((1, 1))
    X = np.array([[3.0, 1.0, -2.0], [1.0, 1.0, 0.5]])  # the second example lies exactly on the line
    return [
        {
            "name": "half",
            "refused": True,
            "arguments": {"parameters": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, "X": X},
        }
    ]
