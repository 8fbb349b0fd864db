"""The options of ``drive_add``."""

from completions.block import block_devices
from completions.format import BLOCK_FORMAT
from completions.values import SWITCH
from hmp.authoring import Connection, Kind, QDict, Word, value_of


def _option(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a key, or after ``=`` a value; the context is its key."""
    begin = typed.rfind(",") + 1
    key, equals, _ = typed[begin:].partition("=")
    return (begin + len(key) + 1, key) if equals else (begin, "")


DRIVE_OPTIONS = Kind("options of the drive", place=_option, path=value_of("file"))

_ERRORS = [(w, "") for w in ("report", "ignore", "enospc", "stop", "auto")]
_OPTIONS = {
    "file=": "image file",
    "if=": "interface; none leaves it to a device",
    "id=": "name of the new drive",
    "format=": "image format",
    "media=": "disk or cdrom",
    "readonly=": "on or off",
    "snapshot=": "on: discard all changes",
    "cache=": "host cache mode",
    "discard=": "whether to pass discards on to the image",
    "aio=": "host I/O method",
    "werror=": "action on a write error",
    "rerror=": "action on a read error",
    "copy-on-read=": "on or off",
    "detect-zeroes=": "whether to optimise writes of zeroes",
    "bps=": "limit in bytes per second",
    "iops=": "limit in requests per second",
}
_VALUES: dict[str, list[Word]] = {
    "if": [("none", "leave it to a device"), *((w, "") for w in ("ide", "scsi", "virtio"))],
    "format": list(BLOCK_FORMAT.words),
    "media": [("disk", ""), ("cdrom", "")],
    "cache": [
        (w, "") for w in ("none", "writeback", "unsafe", "directsync", "writethrough")
    ],
    "discard": [("ignore", ""), ("unmap", "")],
    "aio": [("threads", ""), ("native", ""), ("io_uring", "")],
    "detect-zeroes": [("off", ""), ("on", ""), ("unmap", "")],
    "werror": _ERRORS,
    "rerror": _ERRORS,
    **{key: list(SWITCH) for key in ("readonly", "snapshot", "copy-on-read")},
}


@DRIVE_OPTIONS.fetcher
async def drive_options(qmp: Connection, context: str) -> list[Word]:
    """Return the keys, or the values of a key."""
    if not context:
        return list(_OPTIONS.items())
    if context == "id":
        # none of these can be typed here; they are shown since the new one must differ
        taken = ", ".join(name for name, _ in await block_devices(qmp, ""))
        return [("", f"a new name (in use: {taken})" if taken else "a new name")]
    note = ("", _OPTIONS.get(f"{context}=", "value"))
    return [note, *_VALUES.get(context, [])]
