def fixture(rng, h, w, c):
    return {"image": rng.uniform(0, 255, size=(h, w, c))}
