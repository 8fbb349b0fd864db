"""Block nodes from options: ``drive_add -n``, in terms of blockdev-add."""

from __future__ import annotations

import re
from typing import Any

from commands._errors import ID_HINT
from commands._images import lock_hint
from hmp.authoring import (
    CommandError,
    CommandFailed,
    Monitor,
    OptionsError,
    QMPError,
    execute_typed,
    forward_line,
    nested,
    parse_options,
    releases,
    short_forms,
)

_NUMBER = "a non-negative number below 2^64"
_SIZE_HINT = (
    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
    "and exabytes, respectively.\n"
)
_DISCARD = {"on": "unmap", "off": "ignore"}
_PROTOCOLS = (
    *("blkdebug", "blkverify", "file", "ftp", "ftps", "gluster", "host_cdrom"),
    *("host_device", "http", "https", "iscsi", "nbd", "nfs", "null-aio", "null-co"),
    *("nvme", "rbd", "ssh", "vvfat"),
)
"""Drivers that QEMU calls protocols, not formats."""


class DriveRefused(CommandFailed):
    """An error of a command about drives; QEMU had no word before it up to 10.1."""

    def __init__(
        self, mon: Monitor, desc: str, *, before: str = "", hint: str = ""
    ) -> None:
        prefix = "" if mon.qmp.version < releases.DRIVE_ERRORS else "Error: "
        super().__init__(f"{before}{prefix}{desc}\n{hint}", desc)


async def add_node(mon: Monitor, text: str) -> Any:
    """Add the block node that a list of options describes. Raises CommandError, QMPError.

    Without a driver, QEMU's own monitor guesses one, which QMP does not.
    """
    warnings = "".join(f"{line}\n" for line in short_forms(text, implied=False))
    try:
        members = nested(parse_options(text, None))
    except OptionsError as error:
        hint = ID_HINT if "identifier" in str(error) else ""
        raise CommandFailed(f"{error}\n{hint}", str(error)) from error
    if "node-name" not in members:
        raise DriveRefused(mon, "'node-name' needs to be specified")
    if "driver" not in members:
        return await forward_line(mon)
    try:
        return await execute_typed(mon.qmp, "blockdev-add", _modern(members), _NUMBER)
    except QMPError as error:
        desc = _as_block_layer(error.desc, members)
        hint = lock_hint(desc, _path(members))
    except CommandError as error:
        desc = error.desc
        hint = _SIZE_HINT if desc.endswith(_NUMBER) else ""
    raise DriveRefused(mon, desc, before=warnings, hint=hint)


def _modern(value: Any) -> Any:
    """Spell what block drivers know under two names as blockdev-add does."""
    if isinstance(value, list):
        return [_modern(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {key: _modern(item) for key, item in value.items()}
    if names.get("discard") in _DISCARD:
        names["discard"] = _DISCARD[names["discard"]]
    return names


def _path(members: Any) -> str:
    """Return the file that the innermost node of the options is about."""
    while isinstance(members.get("file"), dict):
        members = members["file"]
    return str(members.get("filename", ""))


def _as_block_layer(desc: str, members: dict[str, Any]) -> str:
    """Word an error as QEMU's monitor does, which asks the block drivers at once."""
    match = re.fullmatch(r"Parameter '(?:.*\.)?driver' does not accept value '(.*)'", desc)
    if match:
        return f"Unknown driver '{match[1]}'"
    match = re.fullmatch(r"Parameter '((?:.*\.)?)([^.]*)' is unexpected", desc)
    if match is None:
        return desc
    holder: Any = members
    for part in re.findall(r"[^.\[\]]+", match[1]):
        holder = holder[int(part) if isinstance(holder, list) else part]
    driver = holder["driver"]
    if driver in _PROTOCOLS:
        return f"Block protocol '{driver}' doesn't support the option '{match[2]}'"
    return f"Block format '{driver}' does not support the option '{match[2]}'"
