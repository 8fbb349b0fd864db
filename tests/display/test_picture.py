from __future__ import annotations

import random
import re
import time
from base64 import standard_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.display.picture import (
    Picture,
    PictureError,
    draw_blocks,
    draw_dots,
    draw_png,
    draw_shades,
    fitted,
    protocol,
    read_ppm,
    shrunk,
    two_tones,
    wants_png,
)
from hmp.display.sixel import draw_sixel

RED, BLUE, BLACK, WHITE = b"\xff\0\0", b"\0\0\xff", b"\0\0\0", b"\xff\xff\xff"


def ppm(width: int, height: int, pixels: bytes) -> bytes:
    """Return a PPM picture."""
    return b"P6\n%d %d\n255\n" % (width, height) + pixels


@pytest.mark.parametrize(
    "head", [b"P6\n2 1\n255\n", b"P6 2 1 255 ", b"P6\n# by hand\n2 1\n255\n"]
)
def test_ppm(head: bytes) -> None:
    """However its head is parted, comments and all."""
    picture = read_ppm(head + RED + BLUE)

    assert (picture.width, picture.height, picture.pixels) == (2, 1, RED + BLUE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a PPM picture"),
        (b"\x89PNG", "not a PPM picture"),
        (b"P6\n1 1\n65535\n......", "8 bits"),
        (b"P6\n0 1\n255\n", "8 bits"),
        (b"P6\n2 2\n255\n...", "cut off"),
    ],
)
def test_what_is_no_picture(data: bytes, reason: str) -> None:
    """It says why."""
    with pytest.raises(PictureError, match=reason):
        read_ppm(data)


def test_scaling_is_the_mean() -> None:
    """Thin strokes become grey instead of vanishing."""
    picture = Picture(2, 2, BLACK + WHITE + WHITE + BLACK).scaled(1, 1)

    assert picture.pixels == bytes([127, 127, 127])


def test_fitting_keeps_proportions_and_never_enlarges() -> None:
    """Two rows of pixels a cell; a small picture stays small."""
    big = fitted(Picture(640, 480, bytes(640 * 480 * 3)), 80, 24)
    small = fitted(Picture(4, 3, bytes(36)), 80, 24)

    assert (big.width, big.height) == (64, 48)
    assert (small.width, small.height) == (4, 4)


def test_half_blocks() -> None:
    """The upper pixel is the foreground; colours are written where they change."""
    picture = Picture(2, 2, RED + RED + BLUE + BLUE)

    text = draw_blocks(picture, True)
    assert text == "\x1b[38;2;255;0;0;48;2;0;0;255m▀▀\x1b[0m\n"
    assert draw_blocks(picture, False) == "\x1b[38;5;196;48;5;21m▀▀\x1b[0m\n"


def test_a_text_console_is_dots() -> None:
    """Strokes of one pixel are there at two pixels a dot; all else keeps its colours."""
    width, height = 64, 32
    lines = [bytearray(BLACK * width) for _ in range(height)]
    for y in range(16):  # an L of one pixel's width
        lines[y][3 * 8 : 3 * 9] = WHITE
    lines[15][3 * 8 : 3 * 14] = WHITE * 6
    picture = Picture(width, height, b"".join(lines))
    tones = two_tones(picture)

    assert tones is not None
    assert tones == (BLACK, WHITE)
    assert draw_dots(picture, tones, 16) == "⠀⠀⡇\n⠀⠀⣇⡀\n"
    assert draw_dots(picture, tones, 32).splitlines()[3] == "⠀⠀⠀⠀⣇⣀⣀"
    assert two_tones(Picture(2, 2, RED + BLUE + BLACK + WHITE)) is None
    assert two_tones(Picture(2, 2, RED * 4)) is None


def test_shades() -> None:
    """Characters alone, for terminals without colours."""
    assert draw_shades(Picture(3, 2, (BLACK + b"\x80\x80\x80" + WHITE) * 2)) == " =@\n"


@pytest.mark.parametrize("size", [(1280, 800), (3840, 2160)])
@pytest.mark.parametrize("kind", ["flat", "noise"])
def test_no_picture_makes_sixels_without_an_end(size: tuple[int, int], kind: str) -> None:
    """The guest decides what is on its screen: it took 0.8 to 46 s, and 35 MB."""
    count = size[0] * size[1] * 3
    pixels = bytes(count) if kind == "flat" else random.Random(1).randbytes(count)
    begun = time.process_time()
    text = draw_sixel(Picture(*size, pixels))

    assert time.process_time() - begun < 8  # 0.2 s where nothing else runs
    assert len(text) < 4 << 20


@given(st.binary(min_size=300, max_size=300), st.integers(1, 12), st.integers(1, 12))
def test_sixels_are_the_picture(data: bytes, width: int, height: int) -> None:
    """Each pixel is drawn once, in a colour near to its own."""
    pixels = data[: width * height * 3] or data[:3]
    count = len(pixels) // 3
    picture = Picture(width, count // width, pixels[: count // width * width * 3])
    if picture.height == 0:
        return
    text = draw_sixel(picture)
    palette, body = {}, text.removeprefix("\x1bPq").removesuffix("\x1b\\\n")
    for number, red, green, blue in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", body):
        palette[number] = [int(part) * 255 // 100 for part in (red, green, blue)]
    body = re.sub(r"#\d+;2;\d+;\d+;\d+", "", body)
    drawn: dict[tuple[int, int], str] = {}
    for band, line in enumerate(body.split("-")):
        for number, cells in re.findall(r"#(\d+)([^#$]*)", line):
            wide = re.sub(r"!(\d+)(.)", lambda m: m[2] * int(m[1]), cells)
            for x, char in enumerate(wide):
                for bit in range(6):
                    if (ord(char) - 63) >> bit & 1:
                        assert drawn.setdefault((x, band * 6 + bit), number) == number
    assert len(drawn) == picture.width * picture.height
    for (x, y), number in drawn.items():
        at = (y * picture.width + x) * 3
        for part, value in enumerate(palette[number]):
            assert abs(picture.pixels[at + part] - value) <= 52


def test_sixel() -> None:
    """Runs are written short, and only colours that there are."""
    text = draw_sixel(Picture(8, 1, RED * 8))

    assert text.startswith("\x1bPq")
    assert text.endswith("\x1b\\\n")
    assert "#180;2;100;0;0" in text
    assert "!8@" in text


@pytest.mark.parametrize("kind", ["kitty", "iterm"])
@pytest.mark.parametrize("size", [10, 10_000])
def test_png_goes_as_it_is(kind: str, size: int) -> None:
    """In base64, in pieces where the protocol wants them."""
    data = bytes(range(256)) * (size // 256 + 1)
    text = draw_png(data, kind)
    if kind == "kitty":
        pieces = re.findall("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\", text)
        assert all(len(piece) <= 4096 for _, piece in pieces)
        assert [head[-1] for head, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]
        coded = "".join(piece for _, piece in pieces)
    else:
        match = re.search(":([^\x07]*)\x07", text)
        assert match is not None
        coded = match[1]

    assert standard_b64decode(coded) == data


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, "blocks"),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "mlterm"}, "sixel"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, "blocks"),
        ({"TERM": "foot", "STY": "1"}, "blocks"),
        ({"HMP_IMAGE": "sixel", "TMUX": "/tmp/x"}, "sixel"),
        ({"HMP_IMAGE": "nonsense"}, "blocks"),
    ],
)
def test_the_environment_tells_the_protocol(environment: dict[str, str], kind: str) -> None:
    """Never the terminal itself, whose answers would be typed into the prompt."""
    assert protocol(environment) == kind
    assert wants_png(kind) == (kind in ("kitty", "iterm"))


@given(st.data(), st.integers(1, 9), st.integers(1, 9))
def test_any_picture_can_be_drawn(data: st.DataObject, width: int, height: int) -> None:
    """In every way, with as many lines as there are pairs of rows."""
    pixels = data.draw(st.binary(min_size=width * height * 3, max_size=width * height * 3))
    picture = fitted(read_ppm(ppm(width, height, pixels)), 20, 20)

    assert draw_blocks(picture, True).count("\n") == picture.height // 2
    assert draw_shades(picture).count("\n") == picture.height // 2
    assert draw_sixel(picture).startswith("\x1bPq")


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (4, 3, (4, 3)),
        (5, 3, (4, 3)),
        (4, 9, (4, 3)),
        (2, 3, (2, 1)),
        (4, 2, (2, 2)),
        (1, 1, (1, 1)),
    ],
)
def test_a_picture_only_shrinks(width: int, height: int, size: tuple[int, int]) -> None:
    """It keeps its proportions; one that fits is left as it is."""
    picture = Picture(4, 3, bytes(36))
    made = shrunk(picture, width, height)

    assert (made.width, made.height) == size
    assert (made is picture) == (size == (4, 3))
