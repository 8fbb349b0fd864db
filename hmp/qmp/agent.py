"""The guest agent: QMP without a greeting, without events, and without introspection.

Takes requests one by one, and answers what an agent cannot: which commands it has, and
their arguments and types, from our own schema in ``agent.json``. How the bytes travel is
left to the subclasses.
"""

from __future__ import annotations

import os
import re

from hmp.qmp.calls import CallConnection
from hmp.qmp.codec import encode
from hmp.qmp.errors import MachineGoneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.qapi import Schema
    from hmp.qmp.exchange import Message, Trace

    Entry = dict[str, Any]

SILENT = frozenset(
    {
        "guest-shutdown",
        "guest-suspend-disk",
        "guest-suspend-hybrid",
        "guest-suspend-ram",
    }
)
"""Commands that answer only when they fail."""
_SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "agent.json")
_ANYTHING: Entry = {"name": "any", "meta-type": "builtin", "json-type": "value"}
"""The type of what our schema does not have."""


class AgentConnection(CallConnection):
    """A guest agent; `begin` must be called before the first command."""

    door = "a guest agent"
    has_hmp = False
    sends_events = False
    is_agent = True

    def __init__(
        self, name: str, *, timeout: float | None = None, trace: Trace | None = None
    ) -> None:
        super().__init__(name, timeout=timeout, trace=trace)
        self.version = (0, 0, 0)
        self._commands: dict[str, bool] = {}
        self._documented: Schema | None = None
        self._answers = {
            "query-commands": self._list_commands,
            "query-qmp-schema": self._entries,
            "query-version": self._version,
        }

    def begin(self, limit: float) -> None:
        """Ask the agent what it is. Raises QMPError, MachineGoneError."""
        info = super().run("guest-info", None, limit)
        try:
            self._commands = {
                str(command["name"]): bool(command["enabled"])
                for command in info["supported_commands"]
            }
            found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", info["version"])
        except (KeyError, TypeError) as error:
            # any JSON may have come, as from another server
            raise MachineGoneError(f"{self.name} is not a guest agent") from error
        if found is not None:
            major, minor, micro = (int(number or 0) for number in found.groups())
            self.version = major, minor, micro

    def run(self, command: str, arguments: Message | None, limit: float | None) -> Any:
        """Run a command; those about the agent itself are answered here."""
        if command not in self._answers:
            return super().run(command, arguments, limit)
        # traced like any other, so that a recording has it
        id_, _ = self.session.request(command, arguments)
        return self.session.receive(encode({"return": self._answers[command]()}), id_)[
            "return"
        ]

    def _version(self) -> Message:
        numbers = zip(("major", "minor", "micro"), self.version, strict=True)
        return {"qemu": dict(numbers), "package": ""}

    def _list_commands(self) -> list[Message]:
        """Return the commands that the agent has and may run."""
        names = [name for name, enabled in self._commands.items() if enabled]
        return [{"name": name} for name in sorted((*self._answers, *names))]

    def _entries(self) -> list[Entry]:
        """Return the schema of the agent's commands, as QEMU describes its own."""
        from hmp.qapi import introspect

        entries = introspect(self._schema_file())
        known = {entry["name"] for entry in entries}
        own = [
            entry
            for entry in entries
            if entry["meta-type"] != "command" or entry["name"] in self._commands
        ]
        others = [
            {"name": n, "meta-type": "command", "arg-type": "any", "ret-type": "any"}
            for n in (*self._answers, *self._commands)
            if n not in known
        ]
        return [*own, _ANYTHING, *others]

    def _schema_file(self) -> Schema:
        if self._documented is None:
            from hmp.qapi import load_schema

            self._documented = load_schema(_SCHEMA)
        return self._documented

    async def describe(self, command: str) -> str:
        """Return the documentation of a command; see `Connection.describe`."""
        from hmp.qapi import describe, to_text

        schema = self._schema_file()
        if command not in schema.commands:
            return ""
        return to_text(describe(schema, command)).rstrip("\n")
