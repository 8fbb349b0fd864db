"""One line that was run on several machines: their calls, and the text of all of them."""

from __future__ import annotations

import re

from hmp.monitor.call import Call, presented, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from hmp.monitor.errors import CommandError
    from hmp.monitor.line import Line

    Group = tuple[list[str], Call]
    """Machines whose calls came to the same, and one of these calls."""


THREAD = "thread-id"
"""The member that is the number of a thread of the host."""
_LOCAL = (
    r"(#(?:block|chr|net|qdev)|\bthread[-_]id(?:=|['\"]: )|/dev/pts/)\d+"
    # the last column of `info ramblock`
    r"|( )0x0000[0-9a-f]{12}(?=  r[ow](?:$|\\n))"
)


class GatheredCall(Call):
    """A line that several machines have run.

    parts: the call of each machine that has answered, with its name. unanswered: the names
    of the others. earlier: the calls that were shown while the line ran, and are not among
    the parts. fold: writes names short. The value is that of each machine by its name. If
    all machines failed alike, the error is theirs.
    """

    __slots__ = ("earlier", "fold", "parts", "unanswered")

    def __init__(
        self,
        line: Line,
        version: tuple[int, int, int],
        fold: Callable[[Iterable[str]], str],
    ) -> None:
        super().__init__(line, version, 0)
        self.fold = fold
        self.parts: list[tuple[str, Call]] = []
        self.unanswered: list[str] = []
        self.earlier: list[Call] = []

    @property
    def failed(self) -> bool:
        """Whether the line has failed anywhere."""
        return bool(
            self.error is not None
            or self.unanswered
            or any(call.failed for _, call in self.parts)
            or any(call.failed for call in self.earlier)
        )

    @property
    def alone(self) -> bool:
        """Whether the line has run on one machine, so that its result needs no name."""
        return len(self.parts) == 1 and not (self.unanswered or self.earlier)

    def heading(self, names: Sequence[str]) -> str:
        """Return the line above what machines have in common."""
        return f"{self.fold(names)} ({len(names)})"

    def settle(self) -> None:
        """Take over the values of the machines, or the error that all have in common."""
        self.value = {name: call.value for name, call in self.parts}
        calls = [call for _, call in self.parts]
        alike = len({call.error_text() for call in calls}) == 1
        # a common error without names would be taken for that of every machine
        whole = not (self.unanswered or self.earlier)
        if alike and whole and all(call.failed for call in calls):
            self.error, self.hint = calls[0].error, calls[0].hint

    def part(self, error: CommandError) -> Call:
        """Return the call of a machine on which the line has failed."""
        # the line as it was parsed here; the machine may not have run it at all
        call = Call(self.line, self.version, 0)
        call.error, call.hint = error, getattr(error, "hint", "")
        call.hide_secrets()
        return call

    def each(self) -> Sequence[tuple[str, Call]]:
        """Return the call of each machine that has answered, with its name."""
        return self.parts or [("", self)]

    def groups(self, key: Callable[[Call], Any]) -> list[Group]:
        """Return the calls, those with equal keys together, in the order of the first."""
        found: dict[Any, Group] = {}
        for name, call in self.parts:
            found.setdefault(key(call), ([], call))[0].append(name)
        return list(found.values())

    def text(self) -> str:
        """Return what all machines have printed, results and errors, equal ones once.

        Nothing if no machine has printed anything, nor failed.
        """
        groups = alike((name, shown(call)) for name, call in self.parts)
        if self.alone:
            return groups[0][1]
        if not self.failed and not any(text for _, text in groups):
            return ""
        return "".join(f"{self.heading(names)}\n{text}" for names, text in groups)

    def lines(self) -> str:
        """Return the text for programs: each line of a machine after its name."""
        return "".join(
            after_name(name, presented(call, lambda call: call.lines()))
            for name, call in self.parts
        )


def alike(texts: Iterable[tuple[str, str]]) -> list[tuple[list[str], str]]:
    """Return the texts of machines, equal ones once, each with the names of its machines.

    In the order of the first. Texts with the same `key` are equal, and if they are not so
    to the letter, the first one is returned `without_local`.
    """
    groups: dict[str, tuple[list[str], str]] = {}
    for name, text in texts:
        same = key(text)
        names, first = groups.setdefault(same, ([], text))
        names.append(name)
        if text != first:
            groups[same] = names, without_local(first)
    return [*groups.values()]


def key(text: str) -> str:
    """Return what texts share that say the same of machines."""
    text = without_local(text)
    # QEMU lists these in the order of a hash table of pointers
    if re.search(r"^(address-space: |FlatView #\d)", text, re.MULTILINE):
        return "\n".join(sorted(re.sub(r"(FlatView #)\d+", r"\1*", text).split("\n")))
    return text


def without_local(text: str) -> str:
    """Return a text with ``*`` in place of what says nothing of the machine.

    What QEMU or its host has numbered, so that it differs even if the same machine is
    started again: ``#block*``, ``thread_id=*``, ``/dev/pts/*``, and addresses in QEMU's
    own memory.
    """
    return re.sub(_LOCAL, r"\1\2*", text, flags=re.MULTILINE)


def after_name(name: str, text: str) -> str:
    """Return a machine's text, each line after its name."""
    lines: Iterable[str] = text.removesuffix("\n").split("\n") if text else ()
    return "".join(f"{name}: {line}\n" for line in lines)
