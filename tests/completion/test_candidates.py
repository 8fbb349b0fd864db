from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.completion.candidates import Candidate, complete, complete_kind, word_start
from hmp.completion.ranking import MOST, rank
from hmp.language.words import WordError, read_word
from hmp.monitor.entry import Entry, Table
from hmp.monitor.kinds import Kind, Word, last_part, option_part
from hmp.monitor.line import parse_line
from tests.fakes import tables

DEVICES = Kind("block device")
OPTIONS = Kind("driver and options", place=option_part)
PATH = Kind("path", place=last_part("/"))
KEYS = Kind("keys", place=last_part("-"))
COLOURS = Kind("colour", [("red", "like blood"), ("green", "like grass"), ("grey", "")])
FILES = Kind("file")
URI = Kind(
    "address",
    [("file:", "a file"), ("tcp:", "a port")],
    path=lambda typed, context: 5 if typed.startswith("file:") else None,
)

KNOWN: dict[tuple[Kind, str], list[Word]] = {
    (DEVICES, ""): [("drive0", "disk"), ("cd0", "CD"), ("with blank", "odd")],
    (OPTIONS, ""): [
        ("e1000", "a card"),
        ("virtio-net-pci", "a card"),
        ("e,1", "odd"),
        ("e,,1", "odd"),
    ],
    (OPTIONS, "e1000"): [("mac=", "MAC"), ("id=", "id")],
    (OPTIONS, "e1000,id"): [("net0", "")],
    (OPTIONS, "e1000,mac"): [("a b", "")],
    (OPTIONS, "e1000,name"): [("a,b", "")],
    (PATH, ""): [("/machine", ""), ("a/b", ""), ("a b/", "")],
    (KEYS, ""): [("ctrl", ""), ("alt", ""), ("c", "")],
    (FILES, ""): [("/tmp/x", "")],
}


async def _handler(mon: object, args: object) -> None:
    """Do nothing."""


def entry(name: str, args_type: str = "", **kinds: Kind) -> Entry[Any]:
    """Return an entry that does nothing."""
    named = {key.replace("_", "-"): kind for key, kind in kinds.items()}
    made = Entry(name, _handler, args_type=args_type, help=f"do {name}", kinds=named)
    made.category = "Test"
    return made


def _table() -> Table:
    top = entry("info", "item:s?")
    top.subtable = Table(
        [entry("block", "nodes:-n,verbose:-v,device:B?", device=DEVICES), entry("blocks")]
    )
    return Table(
        [
            top,
            entry("eject|ej", "force:-f,device:B", device=DEVICES),
            entry("set_link", "name:s,up:b"),
            entry("paint", "colour:s,how:-fs,more:s?", colour=COLOURS, how=COLOURS),
            entry("device_add", "device:O", device=OPTIONS),
            entry("sendkey", "keys:s", keys=KEYS),
            entry("load", "file:F"),
            entry("free", "word:s"),
            entry("visit", "path:s", path=PATH),
            entry("migrate", "uri:s", uri=URI),
            entry("help", "name:S?"),
        ]
    )


TABLE = _table()


def look(kind: Kind, context: str) -> Iterable[Word]:
    """Return what is known of a kind."""
    return [*kind.words, *KNOWN.get((kind, context), [])]


def candidates(text: str) -> list[Candidate]:
    """Return what can stand at the end of a line."""
    return complete(text, TABLE, look, {"F": FILES})


def texts(text: str) -> list[str]:
    """Return how the line can go on, each whole."""
    return [text[: found.start] + found.text for found in candidates(text)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("set", ["set_link"]),
        ("  ej", ["  eject", "  ej"]),
        ("link", ["set_link"]),
        ("zz", []),
        ("info b", ["info block", "info blocks"]),
        ("info  blocks", ["info  blocks"]),
        ("info x", []),
        ("nope ", []),
        ("nope x", []),
        ("free ", []),
        ("free x", []),
        ("eject ", ["eject -f", "eject drive0", "eject cd0", 'eject "with blank"']),
        ("eject -", ["eject -f"]),
        ("eject -f ", ["eject -f drive0", "eject -f cd0", 'eject -f "with blank"']),
        ("eject d", ["eject drive0", "eject cd0"]),
        ("eject drive0 ", []),
        ('eject "w', ['eject "with blank"']),
        ('eject "with b', ['eject "with blank"']),
        ("info block -", ["info block -n", "info block -v"]),
        ("info block -n -", ["info block -n -v"]),
        ("info block -v c", ["info block -v cd0"]),
        ("set_link a o", ["set_link a on", "set_link a off"]),
        ("set_link a ", ["set_link a on", "set_link a off"]),
        ("paint gr", ["paint green", "paint grey"]),
        ("paint red ", ["paint red -f"]),
        ("paint red -f g", ["paint red -f green", "paint red -f grey"]),
        ("paint red -f ", ["paint red -f red", "paint red -f green", "paint red -f grey"]),
        ("device_add e", ["device_add e1000", "device_add virtio-net-pci"]),
        ("device_add e1000,", ["device_add e1000,mac=", "device_add e1000,id="]),
        ("device_add e1000,i", ["device_add e1000,id="]),
        ("device_add e1000,id=", ["device_add e1000,id=net0"]),
        ("device_add e1000,id=n", ["device_add e1000,id=net0"]),
        ("device_add e1000,mac=", ['device_add "e1000,mac=a b"']),
        ('device_add "e1000,mac=', ['device_add "e1000,mac=a b"']),
        ("device_add e1000,id=a,", ["device_add e1000,id=a,mac="]),
        ("device_add e1000,name=", ["device_add e1000,name=a,,b"]),
        ("device_add e1000,name=a,,", ["device_add e1000,name=a,,b"]),
        ("visit ", ["visit /machine", 'visit "a b/']),
        ("sendkey ctrl-al", ["sendkey ctrl-alt"]),
        ("sendkey c", ["sendkey ctrl", "sendkey c"]),
        ("load ", ["load /tmp/x"]),
        ("load /t", ["load /tmp/x"]),
        ("help se", ["help sendkey", "help set_link"]),
        ("help info bl", ["help info block", "help info blocks"]),
        ("help info block ", []),
        ("help nope ", []),
        ("help -", ["help -s", "help -i"]),
    ],
)
def test_what_can_stand_at_the_end_of_a_line(text: str, lines: list[str]) -> None:
    """Names, flags, words of a kind or of a type: what may come there, best first."""
    assert texts(text) == lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ejec", [("eject", True)]),
        ("eject -", [("-f", True)]),
        ("eject dri", [("drive0", True)]),
        ('eject "w', [('"with blank"', True)]),
        ("paint red -f gree", [("green", True)]),
        ("device_add e", [("e1000", False), ("virtio-net-pci", False)]),
        ("device_add e1000,", [("mac=", False), ("id=", False)]),
        ("device_add e1000,id=n", [("net0", False)]),
        ("sendkey al", [("alt", False)]),
        ("load /", [("/tmp/x", True)]),
        ("migrate fi", [("file:", False)]),
        ("migrate file:", [("/tmp/x", True)]),
        ("migrate file:/t", [("/tmp/x", True)]),
    ],
)
def test_whether_a_word_is_whole(text: str, found: list[tuple[str, bool]]) -> None:
    """Then a blank may follow it; not after a folder, a scheme, a key, or in a list."""
    assert [(each.text, each.ends) for each in candidates(text)] == found


@pytest.mark.parametrize(("length", "offered"), [(1023, True), (1024, False)])
def test_a_name_that_no_line_can_hold(length: int, offered: bool) -> None:
    """QEMU's monitor reads at most 1023 bytes of a word."""
    name = "/" + "x" * (length - 1)

    def files(kind: Kind, context: str) -> Iterable[Word]:
        return [(name, "")]

    found = complete("load /", TABLE, files, {"F": FILES})
    assert [each.text for each in found] == [name] * offered


def test_the_line_of_an_alias() -> None:
    """It is completed as a line, but for words that the alias would replace."""

    def devices(kind: Kind, context: str) -> Iterable[Word]:
        return [("$1", ""), ("cd$*", ""), ("cd0", ""), ("cd1", "")]

    found = complete("alias e eject -f ", tables(), devices)
    assert [(each.text, each.start) for each in found] == [("cd0", 17), ("cd1", 17)]
    first = complete("alias e ejec", tables())[0]
    assert (first.text, first.start) == ("eject", 8)


def test_a_word_outside_of_a_line() -> None:
    """As a question of the session takes one: it begins where its part begins."""
    found = complete_kind("of e1000,i", "e1000,i", OPTIONS, look)

    assert [(each.text, each.start, each.ends) for each in found] == [("id=", 9, False)]
    (key,) = complete_kind("ctrl-al", "ctrl-al", KEYS, look)
    assert (key.text, key.start, key.ends) == ("alt", 5, True)


def test_an_empty_line_can_be_any_command() -> None:
    """With every alias."""
    assert len(texts("")) == len(list(TABLE.names()))


def test_candidates_are_explained() -> None:
    """By their help, an alias also by what it stands for."""
    assert candidates("ejec") == [Candidate("eject", 0, "do eject|ej")]
    assert Candidate("ej", 0, "do eject|ej (= eject)") in candidates("ej")
    assert candidates("paint red -")[0].about == "how VALUE"
    assert candidates("eject cd")[0].about == "CD"
    assert [c.about for c in candidates("help -")] == [
        "search for words",
        "browse all commands",
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", 0),
        ("a", 0),
        ("a ", 2),
        ("a b", 2),
        ('a "b c', 2),
        ('a "b c" d', 8),
        ('a "b\\" c', 2),
        ('a "b\\"" c', 8),
        ('a "\\\\" c', 7),
        ('a b"c d', 6),
        ("a\tb", 2),
        ("a\xa0b", 0),
        ("a \u2003b", 2),
    ],
)
def test_the_last_word_begins_where_the_monitor_would_begin_it(
    text: str, start: int
) -> None:
    """Blanks of C part words, quotes at their beginning hold them together."""
    assert word_start(text) == start


@given(words=st.lists(st.text(st.sampled_from('ab\\" \t\xa0é'), min_size=1), min_size=1))
def test_the_last_word_of_any_words(words: list[str]) -> None:
    """It begins at the end, or where a word can be read to the end."""
    text = " ".join(words)
    start = word_start(text)

    assert 0 <= start <= len(text)
    if start < len(text):
        try:
            _, end = read_word(text, start)
        except WordError:
            end = len(text)
        assert end <= len(text)


@pytest.mark.parametrize(
    ("typed", "words", "ranked"),
    [
        ("", ["b", "a"], ["b", "a"]),
        ("a", ["ba", "ab", "a"], ["ab", "a", "ba"]),
        (
            "net",
            ["internet", "virtio-net", "network"],
            ["network", "virtio-net", "internet"],
        ),
        ("NET", ["network", "NETWORK"], ["NETWORK", "network"]),
        ("net", ["internet", "x-net", "NETx"], ["x-net", "NETx", "internet"]),
        ("net", ["internet", "planet-net", "n-e-t"], ["planet-net", "internet", "n-e-t"]),
        ("vnp", ["virtio-net-pci", "x"], ["virtio-net-pci"]),
        ("pvn", ["virtio-net-pci"], []),
        ("a.c", ["abc", "a.c"], ["a.c"]),
        ("dev", ["/machine/dev", "a_dev", "a:dev", "adev"], None),
    ],
)
def test_ranks(typed: str, words: list[str], ranked: list[str] | None) -> None:
    """Beginnings, then parts, then what contains it, then letters in their order."""
    found = [word for word, _ in rank(typed, [(word, "") for word in words])]

    assert found == (words if ranked is None else ranked)


@given(
    typed=st.text(max_size=5), words=st.lists(st.text(min_size=1, max_size=8), unique=True)
)
def test_ranking_chooses_among_the_words(typed: str, words: list[str]) -> None:
    """Each at most once, and only those with all the letters."""
    found = [word for word, _ in rank(typed, [(word, "") for word in words])]

    assert len(set(found)) == len(found)
    assert set(found) <= set(words)
    assert {word for word in words if typed in word} <= set(found)


def test_ranking_has_an_end() -> None:
    """More than anybody reads is not looked for."""
    words = [(f"word{number}", "") for number in range(10_000)]

    assert len(rank("", words)) == len(rank("w", words)) == MOST


def test_no_word_takes_long_to_rank() -> None:
    """However often its letters come again: a key must not hang the prompt."""
    begun = time.perf_counter()
    rank("e" * 30 + "z", [("e" * 200, "")] * 10)

    assert time.perf_counter() - begun < 1


@given(
    text=st.text(st.sampled_from('einfobcjtpadv_ -,="\\\t\xa0é0'), max_size=20)
    | st.text(max_size=20)
)
def test_any_line_can_be_completed(text: str) -> None:
    """Nothing is raised, and candidates replace the end of the line."""
    for found in complete(text, tables(), look):
        assert 0 <= found.start <= len(text)


@pytest.mark.parametrize(
    "line",
    [
        "info block -v drive0",
        "eject -f cd0",
        "device_add e1000,id=net0",
        "set_link a off",
        "sendkey ctrl-alt",
        'eject "with blank"',
        "paint red -f grey",
    ],
)
def test_every_prefix_of_a_good_line_leads_to_it(line: str) -> None:
    """Each candidate that is taken makes a line that still parses as far as it goes."""
    assert parse_line(line, TABLE).error is None
    for end in range(len(line)):
        for text in texts(line[:end]):
            parsed = parse_line(text, TABLE)
            more = parsed.unfinished or text.count('"') == 1 or text.endswith("=")
            assert parsed.error is None or more, text
