"""Option lists of QEMU's older kind, QemuOpts: ``virtio-blk-pci,drive=d0,id=vb0``.

A name ends at the next ``=`` or ``,``; in a value ``,,`` is a comma. An item without
``=`` is a switch: ``key`` means on, ``nokey`` off. The first item may leave out its key,
which is then implied. Options come out in order, repeated keys included, with values as
strings. The other kind is `hmp.language.keyval`.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[str, str], None]
    """Is given key and value of an option; raises OptionsError for a bad one."""

_IDENTIFIER = r"[A-Za-z][A-Za-z0-9._-]*"
_NAME = r"[^=,]*"
_VALUE = r"(?:[^,]|,,)*"
_HELP = ("help", "?")


class OptionsError(ValueError):
    """An option list that QEMU refuses; the text is QEMU's reason.

    warnings: QEMU's lines about the switches before the refused option.
    """

    warnings: tuple[str, ...] = ()


class QemuOption:
    """One option: its key and value.

    word: the item itself, if it has no ``=``. is_switch: whether it then means on or
    off.
    """

    __slots__ = ("is_switch", "key", "value", "word")

    def __init__(
        self, key: str, value: str, word: str = "", is_switch: bool = False
    ) -> None:
        self.key = key
        self.value = value
        self.word = word
        self.is_switch = is_switch

    @property
    def asks_for_help(self) -> bool:
        """Whether it is the switch ``help`` or ``?``."""
        return self.is_switch and self.word in _HELP


class OptionList:
    """A parsed list. id: the first one given; items: the options, ids included."""

    __slots__ = ("id", "items")

    def __init__(self, identifier: str | None, items: list[QemuOption]) -> None:
        self.id = identifier
        self.items = items

    def last(self) -> dict[str, str]:
        """Return the options by key; of a repeated key, the last value."""
        last = {item.key: item.value for item in self.items if item.key != "id"}
        return last if self.id is None else {"id": self.id, **last}

    def warnings(self) -> list[str]:
        """Return the lines that QEMU prints about switches without ``=on``."""
        return list(_warnings(self.items))


def split_items(text: str) -> list[str]:
    """Split at single commas; a doubled comma is a comma of the item."""
    if ",," not in text:
        return text.split(",")
    # a line contains no NUL, so it can mark the doubled commas
    return [part.replace("\0", ",") for part in text.replace(",,", "\0").split(",")]


def well_formed_id(text: str) -> bool:
    """Return whether QEMU takes the text as an id: a letter, then ``A-Za-z0-9._-``."""
    return re.fullmatch(_IDENTIFIER, text) is not None


def parse_options(text: str, implied: str | None, check: Check | None = None) -> OptionList:
    """Parse a QemuOpts list.

    implied: the key of the first item when it has none; None where it must have one.
    check: for a list whose keys are known in advance; elsewhere ``help`` is a key.
    Raises OptionsError for a bad id or a bad option, and with an empty text for a request
    for help when the keys are known.
    """
    # QEMU looks for the id before it knows what the first item is
    identifier = next((o.value for o in _options(text, None) if o.key == "id"), None)
    if identifier is not None and not well_formed_id(identifier):
        raise OptionsError("Parameter 'id' expects an identifier")
    items: list[QemuOption] = []
    try:
        for option in _options(text, implied):
            if check is not None and option.asks_for_help:
                raise OptionsError("")
            items.append(option)
            if check is not None and option.key != "id":
                check(option.key, option.value)
    except OptionsError as error:
        error.warnings = tuple(_warnings(items))
        raise
    return OptionList(identifier, items)


def _options(text: str, implied: str | None) -> Iterator[QemuOption]:
    """Yield the options one by one, the id among them."""
    index = 0
    while index < len(text):
        name, end = _match(_NAME, text, index)
        if text[end : end + 1] == "=":
            value, end = _match(_VALUE, text, end + 1)
            yield QemuOption(name, value.replace(",,", ","))
        elif implied is not None:
            # read again from the start as a value, in which ",," is a comma
            value, end = _match(_VALUE, text, index)
            value = value.replace(",,", ",")
            yield QemuOption(implied, value, value)
        elif name.startswith("no"):
            yield QemuOption(name[2:], "off", name, True)
        else:
            yield QemuOption(name, "on", name, True)
        implied = None
        index = end + 1


def _match(pattern: str, text: str, start: int) -> tuple[str, int]:
    match = re.compile(pattern).match(text, start)
    assert match is not None  # both patterns match anything
    return match[0], match.end()


def _warnings(items: list[QemuOption]) -> Iterator[str]:
    for item in items:
        if item.is_switch and item.key not in _HELP:
            yield f"warning: short-form boolean option '{item.word}' deprecated"
            advice = f"{item.key}={item.value}"
            # QEMU calls it nodelay now, which means the opposite
            if item.key == "delay":
                advice = f"nodelay={'on' if item.value == 'off' else 'off'}"
            yield f"Please use {advice} instead"
