"""Character devices: add, change, remove, and what is in their buffers."""

import re
from collections.abc import Iterator
from typing import Any

from commands._chardev import (
    Refused,
    UnknownBackend,
    backend_of,
    parse_chardev,
    short_form_warnings,
    warnings_first,
)
from completions.chardev import CHARDEV_ID, CHARDEV_OPTIONS, RINGBUF_ID
from completions.free import MESSAGE
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    Monitor,
    QDict,
    QMPError,
    command,
    views,
)

CATEGORY = "Character devices"

_ID = {"id": CHARDEV_ID}
_HELP = ("help", "?")


@command(
    "chardev-add",
    args_type="args:s",
    help="add a character device (help: show the backends)",
    qmp=["chardev-add", "query-chardev-backends"],
    kinds={"args": CHARDEV_OPTIONS},
    example="chardev-add socket,id=c1,path=/tmp/c1.sock,server=on,wait=off",
)
async def chardev_add(mon: Monitor, args: QDict) -> Any:
    """Add a character device; with mux=on a multiplexer over it."""
    with warnings_first(args["args"]):
        return await _chardev_add(mon, parse_chardev(args["args"]))


async def _chardev_add(mon: Monitor, options: dict[str, Any]) -> Any:
    if options.get("backend") in _HELP:
        return await mon.qmp.execute("query-chardev-backends")
    if "id" not in options:
        raise Refused("chardev: no id specified")
    backend, name = await _backend(mon, options), options["id"]
    if not options.get("mux") or backend["type"] == "mux":
        return await _add(mon, name, name, backend)
    below = await _add(mon, name, f"{name}-base", backend)
    mux = {"type": "mux", "data": {"chardev": f"{name}-base"}}
    await _add(mon, name, name, mux)
    return below


async def _backend(mon: Monitor, options: dict[str, Any]) -> Any:
    """Make the backend; that this QEMU has it comes before what it lacks."""
    try:
        return backend_of(options)
    except UnknownBackend:
        raise
    except Refused as error:
        kind = options.get("backend")
        names = await mon.qmp.execute("query-chardev-backends")
        if kind is not None and all(item["name"] != kind for item in names):
            raise UnknownBackend(kind) from error
        raise


async def _add(mon: Monitor, given: str, name: str, backend: Any) -> Any:
    try:
        return await mon.qmp.execute("chardev-add", id=name, backend=backend)
    except QMPError as error:
        raise QMPError(_reason(error.desc, given), error.error_class) from error


def _reason(desc: str, name: str) -> str:
    """Word an error as QEMU's monitor does, where QMP words it otherwise."""
    if desc == f"Chardev with id '{name}' already exists":
        return f"attempt to add duplicate property '{name}' to object (type 'container')"
    return desc.removeprefix(f"Failed to add chardev '{name}': ")


@chardev_add.text
def chardev_add_text(value: Any, call: Call) -> Iterator[str]:
    """Yield the backends, when they were asked for, or where a new pty is."""
    if isinstance(value, list):
        yield "Available chardev backend types: "
        for backend in reversed(value):  # QMP makes its list from the end
            yield f"  {backend['name']}"
        return
    yield from short_form_warnings(call.args["args"]).splitlines()
    if "pty" in value:
        name = parse_chardev(call.args["args"])["id"]
        yield f"char device redirected to {value['pty']} (label {name})"


@chardev_add.view
def chardev_add_view(value: Any) -> Any:
    """Show the backends in columns; other results have their text."""
    if not isinstance(value, list):
        return None
    return views.columns(sorted(backend["name"] for backend in value))


@command(
    "chardev-change",
    args_type="id:s,args:s",
    help="give a character device another backend",
    qmp=["chardev-change", "query-chardev-backends"],
    kinds={"id": CHARDEV_ID, "args": CHARDEV_OPTIONS},
    example="chardev-change c1 file,path=/tmp/c1.log",
)
async def chardev_change(mon: Monitor, args: QDict) -> Any:
    """Change a device's backend in place."""
    with warnings_first(args["args"]):
        options = parse_chardev(args["args"])
        if "id" in options:
            raise Refused("Unexpected 'id' parameter")
        backend = await _backend(mon, options)
        return await mon.qmp.execute("chardev-change", id=args["id"], backend=backend)


chardev_remove = command.direct(
    "chardev-remove",
    args_type="id:s",
    help="remove a character device",
    effect=DESTRUCTIVE,
    kinds=_ID,
    example="chardev-remove c1",
)


chardev_send_break = command.direct(
    "chardev-send-break",
    args_type="id:s",
    help="send a break on a character device",
    kinds=_ID,
    example="chardev-send-break serial0",
)


_RINGBUF = {"device": RINGBUF_ID}


ringbuf_write = command.direct(
    "ringbuf_write",
    "ringbuf-write",
    args_type="device:s,data:s",
    help="write text into a ring buffer",
    kinds={**_RINGBUF, "data": MESSAGE},
    example='ringbuf_write buf0 "hello\\n"',
)


ringbuf_read = command.direct(
    "ringbuf_read",
    "ringbuf-read",
    args_type="device:s,size:i",
    help="read up to so many bytes from a ring buffer",
    kinds=_RINGBUF,
    example="ringbuf_read buf0 1024",
)


@ringbuf_read.text
def ringbuf_read_text(value: str) -> Iterator[str]:
    """Yield the text with its control characters as escapes."""
    yield re.sub(r"[\\\x00-\x08\x0b-\x1f\x7f]", _escape, value)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return "\\\\" if char == "\\" else f"\\u{ord(char):04X}"
