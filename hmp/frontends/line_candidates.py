"""Candidates for a line from a prompt: commands, their arguments, aliases, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.completion.candidates import Candidate, complete, complete_kind
from hmp.completion.ranking import common_beginning, rank
from hmp.display.sanitise import one_line
from hmp.frontends.shell import before_argument, split_output
from hmp.language.qdict import QDict
from hmp.monitor.line import is_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Kind, Look

_HALVES = 256
"""The most characters of a word whose halves are all checked."""


def line_candidates(
    text: str,
    table: Table,
    aliases: Mapping[str, Sequence[str]],
    look: Look,
    defaults: Mapping[str, Kind],
) -> list[Candidate]:
    """Return the candidates for the text before the cursor.

    look, defaults: as for `hmp.completion.candidates.complete`.
    """
    if is_comment(text):
        return []
    command, redirect = split_output(text)
    files = defaults.get(">")
    if text.startswith("!") or (redirect is not None and redirect.kind == "|"):
        return _shell_files(text, files, look) if files is not None else []
    if redirect is not None:
        if files is None:
            return []
        # the last one, as the command may have the same text in it
        begin = text.rindex(redirect.target)
        found = complete_kind(text, text[begin:], files, look)
        return [c for c in found if _is_target(text[: c.start] + c.text, begin)]
    meant = before_argument(command, aliases)
    if meant is not None:
        before, typed = meant
        found = complete(before + typed, table, look, defaults)
        # from places in the alias's expansion to places in what was typed
        moved = len(command) - len(before + typed)
        return [
            candidate._replace(start=candidate.start + moved)
            for candidate in found
            if candidate.start >= len(before)
        ]
    return [*_aliases(text, aliases), *complete(command, table, look, defaults)]


def _shell_files(text: str, files: Kind, look: Look) -> list[Candidate]:
    """Return the files that the last word of a shell command can name."""
    typed = re.split(r"(?<!\\)[\s|!<>&;]", text)[-1]
    # what the shell would expand or unquote cannot be compared with the names of files
    if re.search(r"['\"$`*?]", typed):
        return []
    word = re.sub(r"\\(.)", r"\1", typed)
    begin, context = files.place(word, QDict())
    start = len(text) - len(typed)
    folder = re.sub(r"([^\w./~+,:@%=-])", r"\\\1", word[:begin])
    return [
        Candidate(
            folder + re.sub(r"([^\w./+,:@%=-])", r"\\\1", name),
            start,
            about,
            name,
            ends=not name.endswith("/"),
        )
        for name, about in rank(word[begin:], look(files, context))
        if name.startswith(word[begin:])
    ]


def _aliases(text: str, aliases: Mapping[str, Sequence[str]]) -> Iterator[Candidate]:
    typed = text.lstrip()
    for name, lines in aliases.items():
        if name.startswith(typed):
            yield Candidate(name, len(text) - len(typed), f"= {'; '.join(lines)}")


def insertion(candidate: Candidate, before: str, after: str = "") -> str | None:
    """Return the text that a candidate inserts; None if that would not be safe.

    before, after: the text before and after the cursor. However that is quoted, a name
    must not begin a pipe or a file, nor contain characters that no keyboard can type.
    """
    text = candidate.text
    if one_line(text) != text:
        return None
    if candidate.name and text.endswith('"') and after.startswith('"'):
        text = text[:-1]  # the quote is already closed
    begin = before[: candidate.start] + text
    if {"|", ">"} & set(begin) and split_output(before)[1] is None:
        # Tab may insert half of it, and whether a ' opens a string depends on what follows
        first = candidate.start if "'" in begin + after else len(begin)
        if first < len(begin) - _HALVES:
            return None
        for end in range(first, len(begin) + 1):
            command, _ = split_output(begin[:end] + after)
            if len(command) < len(begin[:end].rstrip()):
                return None
    return text


def fill(offered: Sequence[tuple[Candidate, str]], before: str, after: str = "") -> str:
    """Return the text before the cursor, extended by the candidates' common beginning.

    offered: candidates and what they insert. A blank follows the only candidate. Without
    a typed word, flags do not count; a word is never replaced by one that it does not
    begin.
    """
    counting = [(c, text) for c, text in offered if before[c.start :] or text[:1] != "-"]
    lines = [before[: candidate.start] + text for candidate, text in counting]
    if not lines or not all(candidate.begins for candidate, _ in counting):
        return before
    if len(lines) == 1:
        ends = counting[0][0].ends and not after
        return f"{lines[0]} " if ends else lines[0]
    common = common_beginning(lines)
    return common if common.startswith(before) else before


def _is_target(line: str, begin: int) -> bool:
    """Whether the text from begin on is the file that a line's output goes to."""
    _, redirect = split_output(line)
    return redirect is not None and redirect.target == line[begin:]
