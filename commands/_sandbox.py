"""Commands that make QEMU start a program, which ends it if its sandbox forbids that.

libvirt runs its QEMUs in such a sandbox (``-sandbox on,spawn=deny``).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from commands._known import refusal
from hmp.authoring import releases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.authoring import Monitor

_NO = ("no", "")


def check_sandbox(mon: Monitor, command: str, members: Mapping[str, Any]) -> None:
    """Refuse a QMP command that would end QEMU. Raises CommandFailedError."""
    machine = mon.connection
    if machine.version >= releases.SANDBOX_REFUSES:
        return  # an error at most
    if not _starts_program(command, members):
        return
    if machine.sandboxed or _forbids_programs(machine.pid):
        whose = ", as libvirt sets it up," if machine.sandboxed else ""
        desc = (
            f"this would end QEMU: its sandbox{whose} forbids it to start a program;"
            " nothing was sent"
        )
        raise refusal(desc)


def _starts_program(command: str, members: Mapping[str, Any]) -> bool:
    if command in ("migrate", "migrate-incoming"):
        return str(members.get("uri", "")).startswith("exec:")
    if command != "netdev_add":
        return False
    if members.get("type") == "tap" and not {"fd", "fds"} & members.keys():
        scripts = (members.get(key, "yes") for key in ("script", "downscript"))
        return "helper" in members or any(script not in _NO for script in scripts)
    return members.get("type") == "bridge"


def _forbids_programs(pid: int) -> bool:
    """Return whether a QEMU was started with a sandbox that forbids it programs."""
    if not pid:
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    return any(
        word.lstrip(b"-") == b"sandbox" and b"spawn=deny" in value
        for word, value in pairwise(words)
    )
