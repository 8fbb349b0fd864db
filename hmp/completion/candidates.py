"""The candidates for the end of a line: the half of completion that needs no screen.

`complete` is pure: it takes the table, the line so far and the known words of each kind
(`hmp.completion.cache`), and returns ranked candidates, each quoted so that it is valid in
the line. `hmp.terminal.completer` shows them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from hmp.completion.ranking import MOST, rank
from hmp.language.letters import Flag, Integer
from hmp.language.qdict import QDict
from hmp.language.words import BLANKS, WORD_LIMIT, as_argument, typed_word
from hmp.monitor.kinds import Kind, option_part
from hmp.monitor.line import inner_line, option_kind, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hmp.language.scan import Parameter
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.kinds import Look, Word
    from hmp.monitor.line import Line


class Candidate(NamedTuple):
    """A text to put into the line from start on.

    about: a description. name: the name that it stands for, if it is written differently.
    begins: whether the typed text is its beginning. ends: whether the argument is complete
    with it, so that a blank may follow.
    """

    text: str
    start: int
    about: str
    name: str = ""
    begins: bool = True
    ends: bool = True


class Slot(NamedTuple):
    """A place at the end of a line that takes words of a kind.

    key: the argument's key. context: see `Kind`. start: the index in the line where the
    word begins. typed: the text so far of the part that the kind completes; before: the
    part of the word that precedes it; both unquoted. args: the arguments before it.
    worded: whether the monitor reads a word here, which can be quoted. quoted: whether it
    is. listed: whether more items of a list may follow. offset: the index in the word at
    which the text for `Kind.place` begins. after_number: whether an expression ends before
    it. number: whether an expression is expected here.
    """

    key: str
    kind: Kind
    context: str
    start: int
    typed: str
    before: str
    args: QDict
    worded: bool
    quoted: bool
    after_number: bool
    number: bool
    listed: bool = False
    offset: int = 0


def fixed_words(kind: Kind, context: str) -> Iterable[Word]:
    """Return the fixed words of a kind, which need no machine."""
    return kind.words


def complete(
    text: str,
    table: Table,
    look: Look = fixed_words,
    defaults: Mapping[str, Kind] | None = None,
) -> list[Candidate]:
    """Return the candidates for the end of a line, best first.

    look: returns the known words of a kind. defaults: kinds by type letter, for arguments
    whose entry declares none.
    """
    start = word_start(text)
    typed = text[start:]
    line = parse_line(text[:start], table)
    inner = inner_line(line)
    if inner is not None:
        found = complete(text[inner:], line.table, look, defaults)
        # an alias's expansion would replace these by the words of its arguments
        found = [c for c in found if not _REPLACED.search(c.text)]
        return [c._replace(start=c.start + inner) for c in found]
    subtable = line.entry.subtable if line.entry is not None else None
    if subtable is not None and len(line.words) == 1 and not line.tokens:
        return _ranked(typed, start, _names(subtable))
    if line.entry is None:
        # the arguments of a command that is not known here
        if line.words:
            return []
        return _ranked(typed, start, table.short_forms(typed, look) or _names(table))
    return _arguments(line, typed, look, defaults or {})


_SWITCH = Kind("on or off", [("on", ""), ("off", "")], closed=True)


def kind_of(
    entry: Entry[Any], parameter: Parameter, defaults: Mapping[str, Kind]
) -> Kind | None:
    """Return the kind of thing that an argument names, or None if it is not declared."""
    letter = parameter.type.letter
    own = entry.kinds.get(parameter.key)
    return own or (_SWITCH if letter == "b" else defaults.get(letter))


def slots(line: Line, typed: str, defaults: Mapping[str, Kind]) -> list[Slot]:
    """Return the slots that can be completed after `line`; `typed` is the word so far."""
    if line.entry is None:
        return []
    waiting = _waiting_flag(line, line.entry)
    wanted = (waiting,) if waiting is not None else line.expected
    found: list[Slot] = []
    for parameter in wanted:
        if parameter.is_flag and parameter is not waiting:
            continue
        kind = kind_of(line.entry, parameter, defaults)
        if kind is not None and kind.line:
            kind = option_kind(line)
        slot = None if kind is None else _slot(line, typed, parameter, kind)
        if slot is None:
            continue
        files = defaults.get("F")
        at = slot.kind.path(slot.typed, slot.context)
        found.append(slot if files is None or at is None else _path(slot, files, at))
    return found


def _slot(line: Line, typed: str, parameter: Parameter, kind: Kind) -> Slot | None:
    """Return the slot of one argument; None if it cannot be typed on."""
    worded = _is_worded(line, typed, parameter, kind)
    meant = typed_word(typed) if worded else typed
    if meant is None:
        return None
    last = line.tokens[-1][2].type if line.tokens else None
    begin, context = kind.place(meant, line.args)
    part, before = kind.read_part(meant[begin:], context), meant[:begin]
    return Slot(
        parameter.key,
        kind,
        context,
        len(line.text),
        part,
        before,
        line.args,
        worded=worded,
        quoted=worded and typed[:1] == '"',
        after_number=isinstance(last, Integer),
        number=isinstance(parameter.type, Integer),
        listed=not worded and '"' in before,
    )


def _path(slot: Slot, files: Kind, at: int) -> Slot:
    """Return the slot for a file name that begins at an index of the typed part."""
    begin, context = files.place(slot.typed[at:], slot.args)
    whole = at + begin
    return slot._replace(
        kind=files,
        context=context,
        typed=slot.typed[whole:],
        before=slot.before + slot.kind.write_part(slot.typed[:whole], slot.context),
        offset=len(slot.before) + at,
        listed=_is_listed(slot),
    )


def _is_worded(line: Line, typed: str, parameter: Parameter, kind: Kind) -> bool:
    """Whether the monitor, or the command itself, reads a word that can be quoted."""
    letter = parameter.type.letter
    if letter == "S":
        text = line.text[line.start :] + typed
        # JSON has no words to quote, alone or after a name
        return kind.worded and not re.match(r"([\w-]+ +)?\{", text)
    return parameter.is_flag or letter in "sFBO"


def word_start(text: str) -> int:
    """Return the index at which the last word of the text begins."""
    quoted = False
    start = 0
    index = 0
    while index < len(text):
        char = text[index]
        if quoted:
            if char == "\\":
                index += 1
            elif char == '"':
                quoted = False
        elif char in BLANKS:
            start = index + 1
        # QEMU's get_str takes a quote for one only at the beginning of a word
        elif char == '"' and index == start:
            quoted = True
        index += 1
    return start


def _names(table: Table) -> Iterator[Word]:
    for entry in table:
        for name in entry.names:
            alias = f" (= {entry.names[0]})" if name != entry.names[0] else ""
            yield name, entry.help + alias


def _arguments(
    line: Line, typed: str, look: Look, defaults: Mapping[str, Kind]
) -> list[Candidate]:
    entry, start = line.entry, len(line.text)
    assert entry is not None
    if entry.names[0] == "help":
        return _ranked(typed, start, _help_words(line))
    found: list[Candidate] = []
    # flags of old releases are read, but neither shown nor offered
    flags = [p for p in line.expected if p.is_flag and _flag_word(p)[0][:2] in entry.params]
    if typed[:1] in ("", "-") and _waiting_flag(line, entry) is None:
        found += _ranked(typed, start, map(_flag_word, flags))
    for parameter in line.expected:
        kind = entry.kinds.get(parameter.key)
        if kind is not None and kind.line and option_kind(line) is None:
            options = ((name, value.name) for name, value in kind.options.items())
            begun = options if typed[:1] == "-" else _names(line.table)
            found += _ranked(typed, start, begun)
    for slot in slots(line, typed, defaults):
        found += _of_kind(slot, look)
    return found[:MOST]


def _flag_word(parameter: Parameter) -> Word:
    assert isinstance(parameter.type, Flag)
    value = " VALUE" if parameter.type.takes_value else ""
    return f"-{parameter.type.letter}", parameter.key + value


def _waiting_flag(line: Line, entry: Entry[Any]) -> Parameter | None:
    """Return the flag that ends the line so far and waits for its value."""
    if line.error is None or not line.unfinished:
        return None
    last = line.text.split()[-1]
    for parameter in entry.parameters:
        flag = parameter.type
        if isinstance(flag, Flag) and flag.takes_value and last == f"-{flag.letter}":
            return parameter
    return None


def complete_kind(text: str, typed: str, kind: Kind, look: Look) -> list[Candidate]:
    """Return the candidates for a word of a kind at the end of a text."""
    begin, context = kind.place(typed, QDict())
    start = len(text) - len(typed) + begin
    found = _ranked(typed[begin:], start, look(kind, context))
    return [c._replace(ends=not c.text.endswith(_OPEN)) for c in found]


def _of_kind(slot: Slot, look: Look) -> list[Candidate]:
    """Return the candidates of one kind, written so that each is one argument."""
    words = _not_given(slot, look(slot.kind, slot.context))
    ranked = _ranked(slot.typed, 0, words)
    listed = _is_listed(slot)
    fixed = {word for word, _ in slot.kind.words}
    written = (_written(c, slot, c.text in fixed) for c in ranked)
    return [
        c._replace(ends=not (listed or (c.name or c.text).endswith(_OPEN)))
        for c in written
        if c is not None
    ]


_OPEN = ("=", "/", ",", ":", ">")
"""What a word ends with if more of it is to follow."""


def _is_listed(slot: Slot) -> bool:
    """Whether the words of a slot are items of a list, or of JSON."""
    begin, place = len(slot.before), slot.kind.place
    # Asked of the kind itself: if text after a separator belongs to a new item, this is a
    # list.
    one = f"{slot.before}x"
    return slot.listed or any(
        place(one + separator, slot.args)[0] > begin for separator in ",-"
    )


def _not_given(slot: Slot, words: Iterable[Word]) -> Iterable[Word]:
    """Leave out the keys that a list already has, unless they may be repeated."""
    # only where an item begins; later, "given" would have the key of the item itself
    if not slot.before.endswith(","):
        return words
    given = {item.partition("=")[0] for item in slot.before.split(",")}
    given -= slot.kind.repeated
    return [word for word in words if word[0].removesuffix("=") not in given]


def _written(candidate: Candidate, slot: Slot, ours: bool) -> Candidate | None:
    """Return a candidate quoted for the line; None if the line cannot contain it.

    ours: whether it is one of our own fixed words, which need no quotes.
    """
    name, before, kind = candidate.text, slot.before, slot.kind
    here = candidate._replace(start=slot.start + len(before))
    if ours and not slot.quoted:
        return here
    part = kind.write_part(name, slot.context)
    if slot.offset and slot.listed and "," in part:
        return None
    leads_on = _leads_on(part, slot)
    if leads_on is None or (kind.worded and not leads_on and _JSON.search(part)):
        return None
    if slot.before.startswith("exec:") and not _PLAIN.fullmatch(part):
        return None  # a shell would read the name of this file as something else
    if not slot.worded:
        # the monitor reads these arguments without unquoting, so a name with a blank cannot
        # be given
        plain = _NUMBER if slot.number else _RAW
        fits = len(part) < WORD_LIMIT and plain.fullmatch(part)
        return _named(here, part, name) if fits else None
    text = as_argument(
        part,
        before,
        quoted=slot.quoted,
        after_number=slot.after_number,
        open_end=leads_on,
    )
    if text is None:
        return None
    # quotes were unnecessary: replace only the part, so that the menu shows short texts
    if text == before + part:
        return _named(here, part, name)
    return candidate._replace(text=text, start=slot.start, name=name)


def _named(candidate: Candidate, text: str, name: str) -> Candidate:
    return candidate._replace(text=text, name="" if text == name else name)


def _leads_on(part: str, slot: Slot) -> bool | None:
    """Whether more of the word is to follow: after a folder, or a key and its ``=``.

    None if the command would read the part as something else, or as several parts.
    """
    place, begin = slot.kind.place, len(slot.before)
    if place is option_part and "," in part and "," not in slot.context:
        return None  # only values can contain a comma
    after = slot.offset + place((slot.before + part)[slot.offset :], slot.args)[0]
    if after == begin or (after == begin + 1 and part.startswith("/")):
        return False
    ends = after == begin + len(part) and (part[-1] in "/>" or _KEY.fullmatch(part))
    if place is option_part and not slot.context:
        return None  # the first item is not a key
    shorter = (slot.before + part[:-1])[slot.offset :]
    whole = ends and slot.offset + place(shorter, slot.args)[0] == begin
    return True if whole else None


_RAW = re.compile(r"[\w.:@%+=,/~^\[\]$<-][\w.:@%+=,/~^\[\]$<>-]*", re.ASCII)
"""Texts without special characters, for arguments that are read without unquoting."""
_NUMBER = re.compile(r"\$[A-Za-z_]\w*|\d+", re.ASCII)
_JSON = re.compile(r"(?:^|=)(?:[\[{]|$)")
"""Texts that hmp's own commands would read as JSON, quoted or not."""
_PLAIN = re.compile(r"[\w./+,:@%=-]+")
"""Names without characters that are special in a shell."""
_KEY = re.compile(r"[\w.-]+=", re.ASCII)
_REPLACED = re.compile(r"\$[1-9*]")


_HELP_OPTIONS = (("-s", "search for words"), ("-i", "browse all commands"))


def _help_words(line: Line) -> Iterable[Word]:
    """Return the words that help explains: commands, or after ``info`` its subcommands."""
    words = [] if line.args else list(_HELP_OPTIONS)
    table = line.table
    for word in line.args.get("name", "").split():
        entry = table.get(word)
        if entry is None or entry.subtable is None:
            return ()
        table = entry.subtable
    return [*_names(table), *words]


def _ranked(typed: str, start: int, words: Iterable[Word]) -> list[Candidate]:
    return [
        Candidate(word, start, about, begins=word.startswith(typed))
        for word, about in rank(typed, words)
    ]
