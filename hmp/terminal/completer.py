"""Completion as prompt_toolkit shows it, and its words fetched behind the prompt.

`LineCompleter` reads what is known and never waits; what it wanted and did not find, or
found old, `Fetcher` asks the machine for, and brings the menu up again when there is more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion

from hmp.completion import complete
from hmp.knowledge import Knowledge
from hmp.qmp.errors import MachineGone, QMPError
from hmp.sanitise import sanitise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from hmp.kind import Kind
    from hmp.monitor import Monitor

_LIMIT = 10.0
"""Seconds that the machine may take to tell the words of a kind."""


class Fetcher:
    """Fetches words in the background, each kind and context once at a time."""

    def __init__(self, monitor: Monitor, knowledge: Knowledge) -> None:
        self.monitor = monitor
        self.knowledge = knowledge
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, buffer: Buffer) -> None:
        """Begin to fetch what is wanted; when more is known, complete once again."""
        for kind, context in self.knowledge.take_wanted():
            task = asyncio.get_running_loop().create_task(
                self._fetch(kind, context, buffer, buffer.text),
                name=f"fetch {kind.name}",
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()

    async def _fetch(self, kind: Kind, context: str, buffer: Buffer, text: str) -> None:
        assert kind.fetch is not None
        words: tuple[tuple[str, str], ...] = ()
        try:
            async with asyncio.timeout(_LIMIT):
                words = tuple(await kind.fetch(self.monitor.qmp, context))
        except (QMPError, MachineGone, TimeoutError):
            pass  # a machine that does not know, or cannot say now
        except (KeyError, TypeError, ValueError, AttributeError):
            pass  # a reply that is not as it should be has no words in it
        first = not self.knowledge.known(kind, context)
        changed = self.knowledge.store(kind, context, words)
        if (first or changed) and buffer.text == text and buffer.complete_state is None:
            buffer.start_completion(insert_common_part=True)


class LineCompleter(Completer):
    """Shows the candidates of `hmp.completion`."""

    def __init__(
        self,
        monitor: Monitor,
        knowledge: Knowledge | None = None,
        defaults: Mapping[str, Kind] | None = None,
        fetcher: Fetcher | None = None,
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.monitor = monitor
        self.knowledge = knowledge or Knowledge()
        self.defaults = defaults or {}
        self.fetcher = fetcher
        self.aliases = aliases if aliases is not None else {}
        self.buffer: Buffer | None = None

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """Yield the candidates for the text before the cursor."""
        text = document.text_before_cursor
        if " " not in text.lstrip():
            for name, lines in self.aliases.items():
                if name.startswith(text.lstrip()):
                    yield Completion(
                        name, -len(text.lstrip()), display_meta=f"= {'; '.join(lines)}"
                    )
        found = complete(text, self.monitor.commands, self.knowledge.look, self.defaults)
        if self.fetcher is not None and self.buffer is not None:
            # what comes first is worth the moment, or a lone flag would be put in
            wait = self.knowledge.wants_first
            self.fetcher.start(self.buffer)
            if wait:
                return
        for candidate in found:
            yield Completion(
                candidate.text,
                start_position=candidate.start - len(text),
                display=sanitise(candidate.text),
                display_meta=sanitise(candidate.about),
            )
