def fixture(rng, n_x, n_h, n_y):
    shapes = {"W1": (n_h, n_x), "b1": (n_h, 1), "W2": (n_y, n_h), "b2": (n_y, 1)}
    parameters = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    grads = {"d" + name: rng.normal(size=shape) for name, shape in shapes.items()}
    return {"parameters": parameters, "grads": grads, "learning_rate": float(rng.uniform(0.1, 0.9))}


def edges():
    parameters = {"W1": [[2, -3]], "b1": [[1]], "W2": [[4]], "b2": [[-2]]}
    grads = {"dW1": [[0.5, -1.0]], "db1": [[0.25]], "dW2": [[2.0]], "db2": [[-0.75]]}
    arrays = [{name: np.array(value) for name, value in part.items()} for part in (parameters, grads)]
    return [
        {
            "name": "integers",
            "refused": False,
            "arguments": {"parameters": arrays[0], "grads": arrays[1], "learning_rate": 0.1},
        }
    ]
