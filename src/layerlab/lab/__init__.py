"""The lab: a page in the browser on which a network trains before your eyes, and every number can be read.

``serve`` runs it; ``layerlab lab`` calls it. The server (``server.py``) hands messages to sessions, and sessions train.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["serve"]


def serve(
    given: Any = None,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    allowed_hosts: Sequence[str] = (),
    exposed: bool = False,
    browser: bool = True,
) -> None:
    """Run the lab until a signal ends it. Its address is printed on standard output, all else on standard error.

    Args:
        given: the training that a new tab opens.
        host: the address of this machine that it listens on.
        port: its port; 0 for any that is free, None for 8765 or the next that is free.
        allowed_hosts: names beside 127.0.0.1, localhost and [::1] by which it may be addressed.
        exposed: whether an address that other machines can reach is wanted.
        browser: whether to open a browser, where there is one.

    Raises:
        InputError: an argument is wrong, or the port is taken.
    """
    from .running import run

    run(given, host=host, port=port, allowed_hosts=allowed_hosts, exposed=exposed, browser=browser)
