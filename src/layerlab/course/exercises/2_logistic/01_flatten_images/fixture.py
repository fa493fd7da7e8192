def fixture(rng, m, h, w, c):
    return {"images": rng.uniform(0, 255, size=(m, h, w, c))}
