"""Events by their names."""

from hmp.authoring import Connection, Kind, Word

EVENT = Kind("event name, or a pattern with * and ?")


@EVENT.fetcher
async def events(qmp: Connection, context: str) -> list[Word]:
    """Return the events that the machine's schema has."""
    entries = (await qmp.schema()).entries.values()
    return sorted((e["name"], "event") for e in entries if e["meta-type"] == "event")
