"""What an agent may do: lines and QMP commands judged by the effects in the tables.

An unknown command counts as destructive. `Gate` is the last to judge: it sees the QMP
commands themselves, however the line spells them. It also remembers which secrets a line
sends, so that its result can be shown without them.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property

from hmp.monitor.call import Text
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ
from hmp.monitor.guards import reads
from hmp.monitor.help import nearest
from hmp.monitor.host_programs import line_may_start_program, may_start_program
from hmp.monitor.line import parse_line
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.secret_addresses import mask_text
from hmp.qmp.secrets import mask_reply, sensitive
from hmp.qmp.wrapped import WrappedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.monitor.entry import Effect, Entry, Table
    from hmp.monitor.line import Line
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message
    from hmp.qmp.masking import Sensitive

LEVELS: tuple[Effect, ...] = (READ, CHANGE, DESTRUCTIVE)
"""From the most harmless effect to the worst."""
TOOLS: dict[Effect, str] = {
    READ: "run",
    CHANGE: "run_change",
    DESTRUCTIVE: "run_destructive",
}
"""The tool that runs the lines of an effect."""
_DOES = {CHANGE: "may change the machine", DESTRUCTIVE: "may destroy something"}


class RefusedError(Exception):
    """A line or tool that is not permitted; the text says how to permit it."""


def within(effect: Effect, level: Effect) -> bool:
    """Return whether an effect is at most as bad as a level."""
    return LEVELS.index(effect) <= LEVELS.index(level)


class Permission:
    """Judges lines and QMP commands; allowed: the worst effect that the user allows."""

    def __init__(self, table: Table, allowed: Effect) -> None:
        self.table = table
        self.allowed: Effect = allowed

    def check(self, line: Line, level: Effect) -> None:
        """Raise RefusedError for a line whose effect is worse than a tool's level."""
        effect = self._effect(line)
        if not within(effect, level):
            what = f"'{line.masked().strip()}'"
            if line.entry is not None:
                raise RefusedError(self.refusal(what, effect))
            reason = self.refusal(f"the unknown command {what}", effect)
            # usually a slip, which needs no permission
            meant = nearest(self.table, line.text.split())
            raise RefusedError(f"{reason}\n{meant}" if meant else reason)

    def refusal(self, what: str, effect: Effect) -> str:
        """Return why something is refused, and how to permit it."""
        remedy = (
            f"use the tool {TOOLS[effect]}"
            if within(effect, self.allowed)
            else f"the server must be started with --allow {effect}"
        )
        return f"{what} {_DOES.get(effect, 'is refused')}: {remedy}"

    def qmp_effect(self, command: str, arguments: Message) -> Effect:
        """Return the effect of a QMP command: that of the lines that call only this one.

        If no line does, it is the worst effect of those that call it among others.
        """
        if reads(command, arguments, self.table):
            return READ
        if command == RUN_LINE:
            entry = parse_line(str(arguments.get("command-line", "")), self.table).entry
            return entry.effect if entry is not None else DESTRUCTIVE
        return self._qmp_effects.get(command, DESTRUCTIVE)

    def starts_program(self, command: str, arguments: Message) -> bool:
        """Return whether a QMP command may start a program on the host."""
        if command == RUN_LINE:
            line = parse_line(str(arguments.get("command-line", "")), self.table)
            return line_may_start_program(line)
        return may_start_program(arguments)

    @cached_property
    def _qmp_effects(self) -> dict[str, Effect]:
        shared: dict[str, Effect] = {}
        own: dict[str, Effect] = {}
        entries: list[Entry[Any]] = [*self.table]
        for entry in entries:
            entries += entry.subtable or ()
            # A line of several QMP commands may be destructive because of one of them; a
            # line of its own says what one command does.
            found = own if len(entry.qmp) == 1 else shared
            for name in entry.qmp:
                found[name] = max(found.get(name, READ), entry.effect, key=LEVELS.index)
        return shared | own

    def _effect(self, line: Line) -> Effect:
        entry = line.entry
        if entry is None:
            return DESTRUCTIVE
        return READ if is_raw(line) else entry.effect  # `Gate` judges the QMP command


def is_raw(line: Line) -> bool:
    """Return whether a line names a QMP command itself."""
    return line.entry is not None and line.entry.names[0] == "qmp"


class Gate(WrappedConnection):
    """A connection that refuses the QMP commands that the running tool may not send."""

    def __init__(self, inner: Connection, permission: Permission) -> None:
        super().__init__(inner)
        self.permission = permission
        self._raw = False
        self._level: Effect = READ
        self._tool: Effect = READ
        self._secrets: list[Sensitive] = []

    def begin(self, line: Line, level: Effect) -> None:
        """Prepare for a line of a tool of this level."""
        effect: Effect = line.entry.effect if line.entry is not None else DESTRUCTIVE
        self._raw = is_raw(line)
        self._level = level if self._raw else effect
        self._tool = level
        self._secrets = []

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command. Raises QMPError for one that is refused, unsent."""
        joined = without_none(arguments, members)
        effect: Effect = READ
        # a handler of a change may send anything: its effect was judged as a whole, by its
        # entry
        if self._level == READ or self._raw:
            effect = self.permission.qmp_effect(command, joined)
        if not within(effect, self._level):
            raise QMPError(self.permission.refusal(f"'{command}'", effect))
        # it can do anything to the host, whatever the line does to the machine
        if self._tool != DESTRUCTIVE and self.permission.starts_program(command, joined):
            what = f"the program that '{command}' starts"
            raise QMPError(self.permission.refusal(what, DESTRUCTIVE))
        if found := sensitive(command, joined):
            self._secrets.append(found)
        return await super().execute(command, joined)

    def masked(self, value: Any) -> Any:
        """Return the value of the line without secrets."""
        reply = mask_reply({"return": value})
        for secret in self._secrets:
            reply = secret.mask(reply)
        shown = reply["return"]
        if isinstance(value, Text):
            return Text(mask_text(shown))
        if shown == value:
            return value
        if isinstance(value, list) and isinstance(shown, list):
            whole = copy(value)  # a list may be of a class that presentations know
            whole[:] = shown
            return whole
        return shown
