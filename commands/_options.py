"""The view of the options that ``device_add DRIVER,help`` lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import Text, views

if TYPE_CHECKING:
    from rich.console import RenderableType

_HEADING = re.compile(r"(.+) options:")
# a line: aer=<bool>             - on/off (default: false)
_OPTION = re.compile(
    r"  (?P<name>[^=]+)=<(?P<type>.*?)>"
    r"(?: +- (?P<about>.*?)(?: ?\(default: (?P<default>.*)\))?)?"
)


def options_view(value: object) -> RenderableType | None:
    """Return a table of the options, or None if the value does not list options."""
    if not isinstance(value, Text):
        return None
    heading, *lines = value.splitlines() or [""]
    title = _HEADING.fullmatch(heading)
    found = [_OPTION.fullmatch(line) for line in lines]
    options = [option for option in found if option is not None]
    if title is None or len(options) < len(lines):
        return None
    return views.table(
        "option",
        "type",
        "default",
        "description",
        rows=(
            (
                views.text(option["name"], "hmp.name"),
                option["type"],
                (option["default"] or "").strip('"'),
                _about(option),
            )
            for option in options
        ),
        title=title[1],
    )


def _about(option: re.Match[str]) -> str:
    """Return an option's description, unless it only repeats the type."""
    about = option["about"] or ""
    return "" if about in ("on/off", "on/off/auto") else about
