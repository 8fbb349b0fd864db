from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession

JOB = {
    "type": "mirror",
    "device": "d0",
    "len": 1000,
    "offset": 250,
    "speed": 0,
    "busy": True,
    "paused": False,
    "ready": False,
    "io-status": "ok",
    "status": "running",
}


@pytest.mark.parametrize(
    ("members", "text", "looks"),
    [
        ({}, "Type mirror, device d0:", "● running"),
        ({"type": "stream"}, "Streaming device d0:", "stream"),
        ({"io-status": "nospace"}, "Type mirror, device d0:", "✖ nospace"),
        ({"status": "ready", "ready": True}, "Type mirror, device d0:", "● ready"),
        ({"status": "paused", "paused": True}, "Type mirror, device d0:", "○ paused"),
    ],
)
def test_block_jobs(members: dict[str, Any], text: str, looks: str) -> None:
    """Each has its progress; an I/O error is shown as its state."""
    value = {key: found for key, found in {**JOB, **members}.items() if found is not None}
    session = FakeSession({"query-block-jobs": [value]})

    assert session.prints("info block-jobs") == (
        f"{text} Completed 250 of 1000 bytes, speed limit 0 bytes/s\n"
    )
    page = session.looks("info block-jobs")
    assert looks in page
    assert "25%" in page
    assert "████░░░" in page


def test_a_job_with_nothing_to_do() -> None:
    """A job without data is complete as soon as it is ready."""
    job = {**JOB, "len": 0, "offset": 0, "ready": True, "speed": 2048}
    page = FakeSession({"query-block-jobs": [job]}).looks("info block-jobs")

    assert "100%" in page
    assert "2 KiB/s" in page


def test_no_jobs() -> None:
    """A sentence is printed."""
    session = FakeSession({"query-block-jobs": []})

    assert session.prints("info block-jobs") == "No active jobs\n"
    assert session.looks("info block-jobs") == "No active jobs\n"
