"""The line that a client of a served human monitor types, as it is drawn."""

from __future__ import annotations

import pytest

from hmp.serving.line_keys import ERASE, LEFT, LineKeys


def drawn(*keys: bytes) -> tuple[list[bytes], bytes]:
    """Return what typing draws, and the line in the end."""
    line = LineKeys()
    pieces = [piece for each in keys for piece in line.type(each)]
    return pieces, line.take()


def test_each_key_draws_the_line_anew() -> None:
    """From its beginning, as QEMU does."""
    pieces, line = drawn(b"ab", b"c")

    assert pieces == [b"a" + ERASE + LEFT + b"ab" + ERASE, LEFT * 2 + b"abc" + ERASE]
    assert line == b"abc"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"ab\x7f", b"a"),
        (b"ab\x08c", b"ac"),
        (b"\x7fa", b"a"),
        (b"info status\x17", b"info "),
        (b"info status  \x17", b"info "),
        (b"info\x17x", b"x"),
        (b"a\x05b", b"ab"),
        ("é\x7f".encode(), "é".encode()[:1]),
    ],
)
def test_keys_that_edit(keys: bytes, line: bytes) -> None:
    """Backspace and Ctrl-W; Ctrl-E is at the end already."""
    assert drawn(keys)[1] == line
    assert drawn(*(bytes([key]) for key in keys))[1] == line


@pytest.mark.parametrize(
    ("keys", "singly"),
    [
        (b"info status", True),
        (b"a\x7f\x17\x05", True),
        ("é".encode(), True),
        (b"\xff", False),
        (b"\x1b[A", False),
        (b"a" * 4095, True),
        (b"a" * 4096, False),
    ],
)
def test_noise_is_drawn_at_once(keys: bytes, singly: bool) -> None:
    """And so is more than QEMU takes as a line."""
    line = LineKeys()

    assert line.drawn_singly(keys) is singly
    if not singly:
        (piece,) = line.type(keys)
        assert piece.endswith(ERASE)
        assert line.take() == keys


def test_what_is_drawn_after_noise() -> None:
    """The whole line, from where it began, without control codes."""
    pieces, line = drawn(b"ab", b"\x1b\xff")

    assert pieces[-1] == LEFT * 2 + b"ab\\x1b\\xff" + ERASE
    assert line == b"ab\x1b\xff"


def test_much_is_drawn_in_pieces() -> None:
    """None is much longer than 16 KiB."""
    pieces, _ = drawn(b"a" * 300)

    assert len(pieces) > 2
    assert all(1 << 14 < len(piece) < 1 << 15 for piece in pieces[:-1])


def test_keys_that_concern_a_line() -> None:
    """Those that edit, and all once one has begun."""
    line = LineKeys()
    assert not line.needed_for(b"abc")
    assert line.needed_for(b"a\x17")
    list(line.type(b"a"))
    assert line.needed_for(b"b")
    assert line.take() == b"a"
    assert not line.needed_for(b"b")
    assert line.take() == b""
