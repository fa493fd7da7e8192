def fixture(rng, n, m):
    lowest, highest = (0, 255) if m % 2 else (20, 200)  # not every picture has black and white in it
    pixels = rng.integers(lowest, highest, size=(n, m)).astype(np.uint8)
    pixels[0, :3] = highest, lowest, 190
    return {"pixels": pixels}
