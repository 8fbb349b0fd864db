"""Which commands a machine can do: as it says itself, not by its version.

``query-commands`` tells the QMP commands, the help of QEMU's own monitor what that one
has. A command that QMP does needs the first of the QMP commands that its entry names; a
monitor that has a command of that name is what stands in for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.qmp.errors import BadReplyError, QMPError

if TYPE_CHECKING:
    from hmp.monitor.help import Topic
    from hmp.monitor.monitor import Monitor

_HMP = "human-monitor-command"
_LISTED = re.compile(r"^((?:info )?[^ \[,]+) .*$", re.MULTILINE)


async def mark_unavailable(monitor: Monitor, topics: list[Topic]) -> None:
    """Give topics that the machine cannot do the member ``unavailable``: why not.

    A machine that cannot tell what it can do is taken at its best. Raises MachineGoneError.
    """
    try:
        native = await monitor.supported_commands()
        has_hmp = monitor.qmp.has_hmp and _HMP in native
        passed = await _monitor_commands(monitor) if has_hmp else frozenset()
    except (QMPError, BadReplyError):
        return
    for topic in topics:
        reason = _reason(topic, native, passed)
        if reason:
            topic["unavailable"] = reason


async def _monitor_commands(monitor: Monitor) -> frozenset[str]:
    """Return the commands of QEMU's own monitor by all of their names."""
    found: set[str] = set()
    for line in ("help", "help info"):
        text = await monitor.qmp.execute(_HMP, {"command-line": line})
        for label in _LISTED.findall(text.replace("\r\n", "\n")):
            before, _, names = label.rpartition(" ")
            found.update(f"{before} {name}".strip() for name in names.split("|"))
    return frozenset(found)


def _reason(topic: Topic, native: frozenset[str], passed: frozenset[str]) -> str:
    """Say why a machine cannot do a command; nothing when it can."""
    needed = topic["qmp"][:1]
    if not needed or topic["name"] in passed:
        return ""
    if topic["passthrough"]:
        return "its own monitor lacks it" if passed else "it has no monitor of its own"
    if needed[0] in native:
        return ""
    return f"it lacks {needed[0]}"
