"""What a session knows of each client: what it looks at, whether it can take a frame, how often it was refused."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from .commands import View

Tell = Callable[[Any, "dict[str, Any] | bytes"], None]
"""Sends a message to a client; it must not wait, and may be called from any thread."""

MOST_REFUSALS = 20
"""After so many refusals in a row a client is asked to go."""

MOST_WAITING = 64
"""So many commands of a client may wait; further ones are refused."""

TOO_FAST = f"too fast: {MOST_WAITING} commands are waiting already; wait for their answers"

GO_AWAY = f"{MOST_REFUSALS} messages in a row were refused: the connection is closed"


class Client:
    """A client of a session.

    Args:
        name: by which the server knows it.
        tell: sends it a message.

    Attributes:
        look: what it looks at.
        greeted: whether it said hello.
        credit: whether it can take a frame.
        frame: number of the last frame that it was sent; 0 for none.
        shown: what the session's counter of changes was then.
        waiting: how many of its commands are in the mailbox.
        gone: whether it was asked to go.
    """

    def __init__(self, name: Hashable, tell: Tell) -> None:
        self.name, self._tell = name, tell
        self.look = View()
        self.greeted = self.credit = self.gone = False
        self.frame, self.shown, self.waiting, self._refused = 0, -1, 0, 0

    def tell(self, message: dict[str, Any] | bytes) -> None:
        """Send a message."""
        if not self.gone:
            self._tell(self.name, message)

    def accept(self) -> None:
        """Note that a command was right."""
        self._refused = 0

    def refuse(self, what: str, id: str | int | None = None) -> None:  # noqa: A002  (the field's name)
        """Refuse a command in a sentence; after too many in a row, ask the client to go."""
        self.tell(answer({"type": "refused", "what": what}, id))
        self._refused += 1
        if self._refused >= MOST_REFUSALS:
            self.tell({"type": "bye", "what": GO_AWAY})
            self.gone = True

    def drawn(self, frame: int) -> bool:
        """Note that a frame was drawn; return whether it was the one that was sent last."""
        if frame != self.frame or self.credit:
            return False
        self.credit = True
        return True


def answer(message: dict[str, Any], id: str | int | None) -> dict[str, Any]:  # noqa: A002  (the field's name)
    """Return a message with the id of the command that it answers, if that has one."""
    return message if id is None else {**message, "id": id}
