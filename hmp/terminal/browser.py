"""The help browser: all commands on a full screen, searched while the user types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import (
    BufferControl,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.styles import Style

from hmp.display.elide import end_cut
from hmp.display.help_views import help_view
from hmp.display.richtext import render
from hmp.display.sanitise import one_line, sanitise
from hmp.display.theme import BLUE, GREY, HEX
from hmp.language.words import as_argument
from hmp.monitor.availability import mark_unavailable
from hmp.monitor.help import (
    SEARCHED,
    documented,
    everything,
    find,
    illustrated,
    search,
    topics,
)
from hmp.qmp.errors import MachineGoneError
from hmp.terminal.keys import ESCAPE

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from hmp.monitor.help import Topic
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.screen_output import ScreenOutput

_STYLES = {"chosen": "reverse", "head": "bold", "dim": HEX[GREY], "frame": HEX[BLUE]}
_STYLE = Style.from_dict(_STYLES)
_NAMES = 32
"""The width of the column of names, which in a narrow terminal takes less than half."""
_HELP = (
    "type to search",
    "Up/Down",
    "Enter shows",
    "Tab inserts",
    "Esc leaves",
    "-: not here",
)
_DISPENSABLE = -1, 0, 0
"""Which parts of the help a narrow terminal leaves out, one after the other."""


class HelpBrowser:
    """A full-screen list of the monitor's commands and QMP commands, with a search.

    typed: the text at the prompt. If it begins with a command, that command's page is
    opened, otherwise it is the initial search. kinds: the kinds of arguments by letter.
    """

    def __init__(
        self, monitor: Monitor, output: ScreenOutput, typed: str, kinds: Mapping[str, Kind]
    ) -> None:
        self.monitor = monitor
        self.kinds = kinds
        self.output = output
        self.all: list[Topic] = topics(monitor.commands)
        self.found: list[Topic] = self.all
        self.index = 0
        self.page: list[str] | None = None
        self.scroll = 0
        self.search = Buffer(multiline=False, on_text_changed=self._on_search)
        topic = find(monitor.commands, typed.split()) if typed.strip() else None
        direct = topic is not None and "commands" not in topic
        self.filled = topic["name"] if direct and topic else typed.strip()[:SEARCHED]
        self.direct = False
        self.search.insert_text(self.filled)
        self.direct = direct

    async def run(self) -> str | None:
        """Browse; return the command to put at the prompt, or None."""
        layout = HSplit(
            [
                VSplit(
                    [
                        Window(FormattedTextControl("search: "), width=8, height=1),
                        Window(BufferControl(self.search), height=1),
                    ]
                ),
                Window(height=1, char="─", style="class:frame"),
                Window(FormattedTextControl(self._list), wrap_lines=False),
                Window(FormattedTextControl(self._help), height=1, style="class:dim"),
            ]
        )
        application: Application[str | None] = Application(
            layout=Layout(layout, focused_element=self.search),
            key_bindings=self._keys(),
            full_screen=True,
            style=_STYLE,
            mouse_support=False,
        )
        application.ttimeoutlen = ESCAPE
        # in the background: the machine may be slow to describe its commands
        self._application = application
        self._in_background(self._load())
        if self.direct:
            self._show()
        # the session handles both for as long as it lasts
        return await application.run_async(handle_sigint=False, set_exception_handler=False)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside the user's keys, then draw the screen again."""
        done = self._application.create_background_task(work)
        done.add_done_callback(lambda _: self._application.invalidate())

    async def _load(self) -> None:
        """Add the machine's QMP commands, and the documentation of all commands."""
        try:
            found = await everything(self.monitor.qmp, self.monitor.commands)
            await mark_unavailable(self.monitor, found)
        except MachineGoneError:
            # the commands that hmp knows itself stay
            return
        self.all = found
        chosen = self.found[self.index]["name"] if self.found else ""
        self.found = search(self.all, self.search.text)
        names = [topic["name"] for topic in self.found]
        self.index = names.index(chosen) if chosen in names else 0

    def _on_search(self, buffer: Buffer) -> None:
        if self.direct and buffer.text.startswith(self.filled):
            # the command's whole name was filled in; what is typed after it is a new search
            self.direct = False
            buffer.document = Document(buffer.text.removeprefix(self.filled))
            return  # this was called again
        if len(buffer.text) > SEARCHED:
            buffer.document = Document(buffer.text[:SEARCHED])
            return  # this was called again
        self.found = search(self.all, buffer.text)
        self.index = 0
        self.page = None
        self.direct = False

    @property
    def _rows(self) -> int:
        return max(self.output.screen().height - 4, 3)

    def _help(self) -> str:
        """Return what the keys do, as far as it fits."""
        parts = list(_HELP)
        for place in _DISPENSABLE:
            if len(" · ".join(parts)) > self.output.screen().width:
                del parts[place]
        return " · ".join(parts)

    def _list(self) -> StyleAndTextTuples:
        if self.page is not None:
            lines = self.page[self.scroll : self.scroll + self._rows]
            return [("", "\n".join(lines))]
        # the chosen one in the middle, except near the ends
        first = max(0, min(self.index - self._rows // 2, len(self.found) - self._rows))
        parts: StyleAndTextTuples = []
        screen = self.output.screen()
        width = min(_NAMES, screen.width // 2 - 3)
        room, more = screen.width - width - 3, "…" if screen.unicode else "..."
        for number, topic in enumerate(self.found[first : first + self._rows], first):
            style = "class:chosen" if number == self.index else ""
            name = one_line(topic["label"])
            if "unavailable" in topic:
                style = style or "class:dim"
                name += " -"
            left = max(room - len(name[width:]), 0)
            about = end_cut(one_line(topic["help"]), left, more)
            parts += [(style, f" {name:{width}} "), ("class:dim", f" {about}\n")]
        return parts or [("class:dim", " no match\n")]

    def _show(self) -> None:
        """Show the page of the chosen command, and complete it from the machine."""
        topic = self.found[self.index]
        self._draw(topic)
        self.scroll = 0
        if topic["category"] != "QMP":
            self._in_background(self._complete(topic))

    async def _complete(self, topic: Topic) -> None:
        """Add an example and the schema's documentation to the page that is shown."""
        monitor = self.monitor
        try:
            whole = await illustrated(monitor.qmp, monitor.commands, topic, self.kinds)
            whole = await documented(monitor.qmp, whole)
        except MachineGoneError:
            return
        chosen = self.found[self.index]["name"] if self.found else ""
        if self.page is not None and chosen == topic["name"]:
            self._draw(whole)

    def _draw(self, topic: Topic) -> None:
        screen = self.output.screen()
        screen.colours = False
        if topic["category"] == "QMP":
            text = "".join(topic["documentation"].values()) or "no documentation\n"
        else:
            text = render(help_view(topic), screen)
        self.page = sanitise(text).split("\n")

    def _move(self, by: int) -> None:
        if self.page is not None:
            self.scroll = min(max(self.scroll + by, 0), max(len(self.page) - self._rows, 0))
        elif self.found:
            self.index = min(max(self.index + by, 0), len(self.found) - 1)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        for key, by in (("up", -1), ("down", 1), ("c-p", -1), ("c-n", 1)):
            keys.add(key)(lambda event, by=by: self._move(by))
        keys.add("pageup")(lambda event: self._move(-self._rows))
        keys.add("pagedown")(lambda event: self._move(self._rows))

        @keys.add("enter")
        def show(event: KeyPressEvent) -> None:
            if self.page is None and self.found:
                self._show()
            elif self.page is not None:
                self._leave(event)

        @keys.add("tab")
        def insert(event: KeyPressEvent) -> None:
            if self.found:
                self._leave(event)

        # eager: otherwise prompt_toolkit waits for the rest of a key that begins with
        # Escape
        @keys.add("escape", eager=True)
        @keys.add("c-c")
        @keys.add("c-d")
        @keys.add("f1")
        def leave(event: KeyPressEvent) -> None:
            back = event.key_sequence[0].key == "escape" and not self.direct
            if self.page is not None and back:
                self.page = None
            else:
                event.app.exit(result=None)

        return keys

    def _leave(self, event: KeyPressEvent) -> None:
        """Return to the prompt with the chosen command, or with the line as it was."""
        event.app.exit(result=None if self.direct else self._chosen())

    def _chosen(self) -> str | None:
        """Return the chosen command as it has to be typed; None if that is impossible."""
        topic = self.found[self.index]
        if topic["category"] != "QMP":
            return f"{topic['name']} "
        (name,) = topic["qmp"]
        written = as_argument(name)
        return None if written is None else f"qmp {written} "
