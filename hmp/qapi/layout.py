"""Descriptions laid out: as plain text for a terminal, and as Markdown.

Takes the `Description`s of `hmp.qapi.render`, returns text.
"""

from __future__ import annotations

import re
import textwrap

from hmp.qapi.markup import (
    CODE,
    ENTRY,
    HEADING,
    ITEM,
    NOTE,
    PARAGRAPH,
    Block,
    inline,
    plain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.qapi.render import Description

# all but the line end, in both halves of Latin-1
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_MARKDOWN = {"code": "`", "name": "`", "strong": "**", "emphasis": "*"}
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


def to_text(description: Description, width: int = 78) -> str:
    """Return a description as plain text, wrapped at `width`, with a newline at the end."""
    lines: list[str] = []
    if description.name:
        lines += [f"{description.kind} {description.name}", ""]
        lines += textwrap.wrap(
            description.signature,
            width,
            initial_indent="    ",
            subsequent_indent=" " * 8,
            break_on_hyphens=False,
        )
    lines += _text(description.blocks, width)
    return _harmless("\n".join(lines))


def _harmless(text: str) -> str:
    """Return a whole text, without characters that could control a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.strip("\n")) + "\n"


def _text(blocks: Iterable[Block], width: int) -> list[str]:
    lines: list[str] = []
    former = None
    for block in blocks:
        # The items of a list stand close together, and so do terms and their text.
        if not (former is not None and former.kind == block.kind == ITEM):
            lines.append("")
        # deep nesting leaves no width, and textwrap refuses 0
        lines += _BLOCKS_AS_TEXT[block.kind](block, max(width, 20))
        former = block
    return lines


def _indented(lines: list[str], prefix: str) -> list[str]:
    return [prefix + line if line else "" for line in lines]


def _paragraph_text(block: Block, width: int) -> list[str]:
    return textwrap.wrap(plain(block.text), width, break_on_hyphens=False)


def _heading_text(block: Block, width: int) -> list[str]:
    return [f"{plain(block.text)}:"]


def _code_text(block: Block, width: int) -> list[str]:
    title = [f"{block.title}:", ""] if block.title else []
    return title + _indented(block.text.split("\n"), "    ")


def _note_text(block: Block, width: int) -> list[str]:
    return [f"{block.title}:", *_indented(_text(block.blocks, width - 4)[1:], "    ")]


def _entry_text(block: Block, width: int) -> list[str]:
    term = textwrap.wrap(
        block.title, width - 2, subsequent_indent="  ", break_on_hyphens=False
    )
    return [*_indented(term, "  "), *_indented(_text(block.blocks, width - 6)[1:], " " * 6)]


def _item_text(block: Block, width: int) -> list[str]:
    indent = " " * (len(block.title) + 1)
    lines = _indented(_text(block.blocks, width - len(indent))[1:], indent) or [""]
    return [block.title + lines[0][len(block.title) :], *lines[1:]]


_BLOCKS_AS_TEXT = {
    PARAGRAPH: _paragraph_text,
    HEADING: _heading_text,
    CODE: _code_text,
    NOTE: _note_text,
    ENTRY: _entry_text,
    ITEM: _item_text,
}


def to_markdown(description: Description, level: int = 2) -> str:
    """Return a description as Markdown under a heading of `level`, newline at the end."""
    lines: list[str] = []
    if description.name:
        lines += [f"{'#' * level} {description.kind} `{description.name}`", ""]
        lines += ["```", description.signature, "```"]
    lines += _markdown(description.blocks, level + 1)
    return _harmless("\n".join(lines))


def _markdown(blocks: Iterable[Block], level: int) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += ["", *_block_as_markdown(block, level)]
    return lines


def _block_as_markdown(block: Block, level: int) -> list[str]:
    inner = _markdown(block.blocks, level)[1:]
    if block.kind == PARAGRAPH:
        return _inline_markdown(block.text).split("\n")
    if block.kind == HEADING:
        return [f"{'#' * level} {_inline_markdown(block.text)}"]
    if block.kind == CODE:
        title = [f"{block.title}:", ""] if block.title else []
        return [*title, "```", *block.text.split("\n"), "```"]
    if block.kind == NOTE:
        return [f"> **{block.title}**", ">", *(f"> {line}".rstrip() for line in inner)]
    if block.kind == ENTRY:
        below = ["", *_indented(inner, "  ")] if inner else []
        return [f"- `{block.title}`", *below]
    indent = " " * (len(block.title) + 1)
    items = _indented(inner, indent) or [""]
    return [block.title + items[0][len(block.title) :], *items[1:]]


def _inline_markdown(text: str) -> str:
    parts: list[str] = []
    for style, part in inline(text):
        mark = _MARKDOWN.get(style, "")
        parts.append(f"{mark}{part}{mark}" if mark else part.translate(_SPECIAL))
    return "".join(parts)
