"""Help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.defaults import KINDS
from completions.monitor import COMMAND
from hmp.authoring import (
    READ,
    CommandError,
    CommandFailedError,
    MachineGoneError,
    Monitor,
    QDict,
    command,
)
from hmp.language.words import WordError, split_words
from hmp.monitor.availability import detailed
from hmp.monitor.help import (
    everything,
    find,
    help_lines,
    nearest,
    qmp_topic,
    search,
)
from hmp.monitor.preconfig import allowed, waits

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.monitor.help import Topic

CATEGORY = "Monitor"


@command(
    "help|?",
    args_type="name:S?",
    params="[cmd]",
    help="show what a command does, or all commands (-s WORDS: search, -i: browse)",
    arguments={"cmd": "a command, or info and a subcommand"},
    words="manual, usage, man, documentation",
    effect=READ,
    kinds={"name": COMMAND},
    example="help info block",
)
async def help_command(mon: Monitor, args: QDict) -> Topic | None:
    """Return the topic that the words name; None after browsing.

    Raises CommandError for an unknown command.
    """
    text = args.get("name", "")
    option, _, searched = text.partition(" ")
    if option == "-i":
        await mon.front.browse()
        return None
    if option == "-s":
        return await _search(mon, " ".join(searched.split()))
    words = _words(text)
    topic = find(mon.commands, words)
    if topic is not None and "name" in topic and mon.front.detailed:
        _check_one(topic["name"], words)
    if topic is not None:
        topic = await _in_this_state(mon, topic)
    if topic is not None:
        return await detailed(mon, topic, KINDS)
    # QEMU's help knows no QMP commands, and its text must stay the same
    if mon.front.detailed and len(words) == 1:
        topic = await qmp_topic(mon.qmp, words[0])
    if topic is not None:
        return topic
    # the error shows as many words as it takes to see which one is unknown
    known = len(words) > 1 and find(mon.commands, words[:1]) is not None
    shown = " ".join(words[: 2 if known else 1])
    error = CommandError(f"unknown command: '{shown}'\n")
    keys = mon.front.detailed and words == ["keys"]
    error.hint = _KEYS if keys else nearest(mon.commands, words)
    raise error


_KEYS = "'help' ends with the keys of a line; docs/session.md has them all"


def _check_one(name: str, words: list[str]) -> None:
    """Refuse further words, which QEMU's help ignores. Raises CommandError."""
    rest = words[len(name.split()) :]
    if rest:
        raise CommandError(
            f"help explains one command at a time: '{name}' and then '{rest[0]}'\n"
        )


async def _in_this_state(mon: Monitor, topic: Topic) -> Topic | None:
    """Return a topic as QEMU's help has it before the machine exists, and after.

    None for a command that is not known yet.
    """
    try:
        return allowed(topic) if await waits(mon) else topic
    except MachineGoneError:
        return topic  # help works without a machine, too


_WORDS_LIMIT = 16
"""QEMU's help prints nothing for more words than this."""


def _words(text: str) -> list[str]:
    """Return the words, which may be quoted.

    Raises CommandError without a text, as QEMU prints none.
    """
    try:
        words = split_words(text)
    except WordError as error:
        raise CommandError("", error.reason) from error
    if len(words) > _WORDS_LIMIT:
        raise CommandError("", f"more than {_WORDS_LIMIT} words")
    return words


async def _search(mon: Monitor, text: str) -> Topic:
    """Return the commands that match a text. Raises CommandFailedError for no match."""
    if not text:
        raise CommandFailedError("Error: help -s needs words to search for\n")
    found = search(await everything(mon.qmp, mon.commands), text)
    if not found:
        raise CommandFailedError(f"Error: no command matches '{text}'\n")
    return await detailed(mon, {"commands": found, "searched": text})


@help_command.text
def help_text(topic: Topic | None) -> Iterator[str]:
    """Yield one line per command: name, parameters and summary."""
    return help_lines(topic) if topic is not None else iter(())


@help_command.view
def help_command_view(topic: Topic | None) -> RenderableType | None:
    """Show one command in full, or all commands by category."""
    # imported late, so that scripts do not load Rich
    from hmp.display.help_views import help_view

    return help_view(topic) if topic is not None else None
