from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.serving.telnet_decoder import TelnetDecoder

IAC, SB, SE = b"\xff", b"\xff\xfa", b"\xff\xf0"
NAWS, TERMINAL_IS = SB + b"\x1f", SB + b"\x18\x00"


def test_what_is_offered() -> None:
    """For lines, no more than to leave out what nobody does; for keys, all they need."""
    assert TelnetDecoder().offer() == b"\xff\xfb\x03"
    keys = TelnetDecoder(characters=True).offer()
    # WILL ECHO, DO NAWS, DO TERMINAL-TYPE, and which one it is
    for part in (b"\xff\xfb\x01", b"\xff\xfd\x1f", b"\xff\xfd\x18", SB + b"\x18\x01" + SE):
        assert part in keys


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (b"info status\r\n", b"info status\r\n"),
        (b"a\r\0b", b"a\rb"),
        (b"a\xff\xffb", b"a\xffb"),
        (b"a\xff\xfb\x01b\xff\xfc\x01c\xff\xfd\x01d\xff\xfe\x01e", b"abcde"),
        (b"a\xff\xf1b\xff\xf6c", b"abc"),
        (b"a\xff\xf4b", b"a\x03b"),
        (b"a" + NAWS + b"\x00\x50\x00\x18" + SE + b"b", b"ab"),
        (b"a" + SB + b"\x27" + IAC * 2 + SE + b"b", b"ab"),
    ],
)
def test_telnet_s_own_bytes_are_taken_out(data: bytes, plain: bytes) -> None:
    """In one piece, or byte by byte."""
    assert TelnetDecoder().feed(data) == plain
    decoder = TelnetDecoder()
    assert b"".join(decoder.feed(bytes((byte,))) for byte in data) == plain


def test_the_terminal_is_told() -> None:
    """Its name and size, when the client says them."""
    changes: list[tuple[int, int, str]] = []
    decoder = TelnetDecoder(characters=True)
    decoder.on_change = lambda: changes.append(
        (decoder.columns, decoder.lines, decoder.terminal)
    )

    assert (decoder.columns, decoder.lines, decoder.terminal) == (80, 24, "")
    decoder.feed(NAWS + b"\x00\x64\x00\x1e" + SE)
    decoder.feed(TERMINAL_IS + b"XTERM-256COLOR" + SE)
    # 255 is doubled
    decoder.feed(NAWS + b"\x00\xff\xff\x00\x1e" + SE)

    assert changes == [
        (100, 30, ""),
        (100, 30, "xterm-256color"),
        (255, 30, "xterm-256color"),
    ]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"\x00\x00\x00\x00", (80, 24)),
        (b"\xfe\xfe\xfe\xfe", (500, 200)),
        (b"\x00\x01", (80, 24)),
    ],
)
def test_sizes_that_cannot_be(data: bytes, size: tuple[int, int]) -> None:
    """A screen of nothing, of millions of cells, or half a size."""
    decoder = TelnetDecoder(characters=True)
    decoder.feed(NAWS + data + SE)
    assert (decoder.columns, decoder.lines) == size


@pytest.mark.parametrize("name", [b"", b"a b", b"\x1b[31m", b"x" * 41, b"../../etc"])
def test_names_that_are_none(name: bytes) -> None:
    """A name is not more than letters, digits and the like."""
    decoder = TelnetDecoder(characters=True)
    decoder.feed(TERMINAL_IS + name + SE)
    assert decoder.terminal == ""


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_nothing_is_kept_for_long(pieces: list[bytes]) -> None:
    """Whatever comes, it comes out or is dropped, and is never more than came."""
    decoder = TelnetDecoder(characters=True)
    out = b""
    for piece in pieces:
        out += decoder.feed(piece)
        assert len(decoder._rest) < 64 + len(piece)
    assert len(out) <= len(b"".join(pieces))


@given(st.binary().map(lambda data: data.replace(b"\0", b"")))
def test_data_comes_through(data: bytes) -> None:
    """What a client doubles, comes once."""
    assert TelnetDecoder().feed(data.replace(b"\xff", b"\xff\xff")) == data


@pytest.mark.parametrize(("length", "waits"), [(63, True), (64, False)])
def test_an_option_without_an_end(length: int, waits: bool) -> None:
    """It is waited for as far as one may be long, and dropped then."""
    decoder = TelnetDecoder()
    unfinished = SB + b"\x18" + b"x" * (length - 3)

    assert decoder.feed(unfinished) == b""
    assert len(decoder._rest) == (length if waits else 0)
    assert decoder.feed(SE + b"after") == b"after"
