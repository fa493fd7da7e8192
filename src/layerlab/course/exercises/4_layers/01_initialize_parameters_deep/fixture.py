def fixture(rng, **units):
    return {"layer_dims": list(units.values()), "seed": int(rng.integers(10, 1000))}
