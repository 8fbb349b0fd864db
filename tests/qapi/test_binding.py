from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any

import pytest

from hmp.qapi import QAPIError, RejectedValueError, ReturnValueError, bind
from hmp.qapi.binding import Bound
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'pragma': { 'command-returns-exceptions': [ 'add' ] } }
    { 'struct': 'Foo', 'data': { 'a': 'int' } }
    { 'command': 'add', 'data': { 'x': 'int', '*y': 'int' }, 'returns': 'int' }
    { 'command': 'get', 'returns': [ 'Foo' ] }
    { 'command': 'set', 'data': 'Foo', 'boxed': true }
    { 'command': 'slow', 'data': { 'x': 'int' }, 'returns': 'Foo', 'coroutine': true }
    { 'command': 'raw', 'gen': false }
    """
)


def qmp_add(x: int, y: int | None = None) -> int:
    """Add two numbers."""
    return x + (10 if y is None else y)


def qmp_get(machine: list[Any], /) -> list[dict[str, Any]]:
    """Return what was set."""
    return machine


def qmp_set(machine: list[Any], /, foo: dict[str, Any]) -> None:
    """Keep a value."""
    machine.append(foo)


async def qmp_slow(x: int) -> dict[str, Any]:
    """Return the value later."""
    await asyncio.sleep(0)
    return {"a": x}


def qmp_raw(arguments: dict[str, Any]) -> object:
    """Return the arguments."""
    return arguments or None


ALL = [qmp_add, qmp_get, qmp_set, qmp_slow, qmp_raw]


def bound(*replaced: Any, machine: Any = None) -> dict[str, Bound]:
    """Return the bound commands, with some functions replaced."""
    functions = {function.__name__: function for function in [*ALL, *replaced]}
    return bind(SCHEMA, functions, context=([] if machine is None else machine,))


def test_commands_run_with_wire_arguments_and_results() -> None:
    """Commands run with wire arguments and results."""
    machine: list[Any] = []
    commands = bound(machine=machine)
    assert list(commands) == ["add", "get", "set", "slow", "raw"]
    assert commands["add"]({"x": 1}) == 11
    assert commands["add"]({"y": 2, "x": 1}) == 3
    assert commands["set"]({"a": 5}) == {}
    assert commands["get"]({}) == [{"a": 5}]
    assert machine == [{"a": 5}]


def test_bad_arguments_never_reach_the_function() -> None:
    """Bad arguments never reach the function."""
    machine: list[Any] = []
    commands = bound(machine=machine)
    with pytest.raises(RejectedValueError, match="Parameter 'a' is missing"):
        commands["set"]({})
    with pytest.raises(RejectedValueError, match="'x', expected: integer"):
        commands["add"].check({"x": "1"})
    commands["set"].check({"a": 1})
    assert machine == []


def test_coroutines() -> None:
    """Coroutines."""
    command = bound()["slow"]
    assert command.is_coroutine
    assert not bound()["add"].is_coroutine
    assert asyncio.run(command({"x": 3})) == {"a": 3}
    with pytest.raises(RejectedValueError):
        command({})


def test_without_marshalling_values_pass_as_they_are() -> None:
    """Without marshalling values pass as they are."""
    command = bound()["raw"]
    assert command({"a": [None]}) == {"a": [None]}
    assert command({}) == {}


def test_a_bad_result_is_the_authors_fault() -> None:
    """A bad result is the author's fault."""

    def qmp_add(x: int, y: int | None = None) -> int:
        return "1"  # type: ignore[return-value]

    def qmp_get(machine: list[Any], /) -> list[dict[str, Any]]:
        return [{"a": 1}, {"a": None}]

    def qmp_set(foo: dict[str, Any]) -> None:
        return foo  # type: ignore[return-value]

    async def qmp_slow(x: int) -> dict[str, Any]:
        return {}

    commands = bound(qmp_add, qmp_get, qmp_set, qmp_slow)
    with pytest.raises(ReturnValueError, match="expected: integer") as caught:
        commands["add"]({"x": 1})
    assert f"qmp_add() at {__file__}:" in str(caught.value)
    with pytest.raises(ReturnValueError, match=r"'\[1\].a', expected: integer"):
        commands["get"]({})
    with pytest.raises(ReturnValueError, match="it should return None"):
        commands["set"]({"a": 1})
    with pytest.raises(ReturnValueError, match="'a' is missing"):
        asyncio.run(commands["slow"]({"x": 1}))


def test_exceptions_of_the_function_pass_through() -> None:
    """Exceptions of the function pass through."""

    def qmp_get() -> list[dict[str, Any]]:
        raise LookupError("none")

    with pytest.raises(LookupError, match="none"):
        bound(qmp_get)["get"]({})


def test_nesting_beyond_reason_is_rejected() -> None:
    """Nesting beyond reason is rejected."""
    schema = accepted(
        "{ 'struct': 'Node', 'data': { '*more': 'Node' } }"
        "{ 'command': 'foo', 'data': 'Node', 'returns': 'Node' }"
    )

    def qmp_foo(more: dict[str, Any] | None = None) -> dict[str, Any]:
        return deep

    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"more": deep}
    command = bind(schema, [qmp_foo])["foo"]
    with pytest.raises(RejectedValueError, match="nested too deeply"):
        command(deep)
    with pytest.raises(ReturnValueError):
        command({})


def test_functions_come_from_modules_lists_and_mappings() -> None:
    """Functions come from modules lists and mappings."""
    module = ModuleType("commands")
    vars(module).update({function.__name__: function for function in ALL})
    vars(module)["other"] = print
    by_name = {function.__name__: function for function in ALL}
    for functions in ([module], ALL, [module, *ALL], by_name):
        assert len(bind(SCHEMA, functions, context=([],))) == 5  # type: ignore[arg-type]


def error(functions: Any, context: tuple[object, ...] = ([],)) -> QAPIError:
    """Return the error that binding these functions gives."""
    with pytest.raises(QAPIError) as caught:
        bind(SCHEMA, functions, context=context)
    return caught.value


def test_a_command_without_function() -> None:
    """A command without function."""
    found = error(ALL[1:])
    assert (found.file, found.line, found.context) == ("t.json", 4, "In command 'add':")
    assert "qmp_add()" in found.message


def test_a_function_without_command() -> None:
    """A function without command."""

    def qmp_more() -> None: ...

    found = error([*ALL, qmp_more])
    assert (found.file, found.line) == (__file__, qmp_more.__code__.co_firstlineno)
    assert "qmp_more()" in found.message


def test_two_functions_for_one_command() -> None:
    """Two functions for one command."""
    first = ALL[0]

    def qmp_add() -> None: ...

    found = error([*ALL, qmp_add])
    assert found.line == qmp_add.__code__.co_firstlineno
    assert f":{first.__code__.co_firstlineno}" in found.message


def test_a_function_that_does_not_fit_names_both_places() -> None:
    """A function that does not fit names both places."""

    def qmp_add() -> None: ...

    found = error([qmp_add, *ALL[1:]])
    assert (found.file, found.line) == ("t.json", 4)
    assert f"{__file__}:{qmp_add.__code__.co_firstlineno}" in found.message
    assert "gets 0 values" in error(ALL, context=()).message


def test_what_is_no_function() -> None:
    """What is no function."""
    assert "plain function" in error({"qmp_add": print}).message


def test_a_bound_command_says_what_it_is() -> None:
    """A bound command says what it is."""
    assert repr(bound()["add"]) == "Bound('add', qmp_add)"
    assert bound()["add"].command is SCHEMA.commands["add"]
    assert bound()["add"].function is qmp_add
