from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.display.picture import BLOCKS, PictureError
from hmp.display.screen import Screen
from hmp.display.screenshot import Screenshot, read_picture, take_screenshot
from hmp.frontends.script import drive
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (3000).to_bytes(4) + (200).to_bytes(4)
HELP = 'Try "help screendump" for more information\n'
PPM = b"P6\n2 2\n255\n" + b"\xff\0\0" * 4


def screen(**environment: str) -> Screen:
    """Return a screen of 80 columns with colours."""
    return Screen(-1, {"TERM": "xterm", "FORCE_COLOR": "1", **environment})


async def read(path: str) -> bytes:
    """Read a picture, with nobody else waiting for a turn."""
    return read_picture(path)


def take(answer: Any, kind: str = BLOCKS) -> tuple[FakeSession, Screenshot]:
    """Take a picture of a machine that answers so."""
    session = FakeSession({"screendump": answer})
    shot: Screenshot = drive(take_screenshot(session.monitor, kind, "vga0", 1, read))
    return session, shot


def write(arguments: Message) -> Any:
    """Write a picture as the machine does."""
    png = arguments.get("format") == "png"
    Path(arguments["filename"]).write_bytes(PNG if png else PPM)
    return {}


def test_a_picture_of_one_console() -> None:
    """Device and head are passed on; no file of it is left."""
    session, shot = take(write)
    ((command, arguments),) = session.calls

    assert (command, arguments["device"], arguments["head"]) == ("screendump", "vga0", 1)
    assert "format" not in arguments
    assert not Path(arguments["filename"]).parent.exists()
    assert shot.drawn(screen()).count("▀") == 2


def test_png_where_the_terminal_takes_it() -> None:
    """And half blocks of a PPM where the machine cannot write it."""
    assert take(write, "kitty")[1].drawn(screen()).startswith("\x1b_G")

    def without_png(arguments: Message) -> Any:
        if "format" in arguments:
            return QMPError("built without PNG")
        return write(arguments)

    assert "▀" in take(without_png, "kitty")[1].drawn(screen())


def test_no_colours() -> None:
    """Characters alone."""
    assert "\x1b" not in take(write)[1].drawn(screen(NO_COLOR="1"))


def test_a_file_that_does_not_come() -> None:
    """The machine runs on another host, and says nothing of it."""
    with pytest.raises(CommandFailedError, match="which is not this host"):
        take({})
    with pytest.raises(QMPError, match="no console"):
        take(QMPError("no console"))


def test_a_png_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and not sent."""
    monkeypatch.setattr("hmp.display.screenshot._MOST", 100)
    with pytest.raises(PictureError, match="too large"):
        Screenshot(bytes(101), "kitty").drawn(screen())


@pytest.mark.parametrize(
    ("size", "columns", "fit"),
    [((3000, 200), 80, "80x"), ((300, 2000), 80, "x21"), ((300, 200), 80, "")],
)
def test_png_fits_the_window(size: tuple[int, int], columns: int, fit: str) -> None:
    """The side that is too long has the window's cells; the other follows from it."""
    data = PNG[:16] + size[0].to_bytes(4) + size[1].to_bytes(4)
    wide, high = f"c={columns},", "r=21,"
    kitty = Screenshot(data, "kitty").drawn(screen())
    iterm = Screenshot(data, "iterm").drawn(screen())

    assert (wide in kitty, high in kitty) == (fit.endswith("x"), fit.startswith("x"))
    assert ("width=80;" in iterm, "height=21;" in iterm) == (wide in kitty, high in kitty)


def test_what_is_no_png_is_said() -> None:
    """The terminal would show nothing."""
    with pytest.raises(PictureError, match="not a PNG picture"):
        Screenshot(b"P6", "kitty").drawn(screen())


def test_text_of_the_guest() -> None:
    """A picture of text mode is shown as its text, if the memory agrees.

    Where nothing can be drawn, --show prints it.
    """
    memory = bytearray(b" \x07" * (1 << 14))
    memory[160:166] = b"H\x07i\x0f\x01\x1e"
    picture = bytearray(720 * 400 * 3)
    for column in range(3):
        at = 3 * (720 * 20 + 9 * column + 4)
        picture[at : at + 3] = b"\xff" * 3

    def machine(arguments: Message) -> Any:
        if "size" in arguments:
            Path(arguments["filename"]).write_bytes(memory)
        else:
            Path(arguments["filename"]).write_bytes(b"P6\n720 400\n255\n" + picture)
        return {}

    session = FakeSession({"screendump": machine, "pmemsave": machine})
    shot: Screenshot = drive(take_screenshot(session.monitor, BLOCKS, None, None, read))
    plain = screen(NO_COLOR="1")
    drawn = shot.drawn(screen())

    assert shot.drawn(plain) == "\nHi☺\n"
    assert session.prints("screendump --show") == "\nHi☺\n"
    assert session.prints("screendump") == "screendump: filename expected\n" + HELP
    assert "\x1b[37;40mH\x1b[97;40mi\x1b[93;44m☺" in drawn
    memory[160:166] = b" \x07" * 3
    blank: Screenshot = drive(take_screenshot(session.monitor, BLOCKS, None, None, read))
    assert "Hi" not in blank.drawn(plain)
    memory[160 * 3 :] = b"X\x07" * (len(memory) // 2 - 240)
    other: Screenshot = drive(take_screenshot(session.monitor, BLOCKS, None, None, read))
    assert "▀" in other.drawn(screen())  # the memory is of something else
    assert "the guest's screen is a picture" in session.prints("screendump --show")


def test_sixels_fit_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window's size is guessed from its cells where it does not tell."""
    data = b"P6\n3000 2000\n255\n" + bytes(3000 * 2000 * 3)

    assert "!630" in Screenshot(data, "sixel").drawn(screen())
