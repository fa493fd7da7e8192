def fixture(rng, n, m):
    Z = rng.normal(size=(n, m))
    Z[0, :3] = [0.7, -1.3, 0.2]  # both signs, whatever is drawn
    return {"dA": rng.normal(size=(n, m)), "cache": Z}


def edges():
    dA, Z = np.array([[0.5, -2.0, 3.0]]), np.array([[0.0, 1.5, -0.5]])
    return [{"name": "zero", "refused": False, "arguments": {"dA": dA, "cache": Z}}]
