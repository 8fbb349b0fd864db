"""The server's side of a QMP connection whose commands run on another server.

`RelaySession` does for its client what the machine's own monitor does: greeting,
negotiation, ids, out-of-band requests. Only valid requests are passed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hmp.qmp.errors import COMMAND_NOT_FOUND, MachineGoneError, QMPError
from hmp.qmp.server import ServerSession

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from hmp.qmp.server import Message, Request

    class RelayedMachine(Protocol):
        """The part of a machine that a session uses."""

        @property
        def qmp(self) -> Message:
            """The contents of its greeting."""
            ...

        def submit(
            self,
            command: str,
            arguments: Message,
            *,
            oob: bool = False,
            descriptors: Sequence[int] | None = None,
        ) -> Future[Message]:
            """Send a request; see `hmp.serving.remote_machine`. Raises QMPError."""
            ...

        def forget(self, reply: Future[Message]) -> None:
            """Drop a request that has not been sent."""


_TAKES_DESCRIPTORS = ("getfd", "add-fd")


class Relayed(NamedTuple):
    """A request that was passed on: the future of its reply, and its client."""

    reply: Future[Message]
    request: Request


class RelaySession(ServerSession):
    """One client's session with a remote machine.

    descriptor: returns the file descriptor that came with a request, if any.
    """

    def __init__(
        self,
        machine: RelayedMachine,
        *,
        pretty: bool = False,
        descriptor: Callable[[], list[int]] = list,
    ) -> None:
        super().__init__(None, pretty=pretty)  # type: ignore[arg-type] # not used here
        self.remote = machine
        self.descriptor = descriptor

    def greeting(self) -> bytes:
        """Return the machine's greeting."""
        return self._write({"QMP": self.remote.qmp})

    def _run(self, request: Request) -> Any:
        try:
            if not self.negotiated:
                return self._write({"return": self._negotiate(request), **request.id})
            command = request.command
            takes = command in _TAKES_DESCRIPTORS and not request.oob
            reply = self.remote.submit(
                command,
                request.arguments,
                oob=request.oob,
                descriptors=self.descriptor() if takes else None,
            )
        except QMPError as error:
            return self._error(error.desc, error.error_class, request.id)
        except MachineGoneError:
            return b""  # the connection is about to be closed
        return Relayed(reply, request)

    def answer(self, relayed: Relayed) -> bytes:
        """Return the bytes for a reply that has come; none if the machine has gone."""
        try:
            reply = relayed.reply.result()
        except MachineGoneError:
            return b""
        if "return" in reply:
            return self._write({"return": reply["return"], **relayed.request.id})
        # QEMU writes members in the order of its hash table: the id after return, but
        # before error
        return self._write({**relayed.request.id, "error": reply["error"]})

    def _negotiate(self, request: Request) -> Message:
        """Complete capabilities negotiation. Raises QMPError."""
        if request.command != "qmp_capabilities":
            desc = "Expecting capabilities negotiation with 'qmp_capabilities'"
            raise QMPError(desc, COMMAND_NOT_FOUND)
        enable = _enabled(request.arguments)
        missing = [name for name in enable if name not in self.remote.qmp["capabilities"]]
        if missing:
            raise QMPError(f"Capability {missing[0]} not available")
        self.oob = "oob" in enable
        self.negotiated = True
        return {}


def _enabled(arguments: Message) -> list[str]:
    """Return the capabilities that a client wants. Raises QMPError in QEMU's words."""
    unknown = [name for name in arguments if name != "enable"]
    enable = arguments.get("enable", [])
    if not isinstance(enable, list):
        raise QMPError("Invalid parameter type for 'enable', expected: array")
    for index, name in enumerate(enable):
        place = f"enable[{index}]"
        if not isinstance(name, str):
            raise QMPError(f"Invalid parameter type for '{place}', expected: string")
        if name != "oob":
            # so QEMU calls the member of a list
            raise QMPError(f"Parameter 'null' does not accept value '{name}'")
    if unknown:
        raise QMPError(f"Parameter '{unknown[0]}' is unexpected")
    return enable
