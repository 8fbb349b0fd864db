"""Lines that were copied from documentation, with the prompts that they have there."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# QEMU's prompt or ours, copied together with the line: `(qemu vm1 paused) stop`
_PROMPT = re.compile(r"\s*\((?:qemu|hmp)\b[^()]*\)(?: |$)")
_SHELL = re.compile(r"\s*[$#] hmp(?= |$)")
# what QEMU's documentation of QMP puts before the messages that are sent and received
_SENT = re.compile(r"\s*-> *(?=\{)")
_RECEIVED = re.compile(r"\s*<- ")


def without_prompts(text: str) -> str:
    """Return pasted text without ``(qemu) `` and ``$ hmp …`` before its lines.

    If the first line has one of them, lines without one are output, and are left out. So
    are the answers in examples of QMP, where ``-> `` begins a message of several lines.
    """
    lines = text.split("\n")
    if _SENT.match(lines[0]):
        return "\n".join(_messages(lines))
    bare = [_bare(line) for line in lines]
    # the text begins without a prompt, so it is not the copy of a session from its start
    if bare[0] is None:
        return "\n".join(
            line if found is None else found
            for line, found in zip(lines, bare, strict=True)
        )
    return "\n".join(line for line in bare if line)


def _messages(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the messages that are sent in an example of QMP."""
    sends = True
    for line in lines:
        sends = _SENT.match(line) is not None or (sends and not _RECEIVED.match(line))
        if sends:
            yield without_prompt(line)


def without_prompt(line: str) -> str:
    """Return a line without the prompt before it, if it has one."""
    found = _bare(line)
    return line if found is None else found


def _bare(line: str) -> str | None:
    """Return the text after a pasted prompt; None without one."""
    prompt = _PROMPT.match(line) or _SENT.match(line)
    if prompt is not None:
        return line[prompt.end() :]
    shell = _SHELL.match(line)
    return None if shell is None else _monitor_lines(line[shell.end() :])


def _monitor_lines(arguments: str) -> str:
    """Return the lines of the monitor among the arguments of hmp."""
    try:
        words = shlex.split(arguments)
    except ValueError:
        return ""
    given = [after for word, after in pairwise(words) if word == "-c"]
    return "\n".join(given) if given else shlex.join(words[1:]).replace("'", '"')
