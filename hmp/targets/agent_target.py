"""Guest agents: ``qga:ADDRESS``, ``qga:NAME``, ``qga:libvirt:NAME``."""

from __future__ import annotations

import os
from time import monotonic

from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.errors import MachineGoneError
from hmp.targets.address import parse_target
from hmp.targets.doors import AGENT
from hmp.targets.libvirt_target import DomainTarget, find_domain
from hmp.targets.target import StreamTarget, Target, retry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace


class AgentTarget(Target):
    """The agent at an address, which is looked up when it is opened if it is a name.

    text: as typed, after ``qga:``. inner: the address; None for a name.
    """

    __slots__ = ("inner", "text")

    def __init__(self, text: str, inner: StreamTarget | DomainTarget | None) -> None:
        self.text = text
        self.inner = inner

    def __str__(self) -> str:
        return f"qga:{self.text}"

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect to the agent; see `Target.open`."""
        deadline = monotonic() + (wait or timeout or CONNECT_LIMIT)

        def attempt() -> Connection:
            # a name is looked up at each attempt, as the machine may only now have started
            inner = self.inner or self._named()
            if isinstance(inner, DomainTarget):
                from hmp.targets.libvirt_agent import DomainAgent

                limit = timeout or inner.limit
                return DomainAgent(
                    inner, str(self), limit=limit, timeout=timeout, trace=trace
                )
            from hmp.targets.stream_agent import StreamAgent

            sock = inner.connect(max(deadline - monotonic(), 0.1))
            left = max(deadline - monotonic(), 0.1)
            return StreamAgent(sock, str(self), limit=left, timeout=timeout, trace=trace)

        try:
            connection = retry(attempt, wait)
        except MachineGoneError as error:
            if isinstance(self.inner, StreamTarget):
                raise self.inner.diagnosed(error, str(self), AGENT) from error
            raise
        connection.target = self
        return connection

    def _named(self) -> StreamTarget | DomainTarget:
        """Return the address of a machine's agent by the machine's name.

        Raises ConnectError.
        """
        from hmp.qmp.errors import ConnectError, NotYetError
        from hmp.targets.name_lookup import AmbiguousNameError, target_named

        try:
            found = parse_agent(target_named(self.text, (AGENT,))).inner
        except AmbiguousNameError as error:
            raise ConnectError(str(error)) from error
        if found is None:  # libvirt holds its socket
            found = find_domain(self.text)
        if found is None:
            raise NotYetError(f"cannot connect to {self}: libvirt has no such domain")
        return found


def parse_agent(text: str) -> AgentTarget:
    """Read ``qga:ADDRESS`` or ``qga:NAME``. Raises ValueError."""
    address = text.removeprefix("qga:")
    if not address:
        raise ValueError("'qga:' needs an address or the name of a machine")
    if ":" not in address and "/" not in address and not os.path.exists(address):
        return AgentTarget(address, None)
    inner = parse_target(address)
    if not isinstance(inner, StreamTarget | DomainTarget):
        raise ValueError(f"'{address}' cannot have a guest agent")
    return AgentTarget(address, inner)
