"""Long messages that are decoded and written in pieces are what they would be whole."""

from __future__ import annotations

import gc
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.display.json_output import _dumped
from hmp.qmp import long_messages
from hmp.qmp.codec import DecodeError, Decoder
from hmp.qmp.long_messages import holds_up, in_pieces
from hmp.qmp.qjson import printing

TEXT = st.text(st.sampled_from('ab\\"\n\u00e9\U0001f600\ud800\udc00'), max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Any:
    """Make pieces that short texts consist of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_messages, "_PIECE", 16)
        patch.setattr(long_messages, "_MEMBERS", 3)
        patch.setattr(printing, "_LONG", 7)
        patch.setattr("hmp.display.json_output._LONG", 7)
        patch.setattr("hmp.display.json_output._MANY", 3)
        yield


@given(JSON, st.booleans())
def test_decoding(value: Any, ascii_only: bool) -> None:
    """Whatever stands where a piece ends, as half an escape or half a pair."""
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert in_pieces(json.JSONDecoder())(text, 0) == json.JSONDecoder().raw_decode(text)


@given(st.text(st.sampled_from('ab\\"u0d8\n'), max_size=60))
def test_what_is_invalid_is_refused(text: str) -> None:
    """As Python's fast parser does."""
    results: list[Any] = []
    for parse in (json.JSONDecoder().raw_decode, in_pieces(json.JSONDecoder())):
        try:
            results.append(parse(f'"{text}', 0))
        except ValueError:
            results.append(None)

    assert results[0] == results[1]


@given(st.text(st.sampled_from('[],"a1\\ {}:n'), max_size=60))
def test_what_is_invalid_in_a_list_is_refused(text: str) -> None:
    """Such as a comma before its end."""
    results: list[Any] = []
    for parse in (json.JSONDecoder().raw_decode, in_pieces(json.JSONDecoder())):
        try:
            results.append(parse(f"[{text}", 0))
        except ValueError:
            results.append(None)

    assert results[0] == results[1]


TELLING = st.text(st.sampled_from('},{"a\\ ]'), max_size=40)


@given(st.recursive(TELLING | st.none(), st.lists, max_leaves=60))
def test_texts_are_not_taken_for_objects(value: Any) -> None:
    """The fast parser is deaf to Ctrl-C until an object ends."""
    data = json.dumps(value).encode()

    assert re.search(long_messages._OBJECT_ENDS, data) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_messages, "_HELD_UP", 32)
        assert holds_up(data) or len(data) <= 32
        assert not holds_up(b'{"a":1},' * 99)


@given(JSON)
def test_writing(value: Any) -> None:
    """As JSON output, and in QEMU's two forms."""
    assert "".join(_dumped(value)) == json.dumps(value)
    assert json.loads(printing.pretty(value)) == json.loads(json.dumps(value))


def test_an_object_of_many_members() -> None:
    """It is made and released in steps; the last member of a name counts."""
    members = [(f"name {number % 50}", number) for number in range(100)]
    steps: list[int] = []

    class Counted(list[tuple[str, Any]]):
        def __getitem__(self, part: Any) -> Any:
            found = super().__getitem__(part)
            steps.append(len(found))
            return found

    counted = Counted(members)
    assert list(long_messages._object(counted).items()) == list(dict(members).items())
    assert max(steps) == 3
    assert not counted

    names = long_messages._Names()
    assert [names.setdefault(name, name) for name, _ in members] == [n for n, _ in members]
    assert len(names) <= 4


def test_the_fast_parser_gets_no_long_step() -> None:
    """12 MB of an object's members, or 8 MB of lists, took it 0.3 s."""
    members = json.dumps({f"member {number}": "x" for number in range(100_000)}).encode()
    lists = json.dumps([[number] for number in range(300_000)]).encode()
    objects = json.dumps([{"a": number, "b": "x"} for number in range(100_000)]).encode()

    assert [holds_up(data) for data in (members, lists, objects)] == [True, True, False]


def test_the_collector_does_not_look_through_a_large_reply() -> None:
    """Millions of new lists took it 0.2 s, in one step."""
    looked_through: list[int] = []

    def note(phase: str, info: Any) -> None:
        if phase == "start":
            looked_through.append(len(gc.get_objects(generation=0)))

    data = json.dumps({"return": [[number] for number in range(100_000)]}).encode()
    decoder = Decoder()
    decoder.chunks.append(data[:1000])
    assert not decoder.messages()
    decoder.chunks.append(data[1000:])
    gc.callbacks.append(note)
    try:
        message = decoder.messages().pop()
        kept: list[Any] = [[] for _ in range(9_000)]
    finally:
        gc.callbacks.remove(note)

    assert len(message["return"]) + len(kept) == 109_000
    assert max(looked_through) < 50_000


def test_messages_of_many_megabytes() -> None:
    """Their texts too, and a wrong one is refused."""
    text = 'a"\\\n\U0001f600' * 50_000
    decoder = Decoder()
    for value in ([text] * 2, [{"a": 1}] * 80_000):
        data = json.dumps({"return": value, "id": 1}).encode()
        decoder.chunks[:] = [data[:1000], data[1000:]]
        assert decoder.messages() == [{"return": value, "id": 1}]
        decoder = Decoder()

    decoder = Decoder()
    decoder.chunks[:] = [b'{"return": "', b"a" * (1 << 20) + b'\\x"}']
    with pytest.raises(DecodeError):
        decoder.messages()
