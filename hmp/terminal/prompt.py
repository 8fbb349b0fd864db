"""The prompt: its text, colours and bottom bar, as configured."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Always
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from hmp.display.sanitise import one_line
from hmp.display.theme import BLUE, GREEN, GREY, HEX, PINK, PURPLE, RED
from hmp.frontends.shell import split_output, unfinished_output
from hmp.monitor.line import inner_line, is_comment
from hmp.terminal.highlighting import LineLexer
from hmp.terminal.history import EarlierLines, PromptHistory
from hmp.terminal.keys import (
    ESCAPE,
    NO_SLIP,
    Slip,
    leave_search,
    prompt_keys,
    take_system_keys,
)
from hmp.terminal.toolbar import Bar

if TYPE_CHECKING:
    from typing import Any

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from hmp.display.screen import Screen
    from hmp.frontends.config import Config
    from hmp.frontends.parsing import LineParser
    from hmp.frontends.state import MachineState
    from hmp.terminal.completer import LineCompleter

_NAME = 8
"""The characters that a shortened name keeps at least."""
_STYLE = {
    "prompt.name": "bold",
    "prompt.state": HEX[PURPLE],
    "prompt.mode": f"{HEX[RED]} bold",
    "bottom-toolbar": f"noreverse bg:{HEX[GREY]} fg:#ffffff",
    "bottom-toolbar.dim": "",
    "bottom-toolbar.wrong": f"bg:{HEX[RED]} fg:#ffffff",
    "completion-menu": "bg:#303030 fg:#ffffff",
    "completion-menu.completion": "bg:#303030 fg:#ffffff",
    "completion-menu.completion.current": "noreverse bg:#ffffff fg:#000000 bold",
    "completion-menu.meta.completion": "bg:#303030 fg:#d0d0d0",
    "completion-menu.meta.completion.current": "noreverse bg:#ffffff fg:#303030",
    "unfit": "bg:#303030 fg:#a8a8a8 italic",
    "auto-suggestion": f"fg:{HEX[GREY]}",
    "pygments.name.function": f"fg:{HEX[BLUE]} bold noinherit",
    "pygments.name.attribute": f"fg:{HEX[PINK]} noinherit",
    "pygments.literal.string": f"fg:{HEX[GREEN]} noinherit",
    "pygments.literal.number": f"fg:{HEX[BLUE]} noinherit",
    "pygments.literal": f"fg:{HEX[PINK]} noinherit",
    "pygments.keyword.constant": f"fg:{HEX[PURPLE]} noinherit",
    "pygments.error": f"fg:{HEX[RED]} underline noinherit",
}


class Prompt:
    """A prompt_toolkit prompt for a monitor's lines."""

    def __init__(
        self,
        config: Config,
        state: MachineState,
        history: PromptHistory,
        completer: LineCompleter,
        parse: LineParser,
        screen: Screen,
        local: bool = False,
        leaving: str = "leaves",
    ) -> None:
        self.config = config
        self.state = state
        self.parse = parse
        vi = config.editing == "vi"
        self.session: PromptSession[str] = PromptSession(
            self.text,
            history=history,
            auto_suggest=EarlierLines(history, self._fits) if config.suggestions else None,
            completer=completer,
            complete_while_typing=config.complete_while_typing,
            lexer=LineLexer(parse, completer.diagnose),
            bottom_toolbar=self._toolbar if config.toolbar else None,
            style=_style(config),
            color_depth=None if screen.colours else ColorDepth.DEPTH_1_BIT,
            editing_mode=EditingMode.VI if vi else EditingMode.EMACS,
            key_bindings=prompt_keys(config, completer, local, lambda: self.slip),
            cursor=ModalCursorShapeConfig() if vi else None,
            enable_suspend=local,
        )
        take_system_keys(self.session)
        self.session.app.ttimeoutlen = ESCAPE
        buffer = self.session.default_buffer
        # not by the argument of the same name, which would end completion while typing
        buffer.enable_history_search = Always()
        buffer.accept_handler = self._accept
        self._interrupted = False
        self.completer = completer
        self.slip = NO_SLIP
        look, defaults = completer.word_cache.look, completer.defaults
        self.bar = Bar(look, defaults, completer.diagnose, leaving)
        if completer.fetcher is not None:
            completer.fetcher.on_news = self._on_news

    def _fits(self, text: str) -> bool:
        """Return whether all that a line names is on this machine, as far as is known."""
        line = self.parse(text)
        inner = inner_line(line)
        if inner is not None:
            return self._fits(text[inner:])
        return self.completer.diagnose(line) is None

    def _accept(self, buffer: Buffer) -> bool:
        """Leave the prompt; several lines are shown again, each before its result."""
        app = self.session.app
        app.erase_when_done = len(_lines(buffer.text)) > 1
        app.exit(result=buffer.text)
        return True

    def text(self) -> StyleAndTextTuples:
        """Return the prompt for the machine's present state.

        It takes at most half of the screen's width: the name is shortened.
        """
        parts = self.state.prompt(self.config.prompt)
        room = self.session.app.output.get_size().columns // 2
        excess = get_cwidth("".join(text for _, text in parts)) - room
        return [
            (style, _shortened(text, excess) if style == "class:prompt.name" else text)
            for style, text in parts
        ]

    @property
    def width(self) -> int:
        """The width of the prompt in cells."""
        from rich.cells import cell_len

        return cell_len("".join(part[1] for part in self.text()))

    def _on_news(self) -> None:
        """Open the menu that waits for words, and redraw bar and suggestion with them."""
        buffer, fetcher = self.session.default_buffer, self.completer.fetcher
        if not self.session.app.is_running or fetcher is None:
            return
        # not if the user has typed on: the menu would be for another text
        if fetcher.awaited == buffer.document.text_before_cursor:
            fetcher.awaited = None
            if buffer.complete_state is None:
                if fetcher.requested:
                    self.completer.complete(buffer)
                else:
                    buffer.start_completion()
        if buffer.auto_suggest is not None and buffer.suggestion is not None:
            buffer.suggestion = buffer.auto_suggest.get_suggestion(buffer, buffer.document)
        self.session.app.invalidate()

    def _toolbar(self) -> StyleAndTextTuples:
        app = self.session.app
        if app.editing_mode != EditingMode.VI:
            return self._bar(app.output.get_size().columns)
        now = app.vi_state.input_mode
        mode = f"{'normal' if now == InputMode.NAVIGATION else 'insert'}  "
        return [("bold", mode), *self._bar(app.output.get_size().columns - len(mode))]

    def _bar(self, width: int) -> StyleAndTextTuples:
        document = self.session.default_buffer.document
        text = document.current_line_before_cursor
        if "\n" in document.text and (said := _several(document)):
            return [("", said)]
        if text.startswith("!"):
            return [("", "a shell command on this host")]
        slip = self.slip
        if slip.line and document.text in ("", slip.line):
            how = "" if document.text else " (press Up to fix the line)"
            return [("class:bottom-toolbar.wrong", one_line(slip.problem + how))]
        if text.startswith("{"):
            return [("", "a QMP message")]
        command, redirect = split_output(text)
        if sign := redirect.kind if redirect else unfinished_output(text):
            place = "a shell command" if sign == "|" else "a file"
            return [("", f"the output goes to {place} on this host")]
        if self.parse.is_alias(text):
            name = text.split()[0]
            return [("", one_line(f"{name} = {'; '.join(self.parse.aliases[name])}"))]
        bar = self.bar.describe(command, self.parse.monitor.commands, width)
        if self.completer.fetcher is not None:
            self.completer.fetcher.start()  # fetch the words that the bar lacked
        return bar

    def interrupt(self) -> None:
        """Handle a SIGINT while no line runs: drop the typed text, or cancel a line.

        The cancelled line is one that was entered but does not run yet.
        """
        app = self.session.app
        if app.is_running and not app.is_done:
            # this is a signal handler: only the thread-safe call wakes a loop that waits
            # for keys
            asyncio.get_running_loop().call_soon_threadsafe(self._drop_line)
        else:
            self._interrupted = True

    def _drop_line(self) -> None:
        app = self.session.app
        if app.is_running and not app.is_done:
            app.exit(exception=KeyboardInterrupt(), style="class:aborting")
        else:
            self._interrupted = True

    def take_interrupt(self) -> bool:
        """Whether Ctrl-C came after a line was entered: as a signal, or still as a key."""
        source = self.session.app.input
        keys = [*get_typeahead(source), *source.read_keys()]
        places = [place for place, key in enumerate(keys) if key.key == Keys.ControlC]
        # like a terminal, drop the text typed before it
        store_typeahead(source, keys[places[-1] + 1 :] if places else keys)
        came, self._interrupted = self._interrupted or bool(places), False
        return came

    async def read(self, default: str = "", slip: Slip = NO_SLIP) -> str | None:
        """Return a line, `BROWSE`, or None at the end of input.

        default: the initial text. slip: the last line if it could not be run.
        """

        def begin() -> None:
            self._interrupted = False  # no line was entered that it could cancel

        self.session.app.erase_when_done = False
        self.slip = slip
        while True:
            leave_search(self.session.app.layout)
            try:
                return await prompted(self.session, default=default, pre_run=begin)
            except KeyboardInterrupt:
                default, self.slip = "", NO_SLIP
            except EOFError:
                return None


def _shortened(name: str, excess: int) -> str:
    """Return a name with fewer characters in its middle, but not unrecognisably few."""
    kept = max(len(name) - excess - 1, _NAME)
    if excess <= 0 or kept >= len(name) - 1:
        return name
    return f"{name[: kept // 2]}…{name[kept // 2 - kept :]}"


async def prompted(session: PromptSession[str], *args: Any, **options: Any) -> str:
    """Return what a session's prompt reads; it leaves signals and exceptions to us.

    The parameters are those of `PromptSession.prompt_async`.
    """
    # prompt_toolkit handles keys that were typed ahead before it sets the terminal up; one
    # of them, Ctrl-L, makes the terminal answer where its cursor is, which it would echo
    with session.app.input.raw_mode():
        return await session.prompt_async(
            *args, **options, handle_sigint=False, set_exception_handler=False
        )


def _lines(text: str) -> list[str]:
    """Return the lines that a text runs; a QMP message counts as one."""
    if "\n" not in text:
        return [text]
    from hmp.monitor.raw_qmp import join_messages  # late: few lines need it

    return join_messages([line for line in text.split("\n") if line.strip()])


def _several(document: Document) -> str:
    """Describe pasted lines; empty if the cursor is in one of them, to change it."""
    lines = _lines(document.text)
    if document.current_line in lines and not document.is_cursor_at_the_end:
        return ""
    commands = [line for line in lines if line.strip() and not is_comment(line)]
    if not commands:
        return "comments, which are not run"
    if len(commands) > 1:
        return f"{len(commands)} lines; Enter runs them"
    if commands[0] in document.lines:
        return "1 line; Enter runs it"
    return "a QMP message of several lines; Enter runs it"


def check_settings(config: Config) -> None:
    """Check the settings that only a session uses. Raises ConfigError."""
    prompt_keys(config)
    _style(config)


def _style(config: Config) -> Style:
    """Return the prompt's style; names that begin with ``hmp.`` are Rich's."""
    theme = config.theme
    rich = {name: style for name, style in theme.items() if name.startswith("hmp.")}
    if rich:
        from hmp.display.richtext import use_styles

        try:
            use_styles(rich)
        except ValueError as error:
            raise config.problem(f"theme: {error}") from error
    own = {name: style for name, style in theme.items() if not name.startswith("hmp.")}
    try:
        return Style.from_dict(_STYLE | own)
    except (ValueError, AssertionError) as error:  # AssertionError: a bad name
        raise config.problem(f"theme: {error}") from error
