def fixture(rng, n, m):
    Z = rng.normal(size=(n, m))
    Z[0, :3] = [0.7, -1.3, 0.2]  # both signs, whatever is drawn
    return {"dA": rng.normal(size=(n, m)), "cache": Z}
