"""Character devices: add, change and remove them, read and write ring buffers."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from commands._chardev import (
    ChardevError,
    ChardevOptions,
    UnknownBackendError,
    backend_of,
    hard_to_read,
    warnings_first,
)
from completions.chardev import CHARDEV_ID, CHARDEV_OPTIONS, RING_BUFFERS, RINGBUF_ID
from completions.free_text import MESSAGE
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    Monitor,
    QDict,
    QMPError,
    Text,
    command,
    forward_line,
    may_forward,
    refusal,
    views,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from rich.console import RenderableType

    from commands._chardev import Members, Options
    from hmp.qmp.reply_types import ChardevBackendInfo, ChardevReturn

    Added = ChardevReturn | list[ChardevBackendInfo]
    """The new device, or the known backends for ``chardev-add help``."""
    V = TypeVar("V")

CATEGORY = "Character devices"

_ID = {"id": CHARDEV_ID}
_HELP = ("help", "?")
_FAILURE = r"(?m)^Error: "


@command(
    "chardev-add",
    args_type="args:s",
    help="add a character device (help: show the backends)",
    arguments={"args": "the backend and its options, as after -chardev"},
    words="serial port, add socket, console",
    qmp=["chardev-add", "chardev-remove", "query-chardev-backends"],
    kinds={"args": CHARDEV_OPTIONS},
    failure=_FAILURE,
    example="chardev-add socket,id=c1,path=/tmp/c1.sock,server=on,wait=off",
)
async def chardev_add(mon: Monitor, args: QDict) -> Added | Text:
    """Add a character device; with mux=on, add a multiplexer on top of it."""
    return await _with_options(mon, args, lambda options: _chardev_add(mon, options))


class _ForQemuError(Exception):
    """Only QEMU's own monitor can word this error. Nothing has been changed yet."""


async def _with_options(
    mon: Monitor, args: QDict, work: Callable[[Options], Awaitable[V]]
) -> V | Text:
    """Do something with the options of a line, unless only QEMU's monitor can."""
    if hard_to_read(args["args"], mon.qmp.version) and await may_forward(mon):
        return await forward_line(mon)
    chardev = ChardevOptions(args["args"], mon.qmp.version)
    try:
        with warnings_first(chardev.warnings):
            return await work(chardev.options)
    except _ForQemuError:
        return await forward_line(mon)


async def _chardev_add(mon: Monitor, options: Options) -> Added:
    if options.get("backend") in _HELP:
        return await mon.qmp.execute("query-chardev-backends")
    if "id" not in options:
        raise ChardevError("chardev: no id specified")
    backend, name = await _backend(mon, options), options["id"]
    if not options.get("mux") or backend["type"] == "mux":
        return await _add(mon, name, backend)
    # as -chardev does for mux=on: the multiplexer gets the name
    below = await _add(mon, f"{name}-base", backend)
    mux: Members = {"type": "mux", "data": {"chardev": f"{name}-base"}}
    try:
        await _add(mon, name, mux)
    except (QMPError, _ForQemuError):
        with suppress(QMPError):
            await mon.qmp.execute("chardev-remove", id=f"{name}-base")
        raise
    return below


async def _backend(mon: Monitor, options: Options) -> Members:
    """Build the backend. An unknown backend is reported before its missing options.

    Raises ChardevError, and _ForQemuError if only QEMU's monitor knows the error.
    """
    try:
        return backend_of(options)
    except UnknownBackendError:
        raise
    except ChardevError as error:
        kind = options.get("backend")
        names = await mon.qmp.execute("query-chardev-backends")
        if kind is None or any(item["name"] == kind for item in names):
            raise
        if await may_forward(mon):
            raise _ForQemuError from error
        raise UnknownBackendError(kind) from error


async def _add(mon: Monitor, name: str, backend: Members) -> ChardevReturn:
    try:
        with _known_backend(backend):
            return await mon.qmp.execute("chardev-add", id=name, backend=backend)
    except QMPError as error:
        if error.desc == f"Chardev with id '{name}' already exists":
            # QEMU's monitor opens the backend first, and reports an error of that
            if backend["data"] and await may_forward(mon):
                raise _ForQemuError from error
            kind = "to object (type 'container')"
            raise QMPError(f"attempt to add duplicate property '{name}' {kind}") from error
        desc = error.desc.removeprefix(f"Failed to add chardev '{name}': ")
        raise QMPError(desc, error.error_class) from error


@contextmanager
def _known_backend(backend: Members) -> Generator[None]:
    """Report a backend type that QMP rejects in the words of QEMU's monitor."""
    try:
        yield
    except QMPError as error:
        if not re.fullmatch(r"Parameter '\S*type' does not accept value '.*'", error.desc):
            raise
        raise UnknownBackendError(str(backend["type"])) from error


@chardev_add.text
def chardev_add_text(value: Added | Text, call: Call) -> Iterator[str]:
    """Yield the backends for ``help``, or the path of a new pty."""
    if isinstance(value, list):
        yield "Available chardev backend types: "
        for backend in reversed(value):  # QMP makes its list from the end
            yield f"  {backend['name']}"
        return
    chardev = ChardevOptions(call.args["args"], call.version)
    yield from chardev.warnings
    if not isinstance(value, Text) and "pty" in value:
        name = chardev.options["id"]
        yield f"char device redirected to {value['pty']} (label {name})"


@chardev_add.view
def chardev_add_view(value: Added | Text) -> RenderableType | None:
    """Show the backends in columns; other results are shown as text."""
    if not isinstance(value, list):
        return None
    return views.columns(sorted(backend["name"] for backend in value))


@command(
    "chardev-change",
    args_type="id:s,args:s",
    help="replace the backend of a character device",
    arguments={"args": "the new backend and its options, as after -chardev"},
    qmp=["chardev-change", "query-chardev-backends"],
    kinds={"id": CHARDEV_ID, "args": CHARDEV_OPTIONS},
    failure=_FAILURE,
)
async def chardev_change(mon: Monitor, args: QDict) -> ChardevReturn | Text:
    """Change a device's backend in place."""
    name = args["id"]
    return await _with_options(
        mon, args, lambda options: _chardev_change(mon, name, options)
    )


async def _chardev_change(mon: Monitor, name: str, options: Options) -> ChardevReturn:
    if "id" in options:
        raise ChardevError("Unexpected 'id' parameter")
    backend = await _backend(mon, options)
    with _known_backend(backend):
        return await mon.qmp.execute("chardev-change", id=name, backend=backend)


@chardev_change.text
def chardev_change_text(value: ChardevReturn | Text, call: Call) -> Iterator[str]:
    """Yield QEMU's warnings about the syntax of the options."""
    yield from ChardevOptions(call.args["args"], call.version).warnings


chardev_remove = command.direct(
    "chardev-remove",
    args_type="id:s",
    help="remove a character device",
    effect=DESTRUCTIVE,
    outcome="this removes the character device, and the text in a ring buffer",
    kinds=_ID,
    example="chardev-remove c1",
)


@chardev_remove.foresee
async def chardev_remove_outcome(mon: Monitor, args: QDict) -> str:
    """Say what is lost. QEMU itself refuses a device in use; refuse an unknown one."""
    name = args["id"]
    for chardev in await mon.qmp.execute("query-chardev"):
        if chardev["label"] == name:
            lost = chardev["filename"] in RING_BUFFERS and not chardev["frontend-open"]
            return "the text in this ring buffer is lost" if lost else ""
    raise refusal(f"Chardev '{name}' not found")


chardev_send_break = command.direct(
    "chardev-send-break",
    args_type="id:s",
    help="send a break on a character device",
    words="sysrq, break, magic key",
    kinds=_ID,
    example="chardev-send-break {id}",
)


_RINGBUF = {"device": RINGBUF_ID}


ringbuf_write = command.direct(
    "ringbuf_write",
    "ringbuf-write",
    args_type="device:s,data:s",
    help="write text into a ring buffer",
    arguments={"data": "text; escapes such as \\n are understood in quotes"},
    kinds={**_RINGBUF, "data": MESSAGE},
    example='ringbuf_write {device} "hello"',
)


ringbuf_read = command.direct(
    "ringbuf_read",
    "ringbuf-read",
    args_type="device:s,size:i",
    help="read up to SIZE bytes from a ring buffer",
    arguments={"size": "the maximum number of bytes"},
    kinds=_RINGBUF,
    example="ringbuf_read {device} 1024",
)


@ringbuf_read.text
def ringbuf_read_text(value: str) -> Iterator[str]:
    """Yield the text, with control characters escaped."""
    yield re.sub(r"[\\\x00-\x08\x0b-\x1f\x7f]", _escape, value)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return "\\\\" if char == "\\" else f"\\u{ord(char):04X}"
