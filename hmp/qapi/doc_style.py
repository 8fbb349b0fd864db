"""How lines of documentation must look from QEMU 10.2 on: short, two spaces a sentence.

Example blocks are exempt: those that a line `::` or `.. qmp-example::` begins, up to a
line that is indented less than their first.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 70
"""Characters that a line may have, the `# ` before it included."""
_BEGINS_EXAMPLE = re.compile(r"(?:\.\. +qmp-example)? *::\Z")
# an address cannot be wrapped, so a line with nothing else may be too long
_LONE_ADDRESS = re.compile(r" *(?:https?|ftp)://[^ ]*\Z")
_ONE_SPACE = re.compile(r"\be\.g\. [A-Z0-9(]|^ *\d\. [A-Z0-9(]|(?P<end>[.!?]) [A-Z0-9(]")
"""One space after what may end a sentence, which "e.g." and a list's number do not."""


def find_mistake(lines: Sequence[str]) -> tuple[int, int, str] | None:
    """Return the first mistake in the lines of a comment, which have lost their `# `.

    The mistake is the line's index, the column in the file, and the error.
    """
    for index, line in _prose(lines):
        if len(line) + 2 > _WIDTH and not _LONE_ADDRESS.match(line):
            return index, 1, f"a line of documentation has more than {_WIDTH} characters"
        for match in _ONE_SPACE.finditer(line):
            if match["end"]:
                column = match.start("end") + 4  # after the `# ` and the full stop
                return index, column, "two spaces must stand between sentences"
    return None


def _prose(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of examples, with their index."""
    example, margin = False, 0
    for index, full in enumerate(lines):
        line = full.rstrip()
        indent = len(line) - len(line.lstrip())
        if _BEGINS_EXAMPLE.match(line):
            example, margin = True, 0
        elif example and line:
            # the first line of an example sets how far it is indented
            margin = margin or indent
            example = indent >= margin
        if not example:
            yield index, line
