from __future__ import annotations

from typing import Any

import pytest

from completions.qom import QOM_PATH, QOM_PROPERTY, QOM_VALUE
from hmp.completion.candidates import complete
from hmp.frontends.script import drive
from hmp.monitor.kinds import Kind
from tests.completions.helpers import placed, words
from tests.fakes import FakeConnection, Message, tables

TREE = {
    "/": [("type", "string"), ("machine", "child<q35>"), ("chardevs", "child<container>")],
    "/machine": [("b", "child<pc>"), ("link", "link<pc>"), ("n", "int"), ("a", "string")],
}
ANSWERS: dict[str, Any] = {}


def listed(arguments: Message) -> list[Message]:
    """Answer qom-list."""
    return [{"name": name, "type": kind} for name, kind in TREE[arguments["path"]]]


ANSWERS["qom-list"] = listed


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", ("", "")),
        ("ma", ("ma", "")),
        ("/", ("", "/")),
        ("/ma", ("ma", "/")),
        ("/machine/", ("", "/machine")),
        ("/machine/b/c", ("c", "/machine/b")),
    ],
)
def test_the_last_part_of_a_path_is_completed(typed: str, part: tuple[str, str]) -> None:
    """Below the path before it."""
    assert placed(QOM_PATH, typed) == part


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("", [("/chardevs", "child<container>"), ("/machine", "child<q35>")]),
        ("/", [("chardevs", "child<container>"), ("machine", "child<q35>")]),
        ("/machine", [("b", "child<pc>"), ("link", "link<pc>")]),
    ],
)
def test_paths_lead_to_children_and_along_links(
    context: str, found: list[tuple[str, str]]
) -> None:
    """Where nothing is typed, a path begins with its slash."""
    assert words(QOM_PATH, ANSWERS, context) == found


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("qom-list ", {"qom-list /machine", "qom-list /chardevs"}),
        ("qom-list /", {"qom-list /machine", "qom-list /chardevs"}),
        ("qom-list /ma", {"qom-list /machine"}),
        ("qom-list /machine/", {"qom-list /machine/b", "qom-list /machine/link"}),
    ],
)
def test_a_path_on_a_line(line: str, lines: set[str]) -> None:
    """No slash comes twice."""

    def look(kind: Kind, context: str) -> list[tuple[str, str]]:
        return words(kind, ANSWERS, context)

    found = complete(line, tables(), look)

    assert {line[: item.start] + item.text for item in found} == lines


def test_properties_of_the_object_before() -> None:
    """Those that are no objects themselves."""
    assert placed(QOM_PROPERTY, "a", path="/machine") == ("a", "/machine")
    assert words(QOM_PROPERTY, ANSWERS, "/machine") == [
        ("a", "string"),
        ("link", "link<pc>"),
        ("n", "int"),
    ]


@pytest.mark.parametrize("name", ["data", "password", "my-password"])
def test_a_secret_is_not_asked_for(name: str) -> None:
    """The bar shows its type; what it is now is not fetched, so that nothing records it."""
    machine = FakeConnection(
        {"qom-list": [{"name": name, "type": "string"}], "qom-get": "Hq7zKw9tV"}
    )

    assert QOM_VALUE.fetch is not None
    found = drive(QOM_VALUE.fetch(machine, f"/objects/s,{name}"))

    assert list(found) == [("", "string")]
    assert [command for command, _ in machine.calls] == ["qom-list"]
