"""Which commands a machine supports, by its own answers rather than by its version.

``query-commands`` lists its QMP commands, and the help of QEMU's own monitor lists that
monitor's. A command needs the first QMP command that its entry names; without it, QEMU's
monitor is used if that has a command of the same name.
"""

from __future__ import annotations

import re
from contextlib import suppress

from hmp.monitor.help import documented, illustrated, topics
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hmp.monitor.help import Topic
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

# a command, up to its parameters, in the output of QEMU's help
_LISTED = re.compile(r"^((?:info )?[^ \[,]+) .*$", re.MULTILINE)


async def detailed(
    monitor: Monitor, topic: Topic, kinds: Mapping[str, Kind] | None = None
) -> Topic:
    """Return a topic with details from the machine, for a front end that shows them.

    Without a machine the topic has none. kinds: the kinds of arguments by type letter,
    for the example of a single command. A front end that shows QEMU's own text only gets
    what is missing, where QEMU's help could not tell: a storage daemon has no help, and
    what a human monitor does not carry are commands of ours.
    """
    if not monitor.front.detailed:
        with suppress(MachineGoneError):
            if not monitor.connection.takes_qmp or await _lacks_monitor(monitor):
                await mark_unavailable(monitor, topic.get("commands", [topic]))
        return topic
    with suppress(MachineGoneError):
        await mark_unavailable(monitor, topic.get("commands", [topic]))
        if "commands" not in topic:
            topic = await illustrated(monitor.qmp, monitor.commands, topic, kinds or {})
            topic = await documented(monitor.qmp, topic)
    whole = any(item["name"] == "help" for item in topic.get("commands", ()))
    pipes = monitor.front.expands and monitor.front.local
    if not (whole and pipes):
        return topic
    return {**topic, "session": True, "ends_machine": monitor.front.ends_machine}


async def _lacks_monitor(monitor: Monitor) -> bool:
    """Return whether the machine takes QMP commands only."""
    try:
        return RUN_LINE not in await monitor.supported_commands()
    except (QMPError, BadReplyError):
        # a machine that cannot say is taken for a QEMU
        return False


async def mark_unavailable(monitor: Monitor, topics: list[Topic]) -> None:
    """Add the member ``unavailable``, the reason, to the topics that the machine lacks.

    If the machine cannot list its commands, all are assumed to work. Raises
    MachineGoneError.
    """
    connection = monitor.connection
    native: frozenset[str] = frozenset()
    passed = native
    try:
        if connection.takes_qmp:
            native = await monitor.supported_commands()
        # a storage daemon greets as QEMU does, but does not run lines
        if monitor.qmp.has_hmp and (RUN_LINE in native or not connection.takes_qmp):
            passed = await _monitor_commands(monitor)
    except (QMPError, BadReplyError):
        # help is shown anyway, as if the machine had all commands
        return
    for topic in topics:
        name, needs = topic["name"], topic["needs"]
        reason = connection.lacking(name, needs) or _reason(topic, native, passed)
        if reason:
            topic["unavailable"] = reason


async def lacking(monitor: Monitor) -> frozenset[str]:
    """Return the commands that a machine is known to lack."""
    found = topics(monitor.commands)
    with suppress(MachineGoneError):
        await mark_unavailable(monitor, found)
    return frozenset(topic["name"] for topic in found if "unavailable" in topic)


def unfit(monitor: Monitor) -> dict[str, str]:
    """Return the commands that the connection cannot carry, each with the reason."""
    reasons = {
        topic["name"]: monitor.connection.lacking(topic["name"], topic["needs"])
        for topic in topics(monitor.commands)
    }
    return {name: why for name, why in reasons.items() if why}


async def _monitor_commands(monitor: Monitor) -> frozenset[str]:
    """Return the commands of QEMU's own monitor by all of their names."""
    found: set[str] = set()
    together = monitor.qmp.together()
    lines = ("help", "help info")
    texts = [together.execute(RUN_LINE, {"command-line": line}) for line in lines]
    for text in texts:
        for label in _LISTED.findall((await text).replace("\r\n", "\n")):
            # help shows all names of a command in one word: "info
            # alarm_methods|alarm-methods"
            before, _, names = label.rpartition(" ")
            found.update(f"{before} {name}".strip() for name in names.split("|"))
    return frozenset(found)


def _reason(topic: Topic, native: frozenset[str], passed: frozenset[str]) -> str:
    """Return why a machine does not support a command; empty if it does."""
    needed = topic["qmp"][:1]
    if not needed or topic["name"] in passed:
        return ""
    if topic["passthrough"] or not native:
        return "QEMU's monitor lacks it" if passed else "it has no QEMU monitor"
    if needed[0] in native:
        return ""
    return f"it lacks {needed[0]}"
