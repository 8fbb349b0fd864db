"""What a script on a set of machines shows: results by machine, or equal ones together."""

from __future__ import annotations

import json

from hmp.fleet.sets import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hmp.display.sink import Sink
    from hmp.fleet.script import Outcome


def show(outcome: Outcome, style: str, out: Sink, err: Sink) -> None:
    """Show a machine's results, each line after its name; JSON has the name in it."""
    name = outcome.member.name
    for fd, text in outcome.pieces:
        if style == "json":
            (out if fd == 1 else err).write(text)
            continue
        if fd == 2:
            out.flush()
        shown = "".join(f"{name}: {line}\n" for line in text.splitlines())
        (out if fd == 1 else err).write(shown, ours=style == "rich")
        if fd == 2:
            err.flush()
    if outcome.gone is None:
        return
    out.flush()
    if style == "json":
        error = {"class": "GenericError", "desc": str(outcome.gone)}
        out.write(json.dumps({"target": name, "error": error}) + "\n")
    else:
        err.write(f"{name}: {outcome.gone}\n")
        err.flush()


def gathered(outcomes: Iterable[Outcome]) -> list[tuple[list[str], str]]:
    """Return the texts of the machines that answered, each with their names.

    In the order of the first machine of each text.
    """
    groups: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.gone is None or outcome.pieces:
            groups.setdefault(outcome.text, []).append(outcome.member.name)
    return [(names, text) for text, names in groups.items()]


def gathered_text(groups: Iterable[tuple[list[str], str]]) -> Iterator[str]:
    """Yield the names of each group, then its text."""
    for names, text in groups:
        yield f"{_heading(names)}\n{text}"


def difference_text(groups: Sequence[tuple[list[str], str]]) -> Iterator[str]:
    """Yield the largest group, then how each other one differs from it."""
    from difflib import unified_diff

    if not groups:
        return
    largest = max(groups, key=lambda group: len(group[0]))
    yield f"{_heading(largest[0])}\n{largest[1]}"
    for names, text in groups:
        if text == largest[1]:
            continue
        lines = unified_diff(
            largest[1].splitlines(keepends=True),
            text.splitlines(keepends=True),
            _heading(largest[0]),
            _heading(names),
        )
        yield "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _heading(names: Sequence[str]) -> str:
    return f"{fold(names)} ({len(names)})"


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield who failed, who was not reached, and who has not answered yet."""
    total = len(outcomes)
    for what, found in (
        ("failed", [o for o in outcomes if o.failed]),
        ("could not be reached", [o for o in outcomes if o.gone is not None]),
        ("did not answer in time", [o for o in outcomes if not o.done.is_set()]),
    ):
        if found:
            names = fold(outcome.member.name for outcome in found)
            yield f"hmp: {len(found)} of {total} {what}: {names}\n"
