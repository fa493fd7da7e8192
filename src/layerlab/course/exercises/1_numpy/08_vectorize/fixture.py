def fixture(rng, n, m, k):
    return {"X": 2 * rng.normal(size=(n, m)), "means": rng.normal(size=(n, k))}
