"""``Event``: what a person changed while a training ran: a setting, a weight, or the number of its iterations.

A ``Stepper`` makes them, and a run keeps them, because the run can be repeated only if the same changes are made again
after the same numbers of updates.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from layerlab.datasets.json_values import check_keys
from layerlab.errors import InputError
from layerlab.settings import SETTINGS
from layerlab.text import count_text, value_text

from .settings_rules import changed_settings, checked_iterations
from .verdict import listed

if TYPE_CHECKING:
    from layerlab.network import Network

CHANGE, EDIT, PROLONG = KINDS = ("change", "edit", "prolong")
"""The kinds of events, which are also the names of the methods of a ``Stepper`` that make them."""

FIXED = ("seed", "initializer", "dtype", "iterations", "epochs", "monitor", "patience", "min_delta")
"""Settings that belong to a whole training, so that no event changes them."""

MOST_SAID = 3
"""Of more events than this, sentences give the number and name the first ones."""


class Event(NamedTuple):
    """One change that a person made while a training ran.

    Attributes:
        update: the number of updates that were made before it.
        kind: "change", "edit" or "prolong".
        values: of a change, the new settings by name; of an edit, "name" (such as "W1"), "row", "column" and "value";
            of a prolong, the number of additional "iterations".
    """

    update: int
    kind: str
    values: Mapping[str, Any]

    @property
    def line(self) -> str:
        """The line of Python that makes the event again on a ``Stepper`` with the name ``s``; exact to the last bit.

        Example:
            >>> Event(500, "change", {"learning_rate": 0.05}).line
            's.change(learning_rate=0.05)'
        """
        if self.kind == CHANGE:
            return f"s.change({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"
        order = ("name", "row", "column", "value") if self.kind == EDIT else ("iterations",)
        return f"s.{self.kind}({', '.join(repr(self.values[name]) for name in order)})"

    def __str__(self) -> str:
        """Return the event as a sentence."""
        after = f"After {count_text(self.update, 'update')}" if self.update else "Before the first update"
        return f"{after}, {self._done}."

    @property
    def _done(self) -> str:
        values = self.values
        if self.kind == PROLONG:
            more = count_text(values["iterations"], "iteration")
            return f"the training was prolonged by {more}, and its schedule counts with the new total"
        if self.kind == EDIT:
            return f"{values['name']}[{values['row']}, {values['column']}] was set to {value_text(values['value'])}"
        (first, *others) = (f"{name.replace('_', ' ')} {{}} {_said(value)}" for name, value in values.items())
        return listed([first.format("was set to"), *(other.format("to") for other in others)])

    def copied(self) -> Event:
        """Return an event with values of its own, so that nobody changes those of this one."""
        return self._replace(values=dict(self.values))

    def facts(self) -> dict[str, Any]:
        """Return the event as plain values for JSON."""
        return {"update": self.update, "kind": self.kind, "values": dict(self.values)}


def _said(value: Any) -> str:
    return "none" if value is None else value_text(value)


def checked_event(event: Event, network: Network) -> Event:
    """Return an event with every value checked and in its own type.

    Args:
        event: as a person, a program or a file gave it.
        network: the network that is trained.

    Raises:
        InputError: a value does not fit its kind of event, the settings or the network.

    Example:
        >>> from layerlab import Network
        >>> checked_event(Event(3, "edit", {"name": "W1", "row": 0, "column": 1, "value": 1}), Network([2, 1])).line
        "s.edit('W1', 0, 1, 1.0)"
    """
    update, kind, values = event
    if kind not in KINDS:
        raise InputError(f"an event of the kind {kind!r}: wanted one of {', '.join(map(repr, KINDS))}")
    if not _is_count(update):
        raise InputError(f"an event after {update!r} updates: wanted a whole number of at least 0")
    if not isinstance(values, Mapping) or not values:
        raise InputError(f"an event with the values {values!r}: wanted values by their names")
    check = {CHANGE: _checked_change, EDIT: _checked_edit, PROLONG: _checked_prolong}[kind]
    return Event(int(update), kind, check(values, network))


def _checked_change(values: Mapping[str, Any], _: Network) -> dict[str, Any]:
    """Return the new settings, each checked alone; which of them fit together shows when they are used."""
    wrong = [name for name in values if name not in SETTINGS or name in FIXED]
    if wrong:
        raise InputError(f"an event changes {wrong[0]!r}: wanted a setting that can change during a training")
    return {name: SETTINGS[name].check(value) for name, value in values.items()}


def _checked_edit(values: Mapping[str, Any], network: Network) -> dict[str, Any]:
    check_keys(values, {"name", "row", "column", "value"})
    name, row, column, value = (values[key] for key in ("name", "row", "column", "value"))
    if name not in network.shapes:
        raise InputError(f"an event edits {name!r}: wanted one of {', '.join(network.shapes)}")
    for what, place, size in zip(("row", "column"), (row, column), network.shapes[name], strict=True):
        if not _is_count(place) or place >= size:
            raise InputError(f"an event edits {what} {place!r} of {name}: wanted a whole number from 0 to {size - 1}")
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise InputError(f"an event sets {name}[{row}, {column}] to {value!r}: wanted a finite number")
    return {"name": name, "row": int(row), "column": int(column), "value": float(value)}


def _checked_prolong(values: Mapping[str, Any], _: Network) -> dict[str, Any]:
    check_keys(values, {"iterations"})
    return {"iterations": checked_iterations(values["iterations"])}


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


def check_events(
    events: Iterable[Event], network: Network, updates: int, settings: Mapping[str, Any] | None = None, m: int = 0
) -> None:
    """Check the events of a run.

    Each is checked alone; they have to come in the order of a training of this many updates; and each has to fit the
    settings that held until then.

    Args:
        events: what was changed.
        network: the network, with its output named.
        updates: how many updates the run made.
        settings: at the start, complete, with the engine and basis of the plan; None not to check that changes fit.
        m: number of training examples.

    Raises:
        InputError: they do not.
    """
    events = tuple(events)
    _check_order(events, network, updates)
    for event in events:
        if settings is None:
            return
        try:
            settings = _settings_after(event, settings, network, m)
        except InputError as error:
            raise InputError(f"the event {event.line} does not fit the training: {error}") from error


def _settings_after(event: Event, settings: Mapping[str, Any], network: Network, m: int) -> Mapping[str, Any]:
    """Return the settings after an event.

    Raises:
        InputError: the event does not fit them.
    """
    if event.kind == EDIT:
        return settings
    if event.kind == PROLONG:
        return {**settings, "iterations": checked_iterations(settings["iterations"] + event.values["iterations"])}
    for name, wanted in ("engine", ("numpy", "xla")), ("basis", ("full", settings["basis"])):
        if event.values.get(name, wanted[0]) not in wanted:
            raise InputError(f"{name}={event.values[name]!r}: wanted {' or '.join(map(repr, dict.fromkeys(wanted)))}")
    return changed_settings(network, m, settings, event.values)


def _check_order(events: Iterable[Event], network: Network, updates: int) -> None:
    before = 0
    for event in events:
        update = checked_event(event, network).update
        if not before <= update <= updates:
            raise InputError(
                f"an event after {update:,} updates: wanted events in their order, from {before:,} to the {updates:,} "
                f"updates of the run"
            )
        before = update


def events_from(records: Any, network: Network) -> tuple[Event, ...]:
    """Rebuild events from JSON.

    Raises:
        AttributeError, InputError, TypeError, ValueError: the JSON was damaged or changed.
    """
    if not isinstance(records, list):
        raise TypeError("wanted a list of events")
    for record in records:
        check_keys(record, set(Event._fields))
    return tuple(checked_event(Event(**record), network) for record in records)


def events_facts(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return events as plain values for JSON, each with its sentence as "what"."""
    return [event.facts() | {"what": str(event)} for event in events]


def event_lines(events: tuple[Event, ...]) -> tuple[str, ...]:
    """Say that a training was changed by hand while it ran, what the first changes were, and what follows from it.

    Returns:
        Sentences; none if nothing was changed.
    """
    if not events:
        return ()
    times = "once" if len(events) == 1 else f"{len(events):,} times"
    more = len(events) - MOST_SAID
    rest = f"{count_text(more, 'more change')} followed: run.events lists all of them." if more > 0 else ""
    said = (*map(str, events[:MOST_SAID]), *filter(None, [rest]))
    return (
        f"This training was changed by hand {times} while it ran, so no single command repeats it. {' '.join(said)}",
    )


def settings_at_end(settings: Mapping[str, Any], events: Iterable[Event]) -> dict[str, Any]:
    """Return the settings that held for the last update: those of the start, with what the events changed.

    Args:
        settings: those at the start, complete.
        events: in their order.

    Returns:
        Settings by name. Those of an optimiser or a schedule that is no longer in use are left as they were.

    Example:
        >>> settings_at_end({"l2": 0.0, "iterations": 9}, [Event(3, "change", {"l2": 0.1})])
        {'l2': 0.1, 'iterations': 9}
    """
    now = dict(settings)
    for event in events:
        if event.kind == CHANGE:
            now |= event.values
        elif event.kind == PROLONG:
            now["iterations"] += event.values["iterations"]
    return now
