from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from hmp.monitor.declare import Declare, command, info
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ, Entry, Table, TableError
from tests.fakes import FakeSession


def test_a_decorated_handler_becomes_an_entry() -> None:
    """``command`` and ``info`` differ in the effect that goes without saying."""

    @command("one", help="be one", qmp=["query-one"])
    async def one(mon: object, args: object) -> Any:
        return None

    @info("two", help="be two")
    async def two(mon: object, args: object) -> Any:
        return None

    @info("three", help="be three", effect=DESTRUCTIVE)
    async def three(mon: object, args: object) -> Any:
        return None

    assert isinstance(one, Entry)
    assert [item.effect for item in (one, two, three)] == [CHANGE, READ, DESTRUCTIVE]
    assert one.qmp == ("query-one",)
    assert one.source.rpartition(":")[0] == __file__


def test_a_passthrough_has_no_handler() -> None:
    """It calls human-monitor-command, and knows where it was declared."""
    found = command.passthrough("savevm-too", args_type="name:s?", help="save it")

    assert found.passthrough
    assert found.qmp == ("human-monitor-command",)
    assert found.source.rpartition(":")[0] == __file__


def test_a_direct_command_is_one_qmp_command() -> None:
    """It gets the arguments as they are; the value is what it returns."""
    found = command.direct(
        "plug|plug-too", "plug-in", args_type="id:s,up:b?", help="plug it"
    )
    session = FakeSession({"plug-in": 7}, table=Table([found]))

    call = session.call("plug-too x on")

    assert call.value == 7
    assert session.calls == [("plug-in", {"id": "x", "up": True})]
    assert found.qmp == ("plug-in",)
    assert found.source.rpartition(":")[0] == __file__


def test_a_report_is_the_text_of_a_qmp_command() -> None:
    """It is shown as it is; views can compare it with that of the last look."""
    found = info.report("my-roms", "x-query-roms", help="show them")
    replies = iter(["one\n", "two\n"])
    answers = {"x-query-roms": lambda args: {"human-readable-text": next(replies)}}
    session = FakeSession(answers, table=Table([found]))

    assert session.prints("my-roms") == "one\n"
    call = session.call("my-roms")

    assert call.text() == "two\n"
    assert call.before is not None
    assert call.before.value == "one\n"
    assert found.effect == READ
    assert found.source.rpartition(":")[0] == __file__


def test_a_mistake_in_a_declaration_is_a_table_error() -> None:
    """The decorator form checks like the plain one."""
    with pytest.raises(TableError, match="is not a valid command name"):
        Declare(READ).passthrough("no name", help="fail")


PLACE = re.escape(__file__)


def test_a_taken_name_is_refused_where_it_is_declared_again() -> None:
    """The text has both places, the second one first."""
    command = Declare(CHANGE)
    command.passthrough("one|first", help="be one")

    with pytest.raises(
        TableError, match=rf"\A{PLACE}:\d+: 'first' is already declared \(at {PLACE}:\d+\)"
    ):
        command.passthrough("first", help="be one, too")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"args_typ": "a:s"}, "unknown field 'args_typ'; did you mean 'args_type'?"),
        ({"source": "x", "zzz": 1}, "unknown field 'zzz'"),
        (
            {"effect": "destrutive"},
            "unknown effect 'destrutive';"
            " the effects are READ, CHANGE and DESTRUCTIVE of hmp.authoring",
        ),
        ({"help": 3}, "help must be a string"),
        ({"help": None}, "help must be a string"),
    ],
)
def test_a_mistake_is_reported_with_the_author_s_line(
    fields: dict[str, Any], reason: str
) -> None:
    """Fields are checked by name and by type."""
    given: dict[str, Any] = {"help": "be one", **fields}
    with pytest.raises(TableError) as caught:
        Declare(READ).direct("one", **given)

    assert re.fullmatch(rf"{PLACE}:\d+: 'one': {re.escape(reason)}", str(caught.value))


def test_help_is_required() -> None:
    """An entry without help is refused like any other mistake."""
    without: dict[str, Any] = {}
    with pytest.raises(TableError, match="'one': help is missing"):
        Declare(READ).direct("one", **without)


def test_entries_are_registered_wherever_they_are_made() -> None:
    """In a dict, a loop or a helper: none is lost."""
    command = Declare(CHANGE)

    def helper(name: str) -> None:
        command.direct(name, help="be made by a helper")

    helper("one")
    _ = {"two": command.passthrough("two", help="stand in a dict")}
    for name in ("three", "four"):
        command.report(name, "query-it", help="be made in a loop")

    assert [entry.name for entry in command.loose] == ["one", "two", "three", "four"]


class Callback:
    """A callable object that is not a function."""

    def __call__(self, value: object) -> Any:
        """Do nothing."""


def of_value(value: Any) -> Iterator[str]:
    """Present a value."""
    yield f"<{value}>"


def of_value_and_call(value: Any, call: Any) -> Iterator[str]:
    """Present a value of a call."""
    yield f"<{value} {call}>"


@pytest.mark.parametrize(
    ("function", "shown"), [(of_value, "<1>"), (of_value_and_call, "<1 2>")]
)
@pytest.mark.parametrize("kind", ["text", "view"])
def test_presentations_take_a_value_or_a_value_and_its_call(
    function: Callable[..., Iterator[str]], shown: str, kind: str
) -> None:
    """Both are called alike afterwards, and the decorator leaves the function as it is."""
    found = Declare(READ).direct("test", help="do it")

    assert getattr(found, kind)(function) is function
    stored = getattr(found, f"{kind}_function")
    assert list(stored(1, 2)) == [shown]


@pytest.mark.parametrize(
    "function", [lambda: (), lambda a, b, c: (), len, Callback(), partial(of_value)]
)
def test_other_presentations_are_refused(function: Callable[..., Any]) -> None:
    """A presentation that could not be called is refused where it is declared."""
    found = Declare(READ).direct("test", help="do it")

    with pytest.raises(TableError, match="a presentation must be"):
        found.text(function)


async def foresees(mon: object, args: object) -> str:
    """Say what a line will do."""
    return ""


async def foresees_nothing(mon: object) -> str:
    """Take too little."""
    return ""


def foresees_at_once(mon: object, args: object) -> str:
    """Be no coroutine."""
    return ""


def test_what_foresees_is_a_coroutine_of_monitor_and_arguments() -> None:
    """Another function is refused with its own line."""
    found = Declare(READ).direct("test", help="do it")
    wrong: Any
    for wrong in (foresees_nothing, foresees_at_once):
        place = f"{__file__}:{wrong.__code__.co_firstlineno}"
        with pytest.raises(TableError) as caught:
            found.foresee(wrong)

        assert str(caught.value) == (
            f"{place}: 'test': foresee takes an 'async def (mon, args)'"
        )

    assert found.foresee(foresees) is foresees
