"""Block nodes from option lists: ``drive_add -n``, translated to blockdev-add."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from commands._errors import ID_HINT
from commands._images import lock_hint
from commands._numbers import SIZE_HINT
from hmp.authoring import (
    CommandError,
    CommandFailedError,
    Monitor,
    OptionsError,
    QMPError,
    execute_coerced,
    forward_line,
    is_refusal,
    may_forward,
    nested,
    parse_options,
    refuse_fatal,
    releases,
)

if TYPE_CHECKING:
    from typing import Any

    from hmp.authoring import Empty, Text

    JSON = dict[str, object]

_OPEN_NOTHING = ("null-co", "null-aio")
_UNKNOWN = "Parameter 'driver' does not accept value "
_SIZES = (
    "size",
    "offset",
    "cache-size",
    "l2-cache-size",
    "refcount-cache-size",
    "l2-cache-entry-size",
)
"""Members that the block layer reads as sizes; it reads the others as numbers."""
_CHECKED_FIRST = {"detect-zeroes", "force-share"}
"""Members whose values QEMU's monitor checks before it looks for unexpected ones."""
_NAME = r"[A-Za-z][A-Za-z0-9._-]{,30}"
# -drive has two words for each, and blockdev-add one
_DISCARD = {"on": "unmap", "off": "ignore"}
_PROTOCOLS = (
    "blkdebug",
    "blkverify",
    "file",
    "ftp",
    "ftps",
    "gluster",
    "host_cdrom",
    "host_device",
    "http",
    "https",
    "iscsi",
    "nbd",
    "nfs",
    "null-aio",
    "null-co",
    "nvme",
    "rbd",
    "ssh",
    "vvfat",
)
"""Drivers that QEMU calls protocols rather than formats."""


class DriveError(CommandFailedError):
    """An error of a drive command. Older releases print it without ``Error:``."""

    def __init__(
        self, mon: Monitor, desc: str, *, before: str = "", hint: str = ""
    ) -> None:
        prefix = "" if mon.qmp.version < releases.DRIVE_ERRORS else "Error: "
        super().__init__(f"{before}{prefix}{desc}\n{hint}", desc)


async def add_node(mon: Monitor, text: str) -> Empty | Text:
    """Add the block node that an option list describes. Raises CommandError, QMPError.

    QEMU's own monitor passes the strings to the block layer, which guesses a missing
    driver and parses names and values differently from QMP. Options that QMP refuses
    are therefore forwarded to QEMU's monitor.
    """
    try:
        options = parse_options(text, None)
    except OptionsError as error:
        raise CommandFailedError(f"{error}\n{ID_HINT}", str(error)) from error
    warnings = "".join(f"{line}\n" for line in options.warnings())
    texts = options.last()
    if "node-name" not in texts:
        raise DriveError(mon, "'node-name' needs to be specified", before=warnings)
    try:
        return await _add(mon, texts)
    except QMPError as error:
        desc = error.desc
        hint = lock_hint(desc, _file(texts))
    except OptionsError as error:
        desc = str(error)
        hint = SIZE_HINT if desc.endswith(" below 2^64") else ""
    raise DriveError(mon, desc, before=warnings, hint=hint)


async def _add(mon: Monitor, texts: dict[str, str]) -> Empty | Text:
    """Add the node over QMP, or through QEMU's monitor if QMP cannot.

    Raises OptionsError, QMPError, CommandError.
    """
    await refuse_fatal(mon, "drive_add", texts)
    try:
        members = nested(texts.items())
    except OptionsError:
        # only QEMU has the words for keys that contradict each other, as a=1,a.b=2
        return await forward_line(mon)
    # QMP needs the driver, which the monitor guesses from the file
    if "driver" not in members:
        return await forward_line(mon)
    try:
        modern = cast("JSON", _modern(members))  # a dict stays a dict
        # blockdev-add returns nothing; execute_coerced is not typed per command
        return cast(
            "Empty", await execute_coerced(mon, "blockdev-add", modern, sizes=_SIZES)
        )
    except QMPError as error:
        if not is_refusal(error.desc):
            raise
        if _simple(error.desc, members) or not await may_forward(mon):
            desc = _as_block_layer(error.desc, members)
            raise QMPError(desc, error.error_class) from error
    except CommandFailedError:
        raise
    except CommandError as error:
        if not await may_forward(mon):
            raise OptionsError(error.desc) from error
    return await forward_line(mon)


def _simple(desc: str, members: JSON) -> bool:
    """Return whether QEMU's monitor would report the same error first as QMP does."""
    if desc.startswith(_UNKNOWN):
        return True
    nothing_else = members["driver"] in _OPEN_NOTHING and not _CHECKED_FIRST & {*members}
    # a bad name of the node comes first, too
    nothing_else = nothing_else and bool(re.fullmatch(_NAME, str(members["node-name"])))
    flat = all(isinstance(member, str | int) for member in members.values())
    return nothing_else and flat and desc.endswith(" is unexpected")


async def check_drive(mon: Monitor, text: str) -> None:
    """Refuse a drive with options that crash QEMU. Raises CommandFailedError."""
    try:
        texts = parse_options(text, None).last()
    except OptionsError:
        return  # QEMU has the words for it
    # a drive's file is a name, which tells the driver of the node below
    texts.setdefault("file.driver", texts.get("file", "").partition(":")[0])
    await refuse_fatal(mon, "drive_add", texts)


def _modern(value: object) -> object:
    """Replace old spellings that block drivers accept by those of blockdev-add."""
    if isinstance(value, list):
        return [_modern(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {key: _modern(item) for key, item in value.items()}
    discard = names.get("discard")
    if isinstance(discard, str):
        names["discard"] = _DISCARD.get(discard, discard)
    return names


def _file(texts: dict[str, str]) -> str:
    """Return the file name of the innermost node in the options."""
    names = [key for key in texts if re.fullmatch(r"(?:file\.)*filename", key)]
    return texts[max(names, key=len)] if names else ""


def _as_block_layer(desc: str, members: JSON) -> str:
    """Reword a QMP error as the block layer, which QEMU's monitor calls directly, does."""
    match = re.fullmatch(r"Parameter '(?:.*\.)?driver' does not accept value '(.*)'", desc)
    if match:
        return f"Unknown driver '{match[1]}'"
    # the name of a vendor's member may contain dots
    match = re.fullmatch(r"Parameter '((?:.*?\.)??)(__.+|[^.]*)' is unexpected", desc)
    if match is None:
        return desc
    # the path comes from QMP's error, and leads through these members
    holder = cast("Any", members)
    try:
        for part in re.findall(r"[^.\[\]]+", match[1]):
            holder = holder[int(part) if isinstance(holder, list) else part]
        driver = holder["driver"]
    except (LookupError, TypeError, ValueError):
        return desc  # a path through names with dots
    if driver in _PROTOCOLS:
        return f"Block protocol '{driver}' doesn't support the option '{match[2]}'"
    return f"Block format '{driver}' does not support the option '{match[2]}'"
