"""Twin machines for lines that may do anything, and that both have to survive."""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.qemu.conftest import Session
from tests.qemu.differential import masked
from tests.qemu.machines import RunningQemu, qemus

ID = "new1"
"""What most lines call a new thing."""
EACH = 500
"""Lines after which the twins are new ones: some things cannot be removed again."""

_MACHINE = shlex.split(
    "-M pc -m 128,slots=8,maxmem=1G -S -nodefaults"
    " -blockdev raw,node-name=n1,file.driver=file,file.filename=raw.img"
    " -device usb-ehci,id=ub -chardev ringbuf,id=rb0 -chardev ringbuf,id=rb1"
    " -object memory-backend-ram,id=m9,size=16M -object throttle-group,id=tg0"
    " -object iothread,id=io0"
)


class Twins:
    """Two machines of the same make that take lines.

    undo: lines that remove again what a line made, with {id} for its name. look: lines
    that show it. path: the QOM path of it, whose properties among names are compared.
    """

    def __init__(
        self,
        label: str,
        files: Path,
        *,
        undo: tuple[str, ...] = (),
        look: tuple[str, ...] = (),
        path: str = "",
        names: Iterable[str] = (),
    ) -> None:
        self.undo = undo
        self.look = look
        self.path = path
        self.names = sorted({name.partition(".")[0] for name in names})
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
        if theirs in ("DEAD", "NO LINE"):
            return ""  # we may do better
        if ours != theirs and not _other_mistake(line, ours, theirs):
            return f"{line}\n  ours:   {ours!r}\n  QEMU's: {theirs!r}"
        found = [self._state(session, line) for session in (self.ours, self.theirs)]
        if found[0] != found[1]:
            return f"{line}\n  ours made:   {found[0]!r}\n  QEMU's made: {found[1]!r}"
        for session in (self.ours, self.theirs):
            self._undo(session, line)
        return ""

    @property
    def usable(self) -> bool:
        """Whether both machines are alive, and the same still."""
        return self.equal and all(
            s.qemu.process.poll() is None for s in (self.ours, self.theirs)
        )

    def _say(self, session: Session, line: str, run: Callable[[str], str]) -> str:
        try:
            said = run(line)
            session.qemu.oracle.qmp("query-status")
        except KeyError:
            return "NO LINE"  # a text that QMP refuses
        except Exception:  # whatever comes of a dead machine
            session.qemu.process.wait(20)
            return "DEAD"
        said = re.sub(r"\bdevice\[\d+\]", "device[N]", said)
        return masked(said.replace(str(session.qemu.folder), "FOLDER"), line)

    def _state(self, session: Session, line: str) -> list[str]:
        """Return what shows what a line made."""
        folder = str(session.qemu.folder)
        shown = [
            masked(session.theirs(look).replace(folder, "FOLDER"), look)
            for look in self.look
        ]
        # QEMU's monitor hands numbers on as texts, and shows them so in a file's name
        shown = [re.sub(r"json:.*", "json:", text) for text in shown]
        if self.path:
            for name in (name for name in self.names if name in line):
                told = session.theirs(f"qom-get {self.path.format(id=ID)} {name}")
                shown.append(f"{name}: {told}")
        return shown

    def _undo(self, session: Session, line: str) -> None:
        made = {ID, *re.findall(r"\b(?:id|node-name)=([\w.-]+)", line)}
        for undo in self.undo:
            for identifier in made:
                session.theirs(undo.format(id=identifier))


def answers(label: str, files: Path, lines: Iterable[str], **how: Any) -> Iterator[str]:
    """Yield how both monitors of twins differ about lines; new twins where they do."""
    left = deque(lines)
    while left:
        twins = Twins(label, files, **how)
        try:
            count = 0
            while left and twins.usable and count < EACH:
                count += 1
                difference = twins.compare(left.popleft())
                if difference:
                    yield difference
        finally:
            twins.close()


def _other_mistake(line: str, ours: str, theirs: str) -> bool:
    """Return whether both say the same of two mistakes in one line.

    Which one QEMU finds first is up to its hash tables.
    """
    found = [re.findall(r"'([^'\s]*)'", said) for said in (ours, theirs)]
    alike = re.sub(r"'[^'\s]*'", "", ours) == re.sub(r"'[^'\s]*'", "", theirs)
    names = [re.sub(r"\.\d+$", "", name) for said in found for name in said]
    return alike and all(name in line or name.partition(".")[2] in line for name in names)
