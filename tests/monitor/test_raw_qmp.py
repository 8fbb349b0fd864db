from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.raw_qmp import RawRequest, join_messages, raw_request
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, FakeSession

SCHEMA: list[Any] = [
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "num", "meta-type": "builtin", "json-type": "number"},
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "any", "meta-type": "builtin", "json-type": "value"},
    {"name": "none", "meta-type": "object", "members": []},
    {"name": "strs", "meta-type": "array", "element-type": "str"},
    {"name": "keys", "meta-type": "array", "element-type": "key"},
    {"name": "driver", "meta-type": "enum", "values": ["file", "qcow2"]},
    {
        "name": "key",
        "meta-type": "object",
        "members": [{"name": "data", "type": "int"}],
    },
    {
        "name": "all",
        "meta-type": "object",
        "members": [
            *({"name": n, "type": n, "default": None} for n in ("str", "int", "num")),
            *({"name": n, "type": n, "default": None} for n in ("bool", "any", "strs")),
            *({"name": n, "type": n, "default": None} for n in ("keys", "key", "ref")),
        ],
    },
    {
        "name": "node",
        "meta-type": "object",
        "tag": "driver",
        "members": [{"name": "driver", "type": "driver"}],
        "variants": [{"case": "file", "type": "f"}, {"case": "qcow2", "type": "q"}],
    },
    {
        "name": "f",
        "meta-type": "object",
        "members": [
            {"name": "filename", "type": "str"},
            {"name": "locking", "type": "bool", "default": None},
        ],
    },
    {"name": "q", "meta-type": "object", "members": [{"name": "file", "type": "ref"}]},
    {
        "name": "ref",
        "meta-type": "alternate",
        "members": [{"type": "node"}, {"type": "str"}],
    },
    *(
        {"name": name, "meta-type": "command", "arg-type": arg, "ret-type": "none"}
        for name, arg in (("do", "all"), ("add", "node"), ("stop", "none"))
    ),
    {"name": "device_add", "meta-type": "command", "arg-type": "key", "ret-type": "none"},
]


def request(text: str, schema: Any = SCHEMA) -> RawRequest:
    """Read a request on a machine that has a schema."""
    machine = FakeConnection({"query-qmp-schema": schema})
    read: RawRequest = drive(raw_request(machine, text))
    return read


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("do", {}),
        ("do str=007", {"str": "007"}),
        ("do str=", {"str": ""}),
        ("do str=a=b", {"str": "a=b"}),
        ('do str="a b\\n"', {"str": "a b\n"}),
        ('do str="{"', {"str": "{"}),
        ("do str=\"'x'\"", {"str": "'x'"}),
        ("do str=it's", {"str": "it's"}),
        ("do int=0x10", {"int": 16}),
        ("do int=18446744073709551615", {"int": 18446744073709551615}),
        ("do num=1.5", {"num": 1.5}),
        ("do bool=on", {"bool": True}),
        ("do bool=false", {"bool": False}),
        ("do key.data=7", {"key": {"data": 7}}),
        ("do keys.0.data=7 keys.1.data=8", {"keys": [{"data": 7}, {"data": 8}]}),
        ('do keys=[{"data": 7}]', {"keys": [{"data": 7}]}),
        ('do key={"data": 7}   int=1', {"key": {"data": 7}, "int": 1}),
        ("do strs=a,b", {"strs": ["a", "b"]}),
        ('do any={"x": [1]}', {"any": {"x": [1]}}),
        ("do any=x", {"any": "x"}),
        ("do any=2", {"any": 2}),
        ("do any=-1.5e3", {"any": -1500.0}),
        ("do any=true", {"any": True}),
        ("do any=on", {"any": "on"}),
        ("do any=007", {"any": "007"}),
        ('do any="2"', {"any": "2"}),
        ('do "any=2"', {"any": "2"}),
        ('do {"str": "x", "any": [1]}', {"str": "x", "any": [1]}),
        ("do   {}", {}),
        ('"do" str=x', {"str": "x"}),
        ("do ref=n0", {"ref": "n0"}),
        (
            "add driver=qcow2 file.driver=file file.filename=1 file.locking=on",
            {
                "driver": "qcow2",
                "file": {"driver": "file", "filename": "1", "locking": True},
            },
        ),
    ],
)
def test_values_are_typed_by_the_schema(text: str, arguments: dict[str, Any]) -> None:
    """Never guessed: digits stay a text where a text is wanted."""
    assert request(text)[1] == arguments


def test_a_json_request() -> None:
    """As it is written; without arguments there are none."""
    text = '{"execute": "do", "arguments": {"str": "x", "int": 1}}'

    assert request(text) == ("do", {"str": "x", "int": 1}, False)
    assert request('{"execute": "stop"}') == ("stop", {}, False)
    assert request('{"exec-oob": "stop", "id": 7}') == ("stop", {}, True)


INT = "Parameter 'int' expects integer"


@pytest.mark.parametrize(
    ("text", "desc", "hint"),
    [
        ("sotp", "no QMP command 'sotp'", "Did you mean 'stop'?"),
        ("do it", "'it' is not key=value", ""),
        ("do itn=1", "'itn' is not expected", "Did you mean 'int'?"),
        ("do key.date=1", "'key.date' is not expected", "Did you mean 'data'?"),
        ("do int=x", "Parameter 'int' expects integer", ""),
        ("do int=18446744073709551616", INT, ""),
        ('do {"int": -9223372036854775809}', INT, ""),
        ("do keys.0.x=1", "'keys[0].x' is not expected", ""),
        ("add", "'driver' is missing", ""),
        ("add driver=file", "'filename' is missing", ""),
        ("add driver=qcow", "'qcow' is not a value of 'driver'", "Did you mean 'qcow2'?"),
        ("do a.=1", "Invalid parameter 'a.'", ""),
        ('do str="x', "the string is not terminated", ""),
        (
            "do any={x",
            "Expecting property name enclosed in double quotes: line 1 column 6 (char 5)",
            "",
        ),
        ("do str='a b'", 'a value is quoted with double quotes: str="..."', ""),
        ("do str='a'", 'a value is quoted with double quotes: str="..."', ""),
        (
            "{'execute': 'do'}",
            "not valid JSON: names and texts need double quotes, not ' (at character 2)",
            "",
        ),
        (
            "do {'str': 'x'}",
            "not valid JSON: names and texts need double quotes, not ' (at character 2)",
            "",
        ),
        (
            "do key={'data': 7}",
            "names and texts need double quotes, not ' (at character 6)",
            "",
        ),
        (
            'do {"str": ' + "[" * 30_000,
            "not valid JSON: it is nested too deeply",
            "",
        ),
        (
            "{nonsense",
            "not valid JSON: Expecting property name enclosed in double quotes:"
            " line 1 column 2 (char 1)",
            "",
        ),
        ("{}", 'the object needs a member "execute": NAME', ""),
        ('{"execute": "do", "arguments": 1}', '"arguments" must be an object', ""),
        ('{"execute": "do", "arguments": {"x": 1}}', "'x' is not expected", ""),
    ],
)
def test_what_the_schema_refuses_is_not_sent(text: str, desc: str, hint: str) -> None:
    """The complaint names the place, and what comes near."""
    with pytest.raises(CommandFailedError) as caught:
        request(text)

    assert caught.value.desc == desc
    assert caught.value.hint == hint


def test_a_command_that_takes_more_than_its_schema_says() -> None:
    """device_add has the properties of every model."""
    text = 'device_add data=1 mac=x mq=true bootindex=1 serial="123" a.b=2 id=007'
    assert request(text)[1] == {
        "data": 1,
        "mac": "x",
        "mq": True,
        "bootindex": 1,
        "serial": "123",
        "a": {"b": 2},
        "id": "007",
    }


@pytest.mark.parametrize("schema", [QMPError("no", "CommandNotFound"), []])
def test_a_machine_without_a_schema(schema: Any) -> None:
    """What reads as JSON is JSON, and all else a text."""
    text = 'anything a=1 b=x c=[1] d.e=false f=null g="1" h.0=2 i=1.5 j=08 k={"x": 1}'

    assert request("anything", schema) == ("anything", {}, False)
    assert request(text, schema)[1] == {
        "a": 1,
        "b": "x",
        "c": [1],
        "d": {"e": False},
        "f": None,
        "g": "1",
        "h": [2],
        "i": 1.5,
        "j": "08",
        "k": {"x": 1},
    }


def test_a_second_negotiation_is_the_machines_to_refuse() -> None:
    """In its own words."""
    assert request("qmp_capabilities") == ("qmp_capabilities", {}, False)
    assert request('qmp_capabilities {"enable": []}')[1] == {"enable": []}


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["info status", "stop"], ["info status", "stop"]),
        (
            ["{", '  "execute":', '  "stop"', "}", "cont"],
            ['qmp {   "execute":   "stop" }', "cont"],
        ),
        (['qmp {"execute":', ' "stop"}'], ['qmp {"execute":  "stop"}']),
        (["qmp do {", '"str": "x"}'], ['qmp do { "str": "x"}']),
        (['{"execute": "stop"}'], ['qmp {"execute": "stop"}']),
        (['{"exec-oob": "stop"}', "stop"], ['qmp {"exec-oob": "stop"}', "stop"]),
        (['{"a": 1}'], ['{"a": 1}']),
        (["{", "stop"], ["{", "stop"]),
        (['{"execute": "stop"} x'], ['{"execute": "stop"} x']),
        (["qmp {", "[" * 100000], ["qmp {", "[" * 100000]),
    ],
)
def test_a_message_that_is_pasted_is_one_line(lines: list[str], joined: list[str]) -> None:
    """Of the command qmp; other lines stay as they are."""
    assert join_messages(lines) == joined


@pytest.mark.parametrize(
    "request_text",
    [
        'blockdev-add {"driver": "qcow2", "backing": null}',
        'blockdev-add driver="qcow2" backing=null',
        '{"execute": "blockdev-add", "arguments": {"driver": "qcow2", "backing": null}}',
        '{"exec-oob": "blockdev-add", "arguments": {"driver": "qcow2", "backing": null}}',
    ],
)
def test_null_is_sent(request_text: str) -> None:
    """Without it, QEMU would open the backing file that the image names."""
    made = FakeSession({"blockdev-add": {}, "query-qmp-schema": []})

    assert made.prints(f"qmp {request_text}") == "{\n}\n"
    assert made.calls[-1] == ("blockdev-add", {"driver": "qcow2", "backing": None})


@pytest.mark.parametrize(
    ("request_text", "why"),
    [
        ('{"execute": "stop", "control": 1}', "QMP input member 'control' is unexpected"),
        ('{"execute": "stop", "execute": "x"}', "not valid JSON: 'execute' is repeated"),
        ('stop {"a": 1, "a": 2}', "not valid JSON: 'a' is repeated"),
    ],
)
def test_a_message_is_refused_as_qemu_does(request_text: str, why: str) -> None:
    """It takes no other members than those of a message, and each only once."""
    made = FakeSession({"stop": {}, "query-qmp-schema": []})

    assert made.prints(f"qmp {request_text}") == f"Error: {why}\n"
    assert made.calls == []
