def fixture(rng, m, **units):
    widths = list(units.values())
    params, grads = {}, {"dA0": rng.normal(size=(widths[0], m))}
    for layer in range(1, len(widths)):
        for name, shape in ((f"W{layer}", (widths[layer], widths[layer - 1])), (f"b{layer}", (widths[layer], 1))):
            params[name] = rng.normal(size=shape)
            grads["d" + name] = rng.normal(size=shape)
        if layer < len(widths) - 1:
            grads[f"dA{layer}"] = rng.normal(size=(widths[layer], m))
    return {"params": params, "grads": grads, "learning_rate": float(rng.uniform(0.1, 0.9))}


def edges():
    params = {"W1": np.array([[2, -3, 1]]), "b1": np.array([[4]])}
    grads = {"dW1": np.array([[0.5, 0.25, -1.0]]), "db1": np.array([[0.75]])}
    return [
        {
            "name": "integers",
            "refused": False,
            "arguments": {"params": params, "grads": grads, "learning_rate": 0.1},
        }
    ]
