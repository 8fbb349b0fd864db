"""The embedded machine: schema, functions and state put together.

It runs in this process, and does not depend on monitors: it executes QMP commands and
emits events. Python programs create their own machines with it.
"""

from __future__ import annotations

import os
from time import time
from typing import TYPE_CHECKING

from hmp import version_info
from hmp.machine import schema_types
from hmp.machine.schema_types import RunState, ShutdownCause
from hmp.qapi import (
    CURRENT,
    Codecs,
    RejectedValueError,
    ReturnValueError,
    bind,
    load_schema,
    parse_schema,
)
from hmp.qmp.errors import COMMAND_NOT_FOUND, MachineGoneError, QMPError, not_found

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import ModuleType
    from typing import Any

    from hmp.qapi import Bound, Schema
    from hmp.qapi.entities import Command

    Event = dict[str, Any]


_SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.json")

NO_UUID = "00000000-0000-0000-0000-000000000000"


class Extension:
    """Additional commands for a machine: a schema and its functions.

    schema: path of the schema file; it may use the types of the machine's own schema,
    and must document its commands. functions: modules, or functions whose names begin
    with ``qmp_``. types: the module that ``python -m hmp.qapi types`` generated from it;
    None if the functions take and return dicts and strings.
    """

    def __init__(
        self,
        schema: str,
        functions: Sequence[ModuleType | Callable[..., Any]],
        types: ModuleType | None = None,
    ) -> None:
        self.schema = os.path.abspath(schema)
        self.functions = functions
        self.types = types

    def declares(self, command: Command) -> bool:
        """Return whether a command of the joined schema comes from this extension."""
        return command.place is not None and _lies_in(command.place.file, self.schema)


class EmbeddedMachine:
    """A machine that takes QMP commands.

    name, uuid: the machine's identity. clock: the method of its alarm timer; None: the
    default. output: called with the text of its standard output. extensions: more
    commands. listeners: each is called with every event in QMP's form. human_monitor:
    runs a monitor line and returns its output, for human-monitor-command. Raises QMPError
    for an unknown clock, QAPIError for a schema that is invalid or does not match its
    functions.
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        uuid: str = NO_UUID,
        clock: str | None = None,
        output: Callable[[str], object],
        extensions: Sequence[Extension] = (),
    ) -> None:
        from hmp.machine import alarm

        self.name = name
        self.uuid = uuid
        self.output = output
        self.version: tuple[int, int, int] = version_info
        self.status = RunState.RUNNING
        self.listeners: list[Callable[[Event], None]] = []
        self.human_monitor: Callable[[str], str] | None = None
        self.schema = _load([extension.schema for extension in extensions])
        self.commands = self._bind(extensions)
        self._events = Codecs(schema_types)
        self.timers = alarm.Timers(alarm.make_alarm(clock))
        self._second = alarm.SECOND
        self._tick()

    def _bind(self, extensions: Sequence[Extension]) -> dict[str, Bound]:
        # late: their functions take this module's machine
        from hmp.machine import alarm, control, hello, runstate

        own = Extension(_SCHEMA, [alarm, control, hello, runstate], schema_types)
        commands: dict[str, Bound] = {}
        for part in (own, *extensions):
            commands |= bind(
                self.schema,
                part.functions,
                types=part.types,
                context=(self,),
                only=part.declares,
            )
        return commands

    def _tick(self) -> None:
        """Restart the real-time clock's timer for another second."""
        self.timers.add(self._second, self._tick)

    @property
    def ended(self) -> bool:
        """Whether the machine has ended."""
        return self.status is RunState.SHUTDOWN

    @property
    def needs_loop(self) -> bool:
        """Whether any command is a coroutine and needs an event loop."""
        return any(bound.is_coroutine for bound in self.commands.values())

    def execute(self, command: str, arguments: dict[str, Any]) -> Any:
        """Run a QMP command and return its value, both in QMP's form.

        A command that is a coroutine returns an awaitable of the value. Raises QMPError.
        Any other exception of a command becomes a QMPError and is logged with its
        traceback; the machine continues.
        """
        # as QEMU's main loop would have done before the command
        self.timers.poll()
        bound = self.commands.get(command)
        if bound is None:
            raise QMPError(not_found(command), COMMAND_NOT_FOUND)
        try:
            value = bound(arguments)
        except Exception as error:
            raise _as_qmp_error(command, error) from error
        return _awaited(command, value) if bound.is_coroutine else value

    def describe(self, command: str) -> str:
        """Return the documentation of a QMP command; empty for an unknown command."""
        from hmp.qapi import describe, to_text

        if command not in self.schema.commands:
            return ""
        return to_text(describe(self.schema, command)).rstrip("\n")

    def emit(self, name: str, **data: Any) -> None:
        """Send an event of the schema, with its data as a mapping.

        Raises RejectedValueError for data that the schema does not allow.
        """
        now = time()
        event: Event = {
            "timestamp": {"seconds": int(now), "microseconds": int(now % 1 * 1e6)},
            "event": name,
        }
        members = self.schema.events[name].arguments
        if members.members:
            event["data"] = self._events.encoder(members)(data)
        # a copy: a listener may remove itself, as a client that has gone does
        for listener in list(self.listeners):
            listener(event)

    def shutdown(self, reason: ShutdownCause) -> None:
        """End the machine, and announce it."""
        if not self.ended:
            self.status = RunState.SHUTDOWN
            self.emit("SHUTDOWN", guest=False, reason=reason)
            self.close()

    def close(self) -> None:
        """Release the machine's OS resources. Idempotent."""
        self.timers.alarm.close()


def _load(extensions: list[str]) -> Schema:
    """Load our schema, followed by those of the extensions."""
    if not extensions:
        return load_schema(_SCHEMA, CURRENT)
    # as one schema, so that names cannot clash and introspection covers all of them
    includes = [f"{{ 'include': '{path}' }}\n" for path in (_SCHEMA, *extensions)]
    return parse_schema("".join(includes), "(the machine's schema)")


def _lies_in(file: str, schema: str) -> bool:
    folder = os.path.dirname(schema)
    # a schema may include others, which lie in its folder or below
    return os.path.abspath(file).startswith(folder + os.sep)


async def _awaited(command: str, coroutine: Awaitable[Any]) -> Any:
    try:
        return await coroutine
    except Exception as error:
        raise _as_qmp_error(command, error) from error


def _as_qmp_error(command: str, error: Exception) -> QMPError:
    """Return the error for the client; log an error that is the command's own fault."""
    if isinstance(error, QMPError):
        return error
    if isinstance(error, RejectedValueError):
        return QMPError(error.desc)
    if isinstance(error, MachineGoneError):
        return QMPError(str(error))  # a line that still waited when the machine ended
    import logging  # late: slow to import, and rarely needed

    log = logging.getLogger("hmp.machine")
    log.error("the command %s failed", command, exc_info=error)
    if isinstance(error, ReturnValueError):
        return QMPError(f"The command {command} returned a bad value")
    return QMPError(f"The command {command} failed: {type(error).__name__}: {error}")
