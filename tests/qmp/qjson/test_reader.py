from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.qjson import reader as dialect
from hmp.qmp.qjson.reader import BUSY, DEPTH_LIMIT, NOTHING, Reader
from hmp.qmp.qjson.tokens import MalformedError
from tests.growth import assert_linear


class Error(str):
    """What a message is refused with."""

    __slots__ = ()


def read(data: bytes, size: int | None = None) -> list[Any]:
    """Return the messages, and the errors as `Error`, in pieces of a size."""
    reader = Reader()
    found: list[Any] = []
    for start in range(0, len(data), size or max(len(data), 1)):
        reader.feed(data[start : start + (size or len(data))])
        found += taken(reader)
    return found


def taken(reader: Reader) -> list[Any]:
    """Return what there is to take."""
    found = []
    while True:
        try:
            message = reader.next()
        except MalformedError as error:
            found.append(Error(error))
            continue
        if message is NOTHING:
            return found
        if message is not BUSY:
            found.append(message)


def parse_error(what: str) -> Error:
    """Return an error of the parser."""
    return Error(f"JSON parse error, {what}")


VALUE = parse_error("expecting value")
SEPARATOR = parse_error("expected separator in dict")
COLON = parse_error("missing : in object pair")
KEY = parse_error("key is not a string in object")
TWICE = parse_error("duplicate key")

MESSAGES: list[tuple[bytes, list[Any]]] = [
    (b"{}", [{}]),
    (b'{"a": 1}', [{"a": 1}]),
    (b"{'a': 'b'}", [{"a": "b"}]),
    (b'{"a": [1, [], {}, {"b": null}], "c": [true, false]}', [
        {"a": [1, [], {}, {"b": None}], "c": [True, False]},
    ]),
    (b'{"a": 1}{"a": 2}\r\n {"a": 3}', [{"a": 1}, {"a": 2}, {"a": 3}]),
    (b'{"a": 1}"b" []5 ', [{"a": 1}, "b", [], 5]),
    (b"1 true null 'x' ", [1, True, None, "x"]),
    (b"{\n  'a':\r\n\t1\n}", [{"a": 1}]),
    (b'{"": {"a": 1, "A": 2}}', [{"": {"a": 1, "A": 2}}]),
    ('{"é": "€😀"}'.encode(), [{"é": "€😀"}]),
    (rb'{"\u0061": "\ud83d\ude00\u0000"}', [{"a": "\U0001f600\0"}]),
]  # fmt: skip

ERRORS: list[tuple[bytes, list[Any]]] = [
    (b"}", [VALUE]),
    (b"]", [VALUE]),
    (b",:", [VALUE, VALUE]),
    (b"{]", [VALUE]),
    (b"[}", [VALUE]),
    (b"{,", []),
    (b'{,"a":1}', [VALUE]),
    (b'{"a":}}', [VALUE, VALUE]),
    (b'{"a":1,}', [VALUE]),
    (b'{"a":1,,"b":2}', [VALUE]),
    (b"[1,]", [VALUE]),
    (b"[,1]", [VALUE]),
    (b'{"a":1]', [SEPARATOR]),
    (b'{"a":[]]', [SEPARATOR]),
    (b'{"a":1 "b":2}', [SEPARATOR]),
    (b'{"a":1a}', [SEPARATOR]),
    (b"[1 2]", [parse_error("expected separator in list")]),
    (b'["a":1]', [parse_error("expected separator in list")]),
    (b'{"a"}', [COLON]),
    (b'{"a" 1}', [COLON]),
    (b'{"a",}', [COLON]),
    (b'{"a"::1}', [VALUE]),
    (b"{1:2}", [KEY]),
    (b"{null:2}", [KEY]),
    (b"{[1]:2}", [KEY]),
    (b"{{}:1}", [KEY]),
    (b"{[1 2]:3}", [parse_error("expected separator in list")]),
    (b'{"a":1,"a":2}', [TWICE]),
    (b'{"x":[{"a":1,"a":2}]}', [TWICE]),
    (b'{"a":1,"a" 2}', [COLON]),
    (b'{"a":1,"a":}', [VALUE]),
    (b'{"a":nan}', [parse_error("invalid keyword 'nan'")]),
    (b"{abc,def}", [parse_error("invalid keyword 'abc'")]),
    (b"a,{", [parse_error("invalid keyword 'a'"), VALUE]),
    (rb'{"a":"\x"}', [parse_error("invalid escape sequence in string")]),
    (b'{"a":"\xc3"}', [parse_error("invalid UTF-8 sequence in string")]),
    (rb'{"a":"\ud800"}', [parse_error(r"\ud800 is not a valid Unicode character")]),
    # the first of several, and only one a message
    (rb'{"a":"\x", 1:2, 3}', [parse_error("invalid escape sequence in string")]),
    # an odd number of brackets: the message is not over
    (b'{"a":[}', []),
    (b'{"a":[}]{}', [VALUE, {}]),
    # what the lexer refuses takes the message with it
    (b'{"a":@}', [parse_error("stray '@'"), VALUE]),
    (b'{"a":NaN}{}', [parse_error("stray 'N'"), VALUE, {}]),
    (b'{\xff"a":"b"}', [parse_error("stray '\ufffd'"), VALUE, "b", VALUE]),
    (b"\xef\xbb\xbf{}", [parse_error("stray '\ufffd'"), {}]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "found"), [*MESSAGES, *ERRORS])
@pytest.mark.parametrize("size", [None, 1, 2, 5])
def test_messages_and_errors_are_those_of_qemu(
    data: bytes, found: list[Any], size: int | None
) -> None:
    """In whatever pieces they come; QEMU 7.2 and 10.0 were asked."""
    result = read(data, size)

    assert result == found
    assert [isinstance(item, Error) for item in result] == [
        isinstance(item, Error) for item in found
    ]


@pytest.mark.parametrize(("data", "found"), [*MESSAGES, *ERRORS])
def test_it_goes_on_with_the_next_message(data: bytes, found: list[Any]) -> None:
    """Behind whatever there was, a control character brings it into a known state."""
    assert read(data + b'\x01\n{"sync": 1}')[-2:] == [
        parse_error("stray '\x01'"),
        {"sync": 1},
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("9223372036854775807", (1 << 63) - 1),
        ("18446744073709551615", (1 << 64) - 1),
        ("18446744073709551616", float(1 << 64)),
        ("-9223372036854775808", -(1 << 63)),
        ("-9223372036854775809", -float(1 << 63)),
        ("1" + "0" * 29, 1e29),
        ("9" * 5000, math.inf),
        ("1e5", 1e5),
        ("1.5", 1.5),
        ("1e400", math.inf),
        ("-1e400", -math.inf),
        ("1e-400", 0.0),
        ("-0.0", 0.0),
    ],
)
@pytest.mark.parametrize("frame", [b'{"a": %s}', b"{'a': %s}"])
def test_numbers_are_those_of_qemu(text: str, value: float, frame: bytes) -> None:
    """Exact up to 64 bits, with or without sign, and floating point beyond.

    By Python's parser and by ours.
    """
    (message,) = read(frame % text.encode())

    assert message == {"a": value}
    assert type(message["a"]) is type(value)


def test_both_parsers_agree_on_a_lone_zero() -> None:
    """QEMU takes no power of ten behind it."""
    assert read(b'{"a": 0e1}') == [SEPARATOR]
    assert read(b'{"a": 0.1e1, "b": 10e1}') == [{"a": 1.0, "b": 100.0}]


@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")]
)
def test_nesting_has_a_limit(opening: bytes, closing: bytes) -> None:
    """Of braces and brackets together; the token beyond it takes the message along."""
    depth = DEPTH_LIMIT // len(closing)
    deep = opening * depth + b"1" + closing * depth
    (value,) = read(deep)
    assert not isinstance(value, Error)

    assert read(opening * depth + b"[ {}") == [
        Error("JSON nesting depth limit exceeded"),
        {},
    ]


def test_the_number_of_tokens_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token beyond it takes the message along, and what follows stands alone."""
    monkeypatch.setattr(dialect, "COUNT_LIMIT", 9)
    assert read(b"[1,2,3,4]") == [[1, 2, 3, 4]]

    assert read(b"[1,2,3,4,5]{}") == [Error("JSON token count limit exceeded"), VALUE, {}]


def test_the_size_of_a_message_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its tokens, whatever blanks there are between them."""
    monkeypatch.setattr(dialect, "TOTAL_LIMIT", 13)
    assert read(b"['aaa', " + b" " * 50 + b"'bbb']") == [["aaa", "bbb"]]

    limit = Error("JSON token size limit exceeded")
    assert read(b"['aaaa','bbbb']{}") == [limit, VALUE, {}]


def test_a_reader_says_that_it_is_busy() -> None:
    """Long messages are looked at in portions, so that others have their turn."""
    reader = Reader()
    reader.feed(b"[" + b"1," * 10_000 + b"1]")
    answers = []
    while (answer := reader.next()) is BUSY:
        answers.append(reader.waiting)

    assert len(answers) == 4
    assert answers == sorted(answers, reverse=True)
    assert len(answer) == 10_001
    assert reader.next() is NOTHING
    assert repr(NOTHING) == "NOTHING"


def test_a_reader_knows_what_it_has_not_looked_at() -> None:
    """Messages stay where they are until they are asked for."""
    reader = Reader()
    reader.feed(b'{"a": 1}' * 3)
    assert reader.waiting == 24
    reader.next()
    assert reader.waiting == 16
    reader.feed(b'{"b": 2}')
    assert reader.waiting == 24
    assert taken(reader) == [{"a": 1}, {"a": 1}, {"b": 2}]
    assert reader.waiting == 0


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc\x00é"), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc"), JSON), st.booleans(), st.integers(1, 30))
def test_what_python_writes_reads_back(
    message: dict[str, Any], ascii_only: bool, size: int
) -> None:
    """Compact or indented, in any pieces, any number of messages."""
    text = json.dumps(message, ensure_ascii=ascii_only)
    indented = json.dumps(message, ensure_ascii=ascii_only, indent=1)
    data = (text + indented + "\n" + text).encode()

    assert read(data) == read(data, size) == [message] * 3


@given(st.text(alphabet="{}[]:,\"'\\ue01.-truefalsn \n\x01@", max_size=40))
def test_python_s_parser_and_ours_agree(text: str) -> None:
    """What the short way makes of input, the long one does."""
    data = b'{"a":' + text.encode() + b"}\n"

    assert read(data) == read(data, 1)


@pytest.mark.parametrize("text", [b'\\"', b"x", b"\\u00e9", b"\\'", b'","'])
def test_a_long_message_is_read_in_linear_time(text: bytes) -> None:
    """However many pieces it comes in."""

    def make(size: int) -> list[bytes]:
        data = b'{"a": ["' + text * (size // len(text)) + b'"]}\r\n'
        return [data[start : start + 1024] for start in range(0, len(data), 1024)]

    def read(pieces: list[bytes]) -> None:
        reader, found = Reader(), []
        for piece in pieces:
            reader.feed(piece)
            while (message := reader.next()) is not NOTHING:
                if message is not BUSY:
                    found.append(message)
        assert len(found) == 1

    assert_linear(make, read, 1 << 17)
