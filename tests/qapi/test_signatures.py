from __future__ import annotations

from types import FunctionType
from typing import Any, Optional

import pytest

from hmp.qapi import QAPIError
from hmp.qapi.signatures import check_signature, expected_signature, is_function
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'enum': 'Num', 'data': [ 'a' ] }
    { 'alternate': 'Alt', 'data': { 'n': 'Num', 'z': 'null' } }
    { 'struct': 'Foo', 'data': {} }
    { 'command': 'none' }
    { 'command': 'go', 'data': { 'a-b': 'str', '*import': 'uint8' }, 'returns': [ 'Foo' ] }
    { 'command': 'mixed', 'data': { '*a': 'int', 'b': 'int', '*c': 'int' } }
    { 'command': 'wide', 'data': { 'n': 'Num', '*alt': 'Alt', '*any': 'any' },
      'returns': 'Foo' }
    { 'command': 'boxed', 'data': 'Foo', 'boxed': true }
    { 'command': 'raw', 'gen': false, 'data': { 'a': 'int' }, 'returns': 'Foo' }
    { 'command': 'slow', 'coroutine': true }
    """
)


def define(signature: str, body: str = "...") -> FunctionType:
    """Return a function f; its annotations are strings."""
    return define_evaluated(f"from __future__ import annotations\n{signature}", body)


def define_evaluated(text: str, body: str = "...", **names: object) -> FunctionType:
    """Return a function f; its annotations are looked up in `names`."""
    before, _, signature = text.rpartition("\n")
    keyword = "" if signature.startswith("async") else "def "
    source = f"{before}\n{keyword}{signature.replace('async f', 'async def f')}: {body}"
    exec(compile(source, "functions.py", "exec", dont_inherit=True), names)
    function = names["f"]
    assert isinstance(function, FunctionType)
    return function


def check(name: str, function: FunctionType, context: int = 1, typed: bool = True) -> int:
    """Check a function for the command `name`."""
    return check_signature(SCHEMA.commands[name], function, context, typed)


def fault(name: str, function: FunctionType, typed: bool = True) -> str:
    """Return why a function doesn't fit; the error names both places."""
    with pytest.raises(QAPIError) as caught:
        check(name, function, typed=typed)
    place = SCHEMA.commands[name].place
    assert place is not None
    assert (caught.value.file, caught.value.line) == ("t.json", place.line)
    where = "f() at functions.py:2 doesn't fit: "
    assert caught.value.message.startswith(where)
    return caught.value.message.removeprefix(where)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("none", "f() -> None"),
        ("go", "f(a_b: str, import_: int | None = None) -> list[Foo]"),
        ("go", "f(a_b: 'str', import_: None|int = None) -> list[types.Foo]"),
        ("go", "f(a_b: str, import_: Optional[int] = None) -> 'list[a.b.Foo]'"),
        ("mixed", "f(a: int | None, b: int, c: int | None = None) -> None"),
        ("wide", "f(n: Num, alt: Alt | Null | None = None, any: object = None) -> Foo"),
        ("wide", "f(n: Num, alt: None | Null | Alt = None, any: Any | None = None) -> Foo"),
        ("boxed", "f(whatever: Foo) -> None"),
        ("raw", "f(arguments: dict[str, object]) -> object"),
        ("raw", "f(arguments: dict[str, Any]) -> Any"),
        ("slow", "f() -> None"),
        ("slow", "async f() -> None"),
    ],
)
def test_signatures_that_fit(name: str, signature: str) -> None:
    """Names, order, optionality and types are right; types may be spelled otherwise."""
    assert check(name, define(signature)) == 0


@pytest.mark.parametrize(
    "result", ["list[dict[str, object]]", "list[dict[str, Any]]", "list[FooWire]"]
)
def test_structs_are_dicts_without_generated_types(result: str) -> None:
    """A `TypedDict` of the wire's form will do as well."""
    signature = f"f(a_b: str, import_: int | None = None) -> {result}"
    check("go", define(signature), typed=False)
    assert "must be 'list[Foo]'" in fault("go", define(signature))


def test_annotations_may_be_objects() -> None:
    """That is what they are without `from __future__ import annotations`."""

    class Foo:
        pass

    for optional in (Optional[int], int | None):  # noqa: UP045
        names: dict[str, Any] = {"Foo": Foo, "Opt": optional}
        text = "\nf(a_b: str, import_: Opt = None) -> list[Foo]"
        check("go", define_evaluated(text, **names))
    text = "\nf(n: Num, alt: Alt | Null | None = None, any: object = None) -> Foo"
    num, alt, null = (type(name, (), {}) for name in ("Num", "Alt", "Null"))
    check("wide", define_evaluated(text, Num=num, Alt=alt, Null=null, Foo=Foo))


def test_parameters_before_the_slash_are_context() -> None:
    """They need neither names nor annotations that the schema knows."""
    assert check("none", define("f(machine: Machine, /) -> None")) == 1
    go = define("f(m, /, a_b: str, import_: int | None = None) -> list[Foo]")
    assert check("go", go) == 1
    assert check("none", define("f(a, b, /) -> None"), context=3) == 2


@pytest.mark.parametrize(
    ("name", "signature", "words"),
    [
        # names and order
        (
            "go",
            "f(a_b: str) -> list[Foo]",
            "it must be f(a_b: str, import_: int | None = None)",
        ),
        (
            "go",
            "f(import_: int, a_b: str) -> list[Foo]",
            "it must be f(a_b: str, import_: int | None = None)",
        ),
        (
            "go",
            "f(a: str, import_: int | None = None) -> list[Foo]",
            "it must be f(a_b: str, import_: int | None = None)",
        ),
        ("none", "f(machine: object, /, x: str) -> None", "it must be f(machine, /)"),
        ("boxed", "f() -> None", "it must be f(arguments: Foo)"),
        # what is optional
        (
            "go",
            "f(a_b: str, import_: int | None) -> list[Foo]",
            "'import_' is optional, it must have the default None",
        ),
        (
            "go",
            "f(a_b: str = None, import_: int | None = None) -> list[Foo]",
            "the schema doesn't make 'a_b' optional, drop its default",
        ),
        (
            "go",
            "f(a_b: str, import_: int | None = 1) -> list[Foo]",
            "'import_' may only have the default None, for an absent argument",
        ),
        # types
        ("go", "f(a_b, import_=None) -> list[Foo]", "annotate 'a_b' with 'str'"),
        (
            "go",
            "f(a_b: bytes, import_: int | None = None) -> list[Foo]",
            "the annotation of 'a_b' must be 'str', not 'bytes'",
        ),
        (
            "go",
            "f(a_b: str, import_: int = None) -> list[Foo]",
            "the annotation of 'import_' must be 'int | None', not 'int'",
        ),
        (
            "go",
            "f(a_b: str, import_: int | None = None) -> list[Num]",
            "the annotation of the return value must be 'list[Foo]', not 'list[Num]'",
        ),
        (
            "go",
            "f(a_b: str, import_: int | None = None)",
            "annotate the return value with 'list[Foo]'",
        ),
        (
            "none",
            "f() -> str",
            "the annotation of the return value must be 'None', not 'str'",
        ),
        # kinds of functions
        (
            "none",
            "async f() -> None",
            "an 'async def' needs 'coroutine': true in the schema entry",
        ),
        ("none", "f(*args: object) -> None", "it must not take '*' or '**' arguments"),
        ("none", "f(**args: object) -> None", "it must not take '*' or '**' arguments"),
        (
            "go",
            "f(*, a_b: str, import_: int | None = None) -> list[Foo]",
            "it must not have parameters after a '*'",
        ),
        (
            "none",
            "f(a, b, /) -> None",
            "it has 2 parameters before '/', but gets 1 values for them",
        ),
    ],
)
def test_signatures_that_do_not_fit(name: str, signature: str, words: str) -> None:
    """The error says what to do, and names the schema entry and the function."""
    assert fault(name, define(signature)) == words


def test_generators_are_no_commands() -> None:
    """Neither plain nor asynchronous ones."""
    assert "generator" in fault("none", define("f() -> None", "yield"))
    assert "generator" in fault("slow", define("async f() -> None", "yield"))


def test_the_signature_that_is_wanted_in_words() -> None:
    """It is what `bind` would take."""
    signatures = {
        name: expected_signature(command, typed=True)
        for name, command in SCHEMA.commands.items()
    }
    assert signatures == {
        "none": "() -> None",
        "go": "(a_b: str, import_: int | None = None) -> list[Foo]",
        "mixed": "(a: int | None, b: int, c: int | None = None) -> None",
        "wide": "(n: Num, alt: Alt | Null | None = None, any: object = None) -> Foo",
        "boxed": "(arguments: Foo) -> None",
        "raw": "(arguments: dict[str, object]) -> object",
        "slow": "() -> None",
    }
    for name, signature in signatures.items():
        check(name, define(f"f{signature}"))


def test_only_python_functions_are_functions() -> None:
    """Builtins and classes have no code to look at."""
    assert is_function(fault)
    assert not is_function(print)
    assert not is_function(FunctionType)
