def fixture(rng, m, **units):
    widths = list(units.values())
    parameters = {}
    for layer in range(1, len(widths)):
        parameters[f"W{layer}"] = rng.normal(size=(widths[layer], widths[layer - 1]))
        parameters[f"b{layer}"] = rng.normal(size=(widths[layer], 1))
    return {"X": rng.normal(size=(widths[0], m)), "parameters": parameters}
