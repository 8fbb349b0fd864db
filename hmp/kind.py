"""Kinds of things that arguments name: block devices, key names, QOM paths.

The type letter of an argument says how it is written; its kind says what it means.
`completions/` holds one file a kind; table entries refer to the objects there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind:
    """A kind of thing.

    name: what help calls it, as in "block device". words: the fixed words it is
    one of, with an explanation each; empty when the machine alone knows them.
    """

    __slots__ = ("name", "words")

    def __init__(self, name: str, words: Iterable[tuple[str, str]] = ()) -> None:
        self.name = name
        self.words = tuple(words)

    def __repr__(self) -> str:
        return f"Kind({self.name!r})"
