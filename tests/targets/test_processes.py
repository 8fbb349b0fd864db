"""What ``/proc`` says of a process, tried on this one."""

from __future__ import annotations

import os

import pytest

from hmp.targets.processes import LocalProcess


def test_the_pseudo_terminals_of_a_process() -> None:
    """Those whose masters it has open, in the order of their descriptors."""
    place, found = f"/proc/{os.getpid()}", ("program", "/program", list[str]())
    before = LocalProcess(place, os.getpid(), found).terminals()
    made = [os.openpty() for _ in range(2)]
    names = [os.ttyname(end) for _, end in made]
    listed = LocalProcess(place, os.getpid(), found).terminals()
    for pair in made:
        for end in pair:
            os.close(end)

    assert [name for name in listed if name not in before] == names


@pytest.mark.parametrize("path", ["/tmp", "/no/such/file"])
def test_a_path_of_a_process_is_reached_from_here(path: str) -> None:
    """As it is, since it has our root."""
    process = LocalProcess(f"/proc/{os.getpid()}", os.getpid(), ("program", "/program", []))

    assert process.reachable(path) == path
