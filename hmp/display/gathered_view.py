"""One view of a line that several machines have run.

Machines with equal results are shown once. Where all results are tables, or short, they are
rows of one table whose first column is the machine; otherwise each follows a heading.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from hmp.display.call_view import error_for_eyes, view_of
from hmp.display.views import lines, table
from hmp.monitor.call import presented
from hmp.monitor.gathered import THREAD, key, without_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from rich.console import RenderableType

    from hmp.monitor.call import Call
    from hmp.monitor.gathered import GatheredCall

    Row = dict[str, Any]
    Shown = tuple[list[str], RenderableType]
    """Machines, and what all of them show."""

_PAIR = 2
"""The columns of facts: names and values."""
_FACTS = 8
"""A machine with more facts than this does not become one row."""


def gathered_view(call: GatheredCall) -> RenderableType | None:
    """Return the results of all machines, then their errors; None for nothing.

    Raises TooLargeError; exceptions of a view pass through.
    """
    # Equal values are grouped before they are drawn, since drawing is what takes time. Then
    # results that only look equal are joined, as two values whose differences the view does
    # not show.
    results: dict[str, Shown] = {}
    errors: dict[str, Shown] = {}
    for names, part in call.groups(_key):
        if len(names) > 1:
            part = copy(part)
            part.value = _common(part.value)
        made = _result(part)
        if part.error is None:
            _join(results, names, made)
        else:
            text = error_for_eyes(part).rstrip("\n")
            text = without_local(text) if len(names) > 1 else text
            _join(errors, names, Text(text, "hmp.error"))
    shown = [*results.values()]
    failed = [*errors.values()]
    joined = _one_table(call, shown) if len(shown) > 1 else None
    if joined is not None:
        return Group(joined, *_headed(call, failed))
    whole = [*shown, *failed]
    if not any(_looks(made) for _, made in whole):
        return None
    return whole[0][1] if call.alone else Group(*_headed(call, whole))


def _headed(call: GatheredCall, shown: Sequence[Shown]) -> Iterator[RenderableType]:
    """Yield each result after a line with the names of its machines."""
    for names, made in shown:
        yield Text(call.heading(names), "hmp.title")
        if _looks(made):
            yield made


def _key(call: Call) -> str:
    """Return a key that calls with equal results share; nothing is drawn for it."""
    if call.error is not None:
        return key(f"error {call.error_text()}")
    return key(call.value if isinstance(call.value, str) else repr(call.value))


def _common(value: Any) -> Any:
    """Return a value that has lost what `without_local` removes from its text."""
    if isinstance(value, str):
        return type(value)(without_local(value))  # it may be one of QEMU's monitor
    made: Any = copy(value)  # some have attributes
    if isinstance(value, dict):
        made.update(
            (name, "*" if name == THREAD else _common(each)) for name, each in made.items()
        )
    elif isinstance(value, list):
        made[:] = map(_common, made)
    return made


def _join(found: dict[str, Shown], names: list[str], made: RenderableType) -> None:
    """Add machines to those that show the same."""
    found.setdefault(_looks(made), ([], made))[0].extend(names)


def _result(call: Call) -> RenderableType:
    """Return the view of a call, or its text; errors of either go into the call."""
    made: list[RenderableType] = []

    def present(call: Call) -> str:
        view = view_of(call)
        made.append(view if view is not None else lines(call.text().rstrip("\n")))
        return ""

    presented(call, present)
    return made[0] if made else Text("")


def _looks(made: RenderableType) -> str:
    """Return a key that results share if they look the same; empty for an empty result."""
    if isinstance(made, Table):
        columns = ((str(column.header), *map(str, column.cells)) for column in made.columns)
        return repr((str(made.title or ""), *columns))
    if isinstance(made, Text):
        return made.plain
    if isinstance(made, Group):
        return repr([_looks(each) for each in made.renderables])
    return repr(made)


def _one_table(call: GatheredCall, shown: Sequence[Shown]) -> Table | None:
    """Return one table of all results, or None if they do not make one."""
    found: list[tuple[list[str], list[Row]]] = []
    for names, made in shown:
        own = _rows(made, call.line.command.split()[-1])
        if own is None:
            return None
        found.append((names, own))
    rows = _merged(found)
    headings = list(dict.fromkeys(heading for _, row in rows for heading in row))
    if not headings:
        return None
    return table(
        "machine",
        *headings,
        rows=(
            (call.fold(names), *(row.get(heading) for heading in headings))
            for names, row in rows
        ),
    )


def _merged(found: Sequence[tuple[list[str], list[Row]]]) -> list[tuple[list[str], Row]]:
    """Return the rows of all results, those in common once, with all of their machines.

    With such rows, those of one thing, which the first cell names, follow each other.
    """
    merged: dict[Any, tuple[list[str], Row]] = {}
    for names, own in found:
        often: Counter[str] = Counter()
        for row in own:
            cells = repr([(heading, str(cell)) for heading, cell in row.items()])
            often[cells] += 1  # a machine may have two equal rows
            merged.setdefault((cells, often[cells]), ([], row))[0].extend(names)
    rows = [*merged.values()]
    if len(rows) < sum(len(own) for _, own in found):
        things = dict.fromkeys(_thing(row) for _, row in rows)
        places = {thing: place for place, thing in enumerate(things)}
        rows.sort(key=lambda each: places[_thing(each[1])])
    return rows


def _thing(row: Row) -> str:
    """Return what a row is about."""
    return str(next(iter(row.values())))


def _rows(made: RenderableType, word: str) -> list[Row] | None:
    """Return a result as rows by their headings, or None if it cannot be one.

    word: the heading of a result that is one line.
    """
    if isinstance(made, Text) and made.plain and "\n" not in made.plain:
        return [{word: made}]
    # a row of the common table has no place for a title
    if not isinstance(made, Table) or made.title:
        return None
    columns = [[*column.cells] for column in made.columns]
    if not all(isinstance(cell, Text) for cells in columns for cell in cells):
        return None
    if made.show_header:
        headings = [
            f"{'>' if column.justify == 'right' else ''}{column.header}"
            for column in made.columns
        ]
    elif len(columns) == _PAIR and len(columns[0]) <= _FACTS:
        headings = [str(label) for label in columns[0]]
        columns = [[value] for value in columns[1]]
    else:
        return None
    return [dict(zip(headings, row, strict=True)) for row in zip(*columns, strict=True)]
