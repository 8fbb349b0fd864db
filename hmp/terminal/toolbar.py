"""The bottom bar: what the line wants next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from hmp.args_type import Parameter
    from hmp.line import Line
    from hmp.table import Entry

_BAR, _NOW, _DIM = "", "bold", "class:bottom-toolbar.dim"


def describe(line: Line) -> StyleAndTextTuples:
    """Return the bar for a line: usage, what is expected now, what is wrong."""
    entry = line.entry
    if entry is None:
        if line.error is not None and line.text[-1:].isspace():
            return [("class:bottom-toolbar.wrong", line.error.desc)]
        return [(_DIM, "Tab completes, help explains, Ctrl-R searches, Ctrl-D leaves")]
    if line.error is not None and not line.unfinished:
        return [("class:bottom-toolbar.wrong", line.error.desc.replace("\n", " "))]
    bar: StyleAndTextTuples = [(_NOW, entry.names[0])]
    expected = line.expected
    for parameter in entry.parameters:
        style = _NOW if parameter in expected else _DIM
        bar += [(_BAR, " "), (style, shown(parameter))]
    note = ", ".join(what(p, entry) for p in expected if not p.is_flag)
    if not entry.parameters or not expected:
        note = entry.help
    if note:
        bar += [(_BAR, "   "), (_DIM, note)]
    return bar


def shown(parameter: Parameter) -> str:
    """Return a parameter as the usage has it."""
    if parameter.is_flag:
        return f"[{parameter.type.noun}]"
    return f"[{parameter.key}]" if parameter.optional else parameter.key


def what(parameter: Parameter, entry: Entry) -> str:
    """Say what a parameter takes."""
    kind = entry.kinds.get(parameter.key)
    words = "|".join(word for word, _ in kind.words) if kind else ""
    return f"{parameter.key}: {words or (kind.name if kind else parameter.type.noun)}"
