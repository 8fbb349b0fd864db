"""The language of QEMU's line editor: what it prints when a line is typed.

The editor echoes each byte by drawing the whole line again, and prints ``(qemu) `` when it
is ready. A reply may contain that as well. So after each line a random token is typed,
which QEMU reads only once the reply is out: its echo after the prompt is the end of the
reply. The token is erased before the next line.

The token is short, since QEMU reads a byte at a time. Only a reply with escape characters
in it could look like an echo; after one, a longer token confirms the end.
"""

from __future__ import annotations

from os import urandom
from time import monotonic

from hmp.qmp.errors import QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.targets.byte_stream import ByteStream

LONGEST = 4095
"""Bytes of the longest line; QEMU drops the rest of a longer one."""

_PROMPT = b"(qemu) "
_PASSWORD = b"Password: "
_ESCAPE = b"\x1b"
# what the editor draws with: one to the left, and erase to the end of the line
_BACK, _CLEAR = b"\x1b[D", b"\x1b[K"
# Ctrl-W
_ERASE_WORD = b"\x17"
_TOKEN, _LONG_TOKEN = 4, 16
"""The lengths of a token, and of one that no reply can contain even if it tries."""
_SILENCE = 0.3
"""Seconds of silence after which what looks like a request for a password is one."""
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CLEAN = b"\x05" + b"\x08" * LONGEST
"""The keys that erase whatever is typed on the line."""


def problem(line: bytes) -> str:
    """Return why the line editor cannot take a line, or an empty text."""
    if len(line) > LONGEST:
        return (
            f"the line has {len(line)} bytes, and QEMU's human monitor takes at most"
            f" {LONGEST}; a QMP socket takes any number"
        )
    # CSI in 8 bits, with which the keys of some terminals begin
    if b"\x9b" in line:
        return (
            "QEMU's human monitor cannot take this line: one of its characters contains"
            " the byte 9B, which the monitor reads as a key"
        )
    if any(byte < 32 or byte == 127 for byte in line):
        return "QEMU's human monitor takes no control characters in a line"
    return ""


def echo(text: bytes) -> bytes:
    """Return what the editor prints when a text is typed on an empty line."""
    drawn = (_BACK * n + text[: n + 1] + _CLEAR for n in range(len(text)))
    return b"".join(drawn)


def echo_length(count: int) -> int:
    """Return the length of the echo of that many bytes."""
    return 2 * count * (count + 1)


def _random(length: int) -> bytes:
    """Return random letters that are no command, whatever reads them as a line."""
    return b"-" + bytes(_LETTERS[byte % len(_LETTERS)] for byte in urandom(length - 1))


class PasswordWantedError(QMPError):
    """A command has asked for a password, which was not typed yet."""


class Typed:
    """One line that is typed, and the token after it.

    line: None to type a token only. keys: typed before everything else. before: what
    was typed last, whose token is erased first. done: whether the end was seen.

    `run` can be called again after Ctrl-C or a timeout, and continues: what is sent and
    received is kept.
    """

    def __init__(
        self, line: bytes | None, before: Typed | None = None, keys: bytes = b""
    ) -> None:
        self.before = before
        self.done = False
        self._line = line
        self._token = _random(_LONG_TOKEN if before is None else _TOKEN)
        self._confirmation = b""
        stands = b"" if before is None else before._stands
        self._erased = _BACK * len(stands) + _CLEAR if stands else b""
        self._keys = keys + (_ERASE_WORD if stands else b"")
        self._keys += self._token if line is None else line + b"\n" + self._token
        self._counts: list[int] = []
        self._chunks: list[bytes] = []

    @property
    def begun(self) -> bool:
        """Whether a part was sent."""
        return sum(self._counts) > 0

    @property
    def _stands(self) -> bytes:
        """What remains on the editor's line after it was run."""
        return self._token + self._confirmation

    def run(self, stream: ByteStream, deadline: float | None) -> bytes:
        """Type the rest of the line and token, and return the reply.

        Raises PasswordWantedError, TimeoutError, MachineGoneError.
        """
        stream.send(self._keys, self._counts, deadline)
        incoming = _Incoming(stream, self._chunks, deadline)
        begin, end = 0, echo(self._token)
        if self._line is not None:
            end = _PROMPT + end
            begin = self._pass_echo(incoming, self._line, len(end))
        found = incoming.find(end, begin, self._asks)
        reply = bytes(incoming.data[begin:found])
        if _ESCAPE in reply:
            reply = bytes(incoming.data[begin : self._confirm(incoming, found)])
        self.done, self.before = True, None
        return reply

    def _pass_echo(self, incoming: _Incoming, line: bytes, more: int) -> int:
        """Return where the echo of the line ends, and the reply begins."""
        drawn = line + _CLEAR + b"\r\n"
        # 2 for the line end
        length = len(self._erased) + echo_length(len(line)) + 2
        incoming.fill(length + more)
        if incoming.data.startswith(drawn, length - len(drawn)):
            return length
        return incoming.find(drawn, 0) + len(drawn)  # something was printed in between

    def _asks(self, data: bytearray) -> bool:
        """Whether the reply so far looks like a request for a password."""
        # QEMU draws a star for each key of a password, and our token would be taken for it
        prompt = b"" if self._line is None else _PASSWORD
        return data.endswith(prompt + echo(b"*" * len(self._token)))

    def _confirm(self, incoming: _Incoming, found: int) -> int:
        """Type a longer token, and return where the reply ends for certain."""
        if not self._confirmation:
            self._confirmation = _random(_LONG_TOKEN)
        sent = len(self._keys)
        incoming.stream.send(
            self._keys + self._confirmation, self._counts, incoming.deadline
        )
        assert sum(self._counts) > sent
        last = self._stands + _CLEAR
        place = incoming.find(last, found) + len(last)
        return place - len(_PROMPT) - echo_length(len(self._stands))


class _Incoming:
    """The bytes of a reply as they arrive; data: all so far."""

    def __init__(
        self, stream: ByteStream, chunks: list[bytes], deadline: float | None
    ) -> None:
        self.stream = stream
        self.deadline = deadline
        self.data = bytearray(b"".join(chunks))
        self._chunks = chunks

    def fill(self, length: int) -> None:
        """Wait until `length` bytes have arrived."""
        while (missing := length - len(self.data)) > 0:
            self._read(missing)

    def find(
        self,
        mark: bytes,
        begin: int,
        asks: Callable[[bytearray], bool] = lambda data: False,
    ) -> int:
        """Wait for a mark and return its place.

        asks: whether the data seems to end with a question for a password. It is one if
        nothing follows; PasswordWantedError is raised then.
        """
        while (place := self.data.find(mark, begin)) < 0:
            # the mark may have begun at the end of what has been searched
            begin = max(begin, len(self.data) - len(mark) + 1)
            if asks(self.data):
                self._expect_more()
            else:
                self._read(1)
        return place

    def _expect_more(self) -> None:
        deadline, self.deadline = self.deadline, monotonic() + _SILENCE
        try:
            self._read(1)
        except TimeoutError:
            raise PasswordWantedError(
                "QEMU's human monitor asks for a password, and waits until one is typed"
                " there, as with telnet or socat"
            ) from None
        finally:
            self.deadline = deadline

    def _read(self, at_least: int) -> None:
        self.stream.receive(self._chunks, at_least, self.deadline)
        self.data += self._chunks[-1]
