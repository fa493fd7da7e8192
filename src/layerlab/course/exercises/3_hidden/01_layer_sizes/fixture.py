def fixture(rng, n_x, n_y, m):
    X = rng.normal(size=(n_x, m))
    Y = rng.permutation(np.arange(n_y * m) % 2).reshape(n_y, m).astype(float)
    return {"X": X, "Y": Y}
