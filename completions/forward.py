"""Ports of the host that the user network passes on to the guest."""

import re

from completions.device import netdevs
from completions.values import FORWARD as RULE
from hmp.authoring import Connection, Kind, QDict, Word

_PROTOCOLS = [
    ("", RULE),
    ("tcp::", "tcp::HOSTPORT-:GUESTPORT"),
    ("udp::", "udp::HOSTPORT-:GUESTPORT"),
]
_LINE = r"^ *(TCP|UDP)\[HOST_FORWARD\] +\S+ +(\S+) +(\d+) +(\S+) +(\d+)"


def _backend(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a rule; the context says whether a backend stands before it."""
    return 0, "behind" if "arg1" in args else ""


NEW_FORWARD = Kind("network backend, or the forward itself", place=_backend)
FORWARD = Kind("network backend, or the forward that is there", place=_backend)


@NEW_FORWARD.fetcher
async def new_forward(qmp: Connection, context: str) -> list[Word]:
    """Return how a forward begins, and the backends that one can be for."""
    return _PROTOCOLS if context else [*await _user_backends(qmp), *_PROTOCOLS[1:]]


@FORWARD.fetcher
async def forwards(qmp: Connection, context: str) -> list[Word]:
    """Return the forwards that there are, as they are to be named, and the backends."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info usernet"})
    found = [
        (f"{protocol.lower()}:{'' if host == '*' else host}:{port}", f"to {guest}:{inside}")
        for protocol, host, port, guest, inside in re.findall(_LINE, text, re.MULTILINE)
    ]
    return found if context else [*await _user_backends(qmp), *found]


async def _user_backends(qmp: Connection) -> list[Word]:
    return [client for client in await netdevs(qmp, "") if client[1] == "user"]
