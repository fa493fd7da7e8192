def fixture(rng, m, **units):
    widths = list(units.values())
    A, caches = rng.normal(size=(widths[0], m)), []
    for layer in range(1, len(widths)):
        W = rng.normal(size=(widths[layer], widths[layer - 1])) / np.sqrt(widths[layer - 1])
        b = rng.normal(size=(widths[layer], 1))
        A, cache = linear_activation_forward(A, W, b, "relu" if layer < len(widths) - 1 else "sigmoid")
        caches.append(cache)
    Y = rng.permutation(np.arange(A.size) % 2).reshape(A.shape).astype(float)
    return {"AL": A, "Y": Y, "caches": caches}
