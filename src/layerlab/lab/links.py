"""Links: all of a training but its weights in the part of an address after #, from which the lab makes it again.

A link is readable: ``v=1&d=flower&l=8,8&h=tanh&learning_rate=0.3&seed=1&iterations=5000&update=1200``. Settings are
those that differ from the usual values of ``train``, and a few always; ``e=500:learning_rate=0.05;700:W1.0.1=0.5`` are
changes by hand after so many updates. Data that the command line named are written as the name of their file
(``file``), the beginning of their digest, and how they were read (``data.target=cultivar``).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from layerlab.datasets import Dataset
from layerlab.datasets.part import Source
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.events import CHANGE, EDIT, PROLONG, Event
from layerlab.runs.how_to_repeat import differing_settings
from layerlab.settings import DATA_OPTIONS, SETTINGS
from layerlab.typed_options import option_words

from .commands import COMMANDS, LONGEST_LINK
from .memory import MakeRoom, any_size
from .opening import GIVEN, Given, Replayed, Training, check_size, data_for, training_of

VERSION = "1"
"""The version of links."""

DIGITS = 16
"""Hexadecimal digits of a digest that a link has."""

_UNQUOTED = ",:;=.+-"
"""Characters beside letters and digits that stand for themselves."""

_EDIT = re.compile(r"([Wb]\d{1,3})\.(\d{1,9})\.(\d{1,9})=(.+)")


class Link(NamedTuple):
    """What a link says.

    Attributes:
        data: how the data are named and prepared: "d" or "file", "digest", "data.…", "standardize", "validation".
        layers, hidden: the hidden layers and their activations.
        settings: of ``train``, those that are not the usual ones.
        update: number of updates made.
        events: the changes by hand until there.
    """

    data: Mapping[str, str]
    layers: tuple[int, ...]
    hidden: str | tuple[str, ...]
    settings: Mapping[str, Any]
    update: int
    events: tuple[Event, ...]


# From a training to its link


def link_of(training: Training) -> str:
    """Return the link of a training up to its present update, without the #.

    Raises:
        InputError: it would be too long, because the training was changed by hand very often.
    """
    stepper, network = training.stepper, training.stepper.network
    hidden = network.hidden if isinstance(network.hidden, str) else ",".join(network.hidden)
    parts = {"v": VERSION, **_data_of(training.name, training.data)}
    parts |= {"l": ",".join(map(str, network.layer_dims[1:-1])) or "none", "h": hidden}
    parts |= {name: _value_text(value) for name, value in differing_settings(stepper.settings_at_start).items()}
    parts["update"] = str(stepper.update)
    if stepper.events:
        parts["e"] = ";".join(map(_event_text, stepper.events))
    link = "&".join(f"{name}={quote(value, safe=_UNQUOTED)}" for name, value in parts.items())
    if len(link) > LONGEST_LINK:
        raise InputError(
            f"a link has at most {LONGEST_LINK:,} characters, and this training needs {len(link):,}: it was changed by "
            f"hand {len(stepper.events):,} times; take its Python"
        )
    return link


def _data_of(name: str, data: Dataset) -> dict[str, str]:
    """Return how the data of a training are named and prepared.

    Raises:
        InputError: they were not read from a file, and are no included dataset either.
    """
    if name == GIVEN and data.source is None:
        raise InputError("these data were not read from a file, so no link can name them: take the Python")
    parts = {"d": name} if data.source is None else _source_parts(data.source)
    if data.standardization is not None:
        parts["standardize"] = "yes"
    if data.held_out is not None:
        parts["validation"] = repr(data.held_out.share)
    return parts


def _source_parts(source: Source) -> dict[str, str]:
    parts = {"file": _file_name(source.path), "digest": source.digest[:DIGITS]}
    for name, value in source.options.items():
        if value not in (None, [], ""):
            parts[f"data.{name}"] = _file_name(value) if name == "test_file" else _value_text(value)
    return parts


def _file_name(path: str) -> str:
    """Return the name of a file without its folder; after a colon there may be the name of an array."""
    return PurePath(path.replace("\\", "/")).name


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "none" if value is None else value if isinstance(value, str) else repr(value)


def _event_text(event: Event) -> str:
    values = event.values
    if event.kind == PROLONG:
        return f"{event.update}:iterations+{values['iterations']}"
    if event.kind == EDIT:
        return f"{event.update}:{values['name']}.{values['row']}.{values['column']}={values['value']!r}"
    return f"{event.update}:{','.join(f'{name}={_value_text(value)}' for name, value in values.items())}"


# From a link to the training


def restored(given: Given, text: str, make_room: MakeRoom = any_size) -> tuple[Training, Replayed]:
    """Open the training of a link.

    Args:
        given: what the command line named.
        text: the link, with or without the #.
        make_room: as for ``opened``.

    Returns:
        The training before its first update, and what is to be made again.

    Raises:
        InputError: the link is damaged, its data are others than this lab has, or it does not fit them.
    """
    link = read_link(text)
    if "file" in link.data and given.data is None:
        raise InputError(_open_with(link.data))
    asked, dataset, validation = data_for(given, link.data.get("d", GIVEN))
    _check_data(link.data, _data_of(GIVEN if asked.data is not None else asked.name, dataset))
    network = Network((dataset.n_x, *link.layers, dataset.n_y), hidden=link.hidden)
    check_size(network)
    training = training_of(asked, dataset, validation, network, link.settings, make_room)
    if link.update > training.stepper.iterations + sum(event.values.get("iterations", 0) for event in link.events):
        raise InputError(f"the link is damaged: it names update {link.update:,}, beyond its iterations")
    return training, Replayed(link.events, link.update)


def _check_data(wanted: Mapping[str, str], here: Mapping[str, str]) -> None:
    """Refuse a link whose data are others than those that the lab has."""
    if "file" in wanted and wanted["file"] == here.get("file") and wanted["digest"] != here["digest"]:
        raise InputError(
            f"the link needs another {_shown(wanted['file'])} than the one here: its digest begins with "
            f"{_shown(wanted['digest'])}, and that of the one here with {here['digest']}"
        )
    if wanted != here:
        raise InputError(_open_with(wanted, here))


def _open_with(data: Mapping[str, str], here: Mapping[str, str] = {}) -> str:
    """Say with which command the lab has to be opened for a link's data."""
    name = data["d"] if "d" in data else data["file"]
    words = ["layerlab", "lab", name]
    for part, value in data.items():
        if part.startswith("data."):
            option = part.removeprefix("data.")
            words += option_words({option: _typed(option, value)})
    if data.get("standardize") != here.get("standardize"):
        words.append("--standardize" if "standardize" in data else "--no-standardize")
    words += ["--validation", data["validation"]] if "validation" in data else []
    whose = f", whose digest begins with {_shown(data['digest'])}" if "digest" in data else ""
    return f"the link needs the data {_shown(name)}{whose}: open the lab with {printable(shlex.join(words))}"


def _typed(name: str, value: str) -> Any:
    """Return the value of a data option that was written into a link."""
    if name == "test_file":
        return value
    option = DATA_OPTIONS[name]
    if option.kind is bool:
        return value == "yes"
    return value.split(",") if option.listed else value


def read_link(text: str) -> Link:
    """Read a link and check every part of it alone.

    Raises:
        InputError: a part is unknown, missing, twice there, or has a value that it cannot have.

    Example:
        >>> read_link("v=1&d=flower&l=8,8&h=tanh&learning_rate=0.3&iterations=500&update=20").layers
        (8, 8)
    """
    parts = _parts(text.removeprefix("#"))
    if parts.pop("v", "") != VERSION:
        raise InputError(f"the link is not of this version of the lab: wanted one that begins with v={VERSION}")
    data = {name: parts.pop(name) for name in list(parts) if _is_of_data(name)}
    _check_names(data)
    steps = () if parts.get("optimizer") == LBFGS else ("learning_rate",)
    for name in ("l", "h", "update", "iterations", *steps):
        if name not in parts:
            raise InputError(f"the link is damaged: {name}=… is missing")
    layers, hidden = parts.pop("l"), parts.pop("h").split(",")
    update, events, check = _count(parts.pop("update")), parts.pop("e", ""), COMMANDS["open"].checks
    return Link(
        data,
        check["layers"]([] if layers == "none" else [_count(size) for size in layers.split(",")]),
        check["hidden"](hidden[0] if len(hidden) == 1 else hidden),
        {name: _setting(name, value) for name, value in parts.items()},
        update,
        tuple(_events(events, update)) if events else (),
    )


def _check_names(data: Mapping[str, str]) -> None:
    """Check the parts that say which data are meant: they are shown in a command that a person may type."""
    if ("d" in data) == ("file" in data) or ("file" in data) != ("digest" in data):
        raise InputError(
            "the link is damaged: wanted the name of a dataset as d=…, or of a file as file=… and digest=…"
        )
    if "validation" in data:
        _number(data["validation"])
    wrong = [value for value in data.values() if not value or value.startswith("-")]
    if wrong or data.get("standardize", "yes") != "yes":
        raise InputError("the link is damaged: its data have a name or an option that cannot be")


def _parts(text: str) -> dict[str, str]:
    if len(text) > LONGEST_LINK:
        raise InputError(f"a link of {len(text):,} characters: wanted at most {LONGEST_LINK:,}")
    pairs = [part.partition("=") for part in text.split("&")]
    parts = {name: unquote(value) for name, _, value in pairs}
    if len(parts) < len(pairs):
        raise InputError("the link is damaged: a part of it is there twice")
    return parts


def _is_of_data(name: str) -> bool:
    option = name.removeprefix("data.")
    return name in ("d", "file", "digest", "standardize", "validation") or (
        option != name and (option in DATA_OPTIONS or option == "test_file")
    )


def _setting(name: str, text: str) -> Any:
    """Return the value of a setting in its own type."""
    if name not in SETTINGS:
        raise InputError(f"the link is damaged: no setting is called {_shown(name)}")
    setting = SETTINGS[name]
    if text == "none" and setting.may_be_none:
        return None
    if setting.kind is str:
        return setting.check(text)
    number = _number(text)
    return setting.check(int(number) if setting.kind is int and number.is_integer() else number)


def _events(text: str, update: int) -> Iterator[Event]:
    """Yield the events of a link, in order."""
    before = 0
    for one in text.split(";"):
        at, _, what = one.partition(":")
        if not before <= (before := _count(at)) <= update:
            raise InputError(f"the link is damaged: a change after {_shown(at)} updates is out of its order")
        yield Event(before, *_event(what))


def _event(what: str) -> tuple[str, dict[str, Any]]:
    if what.startswith("iterations+"):
        return PROLONG, {"iterations": _count(what.removeprefix("iterations+"))}
    if edit := _EDIT.fullmatch(what):
        name, row, column, value = edit.groups()
        return EDIT, {"name": name, "row": int(row), "column": int(column), "value": _number(value)}
    pairs = [one.partition("=") for one in what.split(",")]
    return CHANGE, {name: _setting(name, value) for name, _, value in pairs}


def _number(text: str) -> float:
    try:
        number = float(text)
        if number - number == 0:  # neither infinite nor not a number
            return number
    except ValueError:
        pass
    raise InputError(f"the link is damaged: wanted a number and not {_shown(text)}")


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InputError(f"the link is damaged: wanted a whole number and not {_shown(text)}")
    return int(text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
