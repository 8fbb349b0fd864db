from __future__ import annotations

import pytest

from tests.fakes import FakeSession

CPUS = [{"cpu-index": 0}, {"cpu-index": 3}]


def test_cpu_is_kept_when_it_is_there() -> None:
    """The machine is asked which there are; the choice is the monitor's own."""
    session = FakeSession({"query-cpus-fast": CPUS})

    assert session.prints("cpu 1+2") == ""
    assert session.monitor.cpu == 3
    assert session.calls == [("query-cpus-fast", {})]


@pytest.mark.parametrize("line", ["cpu 1", "cpu 0xffffffff"])
def test_cpu_that_is_not_there(line: str) -> None:
    """The choice stays as it was."""
    session = FakeSession({"query-cpus-fast": CPUS})
    session.call("cpu 3")

    assert session.prints(line) == "invalid CPU index\n"
    assert session.monitor.cpu == 3


def test_cpu_without_any() -> None:
    """Not even the first is there."""
    assert FakeSession({"query-cpus-fast": []}).prints("cpu 0") == "invalid CPU index\n"
