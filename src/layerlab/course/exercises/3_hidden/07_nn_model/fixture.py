def fixture(rng, n_x, n_h, n_y, m):
    X = rng.normal(size=(n_x, m))
    Y = rng.permutation(np.arange(n_y * m) % 2).reshape(n_y, m).astype(float)
    rate, seed = float(rng.uniform(0.3, 0.9)), int(rng.integers(10, 1000))
    return {
        "X": X,
        "Y": Y,
        "n_h": n_h,
        "num_iterations": 5,
        "print_cost": False,
        "learning_rate": rate,
        "seed": seed,
    }
