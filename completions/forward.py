"""Host ports that the user network forwards to the guest."""

import re

from completions.device import netdevs
from completions.values import FORWARD as RULE
from hmp.authoring import Connection, Kind, QDict, Word

_PROTOCOLS = [
    ("", RULE),
    ("tcp::", "tcp::HOSTPORT-:GUESTPORT"),
    ("udp::", "udp::HOSTPORT-:GUESTPORT"),
]
# a line: TCP[HOST_FORWARD]   3               *  5599       10.0.2.15    22     0     0
_LINE = r"^ *(TCP|UDP)\[HOST_FORWARD\] +\S+ +(\S+) +(\d+) +(\S+) +(\d+)"


def _backend(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a rule; the context is empty unless a backend precedes it."""
    return 0, "behind" if "arg1" in args else ""


NEW_FORWARD = Kind("network backend, or forwarding rule", place=_backend)
FORWARD = Kind("network backend, or existing forwarding rule", place=_backend)


@NEW_FORWARD.fetcher
async def new_forward(qmp: Connection, context: str) -> list[Word]:
    """Return the beginnings of a rule, and the backends that can forward."""
    return _PROTOCOLS if context else [*await _user_backends(qmp), *_PROTOCOLS[1:]]


@FORWARD.fetcher
async def forwards(qmp: Connection, context: str) -> list[Word]:
    """Return the existing rules in the form that removes them, and the backends."""
    # no QMP command returns the rules
    text = await qmp.execute("human-monitor-command", {"command-line": "info usernet"})
    found = [
        (f"{protocol.lower()}:{'' if host == '*' else host}:{port}", f"to {guest}:{inside}")
        for protocol, host, port, guest, inside in re.findall(_LINE, text, re.MULTILINE)
    ]
    return found if context else [*await _user_backends(qmp), *found]


async def _user_backends(qmp: Connection) -> list[Word]:
    return [client for client in await netdevs(qmp, "") if client[1] == "user"]
