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
    draw_png,
    draw_shades,
    fitted,
    protocol,
    read_ppm,
    wants_png,
)
from hmp.display.sixel import draw_sixel
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.display.screen import Screen
    from hmp.monitor.monitor import Monitor

_PNG_SINCE = (7, 1, 0)
_PROMPT_LINES = 3
_MOST = 1 << 24
"""The most bytes of PNG data that are sent to a terminal."""


class Screenshot:
    """A picture as the machine wrote it, and the protocol to show it with."""

    def __init__(self, data: bytes, kind: str) -> None:
        self.data = data
        self.kind = kind

    def drawn(self, screen: Screen) -> str:
        """Return the text that draws it on a screen. Raises PictureError."""
        if wants_png(self.kind):
            if len(self.data) > _MOST:
                raise PictureError(
                    f"a picture of {len(self.data) >> 20} MiB is too large to be drawn;"
                    " 'screendump FILE' saves it"
                )
            return draw_png(self.data, self.kind)
        picture = read_ppm(self.data)
        if self.kind == SIXEL:
            width, height = screen.pixels
            below = _PROMPT_LINES * height // max(screen.height, 1)
            return draw_sixel(picture, width, height - below)
        cells = fitted(picture, screen.width, screen.height - _PROMPT_LINES)
        if screen.colours and screen.unicode:
            return draw_blocks(cells, screen.truecolour)
        return draw_shades(cells)


async def take_screenshot(
    monitor: Monitor,
    screen: Screen,
    device: str | None,
    head: int | None,
    read: Callable[[str], Awaitable[bytes]],
) -> Screenshot:
    """Have the machine write its screen to a file of this host, and read it.

    read: calls `read_picture` on the file. Raises QMPError; exceptions of read pass
    through.
    """
    kind = protocol(os.environ) if screen.colours else BLOCKS
    with tempfile.TemporaryDirectory(prefix="hmp-") as folder:
        path = os.path.join(folder, "screen")
        if wants_png(kind) and monitor.qmp.version >= _PNG_SINCE:
            with suppress(QMPError):  # this QEMU may be built without PNG
                await _dump(monitor, path, "png", device, head)
                return Screenshot(await read(path), kind)
        await _dump(monitor, path, None, device, head)
        return Screenshot(await read(path), BLOCKS if wants_png(kind) else kind)


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
