"""What the guest agent can do: run programs, read and write files, describe the guest.

For a connection to an agent (``hmp qga:ADDRESS``), which is a program in the guest.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from commands._guest import decoded, finished, finished_text, finished_view, until_ended
from completions.file import OUR_FILE
from completions.guest import GUEST_FILE, PROGRAM, SHUTDOWN_MODE
from hmp.authoring import (
    DESTRUCTIVE,
    READ,
    CommandFailedError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    WordError,
    command,
    seconds,
    size_text,
    split_words,
    take_leading,
    views,
)

if TYPE_CHECKING:
    from typing import TypedDict

    from rich.console import RenderableType

    from commands._guest import Finished
    from hmp.authoring import Empty
    from hmp.qmp.reply_types import (
        GuestFilesystemInfo,
        GuestNetworkInterface,
        GuestUser,
    )

    class Contents(TypedDict, total=False):
        """A file's contents: text, or base64 of what is not UTF-8."""

        text: str
        base64: str


CATEGORY = "Guest"

guest = command.group(
    "guest",
    help="commands for the guest's agent",
    effect=READ,
    needs="agent",
)

_CHUNK = 64 << 10
"""Bytes of a file in one message; see `hmp.targets.libvirt_agent`."""
_READ_LIMIT = 64 << 20
"""Bytes of a file that are read; all of it is kept in memory."""


@guest(
    "exec",
    args_type="line:S",
    params="[-t seconds] program [argument]...",
    help="run a program in the guest and show its output and exit status",
    arguments={
        "-t seconds": "how long to wait for it; no limit by default",
        "program": "the program in the guest, without a shell",
        "argument": "its arguments, separated by blanks; quotes keep blanks",
    },
    qmp=["guest-exec", "guest-exec-status"],
    needs="agent",
    kinds={"line": PROGRAM},
    example="guest exec uname -a",
)
async def exec_(mon: Monitor, args: QDict) -> Finished:
    """Start the program, and poll until it has ended. Raises CommandFailedError."""
    text, options = take_leading(args["line"], {"-t": "limit"})
    limit = Limit(mon, seconds(options["limit"], "-t") if "limit" in options else None)
    try:
        words = split_words(text)
    except WordError as error:
        raise CommandFailedError(f"Error: {error.reason}\n") from error
    if not words:
        raise CommandFailedError("Error: exec needs a program\n")
    started = await mon.qmp.execute(
        "guest-exec", {"path": words[0], "arg": words[1:], "capture-output": True}
    )
    pid = started["pid"]
    # the agent cannot end a program, so Ctrl-C only ends the wait
    mon.call.continues = f"the program is still running in the guest, as process {pid}"
    status = await until_ended(mon, pid, limit)
    mon.call.continues = ""
    return finished(status)


exec_.text(finished_text)
exec_.view(finished_view)


@guest(
    "ip",
    help="show the guest's network interfaces and their addresses",
    effect=READ,
    qmp=["guest-network-get-interfaces"],
    needs="agent",
)
async def ip(mon: Monitor, args: QDict) -> list[GuestNetworkInterface]:
    """Return the interfaces."""
    return await mon.qmp.execute("guest-network-get-interfaces")


def _addresses(interface: GuestNetworkInterface) -> list[str]:
    return [
        f"{address['ip-address']}/{address['prefix']}"
        for address in interface.get("ip-addresses", ())
    ]


@ip.text
def ip_text(interfaces: list[GuestNetworkInterface]) -> Iterator[str]:
    """Yield one line per interface: name, hardware address, addresses."""
    for interface in interfaces:
        words = [interface.get("hardware-address", ""), *_addresses(interface)]
        yield f"{interface['name']}: {' '.join(filter(None, words))}".rstrip()


@ip.view
def ip_view(interfaces: list[GuestNetworkInterface]) -> RenderableType:
    """Show a table of the interfaces."""
    rows = (
        (each["name"], each.get("hardware-address"), ", ".join(_addresses(each)))
        for each in interfaces
    )
    return views.table("interface", "hardware address", "addresses", rows=rows)


@guest(
    "fsinfo",
    help="show the guest's mounted file systems",
    effect=READ,
    qmp=["guest-get-fsinfo"],
    needs="agent",
)
async def fsinfo(mon: Monitor, args: QDict) -> list[GuestFilesystemInfo]:
    """Return the file systems."""
    return await mon.qmp.execute("guest-get-fsinfo")


def _use(system: GuestFilesystemInfo) -> str:
    """Return how full a file system is, if the agent knows that."""
    total = system.get("total-bytes")
    if total is None:
        return ""
    return f"{size_text(system.get('used-bytes', 0))} of {size_text(total)}"


@fsinfo.text
def fsinfo_text(systems: list[GuestFilesystemInfo]) -> Iterator[str]:
    """Yield one line per file system: mount point, device, type, use."""
    for system in systems:
        use = _use(system)
        yield (
            f"{system['mountpoint']}: {system['name']} ({system['type']})"
            f"{f', {use} used' if use else ''}"
        )


@fsinfo.view
def fsinfo_view(systems: list[GuestFilesystemInfo]) -> RenderableType:
    """Show a table of the file systems."""
    rows = (
        (system["mountpoint"], system["name"], system["type"], _use(system))
        for system in systems
    )
    return views.table("mounted on", "device", "type", ">used", rows=rows)


@guest(
    "users",
    help="show who is logged in to the guest",
    effect=READ,
    qmp=["guest-get-users"],
    needs="agent",
)
async def users(mon: Monitor, args: QDict) -> list[GuestUser]:
    """Return the users."""
    return await mon.qmp.execute("guest-get-users")


def _since(user: GuestUser) -> str:
    """Return the time of the login, in UTC."""
    try:
        moment = datetime.fromtimestamp(user["login-time"], UTC)
    except (ValueError, OverflowError, OSError):
        return f"{user['login-time']:g}"
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


@users.text
def users_text(value: list[GuestUser]) -> Iterator[str]:
    """Yield one line per login: name and time."""
    for user in value:
        domain = f"{user['domain']}\\" if "domain" in user else ""
        yield f"{domain}{user['user']}: logged in since {_since(user)}"


@users.view
def users_view(value: list[GuestUser]) -> RenderableType:
    """Show a table of the users."""
    rows = ((user["user"], user.get("domain"), _since(user)) for user in value)
    return views.table("user", "domain", "logged in since", rows=rows)


@guest(
    "freeze",
    help="write the guest's data to its disks, and block all further writes until 'guest"
    " thaw'",
    qmp=["guest-fsfreeze-freeze"],
    needs="agent",
)
async def freeze(mon: Monitor, args: QDict) -> int:
    """Return how many file systems are frozen."""
    return await mon.qmp.execute("guest-fsfreeze-freeze")


@freeze.text
def freeze_text(count: int) -> Iterator[str]:
    """Yield the number."""
    yield f"{_systems(count)} frozen"


@guest(
    "thaw",
    help="let the guest write to its disks again, after 'guest freeze'",
    qmp=["guest-fsfreeze-thaw"],
    needs="agent",
)
async def thaw(mon: Monitor, args: QDict) -> int:
    """Return how many file systems were thawed."""
    return await mon.qmp.execute("guest-fsfreeze-thaw")


@thaw.text
def thaw_text(count: int) -> Iterator[str]:
    """Yield the number."""
    yield f"{_systems(count)} thawed"


def _systems(count: int) -> str:
    return f"{count} file system{'' if count == 1 else 's'}"


@guest(
    "shutdown",
    args_type="mode:s?",
    params="[powerdown|halt|reboot]",
    help="ask the guest's operating system to shut down",
    arguments={"powerdown|halt|reboot": "how it ends; powerdown by default"},
    effect=DESTRUCTIVE,
    qmp=["guest-shutdown"],
    needs="agent",
    kinds={"mode": SHUTDOWN_MODE},
)
async def shutdown(mon: Monitor, args: QDict) -> Empty:
    """Ask for the shutdown; the agent answers only if it cannot do it."""
    return await mon.qmp.execute("guest-shutdown", mode=args.get("mode"))


@guest(
    "read",
    args_type="file:F",
    help="show a file of the guest",
    effect=READ,
    qmp=["guest-file-open", "guest-file-read", "guest-file-close"],
    needs="agent",
    kinds={"file": GUEST_FILE},
    example="guest read /etc/os-release",
)
async def read(mon: Monitor, args: QDict) -> Contents:
    """Return the contents, read in chunks. Raises CommandFailedError if it is too large."""
    handle = await mon.qmp.execute("guest-file-open", path=args["file"], mode="rb")
    found = bytearray()
    try:
        while True:
            part = await mon.qmp.execute("guest-file-read", handle=handle, count=_CHUNK)
            found += decoded(part["buf-b64"])
            # an agent that never says eof must not be asked for ever
            if part["eof"] or not part["count"]:
                break
            if len(found) > _READ_LIMIT:
                limit = size_text(_READ_LIMIT)
                raise CommandFailedError(f"Error: the file is larger than {limit}\n")
            mon.progress("read", len(found), 0)
    finally:
        await _close(mon, handle)
    try:
        return {"text": found.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(found).decode()}


async def _close(mon: Monitor, handle: int) -> None:
    """Close a file, ignoring errors so as not to hide earlier ones."""
    with suppress(QMPError):
        await mon.qmp.execute("guest-file-close", handle=handle)


@read.text
def read_text(contents: Contents) -> Iterator[str]:
    """Yield the lines. Raises CommandFailedError if it is not text."""
    if "base64" in contents:
        raise CommandFailedError(
            "Error: the file is not UTF-8 text; -o json shows it in base64\n"
        )
    if contents["text"]:
        yield from contents["text"].removesuffix("\n").split("\n")


@guest(
    "write",
    args_type="file:F,source:F",
    params="file source",
    help="write a file of this host to a file of the guest, which is replaced",
    effect=DESTRUCTIVE,
    qmp=[
        "guest-file-open",
        "guest-file-write",
        "guest-file-flush",
        "guest-file-close",
    ],
    needs="agent",
    kinds={"file": GUEST_FILE, "source": OUR_FILE},
    example="guest write /etc/motd motd",
)
async def write(mon: Monitor, args: QDict) -> dict[str, int]:
    """Write the file in chunks; return the number of bytes. Raises CommandFailedError."""
    try:
        data = await mon.front.read_file(os.path.expanduser(args["source"]))
    except OSError as error:
        reason = f"cannot read {args['source']}: {error.strerror}"
        raise CommandFailedError(f"Error: {reason}\n") from error
    handle = await mon.qmp.execute("guest-file-open", path=args["file"], mode="wb")
    written = 0
    try:
        while written < len(data):
            chunk = b64encode(data[written : written + _CHUNK]).decode()
            done = await mon.qmp.execute(
                "guest-file-write", {"handle": handle, "buf-b64": chunk}
            )
            # the same for one that writes nothing
            if done["count"] <= 0:
                raise CommandFailedError(f"Error: only {written} bytes were written\n")
            written += done["count"]
            mon.progress("write", written, len(data))
        await mon.qmp.execute("guest-file-flush", handle=handle)
    finally:
        await _close(mon, handle)
    return {"bytes": written}


@write.text
def write_text(value: dict[str, int]) -> Iterator[str]:
    """Yield the number of bytes."""
    yield f"{value['bytes']} bytes written"
