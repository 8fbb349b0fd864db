"""Views and errors for people: Rich renderables turned into text for a terminal.

A `Call` comes in; the result is text with our own terminal codes, in which all strings of
the machine are sanitised. Nothing here writes: `hmp.display.output` and the sessions do.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.console import Console, Group
from rich.errors import StyleSyntaxError
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

from hmp.display.call_view import error_for_eyes, view_of
from hmp.display.sanitise import one_line, sanitise
from hmp.display.theme import STYLES
from hmp.display.views import CELLS, LINES, TooLargeError, limited
from hmp.monitor.call import presented
from hmp.monitor.errors import LineError
from hmp.monitor.gathered import GatheredCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from hmp.display.screen import Screen
    from hmp.monitor.call import Call


def use_styles(styles: Mapping[str, str]) -> None:
    """Replace some of our styles by the user's. Raises ValueError for a bad one."""
    for name, style in styles.items():
        if name not in STYLES:
            known = ", ".join(STYLES)
            raise ValueError(f"no style '{name}'; the styles are {known}")
        try:
            Style.parse(style)
        except StyleSyntaxError as error:
            raise ValueError(f"'{name}': {error}") from error
    STYLES.update(styles)


def render(renderable: RenderableType, screen: Screen) -> str:
    """Return a renderable as text for a screen."""
    stream = StringIO() if screen.unicode else _Ascii()
    console = Console(
        file=stream,
        width=screen.width,
        theme=Theme(STYLES),
        force_terminal=screen.colours,
        color_system=_colour_system(screen),
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        # otherwise Rich would read the environment itself
        _environ={},
        no_color=not screen.colours,
    )
    console.print(renderable)
    text = stream.getvalue()
    return text if screen.unicode else _in_ascii(text)


def cropped(lines: Iterable[Iterable[tuple[str, str]]], screen: Screen) -> str:
    """Return lines of styled pieces as text for a screen, cut at its right edge."""
    texts = (Text.assemble(*line, no_wrap=True, overflow="crop") for line in lines)
    return render(Group(*texts), screen)


class _Ascii(StringIO):
    """A stream for which Rich draws lines in ASCII."""

    encoding = "ascii"


def _in_ascii(text: str) -> str:
    """Return the text with our marks in ASCII, and other characters as escapes."""
    # one character for one, so that columns keep their places; an escape moves them
    marks = text.maketrans("●○✖…█░→µ", "*ox~#.>u")
    return text.translate(marks).encode("ascii", "backslashreplace").decode()


def _colour_system(screen: Screen) -> Literal["256", "truecolor"] | None:
    if not screen.colours:
        return None
    return "truecolor" if screen.truecolour else "256"


_TOO_LARGE = f"(too large for a view: more than {CELLS:,} cells or {LINES:,} lines)\n"


def render_view(call: Call, screen: Screen) -> str | None:
    """Return the view of a call's value, or None without one.

    Raises TooLargeError; exceptions of a view on an unexpected value pass through.
    """
    if isinstance(call, GatheredCall):
        from hmp.display.gathered_view import gathered_view

        with limited():
            view = gathered_view(call)
    else:
        with limited():
            view = view_of(call)
    return None if view is None else render(view, screen)


def present(call: Call, screen: Screen, column: int | None = None) -> str:
    """Return the output for a call: its view, its text or its error.

    column: as for `render_error`.
    """
    text = presented(call, lambda call: result_text(call, screen))
    return text if call.error is None else render_error(call, screen, column)


def result_text(call: Call, screen: Screen) -> str:
    """Return the view of a call's value, or its text if the view is missing or too large.

    Exceptions of the view or the text pass through.
    """
    note = ""
    try:
        view = render_view(call, screen)
    except TooLargeError:
        view, note = None, _TOO_LARGE
    return note + sanitise(call.text()) if view is None else view


def render_error(call: Call, screen: Screen, column: int | None = None) -> str:
    """Return the error of a call.

    column: the screen column at which the line begins if it is right above, as typed, so
    that a mark can point at the error. None: write the line first.
    """
    error = call.error
    text = Text()
    if isinstance(error, LineError):
        line = call.shown_line
        if column is None:
            text.append(f"  {one_line(line)}\n")
        before = cell_len(one_line(line[: error.column]))
        text.append(" " * ((2 if column is None else column) + before))
        text.append("^\n", "hmp.mark")
        if error.reason and not error.message:
            text.append(f"{one_line(error.reason)}\n", "hmp.error")
    text.append(error_for_eyes(call), "hmp.error")
    hint = call.hint
    if isinstance(error, LineError) and error.message:
        # QEMU's message for a badly quoted word is that of a missing one
        hint = error.reason or hint
    if hint:
        text.append(f"{one_line(hint)}\n", "hmp.hint")
    text.rstrip()
    return render(text, screen)
