"""Sessions that only greet, until there are real ones."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any


class Registry:
    """Sessions that answer hello with welcome, and refuse all else."""

    def __init__(self, given: Any, tell: Any, limit: int = 24) -> None:
        self.given, self.tell, self.limit = given, tell, limit
        self.sessions: dict[str, Session] = {}

    def open(self, id: str | None) -> Session:  # noqa: A002 the protocol's word
        """Return the session with this id, or a new one."""
        session = self.sessions.get(id or "") or Session(secrets.token_hex(16), self.tell)
        self.sessions[session.id] = session
        return session

    def download(self, key: str) -> tuple[Path, str] | None:
        """Return nothing."""
        del key
        return None

    def close(self) -> None:
        """End nothing."""


class Session:
    """A session that only greets."""

    def __init__(self, id: str, tell: Any) -> None:  # noqa: A002 the protocol's word
        self.id, self.tell = id, tell

    def join(self, client: Any) -> None:
        """Take one more client."""

    def leave(self, client: Any) -> None:
        """Forget a client."""

    def post(self, message: str, client: Any) -> None:
        """Answer."""
        try:
            kind = json.loads(message)["type"]
        except (ValueError, TypeError, KeyError, RecursionError):
            kind = ""
        if kind == "hello":
            self.tell(client, {"type": "welcome", "version": 1, "session": self.id, "settings": [], "datasets": []})
        else:
            self.tell(client, {"type": "refused", "what": "not yet"})
