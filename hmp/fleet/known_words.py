"""The words that the machines of a set know, for completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.fleet.node_sets import fold
from hmp.fleet.round import in_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.monitor.kinds import Kind, Word
    from hmp.monitor.monitor import Monitor

_LIMIT = 1.0
"""Seconds that a machine may take; one that takes longer does not count."""


async def words_of(
    monitors: Sequence[tuple[str, Monitor]], kind: Kind, context: str
) -> tuple[Word, ...]:
    """Return the words of machines, given with their names.

    A word that only some of them have says which.
    """
    tasks = await in_time((each.words(kind, context) for _, each in monitors), _LIMIT)
    known: dict[str, tuple[str, list[str]]] = {}
    answered = 0
    for (name, _), task in zip(monitors, tasks, strict=True):
        if task is not None and task.exception() is None:
            answered += 1
            for word, about in task.result():
                known.setdefault(word, (about, []))[1].append(name)
    return tuple(
        # of those that have answered: one that hangs would mark every word
        (word, about if len(names) == answered else _only(about, names))
        for word, (about, names) in known.items()
    )


def _only(about: str, names: Sequence[str]) -> str:
    only = f"only {fold(names)}"
    return f"{about}, {only}" if about else only
