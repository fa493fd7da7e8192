def fixture(rng, n, p, m):
    return {"A": rng.normal(size=(p, m)), "W": rng.normal(size=(n, p)), "b": rng.normal(size=(n, 1))}
