"""Block jobs and their progress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import info, size_text, views

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import BlockJobInfo

CATEGORY = "Block jobs"

_NONE = "No active jobs"


block_jobs: Declaration[list[BlockJobInfo]] = info.direct(
    "block-jobs",
    "query-block-jobs",
    help="show the block jobs and their progress",
    words="jobs, progress, backup progress",
    after_preconfig=True,
)


@block_jobs.text
def block_jobs_text(jobs: list[BlockJobInfo]) -> Iterator[str]:
    """Yield a line per job; QEMU has a different wording for streams."""
    if not jobs:
        yield _NONE
    for job in jobs:
        what = f"Type {job['type']}, device"
        if job["type"] == "stream":
            what = "Streaming device"
        yield (
            f"{what} {job['device']}: Completed {job['offset']} of {job['len']} bytes,"
            f" speed limit {job['speed']} bytes/s"
        )


@block_jobs.view
def block_jobs_view(jobs: list[BlockJobInfo]) -> RenderableType:
    """Show a table of the jobs, each with a progress bar."""
    if not jobs:
        return views.text(_NONE)
    return views.table(
        "job",
        "type",
        "state",
        "done",
        ">of",
        ">limit",
        rows=(
            (
                job["device"],
                job["type"],
                _state(job),
                _bar(job),
                size_text(job["len"]),
                f"{size_text(job['speed'])}/s" if job["speed"] else None,
            )
            for job in jobs
        ),
    )


def _bar(job: BlockJobInfo) -> Text:
    """Return the progress of a job; one that has nothing to copy is ready at once."""
    if job["ready"] and not job["len"]:
        return views.bar(1, 1, 16)
    return views.bar(job["offset"], job["len"], 16)


def _state(job: BlockJobInfo) -> Text:
    """Return the job's state, or its I/O status if that is an error."""
    if job["io-status"] != "ok":
        return views.state(job["io-status"])
    return views.state(job.get("status", "paused" if job["paused"] else "running"))
