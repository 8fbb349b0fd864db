"""The command table of a session on a set, which has `targets` and its short forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.monitor.declare import Declaration
from hmp.monitor.entry import READ, Entry, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from rich.console import RenderableType

    from hmp.language.qdict import QDict
    from hmp.monitor.kinds import Kind, Look, Word
    from hmp.monitor.monitor import Monitor

    Row = dict[str, str]
    Choose = Callable[[str, str], Any]
    """Changes the set by a sign and the machines."""

HERE = frozenset(
    {
        "alias",
        "unalias",
        "clear",
        "events",
        "help",
        "source",
        "targets",
        "time",
        "top",
        "trace",
        "watch",
    }
)
"""The commands that concern the session, not the machines."""
SIGNS = "@+-"
"""What begins a line that changes the set."""
ALL = "all"
"""After ``@``, all machines that the session began with."""
TAKEN_OUT = "taken out"
"""The state of a machine that the session had before."""


class FleetTable(Table):
    """A table with `targets` besides another table's commands.

    choose: changes the set, by one of `SIGNS` and the words after it, and returns a row
    for each machine. machines: returns the names that can be typed, with their states.
    others: the groups, and the machines that the session has never had.
    """

    def __init__(
        self,
        inner: Table,
        choose: Choose,
        machines: Callable[[], Iterable[Word]],
        others: Kind,
    ) -> None:
        self.inner = inner
        self.others = others
        self._machines = machines
        self.targets = _targets(choose, others)
        super().__init__([self.targets])

    def get(self, name: str) -> Entry[Any] | None:
        """Return the entry with that name; that of `targets` for ``@SET`` and the like."""
        # of `@vm[1-3]` the parser takes all for the name of the command
        if name[:1] and name[0] in SIGNS:
            return self.targets
        return super().get(name) or self.inner.get(name)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        return [*super().names(), *self.inner.names()]

    def secret_names(self) -> Iterable[str]:
        """Return the names of the loaded commands that declare a secret argument."""
        return self.inner.secret_names()

    def short_forms(self, typed: str, look: Look) -> Iterable[Word]:
        """Return what changes the set, after one of `SIGNS`; see `Table.short_forms`."""
        sign = typed[:1]
        if not sign or sign not in SIGNS:
            return ()
        known = {ALL: "the machines at first"} if sign == "@" else {}
        # what is in the set cannot be added, nor taken out what is not
        out = {"+": True, "-": False}.get(sign)
        known |= {
            name: state
            for name, state in self._machines()
            if out is None or (state == TAKEN_OUT) == out
        }
        had = {name for name, _ in self._machines()}
        others = () if sign == "-" else look(self.others, "")
        known |= {name: about for name, about in others if name not in had}
        return [(f"{sign}{_after(sign, name)}", about) for name, about in known.items()]

    def __iter__(self) -> Iterator[Entry[Any]]:
        return iter(sorted([self.targets, *self.inner], key=lambda entry: entry.name))

    def __len__(self) -> int:
        return 1 + len(self.inner)


def _after(sign: str, name: str) -> str:
    """Return a name as it is written after a sign: one ``@`` is enough for a group."""
    return name.removeprefix("@") if sign == "@" else name


def _targets(choose: Choose, others: Kind) -> Entry[Sequence[Row]]:
    async def targets(mon: Monitor, args: QDict) -> Sequence[Row]:
        """Return the machines and their states, after changing the set."""
        # not from the arguments, as a short form is all name to the parser
        text = mon.line.text.strip()
        sign, words = text[0], text[1:].strip()
        if sign not in SIGNS:
            sign, words = "@", args.get("set", "")
        rows: Sequence[Row] = await choose(sign, words)
        return rows

    entry = Declaration(
        "targets",
        targets,
        args_type="set:S?",
        params="[set]",
        help="show the machines of the session, or choose others (also @SET; +SET adds,"
        " -SET takes out)",
        arguments={
            "set": "the machines to work on, such as vm[1-60] or @group; all: those at"
            " first"
        },
        kinds={"set": others},
        words="machines, hosts, change the set, which machines",
        effect=READ,
        example="targets",
    )
    entry.category = "Session"

    @entry.text
    def targets_text(rows: Sequence[Row]) -> Iterator[str]:
        """Yield the machines, each with its state."""
        for row in rows:
            detail = f" ({row['detail']})" if row["detail"] else ""
            yield f"{row['machine']}: {row['state']}{detail}"

    @entry.view
    def targets_view(rows: Sequence[Row]) -> RenderableType | None:
        """Show a table of the machines."""
        from hmp.display import views

        if not rows:
            return None
        return views.table(
            "machine",
            "state",
            "version",
            "reason",
            rows=(
                (
                    row["machine"],
                    views.state(row["state"], None if row["version"] else False),
                    row["version"],
                    row["detail"],
                )
                for row in rows
            ),
        )

    return entry
