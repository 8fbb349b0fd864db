from __future__ import annotations

import gc
import json
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.qmp import codec
from hmp.qmp.codec import DecodeError, Decoder, encode, encode_head
from tests.growth import assert_linear

Message = dict[str, Any]

MESSAGES: list[Message] = [
    {"return": {}},
    {"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}},
    {"return": [{"a": []}, {}, [[]], None, True, -1.5, (1 << 64) - 1]},
    {"return": '{ [ ] } " \\ \\" \r\n \x00 é€😀 \ud800'},
    {"}{": "][", '"': "\\"},
    {"error": {"class": "GenericError", "desc": 'a "quoted\\" thing'}, "id": 7},
]
COMPACT = [json.dumps(message).encode() + b"\r\n" for message in MESSAGES]
RAW = [json.dumps(MESSAGES[4], ensure_ascii=False).encode() + b"\n"]
PRETTY = [
    json.dumps(message, indent=4).replace("\n", "\r\n").encode() + b"\r\n"
    for message in MESSAGES
]


def fed(decoder: Decoder, *chunks: bytes) -> Iterator[Message]:
    """Give a decoder chunks one after the other; yield the messages that each completes."""
    for chunk in chunks:
        decoder.chunks.append(chunk)
        while messages := decoder.messages():
            yield messages.pop()


def decoded(*chunks: bytes) -> list[Message]:
    """Return the messages in chunks, all of them taken."""
    decoder = Decoder()
    found = list(fed(decoder, *chunks))
    assert b"".join(decoder.chunks).strip() == b""
    return found


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_one_line_and_reads_back(message: Message) -> None:
    """What is encoded has its line end, and no other."""
    data = encode(message)

    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    assert decoded(data) == [message]


def test_a_request_without_arguments_is_the_same_every_time_up_to_its_id() -> None:
    """The commonest message is kept."""
    assert encode_head("stop") + b"71}\n" == encode({"execute": "stop", "id": 71})
    assert encode_head("stop") is encode_head("stop")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_not_encoded(number: float) -> None:
    """A server could not read it."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"a": [number]})


@pytest.mark.parametrize("data", [*COMPACT, *RAW, *PRETTY])
def test_a_message_may_be_split_at_every_byte(data: bytes) -> None:
    """In two pieces, wherever the stream was cut, and in single bytes."""
    (message,) = decoded(data)

    for split in range(1, len(data)):
        assert decoded(data[:split], data[split:]) == [message]
    assert decoded(*(data[i : i + 1] for i in range(len(data)))) == [message]


@pytest.mark.parametrize("stream", [COMPACT, PRETTY, [*COMPACT, *PRETTY]])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 1 << 16])
def test_several_messages_in_chunks_of_any_size(stream: list[bytes], size: int) -> None:
    """Messages come out one by one and in order."""
    data = b"".join(stream)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]

    assert decoded(*chunks) == MESSAGES * (len(stream) // len(MESSAGES))


def test_messages_need_nothing_between_them() -> None:
    """Neither line ends nor blanks, and there may be many."""
    assert decoded(b'{"a":1}{"b":2} \t{"c":3}\n\n\r\n {"d":4}\n') == [
        {"a": 1},
        {"b": 2},
        {"c": 3},
        {"d": 4},
    ]
    assert decoded(b"\n", b" ", b"\r\n") == []
    assert decoded(b"", b'{"a":1}', b"") == [{"a": 1}]


def test_messages_come_as_soon_as_they_are_whole() -> None:
    """A message without its line end is not waited for."""
    decoder = Decoder()

    assert list(fed(decoder, b'{"a": 1}')) == [{"a": 1}]
    assert list(fed(decoder, b'{"b": 2}\n{"c"')) == [{"b": 2}]
    assert decoder.chunks == [b'{"c"']
    assert list(fed(decoder, b": 3}\n")) == [{"c": 3}]


def test_a_reader_may_leave_messages_for_later() -> None:
    """They are there, in order, until they are taken."""
    decoder = Decoder()
    decoder.chunks.append(b'{"a":1}{"b":2}{"c":')

    assert decoder.messages().pop() == {"a": 1}
    assert decoder.messages() == [{"b": 2}]
    decoder.chunks.append(b"3}")
    assert [decoder.messages().pop() for _ in "bc"] == [{"b": 2}, {"c": 3}]
    assert decoder.messages() == []


def test_messages_before_garbage_come_first() -> None:
    """The error is raised when they are taken, and each time after."""
    decoder = Decoder()
    decoder.chunks.append(b'{"a":1}\n{"b":2}\ngarbage\n')

    assert [decoder.messages().pop() for _ in "ab"] == [{"a": 1}, {"b": 2}]
    for _ in range(2):
        with pytest.raises(DecodeError, match="'garbage'"):
            decoder.messages()


@pytest.mark.parametrize("pretty", [False, True])
def test_a_huge_message(pretty: bool) -> None:
    """Many chunks are one message, in no more than linear time."""
    message = {"return": ["x" * 50, {"y": '"\\'}] * 30_000, "text": "z" * 1_000_000}
    data = json.dumps(message, indent=4 if pretty else None).encode() + b"\n"
    chunks = [data[start : start + 65536] for start in range(0, len(data), 65536)]

    assert len(chunks) > 30
    assert decoded(*chunks) == [message]


@pytest.mark.parametrize(
    "data",
    [
        b"5\n",
        b"[]\n",
        b"null\n",
        b'"x"\n',
        b"x",
        b"}",
        b"]",
        b"QEMU 7.2.22 monitor - type 'help' for more information\r\n(qemu) ",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x01\x02",
        b"\xff\xfe{",
        b"{}x",
        b'{"a":1} garbage\n',
        b"{]\n",
        b"{x}\n",
        b'{"a" 1}\n',
        b"{'a': 1}\n",
        b'{"a": 01}\n',
        b'{"\xff": 1}\n',
        b"{" + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}\n",
        b'{"a": NaN}\n',
        b'{"a": [-Infinity]}\n',
        b'{"a": 1e999}\n',
        b'{"\xe9": Infinity}\n',
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_garbage_is_refused(data: bytes, whole: bool) -> None:
    """What can be no message is an error that shows how it begins."""
    chunks = [data] if whole or len(data) > 1000 else [data[:1], data[1:]]

    with pytest.raises(DecodeError, match=r"^not a QMP message: ['\"]") as caught:
        decoded(*chunks)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_message_of_no_end_is_refused() -> None:
    """There is a limit to what is kept."""
    decoder = Decoder(limit=100)

    assert list(fed(decoder, b'{"a": "' + b"x" * 90)) == []
    with pytest.raises(DecodeError, match=r"^message of more than 100 bytes$"):
        list(fed(decoder, b"x" * 10))


def test_messages_below_the_limit_do_not_add_up() -> None:
    """The limit is one message's."""
    decoder = Decoder(limit=100)
    data = b'{"a": "' + b"x" * 50 + b'"}\n'

    chunks = (data[:20], data[20:] + data[:20], data[20:] + data)
    found = list(fed(decoder, *chunks))

    assert found == [{"a": "x" * 50}] * 3


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
        st.text(st.sampled_from('{}[]"\\\n,: ')),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)


@settings(deadline=None)
@given(
    messages=st.lists(st.tuples(OBJECTS, st.sampled_from([None, 0, 4])), max_size=4),
    ends=st.sampled_from([b"\n", b"\r\n", b""]),
    cuts=st.lists(st.integers(0, 300), max_size=6),
)
def test_any_messages_in_any_chunks(
    messages: list[tuple[Message, int | None]], ends: bytes, cuts: list[int]
) -> None:
    """Whatever is sent, in whatever pieces it comes, is what is read."""
    data = b"".join(
        json.dumps(message, indent=indent).encode() + ends for message, indent in messages
    )
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(places)]

    assert decoded(*chunks) == [message for message, _ in messages]


@given(
    chunks=st.lists(
        st.binary() | st.text(st.sampled_from('{}[]"\\a1:, \n')).map(str.encode)
    )
)
def test_any_bytes_are_messages_or_an_error(chunks: list[bytes]) -> None:
    """Nothing else is raised, and every message is an object."""
    decoder = Decoder()
    found: list[Any] = []
    try:
        found += fed(decoder, *chunks)
    except DecodeError as error:
        found.append({"error": str(error)})

    assert all(isinstance(message, dict) for message in found)


@pytest.mark.parametrize("text", [b'\\"', b"x", b"\\u00e9", b'","'])
def test_a_long_message_is_read_in_linear_time(text: bytes) -> None:
    """However many chunks it comes in."""

    def make(size: int) -> list[bytes]:
        data = b'{"return": ["' + text * (size // len(text)) + b'"]}\r\n'
        return [data[start : start + 1024] for start in range(0, len(data), 1024)]

    assert_linear(make, lambda chunks: decoded(*chunks), 1 << 18)


SECRET: Message = {"return": ["x" * 300, {"user": "u", "password": "secret"}, "y" * 300]}


@given(cuts=st.lists(st.integers(0, 700)), piece=st.integers(0, 800))
def test_a_secret_in_a_message_of_many_chunks(cuts: list[int], piece: int) -> None:
    """It is starred out wherever the chunks, and what is searched together, end."""
    data = json.dumps(SECRET).encode() + b"\r\n"
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(places)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "_PIECE", piece)
        patch.setattr(codec, "_NEAR", 40)
        (message,) = decoded(*chunks)

    assert message["return"][1] == {"user": "u", "password": "***"}


def test_a_large_message_is_searched_as_it_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No part of it twice, and little at its end, so that Ctrl-C has its turn."""
    searched: list[int] = []

    def search(data: bytes) -> bool:
        searched.append(len(data))
        return False

    monkeypatch.setattr(codec, "tells_secrets", search)
    data = json.dumps({"return": "x" * (8 << 20)}).encode() + b"\r\n"
    (message,) = decoded(*(data[at : at + 65536] for at in range(0, len(data), 65536)))

    assert len(message["return"]) == 8 << 20
    assert max(searched) <= (1 << 18) + 65536 + 4096
    assert sum(searched) <= len(data) * 1.1


def test_the_garbage_collector_does_not_slow_down_a_large_message() -> None:
    """With 100,000 objects in it, the collector would run some 100 times."""
    data = json.dumps({"return": [{"a": [n]} for n in range(100_000)]}).encode() + b"\n"
    before = [generation["collections"] for generation in gc.get_stats()]
    message = codec._message(data)  # the rest allocates as well
    after = [generation["collections"] for generation in gc.get_stats()]

    assert len(message["return"]) == 100_000
    assert sum(after) - sum(before) <= 1
    assert gc.isenabled()


def test_signals_are_handled_within_a_large_message() -> None:
    """At each call of a function in Python: one an object, one a number."""
    many = 50_000
    data = json.dumps({"return": [{"a": n} for n in range(many)]}).encode()
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        message = codec._message(data)
    finally:
        sys.setprofile(None)
    assert message["return"][-1] == {"a": many - 1}
    assert calls > 2 * many


def test_a_large_message_that_was_interrupted_is_read_again() -> None:
    """Ctrl-C in the middle of it loses no byte."""
    data = json.dumps({"return": [{"a": n} for n in range(50_000)]}).encode() + b"\n"
    decoder, calls = Decoder(), 0

    def interrupt(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"
        if calls == 40_000:
            raise KeyboardInterrupt

    for start in range(0, len(data), 65536):
        assert decoder.messages() == []
        decoder.chunks.append(data[start : start + 65536])
    sys.setprofile(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            decoder.messages()
    finally:
        sys.setprofile(None)
    assert [len(message["return"]) for message in decoder.messages()] == [50_000]
    assert gc.isenabled()
