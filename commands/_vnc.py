"""VNC passwords, and the errors of QEMU's monitor when one cannot be set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands._errors import hinted_errors
from hmp.authoring import CommandFailedError, QMPError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from hmp.authoring import Empty, Monitor

    SetsPassword = Literal["set_password", "change-vnc-password"]

_REFUSED = "Could not set password"
_ADVICE = (
    "If you want use passwords please enable password auth using '-vnc ${dpy},password'.\n"
)


async def set_vnc_password(
    mon: Monitor, command: SetsPassword, members: Mapping[str, object]
) -> Empty:
    """Run a QMP command that sets a VNC password, and explain its failure.

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


async def _open_to_all(mon: Monitor, members: Mapping[str, object]) -> bool:
    """Return whether the display has no authentication, so that no password applies."""
    displays = await mon.qmp.execute("query-vnc-servers")
    # without a name, QEMU means the first display, which its list has last
    name = members.get("display") or (displays[-1]["id"] if displays else None)
    return any(display["id"] == name and display["auth"] == "none" for display in displays)
