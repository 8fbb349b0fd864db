"""Help topics, made from the table: as data and as the lines of QEMU's monitor.

`hmp.display.help_views` and the help browser draw the topics; ``-o json`` prints them.
"""

from __future__ import annotations

import re
from contextlib import suppress

from hmp.language.words import as_argument
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import BadReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from hmp.language.scan import Parameter
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.kinds import Kind
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


def _entry(table: Table, words: Sequence[str]) -> Entry[Any] | None:
    """Return the entry that a command's whole name names, or None."""
    entry = table.get(words[0])
    if entry is not None and entry.subtable is not None and words[1:]:
        return entry.subtable.get(words[1])
    return entry


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
        "arguments": _arguments(entry),
        "about": entry.about,
        "words": entry.words,
        "qmp": list(entry.qmp),
        "passthrough": entry.passthrough,
        "needs": entry.needs,
        # one with holes is for a machine: see `illustrated`
        "example": "" if "{" in entry.example else entry.example,
    }


def topics(table: Table) -> list[Topic]:
    """Return the topics of all commands, subcommands after their command."""
    found: list[Topic] = []
    for entry in table:
        found.append(describe(entry))
        if entry.subtable is not None:
            found += (describe(below, f"{entry.name} ") for below in entry.subtable)
    return found


SEARCHED = 200
"""The characters of a search that count."""


_FILLERS = {"a", "an", "the", "my", "this", "of", "to", "how", "do", "i", "vm", "take"}
"""Words of a search that need not be found, as in "take a screenshot of the vm"."""


def search(found: Iterable[Topic], text: str) -> list[Topic]:
    """Return the topics that contain all words of a text, the best match first.

    A match in the name is the best, then one in the words that people search for, in the
    summary, in the arguments and QMP names, and in the documentation.
    """
    # a client of a served monitor may send thousands of words
    words = [*dict.fromkeys(text[:SEARCHED].lower().split())]
    if not words:
        return list(found)
    wanted = [word for word in words if word not in _FILLERS] or words
    ranked: list[tuple[list[bool], int, Topic]] = []
    for topic in found:
        places = _places(topic)
        ranks = [_rank(places, word) for word in wanted]
        if None not in ranks:
            # first those that have all of it as a phrase, then all but the fillers
            phrases = " ".join(words), " ".join(wanted)
            parts = [_rank(places[:2], phrase) is None for phrase in phrases]
            ranked.append((parts, sum(filter(None, ranks)), topic))
    # the monitor's commands before those of QMP, which have similar names
    ranked.sort(key=lambda item: (item[0], item[2]["category"] == "QMP", item[1]))
    return [topic for _, _, topic in ranked]


def _places(topic: Topic) -> list[set[str]]:
    """Return the lower-case words of a topic, the most telling first."""
    before, _, label = topic["label"].lower().rpartition(" ")
    names = {f"{before} {name}".strip() for name in label.split("|")}
    phrases = _phrases(topic["words"])
    arguments = (f"{item['name']} {item['what']}" for item in topic["arguments"])
    return [
        names,
        phrases,
        _split(" ".join(names)),
        _split(topic["words"]),
        _split(topic["help"]),
        _split(f"{topic['about']} {' '.join(topic['qmp'])} {' '.join(arguments)}"),
        _split(" ".join(topic.get("documentation", {}).values())),
    ]


def _split(text: str) -> set[str]:
    """Return the words of a text; hyphenated ones both whole and in parts."""
    whole = re.findall(r"[\w-]+", text.lower())
    return {part for word in whole for part in (word, *re.split(r"[-_]", word))}


def _rank(places: Sequence[set[str]], word: str) -> int | None:
    """Return how telling the best place of a word is, 0 for the best; None without one.

    A word that only begins with the wanted one counts less.
    """
    for number, words in enumerate(places):
        if word in words:
            return 2 * number
        if number == 1 and any(name.startswith(word) for name in places[0]):
            # a beginning of the name goes before whole words of the rest, as for "snap"
            return 3
    for number, words in enumerate(places):
        if any(known.startswith(word) for known in words):
            # so a beginning in the name ranks between a whole word that people search for
            # and one in the summary
            return 2 * number + 7
    for number, words in enumerate(places):
        if any(word in known for known in words):
            return 2 * number + 14
    return None


async def everything(qmp: Connection, table: Table) -> list[Topic]:
    """Return the topics of all commands, HMP's and QMP's, documented.

    Leaves QMP commands out if the machine cannot list them.
    """
    names: list[str] = []
    with suppress(QMPError, BadReplyError):
        names = (await qmp.schema()).commands()
    own = [await documented(qmp, topic) for topic in topics(table)]
    return own + [_raw_topic(name, await qmp.describe(name)) for name in names]


async def qmp_topic(qmp: Connection, name: str) -> Topic | None:
    """Return the topic of one of the machine's QMP commands; None if it has no such."""
    text = await qmp.describe(name)
    return _raw_topic(name, text) if text else None


def _raw_topic(name: str, text: str) -> Topic:
    """Return the topic of a QMP command: what ``qmp NAME`` runs."""
    return {
        "name": f"qmp {name}",
        "label": f"qmp {name}",
        "aliases": [],
        "params": "",
        "category": "QMP",
        "effect": "",
        "arguments": [],
        "about": "",
        "words": "",
        "help": _first_sentence(text),
        "qmp": [name],
        "passthrough": False,
        "needs": "qmp",
        "example": f"qmp {name}",
        "documentation": {name: text},
    }


def _first_sentence(text: str) -> str:
    """Summarise the description of a QMP command: its first sentence, or its arguments.

    The embedded machine documents its commands, after a title and the signature; of other
    machines only the arguments are known, one a line.
    """
    title, *paragraphs = text.split("\n\n")
    if paragraphs[1:]:
        sentence, _, _ = " ".join(paragraphs[1].split()).partition(". ")
        return sentence[:1].lower() + sentence[1:].removesuffix(".")
    members = re.findall(r"^  ([\w-]+):(?:.*?(, optional))?", title, re.MULTILINE)
    names = [f"[{name}]" if optional else name for name, optional in members]
    return f"takes {', '.join(names)}" if names else "takes no arguments"


_MEANS = (RUN_LINE, "query-commands", "query-qmp-schema")
"""QMP commands whose documentation does not explain the monitor commands that call them."""


async def illustrated(
    qmp: Connection, table: Table, topic: Topic, kinds: Mapping[str, Kind]
) -> Topic:
    """Return a command's topic with an example for this machine, if one would work.

    kinds: the kinds of arguments by type letter. Raises MachineGoneError.
    """
    from hmp.monitor.examples import filled

    entry = _entry(table, topic["name"].split())
    example = (
        await filled(qmp, entry, kinds) if entry and "unavailable" not in topic else ""
    )
    return {**topic, "example": example}


async def documented(qmp: Connection, topic: Topic) -> Topic:
    """Return a topic with the documentation of its QMP commands by the machine's schema."""
    found: dict[str, str] = {}
    for name in topic["qmp"]:
        if name in _MEANS:
            continue
        if text := await qmp.describe(name):
            found[name] = text
    return {**topic, "documentation": found}


def _arguments(entry: Entry[Any]) -> list[Topic]:
    """Return the arguments under the names, and in the order, of the usage line."""
    found: dict[str, Topic] = {}
    for parameter in entry.parameters:
        letter = parameter.type.letter
        name = f"-{letter}" if parameter.is_flag else parameter.key
        name = f"/{name}" if letter == "/" else name
        is_known = any(_position(name, part) >= 0 for part in entry.arguments)
        if not is_known and _position(name, entry.params) >= 0:
            found[name] = _derived(parameter, entry)
    for name, meaning in entry.arguments.items():
        found[name] = {"what": meaning}
    order = sorted(found, key=lambda name: _position(name, entry.params))
    return [{"name": name, **found[name], **_use(name, entry.params)} for name in order]


def explained(entry: Entry[Any]) -> dict[str, tuple[str, str]]:
    """Return what the usage line calls each argument, by its key, and what it means.

    Empty for a command whose usage has other parts than its arguments.
    """
    keys = [parameter.key for parameter in entry.parameters if not parameter.is_flag]
    found = [item for item in _arguments(entry) if not item["flag"]]
    # the usage line may group arguments, or split one
    if len(keys) != len(found):
        return {}
    return {
        key: (item["name"], item["what"]) for key, item in zip(keys, found, strict=True)
    }


def is_part(name: str, usage: str) -> bool:
    """Return whether a part of a usage line has a name as a word."""
    return _position(name, usage) >= 0


def _derived(parameter: Parameter, entry: Entry[Any]) -> Topic:
    """Explain an argument by its kind or type letter, a flag by the command's summary."""
    kind = entry.kinds.get(parameter.key)
    topic: Topic = {"what": kind.name if kind else parameter.type.noun}
    if kind and kind.words:
        topic["words"] = dict(kind.words)
    if parameter.is_flag and (meaning := _meaning(parameter.type.letter, entry.help)):
        topic["what"] = meaning
    return topic


def _position(name: str, params: str) -> int:
    """Return where the usage line has a part as a word, or -1."""
    match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", params)
    return match.start() if match else params.find(name) if not name[-1:].isalnum() else -1


def _use(name: str, params: str) -> Topic:
    """Return whether a part of the usage line is a flag, and whether it is optional."""
    before = params[: _position(name, params)]
    return {
        "flag": name.startswith("-"),
        "optional": before.count("[") > before.count("]") or name.startswith("["),
    }


def _meaning(letter: str, sentence: str) -> str:
    """Return a flag's meaning from a help sentence like ``do it (-f: now, -n: anew)``."""
    match = re.search(rf"[(,] ?-{letter}: (.+?)(?=, -|\))", sentence)
    return match[1] if match else ""


def help_lines(topic: Topic) -> Iterator[str]:
    """Yield QEMU's line of each command: ``name params -- help``."""
    for item in topic.get("commands", [topic]):
        missing = f" (not here: {item['unavailable']})" if "unavailable" in item else ""
        yield f"{item['label']} {item['params']} -- {item['help']}{missing}"


def nearest(table: Table, words: Sequence[str]) -> str:
    """Return a sentence with the commands that may be meant, or an empty string."""
    from difflib import get_close_matches

    if explained := _asked_about(table, words):
        return f"Type 'help {explained}'"
    prefix = ""
    if len(words) > 1 and (entry := table.get(words[0])) and entry.subtable:
        table, prefix, words = entry.subtable, f"{words[0]} ", words[1:]
    if not words:
        return ""
    views = table.get("info")
    # "status", "infostatus", "show status"
    for topic in (words[0].removeprefix("info"), *words[1:2]):
        if views and views.subtable and views.subtable.get(topic):
            return did_you_mean([topic], "info ")
    phrases = {words[0].lower(), " ".join(words).lower()} - {""}
    if meant := [entry.names[0] for entry in table if phrases & _phrases(entry.words)]:
        return did_you_mean(meant[:3], prefix)
    # short forms of one letter resemble too much
    names = [name for name in table.names() if len(name) > 1]
    found = get_close_matches(words[0], names, 3, 0.6)
    others = (name for name in names if len(words[0]) > 1 and words[0] in name)
    found += [name for name in sorted(others) if name not in found][: 3 - len(found)]
    return did_you_mean(found, prefix)


def _asked_about(table: Table, words: Sequence[str]) -> str:
    """Return the command in ``man COMMAND`` or ``COMMAND?``; empty if it is neither."""
    asked = words[1:] if words[:1] == ["man"] else words
    command = [word.rstrip("?") for word in asked]
    if command == list(words) or not command or _entry(table, command) is None:
        return ""
    return " ".join(command)


def _phrases(text: str) -> set[str]:
    """Return the phrases of an entry's words."""
    return {phrase.strip() for phrase in text.split(",")}


def did_you_mean(words: Iterable[str], before: str = "") -> str:
    """Return the sentence that suggests words instead of an unknown one.

    The words are written as they have to be typed; those that no line can contain are
    left out, and without any the sentence is empty. before: the text before each word.
    """
    written = filter(None, map(as_argument, words))
    shown = [w if w.startswith('"') else f"'{before}{w}'" for w in written]
    return f"Did you mean {' or '.join(shown)}?" if shown else ""
