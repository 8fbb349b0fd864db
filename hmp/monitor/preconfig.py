"""A QEMU that was started with ``-preconfig`` and has not created its machine yet.

Until ``exit_preconfig``, its monitor runs a few commands and reports the others as not
available. QMP allows more, without a sign that the machine is missing. So `judge` replaces
the error of a line that failed, and `check` stops a line that would not notice.
"""

from __future__ import annotations

import re

from hmp.monitor.errors import CommandError, CommandFailedError, UnknownCommandError
from hmp.qmp.errors import COMMAND_NOT_FOUND, MachineGoneError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hmp.language.qdict import QDict
    from hmp.monitor.call import Call
    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Monitor

EARLY = frozenset(
    {
        "block_job_cancel",
        "block_job_complete",
        "block_job_pause",
        "block_resize",
        "block_job_resume",
        "block_job_set_speed",
        "block_set_io_throttle",
        "block_stream",
        "clear",
        "closefd",
        "exit_preconfig",
        "getfd",
        "help",
        "info",
        "info chardev",
        "info cryptodev",
        "info history",
        "info hotpluggable-cpus",
        "info iothreads",
        "info memdev",
        "info name",
        "info qom-tree",
        "info status",
        "info uuid",
        "info version",
        "info virtio",
        "info virtio-queue-element",
        "info virtio-queue-status",
        "info virtio-status",
        "info virtio-vhost-queue-status",
        "nbd_server_add",
        "nbd_server_remove",
        "nbd_server_start",
        "nbd_server_stop",
        "netdev_add",
        "netdev_del",
        "object_add",
        "object_del",
        "qom-get",
        "qom-list",
        "qom-set",
        "quit",
    }
)
"""The commands that QEMU's monitor runs in this state, by their first names."""

_OLDER_THAN_QMP = frozenset({"info pic"})
"""Commands of QEMU's monitor that the oldest supported release has, and its QMP lacks."""
_NOT_YET = r"The command .* is permitted only after machine initialization has completed"


async def waits(monitor: Monitor) -> bool:
    """Return whether the machine has not been created yet; asks until it has."""
    # a human monitor itself refuses what comes too early
    if monitor.initialised or not (monitor.qmp.has_hmp and monitor.qmp.takes_qmp):
        return False
    try:
        # a cheap query that each release of QEMU refuses in this state
        await monitor.connection.execute("query-migrate")
    except MachineGoneError:
        return False  # the error will come up again with the next command
    except QMPError as error:
        if re.fullmatch(_NOT_YET, error.desc):
            return True
    monitor.initialised = True
    return False


def allowed(topic: dict[str, Any]) -> dict[str, Any] | None:
    """Return a help topic as it is in this state; None for an unknown command."""
    if "commands" not in topic:
        return topic if topic["name"] in EARLY else None
    found = [item for item in topic["commands"] if item["name"] in EARLY]
    return {**topic, "commands": found}


async def check(monitor: Monitor, line: Line) -> None:
    """Check that the machine exists, for a command with ``after_preconfig``.

    Raises CommandFailedError.
    """
    if await waits(monitor):
        raise _too_early(line)


async def judge(monitor: Monitor, call: Call) -> None:
    """Replace the error of a line by that of QEMU's monitor before the machine exists."""
    entry, error, name = call.entry, call.error, _name(call.line)
    refused = isinstance(error, QMPError) and re.fullmatch(_NOT_YET, error.desc)
    if refused and name in _NOTHING_YET:
        call.value, call.error = [], _NOTHING_YET[name](monitor, call.args)
        return
    lacking = error is not None and error.error_class == COMMAND_NOT_FOUND
    if (name in EARLY and not lacking) or (
        entry is not None and not entry.qmp and name != "print"
    ):
        return
    if not refused and not await waits(monitor):
        return
    # QMP lacks it in any state, so that release's monitor does not know the line
    unknown = lacking and not refused and name not in _OLDER_THAN_QMP
    if entry is None or unknown:
        start, end = call.line.words[-1]
        call.error, call.hint = UnknownCommandError(call.line.text[:end], start), ""
    else:
        call.error = _too_early(call.line)
        call.hint = call.error.hint


def _nothing(monitor: Monitor, args: QDict) -> None:
    return None


def _no_virtio(monitor: Monitor, args: QDict) -> CommandError:
    from hmp.monitor import releases  # late: hardly any machine is in this state

    old = monitor.qmp.version < releases.VIRTIO_ERROR
    return CommandFailedError(
        "No VirtIO devices\n" if old else "Error: No virtio devices found\n"
    )


def _no_device(kind: str) -> Callable[[Monitor, QDict], CommandError]:
    def error(monitor: Monitor, args: QDict) -> CommandError:
        return CommandFailedError(f"Error: Path {args['path']} is not a {kind}\n")

    return error


def _no_status(monitor: Monitor, args: QDict) -> CommandError:
    from hmp.monitor import releases

    realized = "" if monitor.qmp.version < releases.VIRTIO_REALIZED else "realized "
    return _no_device(f"{realized}VirtIODevice")(monitor, args)


def _no_descriptor(monitor: Monitor, args: QDict) -> CommandError:
    return CommandFailedError(
        f"Error: File descriptor named '{args['fdname']}' not found\n"
    )


def _no_descriptor_sent(monitor: Monitor, args: QDict) -> CommandError:
    return CommandFailedError("Error: No file descriptor supplied via SCM_RIGHTS\n")


_NOTHING_YET: dict[str, Callable[[Monitor, QDict], CommandError | None]] = {
    "closefd": _no_descriptor,
    "getfd": _no_descriptor_sent,
    "info cryptodev": _nothing,
    "info virtio": _no_virtio,
    "info virtio-queue-element": _no_device("VirtIO device"),
    "info virtio-queue-status": _no_device("VirtIODevice"),
    "info virtio-status": _no_status,
    "info virtio-vhost-queue-status": _no_device("VirtIODevice"),
}
"""Commands that QEMU's monitor runs in this state and QMP refuses: their results."""


def _name(line: Line) -> str:
    """Return the full name of the line's command, such as "info block"."""
    if line.entry is None:
        return ""
    before = line.text[line.words[0][0] : line.words[-1][0]].split()
    return " ".join([*before, line.entry.names[0]])


def _too_early(line: Line) -> CommandError:
    """Return the error for a command that needs a machine."""
    command = line.text[: line.words[-1][1]]
    text = f"Command '{command}' not available until machine initialization has completed."
    error = CommandFailedError(f"{text}\n", text)
    error.hint = "'exit_preconfig' creates the machine."
    return error
