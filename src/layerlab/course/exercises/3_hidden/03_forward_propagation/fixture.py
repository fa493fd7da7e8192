def fixture(rng, n_x, n_h, n_y, m):
    W1, b1 = rng.normal(size=(n_h, n_x)) / np.sqrt(n_x), rng.normal(size=(n_h, 1))
    W2, b2 = rng.normal(size=(n_y, n_h)) / np.sqrt(n_h), rng.normal(size=(n_y, 1))
    return {"X": rng.normal(size=(n_x, m)), "parameters": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}}
