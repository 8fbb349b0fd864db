"""Block jobs, and jobs in general."""

from hmp.authoring import Connection, Kind, Word, natural

BLOCK_JOB = Kind("block job", closed=True)


@BLOCK_JOB.fetcher
async def block_jobs(qmp: Connection, context: str) -> list[Word]:
    """Return the running block jobs, each with its progress."""
    jobs = await qmp.execute("query-block-jobs")
    found = ((j["device"], f"{j['type']}, {j['offset']} of {j['len']}") for j in jobs)
    return natural(found)


async def jobs(qmp: Connection, context: str) -> list[Word]:
    """Return all jobs, each with its type and status."""
    found = await qmp.execute("query-jobs")
    return natural((job["id"], f"{job['type']}, {job['status']}") for job in found)
