"""The recording of a session with an agent, kept in memory."""

from __future__ import annotations

import pytest

from hmp.agents import recordings
from hmp.agents.recordings import Recording


def test_a_recording_that_is_full_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay needs its beginning, and whole lines."""
    monkeypatch.setattr(recordings, "_MOST", 10)
    recording = Recording()
    for line in ("begin\n", "second line\n", "third\n", "\n"):
        recording.write(line)

    assert recording.text == "begin\nsecond line\n"
