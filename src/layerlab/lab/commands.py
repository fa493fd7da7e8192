"""The messages that a client sends: every one with its fields and their ranges, in one table, by which all are checked.

What is not in the table is refused in one sentence: an unknown message or field, a value of another type or outside
its range. So nothing else in the lab has to doubt what it gets. docs/lab-protocol.md says what the messages mean.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from layerlab.errors import InputError
from layerlab.formulas import ACTIVATIONS
from layerlab.runs.events import FIXED
from layerlab.settings import SETTINGS, Setting

VERSION = 1
"""The version of the protocol."""

LARGEST, DEEPEST, LONGEST_ID = 64 * 1024, 6, 64
"""Bytes of a message, brackets inside each other, and characters of an id: no message has more."""

LONGEST_LINK = 2000
"""Characters of a link to a training."""

MOST_LAYERS, MOST_UNITS, MOST_PARAMETERS = 12, 1024, 20_000_000
"""Of a network in the lab: hidden layers, units in each of them, and parameters in all."""

MOST_ITERATIONS, MOST_STEPS = 1_000_000, 10_000
"""Updates of a training in the lab, and of one message ``step``."""

NOT_LIVE = (*FIXED, "batch_size", "engine", "basis")
"""Settings that need a new training. The epochs of the validation set's curve depend on the batch size."""

TAKEN = ("python", "notebook", "weights", "curves_csv", "curves_svg", "model", "link")
"""What can be taken away."""


class View(NamedTuple):
    """What a client wants to see in its frames.

    Attributes:
        lens: "maps" (what the units see), "numbers" (of one example), "gradients" or "steps".
        example: number of the training example, from 0.
        grid: points on each side of the maps.
        fine: number of the layer whose maps are as fine as the lab makes them, for a large picture; 0 for none.
        pictures: for images, "learned" (W − W at the start) or "weights" (W).
    """

    lens: str = "maps"
    example: int = 0
    grid: int = 40
    fine: int = 0
    pictures: str = "learned"


class Command(NamedTuple):
    """A message that was checked.

    Attributes:
        type: its name, a key of ``COMMANDS``.
        fields: the values by name; those that were not given are absent.
        id: what the answer repeats, or None.
    """

    type: str
    fields: Mapping[str, Any]
    id: str | int | None = None


class Refusal(InputError):  # noqa: N818  (no error of a program)
    """A message that is refused, with the id that the refusal repeats."""

    def __init__(self, what: str, id: str | int | None = None) -> None:  # noqa: A002  (the field's name)
        super().__init__(what)
        self.id = id


class Fields(NamedTuple):
    """The fields of a message: how each is checked, and which of them must be given."""

    checks: Mapping[str, Callable[[Any], Any]]
    required: tuple[str, ...] = ()


def _whole(name: str, about: str, low: int, high: int, *, none: bool = False) -> Callable[[Any], Any]:
    return Setting(name, int, None, about, low=low, high=high, optional=none).check


def _word(name: str, about: str, choices: tuple[str, ...]) -> Callable[[Any], Any]:
    return Setting(name, str, None, about, choices=choices).check


def _text(name: str, longest: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise InputError(f"{name}={_shown(value)}: wanted a text of 1 to {longest} characters")
        return value

    return check


def _layers(value: Any) -> tuple[int, ...]:
    """Return the sizes of the hidden layers."""
    if not isinstance(value, list) or len(value) > MOST_LAYERS:
        raise InputError(
            f"layers={_shown(value)}: wanted a list of at most {MOST_LAYERS} numbers, the units of each hidden layer"
        )
    units = _whole("units", "units of a hidden layer", 1, MOST_UNITS)
    return tuple(units(size) for size in value)


def _hidden(value: Any) -> str | tuple[str, ...]:
    """Return the activation of the hidden layers, or one for each of them."""
    one = _word("hidden", "activation of the hidden layers", tuple(ACTIVATIONS))
    if isinstance(value, list):
        if not len(value) <= MOST_LAYERS:
            raise InputError(f"hidden: wanted at most {MOST_LAYERS} activations, one for each hidden layer")
        return tuple(one(name) for name in value)
    name: str = one(value)
    return name


def _settings(value: Any) -> dict[str, Any]:
    """Return hyperparameters by name, each checked alone."""
    if not isinstance(value, dict):
        raise InputError(f'settings={_shown(value)}: wanted settings by name, such as {{"learning_rate": 0.1}}')
    for name in value:
        if name not in SETTINGS:
            raise InputError(f"no setting is called {_shown(name)}; the settings are {', '.join(SETTINGS)}")
    checked = {name: SETTINGS[name].check(one) for name, one in value.items()}
    for name in ("iterations", "epochs"):
        check_iterations(checked.get(name), name)
    return checked


def check_iterations(n: int | None, name: str = "iterations") -> None:
    """Refuse more iterations than the lab makes; None is not refused.

    Raises:
        InputError: there are more.
    """
    if n is not None and n > MOST_ITERATIONS:
        raise InputError(
            f"{name}={n}: wanted at most {MOST_ITERATIONS:,} in the lab; `layerlab train` makes any number"
        )


def _live_settings(value: Any) -> dict[str, Any]:
    """Return settings that can be changed while a training runs."""
    checked = _settings(value)
    for name in checked:
        if name in NOT_LIVE:
            raise InputError(f"{name} belongs to the whole training and cannot be changed: begin a new one with it")
    return checked


_NONE = Fields({})

COMMANDS: Mapping[str, Fields] = {
    "hello": Fields(
        {
            "version": _whole("version", "the version of the protocol", VERSION, VERSION),
            "language": _text("language", 35),
            "session": _text("session", 64),
        },
        ("version", "language"),
    ),
    "open": Fields(
        {
            "data": _text("data", 255),
            "layers": _layers,
            "hidden": _hidden,
            "settings": _settings,
            "link": _text("link", LONGEST_LINK),
        }
    ),
    "play": Fields({"until": _whole("until", "number of updates after which it stops", 1, MOST_ITERATIONS)}),
    "pause": _NONE,
    "step": Fields({"n": _whole("n", "number of updates to make", 1, MOST_STEPS)}, ("n",)),
    "speed": Fields(
        {
            "per_second": Setting(
                "per_second", float, None, "Updates per second", usual="as many as can be made", low=0.1, high=1e6
            ).check
        },
        ("per_second",),
    ),
    "seek": Fields({"update": _whole("update", "number of updates made", 0, MOST_ITERATIONS)}, ("update",)),
    "prolong": Fields(
        {"iterations": _whole("iterations", "number of additional iterations", 1, MOST_ITERATIONS)}, ("iterations",)
    ),
    "change": Fields({"settings": _live_settings}, ("settings",)),
    "edit": Fields(
        {
            "name": _text("name", 8),
            "row": _whole("row", "row of the weight, from 0", 0, MOST_PARAMETERS),
            "column": _whole("column", "column of the weight, from 0", 0, MOST_PARAMETERS),
            "value": Setting("value", float, None, "The new value of the weight").check,
        },
        ("name", "row", "column", "value"),
    ),
    "look": Fields(
        {
            "lens": _word("lens", "what the frames show", ("maps", "numbers", "gradients", "steps")),
            "example": _whole("example", "number of a training example, from 0", 0, 2**31 - 1),
            "grid": _whole("grid", "points on each side of a map", 24, 100),
            "fine": _whole("fine", "number of the layer whose maps are fine, from 1; 0 for none", 0, MOST_LAYERS + 1),
            "pictures": _word("pictures", "what the pictures of units show", ("learned", "weights")),
        }
    ),
    "inside": Fields(
        {
            "layer": _whole("layer", "number of the layer, from 1", 1, MOST_LAYERS + 1),
            "unit": _whole("unit", "number of the unit, from 1", 1, MOST_PARAMETERS),
            "input": _whole("input", "number of the input, from 1; null for the bias", 1, MOST_PARAMETERS, none=True),
            "example": _whole("example", "number of a training example, from 0", 0, 2**31 - 1),
        },
        ("layer", "unit", "input", "example"),
    ),
    "take": Fields({"what": _word("what", "what is taken away", TAKEN)}, ("what",)),
    "drawn": Fields({"frame": _whole("frame", "number of the frame that was drawn", 1, 2**53)}, ("frame",)),
    "bye": _NONE,
}
"""Every message of a client by its type."""


def parsed(text: str) -> dict[str, Any]:
    """Read a message from JSON.

    Raises:
        Refusal: it is too large, no JSON, too deep, or holds a number that JSON does not know.

    Example:
        >>> parsed('{"type": "step", "n": 1}')
        {'type': 'step', 'n': 1}
    """
    if len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
        raise Refusal(f"a message of {len(text):,} characters: wanted at most {LARGEST // 1024} kB")
    if _depth(text) > DEEPEST:
        raise Refusal(f"the message has more than {DEEPEST} brackets inside each other")
    try:
        message = json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_without_doubles)
    except InputError as error:
        raise Refusal(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise Refusal(f"the message is not JSON: {error}") from None
    if not isinstance(message, dict):
        raise Refusal('the message is not a JSON object: wanted one such as {"type": "play"}')
    return message


def command_of(message: Mapping[str, Any]) -> Command:
    """Check a message by the table. A field that may be left out may also be null.

    Args:
        message: as ``parsed`` returns it.

    Returns:
        The command, with each value in its own type.

    Raises:
        Refusal: something is wrong; it has the id of the message, if that is right.

    Example:
        >>> command_of({"type": "step", "n": 1, "id": 7})
        Command(type='step', fields={'n': 1}, id=7)
    """
    id, kind = message.get("id"), message.get("type")  # noqa: A001  (the field's name)
    if not _is_id(id):
        raise Refusal(f"id={_shown(id)}: wanted a whole number, or a text of at most {LONGEST_ID} characters")
    if not isinstance(kind, str) or kind not in COMMANDS:
        raise Refusal(f"no message is called {_shown(kind)}: wanted one of {', '.join(COMMANDS)}", id)
    fields, given = COMMANDS[kind], {name: value for name, value in message.items() if name not in ("type", "id")}
    for name in given:
        if name not in fields.checks:
            known = ", ".join(fields.checks) or "none"
            raise Refusal(f"{kind} has no field {_shown(name)}; its fields are: {known}", id)
    given = {name: value for name, value in given.items() if value is not None or name in fields.required}
    for name in fields.required:
        if name not in given:
            raise Refusal(f"{kind} needs the field {name!r}", id)
    try:
        return Command(kind, {name: fields.checks[name](value) for name, value in given.items()}, id)
    except InputError as error:
        raise Refusal(str(error), id) from None


def _is_id(value: Any) -> bool:
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_ID):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53


def _shown(value: Any) -> str:
    """Return a value as a message repeats it: short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _depth(text: str) -> int:
    """Return how many brackets of JSON are inside each other, at most; those in texts do not count."""
    depth = deepest = 0
    in_text = escaped = False
    for letter in text:
        if in_text:
            in_text, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif letter == '"':
            in_text = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _no_number(name: str) -> Any:
    raise InputError(f"{name} is not a number of JSON: wanted a finite one")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InputError(f"{_shown(text)}: wanted a number that a float can hold")
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise InputError("the message has a field twice")
    return names
