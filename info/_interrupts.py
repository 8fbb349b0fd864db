"""Views of interrupt controllers that set masked interrupts apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import views
from info._ranges import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.text import Text

# a line: LVT0\t 0x00008700 active-hi level ExtINT (vec 0)
_ENTRY = re.compile(r"(?P<name>LVT\w*)\t (?P<value>0x[0-9a-f]{8}) (?P<rest>.*)")
_FACT = re.compile(r"(?P<name>\w+)\t (?P<rest>.*)")
# a line: pin 1  0x0000000000010000 dest=0 vec=0 active-hi edge masked fixed physical
_PIN = re.compile(r"  pin (?P<pin>\d+) +(?P<value>0x[0-9a-f]+) (?P<rest>.*)")
_MASKED = "masked"


def lapic_view(text: str) -> RenderableType | None:
    """Return the entries of a local APIC, each marked as masked or open, and its state.

    None for a text without entries.
    """
    from rich.console import Group

    heading, *lines = text.strip().splitlines() or [""]
    rows: list[tuple[str, Text]] = []
    rest: list[str] = []
    for line in filter(None, lines):
        if entry := _ENTRY.fullmatch(line):
            words = entry["rest"].split()
            masked = _MASKED in words
            what = " ".join(word for word in words if word != _MASKED)
            # of equal width, so that what follows is in one column
            mark = views.state(_MASKED if masked else "open  ", not masked)
            rows.append((entry["name"], mark.append(f" {what}", "")))
        elif fact := _FACT.fullmatch(line):
            rows.append((fact["name"], views.text(fact["rest"].strip())))
        else:
            rest.append(line)
    if not rows:
        return None
    title = views.text(heading.strip(), "hmp.title")
    return Group(title, views.facts(rows), *map(views.text, rest))


def pic_view(text: str) -> RenderableType | None:
    """Return a table of the open pins and a list of the masked ones; other lines follow.

    None for a text without pins.
    """
    from rich.console import Group

    parts = list(_pic_parts(text))
    # pins are gathered, so a text with pins has fewer parts than lines
    return Group(*parts) if len(parts) < len(text.splitlines()) else None


def _pic_parts(text: str) -> Iterator[RenderableType]:
    rows: list[tuple[str, ...]] = []
    masked: list[int] = []
    # the empty line at the end flushes the last pins
    for line in [*text.splitlines(), ""]:
        if pin := _PIN.fullmatch(line):
            words = pin["rest"].split()
            if _MASKED in words:
                masked.append(int(pin["pin"]))
            else:
                rows.append((pin["pin"], *_columns(words), pin["value"]))
            continue
        if rows:
            yield views.table(">pin", ">vector", ">to", "kind", "value", rows=rows)
        if masked:
            yield views.text(f"  masked: pin {ranges(masked)}", "hmp.detail")
        rows, masked = [], []
        if line:
            yield views.text(line, "" if line.startswith(" ") else "hmp.title")


def _columns(words: list[str]) -> tuple[str, str, str]:
    """Return the vector and the destination of a pin, and its other flags."""
    told = dict(word.split("=", 1) for word in words if "=" in word)
    rest = " ".join(word for word in words if "=" not in word)
    return told.get("vec", ""), told.get("dest", ""), rest
