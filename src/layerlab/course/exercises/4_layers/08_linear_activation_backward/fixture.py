def fixture(rng, n, p, m):
    activation = "relu" if m % 2 else "sigmoid"
    A_prev, W, b = rng.normal(size=(p, m)), rng.normal(size=(n, p)), rng.normal(size=(n, 1))
    A, cache = linear_activation_forward(A_prev, W, b, activation)
    return {"dA": rng.normal(size=A.shape), "cache": cache, "activation": activation}
