"""A line that a client types, key by key, as QEMU's line editor draws it.

Programs may wait for the echo of what they have typed so far, hmp's own among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

# what QEMU's line editor draws with: one to the left, and erase to the end of the line
LEFT, ERASE = b"\x1b[D", b"\x1b[K"
_TO_END, _BACKSPACES, _ERASE_WORD = 0x05, (0x08, 0x7F), 0x17
# Ctrl-E, Ctrl-H, Ctrl-W and Delete, which QEMU's line editor knows
_EDITS = re.compile(rb"[\x05\x08\x17\x7f]")
_LONGEST = 4095
"""Bytes of a line that are drawn for each key; QEMU takes no longer line."""
# bytes that are drawn at once: the client may read slowly
_PIECE = 1 << 14


class LineKeys:
    """The line that is being typed."""

    def __init__(self) -> None:
        self._line = bytearray()

    def needed_for(self, keys: bytes) -> bool:
        """Whether keys cannot be taken as they are: they continue a line, or edit it."""
        return bool(self._line or _EDITS.search(keys))

    def drawn_singly(self, keys: bytes) -> bool:
        """Whether keys are drawn one by one: no noise, and not more than QEMU takes."""
        text = _EDITS.sub(b"", keys).decode(errors="replace")
        clean = "\ufffd" not in text and one_line(text) == text
        return clean and len(self._line) + len(keys) <= _LONGEST

    def type(self, keys: bytes) -> Iterator[bytes]:
        """Take keys, and yield what they draw, in pieces."""
        if self.drawn_singly(keys):
            yield from self._singly(keys)
            return
        before = len(self._line)
        for key in keys:
            self._press(key)
        shown = one_line(self._line.decode(errors="backslashreplace"))
        yield LEFT * before + shown.encode(errors="backslashreplace") + ERASE

    def _singly(self, keys: bytes) -> Iterator[bytes]:
        drawn = bytearray()
        for key in keys:
            before = len(self._line)
            self._press(key)
            if len(self._line) != before:
                drawn += LEFT * before + self._line + ERASE
            if len(drawn) > _PIECE:
                yield bytes(drawn)
                drawn.clear()
        yield bytes(drawn)

    def take(self) -> bytes:
        """Return the line, which ends here."""
        line = bytes(self._line)
        self._line.clear()
        return line

    def _press(self, key: int) -> None:
        if key in _BACKSPACES:
            del self._line[-1:]
        elif key == _ERASE_WORD:
            del self._line[self._line.rstrip(b" ").rfind(b" ") + 1 :]
        elif key != _TO_END:
            self._line.append(key)
