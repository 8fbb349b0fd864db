"""Make the recordings anew: ``python -m tests.recordings``, with HMP_TEST_QEMUS set."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.qemu.configurations import make_files
from tests.qemu.conftest import Session
from tests.qemu.machines import qemus
from tests.qemu.runs import answers_of
from tests.recordings import FOLDER, SUFFIX, Record, Recording, write

CONFIGURATIONS = ("everything", "migration")


def record(label: str, configuration: str, files: Path) -> list[Record]:
    """Return the recordings of the machines of a configuration of one of the QEMUs."""
    recordings: dict[str, Recording] = {}

    def begin(name: str, session: Session) -> None:
        recordings[name] = Recording(name, session)

    answers = answers_of(label, configuration, files, begin)
    return [
        record
        for name, recording in recordings.items()
        for record in recording.records(answers[name])
    ]


def main() -> None:
    """Record all."""
    with TemporaryDirectory() as folder:
        files = make_files(Path(folder))
        for label in qemus():
            path = FOLDER / f"{label}{SUFFIX}"
            records = [r for c in CONFIGURATIONS for r in record(label, c, files)]
            write(path, records)
            lines = sum("line" in record for record in records)
            print(f"{path.name}: {lines} lines, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
