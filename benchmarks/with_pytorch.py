"""PyTorch as a contender: ``nn.Sequential``, ``optim``, autograd, and the loop that its tutorials show."""

from __future__ import annotations

import copy
import importlib
import os
from time import perf_counter
from typing import Any

from .material import Turn, Work, facts, population_facts, predicted
from .row import UnavailableError

torch: Any = importlib.import_module("torch")  # by name, so that types are checked where it is not installed

MODULES = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
OPTIMIZERS = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}


def prepare(work: Work) -> Turn:
    """The turn of a row; models are built and given their weights outside the measured time.

    Raises:
        UnavailableError: the row wants a GPU and PyTorch has none.
    """
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    if work.row.gpu and not torch.cuda.is_available():
        raise UnavailableError("no GPU at hand: PyTorch sees none")
    return {"predict": _predict, "population": _population}.get(work.row.task, _train)(work)


def _network(work: Work, seed: int | None = None) -> Any:
    """The network with the given initial weights."""
    layers: list[Any] = []
    for W, b in work.layers(seed):
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=getattr(torch, work.row.dtype))
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W))
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, MODULES[work.row.hidden]()]
    return torch.nn.Sequential(*layers[:-1]).to(_device(work))


def _device(work: Work) -> str:
    return "cuda" if work.row.gpu else "cpu"


def _examples(work: Work) -> tuple[Any, Any, Any]:
    """X, Y and the loss that takes them."""
    material, device, several = work.material, _device(work), work.layer_dims[-1] > 1
    X = torch.from_numpy(material.X).to(device)
    Y = torch.from_numpy(material.labels if several else material.Y).to(device)
    return X, Y, torch.nn.CrossEntropyLoss() if several else torch.nn.BCEWithLogitsLoss()


def _train(work: Work) -> Turn:
    X, Y, loss_function = _examples(work)
    device = _device(work)
    order = torch.from_numpy(work.batches()).to(device) if work.row.batch_size else None

    def loop(rate: float) -> tuple[list[float], float]:
        network = _network(work)
        optimizer = OPTIMIZERS[work.row.optimizer](network.parameters(), lr=rate)
        costs = []
        begun = perf_counter()
        for i in range(work.iterations):
            x, y = (X, Y) if order is None else (X[order[i]], Y[order[i]])
            optimizer.zero_grad()
            loss = loss_function(network(x), y)
            loss.backward()
            optimizer.step()
            costs.append(loss.item())  # every iteration's cost, which layerlab records too
        return costs, perf_counter() - begun

    def turn() -> dict[str, Any]:
        loops = [loop(rate) for rate in work.checked_rates]
        seconds = sum(spent for _, spent in loops)
        return facts(
            seconds=seconds,
            updates=seconds,
            iterations=work.iterations * len(loops),
            checked=[work.checked_cost(costs) for costs, _ in loops],
            last=[costs[-1] for costs, _ in loops],
            stages={},
        )

    return turn


def _population(work: Work) -> Turn:
    """The ensemble of PyTorch's tutorial on ``torch.func``: stacked parameters, ``vmap`` of the gradient.

    An optimiser takes no stacked gradients from ``torch.func``: plain descent is written out, a pass for each tensor.
    """
    X, Y, loss_function = _examples(work)
    models = [_network(work, seed) for seed in work.row.seeds]
    start, buffers = torch.func.stack_module_state(models)
    skeleton = copy.deepcopy(models[0]).to("meta")

    def cost(parameters: Any) -> Any:
        return loss_function(torch.func.functional_call(skeleton, (parameters, buffers), (X,)), Y)

    slopes = torch.func.vmap(torch.func.grad_and_value(cost))

    def loop() -> Any:
        parameters, costs = {name: value.detach().clone() for name, value in start.items()}, []
        for _ in range(work.iterations):
            gradients, values = slopes(parameters)
            for name, gradient in gradients.items():
                parameters[name].sub_(gradient, alpha=work.learning_rate)
            costs.append(values)
        return torch.stack(costs).numpy()

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        costs = loop()
        return population_facts(work, perf_counter() - begun, costs)

    return turn


def _predict(work: Work) -> Turn:
    network, X = _network(work), torch.from_numpy(work.material.X)

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        with torch.no_grad():
            for _ in range(work.iterations):
                labels = network(X).argmax(dim=1)
        return predicted(perf_counter() - begun, work, labels.numpy())

    return turn
