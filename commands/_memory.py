"""The views of ``x`` and ``xp``: a memory dump, or disassembled instructions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from rich.text import Text

    from hmp.authoring import Call

# a number, or a character in quotes, which may be a blank
_CELL = re.compile(r"'(?:\\.|[^'\\])*'|\S+")
_BYTE = re.compile("0x[0-9a-f]{2}")
# zero in any format and size
_NOTHING = re.compile(r"(0x)?0+|'\\x00'")
# a line: 85 c9                    testl    %ecx, %ecx
_INSTRUCTION = re.compile(r"((?:[0-9a-f]{2,8} )+ *)(\S+)(.*)")


def memory_view(value: str, call: Call) -> Text | None:
    """Return the lines of a dump, with the changes since the last look marked.

    Zeros are dimmed; a line of bytes ends with their ASCII characters.
    """
    old = dict(_parts(call.before.value)) if call.before else {}
    lines = [_line(address, rest, old.get(address)) for address, rest in _parts(value)]
    return views.lines("\n").join(lines) if lines else None


def _parts(text: str) -> list[tuple[str, str]]:
    """Split each line into the address and the contents."""
    found = (line.partition(":") for line in text.splitlines() if ":" in line)
    return [(address, rest.strip()) for address, _, rest in found]


def _line(address: str, rest: str, before: str | None) -> Text:
    changed = before is not None and before != rest
    line = views.text("● " if changed else "  ", "hmp.changed")
    line.append_text(views.text(f"{address}  ", "hmp.label"))
    if instruction := _INSTRUCTION.fullmatch(rest):
        code, name, operands = instruction.groups()
        line.append_text(views.text(code, "hmp.detail"))
        return line.append_text(views.text(name, "hmp.name")).append_text(
            views.text(operands)
        )
    cells, old = _CELL.findall(rest), _CELL.findall(before or rest)
    for place, cell in enumerate(cells):
        same = place < len(old) and old[place] == cell
        style = "hmp.detail" if _NOTHING.fullmatch(cell) else ""
        line.append_text(views.text(f"{cell} ", style if same else "hmp.changed"))
    if all(map(_BYTE.fullmatch, cells)):
        # a full line has eight bytes of five characters each
        pad = " " * (5 * (8 - len(cells)) + 1)
        line.append_text(views.text(pad + "".join(map(_character, cells)), "hmp.detail"))
    line.rstrip()
    return line


def _character(cell: str) -> str:
    code = int(cell, 16)
    return chr(code) if 0x20 <= code < 0x7F else "."
