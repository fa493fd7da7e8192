def fixture(rng, n_x, n_h, n_y, m):
    X = rng.normal(size=(n_x, m))
    Y = rng.permutation(np.arange(n_y * m) % 2).reshape(n_y, m).astype(float)
    W1, b1 = rng.normal(size=(n_h, n_x)) / np.sqrt(n_x), rng.normal(size=(n_h, 1))
    W2, b2 = rng.normal(size=(n_y, n_h)), rng.normal(size=(n_y, 1))
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    _, cache = forward_propagation(X, parameters)
    return {"parameters": parameters, "cache": cache, "X": X, "Y": Y}
