"""Recordings of the sessions, kept in memory for agents, and in a file with --record.

Passwords are starred out before anything is recorded.
"""

from __future__ import annotations

from hmp.qmp.recording import Recorder, both

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.monitor.monitor import Monitor
    from hmp.qmp.recording import RecordingFile

_MOST = 8 << 20
"""Characters that are kept of one session."""


class Recording:
    """The recording of one machine's session.

    When it is full, it ends rather than lose its beginning, which a replay needs.
    """

    def __init__(self, file: RecordingFile | None = None) -> None:
        self.recorder = Recorder(self)
        self._file = file
        self._lines: list[str] = []
        self._size = 0

    def write(self, text: str) -> None:
        """Take a line of the recorder."""
        if self._file is not None:
            self._file.write(text)
        if self._size < _MOST:
            self._size += len(text)
            self._lines.append(text)

    def follow(self, monitor: Monitor) -> None:
        """Record a monitor's lines; its connection already records the messages."""
        self.recorder.begin(monitor.connection)
        monitor.recordings.append(self.recorder.begin_line)
        monitor.recorded = both(monitor.recorded, self.recorder.trace)

    @property
    def text(self) -> str:
        """The recording so far, as ``replay:FILE`` reads it."""
        return "".join(self._lines)
