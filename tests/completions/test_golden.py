"""What Tab offers at each place of each command's example, and the fixed words of kinds.

The machine is a recorded one. ``HMP_TEST_UPDATE=1 pytest tests/completions/test_golden.py``
writes the files anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import completions
from completions.defaults import KINDS
from completions.qmp import RAW_QMP
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
                yield from _rules(kind)
            elif name.isupper() and isinstance(kind, dict | list | tuple):
                yield f"=== {module.name}.{name}\n"
                yield from (f"{line}\n" for line in _listed(kind))


OPTIONS = (
    *("append", "bus", "dir", "downscript", "drive", "file", "filename", "guestfwd"),
    *("helper", "hostfwd", "dnssearch", "id", "in", "input-path", "logfile", "mem-path"),
    *("out", "path", "port", "protocol", "script", "smb", "snapshot-file", "sock"),
    *("target", "tftp", "uri"),
)
COMMANDS = (
    *("blockdev-add", "chardev-add", "drive-backup", "drive-mirror", "guest-file-open"),
    *("migrate", "object-add", "qom-get", "x-query-virtio-status"),
)
SCHEMES = ("unix:", "file:", "exec:", "tcp:", "fd:")


def _rules(kind: Kind) -> Iterator[str]:
    """Yield what may be repeated, what costs the machine time, and what names a file."""
    if kind.repeated:
        yield f"repeated: {sorted(kind.repeated)}\n"
    contexts = ("", "driver", "driver,bus", "driver,id")
    if expensive := [context for context in contexts if kind.on_request(context)]:
        yield f"on request: {expensive}\n"
    if kind is RAW_QMP:
        for command in COMMANDS:
            asked = {key: json.dumps([command, {}, "", key]) for key in OPTIONS}
            yield f"files of {command}: {_files(kind, asked)}\n"
    elif files := _files(kind, {key: f"driver,{key}" for key in OPTIONS}):
        yield f"files: {files}\n"


def _files(kind: Kind, contexts: Mapping[str, str]) -> str:
    """Return the options whose values are file names, or are after one of some schemes."""
    found: list[str] = []
    for key, context in contexts.items():
        places = {scheme: kind.path(f"{scheme}x", context) for scheme in ("", *SCHEMES)}
        if places[""] == 0:
            found.append(f"{key}=")
        found += [f"{key}={s}" for s in SCHEMES if places[s] == len(s)]
    after = [scheme for scheme in SCHEMES if f"append={scheme}" in found]
    return " ".join(after or found)  # of any option, if of that


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
