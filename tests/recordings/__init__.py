"""Recordings of real QEMUs: how they are kept, made and read.

`python -m tests.recordings` makes them anew from the QEMUs that HMP_TEST_QEMUS names. A
file has those of one release, one after the other, compressed: each is what `hmp --record`
writes, with members more: ``machine`` of a greeting tells which machine it is; of a line
``text`` is what QEMU's own monitor printed for it on a twin machine, masked as
`tests.qemu.differential` does, and ``hidden`` what else was masked.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from hmp.frontends.script import drive
from hmp.qmp.recording import Recorder
from hmp.qmp.replay import read_records
from tests.qemu.conftest import Session
from tests.qemu.differential import Answer

FOLDER = Path(__file__).parent
SUFFIX = ".jsonl.xz"

Record = dict[str, Any]


def kept() -> list[Path]:
    """Return the recordings that there are."""
    return sorted(FOLDER.glob(f"*{SUFFIX}"))


def read(path: Path) -> dict[str, list[Record]]:
    """Return the records of a file by the machine."""
    found: dict[str, list[Record]] = {}
    machine = ""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for record in read_records(file, path.name):
            machine = record.get("machine", machine)
            found.setdefault(machine, []).append(record)
    return found


def write(path: Path, records: Iterable[Record]) -> None:
    """Write the recordings of a release."""
    text = "".join(f"{json.dumps(record, separators=(',', ':'))}\n" for record in records)
    path.write_bytes(lzma.compress(text.encode(), preset=9))


class Recording:
    """A recording under way, of what our monitor does on a machine."""

    def __init__(self, name: str, session: Session) -> None:
        self.name = name
        self.folder = str(session.qemu.folder)
        self.file = StringIO()
        recorder = Recorder(self.file)
        recorder.trace("<-", session.qemu.oracle.greeting)
        session.connection.trace = recorder.trace
        # what is asked once is asked before all lines
        drive(session.connection.schema())
        drive(session.monitor.supported_commands())
        session.monitor.recordings.append(recorder.begin_line)

    def records(self, answers: list[Answer]) -> Iterable[Record]:
        """Yield what is worth keeping, with what QEMU's own monitor answered."""
        left = iter(answers)
        keep = True
        for line in self.file.getvalue().replace(self.folder, "FOLDER").splitlines():
            record = json.loads(line)
            if "QMP" in record.get("<-", {}):
                record["machine"] = self.name
            if "line" in record:
                answer = next(left)
                keep = _is_kept(answer, record["line"])
                record.update(text=answer.theirs, hidden=answer.hidden)
            if keep:
                yield record


def _is_kept(answer: Answer, line: str) -> bool:
    """Return whether an answer shows what a native command prints.

    line: as it was recorded, with its password masked to the end of the line.
    """
    native = answer.entry is not None and not answer.entry.passthrough
    asked = set(answer.sent) - {"human-monitor-command"}
    whole = len(line.split()) == len(answer.line.split())
    # without a tag savevm takes the time
    return native and answer.equal and bool(asked) and whole and line != "savevm"
