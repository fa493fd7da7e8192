"""Sessions: each has a training and a thread, in which everything about it is done; and the registry of all of them."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from threading import Condition, Lock, Thread
from time import perf_counter
from typing import Any

from layerlab.errors import InputError
from layerlab.machine import free_memory
from layerlab.training.planner import GIB

from .acting import Actor
from .bench import Bench, Shows
from .clients import MOST_WAITING, TOO_FAST, Client, Tell
from .commands import LARGEST
from .downloads import Downloads
from .opening import Given, Training

ENDS = 0.5
"""Seconds that closing waits for threads; one that is in the middle of a long update ends after it."""

TOO_LARGE = "x" * (LARGEST + 1)
"""What stands for a message that is too large, so that it is not kept until its turn."""


def _snapshots(training: Training) -> Shows:
    from .snapshots import Snapshots

    shows: Shows = Snapshots(training)
    return shows


class Session:
    """A training and the clients around it, with a thread of its own. Its methods may be called from any thread.

    Args:
        given: what the command line named; the first ``hello`` opens it.
        tell: ``tell(client, message)`` sends a client a dict (as JSON) or bytes (a frame). It must not wait.
        shows: makes what draws a training.
        make_room: ``make_room(session, bytes)`` is called before a training takes its memory, and may refuse it.
        clock: returns the time in seconds.

    Attributes:
        id: 128 bit by which clients find the session again.
        needs: bytes that its training needs, about.
        downloads: the files that were taken away and not yet fetched.
    """

    def __init__(
        self,
        given: Given,
        tell: Tell,
        *,
        shows: Callable[[Training], Shows] = _snapshots,
        make_room: Callable[[Session, float], None] = lambda *_: None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.id, self.downloads, self.needs = secrets.token_hex(16), Downloads(), 0.0
        self._tell, self._clients = tell, dict[Hashable, Client]()
        self._mailbox: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._condition, self._closed = Condition(), False
        self._left_at, self._clock = clock(), clock
        bench = Bench(self.id, given, clock, shows, self.downloads, partial(make_room, self))
        self._actor = Actor(bench)
        self._thread = Thread(target=self._run, name=f"layerlab lab {self.id[:6]}", daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        """Whether it has ended: nobody needed it for an hour, or it was closed."""
        return self._closed

    @property
    def alone_since(self) -> float | None:
        """When the last client left, by the clock; None while there is one."""
        return None if self._clients else self._left_at

    def join(self, client: Hashable) -> None:
        """Let a client join; it has to say hello then.

        Raises:
            InputError: the session has ended.
        """
        with self._condition:
            if self._closed:
                raise InputError("this training was closed to make place for another: reload the page")
            self._clients[client] = Client(client, self._tell)
            self._put(self._actor.join, self._clients[client])

    def leave(self, client: Hashable) -> None:
        """Let a client leave. Ten seconds after the last one, the training pauses."""
        with self._condition:
            one = self._clients.pop(client, None)
            if one is not None:
                self._left_at = self._clock()
                self._put(self._actor.leave, one)

    def post(self, message: Mapping[str, Any] | str, client: Hashable) -> None:
        """Put a message of a client into the queue; it does not wait, and raises nothing.

        Args:
            message: the text as it came, or what was read from it.
            client: who has joined.
        """
        with self._condition:
            one = self._clients.get(client)
            if one is None or one.gone:
                return
            full = one.waiting >= MOST_WAITING
            if not full:
                one.waiting += 1
                too_large = isinstance(message, str) and len(message) > LARGEST
                self._put(self._take_in, one, TOO_LARGE if too_large else message)
        if full:
            one.refuse(TOO_FAST)

    def close(self, seconds: float = ENDS) -> None:
        """End the thread, and remove the files; wait for the thread so many seconds at most."""
        self.ask_to_close()
        self._thread.join(seconds)
        self.downloads.close()

    def ask_to_close(self) -> None:
        """Let the thread end after what it is doing."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def _put(self, function: Callable[..., None], *arguments: Any) -> None:
        self._mailbox.append((function, arguments))
        self._condition.notify()

    def _take_in(self, client: Client, message: Mapping[str, Any] | str) -> None:
        with self._condition:
            client.waiting -= 1
        self._actor.take_in(client, message)

    def _run(self) -> None:
        """Do what the mailbox says, and move the training on, until the session is closed."""
        wait: float | None = 0.0
        try:
            while (letters := self._letters(wait)) is not None:
                for function, arguments in letters:
                    function(*arguments)
                wait = self._actor.turn()
                if self._actor.finished:
                    self.ask_to_close()
        finally:
            self._closed = True
            self.downloads.close()

    def _letters(self, wait: float | None) -> deque[tuple[Callable[..., None], tuple[Any, ...]]] | None:
        """Wait for something to do, and return what has come; None if the session is closed."""
        with self._condition:
            if not self._mailbox and not self._closed and wait != 0:
                self._condition.wait(wait)
            letters, self._mailbox = self._mailbox, deque()
            return None if self._closed else letters


class Registry:
    """All sessions.

    Args:
        given: what the command line named.
        tell: as for ``Session``.
        limit: the most sessions.
        memory: bytes that the trainings of all sessions may need; None for half of what is free now.
        shows, clock: as for ``Session``.
    """

    def __init__(self, given: Given, tell: Tell, limit: int = 24, memory: float | None = None, **how: Any) -> None:
        self._given, self._tell, self._limit = given, tell, limit
        self._how = {"make_room": self._make_room, **how}
        self._memory = free_memory() / 2 if memory is None else memory
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def open(self, id: str | None = None) -> Session:  # noqa: A002  (the field's name)
        """Return the session with this id; a new one if there is none.

        The new one may take the place of the one that has had no client for the longest time.

        Raises:
            InputError: there are as many sessions as there may be, and all of them have clients.
        """
        with self._lock:
            self._sessions = {one.id: one for one in self._sessions.values() if not one.is_closed}
            if id is not None and id in self._sessions:
                return self._sessions[id]
            if len(self._sessions) >= self._limit and not self._close_one():
                raise InputError(
                    f"{self._limit} trainings are open, and the lab keeps no more: close a tab that is no longer needed"
                )
            session = Session(self._given, self._tell, **self._how)
            self._sessions[session.id] = session
            return session

    def download(self, token: str) -> tuple[Path, str] | None:
        """Return a file that a session keeps for a client, and its name, once; None if there is none."""
        with self._lock:
            sessions = [*self._sessions.values()]
        found = (one.downloads.fetch(token) for one in sessions)
        return next((one for one in found if one is not None), None)

    def close(self) -> None:
        """Close all sessions: within half a second, also if one is in the middle of a long update."""
        with self._lock:
            sessions = [*self._sessions.values()]
            self._sessions = {}
        for one in sessions:
            one.ask_to_close()
        deadline = perf_counter() + ENDS
        for one in sessions:
            one.close(max(0.0, deadline - perf_counter()))

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self._sessions)

    def _close_one(self, but: Session | None = None) -> bool:
        """Close the session that has had no client for the longest time, and return whether there was one."""
        left = [(one.alone_since, one.id) for one in self._sessions.values() if one is not but]
        alone = [(since, name) for since, name in left if since is not None]
        if alone:
            self._sessions.pop(min(alone)[1]).ask_to_close()
        return bool(alone)

    def _make_room(self, session: Session, needed: float) -> None:
        """Let a session have a training that needs so many bytes; those without clients may be closed for it.

        Raises:
            InputError: the trainings of all sessions would need more than they may.
        """
        with self._lock:
            while (taken := self._taken(session)) + needed > self._memory:
                if not self._close_one(but=session):
                    raise InputError(
                        f"this training needs about {needed / GIB:.2g} GiB of memory, and those of all tabs may need "
                        f"{self._memory / GIB:.2g} GiB together, of which {taken / GIB:.2g} GiB are taken: choose "
                        f"fewer units, or close a tab with a large network"
                    )
            session.needs = needed

    def _taken(self, session: Session) -> float:
        """Return the bytes that the trainings of all other sessions need."""
        return sum(one.needs for one in self._sessions.values() if one is not session and not one.is_closed)
