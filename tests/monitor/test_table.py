from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from hmp.monitor.kinds import Kind
from hmp.monitor.table import (
    CHANGE,
    DESTRUCTIVE,
    READ,
    Declare,
    Entry,
    Table,
    TableError,
    command,
    info,
)
from tests.fakes import FakeSession


async def handler(mon: object, args: object) -> Any:
    """Do nothing."""


def plain(mon: object, args: object) -> Any:
    """Do nothing, and not asynchronously."""


async def too_few(mon: object) -> Any:
    """Take one argument only."""


async def generator(mon: object, args: object) -> Any:
    """Be no coroutine."""
    yield 1


class Callback:
    """An object that can be called, and is no function."""

    async def __call__(self, mon: object, args: object) -> Any:
        """Do nothing."""


def entry(name: str = "test", **fields: Any) -> Entry:
    """Return an entry with what it must have."""
    return Entry(name, fields.pop("handler", handler), **{"help": "do it", **fields})


def test_an_entry_knows_all_that_was_declared() -> None:
    """Names, parameters, parameters' display and the rest are there to be read."""
    kind = Kind("block device")
    found = entry(
        "block_resize|br",
        args_type="device:B,size:o?",
        effect=DESTRUCTIVE,
        qmp=["block_resize"],
        kinds={"device": kind},
        secrets=["size"],
        example="block_resize d0 1G",
    )

    assert found.names == ("block_resize", "br")
    assert [parameter.key for parameter in found.parameters] == ["device", "size"]
    assert found.params == "device [size]"
    assert found.qmp == ("block_resize",)
    assert found.kinds == {"device": kind}
    assert found.secrets == ("size",)
    assert found.effect == DESTRUCTIVE
    assert not found.passthrough
    assert repr(found) == "Entry('block_resize|br')"


def test_params_can_be_worded_otherwise() -> None:
    """The display of the parameters is the table's own where it says so."""
    assert entry(args_type="a:s", params="what").params == "what"
    assert entry(args_type="a:s", params="").params == ""


@pytest.mark.parametrize("name", ["a", "a-b_c9", "?", "help|?", "_x", "X"])
def test_names(name: str) -> None:
    """Words that a user can type are names, aliases behind a bar."""
    assert entry(name).names == tuple(name.split("|"))


@pytest.mark.parametrize(
    "name", ["", "a|", "|a", "a b", "9a", "a/b", "a.b", "-a", "é", "a\n"]
)
def test_bad_names(name: str) -> None:
    """What cannot be typed as a word is no name."""
    with pytest.raises(TableError, match="is no command name"):
        entry(name)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"help": ""}, "help is one line, and not empty"),
        ({"help": "a\nb"}, "help is one line, and not empty"),
        ({"effect": "harmless"}, "unknown effect 'harmless'"),
        ({"kinds": {"x": Kind("x")}}, "no argument 'x' in args_type"),
        ({"secrets": ["x"]}, "no argument 'x' in args_type"),
        ({"args_type": "a"}, "args_type 'a': no 'key:T' with a known type at column 1"),
        ({"args_type": "a:q"}, "args_type 'a:q': unknown type 'q'"),
        ({"handler": plain}, "the handler must be 'async def (mon, args)'"),
        ({"handler": too_few}, "the handler must be 'async def (mon, args)'"),
        ({"handler": generator}, "the handler must be 'async def (mon, args)'"),
        ({"handler": Callback()}, "the handler must be 'async def (mon, args)'"),
        ({"handler": partial(handler)}, "the handler must be 'async def (mon, args)'"),
        ({"handler": print}, "the handler must be 'async def (mon, args)'"),
        ({"handler": "handler"}, "the handler must be 'async def (mon, args)'"),
    ],
)
def test_bad_entries(fields: dict[str, Any], reason: str) -> None:
    """An entry that is not right is refused when it is made, by its name."""
    with pytest.raises(TableError) as caught:
        entry(**fields)

    assert str(caught.value) == f"'test': {reason}"


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
    found = entry()

    assert getattr(found, kind)(function) is function
    stored = getattr(found, f"{kind}_function")
    assert list(stored(1, 2)) == [shown]


@pytest.mark.parametrize(
    "function", [lambda: (), lambda a, b, c: (), len, Callback(), partial(of_value)]
)
def test_other_presentations_are_refused(function: Callable[..., Any]) -> None:
    """A presentation that could not be called is refused where it is declared."""
    with pytest.raises(TableError, match="a presentation takes"):
        entry().text(function)


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
    found = command.passthrough("savevm", args_type="name:s?", help="save it")

    assert found.passthrough
    assert found.qmp == ("human-monitor-command",)
    assert found.source.rpartition(":")[0] == __file__


def test_a_direct_command_is_one_qmp_command() -> None:
    """It gets the arguments as they are; the value is what it returns."""
    found = command.direct("plug|p", "plug-in", args_type="id:s,up:b?", help="plug it")
    session = FakeSession({"plug-in": 7}, table=Table([found]))

    call = session.call("p x on")

    assert call.value == 7
    assert session.calls == [("plug-in", {"id": "x", "up": True})]
    assert found.qmp == ("plug-in",)
    assert found.source.rpartition(":")[0] == __file__


def test_a_report_is_the_text_of_a_qmp_command() -> None:
    """It is shown as it is; views can compare it with that of the last look."""
    found = info.report("roms", "x-query-roms", help="show them")
    replies = iter(["one\n", "two\n"])
    answers = {"x-query-roms": lambda args: {"human-readable-text": next(replies)}}
    session = FakeSession(answers, table=Table([found]))

    assert session.prints("roms") == "one\n"
    call = session.call("roms")

    assert call.text() == "two\n"
    assert call.before is not None
    assert call.before.value == "one\n"
    assert found.effect == READ
    assert found.source.rpartition(":")[0] == __file__


def test_a_mistake_in_a_declaration_is_a_table_error() -> None:
    """The decorator form checks like the plain one."""
    with pytest.raises(TableError, match="is no command name"):
        Declare(READ).passthrough("no name", help="fail")


def test_a_table_finds_entries_by_all_their_names() -> None:
    """An alias is as good as the name; what is not there is None."""
    found, other = entry("stop|s"), entry("cont|c")
    table = Table([found, other])

    assert table.get("stop") is table.get("s") is found
    assert table.get("stop|s") is None
    assert table.get("") is None
    assert len(table) == 2


def test_a_table_is_in_bytewise_order_and_has_each_entry_once() -> None:
    """Capitals come before small letters, dashes before underscores."""
    names = ["b", "B", "a_b", "a-b", "a|z", "?"]
    table = Table(map(entry, names))

    assert [item.name for item in table] == ["?", "B", "a-b", "a_b", "a|z", "b"]


@pytest.mark.parametrize("second", ["stop", "s", "x|s", "stop|t"])
def test_a_name_that_comes_twice_is_refused(second: str) -> None:
    """The text has the name and both places."""
    table = Table([entry("stop|s", source="a.py:1")])

    with pytest.raises(TableError, match=r"declared twice \(a\.py:1 and b\.py:2\)"):
        table.add(entry(second, source="b.py:2"))


def test_an_entry_with_one_name_twice_is_refused() -> None:
    """Also within one entry a name stands once."""
    with pytest.raises(TableError, match="'a' is declared twice"):
        Table([entry("a|a")])
