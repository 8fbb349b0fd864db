"""``top``: all machines of a set on one screen, drawn again at intervals."""

from __future__ import annotations

import asyncio
from textwrap import wrap
from time import localtime, monotonic, strftime
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, Layout, Window

from hmp.display.richtext import cropped
from hmp.display.sanitise import one_line
from hmp.fleet.gauges import INTERVAL, PATIENCE
from hmp.fleet.sample import Sampler, unanswered
from hmp.fleet.top_table import SORTS, counted, fitting, header, matching, row
from hmp.qmp.errors import MachineGoneError, NoReplyError
from hmp.terminal.keys import ESCAPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from prompt_toolkit.key_binding import KeyPressEvent

    from hmp.display.screen import Screen
    from hmp.fleet.sample import Reading
    from hmp.fleet.top_table import Line
    from hmp.qmp.connection import Connection

_KEYS = {
    "n": "name",
    "s": "state",
    "c": "cpu",
    "m": "memory",
    "d": "disk",
    "t": "network",
    "w": "work",
}
_HELP = "?: keys  /: filter  Enter: open  q: leave"
_ORDERS = ", ".join(f"{key} {name}" for key, name in _KEYS.items()) + ", r reverse"
_AROUND = 4
"""The lines around the rows, unless the keys are explained."""


class Top:
    """The screen; look: returns all readings, and never takes long.

    screen: returns the terminal's size and abilities. The order, the filter and the chosen
    machine remain from one run to the next.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Sequence[Reading]]],
        screen: Callable[[], Screen],
        interval: float = INTERVAL,
    ) -> None:
        self.look = look
        self.screen = screen
        self.interval = interval
        self.readings: Sequence[Reading] = ()
        self.order = "name"
        self.reverse = False
        self.filter = ""
        self.typing = False
        self.explains = False
        self.chosen = ""
        self._application: Application[str | None] | None = None

    async def run(self) -> str | None:
        """Show the machines until the user leaves; return the one to open, or None."""
        control = FormattedTextControl(self._drawn, show_cursor=False)
        application: Application[str | None] = Application(
            layout=Layout(Window(control, wrap_lines=False)),
            key_bindings=self._bindings(),
            full_screen=True,
        )
        application.ttimeoutlen = ESCAPE
        self._application = application
        application.create_background_task(self._follow())
        # prompt_toolkit's handler of exceptions would wait for Enter below a traceback
        return await application.run_async(handle_sigint=False, set_exception_handler=False)

    def leave(self) -> None:
        """End the run, from within its loop."""
        application = self._application
        if application is not None and application.is_running and not application.is_done:
            application.exit()

    async def _follow(self) -> None:
        """Look again and again."""
        while True:
            begun = monotonic()
            self.readings = await self.look()
            if self._application is not None:
                self._application.invalidate()
            # keys get a turn even if each look takes longer than the interval
            await asyncio.sleep(max(begun + self.interval - monotonic(), 0.1))

    # What is shown

    @property
    def rows(self) -> list[Reading]:
        """The readings that the filter leaves, in order."""
        return sorted(
            matching(self.readings, self.filter),
            key=SORTS[self.order],
            reverse=self.reverse,
        )

    def _drawn(self) -> ANSI:
        screen = self.screen()
        return ANSI(cropped(self.lines(screen), screen))

    def lines(self, screen: Screen) -> list[Line]:
        """Return all lines for a screen."""
        rows = self.rows
        columns = fitting(self.readings, screen.width)
        place = self._place(rows)
        notes = self._notes(rows, place, screen.width)
        room = max(screen.height - _AROUND + 1 - len(notes), 1)
        first = max(0, min(place - room // 2, len(rows) - room))
        shown = [
            self._marked(row(reading, columns), number == place, screen.width)
            for number, reading in enumerate(rows[first : first + room], first)
        ]
        # empty rows, so that the foot stays at the bottom
        shown += [[]] * (room - len(shown))
        return [
            self._title(),
            header(columns),
            *shown,
            *notes,
            self._foot(),
        ]

    def _title(self) -> Line:
        if not self.readings:
            return [("waiting for the first answers", "hmp.detail")]
        clock = strftime("%H:%M:%S", localtime())
        return [(f"{clock}  {counted(self.readings)}", "hmp.title")]

    def _notes(self, rows: Sequence[Reading], place: int, width: int) -> list[Line]:
        """Return why the chosen machine does not answer, or which rows are shown."""
        if self.explains:
            return [[(line, "hmp.hint")] for line in wrap(f"order: {_ORDERS}", width)]
        if rows and "error" in rows[place]:
            return [[(one_line(rows[place]["error"]), "hmp.error")]]
        count = f"{place + 1 if rows else 0} of {len(rows)}"
        order = f"by {self.order}{' reversed' if self.reverse else ''}"
        return [[(f"{count}, {order}, every {self.interval:g} s", "hmp.detail")]]

    def _foot(self) -> Line:
        if self.typing or self.filter:
            return [(f"filter: {one_line(self.filter)}{'_' if self.typing else ''}", "")]
        return [(_HELP, "hmp.detail")]

    def _marked(self, line: Line, chosen: bool, width: int) -> Line:
        if not chosen:
            return line
        text = "".join(text for text, _ in line)
        return [(text.ljust(width), "reverse")]

    def _place(self, rows: Sequence[Reading]) -> int:
        names = [reading["target"] for reading in rows]
        return names.index(self.chosen) if self.chosen in names else 0

    # Keys

    def _move(self, by: int) -> None:
        rows = self.rows
        if rows:
            place = min(max(self._place(rows) + by, 0), len(rows) - 1)
            self.chosen = rows[place]["target"]

    def _page(self) -> int:
        return max(self.screen().height - _AROUND, 1)

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()
        # by=by: when a key comes, the loop's own variable has the last number
        for key, by in (("up", -1), ("down", 1), ("c-p", -1), ("c-n", 1)):
            keys.add(key)(lambda event, by=by: self._move(by))
        for key, sign in (("pageup", -1), ("pagedown", 1)):
            keys.add(key)(lambda event, sign=sign: self._move(sign * self._page()))
        keys.add("home")(lambda event: self._move(-len(self.readings)))
        keys.add("end")(lambda event: self._move(len(self.readings)))

        @keys.add("<any>")
        def take(event: KeyPressEvent) -> None:
            self._take(event.data)

        @keys.add("backspace")
        def erase(event: KeyPressEvent) -> None:
            self.filter = self.filter[:-1]

        @keys.add("enter")
        def enter(event: KeyPressEvent) -> None:
            if self.typing:
                self.typing = False
            elif rows := self.rows:
                self.chosen = rows[self._place(rows)]["target"]
                event.app.exit(result=self.chosen)

        @keys.add("escape", eager=True)
        def back(event: KeyPressEvent) -> None:
            # to leave takes another key: terminals send this one within others, too
            self.typing, self.filter, self.explains = False, "", False

        for key in ("c-c", "c-d"):
            keys.add(key)(lambda event: self.leave())
        return keys

    def _take(self, text: str) -> None:
        """Take a key that prints something."""
        if self.typing:
            self.filter += text if text.isprintable() else ""
        elif text in _KEYS:
            self.order = _KEYS[text]
        elif text == "r":
            self.reverse = not self.reverse
        elif text == "?":
            self.explains = not self.explains
        elif text == "/":
            self.typing = True
        elif text == "q":
            self.leave()


class Live:
    """Reads machines that a session is connected to.

    connections: returns them by name, as they are now; None for one that is not there.
    """

    def __init__(self, connections: Callable[[], Mapping[str, Connection | None]]) -> None:
        self.connections = connections
        self._samplers: dict[str, Sampler] = {}

    async def look(self) -> Sequence[Reading]:
        """Return what each machine does now, within `PATIENCE`."""
        there = self.connections().items()
        return await asyncio.gather(*(self._read(name, each) for name, each in there))

    async def _read(self, name: str, connection: Connection | None) -> Reading:
        if connection is None:
            return unanswered(name, "it is not connected")
        sampler = self._samplers.get(name)
        if sampler is None or sampler.connection is not connection:
            sampler = self._samplers[name] = Sampler(connection)
        return await _reading(name, sampler)


async def _reading(name: str, sampler: Sampler) -> Reading:
    try:
        return await asyncio.wait_for(sampler.reading(name), PATIENCE)
    except TimeoutError:
        return unanswered(name, f"no answer within {PATIENCE:g} s")
    except (MachineGoneError, NoReplyError) as error:
        return unanswered(name, str(error))
