"""Comparison with QEMU itself: its schema, its test cases, what it answers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hmp.qapi import (
    Codecs,
    QAPIError,
    RejectedValueError,
    generate_types,
    introspect,
    load_schema,
)
from hmp.qapi.entities import Declared
from hmp.qapi.layout import to_text
from hmp.qapi.render import describe_all
from tests.qapi import qemu_dump
from tests.qapi.qemu_sources import QEMU, VARIABLE, QEMUSource, find_program, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.qapi import Schema

pytestmark = pytest.mark.qemu

SKIP = pytest.mark.skip(reason=f"{VARIABLE} names no source tree of QEMU")
SOURCES = [pytest.param(source, id=str(source)) for source in sources()] or [
    pytest.param(None, marks=SKIP)
]
CASES = [
    pytest.param(source, name, id=f"{source}-{name}")
    for source in sources()
    for name in source.case_names()
] or [pytest.param(None, "all", marks=SKIP)]


@pytest.fixture(params=SOURCES, scope="module")
def source(request: pytest.FixtureRequest) -> QEMUSource:
    """Return one of the source trees."""
    found = request.param
    assert isinstance(found, QEMUSource)
    return found


@pytest.fixture(scope="module")
def schema(source: QEMUSource) -> Schema:
    """Return QEMU's whole schema."""
    return load_schema(str(source.path / "qapi" / "qapi-schema.json"))


@pytest.fixture(scope="module")
def qemu(source: QEMUSource) -> Iterator[QEMU]:
    """Return a running QEMU of the source's version."""
    command = find_program(source.version)
    if command is None:
        pytest.skip(f"there is no QEMU {source.version} to run")
    with QEMU(command) as running:
        yield running


def test_the_whole_schema_is_good(source: QEMUSource, schema: Schema) -> None:
    """It is, by the rules of its own edition, which is found without being told."""
    assert schema.edition is source.edition
    names = re.compile(r"(?m)^\s*\{\s*'(command|event|struct|enum|union|alternate)'\s*:")
    texts = [Path(file).read_text() for file in schema.files]
    assert len(schema.entities) == sum(len(names.findall(text)) for text in texts) > 800


@pytest.mark.parametrize(
    "name", ["qga/qapi-schema.json", "storage-daemon/qapi/qapi-schema.json"]
)
def test_the_schemas_of_the_other_programs_are_good(source: QEMUSource, name: str) -> None:
    """The guest agent's and the storage daemon's."""
    assert load_schema(str(source.path / name)).commands


def test_everything_can_be_made_of_it(schema: Schema) -> None:
    """Documentation without leftovers of markup's machinery, and types that compile."""
    text = "".join(map(to_text, describe_all(schema)))
    assert ".. qmp-example" not in text
    assert len(text) > 100_000
    compile(generate_types(schema), "types.py", "exec")


def expected_place(source: QEMUSource, name: str) -> str | None:
    """Return FILE:LINE of the first error in a case's `.err`, or None if it is good."""
    text = (source.cases / f"{name}.err").read_text()
    match = re.search(r"^(?!In file)(?:\S*/)?([^/\s:]+:\d+):", text, re.MULTILINE)
    if match is None:
        return f"{name}.json:None" if text else None
    return match[1]


@pytest.mark.parametrize(("source", "name"), CASES)
def test_qemus_own_cases(source: QEMUSource, name: str, monkeypatch: Any) -> None:
    """Accepted or refused as QEMU does, at the same line, and understood the same."""
    monkeypatch.chdir(source.cases)
    place: str | None = None
    try:
        schema = load_schema(f"{name}.json", source.edition)
    except QAPIError as error:
        place = f"{os.path.basename(error.file)}:{error.line}"
    assert place == expected_place(source, name)
    if place is None:
        text = (source.cases / f"{name}.out").read_text()
        plain = "Plain" if source.edition.strict_docs else "None"
        assert qemu_dump.dump_blocks(schema) == qemu_dump.blocks(text)
        documentation = qemu_dump.dump_docs(schema, plain).replace("=TODO\n", "=Todo\n")
        assert documentation == qemu_dump.docs(text).replace("=TODO\n", "=Todo\n")


# Introspection


def conditions_of(schema: Schema) -> set[str]:
    """Return all names that conditions in the schema have."""
    names: set[str] = set()

    def walk(declared: Declared) -> None:
        conditions = [declared.condition, *(f.condition for f in declared.features)]
        names.update(re.findall(r"[A-Z][A-Z0-9_]+", repr(conditions)))

    for entity in schema.entities.values():
        walk(entity)
        object_ = getattr(entity, "arguments", entity)
        parts = getattr(object_, "values", None) or getattr(object_, "branches", [])
        for part in [*parts, *getattr(object_, "members", [])]:
            walk(part)
    return names


def facts(infos: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Return what an introspection says, taken apart member by member."""
    return {
        (info["name"], key, json.dumps(item, sort_keys=True))
        for info in infos
        for key, value in info.items()
        for item in (value if isinstance(value, list) else [value])
    }


def built_with(schema: Schema, answer: list[dict[str, Any]]) -> set[str]:
    """Return which conditions of the schema hold in the QEMU that gave the answer."""
    wanted = facts(answer)
    defined = conditions_of(schema)
    fewest = len(wanted ^ facts(introspect(schema, conditions=defined)))
    for name in sorted(defined):
        difference = len(wanted ^ facts(introspect(schema, conditions=defined ^ {name})))
        if difference < fewest:
            fewest, defined = difference, defined ^ {name}
    return defined


ADDED_SINCE_10_0_2 = [
    ("587", "members", '{"default": null, "name": "delay-ns", "type": "int"}'),
]


def test_introspection_is_what_qemu_answers(
    source: QEMUSource, schema: Schema, qemu: QEMU
) -> None:
    """Every command, event and type, member by member, numbers and order included.

    One member was added on the way from QEMU 10.0.2, which Debian 12 has, to the 10.0.13
    whose source Debian 13 has.
    """
    answer = qemu.execute("query-qmp-schema")["return"]
    ours = introspect(schema, conditions=built_with(schema, answer))
    assert [info["name"] for info in ours] == [info["name"] for info in answer]
    running = qemu.greeting["QMP"]["version"]["qemu"]
    if source.version == "{major}.{minor}.{micro}".format(**running):
        assert ours == answer
    # Debian's 7.2 counts on in "micro", and nothing has changed in its schema.
    assert sorted(facts(ours) ^ facts(answer)) in ([], ADDED_SINCE_10_0_2)


# Values

MALFORMED: list[tuple[str, Any]] = [
    ("send-key", {}),
    ("send-key", {"keys": 1}),
    ("send-key", {"keys": [1]}),
    ("send-key", {"keys": [{"type": "qcode"}]}),
    ("send-key", {"keys": [{"type": "qcode", "data": "nope"}]}),
    ("send-key", {"keys": [{"type": "number", "data": "a"}]}),
    ("send-key", {"keys": [{"type": "number", "data": 1, "x": 1}]}),
    ("send-key", {"keys": [], "hold-time": 1.0}),
    ("send-key", {"keys": [], "hold-time": 2**63}),
    ("query-status", {"x": 1}),
    ("object-add", {"qom-type": "nope", "id": "a"}),
    ("object-add", {"qom-type": "rng-random", "id": "a", "filename": 1}),
    ("object-add", {"qom-type": "memory-backend-ram", "id": "a", "size": "1M"}),
    ("object-add", {"qom-type": "memory-backend-ram", "id": "a", "size": 2**64}),
    ("object-add", {"qom-type": "memory-backend-ram", "id": "a", "size": -1, "x": 1}),
    (
        "object-add",
        {"qom-type": "memory-backend-ram", "id": "a", "size": 1, "host-nodes": [-1]},
    ),
    ("blockdev-add", {"driver": "raw", "node-name": "n", "file": 1}),
    ("blockdev-add", {"driver": "raw", "node-name": "n", "file": {"driver": "nope"}}),
    (
        "blockdev-add",
        {"driver": "raw", "node-name": "n", "file": {"driver": "null-co", "z": 1}},
    ),
    ("blockdev-add", {"driver": "null-co", "node-name": "n", "latency-ns": 1.5}),
    ("chardev-add", {"id": "c", "backend": {"type": "file", "data": {"out": 1}}}),
    ("chardev-add", {"id": "c", "backend": "x"}),
    ("migrate-set-parameters", {"tls-creds": 1}),
    ("migrate-set-parameters", {"cpu-throttle-initial": 256}),
    ("migrate-set-parameters", {"cpu-throttle-initial": "1"}),
    ("set_password", {"protocol": "foo", "password": "x"}),
    (
        "input-send-event",
        {"events": [{"type": "btn", "data": {"down": 1, "button": "left"}}]},
    ),
    ("trace-event-set-state", {"name": "x", "enable": "yes"}),
    ("qmp_capabilities", {"enable": ["nope"]}),
    ("qmp_capabilities", {"enable": [1]}),
    ("transaction", {"actions": [{"type": "abort", "data": {"x": 1}}]}),
    ("transaction", {"actions": [{"type": "abort", "data": []}]}),
]


def test_malformed_arguments_have_qemus_errors(schema: Schema, qemu: QEMU) -> None:
    """Class and description, word by word."""
    codecs = Codecs()
    for command, arguments in MALFORMED:
        error = qemu.execute(command, arguments)["error"]
        with pytest.raises(RejectedValueError) as caught:
            codecs.arguments(schema.commands[command])(arguments)
        assert error == {"class": "GenericError", "desc": caught.value.desc}
