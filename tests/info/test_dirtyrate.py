from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import NEWEST, FakeSession, joined

RATE = {
    "status": "measured",
    "start-time": 12,
    "calc-time": 1,
    "sample-pages": 512,
    "mode": "page-sampling",
    "dirty-rate": 108,
}
OLD = (7, 2, 0)


@pytest.mark.parametrize(
    ("members", "version", "lines"),
    [
        (
            {},
            NEWEST,
            [
                "Status: measured",
                "Start Time: 12 (ms)",
                "Sample Pages: 512 (per GB)",
                "Period: 1 (sec)",
                "Mode: page-sampling",
                "Dirty rate: 108 (MB/s)",
            ],
        ),
        (
            {"mode": "dirty-ring", "vcpu-dirty-rate": [{"id": 0, "dirty-rate": 7}]},
            NEWEST,
            [
                "Status: measured",
                "Start Time: 12 (ms)",
                "Period: 1 (sec)",
                "Mode: dirty-ring",
                "Dirty rate: 108 (MB/s)",
                "vcpu[0], Dirty rate: 7 (MB/s)",
            ],
        ),
        (
            {"mode": "dirty-bitmap", "dirty-rate": None, "status": "measuring"},
            OLD,
            [
                "Status: measuring",
                "Start Time: 12 (ms)",
                "Sample Pages: 512 (per GB)",
                "Period: 1 (sec)",
                "Mode: dirty-bitmap",
                "Dirty rate: (not ready)",
            ],
        ),
    ],
)
def test_dirty_rate(
    members: dict[str, Any], version: tuple[int, int, int], lines: list[str]
) -> None:
    """Only one mode samples pages; QEMU 7 prints their number for all modes."""
    value = {key: found for key, found in {**RATE, **members}.items() if found is not None}
    session = FakeSession({"query-dirty-rate": value}, version=version)

    assert session.prints("info dirty_rate") == joined(lines)
    looks = session.looks("info dirty_rate")
    assert looks.startswith("dirty rate    108 MB/s\n") == ("dirty-rate" in value)


def test_vcpu_dirty_limit() -> None:
    """One line per CPU; a sentence if no CPU has a limit."""
    cpu = {"cpu-index": 1, "limit-rate": 100, "current-rate": 20}
    session = FakeSession({"query-vcpu-dirty-limit": [cpu]})

    assert session.prints("info vcpu_dirty_limit") == (
        "vcpu[1], limit rate 100 (MB/s), current rate 20 (MB/s)\n"
    )
    assert session.looks("info vcpu_dirty_limit").splitlines()[2].split() == [
        "1",
        "20",
        "100",
    ]
    none = FakeSession({"query-vcpu-dirty-limit": []})
    assert none.prints("info vcpu_dirty_limit") == "Dirty page limit not enabled!\n"


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("none", "Record/replay is not active\n"),
        ("record", "Recording execution 'f': instruction count = 1000\n"),
        ("play", "Replaying execution 'f': instruction count = 1000\n"),
    ],
)
def test_replay(mode: str, text: str) -> None:
    """The line shows the mode, the file and the progress."""
    value = {"mode": mode, "filename": "f", "icount": 1000}
    session = FakeSession({"query-replay": value})

    assert session.prints("info replay") == text
    if mode != "none":
        assert "instructions  1,000\n" in session.looks("info replay")
