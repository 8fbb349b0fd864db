"""Numbers over time, drawn with the characters of a terminal."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hmp.display.screen import Screen

_HEIGHT = 10
_NUMBER = 12
"""Characters for the newest number, which precedes the line of each of several machines."""
# whole numbers from here on would not fit, and get an exponent
_LONG = 10**_NUMBER
_BLOCKS = " ▁▂▃▄▅▆▇█"


def written(number: float) -> str:
    """Write a number; a whole one with all of its digits, as counters of bytes are long."""
    return f"{number:.0f}" if number % 1 == 0 and abs(number) < _LONG else f"{number:g}"


def _range(low: float, high: float) -> str:
    return f"from {written(low)} to {written(high)}"


def plot(
    numbers: Sequence[float], name: str, width: int, height: int, unicode: bool
) -> list[str]:
    """Return the lines of a plot: the newest number at the right, the scale at the left."""
    if not numbers:
        return []
    label = max(len(written(min(numbers))), len(written(max(numbers))))
    shown = numbers[-max(width - label - 4, 1) :]
    low, high = min(shown), max(shown)
    steps = 8 if unicode else 1
    # even the lowest number gets a mark: constant numbers are a line at the bottom
    span, room = (high - low) or 1.0, height * steps - 1
    heights = [1 + round((number - low) / span * room) for number in shown]
    lines = [f"{name} = {written(numbers[-1])}   ({_range(low, high)})"]
    for row in range(height - 1, -1, -1):
        top = high > low and row == height - 1
        scale = written(high) if top else written(low) if row == 0 else ""
        cells = "".join(_cell(value - row * steps, steps) for value in heights)
        lines.append(f"{scale:>{label}} |{cells}")
    return lines


def plots(numbers: Mapping[str, Sequence[float]], name: str, screen: Screen) -> list[str]:
    """Return the lines of a plot for one machine, or a line for each of several.

    numbers: by the machine's name, which is empty for one that is alone; NaN where one of
    several has not answered. Those lines have one scale, and the newest number before it.
    """
    if set(numbers) <= {""}:
        return plot(numbers.get("", ()), name, screen.width, _HEIGHT, screen.unicode)
    label = max(map(len, numbers))
    room = max(screen.width - label - _NUMBER - 3, 1)
    shown = {machine: series[-room:] for machine, series in numbers.items()}
    known = [number for series in shown.values() for number in series if not isnan(number)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    steps = 8 if screen.unicode else 1
    # all values may be equal
    span = (high - low) or 1.0
    lines = [f"{name}   ({_range(low, high)})"]
    for machine, series in shown.items():
        heights = (
            0 if isnan(number) else 1 + round((number - low) / span * (steps - 1))
            for number in series
        )
        cells = "".join(_cell(height, steps) for height in heights)
        newest = "-" if isnan(series[-1]) else written(series[-1])
        lines.append(f"{machine:<{label}} {newest:>{_NUMBER}} |{cells}".rstrip())
    return lines


def _cell(filled: int, steps: int) -> str:
    """Return the character that fills a number of a cell's steps."""
    filled = min(max(filled, 0), steps)
    if steps == 1:
        return "#" if filled else " "
    return _BLOCKS[filled]
