"""Readings of one machine: what its replies become."""

from __future__ import annotations

from typing import Any

import pytest

from hmp.fleet.process_usage import ProcessUsage
from hmp.fleet.sample import Sample, Sampler, reading, unanswered
from hmp.frontends.script import drive
from hmp.qmp.errors import NoReplyError, QMPError
from tests.fakes import FakeConnection

DISK = {"stats": {"rd_bytes": 100, "wr_bytes": 10, "rd_operations": 4, "wr_operations": 1}}


def sample(when: float, process: ProcessUsage | None = None, **replies: Any) -> Sample:
    """Return a sample of replies, whose names have underscores."""
    named = {key.replace("_", "-"): value for key, value in replies.items()}
    return Sample(when, named, process)


def test_rates_are_those_since_the_last_sample() -> None:
    """Bytes and operations of all disks, CPU time in percent, the network's bytes."""
    more = {key: value + 50 for key, value in DISK["stats"].items()}
    found = reading(
        "vm",
        sample(10.0, ProcessUsage(100, 4096, 7, None), query_blockstats=[DISK]),
        sample(12.0, ProcessUsage(150, 8192, 27, None), query_blockstats=[{"stats": more}]),
    )

    assert found == {
        "target": "vm",
        "resident": 8192,
        "cpu": 25.0,
        "read": 25.0,
        "written": 25.0,
        "reads": 25.0,
        "writes": 25.0,
        "received": 10.0,
    }


def test_counters_that_went_back_are_no_rate_below_zero() -> None:
    """A disk was taken away, or the machine is another one."""
    found = reading(
        "vm", sample(1.0, query_blockstats=[DISK, DISK]), sample(2.0, query_blockstats=[])
    )

    assert (found["read"], found["writes"]) == (0, 0)


@pytest.mark.parametrize(
    ("before", "now", "rates"),
    [
        ({}, {}, set()),
        ({"query_blockstats": [DISK]}, {}, set()),
        ({}, {"query_blockstats": [DISK]}, set()),
        (
            {"query_blockstats": []},
            {"query_blockstats": [DISK]},
            {"read", "written", "reads", "writes"},
        ),
        ({"process": ProcessUsage(1, 2, None, None)}, {}, set()),
        (
            {"process": ProcessUsage(1, 2, None, 5)},
            {"process": ProcessUsage(1, 2, 7, 5)},
            {"resident", "cpu", "sent"},
        ),
    ],
)
def test_a_rate_needs_two_numbers(
    before: dict[str, Any], now: dict[str, Any], rates: set[str]
) -> None:
    """What only one of two samples knows has none."""
    found = reading("vm", sample(1.0, **before), sample(2.0, **now))

    assert found.keys() == {"target", *rates}
    assert reading("vm", sample(2.0, **before), sample(2.0, **now)).keys() <= {
        "target",
        "resident",
    }


@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ({"query_status": {"status": "paused", "running": False}}, {"state": "paused"}),
        ({"query_cpus_fast": [{}, {}]}, {"cpus": 2}),
        ({"query_memory_size_summary": {"base-memory": 5}}, {"memory": 5}),
        (
            {"query_memory_size_summary": {"base-memory": 5, "plugged-memory": 2}},
            {"memory": 7},
        ),
        ({"query_balloon": {"actual": 3}}, {"balloon": 3}),
        ({"query_jobs": []}, {"jobs": []}),
        ({"process": ProcessUsage(1, 4096, None, None)}, {"resident": 4096}),
    ],
)
def test_what_one_look_tells(replies: dict[str, Any], found: dict[str, Any]) -> None:
    """Each number is of one reply, or of the process."""
    assert reading("vm", None, sample(1.0, **replies)) == {"target": "vm", **found}


def test_a_machine_that_does_not_answer() -> None:
    """Its reading says why."""
    reason = "no answer within 1 s"
    assert unanswered("vm", reason) == {
        "target": "vm",
        "state": "no answer",
        "error": reason,
    }


def test_what_is_not_known_is_absent() -> None:
    """A first sample has no rates, and a machine may know next to nothing."""
    assert reading("vm", None, sample(1.0)) == {"target": "vm"}


def test_work_is_shown_with_its_part() -> None:
    """Running migrations, and jobs; an unknown total counts as nothing done."""
    job = {"id": "j", "type": "mirror", "status": "running"}
    found = reading(
        "vm",
        None,
        sample(
            1.0,
            query_migrate={"status": "active", "ram": {"total": 200, "remaining": 50}},
            query_jobs=[job | {"current-progress": 1, "total-progress": 0}],
        ),
    )

    assert found["migration"] == {"status": "active", "done": 0.75}
    assert found["jobs"] == [job | {"done": 0.0}]
    begun = reading("vm", None, sample(1.0, query_migrate={"status": "setup"}))
    assert begun["migration"] == {"status": "setup", "done": 0.0}
    ended = reading("vm", None, sample(1.0, query_migrate={"status": "completed"}))
    assert "migration" not in ended


def test_exits_are_summed() -> None:
    """As KVM counts them for each virtual CPU."""
    results = [{"stats": [{"name": "exits", "value": count}]} for count in (5, 7)]
    later = [{"stats": [{"name": "exits", "value": count}]} for count in (15, 17)]
    found = reading("vm", sample(0, query_stats=results), sample(1, query_stats=later))

    assert found["exits"] == 20


def test_a_command_that_is_missing_is_asked_for_once() -> None:
    """One that fails for now is asked for again."""
    connection = FakeConnection(
        {
            "query-status": {"status": "running", "running": True},
            "query-balloon": QMPError("no balloon", "DeviceNotActive"),
        }
    )
    sampler = Sampler(connection)
    assert drive(sampler.reading("vm")) == {"target": "vm", "state": "running"}
    connection.calls.clear()
    drive(sampler.reading("vm"))

    assert [name for name, _ in connection.calls] == ["query-status", "query-balloon"]


def test_a_reply_of_the_wrong_shape_is_not_known() -> None:
    """Nor does it hide the others."""
    connection = FakeConnection({"query-status": "on fire", "query-blockstats": [7]})
    connection.fills = False

    assert drive(Sampler(connection).reading("vm")) == {"target": "vm"}


def test_a_late_reply_is_no_answer() -> None:
    """The caller says so."""
    connection = FakeConnection({"query-status": NoReplyError("late")})

    with pytest.raises(NoReplyError):
        drive(Sampler(connection).reading("vm"))
