"""Migration: its progress, capabilities and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from hmp.authoring import (
    Call,
    Monitor,
    QDict,
    UsageError,
    forward_line,
    info,
    releases,
    size_text,
    views,
)
from info._migration import details, lines, uri
from info._migration_old import old_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.display.views import Cell
    from hmp.qmp.reply_types import (
        BitmapMigrationNodeAlias,
        MigrationCapabilityStatus,
        MigrationInfo,
        MigrationParameters,
        MigrationStats,
    )

CATEGORY = "Migration"

_GLOBALS = r"globals:\n(?:.*\n)*? *clear-bitmap-shift: .*\n"


class Migration(dict[str, object]):
    """QMP's MigrationInfo with the globals, which only QEMU's own monitor prints.

    globals: the lines of that text.
    """

    globals = ""

    @property
    def info(self) -> MigrationInfo:
        """The members with their types, which a class of its own cannot have."""
        return cast("MigrationInfo", self)


@info(
    "migrate",
    args_type="all:-a",
    help="show the progress of a migration (-a: all details)",
    words="migration progress, migration status",
    qmp=["query-migrate"],
)
async def migrate(mon: Monitor, args: QDict) -> Migration:
    """Return MigrationInfo, with the globals for the layouts that show them.

    The globals are properties of the migration object that QMP does not have, so they
    are cut out of the text that QEMU's monitor prints. Raises UsageError for -a on a
    release that does not know it.
    """
    old = mon.qmp.version < releases.SHORT_MIGRATION
    if old and args.get("all"):
        # the words in which the release's own monitor refuses the option
        reason = "migrate: extraneous characters at the end of line"
        raise UsageError(mon.line.command, reason, shown=True)
    value = Migration(await mon.qmp.execute("query-migrate"))
    # not every machine offers human-monitor-command
    if (old or args.get("all")) and mon.qmp.has_hmp:
        match = re.search(_GLOBALS, await forward_line(mon), re.IGNORECASE)
        value.globals = match.group() if match else ""
    return value


@migrate.text
def migrate_text(value: Migration, call: Call) -> Iterator[str]:
    """Yield the lines of the release's layout."""
    if call.version < releases.SHORT_MIGRATION:
        yield from value.globals.splitlines()
        yield from old_lines(value.info)
        return
    yield from lines(value.info)
    if call.args.get("all"):
        yield from value.globals.splitlines()
        yield from details(value.info, call.version)


# in other states the speed is that of the past
_BUSY = ("active", "device", "postcopy-active", "postcopy-recover", "colo")


@migrate.view
def migrate_view(value: Migration, call: Call) -> RenderableType:
    """Show the state and the progress first, then the speed and the times."""
    found = _state(value.info) if value else views.text("no migration so far", "hmp.detail")
    if not call.args.get("all"):
        return found
    from rich.console import Group

    more = map(views.text, details(value.info, call.version))
    return Group(found, "", views.facts(_globals(value.globals)), *more)


def _globals(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the globals."""
    for line in text.splitlines():
        name, colon, setting = line.strip().partition(": ")
        if colon:
            yield name, setting


def _state(value: MigrationInfo) -> RenderableType:
    status, ram = value.get("status"), value.get("ram")
    return views.facts(
        [
            ("state", views.state(status, _good(status)) if status else None),
            ("error", value.get("error-desc")),
            *(_progress(status, ram) if ram else ()),
            ("total time", _milliseconds(value.get("total-time") or None)),
            ("downtime", _milliseconds(value.get("downtime"))),
            ("expected downtime", _milliseconds(value.get("expected-downtime"))),
            ("CPUs throttled", _percent(value.get("cpu-throttle-percentage"))),
            *(("listening at", uri(a)) for a in value.get("socket-address", ())),
            *(("blocked", reason) for reason in value.get("blocked-reasons", ())),
        ]
    )


def _good(status: str) -> bool | None:
    return True if status in (*_BUSY, "completed") else None


def _progress(status: str | None, ram: MigrationStats) -> Iterator[tuple[str, Cell]]:
    """Yield the progress and speed of the transfer of the guest's memory."""
    # QEMU counts in millions of bits per second
    left, speed = ram["remaining"], ram["mbps"] * 1e6 / 8
    if status != "failed":
        yield "progress", views.bar(ram["total"] - left, ram["total"], 30)
    if status in _BUSY:
        yield "throughput", f"{ram['mbps']:,.0f} Mbit/s"
        rest = f", about {left / speed:.0f} s" if speed else ""
        yield "remaining", f"{size_text(left)} of {size_text(ram['total'])}{rest}"
        dirtied = ram["dirty-pages-rate"] * ram["page-size"]
        yield "dirtied anew", f"{size_text(dirtied)}/s" if dirtied else None
    yield "transferred", size_text(ram["transferred"])
    yield "passes", ram["dirty-sync-count"]


def _milliseconds(value: int | None) -> str | None:
    if value is None or value >= 1 << 62:
        return None  # QEMU does not know it yet and sends a huge number
    return f"{value} ms" if value < 10_000 else f"{value / 1000:,.1f} s"


def _percent(value: int | None) -> str | None:
    return f"{value} %" if value else None


migrate_capabilities: Declaration[list[MigrationCapabilityStatus]] = info.direct(
    "migrate_capabilities",
    "query-migrate-capabilities",
    help="show the migration capabilities and which are on",
)


@migrate_capabilities.text
def migrate_capabilities_text(value: list[MigrationCapabilityStatus]) -> Iterator[str]:
    """Yield a line per capability."""
    for item in value:
        yield f"{item['capability']}: {_on_off(item['state'])}"


def _on_off(value: bool) -> str:
    return "on" if value else "off"


@migrate_capabilities.view
def migrate_capabilities_view(value: list[MigrationCapabilityStatus]) -> RenderableType:
    """Show a table of the capabilities, those that are on first."""
    return views.table(
        "capability",
        "state",
        rows=(
            (item["capability"], views.state(_on_off(item["state"])))
            for item in sorted(value, key=lambda item: not item["state"])
        ),
    )


migrate_parameters: Declaration[MigrationParameters] = info.direct(
    "migrate_parameters",
    "query-migrate-parameters",
    help="show the parameters of migrations",
)


_SPEED = "bytes/second"
_PARAMETERS = {
    "announce-initial": "ms",
    "announce-max": "ms",
    "announce-rounds": "",
    "announce-step": "ms",
    "compress-level": "",
    "compress-threads": "",
    "compress-wait-thread": "",
    "decompress-threads": "",
    "throttle-trigger-threshold": "",
    "cpu-throttle-initial": "",
    "cpu-throttle-increment": "",
    "cpu-throttle-tailslow": "",
    "max-cpu-throttle": "",
    "tls-creds": "''",
    "tls-hostname": "''",
    "tls-authz": "''",
    "max-bandwidth": _SPEED,
    "avail-switchover-bandwidth": _SPEED,
    "max-postcopy-bandwidth": _SPEED,
    "downtime-limit": "ms",
    "x-checkpoint-delay": "ms",
    "block-incremental": "",
    "multifd-channels": "",
    "multifd-compression": "",
    "zero-page-detection": "",
    "xbzrle-cache-size": "bytes",
    "block-bitmap-mapping": "nodes",
    "x-vcpu-dirty-limit-period": "ms",
    "vcpu-dirty-limit": "MB/s",
    "mode": "",
    "direct-io": "",
    "x-rdma-chunk-size": "bytes",
    "cpr-exec-command": "words",
}
"""The parameters in the order of QEMU's text, each with its unit or its format."""
_LATE = {"max-postcopy-bandwidth": "", "tls-authz": "''"}
"""The parameters that older releases show after the cache size, without a unit."""


def _parameters(version: tuple[int, int, int]) -> Iterator[tuple[str, str]]:
    old = version < releases.PARAMETERS_REORDERED
    for key, unit in _PARAMETERS.items():
        if not (old and key in _LATE):
            yield key, unit
        if old and key == "xbzrle-cache-size":
            yield from _LATE.items()


@migrate_parameters.text
def migrate_parameters_text(value: MigrationParameters, call: Call) -> Iterator[str]:
    """Yield a line per parameter, in the release's order."""
    settings: Mapping[str, object] = value
    for key, unit in _parameters(call.version):
        if key not in settings:
            continue
        if unit == "nodes":
            yield f"{key}:"
            yield from _mapping_lines(value.get("block-bitmap-mapping", []))
        elif unit == "words":
            yield f"{key}:{''.join(f' {word}' for word in _items(settings[key]))}"
        else:
            yield f"{key}: {_parameter(settings[key], unit)}"


def _items(value: object) -> list[object]:
    """Return the items of a parameter that is a list."""
    return value if isinstance(value, list) else []


def _parameter(value: object, unit: str) -> str:
    if unit == "''":
        return f"'{value or ''}'"
    if isinstance(value, bool):
        return _on_off(value)
    return f"{value} {unit}" if unit else str(value)


def _mapping_lines(nodes: list[BitmapMigrationNodeAlias]) -> Iterator[str]:
    for node in nodes:
        yield f"  '{node['node-name']}' -> '{node['alias']}'"
        for bitmap in node["bitmaps"]:
            yield f"    '{bitmap['name']}' -> '{bitmap['alias']}'"


@migrate_parameters.view
def migrate_parameters_view(value: MigrationParameters, call: Call) -> RenderableType:
    """Show a table of the parameters, sizes with a readable unit."""
    settings: Mapping[str, object] = value
    return views.table(
        "parameter",
        ">value",
        rows=(
            (key, _readable(settings[key], unit))
            for key, unit in _PARAMETERS.items()
            if key in settings
        ),
    )


def _readable(value: object, unit: str) -> str:
    if isinstance(value, int) and unit == "bytes":
        return size_text(value)
    if isinstance(value, int) and unit == _SPEED:
        return f"{size_text(value)}/s" if value else "no limit"
    if unit == "nodes":
        return f"{len(_items(value))} nodes"
    if unit == "words":
        return " ".join(map(str, _items(value)))
    return _parameter(value, unit).strip("'")
