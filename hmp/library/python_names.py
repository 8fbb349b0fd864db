"""QMP names as Python spells them: ``query_status`` for ``query-status``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNDERSCORED = frozenset(
    (
        "add_client",
        "block_resize",
        "block_set_io_throttle",
        "client_migrate_info",
        "device_add",
        "device_del",
        "expire_password",
        "migrate_cancel",
        "netdev_add",
        "netdev_del",
        "qmp_capabilities",
        "set_link",
        "set_password",
        "system_powerdown",
        "system_reset",
        "system_wakeup",
    )
)
"""The commands whose names have underscores; QAPI allows no new ones."""
_KEEP = frozenset(("block_set_io_throttle", "device_add", "netdev_add", "object-add"))
"""Commands with members that have underscores, or that anybody may have named."""


def command_name(name: str) -> str:
    """Return the QMP command that a Python name means."""
    return name if name in _UNDERSCORED else name.replace("_", "-")


def member_names(command: str, members: dict[str, Any]) -> dict[str, Any]:
    """Return a command's arguments under their QMP names, of which None are absent.

    An underscore at the end is dropped: ``from_`` is ``from``.
    """
    keep = command in _KEEP
    return {
        name if keep else name.removesuffix("_").replace("_", "-"): value
        for name, value in members.items()
        if value is not None
    }
