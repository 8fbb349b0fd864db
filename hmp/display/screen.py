"""What a terminal can show: decided here and nowhere else.

NO_COLOR (any value) disables colours, FORCE_COLOR (any value but 0) enables them even
without a terminal, TERM=dumb or an unset TERM means a terminal that can only print.
ACCESSIBLE (any value but 0) asks for the same: no redrawing, no boxes, no colours.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_CELL = 10, 20
"""Pixels of a cell if the terminal does not report them."""
# values of TERM for terminals that only print, or of which nothing is known
_DUMB = ("", "dumb", "unknown")


class Screen:
    """A terminal's size and abilities.

    width, height: in cells. dumb: it only prints; no cursor movement, no colours.
    colours: whether to use any. unicode: whether it shows more than ASCII.
    """

    __slots__ = ("_fd", "colours", "dumb", "height", "truecolour", "unicode", "width")

    def __init__(self, fd: int, environment: Mapping[str, str]) -> None:
        self._fd = fd
        terminal = os.isatty(fd)
        self.width, self.height = 80, 24
        if terminal:
            # a serial line, or a new pty, reports 0 by 0
            size = os.get_terminal_size(fd)
            self.width, self.height = size.columns or 80, size.lines or 24
        forced = _is_on(environment, "FORCE_COLOR")
        plain = _is_on(environment, "ACCESSIBLE")
        self.dumb = plain or environment.get("TERM", "") in _DUMB
        self.colours = (
            (terminal and not self.dumb) or forced
        ) and "NO_COLOR" not in environment
        self.truecolour = environment.get("COLORTERM", "") in ("truecolor", "24bit")
        locale = next(
            (
                environment[name]
                for name in ("LC_ALL", "LC_CTYPE", "LANG")
                if environment.get(name)
            ),
            "C.UTF-8",  # Python's default when no locale is set
        )
        self.unicode = "utf" in locale.lower()

    @property
    def pixels(self) -> tuple[int, int]:
        """The window's width and height in pixels; a guess if it does not report them."""
        import struct
        from contextlib import suppress
        from fcntl import ioctl
        from termios import TIOCGWINSZ

        width = height = 0
        # not every terminal fills in the pixels; many leave them 0
        with suppress(OSError, ValueError):
            _, _, width, height = struct.unpack(
                "HHHH", ioctl(self._fd, TIOCGWINSZ, bytes(8))
            )
        wide, high = _CELL
        return width or self.width * wide, height or self.height * high


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "0") not in ("", "0")
