"""Help topics, made from the table: as data and as the lines of QEMU's monitor.

`hmp.display.help_views` and the help browser draw the topics; ``-o json`` prints them.
"""

from __future__ import annotations

import re

from hmp.language.words import as_argument
from hmp.qmp.errors import BadReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from hmp.language.args_type import Parameter
    from hmp.monitor.entry import Entry
    from hmp.monitor.table import Table
    from hmp.qmp.connection import Connection

    Topic = dict[str, Any]
    """One command, or a list of them under ``commands``; JSON output shows it."""


def find(table: Table, words: Sequence[str], prefix: str = "") -> Topic | None:
    """Return the topic that the words name: all commands, a sub-table's, or one command.

    Returns None for an unknown command.
    """
    if not words:
        return {"commands": [describe(entry, prefix) for entry in table]}
    entry = table.get(words[0])
    if entry is None:
        return None
    if entry.subtable is not None:
        return find(entry.subtable, words[1:], f"{prefix}{entry.name} ")
    return describe(entry, prefix)


def info_topic(table: Table) -> Topic:
    """Return the topic of all ``info`` subcommands."""
    return find(table, ["info"]) or {"commands": []}


def describe(entry: Entry[Any], prefix: str = "") -> Topic:
    """Return the topic of one command."""
    return {
        "name": prefix + entry.names[0],
        "aliases": list(entry.names[1:]),
        "label": prefix + entry.name,
        "params": entry.params,
        "help": entry.help,
        "category": entry.category,
        "effect": entry.effect,
        "arguments": [_argument(parameter, entry) for parameter in entry.parameters],
        "qmp": list(entry.qmp),
        "passthrough": entry.passthrough,
        "example": entry.example,
    }


def topics(table: Table) -> list[Topic]:
    """Return the topics of all commands, subcommands after their command."""
    found: list[Topic] = []
    for entry in table:
        found.append(describe(entry))
        if entry.subtable is not None:
            found += (describe(below, f"{entry.name} ") for below in entry.subtable)
    return found


def search(found: Iterable[Topic], text: str) -> list[Topic]:
    """Return the topics that contain all words of a text, best match of the name first.

    Searches names, summaries, QMP commands and documentation.
    """
    words = text.lower().split()
    if not words:
        return list(found)
    ranked, wanted = [], set(words)
    for topic in found:
        name = topic["label"].lower()
        documentation = " ".join(topic.get("documentation", {}).values())
        whole = " ".join([name, topic["help"], *topic["qmp"], documentation]).lower()
        if all(word in whole for word in wanted):
            ranked.append((_distance(" ".join(words), name), topic))
    ranked.sort(key=lambda item: item[0])
    return [topic for _, topic in ranked]


def _distance(text: str, label: str) -> int:
    """Return how far a command's label is from a text; 0 means it is one of its names."""
    before, _, names = label.rpartition(" ")
    if any(f"{before} {name}".strip() == text for name in names.split("|")):
        return 0
    return 1 if label.startswith(text) else 2 if text in label else 3


async def everything(qmp: Connection, table: Table) -> list[Topic]:
    """Return the topics of all commands, HMP's and QMP's, documented.

    Leaves QMP commands out if the machine cannot list them.
    """
    try:
        names = (await qmp.schema()).commands()
    except (QMPError, BadReplyError):
        names = []
    own = [await documented(qmp, topic) for topic in topics(table)]
    return own + [_raw_topic(name, await qmp.describe(name)) for name in names]


def _raw_topic(name: str, text: str) -> Topic:
    """Return the topic of a QMP command: what ``qmp NAME`` runs."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {
        "name": f"qmp {name}",
        "label": f"qmp {name}",
        "aliases": [],
        "params": "",
        "category": "QMP",
        "effect": "",
        "arguments": [],
        # after the command itself: its first argument, or the first line about it
        "help": lines[1] if len(lines) > 1 else "no arguments",
        "qmp": [name],
        "passthrough": False,
        "example": f"qmp {name}",
        "documentation": {name: text},
    }


_MEANS = ("human-monitor-command", "query-commands", "query-qmp-schema")
"""QMP commands whose documentation does not explain the monitor commands that call them."""


async def documented(qmp: Connection, topic: Topic) -> Topic:
    """Return a topic with the documentation of its QMP commands by the machine's schema."""
    found = {}
    for name in topic["qmp"]:
        if name in _MEANS:
            continue
        if text := await qmp.describe(name):
            found[name] = text
    return {**topic, "documentation": found}


def _argument(parameter: Parameter, entry: Entry[Any]) -> Topic:
    kind = entry.kinds.get(parameter.key)
    topic: Topic = {
        "name": parameter.key,
        "type": parameter.type.letter,
        "flag": parameter.is_flag,
        "optional": parameter.optional or parameter.skippable,
        "what": kind.name if kind else parameter.type.noun,
    }
    if kind and kind.words:
        topic["words"] = dict(kind.words)
    if parameter.is_flag and (meaning := _meaning(parameter.type.letter, entry.help)):
        topic["what"] = meaning
    return topic


def _meaning(letter: str, sentence: str) -> str:
    """Return a flag's meaning from a help sentence like ``do it (-f: now, -n: anew)``."""
    match = re.search(rf"[(,] ?-{letter}: (.+?)(?=, -|\))", sentence)
    return match[1] if match else ""


def help_lines(topic: Topic) -> Iterator[str]:
    """Yield QEMU's line of each command: ``name params -- help``."""
    for item in topic.get("commands", [topic]):
        yield f"{item['label']} {item['params']} -- {item['help']}"


def nearest(table: Table, words: Sequence[str]) -> str:
    """Return a sentence with the most similar commands, or an empty string."""
    from difflib import get_close_matches

    prefix = ""
    if len(words) > 1 and (entry := table.get(words[0])) and entry.subtable:
        table, prefix, words = entry.subtable, f"{words[0]} ", words[1:]
    if not words:
        return ""
    names = list(table.names())
    found = get_close_matches(words[0], names, 3, 0.6)
    others = (name for name in names if len(words[0]) > 1 and words[0] in name)
    found += [name for name in sorted(others) if name not in found][: 3 - len(found)]
    return did_you_mean(found, prefix)


def did_you_mean(words: Iterable[str], before: str = "") -> str:
    """Return the sentence that suggests words instead of an unknown one.

    The words are written as they have to be typed; those that no line can contain are
    left out, and without any the sentence is empty. before: the text before each word.
    """
    written = filter(None, map(as_argument, words))
    shown = [w if w.startswith('"') else f"'{before}{w}'" for w in written]
    return f"Did you mean {' or '.join(shown)}?" if shown else ""
