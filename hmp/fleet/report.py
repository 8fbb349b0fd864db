"""What a script on a set of machines shows: results by machine, or equal ones together."""

from __future__ import annotations

import json

from hmp.display.sanitise import one_line
from hmp.fleet.node_sets import fold
from hmp.monitor.gathered import after_name, alike, without_local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hmp.display.sink import Sink
    from hmp.fleet.run_all import Outcome

    Groups = Sequence[tuple[list[str], str]]
    Together = Callable[[Groups], Iterable[str]]


class Report:
    """Shows the outcomes of a set in its order, and finally those that failed.

    style: ``text``, ``rich`` or ``json``, of the outcomes' pieces. together: what makes one
    text of all groups of equal outcomes, such as `gathered_text`; None: each machine's
    outcome is shown as soon as those before it.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        style: str,
        together: Together | None,
        out: Sink,
        err: Sink,
    ) -> None:
        self.outcomes = outcomes
        self.style = style
        self.together = together
        self.out = out
        self.err = err
        self._shown = 0

    def follow(self) -> None:
        """Show the outcomes as they come; Ctrl-C ends it."""
        for outcome in self.outcomes:
            outcome.done.wait()
            self._shown += 1
            self._show(outcome)

    def finish(self) -> None:
        """Show new outcomes, the groups, and which machines failed or have not answered."""
        done = [outcome for outcome in self.outcomes if outcome.done.is_set()]
        for outcome in self.outcomes[self._shown :]:
            if outcome in done:
                self._show(outcome)
        if self.together is not None:
            for text in self.together(gathered(done)):
                self.out.write(text)
        self.out.flush()
        for text in summary(self.outcomes):
            self.err.write(text)
        self.err.flush()

    def _show(self, outcome: Outcome) -> None:
        """Show a machine's results, each line after its name; JSON has the name in it."""
        name = one_line(outcome.member.name)
        for fd, text in outcome.pieces if self.together is None else ():
            if self.style != "json":
                text = after_name(name, text)
            self._write(fd, text, ours=self.style == "rich")
        if outcome.gone is None:
            return
        if self.style == "json" and self.together is None:
            error = {"class": "GenericError", "desc": outcome.gone}
            whole = {"target": outcome.member.name, "error": error}
            self._write(1, json.dumps(whole) + "\n")
        else:
            self._write(2, f"{name}: {one_line(outcome.gone)}\n")

    def _write(self, fd: int, text: str, ours: bool = False) -> None:
        """Write a text; errors at once, after the results before them.

        ours: it may contain terminal codes, and is sanitised otherwise.
        """
        if fd == 1:
            self.out.write(text, ours=ours)
            return
        self.out.flush()
        self.err.write(text, ours=ours)
        self.err.flush()


def gathered(outcomes: Iterable[Outcome]) -> list[tuple[list[str], str]]:
    """Return the texts of the machines that answered; see `alike`."""
    return alike(
        (outcome.member.name, outcome.text)
        for outcome in outcomes
        if not outcome.twin and (outcome.gone is None or outcome.pieces)
    )


def gathered_text(groups: Iterable[tuple[list[str], str]]) -> Iterator[str]:
    """Yield the names of each group, then its text."""
    for names, text in groups:
        yield f"{_heading(names)}\n{text}"


def difference_text(groups: Sequence[tuple[list[str], str]]) -> Iterator[str]:
    """Yield the largest group, then how each other one differs from it."""
    from difflib import unified_diff

    if not groups:
        return
    # what most machines have is taken for the rule, and the others are shown against it
    largest = max(groups, key=lambda group: len(group[0]))
    yield f"{_heading(largest[0])}\n{largest[1]}"
    for names, text in groups:
        if text == largest[1]:
            continue
        lines = unified_diff(
            without_local(largest[1]).splitlines(keepends=True),
            without_local(text).splitlines(keepends=True),
            _heading(largest[0]),
            _heading(names),
        )
        yield "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _heading(names: Sequence[str]) -> str:
    return f"{one_line(fold(names))} ({len(names)})"


def left_out(name: str, other: str) -> str:
    """Return the message about the second socket of a machine."""
    return (
        f"hmp: left out {one_line(name)}, which is the same machine as {one_line(other)}\n"
    )


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield which machines were left out, failed, were not reached, or did not answer."""
    for twin in (outcome for outcome in outcomes if outcome.twin):
        yield left_out(twin.member.name, twin.twin)
    total = len(outcomes)
    for what, found in (
        ("failed", [o for o in outcomes if o.failed]),
        ("could not be reached", [o for o in outcomes if o.gone is not None]),
        ("did not answer in time", [o for o in outcomes if not o.done.is_set()]),
    ):
        if found:
            names = one_line(fold(outcome.member.name for outcome in found))
            yield f"hmp: {len(found)} of {total} {what}: {names}\n"
