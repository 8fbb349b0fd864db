"""Block jobs."""

from hmp.authoring import Connection, Kind, Word

BLOCK_JOB = Kind("block job", closed=True)


@BLOCK_JOB.fetcher
async def block_jobs(qmp: Connection, context: str) -> list[Word]:
    """Return the jobs that run, and how far they are."""
    jobs = await qmp.execute("query-block-jobs")
    return [(j["device"], f"{j['type']}, {j['offset']} of {j['len']}") for j in jobs]
