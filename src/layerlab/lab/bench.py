"""The bench: a training, the clients around it, and what every command does."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, Protocol

from layerlab.errors import InputError, WorkError

from .clients import Client, answer
from .commands import Command, View
from .downloads import Downloads
from .driving import COMPUTING, READY, Driver
from .links import restored
from .memory import MakeRoom, any_size, needed_memory
from .noting import noted
from .opening import Given, Replayed, Training, opened, opened_message, plan_words, welcome

BROKEN = "broken"
"""The state after an error that no one's input explains: only a new training helps."""

WITHOUT = ("hello", "open", "look", "drawn", "bye", "pause")
"""Commands that need no training, or that change none."""

_NOTHING: dict[str, Any] = {
    "type": "told",
    "update": 0,
    "iterations": 0,
    "furthest": 0,
    "cost": None,
    "validation_cost": None,
    "validation_accuracy": None,
    "ended": "",
    "events": [],
    "per_second": None,
    "speed": None,
    "settings": {},
    "plan": "",
    "findings": None,
}
"""What ``told`` says where no training is open."""


class Shows(Protocol):
    """What draws a training: ``snapshots.Snapshots``."""

    def frame(self, look: View, number: int, state: str, seconds_per_update: float | None) -> bytes:
        """Return a frame."""

    def inside(self, *, layer: int, unit: int, input: int | None, example: int) -> dict[str, Any]:  # noqa: A002
        """Return the fields of the message ``inside``."""

    def figures(self) -> dict[str, Any]:
        """Return cost, validation_cost and validation_accuracy at the present update."""


class Bench:
    """A training and the clients around it.

    Args:
        session: the id of the session.
        given: what the command line named.
        clock: returns the time in seconds.
        shows: makes what draws a training.
        downloads: where files that are taken away wait.
        make_room: is called with the bytes that a training will need, and refuses one that is too large by an
            InputError.

    Attributes:
        clients: by the names that the server gave them.
        training, driver, shows: what is open, what moves it, and what draws it; None before the first is opened.
        changes: counts what changes frames.
        rest_since: when the training was last moved or changed.
        told_at: when all clients were last told where it stands.
    """

    def __init__(
        self,
        session: str,
        given: Given,
        clock: Callable[[], float],
        shows: Callable[[Training], Shows],
        downloads: Downloads,
        make_room: MakeRoom = any_size,
    ) -> None:
        self.session, self.given, self.clock = session, given, clock
        self._make_shows, self._downloads, self._make_room = shows, downloads, make_room
        self.clients: dict[Hashable, Client] = {}
        self.training: Training | None = None
        self.driver: Driver | None = None
        self.shows: Shows | None = None
        self.is_broken = self._is_busy = False
        self.changes, self.rest_since, self.told_at = 0, 0.0, 0.0
        self.findings: list[dict[str, Any]] | None = None
        self._setting_out: tuple[Client, Command] | None = None
        self._last_told = _NOTHING

    @property
    def state(self) -> str:
        """What the training does."""
        if self._is_busy:
            return COMPUTING
        if self.is_broken:
            return BROKEN
        return READY if self.driver is None else self.driver.state

    # What clients hear

    def told(self) -> dict[str, Any]:
        """Return where the training stands, as the message ``told``."""
        if self.driver is None or self.shows is None or self.is_broken:
            return {**self._last_told, "state": self.state}
        stepper, driver = self.driver.stepper, self.driver
        self._last_told = {
            "type": "told",
            "state": self.state,
            "update": stepper.update,
            "iterations": stepper.iterations,
            "furthest": stepper.furthest,
            **self.shows.figures(),
            "ended": driver.ended,
            "events": [{**event.facts(), "sentence": str(event)} for event in stepper.events],
            "per_second": driver.speed.per_second,
            "speed": driver.limit.per_second,
            "settings": dict(stepper.settings),
            "plan": plan_words(stepper.plan),
            "findings": self.findings if self.state == READY else None,
        }
        return self._last_told

    def tell_all(self, asker: Client | None = None, command: Command | None = None) -> None:
        """Tell all clients where the training stands; the one that asked gets it as the answer."""
        message, self.told_at = self.told(), self.clock()
        for client in [*self.clients.values()]:
            if client.greeted:
                client.tell(answer(message, command.id if command is not None and client is asker else None))

    def changed(self) -> None:
        """Note that frames and findings are no longer those of the training."""
        self.changes += 1
        self.findings, self.rest_since = None, self.clock()

    def settle(self) -> None:
        """Tell that the training has stopped, and answer who waited for it."""
        asker, command = self._setting_out or (None, None)
        self._setting_out, self.rest_since = None, self.clock()
        self.changes += 1  # frames say whether the training plays
        self.tell_all(asker, command)

    def stop(self) -> None:
        """Stop a training that moves, and answer who waited for it."""
        if self.driver is not None and self.driver.state != READY:
            self.driver.pause()
        if self._setting_out is not None:
            self.settle()

    def broke(self, client: Client | None = None, command: Command | None = None) -> None:
        """Tell of an error that no one's input explains, and note it in the log under the same number."""
        number = noted("a session")
        if self.driver is not None:
            self.driver.pause()
        self.is_broken = True
        for one in [*self.clients.values()]:
            asked = command.id if command is not None and one is client else None
            one.tell(answer({"type": "broke", "number": number}, asked))
        self.settle()

    def find(self) -> None:
        """Find out what is wrong with the training as it is, and tell."""
        assert self.driver is not None  # noqa: S101
        stepper = self.driver.stepper
        self.findings = [one.facts() for one in stepper.run().diagnosis] if stepper.update else []
        self.tell_all()

    # What commands do

    def do(self, client: Client, command: Command) -> None:
        """Do what a command says; a sentence says what is wrong with it."""
        if command.type not in WITHOUT and (self.driver is None or self.is_broken):
            why = "this training broke: open a new one" if self.is_broken else "no training is open: open one first"
            client.refuse(why, command.id)
            return
        try:
            getattr(self, _METHODS[command.type])(client, command)
        except (InputError, WorkError) as error:
            client.refuse(str(error), command.id)
        except Exception:
            self.broke(client, command)
        else:
            client.accept()

    def _hello(self, client: Client, command: Command) -> None:
        client.greeted = client.credit = True
        client.shown = -1
        client.tell(answer(welcome(self.session, self.given), command.id))
        if self.training is None:
            try:
                self._open(client, Command("open", {}))
            except (InputError, WorkError) as error:
                client.refuse(str(error))
        else:
            client.tell(opened_message(self.training))
            client.tell(self.told())

    def _open(self, client: Client, command: Command) -> None:
        self.stop()
        self._is_busy = True
        try:
            if self.driver is not None:
                self.tell_all()
            training, replayed = self._training_of(command)
            shows = self._make_shows(training)
        except Exception as error:
            self._is_busy = False
            self._keep_room()
            if self.driver is not None:
                self.tell_all()
            if isinstance(error, InputError):
                raise InputError(str(error).replace("give one with --learning-rate", "give one")) from error
            raise
        self._is_busy = False
        limit = None if self.driver is None else self.driver.limit.per_second
        self.training, self.shows, self.driver = training, shows, Driver(training.stepper, self.clock)
        self.driver.set_speed(limit)
        self.is_broken = False
        self.changed()
        if replayed is not None:
            self.driver.replay(*replayed)
        m, message = training.data.train.X.shape[1], opened_message(training, replayed)
        for one in [*self.clients.values()]:
            one.look = one.look._replace(example=min(one.look.example, m - 1))
            if one.greeted:
                one.tell(answer(message, command.id if one is client else None))
        self.tell_all()

    def _keep_room(self) -> None:
        """Ask for no more memory than the present training needs: another one was not opened."""
        training, needed = self.training, 0.0
        if training is not None:
            needed = needed_memory(training.stepper.network, training.data.train, training.validation)
        with suppress(InputError):
            self._make_room(needed)

    def _training_of(self, command: Command) -> tuple[Training, Replayed | None]:
        """Open what a message ``open`` says, and return what is to be made again, if it has a link."""
        if "link" not in command.fields:
            return opened(self.given, **command.fields, make_room=self._make_room), None
        if len(command.fields) > 1:
            raise InputError("open: a link says all; wanted no other field beside it")
        return restored(self.given, command.fields["link"], self._make_room)

    def _move(self, client: Client, command: Command) -> None:
        """Play, pause, change something, …: the driver does it at once, and all clients hear of it."""
        driver = self._driver
        if command.type == "pause":
            self.stop()
        else:
            self._drive(driver, command)
        if command.type in ("change", "edit", "prolong"):
            self.changed()
        elif command.type != "speed":
            self.changes += 1
        self.tell_all(client, command)

    def _drive(self, driver: Driver, command: Command) -> None:
        """Let the driver do what a command says; all clients hear before, where it may take a second to compile."""
        self._is_busy = command.type in ("change", "edit") and driver.stepper.plan.engine == "xla"
        try:
            if self._is_busy:
                self.tell_all()
            getattr(driver, {"speed": "set_speed"}.get(command.type, command.type))(**command.fields)
        finally:
            self._is_busy = False

    def _set_out(self, client: Client, command: Command) -> None:
        """Begin the way to an update; it is answered at its end."""
        driver = self._driver
        if command.type == "seek":
            driver.check_seek(command.fields["update"])
            if self._setting_out is not None:  # on the way to another update
                self.stop()
        getattr(driver, command.type)(**command.fields)
        self.changed()
        self.tell_all()
        self._setting_out = client, command

    @property
    def _driver(self) -> Driver:
        assert self.driver is not None  # noqa: S101
        return self.driver

    def _look(self, client: Client, command: Command) -> None:
        look = client.look._replace(**command.fields)
        self._check_example(look.example)
        client.look, client.shown = look, -1
        self._tell_one(client, command)

    def _check_example(self, example: int) -> None:
        m = 0 if self.training is None else self.training.data.train.X.shape[1]
        if m and example >= m:
            raise InputError(f"example={example}: wanted the number of a training example, from 0 to {m - 1:,}")

    def _tell_one(self, client: Client, command: Command) -> None:
        if command.id is not None:
            client.tell(answer(self.told(), command.id))

    def _inside(self, client: Client, command: Command) -> None:
        assert self.shows is not None  # noqa: S101
        self._check_example(command.fields["example"])
        facts = self.shows.inside(**command.fields)
        update = self._driver.stepper.update
        client.tell(answer({"type": "inside", "update": update, **command.fields, **facts}, command.id))

    def _take(self, client: Client, command: Command) -> None:
        from .taking import take  # type: ignore[import-not-found,unused-ignore]

        assert self.training is not None  # noqa: S101
        what = command.fields["what"]
        taken = take(self.training, what, self._downloads.folder())
        message: dict[str, Any] = {
            "type": "taken",
            "what": what,
            "name": taken.name,
            "update": self._driver.stepper.update,
        }
        if taken.path is None:
            message["text"] = taken.text
        else:
            message["path"] = f"take/{self._downloads.add(taken.path, taken.name)}"
        client.tell(answer(message, command.id))

    def _drawn(self, client: Client, command: Command) -> None:
        frame = command.fields["frame"]
        if not client.drawn(frame):
            raise InputError(f"frame={frame}: wanted the number of the frame that came last and is not yet drawn")
        self._tell_one(client, command)

    def _bye(self, client: Client, command: Command) -> None:
        self._tell_one(client, command)
        self.clients.pop(client.name, None)


_METHODS = {
    **{name: f"_{name}" for name in ("hello", "open", "look", "inside", "take", "drawn", "bye")},
    **dict.fromkeys(("play", "pause", "speed", "prolong", "change", "edit"), "_move"),
    **dict.fromkeys(("step", "seek"), "_set_out"),
}
"""The methods of a bench that do what commands say."""
