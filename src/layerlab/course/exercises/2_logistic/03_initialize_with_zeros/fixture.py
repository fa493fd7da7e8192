def fixture(rng, n):
    return {"dim": n}
