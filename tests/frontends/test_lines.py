"""How lines are cut out of what arrives."""

from __future__ import annotations

import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends import lines
from hmp.frontends.lines import BYTE_ORDER_MARK, LineSplitter, read_lines, split_lines


def cut(*chunks: bytes) -> list[bytes]:
    """Return the lines of a text that comes in chunks."""
    splitter = LineSplitter()
    found = [line for chunk in chunks for line in splitter.feed(chunk)]
    return [*found, *splitter.end()]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a\nb"], [b"a", b"b"]),
        ([b"a", b"b\nc", b"\n"], [b"ab", b"c"]),
        ([b"a\r\nb\r", b"\n"], [b"a", b"b"]),
        ([b"a\rb\n\r\n\n"], [b"a\rb", b"", b""]),
        ([b"a\r"], [b"a\r"]),
        ([BYTE_ORDER_MARK + b"a\n", BYTE_ORDER_MARK + b"b\n"], [b"a", b"\xef\xbb\xbfb"]),
        ([b"\xff\n"], [b"\xff"]),
        ([], []),
    ],
)
def test_chunks_are_cut_at_line_ends(chunks: list[bytes], expected: list[bytes]) -> None:
    """Of Unix and of DOS; a byte order mark counts at the beginning only."""
    assert cut(*chunks) == expected


@given(st.lists(st.text("a\n\r", max_size=5).map(str.encode), max_size=6))
def test_it_does_not_matter_how_a_text_is_divided(chunks: list[bytes]) -> None:
    """Into chunks, as long as a line end follows the last line."""
    whole = b"".join(chunks) + b"\n"

    assert cut(*chunks, b"\n") == cut(whole) == split_lines(whole)[:-1]


def test_a_file_is_split_at_once() -> None:
    """Also where its last line has no end."""
    assert split_lines(BYTE_ORDER_MARK + b"a\r\nb\n\nc") == [b"a", b"b", b"", b"c"]
    assert split_lines(b"a\n") == [b"a", b""]


def test_a_line_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused by its number; all lines before it may be as long together."""
    monkeypatch.setattr(lines, "LONGEST", 4 << 20)
    piece = b"x" * (1 << 20)

    assert len(cut(*[piece, piece, b"\n"] * 3, piece * 4)) == 4
    with pytest.raises(OSError, match=r"line 3 of standard input is longer than 4 MiB"):
        cut(b"a\n", b"b\n", *[piece] * 4, b"x")
    with pytest.raises(OSError, match="line 1 of"):
        cut(*[piece] * 5)


def test_lines_of_a_pipe() -> None:
    """The next ones can be looked at; before each wait its reader is called."""
    reader, writer = os.pipe()
    waits: list[int] = []
    os.write(writer, b"a\nb\nc")
    found = read_lines(reader, lambda: waits.append(1))

    assert (found.following, len(waits)) == (b"", 0)
    assert (next(found), found.following, len(waits)) == (b"a", b"b", 1)
    assert (next(found), found.following, len(waits)) == (b"b", b"", 1)
    os.close(writer)
    assert ([*found], len(waits)) == ([b"c"], 2)
    os.close(reader)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    """As another program may have left it."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def write() -> None:
        time.sleep(0.05)
        os.write(writer, b"late\n")
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    assert [*read_lines(reader, lambda: None)] == [b"late"]
    thread.join()
    os.close(reader)
