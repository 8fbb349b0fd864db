"""Kinds of things that arguments name: block devices, key names, QOM paths.

The type letter of an argument says how it is written; its kind says what it means.
`completions/` holds one file a kind; table entries refer to the objects there.

Which things there are is told by fixed words, or by a function that asks the machine. It
runs in the background, never while a key waits: what it returns is kept, and completion
reads that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Any, TypeVar

    from hmp.language.qdict import QDict
    from hmp.qmp.connection import Connection

    Fetch = Callable[[Connection, str], Coroutine[Any, Any, Iterable[tuple[str, str]]]]
    """Asks a machine for the words of a kind in a context; raises as `execute` does."""
    Fetcher = TypeVar("Fetcher", bound=Fetch)
    Place = Callable[[str, QDict], tuple[int, str]]
    """Says of what was typed where the part to complete begins, and its context.

    The context is a text that says what else matters: the driver whose property it is.
    The QDict has the arguments before it.
    """

_COMMAS = re.compile(",,?")

Word = tuple[str, str]
"""What can stand there, and what it is; an empty text says what is expected there."""


def _whole(typed: str, args: QDict) -> tuple[int, str]:
    return 0, ""


def _never(context: str) -> bool:
    return False


class Kind:
    """A kind of thing.

    name: what help calls it, as in "block device". words: the fixed words it is one of,
    with an explanation each. place: where the part to complete begins, when it is not
    the whole word. local: whether its words come from this host, not from the machine.
    closed: whether there are no others than these words, so that any other is a mistake.
    line: whether it is a line of the monitor itself. worded: whether the command reads its
    text to the end of the line by words, which may be quoted. on_request: in which contexts
    the machine is asked only when the user presses Tab, since the question has a price.
    """

    __slots__ = (
        "closed",
        "fetch",
        "line",
        "local",
        "name",
        "on_request",
        "place",
        "worded",
        "words",
    )

    def __init__(
        self,
        name: str,
        words: Iterable[Word] = (),
        *,
        place: Place = _whole,
        local: bool = False,
        closed: bool = False,
        line: bool = False,
        worded: bool = False,
        on_request: Callable[[str], bool] = _never,
    ) -> None:
        self.name = name
        self.words = tuple(words)
        self.place = place
        self.local = local
        self.closed = closed
        self.line = line
        self.worded = worded
        self.on_request = on_request
        self.fetch: Fetch | None = None

    def fetcher(self, function: Fetcher) -> Fetcher:
        """Take the function that asks for the words (a decorator)."""
        self.fetch = function
        return function

    def write_part(self, word: str, context: str) -> str:
        """Return a word as the part of an argument that it is in a context."""
        return word.replace(",", ",,") if self._is_value(context) else word

    def read_part(self, text: str, context: str) -> str:
        """Return the word that such a part is."""
        return text.replace(",,", ",") if self._is_value(context) else text

    def _is_value(self, context: str) -> bool:
        return self.place is option_part and "," in context

    def __repr__(self) -> str:
        return f"Kind({self.name!r})"


def texts(words: Iterable[Any]) -> Iterator[Word]:
    """Yield those of a machine's words that are words."""
    for word, about in words:
        if isinstance(word, str) and isinstance(about, str):
            yield word, about


def last_part(separators: str) -> Place:
    """Return a place that begins behind the last of some characters."""

    def place(typed: str, args: QDict) -> tuple[int, str]:
        return max(typed.rfind(char) for char in separators) + 1, ""

    return place


def option_part(typed: str, args: QDict) -> tuple[int, str]:
    """Place the part of a list ``driver,key=value,…`` that is being typed.

    The context is empty for the first item, the first item for a key behind it, and
    first item and key, parted by ``,``, for a value.
    """
    begin = max((m.end() for m in _COMMAS.finditer(typed) if m[0] == ","), default=0)
    first, _, _ = typed.partition(",")
    implied = first.partition("=")[2] or first
    key, equals, _ = typed[begin:].partition("=")
    if begin == 0:
        return (len(key) + 1, "") if equals else (0, "")
    if equals:
        return begin + len(key) + 1, f"{implied},{key}"
    return begin, implied
