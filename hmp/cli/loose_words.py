"""Words of a line that stand in the place of machines, since the shell saw no quotes."""

from __future__ import annotations

import os

from hmp.builtin import load_tables
from hmp.cli.open_machine import CommandLineError
from hmp.monitor.line import parse_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.cli.options import Options


def refuse_line(options: Options) -> None:
    """Explain ``hmp TARGET info status``, which names no set. Raises CommandLineError.

    Also what names no machine at all, ``hmp info status``.
    """
    from shlex import quote

    # a machine may be called "info"; whoever gives -c means machines by the other words
    if options.sources:
        return
    refuse_command(options.targets)
    target, word, *rest = options.targets
    if not _is_file(word) and load_tables(lazy=True).get(word) is not None:
        line = _quoted(" ".join([word, *rest]))
        raise CommandLineError(
            f"'{word}' is a command, not a machine; to run it:"
            f" hmp {quote(target)} -c {line}"
        )


def refuse_command(words: Sequence[str]) -> None:
    """Explain that words are a whole line, if they are. Raises CommandLineError."""
    line = " ".join(words)
    if _is_line(line) and not _is_file(words[0]):
        shown = _quoted(line)
        raise CommandLineError(
            f"'{line.split()[0]}' is a command, not a machine; to run it:"
            f" hmp -c {shown}, or hmp TARGET -c {shown}"
        )


def unquoted(options: Options, missing: Sequence[str]) -> str:
    """Return what to type if machines that were not found end a line; else nothing.

    missing: their names, in the order of the command line.
    """
    for kind, text in options.sources:
        line = f"{text} {' '.join(missing)}"
        # of a line in quotes, no word is left over
        if kind == "line" and " " not in text and _is_line(line):
            return (
                f"if '{missing[0]}' belongs to the command, quote it: -c {_quoted(line)}"
                " (through ssh, once more)"
            )
    return ""


def _quoted(text: str) -> str:
    """Return a line as a shell takes it, with its secrets starred out."""
    from shlex import quote

    return quote(parse_line(text, load_tables(lazy=True)).masked())


def _is_line(text: str) -> bool:
    """Return whether a text is a line without a mistake."""
    line = parse_line(text, load_tables(lazy=True))
    return line.entry is not None and line.error is None


def _is_file(word: str) -> bool:
    """Return whether a word may be a machine's socket."""
    # hmp's own sources have a folder info
    return os.path.exists(word) and not os.path.isdir(word)
