"""The stage "3 Backward" of one iteration in words: gradients of every layer, and the chain rule of one weight."""

from __future__ import annotations

from collections.abc import Iterator

from layerlab.text import count_text

from .iteration_layout import Formula, Item, added, factor, number, product, shape, signed_sum
from .iteration_notation import Facts, dropped, gap, inputs, largest, layers_shown, place, whole, with_gaps

SLOPES = {"tanh": "(1 − {A}²)", "sigmoid": "{A} * (1 − {A})", "relu": "({Z} > 0)", "identity": ""}
"""The slope of an activation as the course notes write it; others are written as mish′(Z1)."""

UNIT_SLOPES = {"tanh": "(1 − a²)", "sigmoid": "a (1 − a)", "relu": "(z > 0)", "identity": "1"}
"""The same for one unit."""

OUTPUT_GRADIENTS = {"absolute": "sign(A{L} − Y)", "huber": "A{L} − Y, cut off at −1 and 1"}
"""dZ of the last layer where it is not A − Y."""

SHOWN_PRODUCTS = 3
"""A sum within one line is shown with all of its terms if it has at most this many, else with the two largest."""


def backward(facts: Facts) -> Iterator[Item]:
    """Show the gradients of every layer, and the chain rule of the chosen weight."""
    dims, m, last = facts["layer_dims"], facts["examples"], len(facts["layer_dims"]) - 1
    yield "3 Backward: the gradients of the cost, from the last layer to the first."
    for shown in with_gaps(layers_shown(facts)[::-1]):
        if isinstance(shown, tuple):
            yield gap(*shown)
            continue
        n, before = dims[shown], dims[shown - 1]
        if shown == last:
            yield Formula(f"dZ{last} = {_output_gradient(facts, last)}", shape(n, m))
        else:
            after = dims[shown + 1]
            yield Formula(_hidden_gradient(facts, shown), f"{shape(n, after)} @ {shape(after, m)} → {shape(n, m)}")
        shapes = f"{shape(n, m)} @ {shape(m, before)} → {shape(n, before)}"
        yield Formula(f"dW{shown} = {_weight_gradient(facts, shown)}", shapes)
    mean = (
        "mean of its dZ over the examples"
        if whole(facts)
        else f"sum of its dZ over the examples, divided by {facts['m']:,}"
    )
    yield f"Every db is the {mean}, in the shape of b."
    yield from _chain(facts, last)


def _output_gradient(facts: Facts, last: int) -> str:
    formula = OUTPUT_GRADIENTS.get(facts["output"], "A{L} − Y").format(L=last)
    return formula if facts["loss"]["weight"] is None else f"weights * ({formula})"


def _hidden_gradient(facts: Facts, layer: int) -> str:
    """Return the formula of a hidden layer's dZ."""
    name = facts["activations"][layer - 1]
    formula = f"dZ{layer} = W{layer + 1}ᵀ dZ{layer + 1}"
    if dropped(facts):
        formula += f" * D{layer}"
    known = {} if dropped(facts) and "A" in SLOPES.get(name, "") else SLOPES  # A is what dropout has left
    slope = known.get(name, f"{name}′(Z{layer})").format(A=f"A{layer}", Z=f"Z{layer}")
    return f"{formula} * {slope}" if slope else formula


def _weight_gradient(facts: Facts, layer: int) -> str:
    penalty = f" + λ/m W{layer}" if facts["loss"]["penalty"] else ""
    return f"1/m dZ{layer} {inputs(layer)}ᵀ{penalty}"


def _chain(facts: Facts, last: int) -> Iterator[Item]:
    """Show the chain rule of the chosen weight for the chosen example, then the mean over all examples."""
    chain, chosen = facts["chain"], facts["chosen"]
    layer, bias = chosen["layer"], chosen["input"] is None
    dw = "db" if bias else "dw"
    yield f"The chain rule for {'b' if bias else 'w'} and example {chosen['number']:,}, backwards:"
    yield from _delta(facts, last)
    _, dz, a, term = chain["own"]
    if bias:
        yield Formula("db = dz", f"= {number(term)}")
    else:
        source = chosen["input"]
        yield Formula(f"dw = dz · {f'x{source}' if layer == 1 else f'a of unit {source}'}", f"= {product(dz, a)}")
    yield from _nothing_learned(facts)
    mean = f"the mean of {dw} over the {count_text(facts['examples'], 'example')}"
    if not whole(facts):
        mean = f"the sum of {dw} over the {count_text(facts['examples'], 'example')}, divided by {facts['m']:,},"
    if not chain["penalty"] and chain["clipped_by"] == 1:
        yield f"d{place(facts)} is {mean.rstrip(',')}: {number(chain['gradient'])}{_most(chain)}."
        return
    yield f"{mean[0].upper()}{mean[1:]} is {number(chain['mean'])}{_most(chain)}."
    yield f"d{place(facts)} is {number(chain['gradient'])}: {_changed(chain)}."


def _delta(facts: Facts, last: int) -> Iterator[Item]:
    """Show dz of the chosen unit for the chosen example."""
    delta, layer = facts["delta"], facts["chosen"]["layer"]
    if layer == last:
        yield _output_delta(facts)
        return
    ordered = sorted(delta["terms"], key=lambda row: -abs(row[-1]))
    shown = delta["terms"] if delta["n"] <= SHOWN_PRODUCTS else ordered[:2]
    rest = delta["rest"] + added(row[-1] for row in ordered[len(shown) :])
    numbers = signed_sum([row[1:3] for row in shown], delta["n"] - len(shown), rest)
    chosen = facts["chosen"]
    da = f"W{layer + 1}[:, {chosen['unit'] - 1}] @ dZ{layer + 1}[:, {chosen['column']}]"
    yield Formula(f"da = {da}", f"= {numbers} = {number(delta['da'])}")
    name = facts["activations"][layer - 1]
    if delta["kept"] is None:
        slope = UNIT_SLOPES.get(name, f"{name}′(z)")
        yield Formula(f"dz = da · {slope}", f"= {product(delta['da'], delta['slope'])}")
    else:
        yield Formula(f"dz = da · D · {name}′(z)", f"= {product(delta['da'], delta['kept'], delta['slope'])}")


def _nothing_learned(facts: Facts) -> Iterator[str]:
    """Say why an example adds nothing to the gradients of the chosen unit, if it does not."""
    delta, layer = facts["delta"], facts["chosen"]["layer"]
    if delta["kept"] == 0:
        yield "Dropout has set a to 0, so the unit learns nothing from this example."
    elif delta["slope"] == 0 and facts["activations"][layer - 1] == "relu":
        yield "The slope of relu is 0 because z is not above 0, so the unit learns nothing from this example."
    elif delta["terms"] and not any(row[-1] for row in delta["terms"]):
        yield "Every term of da is 0, so the unit learns nothing from this example."


def _output_delta(facts: Facts) -> Formula:
    """Return dz of the chosen unit of the last layer."""
    loss, unit, dz = facts["loss"], facts["chosen"]["unit"] - 1, number(facts["delta"]["dz"])
    formula = OUTPUT_GRADIENTS.get(facts["output"], "A{L} − Y").format(L="").replace("A", "a").replace("Y", "y")
    a, y = number(loss["prediction"][unit]), factor(loss["y"][unit])
    if formula == "a − y" and loss["weight"] is None:
        return Formula("dz = a − y", f"= {a} − {y} = {dz}")
    if loss["weight"] is None:
        return Formula(f"dz = {formula}", f"= {dz}, with a = {a} and y = {y}")
    return Formula(f"dz = weight · ({formula})", f"= {dz}, with weight {number(loss['weight'])}, a = {a} and y = {y}")


def _most(chain: Facts) -> str:
    """Name the examples with the largest terms, if there are more than a few."""
    terms, others, _ = largest(chain)
    if not others or not terms[0][-1]:
        return "" if not others else "; every term is 0"
    named = ", ".join(f"{number(row[-1])} (example {row[0]:,})" for row in terms[:2])
    return f"; the largest in size are {named}"


def _changed(chain: Facts) -> str:
    """Say what a penalty and clipping make of the mean."""
    said = []
    if chain["penalty"]:
        said.append(f"the L2 penalty adds λ/m · w = {number(chain['penalty'])}")
    if chain["clipped_by"] != 1:
        said.append(f"clipping multiplies every gradient by {number(chain['clipped_by'])}")
    return ", and ".join(said)
