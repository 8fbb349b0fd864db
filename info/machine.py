"""The machine as a whole: its name, version and state."""

from __future__ import annotations

from collections.abc import Iterator

from hmp.authoring import Monitor, QDict, info, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import NameInfo, StatusInfo, UuidInfo, VersionInfo

CATEGORY = "Machine"


version: Declaration[VersionInfo] = info.direct(
    "version",
    "query-version",
    help="show the version of QEMU, or of the program in its place",
    words="release, which qemu",
)


@version.text
def version_text(value: VersionInfo) -> Iterator[str]:
    """Yield the version and, as in QEMU without a blank before it, the package."""
    qemu = value["qemu"]
    yield f"{qemu['major']}.{qemu['minor']}.{qemu['micro']}{value['package']}"


@version.view
def version_view(value: VersionInfo) -> RenderableType:
    """Show the version and the name of the package."""
    number = ".".join(str(value["qemu"][part]) for part in ("major", "minor", "micro"))
    package = value["package"].strip(" ()")  # QEMU sends it in brackets, after a blank
    return views.facts([("version", number), ("package", package or None)])


status: Declaration[StatusInfo] = info.direct(
    "status",
    "query-status",
    help="show whether the machine runs, and why not",
    words="state, running, paused, is it running",
)


@status.text
def status_text(value: StatusInfo) -> Iterator[str]:
    """Yield the state, with the reason unless it is a plain pause."""
    running, word = value["running"], value["status"]
    step = " (single step mode)" if value.get("singlestep") else ""
    reason = f" ({word})" if not running and word != "paused" else ""
    yield f"VM status: {'running' if running else 'paused'}{step}{reason}"


@status.view
def status_view(value: StatusInfo) -> RenderableType:
    """Show the state with its mark."""
    return views.state(value["status"])


name: Declaration[NameInfo] = info.direct(
    "name", "query-name", help="show the machine's name", words="which machine"
)


@name.text
def name_text(value: NameInfo) -> Iterator[str]:
    """Yield the name, or nothing if the machine does not have one."""
    if "name" in value:
        yield value["name"]


@name.view
def name_view(value: NameInfo) -> RenderableType | None:
    """Show the name on one line, with control characters made harmless."""
    return views.text(value["name"]) if "name" in value else None


uuid: Declaration[UuidInfo] = info.direct(
    "uuid", "query-uuid", help="show the machine's UUID"
)


@uuid.text
def uuid_text(value: UuidInfo) -> Iterator[str]:
    """Yield the UUID."""
    yield value["UUID"]


@info(
    "history",
    help="show the lines typed in this session",
    words="previous lines, past commands",
)
async def history(mon: Monitor, args: QDict) -> list[str]:
    """Return the lines, oldest first."""
    return list(mon.front.history())


@history.text
def history_text(lines: list[str]) -> Iterator[str]:
    """Yield the lines with their numbers."""
    for number, line in enumerate(lines):
        yield f"{number}: '{line}'"
