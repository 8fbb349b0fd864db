"""How a host and its sockets are written: the parts of ``HOST:/PATH`` and the like."""

from __future__ import annotations

import re

from hmp.targets.ssh_master import SSHHost
from hmp.targets.ssh_mux import Destination

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.targets.socket_target import SocketTarget

WHERE = r"(?:(?P<user>[^@/]*)@)?(?P<host>\[[^\]/]*\]|[^][:/@]*)"
_HOST = r"[A-Za-z0-9_:][A-Za-z0-9_.%:-]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.@+\\-]*(?<!\\)"
"""Characters of names that mean nothing to a shell, even in a configured ProxyCommand."""


def parse_host(text: str) -> SSHHost:
    """Read ``[USER@]HOST:``. Raises ValueError."""
    match = re.fullmatch(f"{WHERE}:", text, re.S)
    if not match or not match["host"]:
        raise ValueError(f"'{text}' is not [USER@]HOST:")
    return host_of(match)


def host_of(match: re.Match[str], port: int = 0) -> SSHHost:
    """Return the host of a target. Raises ValueError for one that is unsafe."""
    # a URL may escape the sign before a network interface: [fe80::1%25eth0]
    name, user = match["host"].strip("[]").replace("%25", "%"), match["user"] or ""
    if not re.fullmatch(_HOST, name):
        raise ValueError(f"'{name}' is not the name of a host")
    if ":" in user:
        user = user.partition(":")[0]
        raise ValueError(f"no password may follow '{user}': ssh asks for it")
    if match["user"] is not None and not re.fullmatch(_USER, user):
        raise ValueError(f"'{user}' is not the name of a user")
    return SSHHost(name, user, port)


def to_path(path: str) -> Destination:
    """Return where a path leads. Raises ValueError."""
    if "\0" in path:
        raise ValueError("a path cannot contain a NUL character")
    return Destination(path)


def destination(target: SocketTarget) -> Destination:
    """Return where a socket target leads, seen from its own host."""
    if target.path is not None:
        return to_path(target.path)
    return Destination(target.host, target.port)
