"""The passwords of VNC, and what QEMU's monitor says when they cannot be set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands._errors import hinted_errors
from hmp.authoring import CommandFailedError, QMPError

if TYPE_CHECKING:
    from typing import Any

    from hmp.authoring import Monitor

_REFUSED = "Could not set password"
_ADVICE = (
    "If you want use passwords please enable password auth using '-vnc ${dpy},password'.\n"
)


async def set_vnc_password(mon: Monitor, command: str, members: dict[str, Any]) -> Any:
    """Run a QMP command that sets a password of VNC, and explain its failure.

    Raises QMPError, CommandFailedError.
    """
    with hinted_errors():
        try:
            return await mon.qmp.execute(command, members)
        except QMPError as error:
            if error.desc != _REFUSED or not await _open_to_all(mon, members):
                raise
            text = f"{_ADVICE}Error: {error.desc}\n"
            raise CommandFailedError(text, error.desc) from error


async def _open_to_all(mon: Monitor, members: dict[str, Any]) -> bool:
    """Return whether the display asks for no password; up to QEMU 10 that is told."""
    displays = await mon.qmp.execute("query-vnc-servers")
    name = members.get("display") or (displays[-1]["id"] if displays else None)
    return any(display["id"] == name and display["auth"] == "none" for display in displays)
