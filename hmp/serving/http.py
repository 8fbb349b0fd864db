"""Detection of clients that speak HTTP: web pages that found our port.

Browsers let a page send requests to any port, with lines of the page's choice after the
first ones. So a client whose first line belongs to HTTP is disconnected before any of its
lines is run.
"""

from __future__ import annotations

import re
from enum import Enum

_LIMIT = 1 << 14
"""Bytes of the first line that are examined."""

_LINE = re.compile(
    rb"[A-Za-z-]+ [^\r\n]* HTTP/\d"  # a request
    rb"|HTTP/\d|Host:"  # a response; the header of every request
    # HTTP/0.9 requests had no version
    rb"|(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|CONNECT) +(?:/|\*|[a-z]+://)",
    re.IGNORECASE,
)
_BEGINS = re.compile(rb"[A-Za-z]")
_TLS = b"\x16\x03"
"""The beginning of HTTPS. What follows may hold lines of the page's choice as well: a
session's ticket, which a server of its choice has given to the browser.
"""


class Verdict(Enum):
    """The protocol of a client's first bytes."""

    OPEN = "more bytes are needed"
    HTTP = "HTTP"
    OTHER = "anything else"


class FirstLine:
    """Examines a client's input until its protocol is known.

    verdict: the result so far. data: the input held back until then.
    """

    def __init__(self) -> None:
        self.verdict = Verdict.OPEN
        self.data = b""

    def feed(self, data: bytes) -> Verdict:
        """Take bytes; return the verdict."""
        if self.verdict is Verdict.OPEN:
            self.data += data
            self.verdict = self._look()
        return self.verdict

    def rest(self) -> bytes:
        """Return the held-back input at the end of the stream."""
        return self.data if self.verdict is Verdict.OPEN else b""

    def _look(self) -> Verdict:
        if _TLS.startswith(self.data[:2]):
            return Verdict.HTTP if len(self.data) > 1 else Verdict.OPEN
        # HTTP allows empty lines before a request
        line, end, _ = self.data.lstrip(b"\r\n\t ").partition(b"\n")
        if not line and not end:
            return Verdict.OPEN if len(self.data) < _LIMIT else Verdict.OTHER
        if not _BEGINS.match(line):
            return Verdict.OTHER
        if not end and len(line) < _LIMIT:
            return Verdict.OPEN
        return Verdict.HTTP if _LINE.match(line) else Verdict.OTHER
