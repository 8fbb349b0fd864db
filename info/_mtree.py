"""The text of ``info mtree``: address spaces as trees of regions, flat views as maps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import size_text, views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType
    from rich.text import Text
    from rich.tree import Tree

# a line: 0000000000000000-ffffffffffffffff (prio 0, i/o): bus master container
_LINE = re.compile(
    r"(?P<indent> +)(?P<start>[0-9a-f]{16})-(?P<end>[0-9a-f]{16})"
    r" \(prio (?P<prio>-?\d+), (?P<kind>[^)]*)\): (?P<rest>.*)"
)
_ALIAS = re.compile(r"alias (?P<name>.*) @(?P<of>.*) (?P<at>[0-9a-f]{16})-[0-9a-f]{16}")
# what follows the name: `[disabled]`, `owner:{dev path=/machine/…}`
_NOTE = re.compile(r" (\[disabled\]|(?:owner|parent):\{[^}]*\})$")
_OWNER = re.compile(r"(?:owner|parent):\{\w+ (?:id|path|type)=(?:/machine/)?([^}]*)\}")
# in a flat view, where in its region a range begins: `pc.ram @0000000000100000`
_OFFSET = re.compile(r"(?P<name>.*) @(?P<at>[0-9a-f]{16})")
_ALL = (1 << 64) - 1
_STYLES = {"ram": "hmp.good", "nv-ram": "hmp.good", "rom": "hmp.idle", "romd": "hmp.idle"}


class Region:
    """A range of addresses.

    name: followed by the target of an alias, or by the offset in the region; notes: its
    owner, and a mark if it is disabled; below: the regions inside it.
    """

    __slots__ = ("below", "depth", "end", "kind", "name", "notes", "priority", "start")

    def __init__(self, match: re.Match[str]) -> None:
        self.depth = len(match["indent"])
        self.start, self.end = int(match["start"], 16), int(match["end"], 16)
        self.priority, self.kind = int(match["prio"]), match["kind"]
        self.name, self.notes = _split(match["rest"])
        self.below: list[Region] = []

    @property
    def size(self) -> str:
        """The size with its unit, or ``all`` for the whole 64-bit address space."""
        size = self.end - self.start + 1
        return size_text(size) if size < _ALL else "all"


def _split(rest: str) -> tuple[str, str]:
    """Split the end of a line into the region's name and the notes after it."""
    notes: list[str] = []
    # from the end, since a region's name may contain anything, even a bracket
    while match := _NOTE.search(rest):
        owner = _OWNER.fullmatch(match[1])
        notes.insert(0, f"of {owner[1]}" if owner else match[1])
        rest = rest[: match.start()]
    if alias := _ALIAS.fullmatch(rest):
        rest = f"{alias['name']} → {alias['of']}{_offset(alias['at'])}"
    elif offset := _OFFSET.fullmatch(rest):
        rest = f"{offset['name']}{_offset(offset['at'])}"
    return rest, " ".join(notes)


def _offset(digits: str) -> str:
    return f"+0x{int(digits, 16):x}" if int(digits, 16) else ""


def _region(line: str) -> Region | None:
    match = _LINE.fullmatch(line)
    return Region(match) if match else None


def parse_mtree(text: str) -> list[tuple[str, list[Region]]] | None:
    """Return the headings with the regions below each; None for any other text."""
    spaces: list[tuple[list[str], list[Region]]] = []
    path: list[Region] = []
    for line in text.splitlines():
        if line.startswith(("address-space: ", "memory-region: ")):
            # QEMU prints address spaces with the same root as headings in a row
            if not spaces or spaces[-1][1]:
                spaces.append(([], []))
                path = []
            spaces[-1][0].append(line.partition(": ")[2])
        elif region := _region(line):
            if not spaces:
                return None
            while path and path[-1].depth >= region.depth:
                path.pop()
            (path[-1].below if path else spaces[-1][1]).append(region)
            path.append(region)
        elif line.strip():
            return None
    return [(", ".join(names), regions) for names, regions in spaces]


def region_tree(spaces: Iterable[tuple[str, list[Region]]]) -> RenderableType | None:
    """Return a tree per address space, and the names of the empty ones in one line."""
    from rich.console import Group

    parts: list[RenderableType] = []
    plain: list[str] = []
    for heading, regions in spaces:
        if not any(region.below for region in regions):
            plain.append(heading)
            continue
        root = views.tree(heading)
        _add(root, regions)
        parts += [root, ""]
    if plain:
        parts += [
            views.text("empty", "hmp.title"),
            views.text(", ".join(plain)),
        ]
    return Group(*parts) if parts else None


def _add(parent: Tree, regions: list[Region]) -> None:
    """Add regions to the tree, the lowest address first."""
    width = _width(regions)
    kind = max((len(region.kind) for region in regions), default=0)
    # of overlapping regions, the guest sees the one of the highest priority
    for region in sorted(regions, key=lambda region: (region.start, -region.priority)):
        _add(parent.add(_label(region, width, kind)), region.below)


def _width(regions: Iterable[Region]) -> int:
    """Return how many digits the addresses need.

    The end of the address space does not count: it would widen every line.
    """
    return max((len(f"{r.end:x}") for r in regions if r.end < _ALL), default=1)


def _label(region: Region, width: int, kind: int) -> Text:
    line = views.text(f"{region.start:0{width}x}-{_end(region, width)} ", "hmp.label")
    line.append_text(views.text(f"{region.size:>8} ", "hmp.detail"))
    line.append_text(views.text(f"{region.kind:{kind}} ", _STYLES.get(region.kind, "")))
    line.append_text(views.text(region.name, "hmp.name"))
    return line.append_text(views.text(f" {region.notes}".rstrip(), "hmp.detail"))


def _end(region: Region, width: int) -> str:
    return f"{region.end:0{width}x}" if region.end < _ALL else "…".ljust(width)


def flat_views(text: str) -> RenderableType | None:
    """Return a map of each flat view: its regions, and the free ranges between them."""
    from rich.console import Group

    parts: list[RenderableType] = []
    empty: list[str] = []
    for block in re.split(r"^FlatView #\d+\n", text, flags=re.MULTILINE)[1:]:
        names = re.findall(r'^ AS "(.*)", root: .*$', block, re.MULTILINE)
        regions = [r for line in block.splitlines() if (r := _region(line)) is not None]
        if not regions:
            empty += names
            continue
        parts += [views.text(", ".join(names), "hmp.title"), _map(regions)]
        _, heading, rest = block.partition("\n  Dispatch\n")
        if heading:
            parts.append(views.lines(f"Dispatch\n{rest.rstrip()}", "hmp.detail"))
        parts.append("")
    if empty:
        parts += [
            views.text("empty", "hmp.title"),
            views.text(", ".join(empty)),
        ]
    return Group(*parts) if parts else None


def _map(regions: list[Region]) -> RenderableType:
    return views.table(
        "from", "to", ">size", "kind", "region", rows=_rows(regions, _width(regions))
    )


def _rows(regions: list[Region], width: int) -> Iterator[tuple[Text, ...]]:
    """Yield the rows of a map, with the free ranges dimmed."""
    free = regions[0].start
    for region in regions:
        if region.start > free:
            size = size_text(region.start - free)
            cells = (f"{free:0{width}x}", f"{region.start - 1:0{width}x}", size, "", "free")
            yield tuple(views.text(cell, "hmp.detail") for cell in cells)
        free = region.end + 1
        name = views.text(region.name, "hmp.name")
        yield (
            views.text(f"{region.start:0{width}x}", "hmp.label"),
            views.text(_end(region, width), "hmp.label"),
            views.text(region.size),
            views.text(region.kind, _STYLES.get(region.kind, "")),
            name.append_text(views.text(f" {region.notes}".rstrip(), "hmp.detail")),
        )
