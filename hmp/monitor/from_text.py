"""Queries answered from the texts of QEMU's own monitor, for connections without QMP.

For completion and the prompt, which can do without what the texts leave out. Commands
never use it: they send their own line.
"""

from __future__ import annotations

import json
import re

from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.wrapped import WrappedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message


def asked(qmp: Connection) -> Connection:
    """Return a connection that answers queries in either way."""
    return qmp if qmp.takes_qmp else FromText(qmp)


class FromText(WrappedConnection):
    """Answers some queries by a monitor line; passes all else on."""

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a query; see `Connection.execute`. Raises QMPError for others, too."""
        joined = without_none(arguments, members)
        if command not in _QUERIES:
            return await self.inner.execute(command, joined)
        line, read = _QUERIES[command]
        text = await self.inner.execute(RUN_LINE, {"command-line": _filled(line, joined)})
        try:
            # QEMU ends the lines of human-monitor-command as a terminal wants them
            return read(text.replace("\r\n", "\n"))
        except ValueError as error:
            raise QMPError(f"'{line}' printed something else") from error


def _filled(line: str, arguments: Message) -> str:
    """Return a line with arguments in the place of their names. Raises QMPError."""
    words = [str(arguments.get(word, word)) for word in line.split()]
    # a word with blanks or quotes would become part of the command
    if any(re.search(r"[\s\"'\\]", word) for word in words):
        raise QMPError("the words of a query must be simple")
    return " ".join(words)


def _rows(pattern: str, *keys: str) -> Callable[[str], list[Message]]:
    """Return a function that reads a text's matches; the groups are these members."""

    def read(text: str) -> list[Message]:
        found = re.finditer(pattern, text, re.MULTILINE)
        return [dict(zip(keys, match.groups(""), strict=True)) for match in found]

    return read


def _status(text: str) -> Message:
    match = re.match(r"VM status: (\w+)(?: \(([\w-]+)\))?$", text.strip())
    if match is None:
        raise ValueError(text)
    # "paused (io-error)" is the state io-error
    status = match[2] or match[1] if match[1] == "paused" else match[1]
    return {"status": status, "running": match[1] == "running"}


def _block(text: str) -> list[Message]:
    """Read ``info block``: a paragraph a device, its name first."""
    return list(_devices(text))


def _devices(text: str) -> Iterator[Message]:
    for paragraph in text.split("\n\n"):
        # others have the name of their node there
        match = re.match(r"([^\s/:]+)(?: \([^)\n]*\): (.*) \(([^ ,)]+)|: \[not)", paragraph)
        if match is None:
            continue
        device = {"device": match[1], "removable": "Removable device: " in paragraph}
        if match[2] is not None:
            read_only = ", read-only" in paragraph.partition("\n")[0]
            device["inserted"] = {"file": match[2], "drv": match[3], "ro": read_only}
        yield device


def _cpus(text: str) -> list[Message]:
    numbers = re.findall(r"^[* ] CPU #(\d+):", text, re.MULTILINE)
    return [{"cpu-index": int(number), "qom-path": ""} for number in numbers]


def _capabilities(text: str) -> list[Message]:
    found = re.findall(r"^([\w-]+): (on|off)$", text, re.MULTILINE)
    return [{"capability": name, "state": state == "on"} for name, state in found]


def _name(text: str) -> Message:
    return {"name": text.strip()} if text.strip() else {}


_QUERIES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "qom-get": ("qom-get path property", json.loads),
    "qom-list": ("qom-list path", _rows(r"^(\S+) \((.*)\)$", "name", "type")),
    "query-block": ("info block", _block),
    "query-block-jobs": (
        "info block-jobs",
        _rows(
            r"^(?:Type (\w+), d|Streaming d)evice (\S+): Completed (\d+) of (\d+)",
            "type",
            "device",
            "offset",
            "len",
        ),
    ),
    "query-chardev": (
        "info chardev",
        _rows(r"^(\S+): filename=(.*)$", "label", "filename"),
    ),
    "query-cpus-fast": ("info cpus", _cpus),
    "query-kvm": (
        "info kvm",
        lambda text: {"enabled": text == "kvm support: enabled\n", "present": True},
    ),
    "query-mice": (
        "info mice",
        _rows(r"^[* ] Mouse #(\d+): (.*?)(?: \(absolute\))?$", "index", "name"),
    ),
    "query-migrate-capabilities": ("info migrate_capabilities", _capabilities),
    "query-name": ("info name", _name),
    # no line lists the nodes, so any line will do
    "query-named-block-nodes": ("info name", lambda text: []),
    "query-status": ("info status", _status),
    "trace-event-get-state": (
        "info trace-events",
        _rows(r"^(\w+) : state (\d)$", "name", "state"),
    ),
    "x-query-virtio": ("info virtio", _rows(r"^(/\S+) \[(.*)\]$", "path", "name")),
}
"""The line that a query is answered by, and what reads its text.

A word of the line that is the name of an argument is replaced by it.
"""
