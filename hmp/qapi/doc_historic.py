"""Documentation comments as QEMU up to 7.2 reads them.

Takes the same lines as `hmp.qapi.doc` and fills the same `Doc`. The older form knows
sections "Note:", "Notes:", "Example:" and "Examples:", has tags anywhere at the start of
a line, and takes a section's text unindented, or indented as its first line is. Only
schemas that are written so import this module.
"""

from __future__ import annotations

import re

from hmp.qapi.doc import FEATURE, HEADING_LINE, MEMBER, PLAIN, TODO, Doc, DocReader, Section
from hmp.qapi.error import Place, QAPIError

_TAGS = {
    f"{kind}:": kind
    for kind in ("Returns", "Since", "Note", "Notes", "Example", "Examples", TODO)
}
_LOOKS_LIKE_MEMBER = re.compile(r"@\S+:")
# sections that a comment may have once
_UNIQUE = ("Returns", "Since")


class HistoricReader(DocReader):
    """The rules of QEMU 7.2: a line's first word decides its kind."""

    def __init__(
        self, place: Place, lines: list[str], numbers: list[int], end: int | None
    ) -> None:
        super().__init__(place, lines, numbers, end)
        self.section = Section(PLAIN, 1)
        self.indent = 0
        self.describing: str | None = MEMBER  # what '@name:' describes from here on

    def read_free_form(self) -> list[Doc]:
        """Return free-form text; each heading begins another `Doc`."""
        docs = [Doc(self.place)]
        for line in self.lines:
            self._reject_description()
            if HEADING_LINE.match(line) and any(docs[-1].body.lines):
                docs.append(Doc(self.place))
            docs[-1].body.lines.append(line)
            self.index += 1
        return docs

    def read_definition(self, doc: Doc) -> None:
        """Read body, members, features and sections into `doc`."""
        self.section = doc.body
        for line in self.lines[1:]:
            # the first word alone decides, even in the middle of a paragraph
            word = line.split(" ", 1)[0]
            if word.startswith("@") and word.endswith(":"):
                self._start_description(doc, word, line)
            elif word in _TAGS:
                self._start_tagged(doc, word, line)
            elif line == "Features:" and self._may_start_features(doc):
                self.describing = FEATURE
            else:
                self._append(doc, line)
            self.index += 1
        if self.end is not None:
            self._finish_section(self.end)

    def _reject_description(self) -> None:
        if match := _LOOKS_LIKE_MEMBER.match(self.lines[self.index]):
            raise self.misplaced_description(match[0])

    def _may_start_features(self, doc: Doc) -> bool:
        if self.describing != MEMBER:
            return False
        return self.section is doc.body or self._after_blank_line()

    def _after_blank_line(self) -> bool:
        """Tell whether the section has text, and a blank line after it."""
        lines = self.section.lines
        return len(lines) > 1 and not lines[-1]

    def _start_description(self, doc: Doc, word: str, line: str) -> None:
        if self.describing is None:
            raise self.error(
                f"'{word}' can't follow a '{self.section.kind}' section; describe "
                "members first"
            )
        number = self.numbers[self.index]
        name = word[1:-1]
        try:
            section = doc.describe(self.describing, name, number)
        except QAPIError as error:
            raise self.error(error.message) from None
        self._start(section, word, line)

    def _start_tagged(self, doc: Doc, word: str, line: str) -> None:
        kind = _TAGS[word]
        if kind in _UNIQUE and doc.find(kind) is not None:
            raise self.error(f"a second '{kind}:' section")
        section = Section(kind, self.numbers[self.index])
        doc.sections.append(section)
        self.describing = None
        self._start(section, word, line)

    def _start(self, section: Section, word: str, line: str) -> None:
        self._finish_section(self.numbers[self.index])
        self.section = section
        text = line[len(word) :].lstrip()
        # Text after the tag sets the indentation of the lines below it.
        self.indent = len(line) - len(text) if text else 0
        section.lines.append(text.rstrip())

    def _finish_section(self, number: int) -> None:
        """Check that the section which ends at line `number` has text."""
        section = self.section
        if section.kind != PLAIN and not any(section.lines):
            what = section.name or section.kind
            raise QAPIError(self.place.at(number), f"the section '{what}' has no text", 1)

    def _append(self, doc: Doc, line: str) -> None:
        """Add a line of text to the section it belongs to."""
        if line and not line[0].isspace():
            in_body = self.section is doc.body and self.describing == MEMBER
            if self.describing and not in_body and self._after_blank_line():
                self._start_plain(doc)
            self._reject_description()
            self.reject_heading()
        if line and self.indent:
            if len(line) - len(line.lstrip()) < self.indent:
                raise self.error(
                    f"unexpected de-indent, expected at least {self.indent} spaces"
                )
            line = line[self.indent :]
        self.section.lines.append(line.rstrip())

    def _start_plain(self, doc: Doc) -> None:
        """Begin a plain section: unindented text after a blank line ends members."""
        self._finish_section(self.numbers[self.index])
        self.describing = None
        self.indent = 0
        self.section = Section(PLAIN, self.numbers[self.index])
        doc.sections.append(self.section)
