"""The keys of the prompt: ours, and those of the configuration."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.application import get_app
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, SYSTEM_BUFFER
from prompt_toolkit.filters import (
    Condition,
    emacs_insert_mode,
    has_completions,
    has_focus,
    vi_insert_mode,
)
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.controls import BufferControl

from hmp.frontends.pasted import without_prompts

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout import Layout

    from hmp.frontends.config import Config
    from hmp.terminal.completer import LineCompleter

BROWSE = "\x00browse"
"""Returned by the prompt when the user has pressed the key of the help browser."""

ESCAPE = 0.05
"""Seconds in which the rest of a key that begins with Escape has to come."""


class Slip(NamedTuple):
    """A line that could not be run: the column of what is wrong in it, and the problem."""

    line: str
    column: int
    problem: str


NO_SLIP = Slip("", 0, "")


def prompt_keys(
    config: Config,
    completer: LineCompleter | None = None,
    local: bool = False,
    last_slip: Callable[[], Slip] = lambda: NO_SLIP,
) -> KeyBindings:
    """Return the keys; last_slip: returns the last line if it could not be run.

    Raises ConfigError for a key that does not exist.
    """
    bindings = _own_keys(completer, local, last_slip)
    # later than ours, which they thereby replace
    for keys, line in config.keys.items():
        if not keys.split():
            raise config.problem(f"keys: '{keys}' is not a key")
        try:
            bindings.add(*keys.split())(partial(_run, line))
        except ValueError as error:
            raise config.problem(f"keys: '{keys}': {error}") from error
    return bindings


def _own_keys(
    completer: LineCompleter | None, local: bool, last_slip: Callable[[], Slip]
) -> KeyBindings:
    bindings = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER) & (emacs_insert_mode | vi_insert_mode)

    @bindings.add("tab", filter=typing)
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None:
            buffer.complete_next()
        elif completer is not None:
            completer.complete(buffer)

    @Condition
    def slipped() -> bool:
        line = last_slip().line
        return bool(line) and get_app().current_buffer.text in ("", line)

    @bindings.add("up", filter=typing & slipped & ~has_completions)
    def previous(event: KeyPressEvent) -> None:
        buffer, slip = event.current_buffer, last_slip()
        if not buffer.text:
            buffer.document = Document(slip.line, min(slip.column, len(slip.line)))
            return
        # the user has not typed it as the beginning of a line to search for
        buffer.history_search_text = ""
        buffer.history_backward()
        if buffer.text == slip.line:
            buffer.history_backward()  # it is the newest line itself

    @bindings.add("f1")
    def browse(event: KeyPressEvent) -> None:
        # the typed text is restored when the browser is left
        leave_search(event.app.layout)
        event.app.erase_when_done = True
        event.app.exit(result=BROWSE + event.current_buffer.text)

    @bindings.add("c-x", "c-e", filter=typing & Condition(lambda: local))
    def edit(event: KeyPressEvent) -> None:
        # unlike bash, do not run what the editor leaves: it may be what was there
        event.current_buffer.open_in_editor()

    @bindings.add(Keys.BracketedPaste)
    def paste(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        event.current_buffer.insert_text(without_prompts(text))

    return bindings


def take_system_keys(session: PromptSession[str]) -> None:
    """Take the keys from a session's prompt for shell commands, which is never shown.

    prompt_toolkit's own filters would keep the combinations with these keys' filters, and
    with them the session's buffers, for as long as the process lives.
    """
    for window in session.layout.find_all_windows():
        control = window.content
        if isinstance(control, BufferControl) and control.buffer.name == SYSTEM_BUFFER:
            control.key_bindings = None


def leave_search(layout: Layout) -> None:
    """Return the focus to the line, in case a search in the history has it."""
    for control, line in list(layout.search_links.items()):
        layout.focus(line)
        del layout.search_links[control]
        control.buffer.reset()


def _run(line: str, event: KeyPressEvent) -> None:
    leave_search(event.app.layout)
    event.current_buffer.text = line
    event.current_buffer.validate_and_handle()
