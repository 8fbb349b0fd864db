"""Errors of a schema, and the places they refer to.

Every stage of this package reports mistakes in a schema by raising
`QAPIError`; it raises nothing else. A `Place` says where: file, line, the includes that
led there and the definition it belongs to.
"""

from __future__ import annotations


class Place:
    """The place of a part of a schema.

    `line` is None for a file as a whole, `parent` is the place of the include directive
    that brought the file in, and `context` names the definition ("command 'stop'").
    """

    __slots__ = ("context", "file", "line", "parent")

    def __init__(
        self,
        file: str,
        line: int | None = None,
        parent: Place | None = None,
        context: str | None = None,
    ) -> None:
        self.file = file
        self.line = line
        self.parent = parent
        self.context = context

    def at(self, line: int) -> Place:
        """Return the place at another `line` of the same file, outside definitions."""
        return Place(self.file, line, self.parent)

    def within(self, context: str) -> Place:
        """Return this place as a part of the definition called `context`."""
        return Place(self.file, self.line, self.parent, context)

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def includes(self) -> list[Place]:
        """Return the include directives that led here, outermost first."""
        chain: list[Place] = []
        parent = self.parent
        while parent is not None:
            chain.append(parent)
            parent = parent.parent
        return chain[::-1]


class QAPIError(Exception):
    """A schema or its functions are wrong; `str()` gives the place and the remedy.

    The text ends with a line `FILE:LINE: message` (`FILE:LINE:COLUMN:` for syntax). Where
    they apply, lines with the include directives and with the definition go before it.
    """

    def __init__(self, place: Place, message: str, column: int | None = None) -> None:
        super().__init__(place, message, column)
        self.place = place
        self.message = message
        self.column = column

    @property
    def file(self) -> str:
        """The file that is wrong, as it was named by whoever opened it."""
        return self.place.file

    @property
    def line(self) -> int | None:
        """The line, from 1; None where the file as a whole is meant."""
        return self.place.line

    @property
    def context(self) -> str | None:
        """The definition the error is in, such as "In command 'stop':", or None."""
        if self.place.context is None:
            return None
        return f"In {self.place.context}:"

    def __str__(self) -> str:
        lines = [f"In file included from {place}:" for place in self.place.includes()]
        if self.context is not None:
            lines.append(f"{self.file}: {self.context}")
        where = str(self.place) if self.column is None else f"{self.place}:{self.column}"
        lines.append(f"{where}: {self.message}")
        return "\n".join(map(_printable, lines))


def _printable(text: str) -> str:
    """Return a line of text with its control characters spelled out."""
    if text.isprintable():
        return text
    # a schema may come from anywhere, and its text reaches a terminal
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
