"""The language of manual pages, mdoc: foreign words made harmless, paragraphs, lists."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

_SPECIAL = {
    "\\": r"\e",
    "'": r"\(aq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
    '"': r"\(dq",
}
"""Characters that mean something in roff, or that it would draw as others."""
_BLANK = "\0"
"""A blank at which no line may be broken, until the lines are made."""
_WIDTH = 78


def _harmless(text: str) -> str:
    """Write each character of a text so that roff draws that character."""
    return "".join(
        _SPECIAL.get(char) or (char if char.isascii() else rf"\[u{ord(char):04X}]")
        for char in text
    )


def literal(text: str) -> str:
    """Write a word as the argument of a macro; its hyphens can be copied.

    A long one may be broken after a bracket.
    """
    escaped = _harmless(" ".join(text.split())).replace("-", r"\-")
    if len(text) > _WIDTH // 2:
        escaped = re.sub(r"([]|])(?=\S)", r"\1\\:", escaped)
    # a sign at the end would be one of the sentence
    end = r"\&" if escaped.endswith(("!", "?")) else ""
    return rf'"\&{escaped}{end}"'


def paragraph(text: str) -> Iterator[str]:
    """Yield the lines of a text, a sentence on a line; what is in `backticks` is bold.

    Only the words are left of links.
    """
    text = " ".join(re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text).split())
    parts = re.split(r"`([^`]*)`", text)
    plain = (re.sub(r"(?<!\w)-", r"\-", _harmless(part)) for part in parts[::2])
    bold = (
        _harmless(part).replace("-", r"\-").replace(" ", _BLANK) for part in parts[1::2]
    )
    joined = "".join(
        f"{before}\\fB{code}\\fP" if code is not None else before
        for before, code in _pairs(plain, bold)
    )
    for sentence in re.split(r"(?<=[.!?])\s+", joined):
        for line in textwrap.wrap(
            sentence, _WIDTH, break_long_words=False, break_on_hyphens=False
        ):
            guard = r"\&" if line[0] == "." else ""
            yield guard + line.replace(_BLANK, " ")


def _pairs(plain: Iterator[str], bold: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    for before in plain:
        yield before, next(bold, None)


def listed(
    items: Iterable[tuple[str, Iterable[str]]], compact: bool = False
) -> Iterator[str]:
    """Yield a list: the head of each item, made of macros, and the lines below it."""
    yield f".Bl -tag -width Ds{' -compact' if compact else ''}"
    for head, lines in items:
        yield f".It {head}"
        yield from lines
    yield ".El"


def facts(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a list of literal words and what they mean; alternatives have `, ` between."""
    return listed((_literals(name), paragraph(sentence(what))) for name, what in rows)


def _literals(text: str) -> str:
    words = re.findall(r"`([^`]+)`", text) or [text]
    return "Ic " + " , ".join(map(literal, words))


def sentence(text: str) -> str:
    """Return a text as a sentence: with a dot, and a capital unless a name begins it."""
    if re.match(r"[a-z]+[,;:]?(\s|$)", text):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
