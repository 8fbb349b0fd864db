"""The markup in documentation: the part of reStructuredText that schemas use.

Takes the text of a section of `hmp.qapi.doc`, returns `Block`s: paragraphs, list items,
code, notes. Guarantees that every line of the text is in some block, and never fails:
markup that isn't known stays text. `hmp.qapi.render` composes the blocks.
"""

from __future__ import annotations

import re

# Kinds of blocks.
PARAGRAPH, CODE, ITEM, NOTE, ENTRY, HEADING = (
    "paragraph", "code", "item", "note", "entry", "heading",
)  # fmt: skip

_DIRECTIVE = re.compile(r"\.\. ([\w-]+)::[ ]*(.*)")
# a directive that nothing matches is a comment in reStructuredText
_COMMENT = re.compile(r"\.\.( |$)")
_BULLET = re.compile(r"([-*]|\d+\.)[ ]+")
_OPTION = re.compile(r":([\w-]+):[ ]*(.*)")
_ADMONITIONS = frozenset(
    ("attention", "caution", "danger", "hint", "important", "note", "tip", "warning")
)
_INLINE = re.compile(
    r"``(?P<code>.+?)``"
    r"|\*\*(?P<strong>\S(?:.*?\S)?)\*\*"
    r"|(?<!\w)\*(?P<emphasis>\S(?:.*?\S)?)\*(?!\w)"
    r"|:(?:[\w-]+:)+`(?P<role>[^`]+)`"
    r"|`(?P<link>[^`<]+?)(?: <[^>]*>)?`_{0,2}"
    r"|(?<![\w\\])@(?P<name>[a-zA-Z_][\w.-]*\w|[a-zA-Z])"
    r"|\\(?P<escaped>[^\w\s])",
    re.DOTALL,
)


class Block:
    """A block of text, which a front end lays out as a unit.

    `kind` is one of the constants above. A paragraph, a heading and code have `text`
    (code with `title` as its caption), the others `blocks`, with the bullet, the note's
    title or the entry's term as `title`.
    """

    __slots__ = ("blocks", "kind", "text", "title")

    def __init__(
        self, kind: str, text: str = "", title: str = "", blocks: list[Block] | None = None
    ) -> None:
        self.kind = kind
        self.text = text
        self.title = title
        self.blocks: list[Block] = blocks or []

    def __repr__(self) -> str:
        return f"Block({self.kind!r}, {self.text!r}, {self.title!r}, {self.blocks!r})"

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other) if isinstance(other, Block) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as Python itself does for __eq__


def inline(text: str) -> list[tuple[str, str]]:
    """Split a paragraph's text into pairs of a style and the text that has it.

    Styles are "" for none, "code", "strong", "emphasis", and "name" for a name that the
    schema defines (`@name`).
    """
    parts: list[tuple[str, str]] = []
    position = 0
    for match in _INLINE.finditer(text):
        parts.append(("", text[position : match.start()]))
        kind = match.lastgroup or ""
        style = {"role": "name", "link": "", "escaped": ""}.get(kind, kind)
        parts.append((style, match[kind]))
        position = match.end()
    parts.append(("", text[position:]))
    return [(style, part) for style, part in parts if part]


def plain(text: str) -> str:
    """Return a paragraph's text without its markup, in one line."""
    return " ".join("".join(part for _, part in inline(text)).split())


def parse_markup(text: str, *, hanging: bool = False) -> list[Block]:
    """Return the blocks of a text.

    `hanging` text began after a tag: lines after the first are indented further.
    """
    lines = text.expandtabs().split("\n")
    if hanging and not lines[0].startswith(" "):
        return _blocks([lines[0], *_dedent(lines[1:])])
    return _blocks(_dedent(lines))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _dedent(lines: list[str]) -> list[str]:
    width = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line[width:].rstrip() for line in lines]


def _blocks(lines: list[str]) -> list[Block]:
    """Return the blocks of lines that need not be indented."""
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
            continue
        if match := _DIRECTIVE.match(line):
            inner, index = _indented(lines, index + 1)
            blocks.append(_directive(match[1], match[2], inner))
        elif _COMMENT.match(line):
            _, index = _indented(lines, index + 1)
        elif match := _BULLET.match(line):
            inner, index = _indented(lines, index + 1)
            # the first line has lost its bullet, and so begins where the others do
            item = _blocks([line[match.end() :], *_dedent(inner)])
            blocks.append(Block(ITEM, title=match[1], blocks=item))
        elif line.startswith(" "):
            inner, index = _indented(lines, index)
            blocks += _blocks(_dedent(inner))
        else:
            index = _paragraph(lines, index, blocks)
    return blocks


def _indented(lines: list[str], index: int) -> tuple[list[str], int]:
    """Return the indented lines from `index` on, and the index after them."""
    start = index
    while index < len(lines) and (not lines[index] or lines[index].startswith(" ")):
        index += 1
    return lines[start:index], index


def _paragraph(lines: list[str], index: int, blocks: list[Block]) -> int:
    """Add the paragraph at `index`, and the code it announces; return the index after."""
    start = index
    while index < len(lines) and lines[index].strip():
        if index > start and _BULLET.match(lines[index]) and lines[start].endswith(":"):
            break  # a list that should have a blank line before it
        index += 1
    text = "\n".join(lines[start:index])
    if not text.endswith("::"):
        blocks.append(Block(PARAGRAPH, text))
        return index
    # "::" alone only announces code; after a word it becomes one colon
    if text != "::":
        blocks.append(Block(PARAGRAPH, text[:-1] if text[-3:] != " ::" else text[:-3]))
    code, index = _indented(lines, index)
    if any(code):
        blocks.append(_code(code))
    return index


def _code(lines: list[str], title: str = "") -> Block:
    return Block(CODE, "\n".join(_dedent(lines)).strip("\n"), title)


def _directive(name: str, argument: str, lines: list[str]) -> Block:
    """Return the block of a directive."""
    options, lines = _options(_dedent(lines))
    if name in ("code-block", "code", "parsed-literal"):
        return _code(lines)
    if name == "qmp-example":
        title = options.get("title", "")
        title = f"Example: {title}" if title else "Example"
        if "annotated" in options:
            return Block(NOTE, title=title, blocks=_blocks(lines))
        return _code(lines, title)
    if name == "admonition":
        return Block(NOTE, title=argument or "Note", blocks=_blocks(lines))
    title = name.capitalize()
    if name not in _ADMONITIONS:
        title = f"{name}:"
    return Block(NOTE, title=title, blocks=_blocks([argument, *lines]))


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split a directive's lines into its options and its content."""
    options: dict[str, str] = {}
    index = 0
    while index < len(lines) and (match := _OPTION.fullmatch(lines[index])):
        options[match[1]] = match[2]
        index += 1
    return options, lines[index:]
