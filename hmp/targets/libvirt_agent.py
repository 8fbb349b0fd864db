"""The guest agent of a domain, through libvirt, which holds its socket."""

from __future__ import annotations

from math import ceil

from hmp.qmp.agent import SILENT, AgentConnection
from hmp.qmp.errors import QMPError
from hmp.targets.libvirt_domain import CallsLibvirt
from hmp.targets.libvirt_library import LibvirtError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.exchange import Trace
    from hmp.targets.libvirt_domain import DomainAddress
    from hmp.targets.libvirt_library import Domain

_SILENCE = 3
"""Seconds after which a command that only answers when it fails has succeeded."""
_UNRESPONSIVE = 86
"""libvirt's error code for an agent that does not answer."""
_LONGEST = 128 << 10
"""Bytes of a request; libvirt 9.0 hangs if a socket does not take all of it at once."""


class DomainAgent(CallsLibvirt, AgentConnection):
    """A domain's guest agent; the constructor connects, within `limit` seconds.

    Raises ConnectError.
    """

    sends_qmp_events = False

    def __init__(
        self,
        target: DomainAddress,
        name: str,
        *,
        limit: float,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        super().__init__(target, name, timeout=timeout, trace=trace)
        self._patience: int | None = ceil(limit)
        try:
            self.reach(limit)
        except BaseException:
            self.close()
            raise
        self._patience = None if timeout is None else max(ceil(timeout), 1)

    def greet(self, limit: float) -> None:
        """Ask for version and commands; see `CallsLibvirt.greet`."""
        self.begin(limit)

    def call(self, domain: Domain, command: str, request: bytes) -> bytes:
        """Return the agent's reply; see `CallsLibvirt.call`. Raises QMPError."""
        if len(request) > _LONGEST:
            raise QMPError(
                f"the request has {len(request)} bytes, and libvirt hangs if an agent's"
                f" has more than {_LONGEST}"
            )
        if command not in SILENT:
            return domain.agent_command(request, self._patience)
        try:
            return domain.agent_command(request, _SILENCE)
        except LibvirtError as error:
            if error.code != _UNRESPONSIVE:
                raise
            # silence is success: such a command answers only when it fails
            return b'{"return": {}}'
