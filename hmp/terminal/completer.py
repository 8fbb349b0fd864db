"""Completion for prompt_toolkit, with words fetched in the background.

`LineCompleter` reads the known words and never waits. `Fetcher` asks the machine for the
words that it read and that are missing or old. If the user pressed Tab before they had
arrived, the menu opens when they do.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from hmp.completion.cache import WordCache
from hmp.display.sanitise import one_line
from hmp.frontends.in_thread import in_thread
from hmp.frontends.line_candidates import fill, insertion, line_candidates
from hmp.frontends.script import drive
from hmp.monitor.kinds import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from prompt_toolkit.buffer import Buffer

    from hmp.completion.candidates import Candidate
    from hmp.completion.diagnostics import Diagnostic
    from hmp.monitor.kinds import Kind
    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Monitor

_LIMIT = 10.0
"""Seconds that the machine may take to return the words of a kind."""
_ABOUT = 500
"""The most characters of a word's description in the menu."""


class Fetcher:
    """Fetches words in the background, each kind and context once at a time.

    awaited: the text whose menu opens when words arrive. requested: whether a key asked
    for it, so that the common part is to be inserted. on_news: called when words arrive.
    """

    def __init__(self, monitor: Monitor, word_cache: WordCache) -> None:
        self.monitor = monitor
        self.word_cache = word_cache
        self.awaited: str | None = None
        self.requested = False
        self.on_news: Callable[[], object] = lambda: None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start fetching the words that were read and are missing or old."""
        for kind, context in self.word_cache.take_wanted():
            if kind.local and not self.monitor.front.local:
                continue  # clients on a socket must not see this host's files
            task = asyncio.get_running_loop().create_task(
                self._fetch(kind, context), name=f"fetch {kind.name}"
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Cancel all fetches."""
        for task in self._tasks:
            task.cancel()

    async def _fetch(self, kind: Kind, context: str) -> None:
        assert kind.fetch is not None
        words: tuple[tuple[str, str], ...] | None = None
        try:
            async with asyncio.timeout(_LIMIT):
                if kind.local:  # in a thread: the files may be on a disk that hangs
                    fetch = kind.fetch(self.monitor.qmp, context)
                    words = tuple(texts(await in_thread(drive, fetch)))
                else:
                    words = await self.monitor.words(kind, context)
        except Exception:
            pass  # a machine that fails, or replies nonsense, yields no words
        self.word_cache.store(kind, context, words)
        self.on_news()


class LineCompleter(Completer):
    """Shows the candidates of `hmp.completion.candidates`."""

    def __init__(
        self,
        monitor: Monitor,
        word_cache: WordCache | None = None,
        defaults: Mapping[str, Kind] | None = None,
        fetcher: Fetcher | None = None,
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.monitor = monitor
        self.word_cache = word_cache or WordCache()
        self.defaults: Mapping[str, Kind] = {} if defaults is None else defaults
        self.fetcher = fetcher
        self.aliases: Mapping[str, Sequence[str]] = aliases if aliases is not None else {}

    def diagnose(self, line: Line) -> Diagnostic | None:
        """Return the first unknown word in a line."""
        if line.entry is None:
            return None
        from hmp.completion.diagnostics import (
            diagnose,  # late: the first prompt has no need of it
        )

        return diagnose(line, self.word_cache.sure, self.defaults)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """Yield the candidates for the text before the cursor."""
        text = document.text_before_cursor
        for candidate, put_in in self.offered(
            document, complete_event.completion_requested
        ):
            why_not = self.word_cache.unfit.get(self._command(text, candidate))
            about = f"not here: {why_not}" if why_not else candidate.about[:_ABOUT]
            yield Completion(
                put_in,
                start_position=candidate.start - len(text),
                display=one_line(candidate.name or candidate.text),
                display_meta=one_line(about),
                style="class:unfit" if why_not else "",
            )

    def offered(self, document: Document, requested: bool) -> list[tuple[Candidate, str]]:
        """Return the candidates for the text before the cursor, and what each inserts.

        Commands that the way to the machine does not carry come last. requested: whether a
        key asked for them.
        """
        text = document.text_before_cursor
        self.word_cache.missing = False
        self.word_cache.requested = requested
        found = line_candidates(
            text, self.monitor.commands, self.aliases, self.word_cache.look, self.defaults
        )
        self.word_cache.requested = False
        if self.fetcher is not None:
            self.fetcher.start()
            # some words are still unknown, so what is known may not be the only candidate
            self.fetcher.awaited = text if self.word_cache.missing else None
            self.fetcher.requested = requested
            if self.word_cache.missing:
                return []
        unfit = self.word_cache.unfit
        lacking = self.word_cache.lacking - unfit.keys()
        if lacking:
            found = [c for c in found if self._command(text, c) not in lacking]
        if requested:
            # like a shell, Tab only considers prefix matches if there are any
            found = [c for c in found if c.begins] or found
            shown = self.word_cache.shown
            found.sort(key=lambda c: (c.name or c.text) not in shown)
        if unfit:
            found.sort(key=lambda c: self._command(text, c) in unfit)
        after = document.text_after_cursor
        written = ((candidate, insertion(candidate, text, after)) for candidate in found)
        return [(candidate, put_in) for candidate, put_in in written if put_in is not None]

    def _command(self, text: str, candidate: Candidate) -> str:
        """Return the words up to a candidate; those of a command by its first name."""
        words = [*text[: candidate.start].split(), candidate.text]
        entry = self.monitor.commands.get(words[0])
        if entry is not None and entry.subtable is not None and len(words) == 2:
            below = entry.subtable.get(words[1])
            words[1:] = [below.names[0]] if below is not None else words[1:]
        elif entry is not None and len(words) == 1:
            words = [entry.names[0]]
        return " ".join(words)

    def complete(self, buffer: Buffer) -> None:
        """Insert the common beginning of the candidates; list several."""
        document = buffer.document
        before, after = document.text_before_cursor, document.text_after_cursor
        offered = self.offered(document, requested=True)
        unfit = self.word_cache.unfit
        # without those that this machine lacks, unless it lacks all of them
        offered = [
            o for o in offered if self._command(before, o[0]) not in unfit
        ] or offered
        filled = fill(offered, before, after)
        if filled != before:
            buffer.document = Document(filled + after, len(filled))
        if len(offered) > 1 or (offered and filled == before):
            event = CompleteEvent(completion_requested=True)
            buffer.start_completion(complete_event=event)
