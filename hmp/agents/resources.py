"""The resources: each machine's QMP schema, and the recording of its session."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

from hmp.frontends.in_thread import in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.agents.agent_machines import AgentMachines

_SCHEME = "hmp://"
SCHEMA, RECORDING = "schema", "recording"
JSON, JSON_LINES = "application/json", "application/jsonl"
TEMPLATES = (
    (f"{_SCHEME}{{machine}}/{SCHEMA}", "schema", JSON, "a machine's QMP schema"),
    (
        f"{_SCHEME}{{machine}}/{RECORDING}",
        "recording",
        JSON_LINES,
        "the lines and QMP messages of this session with a machine",
    ),
)
"""The address with a machine's name to fill in, name, type and description of each kind."""


class Resource:
    """A resource: its address, name, type, and description."""

    def __init__(self, machine: str, kind: str) -> None:
        self.uri = f"{_SCHEME}{quote(machine, safe='')}/{kind}"
        self.name = f"{machine} {kind}"
        self.about, self.mime_type = (
            (f"the QMP schema of {machine}", JSON)
            if kind == SCHEMA
            else (f"lines and QMP messages of this session with {machine}", JSON_LINES)
        )


async def listed(machines: AgentMachines) -> list[Resource]:
    """Return the resources that exist now. Raises ConnectError, SetError."""
    names = await in_thread(machines.names)
    return [*_resources(names, machines.recordings())]


def _resources(names: list[str], recorded: dict[str, str]) -> Iterator[Resource]:
    for name in dict.fromkeys(names):
        yield Resource(name, SCHEMA)
    for name in recorded:
        yield Resource(name, RECORDING)


async def read(machines: AgentMachines, uri: str) -> tuple[str, str]:
    """Return the text of a resource and its type.

    Raises ValueError for an unknown one, and what `AgentMachines.opened` and QMP raise.
    """
    machine, slash, kind = uri.removeprefix(_SCHEME).partition("/")
    name = unquote(machine)
    if not uri.startswith(_SCHEME) or not slash or kind not in (SCHEMA, RECORDING):
        raise ValueError(f"no such resource: {uri}")
    if kind == RECORDING:
        text = machines.recordings().get(name)
        if text is None:
            raise ValueError(f"nothing was asked of '{name}' yet")
        return text, JSON_LINES
    opened = await machines.opened(name)
    schema = await opened.monitor.qmp.execute("query-qmp-schema")
    return json.dumps(schema), JSON
