"""A terminal at the other end of a connection, as prompt_toolkit's input and output.

Both work in memory, without a descriptor that could block. Memory is limited and time is
linear in the number of characters, whatever a client sends. Bytes come in by
`RemoteInput.feed` and leave through the ``send`` function of the streams.
"""

from __future__ import annotations

import asyncio
import codecs
import itertools
import re
import weakref
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import Input
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.vt100 import Vt100_Output

from hmp.display.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from typing import TextIO

    Write = Callable[[bytes], None]

AT_ONCE = 16
"""Characters that are turned into keys before other tasks get a turn."""
PASTE_LIMIT = 1 << 16
"""The most characters of a paste that are kept."""

_PASTE_END = "\x1b[201~"
# the longest first, since one sequence may begin another
_KEY = re.compile(
    "|".join(re.escape(text) for text in sorted(ANSI_SEQUENCES, key=len, reverse=True))
)
_BEGINNINGS = frozenset(text[:end] for text in ANSI_SEQUENCES for end in range(len(text)))
# sequences that terminals send by themselves, and unknown keys
_UNKNOWN = re.compile(r"\x1b\[[0-9;?<=>]{0,32}[ -/]{0,4}[@-~]")
# the terminal's reply to a question where its cursor is
_CURSOR_POSITION = re.compile(r"\x1b\[[0-9]{1,5};[0-9]{1,5}R")
_UNKNOWN_BEGINS = re.compile(r"\x1b\[[0-9;?<=>]{0,32}[ -/]{0,4}")


class KeyReader:
    """Turns the text that a terminal sends into keys."""

    def __init__(self) -> None:
        self.keys: list[KeyPress] = []
        self._rest = ""
        self._paste: str | None = None

    def feed(self, text: str) -> None:
        """Add text; the possible beginning of a key waits for the rest."""
        self._rest += text
        while self._rest:
            if self._paste is not None:
                if not self._go_on_pasting():
                    return
            elif self._may_go_on():
                return
            else:
                self._take()

    def flush(self) -> None:
        """Turn the waiting text into keys, when nothing has followed for a while."""
        if self._paste is None:
            while self._rest:
                self._take()

    def _may_go_on(self) -> bool:
        if self._rest in _BEGINNINGS:
            return True
        return _UNKNOWN_BEGINS.fullmatch(self._rest) is not None

    def _take(self) -> None:
        match = _KEY.match(self._rest)
        unknown = _UNKNOWN.match(self._rest)
        # the longer one: the beginning of an unknown sequence may look like a known key
        if unknown and (match is None or match.end() < unknown.end()):
            self._rest = self._rest[unknown.end() :]
            if _CURSOR_POSITION.fullmatch(unknown[0]):
                self.keys.append(KeyPress(Keys.CPRResponse, unknown[0]))
            return
        text = match[0] if match else self._rest[0]
        self._rest = self._rest[len(text) :]
        found = ANSI_SEQUENCES[text] if match else text
        if found is Keys.BracketedPaste:
            self._paste = ""
            return
        for key in found if isinstance(found, tuple) else (found,):
            self.keys.append(KeyPress(key, text))
            # only the first key carries the text, which is inserted once
            text = ""

    def _go_on_pasting(self) -> bool:
        """Read pasted text; return whether its end was found."""
        assert self._paste is not None
        joined = self._paste + self._rest
        pasted, end, rest = joined.partition(_PASTE_END)
        if not end:
            dropped = len(joined) - PASTE_LIMIT - len(_PASTE_END)
            if dropped > 0:
                # the remaining text may contain the beginning of the end marker
                joined = joined[:PASTE_LIMIT] + joined[PASTE_LIMIT + dropped :]
            self._paste, self._rest = joined, ""
            return False
        self.keys.append(KeyPress(Keys.BracketedPaste, pasted[:PASTE_LIMIT]))
        self._paste, self._rest = None, rest
        return True


_numbers = itertools.count()
_free: list[int] = []
"""Numbers of inputs that are gone: prompt_toolkit keeps an entry for each that it sees."""


class RemoteInput(Input):
    """Keys from a connection; `feed` it, and `close` it at the end of the input.

    on_read: called when keys have been read or dropped.
    """

    def __init__(self, on_read: Callable[[], None]) -> None:
        self._number = _free.pop() if _free else next(_numbers)
        # not before the session is gone, which may store keys for its next prompt
        weakref.finalize(self, _free.append, self._number)
        clear_typeahead(self)
        self._on_read = on_read
        self._reader = KeyReader()
        self._text = ""  # not parsed yet
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._ready: Callable[[], None] | None = None
        self._closed = False

    def feed(self, data: bytes) -> None:
        """Add typed bytes."""
        self._text += self._decode(data)
        self._stir()

    @property
    def waiting(self) -> int:
        """The number of unread characters."""
        return len(self._text)

    def drop(self) -> None:
        """Discard the unread keys."""
        self._reader, self._text = KeyReader(), ""
        clear_typeahead(self)
        self._on_read()

    def _stir(self) -> None:
        if self._ready is not None:
            asyncio.get_running_loop().call_soon(self._ready)

    def fileno(self) -> int:
        """Always raise OSError."""
        raise OSError("a remote terminal has no file descriptor")

    def typeahead_hash(self) -> str:
        """Return an id of this input."""
        return f"remote-{self._number}"

    def read_keys(self) -> list[KeyPress]:
        """Return some keys; if more are left, another call is scheduled."""
        self._reader.feed(self._text[:AT_ONCE])
        self._text = self._text[AT_ONCE:]
        keys, self._reader.keys = self._reader.keys, []
        if self._text:
            self._stir()
        self._on_read()
        return keys

    def flush_keys(self) -> list[KeyPress]:
        """Return the keys that are certain because nothing has followed."""
        # unread text may be the rest of the key
        if not self._text:
            self._reader.flush()
        return self.read_keys()

    @property
    def closed(self) -> bool:
        """Whether the input has ended."""
        return self._closed

    def close(self) -> None:
        """End the input, and with it a prompt that waits for it."""
        self._closed = True
        self.drop()
        self._stir()

    def raw_mode(self) -> AbstractContextManager[None]:
        """Do nothing: it is always raw."""
        return nullcontext()

    def cooked_mode(self) -> AbstractContextManager[None]:
        """Do nothing: it is never cooked."""
        return nullcontext()

    @contextmanager
    def attach(self, input_ready_callback: Callable[[], None]) -> Generator[None]:
        """Call the callback when keys arrive."""
        before, self._ready = self._ready, input_ready_callback
        if self._text or self._closed:
            self._stir()
        try:
            yield
        finally:
            self._ready = before

    @contextmanager
    def detach(self) -> Generator[None]:
        """Call no callback within the block."""
        before, self._ready = self._ready, None
        try:
            yield
        finally:
            self._ready = before


class RemoteStream:
    """Encodes text for a terminal; the stream that prompt_toolkit writes to."""

    encoding = "utf-8"

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, text: str) -> None:
        """Send text, with each line end as a terminal needs it."""
        text = re.sub("(?<!\r)\n", "\r\n", text)
        # UTF-8 has no lone surrogates, which names of files may hold
        self._write(text.encode(errors="backslashreplace"))

    def flush(self) -> None:
        """Do nothing: the text has been sent."""

    def isatty(self) -> bool:
        """Return True."""
        return True


class RemoteSink(Sink):
    """A sink whose text goes to a remote terminal."""

    __slots__ = ("_stream",)

    def __init__(self, stream: RemoteStream) -> None:
        super().__init__(-1)
        self.terminal = True
        self._stream = stream

    def flush(self) -> None:
        """Send the buffered text."""
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        if text:
            self._stream.write(text)


def make_output(
    stream: RemoteStream, size: Callable[[], tuple[int, int]], terminal: str
) -> Vt100_Output:
    """Return prompt_toolkit's output for a remote terminal of (columns, lines).

    terminal: the name of its type; a terminal that has not sent one is not queried.
    """

    def get_size() -> Size:
        columns, lines = size()
        return Size(rows=lines, columns=columns)

    # prompt_toolkit only uses write, flush, isatty and encoding
    stdout: TextIO = stream  # type: ignore[assignment]
    return Vt100_Output(stdout, get_size, term=terminal or None, enable_cpr=bool(terminal))
