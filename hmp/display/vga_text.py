"""The text of a guest's screen in VGA text mode, read from its memory.

Nothing but the picture says which mode a guest uses. So the memory only counts as text if
the picture agrees: a cell is of one colour if its character is a blank, and not otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.display.picture import Picture

ADDRESS, SIZE = 0xB8000, 0x8000
"""The video memory of text modes. The screen may begin anywhere in it."""
# all text modes that are recognised have so many
_COLUMNS = 80
_CELLS = {720: 9, 640: 8}
"""The width of a cell by the width of the picture."""
_HEIGHTS = (16, 8, 14)
"""The heights of a cell, in the order in which they are tried."""
# codes that draw nothing in VGA's font
_BLANKS = (0, 32, 255)
# the full block: as plain as a blank, but in the colour of the text
_FULL = 219
_STRAY = 0.02
"""The share of cells that may differ, such as the cursor's."""
# Python's cp437 decodes these codes as control characters; VGA's font has pictures for them
_LOW = "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
_ANSI = (0, 4, 2, 6, 1, 5, 3, 7)
"""The colours of a terminal, in VGA's order."""


class Cell(NamedTuple):
    """A character, and its colours as VGA's attribute byte."""

    code: int
    attribute: int

    @property
    def is_plain(self) -> bool:
        """Whether all of the cell has one colour."""
        fore, back = self.attribute & 15, self.attribute >> 4
        return fore in (back, back & 7) or self.code in (*_BLANKS, _FULL)


def may_be_text(picture: Picture) -> bool:
    """Return whether a picture has the size of a text mode."""
    return picture.width in _CELLS and any(_rows(picture, h) for h in _HEIGHTS)


def _rows(picture: Picture, height: int) -> int:
    """Return the number of rows with cells of a height; 0 if they do not fit."""
    rows, rest = divmod(picture.height, height)
    return rows if not rest and rows in (25, 28, 43, 50) else 0


def read_text(picture: Picture, memory: bytes) -> list[list[Cell]]:
    """Return the rows of the screen; empty if the picture is not of this memory."""
    cells = [Cell(*pair) for pair in zip(memory[::2], memory[1::2], strict=False)]
    plain = bytes(cell.is_plain for cell in cells)
    for height in _HEIGHTS if picture.width in _CELLS else ():
        count = _rows(picture, height) * _COLUMNS
        if not count:
            continue
        seen = _plain_cells(picture, _CELLS[picture.width], height)
        # a guest may scroll by moving the start of the screen, a row at a time
        for start in range(0, len(cells) - count + 1, _COLUMNS):
            known = int.from_bytes(plain[start : start + count])
            if (known ^ seen).bit_count() <= _STRAY * count:
                ends = range(start, start + count, _COLUMNS)
                return [cells[i : i + _COLUMNS] for i in ends]
    return []


def _plain_cells(picture: Picture, width: int, height: int) -> int:
    """Return a byte for each cell of a picture: whether the cell has a single colour."""
    size, line = 3 * width, 3 * picture.width
    found = bytearray()
    for row in range(_rows(picture, height)):
        lines = [
            picture.pixels[y * line : (y + 1) * line]
            for y in range(row * height, (row + 1) * height)
        ]
        for left in range(0, _COLUMNS * size, size):
            one = lines[0][left : left + 3] * width
            found.append(all(pixels[left : left + size] == one for pixels in lines))
    return int.from_bytes(found)


def draw_text(rows: Sequence[Sequence[Cell]], colours: bool, unicode: bool) -> str:
    """Return the screen as lines of text, without the blank rows at its end."""
    texts = ["".join(_character(cell, unicode) for cell in row) for row in rows]
    kept = max((n + 1 for n, text in enumerate(texts) if text.strip()), default=0)
    if not colours:
        return "".join(f"{text.rstrip()}\n" for text in texts[:kept])
    return "".join(_coloured(*pair) for pair in zip(rows[:kept], texts, strict=False))


def _character(cell: Cell, unicode: bool) -> str:
    if cell.code in _BLANKS:
        return " "
    text = _LOW[cell.code] if cell.code < len(_LOW) else bytes([cell.code]).decode("cp437")
    text = "⌂" if cell.code == 127 else text
    return text if unicode or text.isascii() else "."


def _coloured(row: Sequence[Cell], text: str) -> str:
    parts, before = [], -1
    for cell, character in zip(row, text, strict=True):
        if cell.attribute != before:
            # bit 7 is blinking or a bright background, as the guest has set it: both are
            # tried
            # terminals name the 8 bright colours 90 to 97; a background keeps to the dark
            # ones
            fore, back = cell.attribute & 15, cell.attribute >> 4 & 7
            base = 90 if fore > 7 else 30
            parts.append(f"\x1b[{base + _ANSI[fore & 7]};{40 + _ANSI[back]}m")
            before = cell.attribute
        parts.append(character)
    return "".join(parts) + "\x1b[0m\n"
