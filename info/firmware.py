"""The machine's firmware: its ROMs, its log and the generation ID it reads."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import BadReplyError, Text, info, size_text, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import GuidInfo, QueryFirmwareLog

CATEGORY = "Machine"


roms = info.report("roms", "x-query-roms", help="show the ROMs that were loaded")


# a line: addr=00000000fffc0000 size=0x040000 mem=rom name="bios-256k.bin"
# others have a file of fw_cfg in place of the address
_ROM = re.compile(
    r'(?P<where>.+?) size=0x(?P<size>[0-9a-f]+)(?: mem=(?P<mem>\w+))? name="(?P<name>.*)"'
)


@roms.view
def roms_view(value: Text) -> RenderableType | None:
    """Show a table of the ROMs with the size and place of each."""
    found = [_ROM.fullmatch(line) for line in value.splitlines()]
    rows = [
        (rom["name"], size_text(int(rom["size"], 16)), rom["mem"], rom["where"])
        for rom in found
        if rom is not None
    ]
    # an unknown layout is shown as QEMU printed it
    if not rows or len(rows) < len(found):
        return None
    return views.table("rom", ">size", "memory", "where", rows=rows)


vm_generation_id: Declaration[GuidInfo] = info.direct(
    "vm-generation-id", "query-vm-generation-id", help="show the VM generation ID"
)


@vm_generation_id.text
def vm_generation_id_text(value: GuidInfo) -> Iterator[str]:
    """Yield the GUID."""
    yield value["guid"]


firmware_log = info.direct(
    "firmware-log",
    "query-firmware-log",
    args_type="max-size:o?",
    help="show the firmware's debug log",
    arguments={
        "max-size": "how much to show, from the end, in MiB or with a suffix such as K"
    },
    words="bios, uefi, edk2",
)


@firmware_log.text
def firmware_log_text(value: QueryFirmwareLog) -> Iterator[str]:
    """Yield the version if it is known, and the log up to the first NUL."""
    if "version" in value:
        version = value["version"].encode(errors="surrogatepass")
        yield f"[ firmware version: {_escape(version)} ]"
    yield _escape(_log(value), keep=b"\r\n")


def _log(value: QueryFirmwareLog) -> bytes:
    """Return the bytes of the log up to the first NUL. Raises BadReplyError."""
    try:
        return base64.b64decode(value["log"]).partition(b"\0")[0]
    except ValueError as error:
        raise BadReplyError(f"the machine's firmware log is not base64: {error}") from error


_ESCAPES = {
    ord(char): f"\\{name}"
    for char, name in zip('\b\f\n\r\t\v\\"', 'bfnrtv\\"', strict=True)
}


def _escape(data: bytes, keep: bytes = b"") -> str:
    """Write bytes as in a C string literal, except for the bytes in ``keep``."""
    return "".join(
        chr(byte)
        if byte in keep or (0x20 <= byte < 0x7F and byte not in _ESCAPES)
        else _ESCAPES.get(byte, f"\\{byte:03o}")
        for byte in data
    )


@firmware_log.view
def firmware_log_view(value: QueryFirmwareLog) -> RenderableType:
    """Show the firmware's version, then the log."""
    from rich.console import Group

    log = _log(value).decode(errors="backslashreplace").replace("\r\n", "\n")
    version = value.get("version", "of an unknown version")
    return Group(views.text(f"Firmware {version}", "hmp.title"), views.lines(log.rstrip()))
