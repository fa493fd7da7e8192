def fixture(rng, n_x, n_h, n_y):
    return {"n_x": n_x, "n_h": n_h, "n_y": n_y, "seed": int(rng.integers(10, 1000))}
