"""Option lists made by chance, in both monitors of twin machines that must both live on.

HMP_TEST_LONG has each command take 5,000 of them; HMP_TEST_RANDOM_SEED is where chance
begins.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.qemu.configurations import make_files
from tests.qemu.conftest import Session
from tests.qemu.differential import masked
from tests.qemu.machines import RunningQemu, qemus
from tests.qemu.optionlists import COMMANDS, ID, Lists, generated

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(3600)]

LINES = 5000 if os.environ.get("HMP_TEST_LONG") else 200
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "1"))
EACH = 500
"""Lines after which the twins are new ones: some things cannot be removed again."""

_MACHINE = shlex.split(
    "-M pc -m 128,slots=8,maxmem=1G -S -nodefaults"
    " -blockdev raw,node-name=n1,file.driver=file,file.filename=raw.img"
    " -device usb-ehci,id=ub -chardev ringbuf,id=rb0 -chardev ringbuf,id=rb1"
    " -object memory-backend-ram,id=m9,size=16M -object throttle-group,id=tg0"
)


class Twins:
    """Two machines of the same make that take a command's lines."""

    def __init__(self, label: str, files: Path, lists: Lists) -> None:
        self.lists = lists
        self.equal = True
        self._stack = ExitStack()
        try:
            self.ours, self.theirs = (self._start(label, files) for _ in range(2))
        except BaseException:
            self._stack.close()
            raise

    def _start(self, label: str, files: Path) -> Session:
        qemu = RunningQemu(qemus()[label], _MACHINE, files)
        self._stack.callback(qemu.close)
        session = Session(qemu)
        self._stack.callback(session.connection.close)
        return session

    def close(self) -> None:
        """End both."""
        self._stack.close()

    def compare(self, line: str) -> str:
        """Run a line in both; return how they differ, empty when they do not.

        What differs may have left different machines behind.
        """
        difference = self._difference(line)
        self.equal = not difference
        return difference

    def _difference(self, line: str) -> str:
        theirs = self._say(self.theirs, line, self.theirs.theirs)
        ours = self._say(self.ours, line, self.ours.ours)
        if "DEAD" in theirs:
            return ""  # we may do better
        if ours != theirs and not _other_mistake(line, ours, theirs):
            return f"{line}\n  ours:   {ours!r}\n  QEMU's: {theirs!r}"
        found = [self._state(session, line) for session in (self.ours, self.theirs)]
        if found[0] != found[1]:
            return f"{line}\n  ours made:   {found[0]!r}\n  QEMU's made: {found[1]!r}"
        for session in (self.ours, self.theirs):
            self._undo(session)
        return ""

    @property
    def usable(self) -> bool:
        """Whether both machines are alive, and the same still."""
        return self.equal and all(
            s.qemu.process.poll() is None for s in (self.ours, self.theirs)
        )

    def _say(self, session: Session, line: str, run: object) -> str:
        assert callable(run)
        try:
            said = str(run(line))
            session.qemu.oracle.qmp("query-status")
        except Exception as error:
            session.qemu.process.wait(20)
            log = (session.qemu.folder / "log").read_text(errors="replace")
            return f"DEAD {type(error).__name__} {log[-200:]}" if not log else "DEAD"
        said = re.sub(r"\bdevice\[\d+\]", "device[N]", said)
        return masked(said.replace(str(session.qemu.folder), "FOLDER"), line)

    def _state(self, session: Session, line: str) -> list[str]:
        """Return what shows what a line made."""
        folder = str(session.qemu.folder)
        shown = [
            masked(session.theirs(look).replace(folder, "FOLDER"), look)
            for look in self.lists.look
        ]
        # QEMU's monitor hands numbers on as texts, and shows them so in a file's name
        shown = [re.sub(r"json:.*", "json:", text) for text in shown]
        if self.lists.path:
            names = {name.partition(".")[0] for k in self.lists.kinds for name in k.options}
            for name in sorted(name for name in names if name in line):
                told = session.theirs(f"qom-get {self.lists.path.format(id=ID)} {name}")
                shown.append(f"{name}: {told}")
        return shown

    def _undo(self, session: Session) -> None:
        for line in self.lists.undo:
            session.theirs(line.format(id=ID))


def _other_mistake(line: str, ours: str, theirs: str) -> bool:
    """Return whether both say the same of two mistakes in one line.

    Which one QEMU finds first is up to its hash tables.
    """
    found = [re.findall(r"'([^']*)'", said) for said in (ours, theirs)]
    alike = re.sub(r"'[^']*'", "", ours) == re.sub(r"'[^']*'", "", theirs)
    names = [name.rpartition("pci-testdev.")[2] for said in found for name in said]
    return alike and all(re.sub(r"\.\d+$", "", name) in line for name in names)


@contextmanager
def _twins(label: str, files: Path, lists: Lists) -> Iterator[Twins]:
    twins = Twins(label, files, lists)
    try:
        yield twins
    finally:
        twins.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


EXEMPT = (
    (
        r"\Adrive_add -n 0 (?s:.*)null-(?s:.*)  ours:   .[PV]\w+ '.*'(size|latency-ns)'"
        r"|\Adrive_add -n 0 (?s:.*)null-(?s:.*)  ours:   .Value '",
        "a bad number of these drivers kills a QEMU, and is told before other mistakes",
    ),
)
"""Lines that may differ, by a pattern of line and answers, and why."""


@pytest.mark.parametrize("command", COMMANDS)
def test_option_lists(qemu_label: str, command: str, files: Path) -> None:
    """Both monitors say the same of any list, and make the same of it."""
    lists = COMMANDS[command]
    lines = list(generated(lists, Random(f"{SEED} {command}"), LINES))
    different = []
    while lines:
        with _twins(qemu_label, files, lists) as twins:
            part, lines = lines[:EACH], lines[EACH:]
            while part and twins.usable:
                different.append(twins.compare(part.pop(0)))
            lines = part + lines
    left = [
        answer
        for answer in different
        if answer and not any(re.search(pattern, answer) for pattern, _ in EXEMPT)
    ]
    assert not left, f"{len(left)} of {LINES}:\n" + "\n".join(left)
