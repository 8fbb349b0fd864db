"""Events, by name."""

from completions.job import jobs
from completions.sentences import EVENTS
from hmp.authoring import Connection, Kind, QDict, Word

EVENT = Kind("event name, or a pattern with * and ?")


def _awaited(typed: str, args: QDict) -> tuple[int, str]:
    """Complete an event or ``job``, then a job's id or an option."""
    words = str(args.get("what", "")).split()
    if words == ["job"]:
        return 0, "job"
    return 0, "option" if words else ""


AWAITED = Kind("event, or 'job' and a job id", place=_awaited)


@EVENT.fetcher
async def events(qmp: Connection, context: str) -> list[Word]:
    """Return the events in the machine's schema."""
    entries = (await qmp.schema()).entries.values()
    names = (entry["name"] for entry in entries if entry["meta-type"] == "event")
    return sorted((name, EVENTS.get(name, "event")) for name in names)


@AWAITED.fetcher
async def awaited(qmp: Connection, context: str) -> list[Word]:
    """Return the events and ``job``, the job ids, or the option."""
    if context == "option":
        return [("--timeout", "fail after this many seconds")]
    if context == "job":
        return await jobs(qmp, "")
    return [*await events(qmp, ""), ("job", "the end of a job")]
