"""The first stage: schema files to definitions, documentation and pragmas.

Takes the path of a schema file (or its text) and follows its includes. Guarantees that
the syntax is that of docs/devel/qapi-code-gen.rst, "Schema syntax", that directives are
well-formed, and that documentation of a definition is followed by one.
`hmp.qapi.expressions` is next: it checks the contents of the definitions.
"""

from __future__ import annotations

import os
import re

from hmp.qapi.doc import CurrentReader, Doc, DocReader
from hmp.qapi.edition import Edition
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.pragmas import Pragmas, set_pragma

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How deep brackets may nest: far beyond any schema, well inside Python's own limit.
_MAX_DEPTH = 100

_BLANK = r"(?>\s+|\#(?!\#)[^\n]*)*+"  # white space and comments, never given back
_SKIP = re.compile(_BLANK)
_TOKEN = re.compile(
    _BLANK + r"(?:([{}\[\]:,])"
    r"|'((?:[ !-&(-\[\]-~]|\\\\)*)'"
    r"|(true|false)"
    r"|(\#\#)"
    r"|\Z)"
)
_WORD = re.compile(r"[^\s{}\[\]:,'#]+|.", re.DOTALL)
_DOC_LINE = re.compile(r"\s*(\#?)([^\n]*)")


class Expression:
    """A definition as parsed: the JSON object, its place, the comment before it."""

    __slots__ = ("data", "doc", "place")

    def __init__(self, data: dict[str, Any], place: Place, doc: Doc | None) -> None:
        self.data = data
        self.place = place
        self.doc = doc


class Source:
    """What the parser found, in the order of the files: input of the next stages."""

    __slots__ = ("docs", "edition", "expressions", "files", "paths", "pragmas", "texts")

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.expressions: list[Expression] = []
        self.docs: list[Doc] = []
        self.pragmas = Pragmas()
        self.files: list[str] = []  # as they were named, in the order of reading
        self.paths: set[str] = set()  # the same files by their absolute paths
        self.texts: list[str] = []


_LIMIT = 16 << 20
"""The most characters of a file, since a device may never end."""


def parse_file(path: str, source: Source, parent: Place | None = None) -> None:
    """Read the schema file `path` and what it includes into `source`.

    Raises QAPIError if a file can't be read or breaks the rules.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_LIMIT + 1)
        if len(text) > _LIMIT:
            raise ValueError(f"it has more than {_LIMIT} characters")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"can't read the schema file: {reason}"
        if parent is not None:
            message = f"can't read the included file '{path}': {reason}"
        raise QAPIError(parent or Place(path), message) from None
    parse_text(text, path, source, parent)


def parse_text(text: str, file: str, source: Source, parent: Place | None = None) -> None:
    """Read `text`, the content of a schema file called `file`, into `source`.

    Includes are looked up beside `file`. Raises QAPIError as `parse_file` does.
    """
    source.files.append(file)
    source.paths.add(os.path.abspath(file))
    source.texts.append(text)
    _Parser(text, file, source, parent).parse()


class _Parser:
    """Recursive descent through one file; `position` is the end of the last token."""

    def __init__(self, text: str, file: str, source: Source, parent: Place | None) -> None:
        self.text = text if text.endswith("\n") else text + "\n"
        self.source = source
        self.position = 0
        self.start = Place(file, 1, parent)
        self._counted = (0, 1)  # a position and its line
        self.doc: Doc | None = None  # the comment just before

    def parse(self) -> None:
        """Read the whole file."""
        match = self.token()
        while match.lastindex is not None:
            if match[4]:
                self.reject_pending_doc()
                self.comment(match.start(4))
                match = self.token()
                continue
            place = self.place(self.begin(match))
            data = self.value(match, 0)
            # Invalid tokens are reported before errors in `data`.
            match = self.token()
            if not isinstance(data, dict):
                raise QAPIError(place, "at the top level only objects '{ ... }' may stand")
            self.top_level(place, data)
        self.reject_pending_doc()

    # Places and errors

    def line_at(self, position: int) -> int:
        """Return the line of a position; they are asked for in ascending order."""
        counted, line = self._counted
        if position < counted:
            counted, line = 0, 1
        line += self.text.count("\n", counted, position)
        self._counted = (position, line)
        return line

    def place(self, position: int) -> Place:
        """Return the place of a position in the text."""
        return self.start.at(self.line_at(position))

    def error(self, position: int, message: str) -> QAPIError:
        """Return a syntax error at a position in the text."""
        column = position - self.text.rfind("\n", 0, position)
        return QAPIError(self.place(position), message, column)

    def expected(self, match: re.Match[str], what: str) -> QAPIError:
        """Return the error for a token that is not the expected one."""
        return self.error(self.begin(match), f"expected {what}")

    def begin(self, match: re.Match[str]) -> int:
        """Return where a token begins, without the white space before it."""
        if match.lastindex is None:  # the end: the text's last line break
            return len(self.text) - 1
        quote = 1 if match.lastindex == 2 else 0
        return match.start(match.lastindex) - quote

    # Tokens and values

    def token(self) -> re.Match[str]:
        """Return the next token; the number of its group is its kind."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise self.stray()
        self.position = match.end()
        return match

    def stray(self) -> QAPIError:
        """Return the error for text that is not a token."""
        skipped = _SKIP.match(self.text, self.position)
        position = skipped.end() if skipped else self.position
        if self.text[position] == "'":
            return self.error(position, self.bad_string(position))
        word = _WORD.match(self.text, position)
        found = word[0] if word else self.text[position]
        return self.error(position, f"stray '{found}'")

    def bad_string(self, position: int) -> str:
        """Describe the error in the string that starts at `position`."""
        line = self.text[position + 1 : self.text.find("\n", position)]
        for match in re.finditer(r"\\\\|\\(.?)|'|[^ -~]", line):
            if match[0] == "'":
                break
            if match[1]:
                return f"unknown escape \\{match[1]}, only \\\\ is known"
            if match[0] not in ("\\\\", "\\"):
                return "only printable ASCII characters may stand in a string"
        return 'the closing "\'" of the string is missing'

    def value(self, match: re.Match[str], depth: int) -> Any:
        """Return the value that begins with the token `match`."""
        text = match[2]
        if text is not None:
            # a doubled backslash is the only escape of the schema language
            return text.replace("\\\\", "\\") if "\\" in text else text
        if match[3]:
            return match[3] == "true"
        if match[1] in ("{", "[") and depth >= _MAX_DEPTH:
            raise self.error(self.begin(match), f"more than {_MAX_DEPTH} levels deep")
        if match[1] == "{":
            return self.object(depth + 1)
        if match[1] == "[":
            return self.array(depth + 1)
        raise self.expected(match, "'{', '[', a string, true or false")

    def object(self, depth: int) -> dict[str, Any]:
        """Return the object whose '{' has just been read."""
        members: dict[str, Any] = {}
        match = self.token()
        if match[1] == "}":
            return members
        wanted = "a string or '}'"
        while True:
            key = match[2]
            if key is None:
                raise self.expected(match, wanted)
            match = self.token()
            if match[1] != ":":
                raise self.expected(match, "':'")
            match = self.token()
            if key in members:
                raise self.error(self.begin(match), f"the key '{key}' is here twice")
            members[key] = self.value(match, depth)
            match = self.token()
            if match[1] == "}":
                return members
            if match[1] != ",":
                raise self.expected(match, "',' or '}'")
            match, wanted = self.token(), "a string"

    def array(self, depth: int) -> list[Any]:
        """Return the array whose '[' has just been read."""
        items: list[Any] = []
        match = self.token()
        if match[1] == "]":
            return items
        while True:
            items.append(self.value(match, depth))
            match = self.token()
            if match[1] == "]":
                return items
            if match[1] != ",":
                raise self.expected(match, "',' or ']'")
            match = self.token()

    # Documentation comments

    def comment(self, start: int) -> None:
        """Read the documentation comment whose first `##` is at `start`."""
        place = self.place(start)
        lines: list[str] = []
        numbers: list[int] = []
        try:
            end = self.comment_lines(start, lines, numbers)
        except QAPIError:
            # Errors in the lines before it come first.
            self.check_style(place, lines, numbers)
            self.reader(place, lines, numbers, None).read()
            raise
        self.check_style(place, lines, numbers)
        docs = self.reader(place, lines, numbers, end).read()
        self.source.docs += docs
        self.doc = docs[-1]

    def comment_lines(self, start: int, lines: list[str], numbers: list[int]) -> int:
        """Collect a comment's lines and their numbers; return the last line's number."""
        text = self.text
        position = text.find("\n", start)
        if position != start + 2:
            raise self.error(start, "junk after the '##' that begins a comment")
        number = self.line_at(start)
        while True:
            match = _DOC_LINE.match(text, position)
            begin = match.start(1) if match else position
            if match is None or not match[1]:
                begin = min(begin, len(text) - 1)
                raise self.error(begin, "a documentation comment must end with '##'")
            number += text.count("\n", position, begin)
            position = match.end()
            line = match[2]
            if line[:1] == "#":
                break
            if line and line[0] != " ":
                raise self.error(begin, "a space is missing after the '#'")
            lines.append(line[1:])
            numbers.append(number)
        if line != "#":
            raise self.error(begin, "junk after the '##' that ends a comment")
        self.position = position
        return number

    def check_style(self, place: Place, lines: list[str], numbers: list[int]) -> None:
        """Raise QAPIError for the first mistake of a comment, if the edition checks style.

        Errors in the lines before it come first.
        """
        if not self.source.edition.style_checks:
            return
        from hmp.qapi.doc_style import find_mistake  # only newer schemas need it

        if mistake := find_mistake(lines):
            index, column, message = mistake
            self.reader(place, lines[:index], numbers[:index], None).read()
            raise QAPIError(place.at(numbers[index]), message, column)

    def reader(
        self, place: Place, lines: list[str], numbers: list[int], end: int | None
    ) -> DocReader:
        """Return the reader of documentation that the edition asks for."""
        if self.source.edition.strict_docs:
            return CurrentReader(place, lines, numbers, end)
        from hmp.qapi.doc_historic import HistoricReader  # only older schemas need it

        return HistoricReader(place, lines, numbers, end)

    def reject_pending_doc(self) -> None:
        """Raise QAPIError if a definition's documentation has no definition."""
        if self.doc is not None and self.doc.symbol is not None:
            raise QAPIError(
                self.doc.place,
                f"the documentation of '{self.doc.symbol}' must stand right before its "
                "definition",
            )
        self.doc = None

    # Directives

    def top_level(self, place: Place, data: dict[str, Any]) -> None:
        """Follow a directive, or keep a definition for the next stage."""
        if "include" in data:
            self.reject_pending_doc()
            self.include(place, data)
        elif "pragma" in data:
            self.reject_pending_doc()
            self.pragma(place, data)
        else:
            if self.doc is not None and self.doc.symbol is None:
                raise QAPIError(
                    self.doc.place,
                    "the comment before a definition must begin with '@NAME:'",
                )
            self.source.expressions.append(Expression(data, place, self.doc))
            self.doc = None

    def include(self, place: Place, data: dict[str, Any]) -> None:
        """Read an included file, unless it was read before."""
        if len(data) != 1:
            raise QAPIError(place, "an 'include' directive has no other members")
        name = data["include"]
        if not isinstance(name, str):
            raise QAPIError(place, "the value of 'include' must be a string")
        path = os.path.join(os.path.dirname(place.file), name)
        absolute = os.path.abspath(path)
        # by absolute paths: one file may be named in several ways
        for includer in [place, *place.includes()]:
            if os.path.abspath(includer.file) == absolute:
                raise QAPIError(place, f"inclusion loop: {name} includes itself")
        if absolute not in self.source.paths:
            parse_file(path, self.source, place)

    def pragma(self, place: Place, data: dict[str, Any]) -> None:
        """Take over the values of a pragma directive."""
        if len(data) != 1:
            raise QAPIError(place, "a 'pragma' directive has no other members")
        values = data["pragma"]
        if not isinstance(values, dict):
            raise QAPIError(place, "the value of 'pragma' must be an object")
        for name, value in values.items():
            set_pragma(self.source.pragmas, place, name, value)
