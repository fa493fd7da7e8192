def fixture(rng, k, t):
    return {"curves": np.array([curve(rng, kind % 8, t) for kind in rng.permutation(k)])}


def curve(rng, kind, t):
    fall = np.maximum(np.linspace(1, 0, t) ** 2, 0.05)  # level at the end
    up_and_down = 0.1 * (-1.0) ** np.arange(t)
    kinds = [  # each from its own first cost to a share of it
        rng.uniform(0.15, 0.24) * (0.6 + 0.4 * fall),  # good, though it falls by less than 0.1
        rng.uniform(2.5, 3.0) * (0.93 + 0.07 * fall),  # too small, though it falls by more than 0.1
        rng.uniform(0.6, 0.8) * (1.5 - 0.5 * fall),  # too large: rises nearly all the time
        rng.uniform(0.6, 0.8) * (0.4 + 0.6 * fall + up_and_down),  # too large: ends low, with jumps on the way
        rng.uniform(0.2, 0.3) * (0.75 + 0.25 * fall),  # good, and falls by less than 0.1 as well
        rng.uniform(0.6, 0.8) * (0.3 + 0.7 * fall),  # good
        rng.uniform(0.6, 0.8) * (0.97 + 0.03 * fall + 0.3 * up_and_down),  # too large, with hardly a fall
        rng.uniform(0.6, 0.8) * (0.96 + 0.04 * fall),  # too small
    ]
    return kinds[kind]


def edges():
    curves = np.array([[0.7, 3.0, np.nan, np.nan], [0.7, np.nan, np.nan, np.nan], [0.7, 0.5, 0.4, 0.35]])
    return [{"name": "nan", "refused": True, "arguments": {"curves": curves}}]
