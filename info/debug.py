"""QEMU's internals: translation, tracing, profiles, statistics, replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.stats import STAT_NAMES, STAT_PROVIDER, STAT_TARGET
from completions.trace import TRACE_EVENT, event_cpu
from hmp.authoring import Call, Monitor, QDict, Text, bare_errors, info, views
from info._stats import provider_lines, provider_views, statistics
from info._text import sections

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import ReplayInfo, TraceEventInfo
    from info._stats import Statistics

CATEGORY = "Debugging"

jit = info.report(
    "jit", "x-query-jit", help="show statistics of the translator of guest code"
)
jit.view(sections)

opcount = info.report(
    "opcount", "x-query-opcount", help="show how often each TCG operation was used"
)
profile = info.report("profile", "x-query-profile", help="show how QEMU spends its time")


@info(
    "trace-events",
    args_type="name:s?,vcpu:i?",
    help="show the trace events and their states (name may contain * and ?)",
    arguments={
        "name": "trace event; may contain * and ?",
        "vcpu": "only events of this CPU",
    },
    words="tracing",
    qmp=["trace-event-get-state", "query-qmp-schema"],
    kinds={"name": TRACE_EVENT},
    example="info trace-events virtio*",
    failure=r"\A(unknown event |invalid vCPU index )",
)
async def trace_events(mon: Monitor, args: QDict) -> list[TraceEventInfo]:
    """Return a list of TraceEventInfo; only older releases have events per CPU."""
    cpu = await event_cpu(mon.qmp, "trace-event-get-state", args)
    pattern = args.get("name", "*")
    # QEMU reports an unknown event without the usual "Error: "
    with bare_errors():
        return await mon.qmp.execute("trace-event-get-state", name=pattern, vcpu=cpu)


@trace_events.text
def trace_events_text(value: list[TraceEventInfo]) -> Iterator[str]:
    """Yield a line per event."""
    for event in value:
        yield f"{event['name']} : state {int(event['state'] == 'enabled')}"


@trace_events.view
def trace_events_view(value: list[TraceEventInfo], call: Call) -> RenderableType:
    """Show the names side by side, those of the enabled events first."""
    from rich.console import Group

    if not value and "name" in call.args:
        return views.text(f"No trace event matches '{call.args['name']}'")
    groups = {"enabled": "on", "disabled": "off", "unavailable": "not compiled in"}
    parts: list[RenderableType] = []
    for state, word in groups.items():
        names = sorted(event["name"] for event in value if event["state"] == state)
        if names:
            heading = views.text(f"{word}: {len(names)}", "hmp.title")
            parts += [heading, views.columns(names)]
    return Group(*parts)


@info(
    "stats",
    args_type="target:s,names:s?,provider:s?",
    help="show statistics of the machine or its CPUs",
    arguments={
        "target": "vm or vcpu",
        "names": "statistics, separated by commas; * for all",
        "provider": "the source of the statistics, such as kvm",
    },
    words="statistics, counters, kvm exits",
    qmp=["query-stats-schemas", "query-stats", "query-cpus-fast"],
    checks=True,
    kinds={"target": STAT_TARGET, "names": STAT_NAMES, "provider": STAT_PROVIDER},
    example="info stats vcpu exits,halt_exits kvm",
    failure=r"\Ainvalid stats (target|provider) ",
)
async def stats(mon: Monitor, args: QDict) -> Statistics:
    """Return the StatsResults, and the StatsSchemas that describe them."""
    return mon.look(await statistics(mon, args))


@stats.text
def stats_text(value: Statistics, call: Call) -> Iterator[str]:
    """Yield a paragraph per provider, with its name unless it was asked for."""
    yield from provider_lines(value, call.args)


@stats.view
def stats_view(value: Statistics, call: Call) -> RenderableType | None:
    """Show a table per provider, with the increase since the last look."""
    return provider_views(value, call)


sync_profile = info.passthrough(
    "sync-profile",
    args_type="mean:-m,no_coalesce:-n,max:i?",
    help="show how long threads waited for locks (-m: sort by mean time, -n: per object)",
    arguments={"max": "the maximum number of entries; by default 10"},
    words="lock contention, mutex",
    example="info sync-profile -m 15",
)

# after the kind comes the lock's address, or in brackets how many locks share the place
_LOCK = re.compile(
    r"(?P<kind>\S.*?) +(?:0x[0-9a-f]+|\[ *\d+\])  (?P<site>\S+) +(?P<time>[\d.]+)"
    r" +(?P<count>\d+) +(?P<mean>[\d.]+)"
)


@sync_profile.view
def sync_profile_view(value: Text) -> RenderableType | None:
    """Show a table of the locks, in QEMU's order."""
    lines = [line for line in value.splitlines() if line.strip("-")]
    if not lines or not lines[0].startswith("Type "):
        return None
    if len(lines) == 1:
        return views.text("no thread waited; 'sync-profile on' starts the profile")
    found = [_LOCK.fullmatch(line) for line in lines[1:]]
    rows = [
        (lock["time"], lock["count"], lock["mean"], lock["kind"], lock["site"])
        for lock in found
        if lock is not None
    ]
    # an unknown layout is shown as QEMU printed it
    if len(rows) < len(found):
        return None
    return views.table(">waited s", ">times", ">mean µs", "lock", "where", rows=rows)


replay: Declaration[ReplayInfo] = info.direct(
    "replay", "query-replay", help="show whether execution is recorded or replayed"
)


@replay.text
def replay_text(value: ReplayInfo) -> Iterator[str]:
    """Yield the mode, the file and the instruction count."""
    if value["mode"] == "none":
        yield "Record/replay is not active"
        return
    what = "Recording" if value["mode"] == "record" else "Replaying"
    file = value.get("filename", "")
    yield f"{what} execution '{file}': instruction count = {value['icount']}"


@replay.view
def replay_view(value: ReplayInfo) -> RenderableType | None:
    """Show the state, then the progress in instructions."""
    if value["mode"] == "none":
        return None
    return views.facts(
        [
            ("state", views.state(value["mode"], True)),
            ("instructions", f"{value['icount']:,}"),
            ("file", value.get("filename")),
        ]
    )
