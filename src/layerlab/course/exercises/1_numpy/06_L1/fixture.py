def fixture(rng, m):
    y = 3 * rng.normal(size=m)
    signs = rng.permutation(np.where(np.arange(m) % 3 == 0, -1, 1)) * (-1) ** m  # mostly too low, or mostly too high
    return {"yhat": y + signs * rng.uniform(0.3, 2, size=m), "y": y}
