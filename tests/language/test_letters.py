from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.args_type import compile_args_type, read_arguments
from hmp.language.letters import IMPLIED_KEYS, LETTERS, Flag
from hmp.language.scan import ArgumentError, Scan

LOW, HIGH = -(1 << 63), (1 << 63) - 1


def scan(
    args_type: str,
    text: str,
    registers: dict[str, int] | None = None,
    defaults: tuple[str, int] = ("x", 4),
) -> Scan:
    """Read a line's arguments; the command's name aside, and extra text as well."""
    found = Scan(text, 0, "test|t", registers or {}, defaults)
    for parameter in compile_args_type(args_type):
        parameter.type.read(found, parameter)
    return found


def value(letter: str, text: str) -> Any:
    """Return the value that an argument of a type has."""
    return scan(f"key:{letter}", text).args["key"]


def refusal(args_type: str, text: str) -> ArgumentError:
    """Return the error that arguments give."""
    found = Scan(text, 0, "test|t", {}, ("x", 4))
    with pytest.raises(ArgumentError) as caught:
        read_arguments(compile_args_type(args_type), found)
    return caught.value


@pytest.mark.parametrize("letter", "sFB")
@pytest.mark.parametrize(
    ("text", "word"), [("a", "a"), ('  "a b" c', "a b"), ('""', ""), ("-f", "-f")]
)
def test_words(letter: str, text: str, word: str) -> None:
    """``s``, ``F`` and ``B`` are one word each."""
    assert value(letter, text) == word


@pytest.mark.parametrize(
    ("letter", "expected"),
    [("s", "string"), ("F", "filename"), ("B", "block device name")],
)
@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [("", 0, ""), ("  ", 2, ""), (' "a', 1, "the string is not terminated")],
)
def test_words_that_are_not_there(
    letter: str, expected: str, text: str, column: int, reason: str
) -> None:
    """Each letter has its own words for a word that is missing or bad."""
    error = refusal(f"key:{letter}", text)

    assert error.message == f"test|t: {expected} expected"
    assert (error.column, error.reason) == (column, reason)


@pytest.mark.parametrize(
    ("text", "rest"),
    [("a", "a"), ("  a  b ", "a  b "), ('"a', '"a'), (r'"\x"', r'"\x"'), ("-f", "-f")],
)
def test_the_rest_of_the_line_stands_as_it_is(text: str, rest: str) -> None:
    """``S`` unquotes nothing, and blanks at the end count."""
    assert value("S", text) == rest


def test_the_rest_of_the_line_may_not_be_empty() -> None:
    """Without ``?`` there must be something."""
    error = refusal("key:S", "  ")

    assert (error.message, error.column) == ("test|t: string expected", 2)
    assert scan("key:S?", "  ").args == {}


@pytest.mark.parametrize(
    ("key", "text", "args"),
    [
        ("device", "e1000,id=n0", {"driver": "e1000", "id": "n0"}),
        ("netdev", "user,id=n0", {"type": "user", "id": "n0"}),
        ("object", "iothread", {"qom-type": "iothread"}),
        ("device", "a,x=1,x=2", {"driver": "a", "x": "2"}),
        ("device", '"a,x=1 2"', {"driver": "a", "x": "1 2"}),
        ("device", "", {}),
        ("device", "  ", {}),
    ],
)
def test_options_have_keys_of_their_own(
    key: str, text: str, args: dict[str, object]
) -> None:
    """``O`` fills the QDict with what the word holds; an empty line is accepted."""
    assert scan(f"{key}:O", text).args == args


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("e1000,id=1", "Parameter 'id' expects an identifier", 0),
        (' "e1000', "the string is not terminated", 1),
    ],
)
def test_bad_options_have_a_reason_but_no_message(
    text: str, reason: str, column: int
) -> None:
    """QEMU says why on its own output; its monitor only points at the help."""
    error = refusal("device:O", text)

    assert (error.message, error.reason, error.column) == ("", reason, column)


@pytest.mark.parametrize(
    ("letter", "text", "number"),
    [
        ("i", "0", 0),
        ("i", "0xffffffff", 0xFFFFFFFF),
        ("i", "1+1", 2),
        ("l", "-1", -1),
        ("l", "0x7fffffffffffffff", HIGH),
        ("l", "0x8000000000000000", LOW),
        ("l", "2 * 3", 6),
        ("M", "0", 0),
        ("M", "512", 512 << 20),
        ("M", "0x7ffffffffff", 0x7FFFFFFFFFF << 20),
        ("M", "0x80000000000", LOW),
        ("M", "0x100000000000", 0),
    ],
)
def test_integers(letter: str, text: str, number: int) -> None:
    """32 bits without sign, 64 bits with one, or MiB that wrap around."""
    assert value(letter, text) == number


@pytest.mark.parametrize(
    ("letter", "text", "message", "column"),
    [
        ("i", " -1", "'test|t' has failed: integer is for 32-bit values", 1),
        ("i", "0x100000000", "'test|t' has failed: integer is for 32-bit values", 0),
        ("M", "-1", "enter a positive value", 0),
        ("i", "", "unexpected end of expression", 0),
        ("l", "1+", "unexpected end of expression", 2),
        ("l", "(1", "')' expected", 2),
        ("l", "9" * 5000, "number too large", 0),
        ("M", "1/0", "division by zero", 1),
    ],
)
def test_integers_that_are_none(letter: str, text: str, message: str, column: int) -> None:
    """Range and grammar have QEMU's words, and a column."""
    error = refusal(f"key:{letter}", text)

    assert (error.message, error.column, error.register) == (message, column, None)


def test_a_register_that_is_missing_is_named() -> None:
    """The monitor can ask the machine for it and parse the line again."""
    assert refusal("key:l", "$pc+1").register == "pc"
    assert scan("key:l", "$pc+1", {"pc": 41}).args["key"] == 42


@pytest.mark.parametrize(
    ("text", "args", "index"),
    [
        ("0x60.1", {"a": 0x60, "b": 1}, 6),
        ("0x60 . 1", {"a": 0x60, "b": 1}, 8),
        ("0x60", {"a": 0x60}, 4),
        ("0x60 1", {"a": 0x60}, 5),
    ],
)
def test_a_dotted_integer_needs_its_dot(
    text: str, args: dict[str, int], index: int
) -> None:
    """``.`` in the args_type: optional, and introduced by a dot in the line."""
    found = scan("a:i,b:i.", text)

    assert (found.args, found.index) == (args, index)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1 << 20), ("1k", 1024), ("1.5", 3 << 19), ("0x10", 16 << 20), ("7b", 7)],
)
def test_sizes_are_in_mib(text: str, size: int) -> None:
    """A bare number is one of MiB."""
    assert value("o", text) == size


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a size is missing, such as 10G"),
        ("x", "not a number"),
        ("-1", "not a number"),
        ("1.5b", "a fraction needs a unit"),
        ("8E", "too large"),
        ("8388608T", "too large"),
        ("9" * 5000, "too large"),
    ],
)
def test_sizes_that_are_none(text: str, reason: str) -> None:
    """QEMU says two words; why is for people. INT64_MAX is the end."""
    error = refusal("key:o", text)

    assert (error.message, error.reason) == ("invalid size", reason)
    assert value("o", "8589934591k") == 8589934591 << 10


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-2", -2.0),
        ("1e3", 1000.0),
        ("0x10", 16.0),
        ("0x1p3", 8.0),
        ("100ms", 0.1),
        ("100us", 0.0001),
        ("100ns", 1e-7),
        ("1 ", 1.0),
    ],
)
def test_times_are_in_seconds(text: str, seconds: float) -> None:
    """A number as C's strtod reads it, with ms, us or ns behind it or not."""
    assert value("T", text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "Number expected", 0),
        ("x", "Number expected", 0),
        ("inf", "Bad number", 0),
        ("nan", "Bad number", 0),
        ("1e999", "Bad number", 0),
        ("9" * 5000, "Bad number", 0),
        ("0x" + "f" * 5000, "Bad number", 0),
        ("1s", "Unknown unit suffix", 1),
        ("1m", "Unknown unit suffix", 1),
        ("1msx", "Unknown unit suffix", 3),
    ],
)
def test_times_that_are_none(text: str, message: str, column: int) -> None:
    """What is no time is refused in QEMU's words."""
    error = refusal("key:T", text)

    assert (error.message, error.column) == (message, column)


@pytest.mark.parametrize(("text", "state"), [("on", True), ("off", False), (" on x", True)])
def test_on_and_off(text: str, state: bool) -> None:
    """``b`` is one of two words."""
    assert value("b", text) is state


@pytest.mark.parametrize("text", ["", "On", "onx", "yes", "1", '"on"', "o n"])
def test_neither_on_nor_off(text: str) -> None:
    """Nothing else is, quotes included."""
    assert refusal("key:b", text).message == "Expected 'on' or 'off'"


@pytest.mark.parametrize(
    ("text", "defaults", "args", "after"),
    [
        ("", ("x", 4), (1, "x", 4), ("x", 4)),
        ("0", ("d", 2), (1, "d", 2), ("d", 2)),
        ("/", ("d", 2), (1, "d", 2), ("d", 2)),
        ("/8xw", ("d", 1), (8, "x", 4), ("x", 4)),
        ("/3", ("d", 2), (3, "d", 2), ("d", 2)),
        ("/o", ("x", 8), (1, "o", 8), ("o", 8)),
        ("/b", ("u", 4), (1, "u", 1), ("u", 1)),
        ("/wx", ("u", 1), (1, "x", 4), ("x", 4)),
        ("/h", ("x", 4), (1, "x", 2), ("x", 2)),
        ("/g", ("x", 4), (1, "x", 8), ("x", 8)),
        ("/L", ("x", 4), (1, "x", 8), ("x", 8)),
        ("/xdxbw", ("c", 8), (1, "x", 4), ("x", 4)),
        ("/i", ("x", 4), (1, "i", -1), ("i", 4)),
        ("/ib", ("x", 4), (1, "i", 1), ("i", 4)),
        ("", ("i", 4), (1, "i", -1), ("i", 4)),
        ("/0x", ("x", 4), (0, "x", 4), ("x", 4)),
        ("/4294967297x", ("x", 4), (1, "x", 4), ("x", 4)),
        ("/" + "1" + "0" * 5000 + "x", ("x", 4), (0, "x", 4), ("x", 4)),
    ],
)
def test_formats(
    text: str,
    defaults: tuple[str, int],
    args: tuple[int, str, int],
    after: tuple[str, int],
) -> None:
    """What a format leaves out is what the last one said; it says what the next may."""
    found = scan("fmt:/", text, None, defaults)

    assert found.args == dict(zip(("count", "format", "size"), args, strict=True))
    assert found.defaults == after


@pytest.mark.parametrize(
    ("text", "char", "column"),
    [
        ("/q", "q", 1),
        ("/X", "X", 1),
        ("/x4", "4", 2),
        ("/xq", "q", 2),
        ("/-1x", "-", 1),
        ("/x/b", "/", 2),
        ("/é", "\ufffd", 1),
    ],
)
def test_formats_that_are_none(text: str, char: str, column: int) -> None:
    """The first character that does not belong is named."""
    error = refusal("fmt:/", text)

    assert error.message == f"invalid char in format: '{char}'"
    assert error.column == column


@pytest.mark.parametrize(
    ("args_type", "text", "args"),
    [
        ("f:-f", "-f", {"f": True}),
        ("f:-f", "", {}),
        ("f:-f,g:-g", "-f-g", {"f": True, "g": True}),
        ("f:-fs", "-f x", {"f": "x"}),
        ("f:-fs", '-f "a b"', {"f": "a b"}),
        ("f:-fs", "-fx", {"f": "x"}),
        ("f:-fs", "", {}),
    ],
)
def test_flags(args_type: str, text: str, args: dict[str, object]) -> None:
    """A flag is True where it stands, and one with a value has it."""
    assert scan(args_type, text).args == args


@pytest.mark.parametrize(
    ("args_type", "text", "message", "column"),
    [
        ("f:-f", "-x", "test|t: unsupported option -x", 0),
        ("f:-f", "-", "test|t: unsupported option -", 0),
        ("f:-f,a:s", " -x y", "test|t: unsupported option -x", 1),
        ("f:-f", "-F", "test|t: unsupported option -F", 0),
        ("f:-f,g:-g", "-g -f", "test|t: extraneous characters at the end of line", 3),
        ("f:-fs", "-f", "test|t: value expected for -f", 2),
        ("f:-fs", '-f "x', "test|t: value expected for -f", 3),
    ],
)
def test_flags_that_are_none(args_type: str, text: str, message: str, column: int) -> None:
    """An unknown flag, one out of turn, or one that wants a value is refused."""
    error = refusal(args_type, text)

    assert (error.message, error.column) == (message, column)


def test_tokens_tell_where_each_argument_stands() -> None:
    """A token has the argument's own characters, without the blanks around it."""
    text = ' -f  /2x   1 + 2  "a b"  '
    found = scan("f:-f,fmt:/,n:l,w:s,more:s?", text)

    assert [(text[a:b], parameter.key) for a, b, parameter in found.tokens] == [
        ("-f", "f"),
        ("/2x", "fmt"),
        ("1 + 2", "n"),
        ('"a b"', "w"),
    ]


def test_every_letter_describes_itself() -> None:
    """Help and colours have a noun and a style for each letter."""
    objects = [*LETTERS.values(), Flag("f", False), Flag("f", True)]

    assert [(item.noun, item.style) for item in objects] == [
        ("word", "string"),
        ("file name", "string"),
        ("block device", "string"),
        ("text to the end of the line", "string"),
        ("options key=value,…", "string"),
        ("integer, 32 bits", "number"),
        ("integer, 64 bits", "number"),
        ("integer, in MiB", "number"),
        ("size (in MiB, or with a suffix B K M G T P E)", "number"),
        ("time (in seconds, or with a suffix ms us ns)", "number"),
        ("on or off", "keyword"),
        ("format: count, one of o d u x i c, and unit b h w g", "format"),
        ("-f", "option"),
        ("-f VALUE", "option"),
    ]
    assert [item.letter for item in LETTERS.values()] == list(LETTERS)


ARGS_TYPES = [
    *(f"key:{letter}" for letter in "sFBSilMoTb/"),
    "key:s?",
    "key:i?",
    "f:-f,g:-gs,a:s?",
    "fmt:/,a:i,b:i.",
    "a:l,b:o?,c:S?",
    *(f"{key}:O" for key in IMPLIED_KEYS),
]


@given(
    args_type=st.sampled_from(ARGS_TYPES),
    text=st.text(st.sampled_from("019axkpe.-+/$'\"\\(),= \té\0")) | st.text(),
)
def test_any_text_is_read_or_an_argument_error(args_type: str, text: str) -> None:
    """No letter raises anything else; columns and tokens are within the text."""
    found = Scan(text, 0, "test", {}, ("x", 4))
    try:
        read_arguments(compile_args_type(args_type), found)
        place = found.index
        said = "read"
    except ArgumentError as error:
        place = error.column
        said = error.message or error.reason

    assert said
    assert 0 <= place <= len(text)
    for start, end, _ in found.tokens:
        assert 0 <= start <= end <= len(text)
    numbers = [item for item in found.args.values() if isinstance(item, float)]
    assert all(map(math.isfinite, numbers))
