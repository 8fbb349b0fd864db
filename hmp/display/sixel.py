"""Pictures in the Sixel protocol, with a limit on time and size for any picture.

The guest controls the picture, so the worst case counts. The picture is first reduced to
the window, and one with much variation from pixel to pixel gets fewer colours. For speed,
all work is done on whole rows by Python's C functions: translation tables, and sums of
long integers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.display.picture import Picture, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH, HEIGHT = 1280, 800
"""The most pixels that are sent."""
_BAND = 6
"""Rows of pixels that are sent together, as one bit each."""
_RUNS = 3000
"""The most rows of one colour that are sent, in all bands together."""
_STEPS = (6, 5, 4, 3, 2)
"""Numbers of values for each of red, green and blue, finest first."""
# Sixel writes six bits as a character from "?" on
_SHIFTED = bytes((63 + bits) % 256 for bits in range(256))
# three are as long as their count: `!3A`
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)


def draw_sixel(picture: Picture, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Return the codes that show a picture in a window of that size in pixels."""
    picture = shrunk(picture, min(width, WIDTH), min(height, HEIGHT))
    for steps in _STEPS:
        # take the finest colours whose output stays within the limit
        bands = list(_bands(picture, steps))
        used = [set(b"".join(rows)) for rows in bands]
        if sum(map(len, used)) <= _RUNS:
            break
    drawn = (
        "$".join(_coloured(rows, colour) for colour in sorted(colours))
        for rows, colours in zip(bands, used, strict=True)
    )
    palette = "".join(_definition(colour, steps) for colour in sorted(set().union(*used)))
    return f"\x1bPq{palette}{'-'.join(drawn)}\x1b\\\n"


def _bands(picture: Picture, steps: int) -> Iterator[list[bytes]]:
    """Yield the rows of each band, one byte for each pixel: the number of its colour."""
    width, cells = picture.width, _quantised(picture.pixels, steps)
    for top in range(0, picture.height, _BAND):
        bottom = min(top + _BAND, picture.height)
        yield [cells[y * width : (y + 1) * width] for y in range(top, bottom)]


def _quantised(pixels: bytes, steps: int) -> bytes:
    """Return each pixel's colour number, with steps values for each of red, green, blue."""
    count = len(pixels) // 3
    total = 0
    for part in range(3):
        weight = steps ** (2 - part)
        table = bytes(value * (steps - 1) // 255 * weight for value in range(256))
        # at most 6 * 6 * 6 - 1 = 215 a byte, so no sum carries into the next pixel
        total += int.from_bytes(pixels[part : 3 * count : 3].translate(table))
    return total.to_bytes(count)


def _definition(colour: int, steps: int) -> str:
    """Return the code that defines a colour number, in percent of red, green and blue."""
    red, rest = divmod(colour, steps * steps)
    parts = (part * 100 // (steps - 1) for part in (red, *divmod(rest, steps)))
    return f"#{colour};2;" + ";".join(map(str, parts))


def _coloured(rows: list[bytes], colour: int) -> str:
    """Return the code for one colour of a band of rows, run-length encoded."""
    masks = 0
    for bit, row in enumerate(rows):
        table = bytearray(256)
        table[colour] = 1 << bit
        masks += int.from_bytes(row.translate(table))
    line = masks.to_bytes(len(rows[0])).translate(_SHIFTED).decode("ascii")
    return f"#{colour}" + _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", line)
