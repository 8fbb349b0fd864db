from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.monitor.entry import Entry, Table
from hmp.monitor.errors import LineError, UnknownCommandError
from hmp.monitor.line import PRINT_DEFAULTS, Line, parse_line
from tests.fakes import tables


async def _handler(mon: object, args: object) -> None:
    """Do nothing."""


def entry(name: str, args_type: str = "", secrets: tuple[str, ...] = ()) -> Entry[Any]:
    """Return a native entry that does nothing."""
    return Entry(name, _handler, args_type=args_type, help="do nothing", secrets=secrets)


def _table() -> Table:
    sub = entry("sub|s")
    sub.subtable = Table([entry("one", "n:i?"), entry("two|deux", "f:-f,g:-g,w:s,v:s?")])
    return Table(
        [
            sub,
            entry("nothing"),
            entry("word", "w:s"),
            entry("print|p", "fmt:/,val:l"),
            entry("login", "user:s,password:s,at:s?", ("password",)),
            entry("rest", "r:S"),
        ]
    )


TABLE = _table()


def words(line: Line) -> list[str]:
    """Return the words of the command's name, as typed."""
    return [line.text[start:end] for start, end in line.words]


def tokens(line: Line) -> list[tuple[str, str]]:
    """Return the arguments' texts with their keys."""
    return [(line.text[start:end], item.key) for start, end, item in line.tokens]


def error_text(line: Line) -> str:
    """Return what the monitor prints for a line that does not parse."""
    assert line.error is not None
    return line.error.text


@pytest.mark.parametrize("text", ["", " ", "\t\n \v\f\r"])
def test_a_blank_line_is_nothing(text: str) -> None:
    """No command, no error, nothing expected."""
    line = parse_line(text, TABLE)

    assert line.blank
    assert (line.entry, line.error, line.expected, line.words) == (None, None, (), [])
    assert line.masked() == text


@pytest.mark.parametrize(
    ("text", "name", "found", "args", "marked"),
    [
        ("nothing", "nothing", ["nothing"], {}, []),
        ("  nothing  ", "nothing", ["nothing"], {}, []),
        ("word  x ", "word", ["word"], {"w": "x"}, [("x", "w")]),
        ('word "a b"', "word", ["word"], {"w": "a b"}, [('"a b"', "w")]),
        ("sub one", "one", ["sub", "one"], {}, []),
        ("s one 5", "one", ["s", "one"], {"n": 5}, [("5", "n")]),
        ("sub\tdeux -g x", "two|deux", ["sub", "deux"], {"g": True, "w": "x"}, None),
        ("sub", "sub|s", ["sub"], {}, []),
        ("sub ", "sub|s", ["sub"], {}, []),
        ("rest  a b ", "rest", ["rest"], {"r": "a b "}, [("a b", "r")]),
    ],
)
def test_lines_that_parse(
    text: str,
    name: str,
    found: list[str],
    args: dict[str, object],
    marked: list[tuple[str, str]] | None,
) -> None:
    """The entry, its words, the arguments and where they stand."""
    line = parse_line(text, TABLE)

    assert line.entry is not None
    assert line.entry.name == name
    assert line.error is None
    assert words(line) == found
    assert line.args == args
    assert marked is None or tokens(line) == marked


@pytest.mark.parametrize("text", ["p/4x 1", "p /4x 1", "print/4x\t1"])
def test_a_slash_ends_the_name_of_a_command(text: str) -> None:
    """``x/4xw 0`` is the command ``x`` with a format."""
    line = parse_line(text, TABLE)

    assert line.entry is TABLE.get("p")
    assert line.args == {"count": 4, "format": "x", "size": 4, "val": 1}
    assert tokens(line) == [("/4x", "fmt"), ("1", "val")]


@pytest.mark.parametrize(
    ("text", "shown", "column"),
    [
        ("nope", "nope", 0),
        ("  nope x", "  nope", 2),
        ("Word x", "Word", 0),
        ("wor", "wor", 0),
        ("/x", "", 0),
        ("sub nope x", "sub nope", 4),
        ("sub  one2", "sub  one2", 5),
        ("sub/one", "sub", 3),
        ("p\xa0x", "p\xa0x", 0),
        ("print|p", "print|p", 0),
    ],
)
def test_unknown_commands(text: str, shown: str, column: int) -> None:
    """The error shows the line up to the word that is not known."""
    line = parse_line(text, TABLE)

    assert isinstance(line.error, UnknownCommandError)
    assert line.error.text == f"unknown command: '{shown}'\n"
    assert line.error.column == column
    assert line.entry is None


@pytest.mark.parametrize(
    ("text", "printed", "column"),
    [
        (
            "nothing x",
            "nothing: extraneous characters at the end of line\n"
            'Try "help nothing" for more information\n',
            8,
        ),
        ("word", 'word: string expected\nTry "help word" for more information\n', 4),
        (
            "  word  ",
            'word: string expected\nTry "help   word" for more information\n',
            8,
        ),
        (
            "p 1 x",
            "print|p: extraneous characters at the end of line\n"
            'Try "help p" for more information\n',
            4,
        ),
        (
            "sub two -x w",
            'two|deux: unsupported option -x\nTry "help sub two" for more information\n',
            8,
        ),
        (
            "sub two -",
            'two|deux: unsupported option -Try "help sub two" for more information\n',
            8,
        ),
        (
            "p 1+",
            'unexpected end of expression\nTry "help p" for more information\n',
            4,
        ),
    ],
)
def test_lines_that_do_not_parse(text: str, printed: str, column: int) -> None:
    """The text is QEMU's, advice included, and the column is in the line."""
    line = parse_line(text, TABLE)

    assert isinstance(line.error, LineError)
    assert error_text(line) == printed
    assert line.error.column == column


def test_arguments_before_an_error_are_kept() -> None:
    """What was read so far is there for colours and completion."""
    line = parse_line("login me secret x y", TABLE)

    assert line.error is not None
    assert line.args == {"user": "me", "password": "secret", "at": "x"}
    assert [key for _, key in tokens(line)] == ["user", "password", "at"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing ", []),
        ("word ", ["w"]),
        ("word x ", []),
        ("p ", ["fmt", "val"]),
        ("p /x ", ["val"]),
        ("sub two ", ["f", "g", "w"]),
        ("sub two -f ", ["g", "w"]),
        ("sub two -g ", ["w"]),
        ("sub two x ", ["v"]),
        ("login a ", ["password"]),
        ("nope ", []),
        ("", []),
    ],
)
def test_what_may_come_next(text: str, expected: list[str]) -> None:
    """The flags that are still possible, and the first argument that is none."""
    assert [item.key for item in parse_line(text, TABLE).expected] == expected


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("word", True),
        ("word ", True),
        ("p 1+", True),
        ("p (1", True),
        ("word x", False),
        ("nope", False),
        ("p 1 x", False),
        ("p x", False),
        ("sub two", True),
    ],
)
def test_a_line_that_only_wants_more_is_unfinished(text: str, unfinished: bool) -> None:
    """An error behind the last character is one that typing on can mend."""
    assert parse_line(text, TABLE).unfinished is unfinished


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("login me hunter2", "login me ***"),
        ("login me hunter2 here", "login me *** here"),
        ('login me "hunter 2" here', "login me *** here"),
        ("login me hunter2 a b", "login me *** a b"),
        ("login me", "login me"),
        ("word hunter2", "word hunter2"),
        ("nope hunter2", "nope hunter2"),
    ],
)
def test_secrets_are_starred_out(text: str, masked: str) -> None:
    """A secret argument is never shown, also on a line with an error."""
    assert parse_line(text, TABLE).masked() == masked


def test_registers_are_asked_for_and_given() -> None:
    """A line that needs a register says which; with its value it parses."""
    asked = parse_line("p $pc+1", TABLE)
    given = parse_line("p $pc+1", TABLE, {"pc": 1})

    assert asked.error is not None
    assert asked.error.register == "pc"
    assert given.error is None
    assert given.args["val"] == 2


def test_print_defaults_go_from_line_to_line() -> None:
    """A line takes what a format leaves out, and tells what the next may."""
    first = parse_line("p /dg 1", TABLE)
    second = parse_line("p 1", TABLE, None, first.print_defaults)

    assert PRINT_DEFAULTS == ("x", 4)
    assert first.print_defaults == ("d", 8)
    assert (second.args["format"], second.args["size"]) == ("d", 8)


LINES = [
    "info block -n -v drive0",
    "  info   blockstats",
    "eject -f ide1-cd0",
    "block_resize drive0 1.5G",
    "device_add virtio-blk-pci,drive=d1,id=b1,,x,nomq",
    'qemu-io -d drive0 "read 0 4k"',
    "x/8xw $rsp + (8 * 2)",
    "print /x 0x1f & ~0xfff | 'a' % 017",
    "i /b 0x60.1",
    "qom-set -j /machine/peripheral/x y {}",
    "object_add secret,id=s,data=hunter2",
    "set_password vnc hunter2 -d disp keep",
    "dump-guest-memory -p -d -z /tmp/x 0 4096",
    "migrate_set_parameter max-bandwidth 100M",
    "mce -b 1 2 3 4 5 6",
    "trace-event virtio* on",
    "help info block",
    "nope such command",
]


@pytest.mark.parametrize("text", LINES)
def test_no_prefix_of_a_line_raises(text: str) -> None:
    """A line can be typed character by character, and each state is sound."""
    for end in range(len(text) + 1):
        line = parse_line(text[:end], tables())
        check(line)


def check(line: Line) -> None:
    """Check what holds for every line."""
    assert line.error is None or 0 <= line.error.column <= len(line.text)
    assert line.error is None or error_text(line).endswith("\n")
    assert 0 <= line.start <= len(line.text)
    places = [*line.words, *((start, end) for start, end, _ in line.tokens)]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(line.text) for start, end in places)
    assert line.blank == (line.entry is None and line.error is None)
    assert isinstance(line.unfinished, bool)
    assert isinstance(line.expected, tuple)
    assert isinstance(line.masked(), str)


NAMES = sorted(tables().by_name)


@given(
    name=st.sampled_from([*NAMES, "info block", "info registers", "info qom-tree"]),
    rest=st.text() | st.text(st.sampled_from('019ax-fn/$+(".,=\\ é\t')),
)
def test_a_command_with_any_text_never_raises(name: str, rest: str) -> None:
    """Whatever stands behind a command's name is arguments or an error."""
    check(parse_line(f"{name} {rest}", tables()))


@given(text=st.text())
def test_any_text_never_raises(text: str) -> None:
    """Whatever is typed is a line."""
    check(parse_line(text, tables()))


@pytest.mark.parametrize(
    "text",
    [
        "print " + "9" * 5000,
        "block_resize d0 " + "9" * 5000,
        "x/" + "9" * 5000 + "x 0",
        "print " + "(" * 100_000,
        "eject " + "a" * 1_000_000,
        "info " * 10_000,
        "\0",
        "eject \0",
        "\ud800",
    ],
)
def test_long_and_odd_lines_never_raise(text: str) -> None:
    """Neither length nor depth nor odd characters matter."""
    check(parse_line(text, tables()))
