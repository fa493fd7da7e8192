def fixture(rng, n, p, m):
    dZ, A_prev = rng.normal(size=(n, m)), rng.normal(size=(p, m))
    W, b = rng.normal(size=(n, p)), rng.normal(size=(n, 1))
    return {"dZ": dZ, "cache": (A_prev, W, b)}
