"""The session's own layer over the monitor's language: pipes, files, aliases.

``COMMAND | shell command``, ``COMMAND > file`` and ``>> file`` send a result elsewhere. In
the monitor's language ``|`` is also an operator, whose right operand never begins with a
letter; so a ``|`` outside quotes is a pipe if a letter, ``.``, ``/``, ``~`` or ``_``
follows, and a ``>`` is a redirection if a blank precedes it. Everything here works on text:
`hmp.frontends.runner` runs the result.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from hmp.language.words import WordError, read_word, skip_blanks
from hmp.qmp.secret_names import resembles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hmp.monitor.line import Line

# no operand of the monitor's | begins so: names of registers have a $
_PIPE = re.compile(r"\|\s*(?=[A-Za-z./~_])")
# only after a blank, since ">" may be part of a word; the file takes the rest of the line
_FILE = re.compile(r"(?<=\s)(>>?)\s*(\S.*)$")
_UNFINISHED = re.compile(r"(?<=\s)(\||>>?)\s*$")
_PLACE = re.compile(r"\$([1-9*])")
# aliases in aliases: one that leads to itself is found by this limit
_DEPTH = 16


class Redirect(NamedTuple):
    """Where a result goes: kind is ``|``, ``>`` or ``>>``; target is the text after it."""

    kind: str
    target: str


class AliasError(ValueError):
    """Aliases that lead back to each other, or words that none of an alias's lines take."""


def split_output(text: str) -> tuple[str, Redirect | None]:
    """Split a line into the monitor's part and where its result goes."""
    for index in _outside_quotes(text):
        if text[index] == "|" and (match := _PIPE.match(text, index)):
            return text[:index].rstrip(), Redirect("|", text[match.end() :].strip())
        if text[index] == ">" and (match := _FILE.match(text, index)):
            return text[:index].rstrip(), Redirect(match[1], match[2].strip())
    return text, None


def unfinished_output(text: str) -> str:
    """Return the ``|``, ``>`` or ``>>`` that ends a line; empty without one."""
    match = _UNFINISHED.search(text)
    if match is None or match.start() not in _outside_quotes(text):
        return ""
    # in a shell command it is for the shell to judge
    _, redirect = split_output(text[: match.start()])
    return match[1] if redirect is None else ""


def needs_session(line: Line) -> str:
    """Return what is wrong with a script's line that only a session understands."""
    words = line.text.split()
    if line.entry is None and words and (words[0] == "targets" or words[0][0] == "@"):
        return (
            "'@SET' and 'targets' are for a session on a set; a script's machines are the"
            " TARGETs of hmp"
        )
    if line.error is not None and split_output(line.text)[1] is not None:
        return (
            "'|' and '>' in a line are for a session; those of the shell go outside the"
            " quotes: hmp TARGET -c LINE | grep TEXT"
        )
    return ""


def _outside_quotes(text: str) -> Sequence[int]:
    """Return the indexes of ``|`` and ``>`` outside quoted words."""
    found: list[int] = []
    quote = ""
    index = 0
    while index < len(text):
        char = text[index]
        if quote:
            if char == "\\":
                index += 1
            elif char == quote:
                quote = ""
        elif char in "\"'" and (char == '"' or _opens_text(text, index)):
            quote = char
        elif char in "|>":
            found.append(index)
        index += 1
    return found


def _opens_text(text: str, index: int) -> bool:
    """Whether a ``'`` begins a quoted text, not a character constant like ``'a'``."""
    return text[index + 2 : index + 3] != "'" and "'" in text[index + 1 :]


def expand_alias(text: str, aliases: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the lines that a line expands to; only itself if it begins with no alias.

    ``$1`` to ``$9`` and ``$*`` in an alias are the words after it; without any of these,
    the words are appended to its line, if there is only one. Raises AliasError.
    """
    return _expand(text, aliases, 0)


def expand_near(text: str, aliases: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the lines that a line expands to, also if it misspells an alias."""
    name, _, rest = text.strip().partition(" ")
    lines = [text]
    for alias in aliases:
        if resembles(name, alias, 1):
            with suppress(AliasError):
                lines += _expand(f"{alias} {rest}", aliases, 0)
    return lines


def _expand(text: str, aliases: Mapping[str, Sequence[str]], depth: int) -> list[str]:
    name, _, rest = text.strip().partition(" ")
    if name not in aliases:
        return [text]
    if depth >= _DEPTH:
        raise AliasError(f"the alias '{name}' leads back to itself")
    if rest.strip() and _refuses(aliases[name]):
        raise AliasError(
            f"the alias '{name}' has {len(aliases[name])} lines: write $1 or $* in it where"
            " its words belong"
        )
    whole = "" if _takes(aliases[name]) else " $*"
    lines: list[str] = []
    for line in aliases[name]:
        filled = _filled(f"{line}{whole}", rest.strip()).rstrip()
        if filled.split(" ", 1)[0] == name:
            lines.append(filled)  # an alias may shadow a command and run it with more words
        else:
            lines += _expand(filled, aliases, depth + 1)
    return lines


def before_argument(
    text: str, aliases: Mapping[str, Sequence[str]], depth: int = 0
) -> tuple[str, str] | None:
    """Return the expansion of an alias before the typed word, and that word.

    That is the first of its lines that takes the word. None if the text has no alias, or
    if no line takes the word.
    """
    name, blank, rest = text.lstrip().partition(" ")
    if name not in aliases or not blank or depth >= _DEPTH:
        return None
    words = _words(rest)
    typed = words.pop() if words and rest.endswith(words[-1]) else ""
    for line in aliases[name]:
        place = re.search(rf"\$(?:{len(words) + 1}|\*)", line)
        if place is None and (_refuses(aliases[name]) or _takes(aliases[name])):
            continue
        whole = place is None or place[0] == "$*"
        before = line[: place.start()] if place is not None else f"{line} "
        given = rest.lstrip()[: len(rest.lstrip()) - len(typed)] if whole else ""
        # the word itself stays what was typed
        before = (_filled(before, " ".join(words)) if "$" in before else before) + given
        first = before.split(" ", 1)[0]
        if first == name or first not in aliases:
            return before, typed
        return before_argument(before + typed, aliases, depth + 1)
    return None


def _takes(lines: Sequence[str]) -> bool:
    """Return whether the lines of an alias say where its words belong."""
    return any(re.search(_PLACE, line) for line in lines)


def _refuses(lines: Sequence[str]) -> bool:
    """Return whether an alias of these lines takes no words."""
    return len(lines) > 1 and not _takes(lines)


def _words(text: str) -> list[str]:
    """Return the words of a text as typed, with their quotes."""
    words: list[str] = []
    index = skip_blanks(text, 0)
    while index < len(text):
        try:
            _, end = read_word(text, index)
        except WordError:
            end = len(text)
        words.append(text[index:end])
        index = skip_blanks(text, end)
    return words


def _filled(line: str, rest: str) -> str:
    words = _words(rest)

    def word(match: re.Match[str]) -> str:
        if match[1] == "*":
            return rest
        number = int(match[1]) - 1
        return words[number] if number < len(words) else ""

    return re.sub(_PLACE, word, line)
