"""Refuses a destructive line before its user is asked, if nothing has the name in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmp.authoring import QMPError, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine

    from hmp.authoring import Declaration, Monitor, QDict
    from hmp.qmp.reply_types import BlockInfo

    Names = Callable[[Monitor], Coroutine[Any, Any, Collection[str]]]
    """A coroutine function that returns all names of a kind."""


def refuse_unknown(entry: Declaration[Any], key: str, names: Names, error: str) -> None:
    """Have a line refused whose argument is not among the names that the machine has.

    error: QEMU's description, with {} for the name.
    """

    @entry.foresee
    async def outcome(mon: Monitor, args: QDict) -> str:
        if key in args and args[key] not in await names(mon):
            raise refusal(error.format(args[key]))
        return entry.outcome


async def device_type(mon: Monitor, name: str) -> str:
    """Return the type of a device by its id or QOM path.

    Raises CommandFailedError for one that does not exist, and QMPError.
    """
    try:
        return str(
            await mon.qmp.execute("qom-get", path=device_path(name), property="type")
        )
    except QMPError as error:
        # other errors say nothing of whether it exists
        if error.error_class != "DeviceNotFound":
            raise
        raise refusal(f"Device '{name}' not found") from error


def device_path(name: str) -> str:
    """Return the QOM path of a device by its id; a path remains one."""
    return name if name.startswith("/") else f"/machine/peripheral/{name}"


async def block_devices(mon: Monitor) -> dict[str, BlockInfo]:
    """Return the block devices by name."""
    return {drive["device"]: drive for drive in await mon.qmp.execute("query-block")}


async def node_names(mon: Monitor) -> list[str]:
    """Return the names of all block nodes."""
    nodes = await mon.qmp.execute("query-named-block-nodes", flat=True)
    return [node.get("node-name", "") for node in nodes]
