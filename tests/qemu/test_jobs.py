"""The ten jobs of the benchmark, on a real QEMU."""

from __future__ import annotations

import gc
import shutil

import pytest

from tests.benchmarks.jobs.measure import jobs


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # qemu.qmp leaves its loops open
@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="no qemu-img")
def test_each_job_has_the_same_result_in_fewer_lines(qemu_command: list[str]) -> None:
    """As with QEMU's own packages; the last job needs those of its sources."""
    # QEMU's package starts programs only, without a word before them
    plain = [word for word in qemu_command if "qemu-system" in word][:1] == qemu_command
    with jobs(qemu_command, count=3) as found:
        wanted = [job for job in found if plain or job.name != "start"]
        assert len(wanted) >= 9
        for job in wanted:
            ours, theirs = job.results()
            assert ours == theirs, job.name
            assert job.lines[0] < job.lines[1], job.name
    gc.collect()  # what was left open is found here
