"""Documentation comments: their parts, and how QEMU 10.0 reads them.

Takes the lines of one `##` comment, without their `# `, from the parser and makes a
`Doc` of them: symbol, body, members, features and tagged sections, each with its line.
Guarantees the form that docs/devel/qapi-code-gen.rst calls "Definition documentation";
whether the comment fits its definition is for `hmp.qapi.doc_check` to say. The text stays
as the author wrote it; `hmp.qapi.render` makes paragraphs and examples of it.

`hmp.qapi.doc_historic` reads the older form into the same `Doc`.
"""

from __future__ import annotations

import re

from hmp.qapi.error import Place, QAPIError

# The kinds of sections; the tags that begin one are the same words with a colon.
PLAIN, RETURNS, ERRORS, SINCE, TODO = "Plain", "Returns", "Errors", "Since", "TODO"
MEMBER, FEATURE = "Member", "Feature"

_DESCRIPTION = re.compile(r"@([^:]*):[ ]*")
_TAG = re.compile(r"(Returns|Errors|Since|TODO|Notes?|Examples?):(?!:)[ ]*")
HEADING_LINE = re.compile(r"=+ ")


class Section:
    """A part of a definition's documentation: its kind, its name if any, and its text.

    `name` is the member or feature described; `line` is where the section starts.
    """

    __slots__ = ("kind", "line", "lines", "name")

    def __init__(self, kind: str, line: int, name: str | None = None) -> None:
        self.kind = kind
        self.name = name
        self.line = line
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        """The text, without blank lines around it and without the mark `#optional`.

        Up to QEMU 2.8 that mark repeated the `*` of a member's name in words.
        """
        text = "\n".join(self.lines).strip("\n")
        if self.kind == MEMBER and text.startswith("#optional"):
            return text[len("#optional") :].lstrip(" ")
        return text

    def __repr__(self) -> str:
        return f"Section({self.kind!r}, {self.name!r}, {self.text!r})"


class Doc:
    """One documentation comment; `symbol` is None for free-form text.

    `place` is its first line. Members and features are kept by name; `sections` has the
    rest in order of appearance: tagged sections and plain text between them.
    """

    __slots__ = ("body", "features", "members", "place", "sections", "symbol")

    def __init__(self, place: Place, symbol: str | None = None) -> None:
        self.place = place
        self.symbol = symbol
        self.body = Section(PLAIN, place.line or 1)
        self.members: dict[str, Section] = {}
        self.features: dict[str, Section] = {}
        self.sections: list[Section] = []

    def find(self, kind: str) -> Section | None:
        """Return the first tagged section of `kind`, or None."""
        for section in self.sections:
            if section.kind == kind:
                return section
        return None

    def describe(self, kind: str, name: str, line: int) -> Section:
        """Add the empty description of the member or feature `name`, and return it.

        Raises QAPIError if the name is missing, or has a description already.
        """
        if not name:
            raise QAPIError(self.place.at(line), "a name is required after '@'")
        known = self.members if kind == MEMBER else self.features
        if name in known:
            raise QAPIError(
                self.place.at(line),
                f"'{name}' is described twice, first at line {known[name].line}",
            )
        known[name] = section = Section(kind, line, name)
        return section

    def __repr__(self) -> str:
        return f"Doc({self.place}, {self.symbol!r})"


class DocReader:
    """The lines of one comment, read one after the other.

    Every line has lost its `# `; `numbers` has each line's number in the file, and `end`
    that of the closing `##`: None if that is wrong, so that only the lines
    before it are checked. This base class knows what both editions have in common:
    the symbol's line and free-form text.
    """

    def __init__(
        self, place: Place, lines: list[str], numbers: list[int], end: int | None
    ) -> None:
        self.place = place
        self.lines = lines
        self.numbers = numbers
        self.end = end
        self.index = 0

    def error(self, message: str) -> QAPIError:
        """Return an error about the current line."""
        return QAPIError(self.place.at(self.numbers[self.index]), message, 1)

    def read(self) -> list[Doc]:
        """Return the documentation in the comment: one `Doc`, in older files several.

        Raises QAPIError where the comment breaks the rules.
        """
        if not self.lines or not self.lines[0].startswith("@"):
            return self.read_free_form()
        doc = Doc(self.place, self.read_symbol())
        self.index = 1
        self.read_definition(doc)
        return [doc]

    def read_symbol(self) -> str:
        """Return the symbol that the first line, `@SYMBOL:`, names."""
        line = self.lines[0]
        if not line.endswith(":"):
            raise self.error("the line with the documented name should end with ':'")
        if line == "@:":
            raise self.error("the name of a definition is required after '@'")
        return line[1:-1]

    def reject_heading(self) -> None:
        """Raise QAPIError if the current line is a heading."""
        if HEADING_LINE.match(self.lines[self.index]):
            raise self.error(
                "a heading ('=') has its own comment, it can't be in the documentation "
                "of a definition"
            )

    def misplaced_description(self, found: str) -> QAPIError:
        """Return the error that a member's description is out of place."""
        return self.error(
            f"'{found}' describes a member, but this comment is free-form; begin it "
            "with a line '@NAME:' to document a definition"
        )

    def read_free_form(self) -> list[Doc]:
        """Return the documentation in a comment without symbol."""
        raise NotImplementedError

    def read_definition(self, doc: Doc) -> None:
        """Read what follows the symbol's line into `doc`."""
        raise NotImplementedError


class CurrentReader(DocReader):
    """The rules of QEMU 10.0: a paragraph's first line decides its kind."""

    def __init__(
        self, place: Place, lines: list[str], numbers: list[int], end: int | None
    ) -> None:
        super().__init__(place, [line.rstrip() for line in lines], numbers, end)

    def read_free_form(self) -> list[Doc]:
        """Return free-form text; a heading may only be its first line."""
        doc = Doc(self.place)
        for line in self.lines:
            if match := _DESCRIPTION.match(line):
                raise self.misplaced_description(match[0].rstrip())
            if self.index and HEADING_LINE.match(line):
                raise self.error("a heading ('=') must be the comment's first line")
            self.index += 1
        # all of it: free-form text has no parts
        doc.body.lines = self.lines
        return [doc]

    def read_definition(self, doc: Doc) -> None:
        """Read body, members, features and sections into `doc`."""
        while self.index < len(self.lines):
            line = self.lines[self.index]
            first = line[:1]
            if not first:
                self.index += 1
            elif first == "@" and (match := _DESCRIPTION.match(line)):
                self._read_member(doc, match)
            elif line == "Features:":
                self._read_features(doc)
            elif match := _TAG.match(line):
                self._read_tagged(doc, match)
            else:
                self.reject_heading()
                self._read_plain(doc)
        if self.end is not None:
            self._require_text(doc)

    def _read_member(self, doc: Doc, match: re.Match[str]) -> None:
        if doc.features or doc.sections:
            raise self.error(
                f"the description of '@{match[1]}:' comes too late: members go before "
                "features, tagged sections and further text"
            )
        self._read_description(doc, MEMBER, match)

    def _read_features(self, doc: Doc) -> None:
        if doc.features:
            raise self.error("a second 'Features:' line; list all features under one")
        self.index += 1
        while True:
            self._skip_blank_lines()
            match = self._description()
            if match is None:
                break
            self._read_description(doc, FEATURE, match)
        # at the end of the comment, the closing `##` is what follows
        at_end = self.index == len(self.lines)
        if not doc.features and not (at_end and self.end is None):
            line = self.end if at_end else self.numbers[self.index]
            place = Place(self.place.file, line, self.place.parent)
            message = "descriptions '@feature: text' must follow 'Features:'"
            raise QAPIError(place, message, 1)

    def _description(self) -> re.Match[str] | None:
        if self.index == len(self.lines):
            return None
        return _DESCRIPTION.match(self.lines[self.index])

    def _skip_blank_lines(self) -> None:
        while self.index < len(self.lines) and not self.lines[self.index]:
            self.index += 1

    def _read_description(self, doc: Doc, kind: str, match: re.Match[str]) -> None:
        section = doc.describe(kind, match[1], self.numbers[self.index])
        self._read_indented(section, match)

    def _read_tagged(self, doc: Doc, match: re.Match[str]) -> None:
        kind = match[1]
        if kind.startswith(("Note", "Example")):
            directive = ".. note::" if kind.startswith("Note") else ".. qmp-example::"
            raise self.error(f"'{kind}:' is the older spelling; write '{directive}'")
        line = self.numbers[self.index]
        if kind != TODO and (former := doc.find(kind)) is not None:
            raise QAPIError(
                self.place.at(line),
                f"a second '{kind}:' section, the first is at line {former.line}",
            )
        section = Section(kind, line)
        doc.sections.append(section)
        self._read_indented(section, match)

    def _read_indented(self, section: Section, match: re.Match[str]) -> None:
        """Read a section: the rest of its first line, and the indented lines after."""
        section.lines.append(match.string[match.end() :])
        self.index += 1
        indent = 0
        while self.index < len(self.lines):
            line = self.lines[self.index]
            width = len(line) - len(line.lstrip())  # a tab is as good as a space
            if line and (not width or width < indent):
                break
            section.lines.append(line)
            self.index += 1
            if line and not indent:
                indent = width
                self._reject_deindent(indent)

    def _reject_deindent(self, indent: int) -> None:
        """Check the line after the first indented one.

        There QEMU's compiler refuses a lesser indentation, unless a description begins;
        further below it takes it for the section's end.
        """
        line = self.lines[self.index] if self.index < len(self.lines) else ""
        if line and line[:indent].strip() and not _DESCRIPTION.match(line):
            raise self.error(f"unexpected de-indent, expected at least {indent} spaces")

    def _require_text(self, doc: Doc) -> None:
        sections = [*doc.members.values(), *doc.features.values(), *doc.sections]
        empty = [section for section in sections if not any(section.lines)]
        if empty:
            first = min(empty, key=lambda section: section.line)
            what = f"@{first.name}:" if first.name else f"{first.kind}:"
            place = self.place.at(first.line)
            raise QAPIError(place, f"text is required after '{what}'")

    def _read_plain(self, doc: Doc) -> None:
        section = self._plain_section(doc)
        if section.lines:
            section.lines.append("")
        while self.index < len(self.lines) and self.lines[self.index]:
            section.lines.append(self.lines[self.index])
            self.index += 1

    def _plain_section(self, doc: Doc) -> Section:
        """Return the section that a plain paragraph continues; a new one if none."""
        if not (doc.members or doc.features or doc.sections):
            return doc.body
        if not doc.sections or doc.sections[-1].kind != PLAIN:
            doc.sections.append(Section(PLAIN, self.numbers[self.index]))
        return doc.sections[-1]
