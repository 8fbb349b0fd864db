"""Suggestions after an error: the next step, or words similar to the failed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.completion.candidates import kind_of
from hmp.language.words import typed_word
from hmp.monitor.errors import DeclinedError, LineError
from hmp.monitor.from_text import asked
from hmp.monitor.help import did_you_mean, nearest
from hmp.monitor.kinds import texts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping
    from typing import Any

    from hmp.monitor.call import Call
    from hmp.monitor.entry import Entry
    from hmp.monitor.kinds import Kind, Look
    from hmp.monitor.monitor import Monitor

_FEW = 8
"""The most words that are listed after an error."""
_LIMIT = 0.5
"""Seconds that the query for similar words may take."""


async def suggest(
    monitor: Monitor, call: Call, defaults: Mapping[str, Kind], look: Look
) -> str:
    """Return a sentence with suggestions for a failed call; empty without any.

    The kind ``!`` of the defaults knows the next step after some errors. Otherwise, an
    unknown command is compared with the table; the argument of a known one, with the
    machine's words of its kind: if none is similar, a few are listed. If querying those is
    expensive, only the words that are already known (look) are used.
    """
    if call.error is None or isinstance(call.error, DeclinedError):
        return ""
    if _is_divided_path(call):
        return 'A path after a number needs quotes, or it is a division: "/…"'
    step = defaults.get("!")
    if step is not None:
        # a kind's context is one text: the error's first line, then the line typed
        context = f"{call.error.desc.partition(chr(10))[0]}\n{call.line.text}"
        for sentence in await _words(monitor, step, context):
            if sentence:
                return sentence
    if call.entry is None:
        return nearest(monitor.commands, call.line.text.split())
    return await _words_instead(monitor, call, call.entry, defaults, look)


async def _words_instead(
    monitor: Monitor,
    call: Call,
    entry: Entry[Any],
    defaults: Mapping[str, Kind],
    look: Look,
) -> str:
    """Return a sentence with the machine's words for an argument that is not among them."""
    from difflib import get_close_matches

    for start, end, parameter in call.line.tokens:
        kind = kind_of(entry, parameter, defaults)
        if kind is None or kind.fetch is None or kind.local:
            continue
        typed = typed_word(call.line.text[start:end]) or ""
        if parameter.type.letter == "S" and " " in typed:
            continue  # several words together resemble none
        begin, context = kind.place(typed, call.args)
        if kind.on_request(context):
            words = [word for word, _ in look(kind, context)]
        else:
            words = await _words(monitor, kind, context)
        if words and typed[begin:] and typed[begin:] not in words:
            found = get_close_matches(typed[begin:], words, 3, 0.6)
            if found:
                return did_you_mean(found)
            if call.error is not None and f"'{typed[begin:]}'" in call.error.desc:
                return _listed(words)
    return ""


def _listed(words: list[str]) -> str:
    """Return the words that the machine has, if they are few."""
    named = [word for word in words if word]
    if not 0 < len(named) <= _FEW:
        return ""
    return f"This machine has {', '.join(map(repr, named))}"


def _is_divided_path(call: Call) -> bool:
    """Whether a line fails at a path that the monitor reads as a division."""
    error, text = call.error, call.line.text
    if not isinstance(error, LineError) or not error.message.startswith("invalid char"):
        return False
    return text[: error.column].endswith(" /")


async def _words(monitor: Monitor, kind: Kind, context: str) -> list[str]:
    assert kind.fetch is not None
    fetch = kind.fetch(asked(monitor.qmp), context)
    try:
        found = await (_limited(fetch) if _has_loop() else fetch)
        return [word for word, _ in texts(found)]
    except Exception:  # as in completion: a query that fails yields no words
        return []


def _has_loop() -> bool:
    """Return whether an event loop runs; a plain session has none."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _limited(fetch: Awaitable[Iterable[Any]]) -> Iterable[Any]:
    import asyncio

    async with asyncio.timeout(_LIMIT):
        return await fetch
