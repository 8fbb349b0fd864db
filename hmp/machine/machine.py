"""The embedded machine: schema, functions and state put together.

It runs in this process, and knows nothing of monitors: it executes QMP commands and
emits events. What a Python program needs to have a machine of its own is here, too.
"""

from __future__ import annotations

import logging
import os
from time import time
from typing import TYPE_CHECKING

from hmp import version_info
from hmp.machine.schema_types import RunState, ShutdownCause
from hmp.qapi import BadReturn, ValueRejected, bind, load_schema
from hmp.qmp.errors import COMMAND_NOT_FOUND, QMPError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Event = dict[str, Any]

_log = logging.getLogger("hmp.machine")

NO_UUID = "00000000-0000-0000-0000-000000000000"


class Machine:
    """A machine that takes QMP commands.

    name, uuid: what it was given. clock: the method of its alarm timer; None takes
    the best there is. output: takes what it prints on its standard output.
    on_event: called with each event, as QMP has them. human_monitor: runs a monitor
    line and returns what it prints, for human-monitor-command. Raises QMPError for
    a clock that is not there, QAPIError for a schema that does not fit its functions.
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        uuid: str = NO_UUID,
        clock: str | None = None,
        output: Callable[[str], object],
    ) -> None:
        from hmp.machine import alarm, control, hello, runstate, schema_types

        self.name = name
        self.uuid = uuid
        self.output = output
        self.version = version_info
        self.status = RunState.RUNNING
        self.on_event: Callable[[Event], None] = lambda event: None
        self.human_monitor: Callable[[str], str] | None = None
        self.schema = load_schema(os.path.join(os.path.dirname(__file__), "schema.json"))
        self.commands = bind(
            self.schema,
            [alarm, control, hello, runstate],
            types=schema_types,
            context=(self,),
        )
        self.timers = alarm.Timers(alarm.make_alarm(clock))
        self._second = alarm.SECOND
        self._tick()

    def _tick(self) -> None:
        """Have the real-time clock's timer fire again, a second on."""
        self.timers.add(self._second, self._tick)

    @property
    def ended(self) -> bool:
        """Whether the machine has ended."""
        return self.status is RunState.SHUTDOWN

    def execute(self, command: str, arguments: dict[str, Any]) -> Any:
        """Run a QMP command and return its value, both in the wire's form.

        Raises QMPError. A Python exception that a command lets out becomes one, too,
        and is logged with its traceback; the machine lives on.
        """
        self.timers.poll()
        bound = self.commands.get(command)
        if bound is None:
            desc = f"The command {command} has not been found"
            raise QMPError(desc, COMMAND_NOT_FOUND)
        try:
            return bound(arguments)
        except QMPError:
            raise
        except ValueRejected as error:
            raise QMPError(error.desc) from error
        except BadReturn as error:
            _log.error("%s", error)
            raise QMPError(f"The command {command} returned a bad value") from error
        except Exception as error:
            _log.exception("the command %s failed", command)
            kind = type(error).__name__
            raise QMPError(f"The command {command} failed: {kind}: {error}") from error

    def emit(self, name: str, **data: Any) -> None:
        """Send an event."""
        now = time()
        event: Event = {
            "timestamp": {"seconds": int(now), "microseconds": int(now % 1 * 1e6)},
            "event": name,
        }
        if data:
            event["data"] = data
        self.on_event(event)

    def shutdown(self, reason: ShutdownCause) -> None:
        """End the machine, and say why."""
        if not self.ended:
            self.status = RunState.SHUTDOWN
            self.emit("SHUTDOWN", guest=False, reason=reason)
            self.close()

    def close(self) -> None:
        """Give back what the machine holds of the process. It can be called twice."""
        self.timers.alarm.close()
