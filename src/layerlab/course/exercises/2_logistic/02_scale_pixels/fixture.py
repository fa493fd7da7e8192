def fixture(rng, n, m):
    pixels = rng.integers(0, 256, size=(n, m)).astype(np.uint8)
    pixels[0, :3] = 255, 0, 190
    return {"pixels": pixels}
