"""What starts a program on the machine's host, by the members of a QMP command."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.monitor.line import Line

    Members = Mapping[str, Any]

_NO = ("no", "")
_WORDS = re.compile("exec|cmd:|script|helper|bridge|tap|passt")
"""A line without any of these starts no program, however QEMU reads it."""


def starts_program(members: Members) -> bool:
    """Return whether a migration or a network backend starts one."""
    channels = str(members.get("channels"))  # another form of the address, since 8.2
    if str(members.get("uri", "")).startswith("exec:") or "'exec'" in channels:
        return True
    if members.get("type") == "tap" and not {"fd", "fds"} & members.keys():
        scripts = (members.get(key, "yes") for key in ("script", "downscript"))
        return "helper" in members or any(script not in _NO for script in scripts)
    return members.get("type") == "bridge"


def may_start_program(members: Members) -> bool:
    """Return whether it starts one now, or when the guest connects or migrates."""
    return (
        starts_program(members)
        or members.get("type") == "passt"
        or "cmd:" in str(members.get("guestfwd"))
        or "cpr-exec-command" in members
    )


def line_may_start_program(line: Line) -> bool:
    """Return the same of a line for QEMU's own monitor."""
    if line.error is not None:
        return bool(_WORDS.search(line.text))
    return may_start_program(line.args)
