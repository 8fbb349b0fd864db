from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from rich.cells import cell_len

from hmp.display import make_writer
from hmp.display.help_views import help_view
from hmp.display.richtext import render
from hmp.display.screen import Screen
from hmp.display.sink import Sink
from hmp.frontends.script import drive
from hmp.monitor.call import Call
from hmp.monitor.entry import READ, Entry
from hmp.monitor.help import describe, help_lines
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError
from tests.fakes import NEWEST, FakeConnection, FakeSession, tables


def entries() -> Iterator[tuple[str, Entry[Any]]]:
    """Yield all entries with what stands before their names."""
    for entry in tables():
        yield "", entry
        for below in entry.subtable or ():
            yield f"{entry.names[0]} ", below


ALL = list(entries())
NATIVE = [(prefix, entry) for prefix, entry in ALL if not entry.passthrough]
each = pytest.mark.parametrize(
    ("prefix", "entry"), ALL, ids=[f"{prefix}{entry.name}" for prefix, entry in ALL]
)
each_native = pytest.mark.parametrize(
    ("prefix", "entry"),
    NATIVE,
    ids=[f"{prefix}{entry.name}" for prefix, entry in NATIVE],
)


def test_there_are_as_many_as_qemu_has() -> None:
    """The loops below have something to loop over."""
    assert sum(prefix == "" for prefix, _ in ALL) > 110
    assert sum(prefix == "info " for prefix, _ in ALL) > 70
    assert len(NATIVE) > 40


@each
def test_a_help_sentence_is_a_phrase(prefix: str, entry: Entry[Any]) -> None:
    """It begins in small letters, has no full stop and no blank too many."""
    words = entry.help

    assert words == words.strip()
    assert words[0].islower()
    assert not words.endswith(".")
    assert "  " not in words


def on_a_made_machine(connection: Connection) -> Monitor:
    """Return a monitor that need not ask whether the machine is made."""
    monitor = Monitor(connection, tables())
    monitor.initialised = True
    return monitor


def filled(entry: Entry[Any]) -> str:
    """Return an entry's example with any words in its holes."""
    letters = {item.key: item.type.letter for item in entry.parameters}

    def word(match: re.Match[str]) -> str:
        return "$pc" if match[1][0] == "$" else ARGUMENTS[letters.get(match[1], "s")]

    return re.sub(r"\{(\$?[\w-]+)\}", word, entry.example)


@each
def test_each_part_of_the_usage_line_is_explained(prefix: str, entry: Entry[Any]) -> None:
    """Under its own name, in words, and nothing else is."""
    left = entry.params.removeprefix(f"{entry.names[0]}").removeprefix("[qom-type=]")
    arguments = describe(entry, prefix)["arguments"]
    for argument in sorted(arguments, key=lambda item: -len(item["name"])):
        name = re.escape(argument["name"])
        # what is explained stands for all of its alternatives
        end = r"(\|[\w-]+)*" if "|" in name else ""
        part = rf"(?<![\w-]){name}(?![\w-]){end}"
        left, count = re.subn(part if name[-1].isalnum() else name, "", left, count=1)
        assert count == 1, argument
        assert re.search(r"\w{2}", argument["what"])
        assert not re.match(r"integer|size|text$|-", argument["what"]) or prefix

    assert not re.search(r"\w", left), left


@each
def test_its_paragraphs_are_plain_prose(prefix: str, entry: Entry[Any]) -> None:
    """Sentences, with few long words, and without the syntax of schemas."""
    text = entry.about
    words = re.findall(r"[A-Za-z]+", re.sub(r"'[^']*'|\"[^\"]*\"", "", text))
    long = [word for word in words if len(word) > 12]

    assert text == "" or text.endswith((".", '."'))
    assert not re.search(r"[{}]|\w\||\?:", text)
    assert len(long) <= len(words) / 20


@pytest.mark.parametrize("entry", [entry for _, entry in ALL if entry.example])
def test_an_example_parses(entry: Entry[Any]) -> None:
    """By its own entry, to its end; what needs a register is fine."""
    line = FakeSession().monitor.parse(filled(entry))

    assert line.entry in (entry, *(entry.subtable or ())), entry.source
    assert line.error is None or line.error.register is not None, entry.source


@each
def test_every_kind_says_what_it_is(prefix: str, entry: Entry[Any]) -> None:
    """Help shows it, with its words."""
    keys = {parameter.key for parameter in entry.parameters}

    assert set(entry.kinds) <= keys
    for kind in entry.kinds.values():
        assert kind.name
        assert all(word and about for word, about in kind.words)


@each
def test_its_place_and_category_are_known(prefix: str, entry: Entry[Any]) -> None:
    """The entry says where to look for its source."""
    assert entry.category[0].isupper()
    assert entry.source.rpartition(":")[0].endswith(".py")


@each
def test_its_help_page_fits_any_screen(prefix: str, entry: Entry[Any]) -> None:
    """On narrow and wide ones; the name is on it."""
    topic = describe(entry, prefix)
    for width in (40, 80, 120):
        screen = Screen(-1, {})
        screen.width = width
        page = render(help_view(topic), screen)

        assert max(map(cell_len, page.splitlines())) <= width
        assert entry.names[0] in page
    assert len(list(help_lines(topic))) == 1


def test_info_only_reads() -> None:
    """What it shows, it does not change."""
    assert {entry.effect for prefix, entry in ALL if prefix == "info "} == {READ}


def test_native_commands_declare_what_they_call() -> None:
    """Names of QMP commands, each once."""
    for _, entry in NATIVE:
        assert len(set(entry.qmp)) == len(entry.qmp)
        assert all(name and name.strip() == name for name in entry.qmp)


ARGUMENTS = {
    **dict.fromkeys("sFB", "x"),
    **dict.fromkeys("ilMo", "1"),
    "T": "1",
    "b": "on",
    "S": "x",
    "O": "x,id=y",
    "/": "/x",
}


def line_of(prefix: str, entry: Entry[Any]) -> str:
    """Return a line that runs an entry: its example, or one that is made up."""
    if entry.example:
        return filled(entry)
    wanted = (item for item in entry.parameters if not (item.optional or item.skippable))
    words = [ARGUMENTS[item.type.letter] for item in wanted]
    return " ".join([f"{prefix}{entry.names[0]}", *words])


class Strange(FakeConnection):
    """A machine that answers every command with one and the same value."""

    def __init__(self, value: Any) -> None:
        super().__init__(version=NEWEST)
        self.value = value

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Give the value."""
        self.calls.append((command, dict(arguments or {}, **members)))
        return self.value


GARBAGE: list[Any] = [
    {},
    [],
    None,
    "x",
    7,
    True,
    1.5,
    [None],
    [{}],
    [[]],
    ["x"],
    {"x": 1},
    {"": None},
    [{"name": None, "device": [], "id": {}, "stats": 7, "status": [], "current": "x"}],
    {"qemu": 7, "running": [], "status": {}, "name": [], "clock-name": None, "QMP": 1},
]


def judged(call: Call) -> None:
    """Check that a call has an error in words, or went well."""
    assert call.error is None or call.error_text() or call.error.desc


@pytest.mark.parametrize("style", ["text", "json", "rich"])
@each_native
def test_no_reply_of_a_machine_is_too_strange(
    prefix: str, entry: Entry[Any], style: str
) -> None:
    """Handlers and presentations give a clear error, or text, and raise nothing."""
    line = line_of(prefix, entry)
    with open(os.devnull, "wb") as nowhere:
        writer = make_writer(style, Sink(nowhere.fileno()), Sink(nowhere.fileno()))
        for value in GARBAGE:
            monitor = on_a_made_machine(Strange(value))
            try:
                call = drive(monitor.run(line))
            except MachineGoneError:
                continue  # what waits for its end waits in vain
            assert call is not None
            writer.show(call)
            judged(call)
        writer.flush()


@each
def test_the_embedded_machine_says_what_it_cannot(prefix: str, entry: Entry[Any]) -> None:
    """A machine without a monitor of its own, and without any command, is no crash."""
    machine = FakeConnection(has_hmp=False)
    with suppress(MachineGoneError):
        call = drive(on_a_made_machine(machine).run(line_of(prefix, entry)))
        assert call is not None
        judged(call)
        assert call.error is not None or not entry.passthrough

    assert "human-monitor-command" not in {name for name, _ in machine.calls}
