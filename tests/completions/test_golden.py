"""What Tab offers at each place of each command's example, and the fixed words of kinds.

The machine is a recorded one. ``HMP_TEST_UPDATE=1 pytest tests/completions/test_golden.py``
writes the files anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import completions
from completions.defaults import KINDS
from hmp.builtin import load_tables
from hmp.completion.candidates import complete
from hmp.frontends.script import drive
from hmp.monitor.kinds import Kind, Word, texts
from hmp.qmp.errors import QMPError
from hmp.qmp.replay import ReplayConnection
from tests import golden
from tests.qemu.lines import entries
from tests.recordings import FOLDER, SUFFIX, read

GOLDEN = Path(__file__).parent / "golden"
MOST = 12
"""Words of one place that are held."""


def offers() -> Iterator[str]:
    """Yield the places of the examples, each with the words that can stand there."""
    table = load_tables()
    machine = "everything"
    replay = ReplayConnection(read(FOLDER / f"10.0{SUFFIX}")[machine], machine)

    def look(kind: Kind, context: str) -> list[Word]:
        if kind.local or kind.fetch is None:
            return [*kind.words]
        try:
            return [*kind.words, *texts(drive(kind.fetch(replay, context)))]
        except QMPError:  # it was not recorded
            return [*kind.words]

    for name, entry in entries(table):
        for place in re.finditer(r"[ ,=:/]", entry.example):
            line = entry.example[: place.end()]
            found = complete(line, table, look, KINDS)
            if found and found[0].text == "alias":
                continue  # the first of all commands, which the manual page has
            if found:
                yield f"=== {name}: {line}\n"
            for word in found[:MOST]:
                yield f"{line[word.start :]}|{word.text} -- {word.about}\n"


def kinds() -> Iterator[str]:
    """Yield the kinds with their names and fixed words, and the sentences of words."""
    for module in iter_modules(completions.__path__, "completions."):
        for name, kind in vars(import_module(module.name)).items():
            if isinstance(kind, Kind):
                traits = [key for key in Kind.__slots__ if getattr(kind, key) is True]
                yield f"=== {module.name}.{name}: {kind.name} {traits}\n"
                yield from (f"{word} -- {about}\n" for word, about in kind.words)
            elif name.isupper() and isinstance(kind, dict | list | tuple):
                yield f"=== {module.name}.{name}\n"
                yield from (f"{line}\n" for line in _listed(kind))


def _listed(value: Mapping[str, object] | Iterable[object]) -> Iterator[str]:
    """Yield the words of a list or dict, also of lists in it; nothing for all else."""
    for item in value.items() if isinstance(value, dict) else value:
        match item:
            case str():
                yield item
            case (str(word), str(about)):
                yield f"{word} -- {about}"
            case (str(word), list() | tuple() as words):
                yield from (f"{word}: {line}" for line in _listed(words))


@pytest.mark.parametrize("made", [offers, kinds], ids=lambda made: made.__name__)
def test_words_are_as_they_were(made: Callable[[], Iterator[str]]) -> None:
    """None is lost, and each explanation reads as it did."""
    golden.check(GOLDEN / f"{made.__name__}.txt", "".join(made()))
