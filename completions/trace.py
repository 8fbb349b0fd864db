"""Trace events, by name or by a pattern."""

from hmp.authoring import Connection, Kind, Word

TRACE_EVENT = Kind("trace event")


@TRACE_EVENT.fetcher
async def trace_events(qmp: Connection, context: str) -> list[Word]:
    """Return all trace events, and whether each is on."""
    events = await qmp.execute("trace-event-get-state", name="*")
    return sorted((event["name"], event["state"]) for event in events)
