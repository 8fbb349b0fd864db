"""Each colour can be read on black and on white."""

from __future__ import annotations

import re

import pytest
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from hmp.display.theme import HEX, STYLES
from hmp.terminal import browser, prompt

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
ENOUGH = 4.5
"""The contrast that the Web Content Accessibility Guidelines ask of text."""
Rgb = tuple[int, int, int]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, by WCAG's formula."""

    def luminance(colour: Rgb) -> float:
        parts = [part / 255 for part in colour]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rgb(text: str) -> Rgb:
    """Return the parts of ``#rrggbb``."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def test_the_formula() -> None:
    """Black on white has the most there is."""
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(rgb("#00ffff"), WHITE) < 2


@pytest.mark.parametrize("name", STYLES)
def test_styles_of_views(name: str) -> None:
    """Those with a colour; the others have the terminal's own."""
    style = Style.parse(STYLES[name])

    assert not style.dim  # a terminal may dim to nothing
    if style.color is not None:
        red, green, blue = style.color.get_truecolor(DEFAULT_TERMINAL_THEME)
        for ground in (BLACK, WHITE):
            assert contrast((red, green, blue), ground) >= ENOUGH


@pytest.mark.parametrize("number", HEX)
def test_a_colour_is_the_same_for_both_libraries(number: int) -> None:
    """The number is Rich's, the code is prompt_toolkit's."""
    colour = Color.from_ansi(number).get_truecolor(DEFAULT_TERMINAL_THEME)

    assert tuple(colour) == rgb(HEX[number])


PROMPT = {**prompt._STYLE, **{f"browser.{k}": v for k, v in browser._STYLES.items()}}


@pytest.mark.parametrize("name", PROMPT)
def test_styles_of_the_prompt(name: str) -> None:
    """On their own background, or on black and on white."""
    style = PROMPT[name]
    back = re.search(r"bg:(#\w{6})", style)
    front = re.search(r"(?:fg:|(?<![:\w]))(#\w{6})", style)
    if front is None:
        assert "ansi" not in style
        return
    for ground in [rgb(back[1])] if back else [BLACK, WHITE]:
        assert contrast(rgb(front[1]), ground) >= ENOUGH, name
