from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from hmp.client import Machine
from hmp.library.typed import NULL, decode, encode
from hmp.qapi import QAPIError
from hmp.qapi.schema import load_schema
from hmp.qapi.typed_client import generate_client
from tests.program import ROOT
from tests.qapi.helpers import accepted, doc
from tests.qapi.qemu_sources import QEMUSource, sources

TEXT = (
    doc("@Kind:", "", "Kinds of things.", "", "@a: x", "@b-c: x", "@none: x")
    + "{ 'enum': 'Kind', 'data': [ 'a', 'b-c', 'none' ] }\n"
    + doc("@Base:", "", "What all have.", "", "@node-name: the name", "@class: its class")
    + """\
{ 'struct': 'Base', 'data': { 'node-name': 'str', '*class': 'Kind' } }
{ 'struct': 'Derived', 'base': 'Base', 'data': { '*more': [ 'Derived' ], '*n': 'number' } }
{ 'struct': 'OnlyA', 'data': { 'size': 'int' } }
{ 'union': 'Uni', 'base': { 'kind': 'Kind', '*in-all': 'bool' }, 'discriminator': 'kind',
  'data': { 'a': 'OnlyA', 'b-c': 'Base' } }
{ 'alternate': 'Alt', 'data': { 'whole': 'Derived', 'name': 'str', 'z': 'null' } }
{ 'struct': 'User', 'data': { '*alt': 'Alt', 'unis': [ 'Uni' ],
  '*any': 'any', 'built': { 'type': 'int', 'if': 'CONFIG_X' } } }
{ 'struct': 'NotNeeded', 'data': { 'x': 'int' } }
"""
    + doc(
        "@do-it:",
        "",
        'Do "it" \\\\ and """more""".',
        "",
        "@from: where",
        "@kind: how",
        "",
        "Returns: what came",
    )
    + """\
{ 'command': 'do-it', 'data': { '*from': 'str', 'kind': 'Kind' }, 'returns': [ 'Derived' ] }
{ 'command': 'add-uni', 'data': 'Uni', 'boxed': true }
{ 'command': 'set-user', 'data': 'User', 'boxed': true, 'returns': 'User' }
{ 'command': 'open-end', 'data': { 'driver': 'str' }, 'gen': false }
{ 'command': 'query-n', 'returns': 'OnlyA' }
{ 'command': 'put', 'data': { 'value': 'any', '*name': 'Alt' }, 'returns': 'Holder' }
{ 'struct': 'Holder', 'data': { 'value': 'any', 'nothing': 'null' } }
"""
    + doc("@DISK_FULL:", "", "A disk is full.", "", "@node-name: x", "@kind: x", "@l: x")
    + """\
{ 'event': 'DISK_FULL', 'data': { 'node-name': 'str', '*kind': 'Kind', 'l': [ 'Only' ] } }
{ 'struct': 'Only', 'data': { 'x': 'int' } }
{ 'event': 'UNI_CAME', 'data': 'Uni', 'boxed': true }
{ 'event': 'DONE' }
"""
)


class FakeMachine:
    """Answers each command with the next value; keeps what was sent."""

    def __init__(self, *values: Any) -> None:
        self.values = [*values]
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.awaited: list[tuple[str, dict[str, Any]]] = []

    def qmp(self, command: str, arguments: Mapping[str, Any]) -> Any:
        """Take a command."""
        self.sent.append((command, arguments))
        return self.values.pop(0)

    def wait(self, event: str, *, timeout: float | None, **data: Any) -> Any:
        """Return the next value as an event."""
        self.awaited.append((event, data))
        return self.values.pop(0)

    def events(self, timeout: float | None) -> Any:
        """Yield all values as events."""
        yield from self.values


def load(text: str, name: str) -> ModuleType:
    """Return the module of a generated text, known by its name."""
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def module() -> ModuleType:
    """The client of the schema above."""
    return load(generate_client(accepted(TEXT)), "typed_client_of_test")


def client(module: ModuleType, *values: Any) -> tuple[Any, FakeMachine]:
    """Return a client, and the machine that it speaks to."""
    machine = FakeMachine(*values)
    return module.Client(cast("Machine", machine)), machine


def test_a_method_takes_arguments_and_returns_dataclasses(module: ModuleType) -> None:
    """Under Python's names; what is None is absent."""
    reply = [{"node-name": "x", "class": "b-c", "more": [{"node-name": "y"}], "n": 1}]
    typed, machine = client(module, reply)

    (found,) = typed.do_it(kind=module.Kind.A)

    assert machine.sent == [("do-it", {"kind": "a"})]
    assert dataclasses.is_dataclass(found)
    assert found == module.Derived(
        node_name="x", class_=module.Kind.B_C, more=[module.Derived(node_name="y")], n=1.0
    )


def test_the_documentation_is_the_schemas(module: ModuleType) -> None:
    """Of the command, its arguments and its types, as it stands there."""
    text = module.Client.do_it.__doc__

    assert 'Do "it"' in text
    assert '"""more"""' in text
    assert "where" in text
    assert "what came" in text
    assert "What all have." in module.Base.__doc__
    assert module.Client.query_n.__doc__


def test_a_union_is_one_argument(module: ModuleType) -> None:
    """Its branch is under `u`, and among the members on the wire."""
    typed, machine = client(module, {})
    typed.add_uni(module.Uni(kind=module.Kind.B_C, u=module.Base(node_name="n")))

    assert machine.sent == [("add-uni", {"kind": "b-c", "node-name": "n"})]
    assert decode(module.Uni, {"kind": "a", "size": 3}).u == module.OnlyA(size=3)
    assert decode(module.Uni, {"kind": "none", "in-all": True}).in_all


@pytest.mark.parametrize("alt", ["name", {"node-name": "x"}, None])
def test_values_survive_both_ways(module: ModuleType, alt: object) -> None:
    """Alternates, null, and members that only some builds have."""
    value = {"alt": alt, "unis": [{"kind": "a", "size": 1}], "any": None}
    typed, machine = client(module, value)
    found = typed.set_user(**vars(decode(module.User, value)))

    assert encode(found) == value
    assert machine.sent == [("set-user", value)]
    assert found.built is None
    assert (found.alt is NULL) == (alt is None)


def test_a_newer_machine(module: ModuleType) -> None:
    """It has members and values that the schema lacks."""
    found = decode(module.Base, {"node-name": "x", "class": "new", "newer": 1})

    assert found == module.Base(node_name="x", class_="new")
    with pytest.raises(TypeError, match="Base is an object"):
        decode(module.Base, "x")


def test_a_command_that_takes_more(module: ModuleType) -> None:
    """Without marshalling, any further members can be given."""
    typed, machine = client(module, {}, {"size": 7})
    typed.open_end(driver="d", addr=1)

    assert machine.sent == [("open-end", {"driver": "d", "addr": 1})]
    assert typed.query_n() == module.OnlyA(size=7)


def test_null_is_sent_where_it_is_a_value(module: ModuleType) -> None:
    """For what must be there, None is null; elsewhere NULL is, and None is absent."""
    reply = {"value": None, "nothing": None}
    typed, machine = client(module, reply, reply, reply)
    typed.put(value=None)
    typed.put(value={"deep": None}, name=NULL)
    holder = typed.put(value=[None])

    assert [arguments for _, arguments in machine.sent] == [
        {"value": None},
        {"value": {"deep": None}, "name": None},
        {"value": [None]},
    ]
    assert holder == module.Holder(value=None, nothing=None)
    assert encode(holder) == reply


def test_events_are_dataclasses(module: ModuleType) -> None:
    """Waited for by their class, and as they come; unknown ones are kept whole."""
    full = {"event": "DISK_FULL", "data": {"node-name": "n", "l": [{"x": 1}]}}
    typed, machine = client(module, full)
    found = typed.wait(module.DiskFullEvent, timeout=1, node_name="n")

    assert found == module.DiskFullEvent(node_name="n", l=[module.Only(x=1)])
    assert machine.awaited == [("DISK_FULL", {"node_name": "n"})]
    assert "A disk is full." in module.DiskFullEvent.__doc__

    uni = {"event": "UNI_CAME", "data": {"kind": "a", "size": 3}}
    typed, _ = client(module, {"event": "DONE"}, uni, {"event": "NEW", "data": {"a": 1}})
    assert list(typed.events()) == [
        module.DoneEvent(),
        module.UniCameEvent(kind=module.Kind.A, u=module.OnlyA(size=3)),
        module.UnknownEvent(event="NEW", data={"a": 1}),
    ]


def test_only_what_commands_need(module: ModuleType) -> None:
    """Other types are left out."""
    assert not hasattr(module, "NotNeeded")


def test_a_name_that_is_taken() -> None:
    """It is an error at its place."""
    text = "{ 'struct': 'Client', 'data': {} }\n{ 'command': 'x', 'data': 'Client' }"
    with pytest.raises(QAPIError, match="rename one"):
        generate_client(accepted(text))


USE = """
from {name} import Client, Derived, DiskFullEvent, Kind
def use(client: Client) -> float | None:
    found: list[Derived] = client.do_it(kind=Kind.A)
    node: str = client.wait(DiskFullEvent, timeout=5).node_name
    return found[0].n if node else None
"""
MISUSE = """
from {name} import Client
def misuse(client: Client) -> None:
    client.do_it(kind=1)
    client.do_it()
    client.query_n().lower()
"""


def check_types(folder: Path, *files: Path) -> tuple[int, str]:
    """Return exit status and output of `mypy --strict`, which users need not have."""
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", *files],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "MYPYPATH": f"{folder}:{ROOT}"},
    )
    return done.returncode, done.stdout + done.stderr


def test_the_type_checker_knows_it(tmp_path: Path) -> None:
    """It accepts use, and refuses misuse at each place."""
    (tmp_path / "small.py").write_text(generate_client(accepted(TEXT)))
    (tmp_path / "use.py").write_text(USE.format(name="small"))
    (tmp_path / "misuse.py").write_text(MISUSE.format(name="small"))
    files = [tmp_path / name for name in ("small.py", "use.py")]

    assert check_types(tmp_path, *files)[0] == 0, check_types(tmp_path, *files)[1]
    _, text = check_types(tmp_path, *files, tmp_path / "misuse.py")
    errors = [line.split(":")[1] for line in text.splitlines() if ": error:" in line]
    assert errors == ["4", "5", "6"], text


@pytest.mark.parametrize(
    "source",
    sources() or [pytest.param(None, marks=pytest.mark.skip("no sources of QEMU"))],
    ids=str,
)
def test_the_client_of_a_qemu(source: QEMUSource, tmp_path: Path) -> None:
    """It is complete, imports, and passes `mypy --strict`."""
    schema = load_schema(str(source.path / "qapi" / "qapi-schema.json"))
    text = generate_client(schema)
    file = tmp_path / "client_of_qemu.py"
    file.write_text(text)
    module = load(text, f"client_of_qemu_{source.version.replace('.', '_')}")

    assert check_types(tmp_path, file) == (0, "Success: no issues found in 1 source file\n")
    methods = [name for name in vars(module.Client) if not name.startswith("_")]
    assert len(methods) == len(schema.commands) > 200
    assert len(module.Client._events) == len(schema.events) > 40


def test_the_program(tmp_path: Path) -> None:
    """It prints the module."""
    (tmp_path / "t.json").write_text(TEXT)
    done = subprocess.run(
        [sys.executable, "-m", "hmp.qapi", "client", tmp_path / "t.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == generate_client(load_schema(str(tmp_path / "t.json")))
