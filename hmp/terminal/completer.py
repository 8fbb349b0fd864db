"""Completion as prompt_toolkit shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.completion import Completer, Completion

from hmp.completion import complete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from hmp.table import Table

_MOST = 300
"""Candidates that are shown; nobody reads more."""


class LineCompleter(Completer):
    """Shows the candidates of `hmp.completion`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """Yield the candidates for the text before the cursor."""
        text = document.text_before_cursor
        for candidate in complete(text, self.table)[:_MOST]:
            yield Completion(
                candidate.text,
                start_position=candidate.start - len(text),
                display_meta=candidate.about,
            )
