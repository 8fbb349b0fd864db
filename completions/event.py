"""Events, by name."""

from completions.job import jobs
from completions.sentences import EVENTS
from hmp.authoring import Connection, Kind, QDict, Word

EVENT = Kind("event name, or a pattern with * and ?")


def _awaited(typed: str, args: QDict) -> tuple[int, str]:
    """Complete an event or ``job``; then a job's id, members of data and the option."""
    words = str(args.get("what", "")).split()
    if not words:
        return 0, ""
    if words[-1] == "--timeout":
        return 0, "--timeout"
    if words[0] == "job":
        return 0, "job" if len(words) == 1 else "job id"
    path, equals, _ = typed.partition("=")
    return (len(path) + 1, f"{words[0]} {path}") if equals else (0, words[0])


AWAITED = Kind("event, or 'job' and a job id", place=_awaited)
_OPTION = ("--timeout", "fail after this many seconds")


@EVENT.fetcher
async def events(qmp: Connection, context: str) -> list[Word]:
    """Return the events in the machine's schema."""
    entries = (await qmp.schema()).entries.values()
    names = (entry["name"] for entry in entries if entry["meta-type"] == "event")
    return sorted((name, EVENTS.get(name, "event")) for name in names)


@AWAITED.fetcher
async def awaited(qmp: Connection, context: str) -> list[Word]:
    """Return the events and ``job``, the job ids, or members of data and the option."""
    if context == "":
        return [*await events(qmp, ""), ("job", "the end of a job")]
    if context == "--timeout":
        return []
    if context == "job":
        return await jobs(qmp, "")
    if context == "job id":
        return [_OPTION]
    event, value_of, path = context.partition(" ")
    schema = await qmp.schema()
    if value_of:
        # introspection gives types no names but numbers; the entry of the event has its own
        data = str(schema.entries.get(event, {}).get("arg-type", ""))
        return schema.value_words(schema.type_at(data, {}, path.split("."))[0])
    members = schema.members(event)
    return [
        *((f"{each['name']}=", schema.type_words(each["type"])) for each in members),
        _OPTION,
    ]
