"""A screenshot of the guest, drawn on our own terminal."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.display.picture import (
    BLOCKS,
    SIXEL,
    PictureError,
    draw_blocks,
    draw_dots,
    draw_png,
    draw_shades,
    fitted,
    png_size,
    read_ppm,
    two_tones,
    wants_png,
)
from hmp.display.sixel import draw_sixel
from hmp.display.vga_text import ADDRESS, SIZE, draw_text, may_be_text, read_text
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.display.screen import Screen
    from hmp.monitor.monitor import Monitor

# the release whose screendump got a format
_PNG_SINCE = (7, 1, 0)
# lines of the screen that are kept for the command, the next prompt and the toolbar
_PROMPT_LINES = 3
_MOST = 1 << 24
"""The most bytes of PNG data that are sent to a terminal."""


class Screenshot:
    """A picture as the machine wrote it, and the protocol to show it with.

    memory: the video memory of text modes, where the picture may be one of text.
    """

    def __init__(self, data: bytes, kind: str, memory: bytes = b"") -> None:
        self.data = data
        self.kind = kind
        self.memory = memory

    def drawn(self, screen: Screen) -> str:
        """Return the text that draws it on a screen. Raises PictureError."""
        if wants_png(self.kind):
            if len(self.data) > _MOST:
                raise PictureError(
                    f"a picture of {len(self.data) >> 20} MiB is too large to be drawn;"
                    " 'screendump FILE' saves it"
                )
            return draw_png(self.data, self.kind, self._cells(screen))
        text = self.text(screen.colours, screen.unicode)
        if text is not None:
            return text
        picture = read_ppm(self.data)
        if self.kind == SIXEL:
            width, height = screen.pixels
            below = _PROMPT_LINES * height // max(screen.height, 1)
            return draw_sixel(picture, width, height - below)
        room = screen.width, screen.height - _PROMPT_LINES
        # a cell shows two pixels, one above the other
        is_larger = picture.width > room[0] or picture.height > 2 * room[1]
        tones = two_tones(picture) if is_larger and screen.unicode else None
        if tones is not None:
            return draw_dots(picture, tones, screen.width)
        cells = fitted(picture, *room)
        if screen.colours and screen.unicode:
            return draw_blocks(cells, screen.truecolour)
        return draw_shades(cells)

    def text(self, colours: bool, unicode: bool) -> str | None:
        """Return the text of a screen in text mode; else None. Raises PictureError."""
        rows = read_text(read_ppm(self.data), self.memory) if self.memory else []
        return draw_text(rows, colours, unicode) if rows else None

    def _cells(self, screen: Screen) -> tuple[int, int]:
        """Return the columns and rows that a PNG picture may take; 0: as it is."""
        width, height = png_size(self.data)
        wide, high = screen.pixels
        columns, rows = screen.width, max(screen.height - _PROMPT_LINES, 1)
        across = width / max(wide, 1)
        down = height / max(high * rows / max(screen.height, 1), 1)
        if max(across, down) <= 1:
            return 0, 0
        return (columns, 0) if across >= down else (0, rows)


async def take_screenshot(
    monitor: Monitor,
    kind: str,
    device: str | None,
    head: int | None,
    read: Callable[[str], Awaitable[bytes]],
) -> Screenshot:
    """Have the machine write its screen to a file of this host, and read it.

    kind: the protocol to show it with. read: calls `read_picture` on the file. Raises
    QMPError; exceptions of read pass through.
    """
    with tempfile.TemporaryDirectory(prefix="hmp-") as folder:
        path = os.path.join(folder, "screen")
        if wants_png(kind) and monitor.qmp.version >= _PNG_SINCE:
            with suppress(QMPError):  # this QEMU may be built without PNG
                await _dump(monitor, path, "png", device, head)
                return Screenshot(await read(path), kind)
        await _dump(monitor, path, None, device, head)
        data = await read(path)
        # neither Kitty nor iTerm2 takes PPM
        kind = BLOCKS if wants_png(kind) else kind
        memory = b""
        with suppress(QMPError, PictureError):
            # "pmemsave" only runs if the picture could be text: it asks the machine once
            # more
            if kind == BLOCKS and may_be_text(read_ppm(data)):
                await monitor.qmp.execute(
                    "pmemsave", val=ADDRESS, size=SIZE, filename=f"{path}.text"
                )
                memory = await read(f"{path}.text")
        return Screenshot(data, kind, memory)


async def screen_text(monitor: Monitor, device: str | None, head: int | None) -> str:
    """Return the text of the guest's screen, for where no picture can be drawn.

    Raises QMPError; CommandFailedError if the screen is not in text mode.
    """

    async def read(path: str) -> bytes:
        return read_picture(path)

    shot = await take_screenshot(monitor, BLOCKS, device, head, read)
    try:
        text = shot.text(colours=False, unicode=True)
    except PictureError as error:
        raise CommandFailedError(f"Error: {error}\n") from error
    if text is None:
        raise CommandFailedError(
            "Error: the guest's screen is a picture, which needs a session on a terminal"
            " that can draw; 'screendump FILE' saves it\n"
        )
    return text


async def _dump(
    monitor: Monitor, path: str, format_: str | None, device: str | None, head: int | None
) -> None:
    await monitor.qmp.execute(
        "screendump", filename=path, format=format_, device=device, head=head
    )


def read_picture(path: str) -> bytes:
    """Return the file that the machine wrote. Raises CommandFailedError without it."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        text = "the machine wrote the picture on its own host, which is not this host"
        raise CommandFailedError(f"Error: {text}\n", text) from error
