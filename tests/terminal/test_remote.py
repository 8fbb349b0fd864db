from __future__ import annotations

import asyncio
import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.input import typeahead
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from hmp.terminal.remote import (
    AT_ONCE,
    PASTE_LIMIT,
    KeyReader,
    RemoteInput,
    RemoteSink,
    RemoteStream,
    make_output,
)


def keys(*pieces: str, flush: bool = True) -> list[tuple[str, str]]:
    """Return the keys, with their data, that pieces of text are."""
    reader = KeyReader()
    for piece in pieces:
        reader.feed(piece)
    if flush:
        reader.flush()
    return [(str(getattr(key.key, "value", key.key)), key.data) for key in reader.keys]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("aé", ["a", "é"]),
        ("\r\t\x03\x7f", ["c-m", "c-i", "c-c", "c-h"]),
        ("\x1b[A\x1b[1;5C\x1bOP", ["up", "c-right", "f1"]),
        ("\x1b", ["escape"]),
        ("\x1bx", ["escape", "x"]),
        ("\x1b[12;40R", ["<cursor-position-response>"]),
        # what terminals say of themselves, and keys that nobody knows
        ("\x1b[?1;2cx\x1b[99zy", ["x", "y"]),
    ],
)
def test_keys(text: str, names: list[str]) -> None:
    """What is typed, in one piece or character by character."""
    assert [name for name, _ in keys(text)] == names
    assert [name for name, _ in keys(*text)] == names


def test_the_beginning_of_a_key_waits() -> None:
    """Until the rest comes, or nothing does."""
    assert keys("a\x1b[", flush=False) == [("a", "a")]
    assert [name for name, _ in keys("\x1b[", "A", flush=False)] == ["up"]


def test_a_paste_is_one_key() -> None:
    """Whatever stands in it."""
    pasted = "stop\nquit\r\x03\x1b[A"
    assert keys(*f"a\x1b[200~{pasted}\x1b[201~b") == [
        ("a", "a"),
        ("<bracketed-paste>", pasted),
        ("b", "b"),
    ]


@pytest.mark.parametrize("more", [0, 1, 5, 6, 7, 100_000])
def test_a_long_paste_is_cut(more: int) -> None:
    """What is too much is dropped, not typed: no line of it is run."""
    text = "x" * PASTE_LIMIT + "\r" * more

    found = keys(f"\x1b[200~{text}", "\x1b[20", "1~b")

    assert found == [("<bracketed-paste>", "x" * PASTE_LIMIT), ("b", "b")]


@given(st.lists(st.text(st.sampled_from("\x1b[O0123;?~AR<ab\x03é")), max_size=20))
def test_pieces_do_not_matter(pieces: list[str]) -> None:
    """The same text is the same keys, however it comes."""
    assert keys("".join(pieces)) == keys(*"".join(pieces)) == keys(*pieces)


def test_much_is_read_in_no_time() -> None:
    """What may come in one piece does not make others wait: it is looked at bit by bit."""

    async def main() -> None:
        for text in (b"x", b"\x1b", b"\x1b[", b"\x1b[A", b"\x1b[200~", b"\xff"):
            remote = RemoteInput(lambda: None)
            begun = time.process_time()
            remote.feed(text * 100_000)
            for _ in range(10):
                remote.read_keys()
            assert time.process_time() - begun < 0.5

    asyncio.run(main())


def test_keys_come_some_at_a_time() -> None:
    """Others have their turn between; who feeds learns when there is room."""
    taken: list[int] = []

    async def main() -> None:
        ready = asyncio.Event()
        remote = RemoteInput(lambda: taken.append(remote.waiting))
        remote.feed(b"x" * (AT_ONCE + 1))
        assert remote.waiting == AT_ONCE + 1
        with remote.attach(ready.set):
            await ready.wait()
            ready.clear()
            assert len(remote.read_keys()) == AT_ONCE
            await ready.wait()
            assert [key.data for key in remote.read_keys()] == ["x"]
        assert taken == [1, 0]

    asyncio.run(main())


def test_bytes_may_come_in_any_pieces() -> None:
    """Characters of many bytes, and bytes that are none."""

    async def main() -> list[object]:
        remote = RemoteInput(lambda: None)
        for byte in "é€\x1b[A".encode() + b"\xff":
            remote.feed(bytes((byte,)))
        return [key.key for key in remote.flush_keys()]

    assert asyncio.run(main()) == ["é", "€", Keys.Up, "\ufffd"]


def test_the_end_of_the_input() -> None:
    """Whoever waits for keys is told, and there are none left."""

    async def main() -> None:
        ready = asyncio.Event()
        remote = RemoteInput(lambda: None)
        with remote.attach(ready.set):
            remote.feed(b"x")
            remote.close()
            await ready.wait()
        assert remote.closed
        assert remote.read_keys() == []
        await asyncio.sleep(0)
        with remote.attach(ready.set), remote.detach():
            await asyncio.sleep(0)
            ready.clear()
            remote.feed(b"y")
            await asyncio.sleep(0)
            assert not ready.is_set()

    asyncio.run(main())


def test_there_is_no_descriptor() -> None:
    """Nothing that could block; each input is one of its own."""
    one, two = RemoteInput(lambda: None), RemoteInput(lambda: None)
    with pytest.raises(OSError, match="no file descriptor"):
        one.fileno()
    assert one.typeahead_hash() != two.typeahead_hash()
    with one.raw_mode(), one.cooked_mode():
        pass


def test_what_is_shown_has_a_terminal_s_line_ends() -> None:
    """Also what has them already; text of others is made harmless by the sink."""
    sent: list[bytes] = []
    stream = RemoteStream(sent.append)
    stream.write("a\nb\r\n\ud800")
    sink = RemoteSink(stream)
    sink.write("\x1b[31mx\n")
    sink.write("\x1b[32my", ours=True)
    sink.flush()
    sink.flush()

    assert sent == [b"a\r\nb\r\n\\ud800", b"\\x1b[31mx\r\n\x1b[32my"]
    assert stream.isatty()
    stream.flush()


def test_the_output_knows_the_terminal() -> None:
    """Its size as it changes; one without a name is asked nothing."""
    size = [80, 24]
    stream = RemoteStream(lambda data: None)
    named = make_output(stream, lambda: (size[0], size[1]), "xterm")
    nameless = make_output(stream, lambda: (size[0], size[1]), "")

    assert (named.get_size().columns, named.get_size().rows) == (80, 24)
    size[:] = 100, 30
    assert (named.get_size().columns, named.get_size().rows) == (100, 30)
    assert named.enable_cpr
    assert not nameless.enable_cpr


def test_many_clients_leave_nothing_behind() -> None:
    """Neither memory for each of them, nor keys that the next one would type."""
    gc.freeze()  # what other tests have left would be looked through each time
    try:
        for _ in range(100):
            remote = RemoteInput(lambda: None)
            remote.close()
            store_typeahead(remote, [KeyPress("x")])  # as a prompt does that ends late
            del remote
            gc.collect()
    finally:
        gc.unfreeze()

    assert len(typeahead._buffer) < 50
    assert get_typeahead(RemoteInput(lambda: None)) == []
