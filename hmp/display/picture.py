"""Pictures on a terminal: the guest's screen in the cells of ours.

A terminal that can show pictures (by Kitty's, iTerm2's or the Sixel protocol) gets one; any
other gets half blocks: each cell shows two pixels, its upper and its lower half. Text that
is larger than the screen gets braille dots, eight in a cell but without colours. The
environment decides on the protocol. The terminal is never queried, because its answers
would leak into the prompt. Pictures come as PPM, which any QEMU writes, or as PNG. The
guest controls the pixels, so nothing here may take time or memory beyond their number.
"""

from __future__ import annotations

import re
from base64 import standard_b64encode
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KITTY, ITERM, SIXEL, BLOCKS = "kitty", "iterm", "sixel", "blocks"
_PPM = re.compile(rb"P6\s+(?:#[^\n]*\s+)*(\d+)\s+(\d+)\s+(\d+)\s")
# the signature, and the chunk that has to come first, up to its width and height
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
# Kitty's protocol takes at most so many characters of base64 in one escape sequence
_CHUNK = 4096
# what TERM begins with on terminals that draw Sixel
_SIXEL_TERMS = ("foot", "mlterm", "yaft", "contour", "xterm-sixel")


class PictureError(ValueError):
    """The data is not a picture that can be drawn; the text gives the reason."""


class Picture:
    """Pixels: width times height of three bytes each, red, green and blue."""

    __slots__ = ("height", "pixels", "width")

    def __init__(self, width: int, height: int, pixels: bytes) -> None:
        self.width = width
        self.height = height
        self.pixels = pixels

    def scaled(self, width: int, height: int) -> Picture:
        """Return the picture in another size; each pixel is the mean of four old ones."""
        lefts = _places([(4 * x + 1) * self.width // (4 * width) for x in range(width)])
        rights = _places([(4 * x + 3) * self.width // (4 * width) for x in range(width)])
        pixels = bytearray()
        for y in range(height):
            upper = self._row((4 * y + 1) * self.height // (4 * height))
            lower = self._row((4 * y + 3) * self.height // (4 * height))
            pixels += _mean(
                _mean(bytes(lefts(upper)), bytes(rights(upper))),
                _mean(bytes(lefts(lower)), bytes(rights(lower))),
            )
        return Picture(width, height, bytes(pixels))

    def _row(self, y: int) -> bytes:
        return self.pixels[y * self.width * 3 : (y + 1) * self.width * 3]


def _places(columns: list[int]) -> itemgetter[tuple[int, ...]]:
    """Return a getter of some pixels' bytes from a row; an itemgetter is fast."""
    return itemgetter(*(3 * column + part for column in columns for part in range(3)))


def _mean(some: bytes, others: bytes) -> bytes:
    """Return the means of two rows of bytes; adding them as two long integers is fast."""
    a, b = int.from_bytes(some), int.from_bytes(others)
    # (a & b) + (a ^ b) / 2 is the mean; the mask drops bits shifted from the next byte
    halves = int.from_bytes(b"\x7f" * len(some))
    return ((a & b) + (((a ^ b) >> 1) & halves)).to_bytes(len(some))


def read_ppm(data: bytes) -> Picture:
    """Read a PPM picture (P6, 8 bits a colour). Raises PictureError."""
    match = _PPM.match(data)
    if match is None:
        raise PictureError("not a PPM picture")
    width, height, depth = (int(number) for number in match.groups())
    pixels = data[match.end() : match.end() + width * height * 3]
    if depth != 255 or not width or not height:
        raise PictureError("not a PPM picture with 8 bits per colour")
    if len(pixels) < width * height * 3:
        raise PictureError("the PPM picture is cut off")
    return Picture(width, height, pixels)


def protocol(environment: Mapping[str, str]) -> str:
    """Return the protocol of this terminal, judged by its environment.

    HMP_IMAGE overrides it: kitty, iterm, sixel or blocks.
    """
    wanted = environment.get("HMP_IMAGE", "")
    if wanted in (KITTY, ITERM, SIXEL, BLOCKS):
        return wanted
    if environment.get("TMUX") or environment.get("STY"):
        return BLOCKS  # a multiplexer does not pass the protocols on
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "kitty" in term or environment.get("KITTY_WINDOW_ID") or program == "ghostty":
        return KITTY
    if program in ("iTerm.app", "WezTerm"):
        return ITERM
    return SIXEL if term.startswith(_SIXEL_TERMS) else BLOCKS


def wants_png(kind: str) -> bool:
    """Return whether a protocol accepts PNG data directly."""
    return kind in (KITTY, ITERM)


def png_size(data: bytes) -> tuple[int, int]:
    """Return the width and height of PNG data. Raises PictureError."""
    if not data.startswith(_PNG) or len(data) < len(_PNG) + 8:
        raise PictureError("not a PNG picture")
    place = len(_PNG)
    return int.from_bytes(data[place : place + 4]), int.from_bytes(data[place + 4 :][:4])


def draw_png(data: bytes, kind: str, cells: tuple[int, int] = (0, 0)) -> str:
    """Return the codes that show PNG data by Kitty's or iTerm2's protocol.

    cells: columns or rows to scale it to; the other follows from its proportions. Without
    either, it has its own size.
    """
    columns, rows = cells
    text = standard_b64encode(data).decode()
    if kind == ITERM:
        fit = f"width={columns};" if columns else f"height={rows};" if rows else ""
        return f"\x1b]1337;File=inline=1;{fit}preserveAspectRatio=1:{text}\x07\n"
    fit = f"c={columns}," if columns else f"r={rows}," if rows else ""
    chunks = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]
    parts: list[str] = []
    # Kitty's protocol allows at most 4,096 characters a chunk; m=1 says that more follow
    for number, chunk in enumerate(chunks):
        first = f"f=100,a=T,{fit}" if number == 0 else ""
        more = int(number + 1 < len(chunks))
        parts.append(f"\x1b_G{first}m={more};{chunk}\x1b\\")
    return "".join(parts) + "\n"


def fitted(picture: Picture, columns: int, rows: int) -> Picture:
    """Scale a picture to fit a number of cells as half blocks, keeping its proportions."""
    # half blocks take rows in pairs
    made = shrunk(picture, columns, 2 * rows)
    return made.scaled(made.width, made.height + 1) if made.height % 2 else made


def shrunk(picture: Picture, width: int, height: int) -> Picture:
    """Scale a picture down to a size in pixels, keeping its proportions; never up."""
    share = min(width / picture.width, height / picture.height)
    if share >= 1:
        return picture
    width = max(int(picture.width * share), 1)
    return picture.scaled(width, max(int(picture.height * share), 1))


def draw_blocks(picture: Picture, truecolour: bool) -> str:
    """Return the picture as half blocks, two rows of pixels a line."""
    return "".join(f"{line}\x1b[0m\n" for line in _block_lines(picture, truecolour))


def _block_lines(picture: Picture, truecolour: bool) -> Iterator[str]:
    size = picture.width * 3
    code = _rgb if truecolour else _256
    for y in range(0, picture.height - 1, 2):
        upper = picture.pixels[y * size : (y + 1) * size]
        lower = picture.pixels[(y + 1) * size : (y + 2) * size]
        parts, before = [], (b"", b"")
        for x in range(0, size, 3):
            colours = upper[x : x + 3], lower[x : x + 3]
            # most neighbours have one colour, and codes are the bulk of what is sent
            if colours != before:
                parts.append(f"\x1b[38;{code(colours[0])};48;{code(colours[1])}m")
                before = colours
            parts.append("▀")
        yield "".join(parts)


Tones = tuple[bytes, bytes]
"""The colours of a background and of what is drawn on it."""
# the pixels that are looked at, and the share of them that two colours must have
_SAMPLES, _ALMOST_ALL = 20_000, 0.9
_STROKE = 0.3
"""How near to the ink a dot must be: less fills letters, more breaks their strokes."""
_DOTS = (1, 8), (2, 16), (4, 32), (64, 128)
"""The bits of a braille character, by the rows of its dots."""


def two_tones(picture: Picture) -> Tones | None:
    """Return the colours of a picture with hardly more than two, as of a text console."""
    # an odd step does not meet the same columns again and again
    step = 3 * (picture.width * picture.height // _SAMPLES | 1)
    counts: dict[bytes, int] = {}
    for at in range(0, len(picture.pixels), step):
        pixel = picture.pixels[at : at + 3]
        counts[pixel] = counts.get(pixel, 0) + 1
    first, *others = sorted(counts, key=lambda pixel: -counts[pixel])
    if others and counts[first] + counts[others[0]] >= _ALMOST_ALL * sum(counts.values()):
        return first, others[0]
    return None


def draw_dots(picture: Picture, tones: Tones, columns: int) -> str:
    """Return the picture as braille dots, as wide as so many cells, without colours.

    It may be higher than the screen, since text that is made smaller cannot be read.
    """
    made = shrunk(picture, 2 * columns, picture.height)
    ground, ink = tones
    limit = _STROKE * _distance(ground, ink)
    lines: list[str] = []
    for y in range(0, made.height - 3, 4):
        cells = bytearray(made.width // 2)
        for row, bits in enumerate(_DOTS):
            start = 3 * made.width * (y + row)
            for x in range(2 * len(cells)):
                at = start + 3 * x
                if _distance(ground, made.pixels[at : at + 3]) > limit:
                    cells[x // 2] |= bits[x % 2]
        lines.append("".join(chr(0x2800 + cell) for cell in cells).rstrip("\u2800"))
    return "\n".join(lines).rstrip("\n") + "\n"


def _distance(some: bytes, other: bytes) -> int:
    return sum(abs(a - b) for a, b in zip(some, other, strict=True))


_SHADES = " .:-=+*#%@"


def draw_shades(picture: Picture) -> str:
    """Return the picture in characters of rising brightness, without any codes."""
    size = picture.width * 3
    lines: list[str] = []
    for y in range(0, picture.height - 1, 2):
        row = picture.pixels[y * size : (y + 1) * size]
        light = (sum(row[x : x + 3]) * (len(_SHADES) - 1) // 765 for x in range(0, size, 3))
        lines.append("".join(_SHADES[step] for step in light).rstrip() + "\n")
    return "".join(lines)


def _rgb(pixel: bytes) -> str:
    return f"2;{pixel[0]};{pixel[1]};{pixel[2]}"


def _256(pixel: bytes) -> str:
    """Return the nearest colour of the 6x6x6 cube."""
    red, green, blue = (round(part / 51) for part in pixel)
    return f"5;{16 + 36 * red + 6 * green + blue}"
