"""Refuses a destructive line before its user is asked, if nothing has the name in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmp.authoring import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine

    from hmp.authoring import Entry, Monitor, QDict

    Names = Callable[[Monitor], Coroutine[Any, Any, Collection[str]]]
    """A coroutine function that returns all names of a kind."""


def refuse_unknown(entry: Entry[Any], key: str, names: Names, error: str) -> None:
    """Have a line refused whose argument is not among the names that the machine has.

    error: QEMU's description, with {} for the name.
    """

    @entry.foresee
    async def outcome(mon: Monitor, args: QDict) -> str:
        if key in args and args[key] not in await names(mon):
            desc = error.format(args[key])
            raise CommandFailedError(f"Error: {desc}\n", desc)
        return entry.outcome
