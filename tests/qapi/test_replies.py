from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hmp.qapi import introspect, load_schema
from hmp.qapi.__main__ import main
from hmp.qapi.relaxation import relax
from hmp.qapi.replies import Replies, module, overloads, stub
from hmp.qmp.shapes import COMMANDS, EVENTS, SHAPES, TypeTable
from tests.qapi.helpers import accepted, doc
from tests.qapi.qemu_sources import QEMU, QEMUSource, sources
from tests.qemu.machines import qemus

OURS = Path(__file__).parents[2] / "hmp"

OLD = """
{ 'enum': 'Kind', 'data': [ 'plain', 'disk' ] }
{ 'struct': 'Disk', 'data': { 'size': 'uint64', 'path': 'str' } }
{ 'union': 'Thing', 'base': { 'kind': 'Kind', 'name': 'str' },
  'discriminator': 'kind', 'data': { 'disk': 'Disk' } }
{ 'alternate': 'Value', 'data': { 'n': 'int', 'b': 'bool' } }
{ 'struct': 'Status', 'data': { 'on': 'bool', '*value': 'Value', 'was': 'int' } }
{ 'struct': 'Unused', 'data': { 'x': 'int' } }
{ 'command': 'query-things', 'returns': [ 'Thing' ] }
{ 'command': 'query-status', 'returns': 'Status' }
{ 'command': 'query-text', 'returns': 'Status' }
{ 'command': 'stop', 'data': { 'x': 'Unused' } }
"""
NEW = """
{ 'struct': 'Status', 'data': { 'on': 'bool', 'new': { 'type': 'int', 'if': 'X' } } }
{ 'struct': 'Disk', 'data': { 'size': 'uint64', 'path': 'str',
  'gone': { 'type': 'str', 'features': [ 'deprecated' ] } } }
{ 'struct': 'Text', 'data': { 'text': 'str' } }
{ 'command': 'query-status', 'returns': 'Status' }
{ 'command': 'query-text', 'returns': 'Text' }
{ 'command': 'query-disk', 'returns': 'Disk' }
{ 'command': 'stop' }
"""


NEWER = "Since: 1.0"


def replies(text: str) -> Replies:
    """Return the replies of a schema without documentation."""
    return Replies.of(accepted(text))


def shapes(found: Replies) -> dict[str, str]:
    """Return the texts of the shapes."""
    return {name: shape.text() for name, shape in found.shapes.items()}


def test_types_as_the_table_writes_them() -> None:
    """Integers are one type, enumerations strings; what no command returns is left out."""
    found = replies(OLD)

    assert found.commands == {
        "query-things": "[Thing]",
        "query-status": "Status",
        "query-text": "Status",
        "stop": "{}",
    }
    assert shapes(found) == {
        "Thing": "kind:str name:str kind=disk:Disk",
        "Disk": "size:int path:str",
        "Status": "on:bool value?:Value was:int",
        "Value": "|int|bool",
    }


def test_the_data_of_events_is_in_the_table() -> None:
    """Joined like replies, with the types that only it uses."""
    first = "{ 'event': 'GONE', 'data': { 'id': 'str', 'disk': 'Disk' } }"
    found = replies(OLD + first + "{ 'event': 'STOP' }")
    found.join(replies("{ 'event': 'GONE', 'data': { 'id': 'str' } } { 'event': 'NEW' }"))
    found.prune()

    assert {name: shapes(found).get(type_) for name, type_ in found.events.items()} == {
        "GONE": "id:str disk?:Disk",
        "STOP": None,
        "NEW": None,
    }
    assert shapes(found)["Disk"] == "size:int path:str"


def test_releases_are_joined() -> None:
    """What not all have is optional; what they contradict each other in is anything."""
    found = replies(OLD)
    found.join(replies(NEW))
    found.prune()

    assert found.commands["query-text"] == "{}"
    assert found.commands["query-disk"] == "Disk"
    assert found.commands["stop"] == "{}"
    assert shapes(found)["Status"] == "on:bool value?:Value was?:int new?:int"
    assert shapes(found)["Disk"] == "size:int path:str gone?:str"
    assert "Text" not in found.shapes


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ("['One']", "['Two']", "[{}]"),
        ("['One']", "'One'", "any"),
        ("'One'", "['One']", "any"),
        ("'One'", "'Two'", "{}"),
    ],
)
def test_replies_that_contradict_each_other(old: str, new: str, both: str) -> None:
    """What is the same in both remains, such as that it is a list."""
    types = "{ 'struct': 'One', 'data': {} }\n{ 'struct': 'Two', 'data': {} }\n"
    found, other = (
        replies(f"{types}{{ 'command': 'c', 'returns': {type_} }}") for type_ in (old, new)
    )
    found.join(other)

    assert found.commands == {"c": both}


def test_a_member_that_came_later_is_optional() -> None:
    """Older machines are still asked."""
    text = doc(
        "@Some:", "", "s.", "", "@a: x (since 3.0)", "", "@b: y (since 6.1)", "", NEWER
    )
    text += "{ 'struct': 'Some', 'data': { 'a': 'int', 'b': 'int' } }\n"
    text += doc("@c:", "", "c.", "", "Returns: s", "", NEWER)
    text += "{ 'command': 'c', 'returns': 'Some' }"

    assert shapes(Replies.of(accepted(text))) == {"Some": "a:int b?:int"}


def test_a_machine_relaxes_what_it_lacks() -> None:
    """By what it says of itself, whatever it calls its types."""
    found = replies(OLD)
    relax(
        found,
        [
            {"name": "query-things", "meta-type": "command", "ret-type": "[7]"},
            {"name": "query-status", "meta-type": "command", "ret-type": "9"},
            {"name": "[7]", "meta-type": "array", "element-type": "7"},
            {
                "name": "7",
                "meta-type": "object",
                "tag": "kind",
                "members": [{"name": "kind", "type": "str"}],
                "variants": [{"case": "disk", "type": "8"}],
            },
            {
                "name": "8",
                "meta-type": "object",
                "members": [
                    {"name": "size", "type": "str"},
                    {"name": "path", "type": "str", "default": None},
                ],
            },
            {"name": "9", "meta-type": "enum", "members": []},
            {"name": "str", "meta-type": "builtin", "json-type": "string"},
        ],
    )

    assert found.commands["query-status"] == "any"
    assert shapes(found)["Thing"] == "kind:str name?:str kind=disk:Disk"
    assert shapes(found)["Disk"] == "size:any path?:str"


def test_the_table_reads_back() -> None:
    """Python that is one literal after the other."""
    found = replies(OLD)
    namespace: dict[str, Any] = {}
    exec(module(found), namespace)

    tables = [TypeTable(namespace[name]) for name in ("COMMANDS", "EVENTS", "SHAPES")]
    again = Replies.parse(*tables)

    assert shapes(again) == shapes(found)
    assert again.commands == found.commands
    assert again.commands["stop"] == "{}"
    assert again.events == found.events


def test_a_table_of_types_is_a_mapping() -> None:
    """A name from elsewhere is looked up as it is, whatever it contains."""
    table = TypeTable("query-a str\nempty \nlong a:str b?:int\n")

    assert dict(table) == {"query-a": "str", "empty": "", "long": "a:str b?:int"}
    assert len(table) == 3
    for name in (
        "",
        "query",
        "query-a str",
        "long a:str",
        "a:str",
        "str\nempty",
        "\nempty",
    ):
        assert name not in table


def test_the_stub_has_a_class_for_each_type() -> None:
    """Members of branches are not required; an alternate is one of its types."""
    lines = stub(replies(OLD)).splitlines()

    assert "Value: TypeAlias = int | bool" in lines
    start = lines.index("class Thing(TypedDict):")
    assert lines[start + 1 : start + 5] == [
        "    kind: str",
        "    name: str",
        "    size: NotRequired[int]",
        "    path: NotRequired[str]",
    ]
    ast.parse("\n".join(lines))


def test_the_tool_prints_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several schemas, and what machines have said of themselves."""
    schema = tmp_path / "schema.json"
    schema.write_text(OLD)
    machine = tmp_path / "machine"
    machine.write_text("[]")

    assert main(["replies", str(schema), "--machine", str(machine)]) == 0
    assert "\nquery-status Status\n" in capsys.readouterr().out
    assert main(["replies", "--stub", str(schema)]) == 0
    assert "class Status(TypedDict):" in capsys.readouterr().out
    assert main(["replies", "--overloads", str(schema)]) == 0
    assert "    ) -> Status: ..." in capsys.readouterr().out


# The table that we have


def ours() -> Replies:
    """Return the replies of the table that is checked in."""
    return Replies.parse(COMMANDS, EVENTS, SHAPES)


def demands(found: Replies) -> Iterator[str]:
    """Yield what a table relies on, for comparing."""
    both = {**found.commands, **found.events}
    yield from (f"{name} -> {type_}" for name, type_ in both.items())
    yield from (
        f"{name}: {word}" for name, text in shapes(found).items() for word in text.split()
    )


def test_the_stub_belongs_to_the_table() -> None:
    """All were written together."""
    text = (OURS / "qmp" / "reply_types.pyi").read_text()
    assert text == stub(ours())
    text = (OURS / "qmp" / "executes.pyi").read_text()
    assert text == overloads(ours())


def test_our_own_machine_is_in_the_table() -> None:
    """Nothing is relied on that its schema does not have, and nothing is missing."""
    schema = load_schema(str(OURS / "machine" / "schema.json"))
    found = ours()
    found.join(Replies.of(schema))

    assert set(demands(found)) == set(demands(ours()))


def test_the_guest_agents_replies_are_in_the_table() -> None:
    """Nothing is relied on that its schema does not have, and nothing is missing."""
    found = ours()
    found.join(Replies.of(load_schema(str(OURS / "qmp" / "agent.json"))))

    assert set(demands(found)) == set(demands(ours()))


@pytest.mark.parametrize("source", sources(), ids=str)
def test_our_schema_of_the_guest_agent_is_that_of_qemu(source: QEMUSource) -> None:
    """Each command and type has the members of QEMU's; ours may have newer ones."""
    path = source.path / "qga" / "qapi-schema.json"
    theirs = introspect(load_schema(str(path), source.edition), masked=False)
    ours = introspect(load_schema(str(OURS / "qmp" / "agent.json")), masked=False)
    known = {entry["name"]: entry for entry in ours}
    for entry in theirs:
        mine = known[entry["name"]]
        if entry["meta-type"] == "alternate":
            continue
        members = {member["name"]: member for member in mine.get("members", ())}
        assert mine["meta-type"] == entry["meta-type"]
        for member in entry.get("members", ()):
            mine_too = members[member["name"]]
            assert mine_too.get("default", 0) == member.get("default", 0)
            # a bool became a choice with a bool in it
            assert member.get("type") in (mine_too.get("type"), "bool")


@pytest.mark.parametrize("source", sources(), ids=str)
def test_the_table_is_that_of_qemus_sources(source: QEMUSource) -> None:
    """Joining them again changes nothing."""
    path = source.path / "qapi" / "qapi-schema.json"
    found = ours()
    found.join(Replies.of(load_schema(str(path), source.edition)))
    found.prune()

    assert set(demands(found)) == set(demands(ours()))


@pytest.mark.parametrize("name", sorted(qemus()))
def test_the_table_is_what_machines_say_of_themselves(name: str) -> None:
    """Nothing is relied on that a real one does not have."""
    with QEMU(qemus()[name]) as qemu:
        infos = qemu.execute("query-qmp-schema")["return"]
    found = ours()
    relax(found, infos)

    assert set(demands(found)) == set(demands(ours()))
