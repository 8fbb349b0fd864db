"""Lines on twin machines: our monitor's answers on one, QEMU's own monitor's on the other.

`compare` runs them; what may differ, and why, is listed in `tests.qemu.exceptions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from time import monotonic, sleep
from typing import Any

from hmp.monitor.entry import Entry
from tests.fakes import LIMIT
from tests.qemu.conftest import Session
from tests.qemu.pairs import commands_sent

Ask = Callable[..., Any]
"""Asks a machine over QMP, and returns the whole reply."""

_VOLATILE = (
    (r"0x[0-9a-f]{7,16}\b", "0xADDRESS"),
    (r"\b[0-9a-f]{16}\b", "ADDRESS"),
    (r"thread_id=\d+", "thread_id=N"),
    (r"#(block|chr|net)\d+", r"#\1N"),
    (r"/dev/pts/\d+", "/dev/pts/N"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", "DATE"),
    (r"vm-\d{14}", "vm-DATE"),
    (r"disk size: .*", "disk size: N"),
    (r"_ns=\d+", "_ns=N"),
    (r"“(\S+)\.[A-Z0-9]{6}”", r"“\1.SUFFIX”"),
    (r"[█▇▆▅▄▃▂▁][█▇▆▅▄▃▂▁ ]*", "BARS"),
)
_MOVING = (
    r"info (registers|lapic|irq|pic|jit|blockstats|sync-profile|usernet|migrate)\b"
    r"|info (accel|dirty_rate|capture|firmware-log|opcount|profile|stats|usb|block -v)\b"
    r"|(print|p|x|xp|i|sum|gva2gpa|gpa2hva|gpa2hpa|qemu-io)\b"
)
"""Lines whose numbers move while a guest runs, or a migration."""
_SOMETIMES = r"(?m)^(downtime ram|precopy ram|dirty pages rate): .*\n"
"""Lines of a migration that are there when their number is not 0."""
_UNORDERED = (
    r"info chardev|info mtree|info iothreads|info memdev|info qom-tree|qom-list /objects"
)
"""Lines whose parts come in the order of a hash table."""
_LASTING = ("created", "running", "aborting", "waiting", "pending")
_UNDER_WAY = ("setup", "active", "cancelling", "failing", "device")


class Answer:
    """What both monitors say to a line; sent: the QMP commands that ours took for it.

    hidden: what was masked besides what is masked always.
    """

    def __init__(self, line: str, ours: str, theirs: str) -> None:
        self.line = line
        self.ours = ours
        self.theirs = theirs
        self.hidden = ""
        self.entry: Entry[Any] | None = None
        self.sent: list[str] = []

    @property
    def equal(self) -> bool:
        """Whether both say the same."""
        return self.ours == self.theirs

    @property
    def forwarded(self) -> bool:
        """Whether a command that QMP can do was given to QEMU's monitor all the same."""
        native = self.entry is not None and not self.entry.passthrough
        return native and "human-monitor-command" in self.sent

    def __str__(self) -> str:
        return f"{self.line}\n  ours:   {self.ours!r}\n  QEMU's: {self.theirs!r}"


def compare(
    ours: Session,
    theirs: Session,
    lines: Iterable[str],
    *,
    moving: bool = False,
    settled: bool = True,
) -> list[Answer]:
    """Run lines on both machines, one after the other; return what came of each.

    moving: whether a guest runs, or a migration, so that its numbers are no two times
    the same. settled: whether to wait for the end of what a line begins.
    """
    sent = commands_sent(ours)
    answers = []
    for line in lines:
        sent.clear()
        hidden = "numbers" if moving and re.match(_MOVING, line) else ""
        mine, other = (
            masked(text.replace(str(session.qemu.folder), "FOLDER"), line, hidden)
            for session, text in ((ours, ours.ours(line)), (theirs, theirs.theirs(line)))
        )
        answer = Answer(line, mine, other)
        answer.hidden = hidden
        answer.sent, answer.entry = list(sent), ours.monitor.line.entry
        answers.append(answer)
        for session in (ours, theirs) if settled else ():
            settle(session, answer)
    return answers


def masked(text: str, line: str, hidden: str = "") -> str:
    """Mask what differs between machines that are the same otherwise."""
    for pattern, mask in _VOLATILE:
        text = re.sub(pattern, mask, text)
    if hidden:
        text = re.sub(_SOMETIMES, "", text)
        text = re.sub(r"[0-9a-fA-Fx.]*\d[0-9a-fA-Fx.]*", "N", text)
    if re.match(_UNORDERED, line):
        text = "\n".join(sorted(set(re.sub(r"#\d+|\[MRU\]", "", text).split("\n"))))
    return text


def settle(session: Session, answer: Answer) -> None:
    """Wait until nothing goes on in a machine of what a line may have begun."""
    end = monotonic() + LIMIT
    for begin, goes_on in _LONG.items():
        while re.match(begin, answer.line) and goes_on(session.qemu.oracle.qmp, answer):
            assert monotonic() < end, f"this goes on and on: {answer.line}"
            sleep(0.01)  # as often as that is enough, and no load


def _jobs(qmp: Ask, answer: Answer) -> bool:
    return any(job["status"] in _LASTING for job in qmp("query-jobs")["return"])


def _migration(qmp: Ask, answer: Answer) -> bool:
    state = qmp("query-migrate")["return"]
    return state.get("status") in _UNDER_WAY


def _dump(qmp: Ask, answer: Answer) -> bool:
    stands = qmp("query-status")["return"]["status"] == "save-vm"
    return bool(stands or qmp("query-dump")["return"]["status"] == "active")


def _measurement(qmp: Ask, answer: Answer) -> bool:
    if not answer.ours.startswith("Starting"):
        return False
    return bool(qmp("query-dirty-rate")["return"]["status"] != "measured")


def _removal(qmp: Ask, answer: Answer) -> bool:
    # QEMU frees a device and its drive a while later, but first of all where it refuses one
    qmp("device_add", driver="nope")
    return False


_LONG: dict[str, Callable[[Ask, Answer], bool]] = {
    "block_|drive_|savevm|loadvm|delvm": _jobs,
    "migrate": _migration,
    "device_del": _removal,
    "dump-guest-memory": _dump,
    "calc_dirty_rate": _measurement,
}
"""By lines that may begin something that goes on, what tells whether it does."""
