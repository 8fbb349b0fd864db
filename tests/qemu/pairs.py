"""Our monitor and QEMU's own side by side: on one machine to read, on twins to change."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from hmp.qmp.recording import both
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

Masked = Callable[[str], str]


@contextmanager
def sessions(command: list[str], *machines: str) -> Iterator[list[Session]]:
    """Start a machine for each list of arguments; yield both monitors of each."""
    with ExitStack() as stack:
        found = []
        for arguments in machines:
            qemu = RunningQemu(command, shlex.split(arguments))
            stack.callback(qemu.close)
            session = Session(qemu)
            stack.callback(session.connection.close)
            found.append(session)
        yield found


@contextmanager
def twins(command: list[str], arguments: str) -> Iterator[tuple[Session, Session]]:
    """Start two machines of the same make."""
    with sessions(command, arguments, arguments) as (ours, theirs):
        yield ours, theirs


def commands_sent(session: Session) -> list[str]:
    """Return a list that the QMP commands of our monitor are added to from now on."""
    sent: list[str] = []

    def trace(direction: str, message: dict[str, object]) -> None:
        if direction == "->":
            sent.append(str(message.get("execute") or message.get("exec-oob")))

    session.connection.trace = both(trace, session.connection.trace)
    return sent


def as_it_is(text: str) -> str:
    """Mask nothing."""
    return text


def hide(*patterns: str) -> Masked:
    """Return a function that masks what differs between machines of the same make."""

    def masked(text: str) -> str:
        for pattern in patterns:
            text = re.sub(pattern, "MASKED", text)
        return text

    return masked


def assert_same_text(
    session: Session, lines: Iterable[str], masked: Masked = as_it_is
) -> None:
    """Check that lines which only read print the same in both monitors."""
    answers = ((line, session.ours(line), session.theirs(line)) for line in lines)
    _check(answers, masked)


def assert_same_effect(
    pair: tuple[Session, Session],
    lines: Iterable[str],
    state: Iterable[str] = (),
    masked: Masked = as_it_is,
) -> None:
    """Check that lines say the same on twins, and leave the same machine behind.

    The state is what QEMU itself says of both.
    """
    ours, theirs = pair
    answers = ((line, ours.ours(line), theirs.theirs(line)) for line in lines)
    _check(answers, masked)
    left = ((line, ours.theirs(line), theirs.theirs(line)) for line in state)
    _check(left, masked)


def _check(answers: Iterable[tuple[str, str, str]], masked: Masked) -> None:
    """Check that both answers to each line are the same."""
    found = ((line, masked(ours), masked(theirs)) for line, ours, theirs in answers)
    different = [
        f"{line}\n  ours:   {ours!r}\n  QEMU's: {theirs!r}"
        for line, ours, theirs in found
        if ours != theirs
    ]
    assert not different, "\n".join(different)
