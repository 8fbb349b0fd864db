from __future__ import annotations

from typing import Any

from hmp.qapi.relaxation import relax
from hmp.qapi.replies import Replies

INFOS: list[dict[str, Any]] = [
    {"name": "query-log", "meta-type": "command", "ret-type": "[1]"},
    {"name": "stop", "meta-type": "command", "ret-type": "0"},
    {"name": "[1]", "meta-type": "array", "element-type": "1"},
    {"name": "0", "meta-type": "object", "members": []},
    {
        "name": "1",
        "meta-type": "object",
        "tag": "kind",
        "members": [
            {"name": "kind", "type": "2"},
            {"name": "next", "type": "1", "default": None},
            {"name": "value", "type": "3"},
            {"name": "more", "type": "any"},
        ],
        "variants": [{"case": "a", "type": "4"}, {"case": "b", "type": "0"}],
    },
    {"name": "2", "meta-type": "enum", "members": [{"name": "a"}, {"name": "b"}]},
    {"name": "3", "meta-type": "alternate", "members": [{"type": "int"}, {"type": "str"}]},
    {"name": "4", "meta-type": "object", "members": [{"name": "size", "type": "int"}]},
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "any", "meta-type": "builtin", "json-type": "value"},
]


def test_a_command_that_no_schema_has_is_taken_as_the_machine_says_it() -> None:
    """Its types are called by it, and may hold themselves."""
    found = Replies()
    relax(found, INFOS)

    assert found.commands == {"query-log": "[QueryLog]", "stop": "{}"}
    assert {name: shape.text() for name, shape in found.shapes.items()} == {
        "QueryLog": "kind:str next?:QueryLog value:QueryLogValue more:any kind=a:QueryLogA",
        "QueryLogValue": "|int|str",
        "QueryLogA": "size:int",
    }


def test_what_is_new_is_not_relaxed_by_itself() -> None:
    """Asking the same machine twice changes nothing."""
    found = Replies()
    relax(found, INFOS)
    before = {name: shape.text() for name, shape in found.shapes.items()}
    relax(found, INFOS)

    assert {name: shape.text() for name, shape in found.shapes.items()} == before
