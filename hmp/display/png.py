"""PNG files of pictures."""

from __future__ import annotations

import struct
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.display.picture import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB = 2
"""The colour type of three bytes a pixel."""


def png(picture: Picture) -> bytes:
    """Return a picture as a PNG file."""
    width, height = picture.width, picture.height
    size = 3 * width
    # each row begins with its filter, of which 0 changes nothing
    rows = b"".join(
        b"\0" + picture.pixels[size * y : size * (y + 1)] for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, _RGB, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
