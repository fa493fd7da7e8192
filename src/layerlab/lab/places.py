"""Where a browser is: on this machine, or elsewhere; and what to do then, in sentences."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

TEXT_BROWSERS = {"elinks", "links", "links2", "lynx", "w3m", "www-browser"}
"""Browsers that would take over the terminal, and that run no scripts."""

CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")
CONTAINER_WORDS = ("docker", "kubepods", "containerd", "libpod", "/lxc/")

Kind = Literal["desktop", "ssh", "wsl", "container", "kubernetes", "none"]


class Surroundings(NamedTuple):
    """The surroundings of this process, as far as they say where a browser is.

    Attributes:
        kind: "desktop": a browser can be opened here; "none": there is no screen, and no other reason is known.
        server: under ssh, the user and the address of this machine, as ssh takes them.
    """

    kind: Kind
    server: str = ""


def here() -> Surroundings:
    """Return the surroundings of this process."""
    return surroundings_of(
        os.environ, sys.platform, _text("/proc/version"), _text("/proc/self/cgroup"), _container_file()
    )


def surroundings_of(
    variables: Mapping[str, str], system: str, kernel: str, cgroup: str, container_file: bool
) -> Surroundings:
    """Return the place that these facts describe.

    Args:
        variables: the environment's variables.
        system: as ``sys.platform``.
        kernel, cgroup: what stands in /proc/version and /proc/self/cgroup; empty elsewhere.
        container_file: whether a file is there that Docker or Podman puts into a container.

    Example:
        >>> surroundings_of({"DISPLAY": ":0"}, "linux", "", "", False).kind
        'desktop'
        >>> surroundings_of({"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"}, "linux", "", "", False).kind
        'ssh'
    """
    command = Path(variables.get("BROWSER", "").split(os.pathsep)[0].split(" ")[0]).name
    if command and command not in TEXT_BROWSERS:
        return Surroundings("desktop")
    if connection := variables.get("SSH_CONNECTION", "").split():
        return Surroundings("ssh", _server(connection))
    if "KUBERNETES_SERVICE_HOST" in variables:
        return Surroundings("kubernetes")
    if container_file or variables.get("container") or any(word in cgroup for word in CONTAINER_WORDS):
        return Surroundings("container")
    if system in ("darwin", "win32", "cygwin") or variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"):
        return Surroundings("desktop")
    if "WSL_DISTRO_NAME" in variables or "microsoft" in kernel.lower():
        return Surroundings("wsl")
    return Surroundings("none")


def _server(connection: list[str]) -> str:
    """Return how ssh names this machine, from the words of SSH_CONNECTION."""
    if len(connection) != 4:
        return "HOST"
    try:
        user = f"{getpass.getuser()}@"
    except (KeyError, OSError, ImportError):  # a user without a name
        user = ""
    port = "" if connection[3] == "22" else f"-p {connection[3]} "
    return f"{port}{user}{connection[2]}"


def _container_file() -> bool:
    return any(Path(one).exists() for one in CONTAINER_FILES)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def advice(where: Surroundings, port: int, exposed: bool) -> list[str]:
    r"""Return lines that say how a browser reaches the lab from elsewhere; none if it can be opened here.

    Args:
        where: where this process is.
        port: the lab's port.
        exposed: whether the lab listens to other machines too.

    Example:
        >>> print(*advice(Surroundings("ssh", "ada@10.0.0.5"), 8765, False), sep="\n")
        No browser is opened over ssh. On the computer in front of you, run in a second terminal
            ssh -L 8765:127.0.0.1:8765 ada@10.0.0.5
        and open the address there. If you reach this machine by another name, write that name.
    """
    if where.kind == "ssh":
        return [
            "No browser is opened over ssh. On the computer in front of you, run in a second terminal",
            f"    ssh -L {port}:127.0.0.1:{port} {where.server}",
            "and open the address there. If you reach this machine by another name, write that name.",
        ]
    if where.kind == "container":
        return [_in_container(port, exposed), "If it shares the network of the machine, open the address as it is."]
    if where.kind == "kubernetes":
        return [
            "No browser is opened in a container. On the computer in front of you, run in a second terminal",
            f"    kubectl port-forward POD {port}:{port}",
            "with the name of this pod for POD, and open the address there.",
        ]
    if where.kind == "wsl":
        return ["No browser was found in WSL: open the address in a browser of Windows."]
    if where.kind == "none":
        return ["No browser was found here: open the address in one on this machine."]
    return []


def _in_container(port: int, exposed: bool) -> str:
    if exposed:
        return (
            f"No browser is opened in a container. If it was started with -p 127.0.0.1:{port}:{port}, "
            "open the address in a browser outside of it."
        )
    return (
        f"No browser is opened in a container. To reach the lab from outside, start the container with "
        f"-p 127.0.0.1:{port}:{port}, and the lab in it with --host 0.0.0.0 --port {port} --yes-expose."
    )
