"""Examples that work on the machine at hand.

An entry's example is a line in which ``{key}`` becomes a word that the kind of that
argument finds on the machine, and ``{$pc}`` and ``{$sp}`` the names of registers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.language.qdict import QDict
from hmp.language.words import as_argument
from hmp.monitor.from_text import asked
from hmp.monitor.kinds import texts
from hmp.monitor.line import parse_line
from hmp.qmp.errors import BadReplyError, QMPError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.kinds import Kind
    from hmp.qmp.connection import Connection

# {key} and {$register}: what an example leaves to the machine at hand
_HOLE = re.compile(r"\{(\$?[\w-]+)\}")
_REGISTERS = {"$pc": ("$rip", "$eip", "$pc"), "$sp": ("$rsp", "$esp", "$sp", "$ssp")}
"""The names that the program counter and the stack pointer have on some machine."""


def wrong_example(entry: Entry[Any], table: Table) -> str:
    """Return what is wrong with an entry's example; empty if nothing is."""
    if not entry.example:
        return ""
    line = parse_line(_HOLE.sub("1", entry.example), table)  # every type takes a 1
    # a group's example may use one of its subcommands
    if line.entry not in (entry, *(entry.subtable or ())):
        return f"example '{entry.example}': it does not begin with '{entry.names[0]}'"
    if line.error is None or line.error.register is not None:
        return ""
    return f"example '{entry.example}': {line.error.desc}"


async def filled(qmp: Connection, entry: Entry[Any], defaults: Mapping[str, Kind]) -> str:
    """Return an entry's example for a machine; empty if the machine lacks what it needs.

    defaults: the kinds by type letter, for arguments whose kind the entry does not give.
    Raises MachineGoneError.
    """
    kinds = {
        parameter.key: kind
        for parameter in entry.parameters
        if (kind := entry.kinds.get(parameter.key, defaults.get(parameter.type.letter)))
    }
    kinds |= entry.samples
    words = QDict()
    for name in _HOLE.findall(entry.example):
        try:
            if name.startswith("$"):
                words[name] = await _register(qmp, kinds.values(), name)
            else:
                words[name] = await _first(qmp, kinds[name], words)
        except (LookupError, QMPError, BadReplyError):
            # this machine has nothing that the example could name
            return ""
    return _HOLE.sub(lambda match: words[match[1]], entry.example)


async def _first(qmp: Connection, kind: Kind, before: QDict) -> str:
    """Return the first word of a kind, as it is typed. Raises LookupError without one.

    before: the words of the arguments before it. Raises what `execute` does as well.
    """
    _, context = kind.place("", before)
    found = await kind.fetch(asked(qmp), context) if kind.fetch else ()
    written = (as_argument(word) for word, _ in (*texts(found), *kind.words) if word)
    for word in filter(None, written):
        return word
    raise LookupError(kind.name)


async def _register(qmp: Connection, kinds: Iterable[Kind], name: str) -> str:
    """Return the machine's name of a register. Raises LookupError if it is unknown.

    The words of an argument that takes expressions have it.
    """
    for kind in kinds:
        _, context = kind.place("$", QDict())
        if kind.fetch and context == "$":
            known = {word for word, _ in await kind.fetch(asked(qmp), context)}
            if found := [alias for alias in _REGISTERS[name] if alias in known]:
                return found[0]
    raise LookupError(name)
