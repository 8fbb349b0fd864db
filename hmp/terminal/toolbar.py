"""The bottom bar: the usage of the command, the expected argument, or the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmp.completion.candidates import slots, word_start
from hmp.display.sanitise import one_line
from hmp.monitor.kinds import option_part
from hmp.monitor.line import inner_line, option_kind, parse_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from hmp.completion.candidates import Slot
    from hmp.completion.diagnostics import Diagnostic
    from hmp.language.scan import Parameter
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.kinds import Kind, Look
    from hmp.monitor.line import Line

_BAR, _NOW, _DIM = "", "bold", "class:bottom-toolbar.dim"
_WRONG = "class:bottom-toolbar.wrong"
_IDLE = "Tab completes", "F1 and help explain", "Ctrl-R searches"


class Bar:
    """Writes the bar for lines of one table.

    look, defaults: as for `hmp.completion.candidates.complete`. diagnose: returns the first
    unknown word of a line. leaving: what Ctrl-D does.
    """

    def __init__(
        self,
        look: Look,
        defaults: Mapping[str, Kind],
        diagnose: Callable[[Line], Diagnostic | None] = lambda line: None,
        leaving: str = "leaves",
    ) -> None:
        self.look = look
        self.defaults = defaults
        self.diagnose = diagnose
        self.idle = *_IDLE, f"Ctrl-D {leaving}"

    def describe(self, text: str, table: Table, width: int = 0) -> StyleAndTextTuples:
        """Return the bar for the text before the cursor.

        width: the available cells; the usage is left out if it does not fit.
        """
        line = parse_line(text, table)
        inner = inner_line(line)
        if inner is not None and text[inner:].strip():
            return self.describe(text[inner:], table, width)
        if line.entry is None:
            return self._no_command(line, width)
        wrong = self._wrong(line)
        if wrong:
            return [(_WRONG, one_line(wrong))]
        start = word_start(text)
        before = parse_line(text[:start], table)
        if before.entry is not line.entry:  # the cursor is within the command's name
            return self._usage(line.entry, (), line.entry.help, width)
        expected, typed = before.expected, text[start:]
        if typed:  # the first character tells a format from an expression
            formats = tuple(p for p in expected if p.type.letter == "/")
            others = tuple(p for p in expected if p.type.letter != "/")
            expected = formats if typed[0] == "/" and formats else others
        note = self._note(before, typed, expected) if expected else ""
        return self._usage(line.entry, expected, note or line.entry.help, width)

    def _no_command(self, line: Line, width: int) -> StyleAndTextTuples:
        if line.error is None or not line.text[-1:].isspace():
            counts = range(len(self.idle), 0, -1)
            texts = [", ".join(self.idle[:count]) for count in counts]
            fitting = (text for text in texts if not width or len(text) <= width)
            return [(_DIM, next(fitting, texts[-1]))]
        from hmp.monitor.help import nearest  # late: the first prompt has no need of it

        near = nearest(line.table, line.text.split())
        said = line.hide(f"{line.error.desc.strip()}  {near}".rstrip())
        return [(_WRONG, one_line(said))]

    def _wrong(self, line: Line) -> str:
        """Return the error of a line, if more typing cannot fix it; else empty."""
        error = line.error
        if error is not None and not line.may_become_right:
            return line.hide(error.desc)
        diagnostic = self.diagnose(line)
        return line.hide(diagnostic.said) if diagnostic is not None else ""

    def _note(self, before: Line, typed: str, expected: Iterable[Parameter]) -> str:
        """Return what belongs at the cursor, and a description of the typed word."""
        entry = before.entry
        assert entry is not None
        option = option_kind(before)
        if option is not None:
            return one_line(option.name)
        from hmp.monitor.help import explained  # late, as above

        names = explained(entry)
        notes = [_what(p, entry, names) for p in expected if not p.is_flag]
        for slot in slots(before, typed, self.defaults):
            about = self._about(slot) or (slot.kind.name if slot.offset else "")
            if about:
                listed = slot.kind.place is option_part and "," in slot.context
                item = slot.context.rpartition(",")[2] if listed else ""
                notes = [f"{item or notes[-1]}: {about}"]
        return one_line(", ".join(notes))

    def _about(self, slot: Slot) -> str:
        """Return the description of the word that is typed in a slot."""
        for word, about in self.look(slot.kind, slot.context):
            if not word or word.removesuffix("=") == slot.typed:
                return about
        return ""

    def _usage(
        self, entry: Entry[Any], expected: Iterable[Parameter], note: str, width: int
    ) -> StyleAndTextTuples:
        from hmp.monitor.help import explained, is_part  # late, as above

        names = explained(entry)
        now = [
            f"-{each.type.letter}" if each.is_flag else names.get(each.key, (each.key,))[0]
            for each in expected
        ]
        bar: StyleAndTextTuples = [(_NOW, entry.names[0])]
        # QEMU writes the name of some commands twice
        for part in entry.params.removeprefix(f"{entry.names[0]} ").split():
            style = _NOW if any(is_part(name, part) for name in now) else _DIM
            bar += [(_BAR, " "), (style, part)]
        taken = sum(len(part[1]) for part in bar) + 3 + len(note)
        if width and taken > width and note:
            room = max(width - len(entry.names[0]) - 3, 1)
            note = note if len(note) <= room else f"{note[: room - 1]}…"
            return [(_NOW, entry.names[0]), (_BAR, "   "), (_DIM, note)]
        return [*bar, (_BAR, "   "), (_DIM, note)]


def _what(
    parameter: Parameter, entry: Entry[Any], names: Mapping[str, tuple[str, str]]
) -> str:
    """Return a description of a parameter's values."""
    from hmp.monitor.help import is_part  # late, as above

    kind = entry.kinds.get(parameter.key)
    words = "|".join(word for word, _ in kind.words) if kind else ""
    otherwise = parameter.key, kind.name if kind else parameter.type.noun
    name, meaning = names.get(parameter.key, otherwise)
    values = words or meaning
    named = "|" not in name and is_part(name, entry.params)
    return f"{name}: {values}" if named else values
