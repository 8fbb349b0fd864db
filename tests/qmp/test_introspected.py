from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import QMPError
from hmp.qmp.introspected import Introspected
from tests.fakes import FakeConnection

Entry = dict[str, Any]


def builtin(name: str) -> Entry:
    """Return the entry of a built-in type."""
    return {"name": name, "meta-type": "builtin", "json-type": name}


def member(name: str, type_: str, **more: Any) -> Entry:
    """Return a member of an object."""
    return {"name": name, "type": type_, **more}


def object_(name: str, *members: Entry, **more: Any) -> Entry:
    """Return the entry of an object type."""
    return {"name": name, "meta-type": "object", "members": list(members), **more}


def command(name: str, arguments: str, returns: str, **more: Any) -> Entry:
    """Return the entry of a command."""
    return {
        "name": name,
        "meta-type": "command",
        "arg-type": arguments,
        **{"ret-type": returns, **more},
    }


SCHEMA = Introspected(
    [
        *map(builtin, ("str", "int", "boolean", "null")),
        object_("empty"),
        object_("point", member("x", "int"), member("y", "int", default=None)),
        object_("line", member("from", "point"), member("to", "point")),
        object_(
            "union",
            member("kind", "new"),
            tag="kind",
            variants=[{"case": "a", "type": "empty"}],
        ),
        object_("bare-union", tag="kind", variants=[]),
        {
            "name": "new",
            "meta-type": "enum",
            "values": ["a", "b"],
            "members": [{"name": "a"}, {"name": "b"}],
        },
        {"name": "old", "meta-type": "enum", "values": ["c", "d"]},
        {"name": "[int]", "meta-type": "array", "element-type": "int"},
        {"name": "[point]", "meta-type": "array", "element-type": "point"},
        {"name": "[new]", "meta-type": "array", "element-type": "new"},
        {"name": "[Text]", "meta-type": "array", "element-type": "Text"},
        {"name": "text", "meta-type": "builtin", "json-type": "string"},
        object_("Text", member("str", "text")),
        {
            "name": "either",
            "meta-type": "alternate",
            "members": [{"type": "str"}, {"type": "null"}],
        },
        object_(
            "arguments",
            member("device", "str", features=["deprecated"]),
            member("speed", "int", default=None),
            member("where", "point", default=None),
        ),
        command("stop", "empty", "empty"),
        command("query-line", "empty", "line"),
        command("move", "arguments", "empty", features=["unstable"]),
        {"name": "STOP", "meta-type": "event", "arg-type": "point"},
    ]
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("int", "int"),
        ("new", "a | b"),
        ("[int]", "list of ints"),
        ("[point]", "list of objects"),
        ("[new]", "list of a | b"),
        ("[Text]", "list of strings"),
        ("either", "str or null"),
        ("point", "object"),
        ("union", "object"),
        ("nope", "nope"),
    ],
)
def test_types_in_words(name: str, text: str) -> None:
    """A menu has no room for members, which complete by themselves."""
    assert SCHEMA.type_words(name) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("int", "int"),
        ("new", "a or b"),
        ("old", "c or d"),
        ("[int]", "list of ints"),
        ("[point]", "list of objects with x and maybe y"),
        ("either", "str or null"),
        ("empty", "object"),
        ("point", "object with x and maybe y"),
        ("line", "object with from and to"),
        ("union", "object with kind and more by kind"),
        ("bare-union", "object with more by kind"),
        ("nope", "nope"),
    ],
)
def test_types_are_told_by_what_they_hold(name: str, text: str) -> None:
    """Their names mean nothing; of objects, the members have names that do."""
    assert SCHEMA.type_text(name) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stop", "stop"),
        ("query-line", "query-line returns an object with from and to"),
        (
            "move",
            "move (unstable)\n"
            "  device: str (deprecated)\n"
            "  speed: int, optional\n"
            "  where: object with x and maybe y, optional",
        ),
        ("STOP", ""),
        ("point", ""),
        ("nope", ""),
    ],
)
def test_a_command_is_described_in_lines(name: str, text: str) -> None:
    """With its arguments and what is special about them; what is none is not."""
    assert SCHEMA.describe(name) == text


def test_the_numbers_of_a_reply() -> None:
    """By their paths, of which a plot follows one; a bare number has no path."""
    schema = Introspected(
        [
            *SCHEMA.entries.values(),
            builtin("number"),
            object_(
                "stats",
                member("name", "str"),
                member("speed", "number"),
                member("at", "[point]"),
            ),
            {"name": "[stats]", "meta-type": "array", "element-type": "stats"},
            command("query-stats", "empty", "[stats]"),
            command("query-number", "empty", "int"),
        ]
    )

    assert SCHEMA.numbers("query-line") == ["from.x", "from.y", "to.x", "to.y"]
    assert schema.numbers("query-stats") == ["[0].speed"]
    assert schema.numbers("query-number") == SCHEMA.numbers("stop") == []
    assert SCHEMA.numbers("nope") == []


def test_long_descriptions_are_wrapped() -> None:
    """No line is longer than a narrow screen."""
    members = [member(f"member-{n}", "int") for n in range(40)]
    schema = Introspected([builtin("int"), object_("0", *members), command("c", "0", "0")])

    assert max(map(len, schema.describe("c").splitlines())) <= 78


def test_commands_are_listed() -> None:
    """Sorted, and without events and types."""
    assert SCHEMA.commands() == ["move", "query-line", "stop"]


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("move", ["device", "speed", "where"]),
        ("STOP", ["x", "y"]),
        ("point", ["x", "y"]),
        ("stop", []),
        ("int", []),
        ("nope", []),
    ],
)
def test_members_are_those_of_the_arguments(name: str, members: list[str]) -> None:
    """Of a command, an event or an object type."""
    assert [item["name"] for item in SCHEMA.members(name)] == members


UNION = Introspected(
    [
        *map(builtin, ("str", "int", "boolean")),
        {"name": "kind", "meta-type": "enum", "values": ["user", "tap"]},
        {"name": "keys", "meta-type": "array", "element-type": "key"},
        object_(
            "key",
            member("type", "kind"),
            tag="type",
            variants=[{"case": "user", "type": "wrapped"}, {"case": "tap", "type": "none"}],
        ),
        {"name": "code", "meta-type": "enum", "members": [{"name": "a"}, {"name": "b"}]},
        object_("wrapped", member("data", "code")),
        object_("none"),
        object_("send", member("keys", "keys"), member("time", "int", default=None)),
        object_("user-options", member("net", "str"), member("on", "boolean")),
        object_(
            "options",
            member("id", "str"),
            member("type", "kind"),
            tag="type",
            variants=[
                {"case": "user", "type": "user-options"},
                {"case": "tap", "type": "none"},
            ],
        ),
        command("send-key", "send", "none"),
        command("netdev_add", "options", "none"),
    ]
)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("netdev_add", "type"), ["user", "tap"]),
        (("send-key", "keys", "[]", "type"), ["user", "tap"]),
        (("send-key", "keys", "[]", "data"), ["a", "b"]),
        (("send-key", "keys"), []),
        (("send-key", "time"), []),
        (("send-key", "keys", "[]", "[]"), []),
        (("send-key", "nope", "x"), []),
        (("nope", "x"), []),
    ],
)
def test_enums_are_found_by_their_path(path: tuple[str, ...], values: list[str]) -> None:
    """Through members, elements and any variant of a union."""
    assert UNION.enum_at(*path) == values


@pytest.mark.parametrize(
    ("case", "members"),
    [("user", ["id", "net", "on"]), ("tap", ["id"]), ("nope", ["id"])],
)
def test_members_of_a_variant(case: str, members: list[str]) -> None:
    """With those that all have, and without the tag itself."""
    assert [m["name"] for m in UNION.variant_members("netdev_add", case)] == members
    assert UNION.variant_members("nope", case) == []


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ({}, {"id": "str", "type": "kind"}),
        (
            {"type": "user"},
            {"id": "str", "type": "kind", "net": "str", "on": "boolean"},
        ),
        ({"type": "tap"}, {"id": "str", "type": "kind"}),
    ],
)
def test_members_of_a_value(value: Entry, types: dict[str, str]) -> None:
    """Its tag says which belong."""
    assert UNION.all_members("options", value) == types


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kind", ["user", "tap"]),
        ("code", ["a", "b"]),
        ("boolean", ["on", "off"]),
        ("str", []),
        ("nope", []),
    ],
)
def test_words_of_a_type(name: str, words: list[str]) -> None:
    """Where they are few."""
    assert [word for word, _ in UNION.value_words(name)] == words


def test_an_object_that_holds_itself_has_an_end() -> None:
    """It is not followed for ever."""
    schema = Introspected([object_("a", member("again", "a"))])

    assert schema.type_text("a") == "object with again"
    assert schema.type_words("a") == "object"


@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        None,
        7,
        "x",
        [7],
        [{}],
        [{"name": "c"}],
        [{"name": "c", "meta-type": 1}],
        [{"name": "c", "meta-type": "command"}],
        [command("c", "0", "a"), {"name": "a", "meta-type": "array", "element-type": "a"}],
        [command("c", "0", "0"), object_("0", {"odd": 1})],
        [command("c", "0", "0"), {"name": "0", "meta-type": "object", "members": "odd"}],
        QMPError("no"),
    ],
)
def test_a_machine_that_tells_nonsense_of_itself_tells_nothing(reply: Any) -> None:
    """Help is not to fail for what it can do without."""
    machine = FakeConnection({"query-qmp-schema": reply})
    machine.fills = False

    assert drive(machine.describe("c")) == ""
