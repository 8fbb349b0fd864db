"""Declarations that must type-check, and some that must not.

A line that ends in ``# refused`` is an error for mypy; no other line is.
"""

from collections.abc import Iterator
from typing import TypedDict

from hmp.authoring import DESTRUCTIVE, READ, Call, Monitor, QDict
from hmp.monitor.declare import Declare

command = Declare("change")


class Clock(TypedDict):
    """A value."""

    name: str
    deadline: int


@command("good", args_type="a:s?", help="be good", qmp=["query-clock"], effect=READ)
async def good(mon: Monitor, args: QDict) -> Clock:
    """Return a value."""
    return {"name": "x", "deadline": 1}


@good.text
def good_text(clock: Clock) -> Iterator[str]:
    """Present the value."""
    yield clock["name"]


@good.view
def good_view(clock: Clock, call: Call) -> object:
    """Present the value, knowing the call."""
    return clock["deadline"], call.version


@good.text  # refused
def other_text(value: list[int]) -> Iterator[str]:
    """Present another type of value."""
    yield str(value[0])


@good.view  # refused
def other_view(value: Clock, call: Call, more: int) -> object:
    """Take too much."""
    return value, call, more


direct = command.direct("d", "query-d", help="be direct", params=None, effect=DESTRUCTIVE)
report = command.report("r", "query-r", help="be a report")
passed = command.passthrough("p", help="be passed on", failure="^bad")

command.direct("a", args_typ="a:s", help="misspell a field")  # refused
command.direct("b", help=3)  # refused
command.direct("c", help="misspell an effect", effect="destrutive")  # refused
command.direct("d", help="misspell a kind", kinds={"a": "block"})  # refused
command.direct("e", help="give one string", secrets=7)  # refused
command.direct("f", args_type="a:s")  # refused
command.report("g", help="have no QMP command")  # refused
command.passthrough("h", help="call QMP", qmp=["query-h"])  # refused


@command("i", help="take too little")  # refused
async def too_little(mon: Monitor) -> None:
    """Lack an argument."""


@command("j", help="not be a coroutine")  # refused
def plain(mon: Monitor, args: QDict) -> int:
    """Return at once."""
    return 1


async def together(mon: Monitor) -> str:
    """Each reply has the type of its command's result."""
    both = mon.qmp.together()
    name, status = both.execute("query-name"), both.execute("query-status")
    assert (await name)["status"]  # refused
    return (await status)["status"]
