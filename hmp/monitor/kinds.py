"""Kinds of things that arguments name: block devices, key names, QOM paths.

The type letter of an argument says how it is written; its kind says what it means.
`completions/` has one file for each subject; table entries refer to the kinds there.

The words of a kind are fixed, or come from a function that asks the machine. The function
runs in the background, never while a key is being handled: `hmp.completion.cache` keeps
its result, and completion reads that.
"""

from __future__ import annotations

import re

from hmp import is_coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from hmp.language.qdict import QDict
    from hmp.qmp.connection import Connection

    Fetch = Callable[[Connection, str], Coroutine[Any, Any, Iterable[tuple[str, str]]]]
    """Asks a machine for the words of a kind in a context; raises as `execute` does."""
    Fetcher = TypeVar("Fetcher", bound=Fetch)
    Look = Callable[["Kind", str], Iterable[tuple[str, str]]]
    """Returns the words of a kind in a context, as far as they are known."""
    Place = Callable[[str, QDict], tuple[int, str]]
    """Returns where in the typed text the part to complete begins, and its context.

    The context is a text on which the words depend, such as the driver whose property is
    typed. The QDict has the arguments before it.
    """

# One match for a doubled comma, which is part of a value and does not separate.
_COMMAS = ",,?"

Word = tuple[str, str]
"""A possible text, and a description; with an empty text, a description of what to type."""


def _whole(typed: str, args: QDict) -> tuple[int, str]:
    return 0, ""


def _never(context: str) -> bool:
    return False


def _no_path(part: str, context: str) -> int | None:
    return None


def after_scheme(*schemes: str) -> Callable[[str, str], int | None]:
    """Return a function for `Kind.path`: a file name follows one of some schemes."""

    def begin(part: str, context: str) -> int | None:
        return next((len(s) for s in schemes if part.startswith(s)), None)

    return begin


def value_of(*keys: str) -> Callable[[str, str], int | None]:
    """Return a function for `Kind.path`: the values of some options are file names."""

    def begin(part: str, context: str) -> int | None:
        return 0 if context.rpartition(",")[2] in keys else None

    return begin


def _is_pair(word: object) -> bool:
    match word:
        case (str(), str()):
            return True
        case _:
            return False


class Kind:
    """A kind of thing.

    name: its name in help, as in "block device". words: its fixed words, each with an
    explanation. place: finds the part to complete, if that is not the whole word. local:
    whether its words come from this host, not from the machine. closed: whether any word
    not in the list is a mistake. line: whether it is a line of the monitor itself. piped:
    whether a pipe or file after that line is part of it. options: the options before that
    line, and the kinds of their values. seen: whether its words are the numbers of the last
    result, before those that are fetched; its fixed words then explain members. worded:
    whether the command splits its text to the end of the line into words, which may be
    quoted. repeated: the keys that a list of options may have more than once. path:
    returns where in a part with its context a file name begins, if it has one. on_request:
    returns whether, in a context, the machine is only asked when the user presses Tab,
    because the query is expensive.
    """

    __slots__ = (
        "closed",
        "fetch",
        "line",
        "local",
        "name",
        "on_request",
        "options",
        "path",
        "piped",
        "place",
        "repeated",
        "seen",
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
        piped: bool = False,
        options: Mapping[str, Kind] | None = None,
        seen: bool = False,
        worded: bool = False,
        repeated: Iterable[str] = (),
        path: Callable[[str, str], int | None] = _no_path,
        on_request: Callable[[str], bool] = _never,
    ) -> None:
        self.name = name
        given: list[Any] = list(words)
        if not all(map(_is_pair, given)):
            raise TypeError(f"the words of '{name}' must be pairs: a word, an explanation")
        self.words: tuple[Word, ...] = tuple(given)
        self.place = place
        self.local = local
        self.closed = closed
        self.line = line
        self.piped = piped
        self.options = options or {}
        self.seen = seen
        self.worded = worded
        self.path = path
        self.repeated = frozenset(repeated)
        self.on_request = on_request
        self.fetch: Fetch | None = None

    def fetcher(self, function: Fetcher) -> Fetcher:
        """Set the function that asks the machine for the words (a decorator).

        Raises TypeError unless it takes a connection and a context.
        """
        # a callable object has no code to look at
        if hasattr(function, "__code__") and not is_coroutine(function, 2):
            raise TypeError("a fetcher must be 'async def (qmp, context)'")
        self.fetch = function
        return function

    def write_part(self, word: str, context: str) -> str:
        """Return a word, escaped as its context in the argument requires."""
        return word.replace(",", ",,") if self._is_value(context) else word

    def read_part(self, text: str, context: str) -> str:
        """Return the word of a part that `write_part` has written."""
        return text.replace(",,", ",") if self._is_value(context) else text

    def _is_value(self, context: str) -> bool:
        return self.place is option_part and "," in context

    def __repr__(self) -> str:
        return f"Kind({self.name!r})"


def texts(words: Iterable[Any]) -> Iterator[Word]:
    """Yield the well-formed words of a machine's reply, and drop others."""
    for word, about in words:
        if isinstance(word, str) and isinstance(about, str):
            yield word, about


def natural(words: Iterable[Word]) -> list[Word]:
    """Return words in the order of their names, with numbers in the order of their size."""
    return sorted(words, key=lambda word: natural_key(word[0]))


def natural_key(name: str) -> list[tuple[int, str]]:
    """Return what sorts names such that vm9 comes before vm10."""
    # text and numbers alternate; a number with more digits is larger
    parts = re.split(r"0*(\d+)", name)
    return [(len(part) if n % 2 else 0, part) for n, part in enumerate(parts)]


def last_part(separators: str) -> Place:
    """Return a place that begins after the last of some separators."""

    def place(typed: str, args: QDict) -> tuple[int, str]:
        return max(typed.rfind(char) for char in separators) + 1, ""

    return place


def option_part(typed: str, args: QDict) -> tuple[int, str]:
    """Place the part of a list ``driver,key=value,…`` that is being typed.

    The context is empty for the first item, the first item for a key after it, and
    first item and key, separated by ``,``, for a value.
    """
    begin = max((m.end() for m in re.finditer(_COMMAS, typed) if m[0] == ","), default=0)
    first, _, _ = typed.partition(",")
    # the first item may be written with its key, too: driver=e1000 instead of e1000
    implied = first.partition("=")[2] or first
    key, equals, _ = typed[begin:].partition("=")
    if begin == 0:
        return (len(key) + 1, "") if equals else (0, "")
    if equals:
        return begin + len(key) + 1, f"{implied},{key}"
    return begin, implied
