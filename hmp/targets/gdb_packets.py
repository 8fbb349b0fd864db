"""The packets of the GDB remote protocol: ``$DATA#CHECKSUM``."""

from __future__ import annotations

from hmp.qmp.errors import ProtocolError

ACKNOWLEDGED = b"+"
_BEGIN, _END, _ESCAPE, _RUN = b"$#}*"
_ESCAPED = 0x20
"""An escaped character is sent XORed with this."""
_COUNT = 29
"""The character after a run is its number of repetitions plus this."""


def packet(data: bytes) -> bytes:
    """Return a packet with this data, which needs no escapes."""
    return b"$%b#%02x" % (data, sum(data) & 0xFF)


def next_packet(received: bytearray, place: int) -> tuple[bytes, int] | None:
    """Return the data of the next complete packet and where it ends; else None.

    place: where to begin; bytes before the packet are ignored. Raises ProtocolError for a
    wrong checksum.
    """
    begin = received.find(b"$", place)
    end = received.find(b"#", begin) if begin >= 0 else -1
    if end < 0 or end + 3 > len(received):
        return None
    data = bytes(received[begin + 1 : end])
    try:
        wrong = sum(data) & 0xFF != int(received[end + 1 : end + 3], 16)
    except ValueError:
        wrong = True
    if wrong:
        raise ProtocolError("the gdb server sent a packet with a wrong checksum")
    return _plain(data) if b"}" in data or b"*" in data else data, end + 3


def _plain(data: bytes) -> bytes:
    """Return a packet's data without escapes and runs."""
    plain = bytearray()
    values = iter(data)
    for value in values:
        if value == _ESCAPE:
            plain.append(next(values, 0) ^ _ESCAPED)
        elif value == _RUN and plain:
            # a run repeats the byte before it, and its count is shifted to be printable
            plain += plain[-1:] * max(next(values, 0) - _COUNT, 0)
        else:
            plain.append(value)
    return bytes(plain)
