"""Pictures as PNG files."""

from __future__ import annotations

import struct
import zlib

from hmp.display.picture import Picture
from hmp.display.png import png


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG file, after a look at their checks."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, rest = [], data[8:]
    while rest:
        (length,) = struct.unpack_from(">I", rest)
        kind, body = rest[4:8], rest[8 : 8 + length]
        assert struct.unpack_from(">I", rest, 8 + length) == (zlib.crc32(kind + body),)
        found.append((kind, body))
        rest = rest[12 + length :]
    return found


def test_a_picture_is_written_whole() -> None:
    """Red, green and blue of eight bits, row by row, and nothing else."""
    pixels = bytes(range(18))
    header, image, end = chunks(png(Picture(2, 3, pixels)))

    assert header == (b"IHDR", struct.pack(">IIBBBBB", 2, 3, 8, 2, 0, 0, 0))
    assert image[0] == b"IDAT"
    rows = b"".join(b"\0" + pixels[at : at + 6] for at in (0, 6, 12))
    assert zlib.decompress(image[1]) == rows
    assert end == (b"IEND", b"")
