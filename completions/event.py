"""Events by their names."""

from completions.job import jobs
from hmp.authoring import Connection, Kind, QDict, Word

EVENT = Kind("event name, or a pattern with * and ?")


def _awaited(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a job's name behind ``job``, and an option behind what is waited for."""
    words = str(args.get("what", "")).split()
    if words == ["job"]:
        return 0, "job"
    return 0, "option" if words else ""


AWAITED = Kind("event, or job and the id of one", place=_awaited)


@EVENT.fetcher
async def events(qmp: Connection, context: str) -> list[Word]:
    """Return the events that the machine's schema has."""
    entries = (await qmp.schema()).entries.values()
    return sorted((e["name"], "event") for e in entries if e["meta-type"] == "event")


@AWAITED.fetcher
async def awaited(qmp: Connection, context: str) -> list[Word]:
    """Return what can be waited for; behind ``job`` the jobs that there are."""
    if context == "option":
        return [("--timeout", "seconds, then it fails")]
    if context == "job":
        return await jobs(qmp, "")
    return [*await events(qmp, ""), ("job", "the end of a job")]
