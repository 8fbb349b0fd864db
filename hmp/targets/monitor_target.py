"""``monitor:ADDRESS``: an address that is known to be QEMU's human monitor."""

from __future__ import annotations

from hmp.targets.address import parse_target
from hmp.targets.doors import HUMAN
from hmp.targets.greeting import human
from hmp.targets.target import InnerTarget, StreamTarget, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace


class MonitorTarget(InnerTarget):
    """A stream on which nothing but a human monitor may answer."""

    __slots__ = ()
    scheme = "monitor"
    wanted = HUMAN

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect to the human monitor; see `Target.open`."""
        return self._open(human, timeout, wait, trace)


def parse_monitor(text: str) -> Target:
    """Read ``monitor:ADDRESS``. Raises ValueError."""
    from hmp.targets.terminal_target import TerminalTarget

    address = text.partition(":")[2]
    inner = parse_target(address)
    if isinstance(inner, StreamTarget):
        return MonitorTarget(inner)
    if isinstance(inner, TerminalTarget):
        return inner
    raise ValueError(f"no human monitor can be reached as '{address}'")
