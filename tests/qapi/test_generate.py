from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hmp.qapi import QAPIError, generate_types
from tests.qapi.helpers import accepted, doc, refused

TEXT = (
    doc("@Num:", "", "Some *numbers*.  Not all.", "", "@one: x", "@2-b: x")
    + """\
{ 'enum': 'Num', 'data': [ 'one', '2-b' ] }
{ 'struct': 'Derived', 'base': 'Base', 'data': { '*class': 'Num', 'more': [ 'Derived' ] } }
{ 'struct': 'Base', 'data': { '*id': 'str', 'node-name': 'uint8' } }
{ 'struct': 'Empty', 'data': {} }
{ 'union': 'Uni', 'base': { 'kind': 'Num' }, 'discriminator': 'kind',
  'data': { 'one': 'Base' } }
{ 'alternate': 'Alt', 'data': { 'uni': 'Uni', 'n': 'Num', 'z': 'null' } }
{ 'struct': 'User', 'data': { '*alt': 'Alt', '*any': 'any' } }
{ 'command': 'foo', 'data': { 'not': 'int' } }
"""
)

EXPECTED = '''\
# ruff: noqa: A002, UP013
# fmt: off
"""The types of t.json.

Written by `python -m hmp.qapi types`; change the schema instead of this file.
"""

from __future__ import annotations

from enum import StrEnum as _StrEnum

from hmp.qapi.values import Null
from hmp.qapi.values import Struct as _Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NotRequired, TypeAlias, TypedDict


class Num(_StrEnum):
    """Some numbers."""

    ONE = "one"
    N2_B = "2-b"


class Base(_Struct):
    """The struct type 'Base'."""

    __slots__ = ("id", "node_name")

    def __init__(
        self,
        *,
        id: str | None = None,
        node_name: int,
    ) -> None:
        self.id = id
        self.node_name = node_name


class Derived(Base):
    """The struct type 'Derived'."""

    __slots__ = ("class_", "more")

    def __init__(
        self,
        *,
        id: str | None = None,
        node_name: int,
        class_: Num | None = None,
        more: list[Derived],
    ) -> None:
        self.id = id
        self.node_name = node_name
        self.class_ = class_
        self.more = more


class Empty(_Struct):
    """The struct type 'Empty'."""

    __slots__ = ()


class Uni(_Struct):
    """The union type 'Uni'."""

    __slots__ = ("kind", "u")

    def __init__(
        self,
        *,
        kind: Num,
        u: Base | None = None,
    ) -> None:
        self.kind = kind
        self.u = u


class User(_Struct):
    """The struct type 'User'."""

    __slots__ = ("alt", "any")

    def __init__(
        self,
        *,
        alt: Alt | Null | None = None,
        any: object = None,
    ) -> None:
        self.alt = alt
        self.any = any


Alt = Uni | Num | None


if TYPE_CHECKING:
    DerivedWire = TypedDict(
        "DerivedWire",
        {
            "id": "NotRequired[str]",
            "node-name": "int",
            "class": "NotRequired[str]",
            "more": "list[DerivedWire]",
        },
    )
    BaseWire = TypedDict(
        "BaseWire",
        {
            "id": "NotRequired[str]",
            "node-name": "int",
        },
    )
    EmptyWire = TypedDict(
        "EmptyWire",
        {
        },
    )
    UniWire = TypedDict(
        "UniWire",
        {
            "kind": "str",
            "id": "NotRequired[str]",
            "node-name": "NotRequired[int]",
        },
    )
    AltWire: TypeAlias = "UniWire | str | None"
    UserWire = TypedDict(
        "UserWire",
        {
            "alt": "NotRequired[AltWire]",
            "any": "NotRequired[object]",
        },
    )
'''


def load(text: str) -> Any:
    """Return the generated module for the schema in `text`."""
    module = ModuleType("generated_types")
    sys.modules[module.__name__] = module
    try:
        exec(generate_types(accepted(text)), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return module


def test_the_whole_module() -> None:
    """The whole module."""
    assert generate_types(accepted(TEXT)) == EXPECTED


def test_it_is_python_that_runs() -> None:
    """It is Python that runs."""
    module = load(TEXT)
    value = module.Derived(node_name=1, more=[])
    assert (value.id, value.class_, value.more) == (None, None, [])
    assert isinstance(value, module.Base)
    assert module.Num("2-b") is module.Num.N2_B
    assert module.Num.ONE == "one"
    assert module.Uni(kind=module.Num.ONE, u=value).u is value
    assert module.Empty() == module.Empty()


def test_type_checkers_and_linters_have_nothing_to_say(tmp_path: Path) -> None:
    """Needs mypy and ruff; whoever has neither misses nothing that a user would see."""
    pytest.importorskip("mypy")
    file = tmp_path / "generated.py"
    file.write_text(generate_types(accepted(TEXT)))
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path),
        str(file),
    ]
    root = Path(__file__).parents[2]
    result = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert result.stdout.startswith("Success"), result.stdout
    ruff = Path(sys.executable).with_name("ruff")
    if ruff.exists():
        command = [
            str(ruff),
            "check",
            "--no-cache",
            "--config",
            str(root / "pyproject.toml"),
        ]
        result = subprocess.run(
            [*command, str(file)], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout


def test_a_schema_without_types_gives_a_module_without_imports() -> None:
    """A schema without types gives a module without imports."""
    text = generate_types(accepted("{ 'command': 'foo' }"))
    assert text.endswith("from __future__ import annotations\n")
    assert load("{ 'command': 'foo' }")


def test_alternates_of_arrays_of_alternates() -> None:
    """Python takes a name only after its definition, a type checker takes it anywhere."""
    text = (
        "{ 'alternate': 'One', 'data': { 'a': [ 'One' ], 's': 'str' } }"
        "{ 'alternate': 'Two', 'data': { 'a': [ 'One' ], 'b': 'bool' } }"
    )
    module = load(text)
    assert module.One == "list[One] | str"
    assert str(module.Two) == "list['list[One] | str'] | bool"


def test_values_that_differ_in_case_only() -> None:
    """Values that differ in Case only."""
    text = "{ 'pragma': { 'member-name-exceptions': [ 'Num' ] } }"
    module = load(text + "{ 'enum': 'Num', 'data': [ 'a', 'A', '__org.x_a' ] }")
    assert {name: value.value for name, value in module.Num.__members__.items()} == {
        "A": "a",
        "A_": "A",
        "ORG_X_A": "__org.x_a",
    }


def test_long_names_are_wrapped() -> None:
    """Long names are wrapped."""
    names = [f"a-very-long-name-for-a-member-that-has-the-number-{i}" for i in (10, 9)]
    members = ", ".join(f"'{name}': 'int'" for name in names)
    text = generate_types(accepted(f"{{ 'struct': 'Foo', 'data': {{ {members} }} }}"))
    assert max(map(len, text.splitlines())) <= 88
    assert text.index('number_9",') < text.index('number_10",')  # as ruff sorts them


def test_quotes_and_backslashes_in_documentation_do_no_harm() -> None:
    """Quotes and backslashes in documentation do no harm."""
    comment = doc("@Foo:", "", '"""Quoted\\\\" \\ and ' + "long " * 30 + '"')
    module = load(comment + "{ 'struct': 'Foo', 'data': {} }")
    assert '"""Quoted\\"' in module.Foo.__doc__


def test_two_types_that_are_one_in_python() -> None:
    """Two types that are one in Python."""
    text = "{ 'enum': '__org.a_Foo', 'data': [] }\n{ 'enum': '__org-a_Foo', 'data': [] }"
    with pytest.raises(QAPIError, match=r"'org_a_Foo' is '__org\.a_Foo' already") as caught:
        generate_types(accepted(text))
    assert caught.value.line == 2
    refused(text.replace("__org-a", "__org.a"))


@pytest.mark.parametrize("name", ["Null", "FooWire"])
def test_a_type_that_the_module_has_another_use_for(name: str) -> None:
    """The name of a wire form or of an import can't be a class's, too."""
    text = f"{{ 'struct': 'Foo', 'data': {{}} }}\n{{ 'struct': '{name}', 'data': {{}} }}"
    with pytest.raises(QAPIError, match="rename one") as caught:
        generate_types(accepted(text))
    assert caught.value.line == 2
