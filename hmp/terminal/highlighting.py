"""Colours of the line while it is typed, by the types of its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles.pygments import pygments_token_to_classname
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, String, Text

from hmp.monitor.line import inner_line, is_comment

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from pygments.token import _TokenType

    from hmp.completion.diagnostics import Diagnostic
    from hmp.frontends.parsing import LineParser
    from hmp.monitor.line import Line

_TOKENS = {
    "string": String,
    "number": Number,
    "keyword": Keyword.Constant,
    "option": Name.Attribute,
    "format": Literal,
}
Span = tuple[int, int, str]


def _style(token: _TokenType) -> str:
    return "class:" + pygments_token_to_classname(token)


_STYLES = {name: _style(token) for name, token in _TOKENS.items()}
_COMMAND, _UNKNOWN, _TEXT = _style(Name.Function), _style(Error), _style(Text)
_COMMENT, _SHELL = _style(Comment), _style(String)


def spans(line: Line) -> list[Span]:
    """Return the spans of a line with their styles, in order.

    An unknown command, and the text after an error, are marked, unless the line may only
    be incomplete.
    """
    error = line.error
    found: list[Span] = []
    for start, end in line.words:
        last = (start, end) == line.words[-1]
        wrong = last and line.entry is None and not line.begins_command
        found.append((start, end, _UNKNOWN if wrong else _COMMAND))
    for start, end, parameter in line.tokens:
        found.append((start, end, _STYLES[parameter.type.style]))
    if error is not None and line.entry is not None and not line.may_become_right:
        found.append((error.column, len(line.text), _UNKNOWN))
    return found


class LineLexer(Lexer):
    """prompt_toolkit's view of `spans`."""

    def __init__(
        self,
        parse: LineParser,
        diagnose: Callable[[Line], Diagnostic | None] = lambda line: None,
    ) -> None:
        self.parse = parse
        self.diagnose = diagnose

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return the function that colours line number N."""

        lines = document.lines
        if len(lines) > 1:
            from hmp.monitor.raw_qmp import join_messages  # late: few lines need it

            lines = join_messages([line for line in lines if line.strip()])

        def colour(number: int) -> StyleAndTextTuples:
            text = document.lines[number]
            if text not in lines or text.startswith("{"):  # a message, or a part of one
                return [(_TEXT, text)]
            if is_comment(text):
                return [(_COMMENT, text)]
            if text.startswith("!"):
                return [(_SHELL, text)]
            if self.parse.is_alias(text):
                end = len(text) - len(text.lstrip()) + len(text.split()[0])
                return [(_COMMAND, text[:end]), (_TEXT, text[end:])]
            return fragments(text, self._spans(text))

        return colour

    def _spans(self, text: str) -> list[Span]:
        """Return the spans of a line, including an inner line among its arguments."""
        line = self.parse(text)
        inner = inner_line(line)
        if inner is not None:
            # the argument as a whole would hide the colours of the line in it
            outer = [span for span in spans(line) if span[1] <= inner]
            below = self._spans(text[inner:])
            return [*outer, *((s + inner, e + inner, style) for s, e, style in below)]
        found = spans(line)
        doubtful = self.diagnose(line)
        if doubtful is None:
            return found
        start, end = doubtful.start, doubtful.end
        cut = [(s, min(e, start), style) for s, e, style in found if s < start]
        rest = [(max(s, end), e, style) for s, e, style in found if e > end]
        return [*cut, (start, end, _UNKNOWN), *rest]


def fragments(text: str, found: list[Span]) -> StyleAndTextTuples:
    """Split a text into styled pieces; text outside all spans is plain."""
    pieces: StyleAndTextTuples = []
    index = 0
    for start, end, style in found:
        # spans overlap where an error begins within an argument
        start = max(start, index)
        if end <= start:
            continue
        if start > index:
            pieces.append((_TEXT, text[index:start]))
        pieces.append((style, text[start:end]))
        index = end
    if index < len(text):
        pieces.append((_TEXT, text[index:]))
    return pieces
