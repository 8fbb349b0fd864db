"""Clients that speak HTTP: a web page that found our port.

Browsers send what a page wants to any port, and put lines of the page's own behind the
request's first ones. So a client whose first line belongs to HTTP is sent away before any
of its lines is run.
"""

from __future__ import annotations

import re
from enum import Enum

_LIMIT = 1 << 14
"""Bytes of a first line that are looked at."""

_LINE = re.compile(
    rb"[A-Za-z-]+ [^\r\n]* HTTP/\d"  # a request
    rb"|HTTP/\d|Host:"  # an answer; what stands in every request
    # what was a request before there were versions
    rb"|(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|CONNECT) +(?:/|\*|[a-z]+://)",
    re.IGNORECASE,
)
_BEGINS = re.compile(rb"[A-Za-z]")


class Verdict(Enum):
    """What a client's first bytes are."""

    OPEN = "more is needed to tell"
    HTTP = "HTTP"
    OTHER = "anything else"


class FirstLine:
    """Looks at what a client sends until it is clear what that is.

    verdict: what it is, so far. data: what has come before it was clear.
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
        """Return what was held back when nothing more comes."""
        return self.data if self.verdict is Verdict.OPEN else b""

    def _look(self) -> Verdict:
        line, end, _ = self.data.lstrip(b"\r\n\t ").partition(b"\n")
        if not line and not end:
            return Verdict.OPEN if len(self.data) < _LIMIT else Verdict.OTHER
        if not _BEGINS.match(line):
            return Verdict.OTHER
        if not end and len(line) < _LIMIT:
            return Verdict.OPEN
        return Verdict.HTTP if _LINE.match(line) else Verdict.OTHER
