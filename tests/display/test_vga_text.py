"""The text of a VGA screen, read from its memory where the picture agrees."""

from __future__ import annotations

import random

import pytest

from hmp.display.picture import Picture
from hmp.display.vga_text import Cell, draw_text, may_be_text, read_text

PLAIN = {0, 32, 219, 255}
"""The codes whose cells have one colour, whatever the attribute."""


def memory(rows: list[str], attribute: int = 7) -> bytes:
    """Return what the rows are in memory, filled up with blanks."""
    codes = b"".join(row.encode("cp437").ljust(80) for row in rows)
    return bytes(byte for code in codes for byte in (code, attribute))


def picture(cells: bytes, width: int, height: int, pixels: int) -> Picture:
    """Draw the cells from the beginning of a memory: a dot in each that is not plain."""
    cell_width, rows = width // 80, height // pixels
    image = bytearray(3 * width * height)
    for index in range(80 * rows):
        code, attribute = cells[2 * index], cells[2 * index + 1]
        fore, back = attribute & 15, attribute >> 4
        if code in PLAIN or fore in (back, back & 7):
            continue
        x, y = index % 80 * cell_width, index // 80 * pixels
        at = 3 * ((y + pixels - 1) * width + x + cell_width - 1)
        image[at : at + 3] = b"\xff\xff\xff"
    return Picture(width, height, bytes(image))


def text(cells: list[list[Cell]]) -> list[str]:
    """Return the characters of rows, without blanks at their ends."""
    return [bytes(cell.code for cell in row).decode("cp437").rstrip() for row in cells]


@pytest.mark.parametrize(
    ("width", "height", "pixels"),
    [
        *((720, 400, 16), (640, 400, 16), (640, 200, 8), (720, 350, 14), (640, 344, 8)),
        *((720, 448, 16), (720, 688, 16), (720, 800, 16), (640, 224, 8)),
    ],
)
def test_sizes_of_text_modes(width: int, height: int, pixels: int) -> None:
    """25, 28, 43 or 50 rows of 80 cells, which are 16, 8 or 14 pixels high."""
    rows = [f"{n} {'abc' * n}x"[:80].rstrip() for n in range(height // pixels)]
    cells = memory(rows)
    seen = picture(cells, width, height, pixels)

    assert may_be_text(seen)
    assert text(read_text(seen, cells)) == rows


@pytest.mark.parametrize(
    ("width", "height"), [(720, 401), (800, 400), (320, 400), (640, 480), (720, 16)]
)
def test_other_sizes_are_pictures(width: int, height: int) -> None:
    """Whatever is in the memory."""
    seen = Picture(width, height, bytes(3 * width * height))

    assert not may_be_text(seen)
    assert read_text(seen, memory([""] * 100)) == []


def test_the_screen_may_begin_at_any_row() -> None:
    """As after scrolling; the last one that fits counts, too."""
    rows = [f"{n:>{n}}" for n in range(60)]
    cells = memory(rows)

    for first in (0, 1, 35):
        seen = picture(cells[160 * first :], 720, 400, 16)
        assert text(read_text(seen, cells)) == rows[first : first + 25]


@pytest.mark.parametrize(("stray", "agrees"), [(0, True), (40, True), (41, False)])
def test_a_few_cells_may_differ(stray: int, agrees: bool) -> None:
    """Two in a hundred: a cursor, or what was drawn since."""
    cells = bytearray(memory(["x" * 80] * 25))
    seen = picture(bytes(cells), 720, 400, 16)
    for index in random.Random(1).sample(range(2000), stray):
        cells[2 * index] = 32

    assert bool(read_text(seen, bytes(cells))) is agrees


@pytest.mark.parametrize(
    ("code", "attribute", "plain"),
    [
        *((code, 7, True) for code in sorted(PLAIN)),
        (120, 7, False),
        (1, 7, False),
        (254, 7, False),
        (120, 0x11, True),
        (120, 0x91, True),
        (120, 0x99, True),
        (120, 0x19, False),
        (120, 0x70, False),
    ],
)
def test_cells_of_one_colour(code: int, attribute: int, plain: bool) -> None:
    """Blanks, the full block, and text in its background's colour, blinking or not."""
    assert Cell(code, attribute).is_plain is plain


def test_characters() -> None:
    """Each code has one, also those that are control characters elsewhere."""
    rows = [[Cell(code, 7)] for code in range(256)]
    drawn = draw_text(rows, colours=False, unicode=True).split("\n")

    assert "".join(drawn[:32]) == "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
    assert "".join(drawn[32:127]) == "".join(map(chr, range(33, 127)))
    assert (drawn[127], drawn[128], drawn[225], drawn[254]) == ("⌂", "Ç", "ß", "■")
    assert drawn[255:] == [""]
    plain = draw_text(rows, colours=False, unicode=False).split("\n")
    assert "".join(plain[:32]) == "." * 31
    assert plain[32:127] == drawn[32:127]
    assert "".join(plain[127:]) == "." * 128


def test_blank_rows_at_the_end_are_left_out() -> None:
    """Those in the middle remain; blanks at the ends of rows do not count."""
    rows = [[Cell(ord(char), 7) for char in row] for row in (" a ", "   ", "b", " ", "")]

    assert draw_text(rows, colours=False, unicode=True) == " a\n\nb\n"
    assert draw_text(rows[3:], colours=False, unicode=True) == ""
    assert draw_text([], colours=True, unicode=True) == ""


def test_colours() -> None:
    """VGA's in a terminal's order, once for equal ones; bright ones have other codes."""
    attributes = [7, 7, 0x1F, 0x9F, 0x40, 0x26, 0x3D]
    row = [Cell(ord("x"), attribute) for attribute in attributes]

    assert draw_text([row, [Cell(32, 7)]], colours=True, unicode=True) == (
        "\x1b[37;40mxx\x1b[97;44mx\x1b[97;44mx\x1b[30;41mx\x1b[33;42mx\x1b[95;46mx\x1b[0m\n"
    )
