"""The lines about a disk image that ``info block -v`` prints."""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING

from hmp.authoring import releases, size_text
from info._text import left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.qmp.reply_types import ImageInfo, SnapshotInfo


def image_lines(image: ImageInfo, version: tuple[int, int, int]) -> Iterator[str]:
    """Yield the lines of one ImageInfo, without those of its backing image."""
    size = image["virtual-size"]
    actual = image.get("actual-size")
    yield f"image: {image['filename']}"
    yield f"file format: {image['format']}"
    yield f"virtual size: {size_text(size)} ({size} bytes)"
    yield f"disk size: {'unavailable' if actual is None else size_text(actual)}"
    if image.get("encrypted"):
        yield "encrypted: yes"
    if "cluster-size" in image:
        yield f"cluster_size: {image['cluster-size']}"
    if image.get("dirty-flag"):
        yield "cleanly shut down: no"
    yield from _backing_lines(image)
    if limits := image.get("limits"):
        yield "Block limits:"
        yield from dump_lines(limits, 1)
    if image.get("snapshots"):
        yield "Snapshot list:"
        yield snapshot_heading(version)
        for snapshot in image["snapshots"]:
            yield snapshot_line(snapshot, version)
    specific = image.get("format-specific")
    data = specific.get("data", {}) if specific else {}
    # older releases print the heading for a format without details, too
    if specific and (data or version < releases.NO_EMPTY_SPECIFICS):
        yield "Format specific information:"
        yield from dump_lines(data, 1)


def _backing_lines(image: ImageInfo) -> Iterator[str]:
    name = image.get("backing-filename")
    if name is None:
        return
    full = image.get("full-backing-filename")
    note = ""
    if full is None:
        note = " (cannot determine actual path)"
    elif full != name:
        note = f" (actual path: {full})"
    yield f"backing file: {name}{note}"
    if "backing-filename-format" in image:
        yield f"backing file format: {image['backing-filename-format']}"


def dump_lines(value: object, depth: int) -> Iterator[str]:
    """Yield the members or items of a JSON value, indented by four blanks per level.

    A value that has neither members nor items has no lines.
    """
    items: list[tuple[str, object]] = []
    if isinstance(value, dict):
        # as QEMU's dump_qdict does
        items = [(f"{key.replace('-', ' ')}:", child) for key, child in value.items()]
    elif isinstance(value, list):
        items = [(f"[{index}]:", child) for index, child in enumerate(value)]
    for label, child in items:
        if isinstance(child, dict | list):
            yield f"{'    ' * depth}{label}"
            yield from dump_lines(child, depth + 1)
        else:
            yield f"{'    ' * depth}{label} {_scalar(child)}"


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # QEMU prints numbers with a fraction in this format
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def snapshot_heading(version: tuple[int, int, int]) -> str:
    """Return the heading over snapshot lines; QEMU 9.0 changed the columns."""
    if version < releases.SNAPSHOT_COLUMNS:
        words = ("ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT")
        return "{:<10}{:<17}{:>8}{:>20}{:>13}{:>11}".format(*words)
    words = ("ID", "TAG", "VM_SIZE", "DATE", "VM_CLOCK", "ICOUNT")
    return "{:<7} {:<16} {:>8} {:>19} {:>15} {:>10}".format(*words)


def clock(snapshot: SnapshotInfo, digits: int) -> str:
    """Return the guest's time in a snapshot, as hours, minutes, seconds and milliseconds.

    digits: the least number of digits of the hours.
    """
    seconds, milliseconds = divmod(
        snapshot["vm-clock-sec"] * 1000 + snapshot["vm-clock-nsec"] // 1_000_000, 1000
    )
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:0{digits}}:{minute:02}:{second:02}.{milliseconds:03}"


def date_text(seconds: int, form: str) -> str:
    """Return a date in local time, or the plain seconds if they are out of its range.

    seconds: since the epoch. form: a format of ``strftime``.
    """
    try:
        return strftime(form, localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s"


def snapshot_line(snapshot: SnapshotInfo, version: tuple[int, int, int]) -> str:
    """Return the line of one SnapshotInfo."""
    old = version < releases.SNAPSHOT_COLUMNS
    date = date_text(snapshot["date-sec"], "%Y-%m-%d %H:%M:%S")
    when = clock(snapshot, 2 if old else 4)
    icount = snapshot.get("icount", "" if old else "--")
    size = size_text(snapshot["vm-state-size"])
    if old:
        return (
            f"{left(snapshot['id'], 9)} {left(snapshot['name'], 16)} {size:>8}{date:>20}"
            f"{when:>13}{icount:>11}"
        )
    return (
        f"{left(snapshot['id'], 7)} {left(snapshot['name'], 16)} {size:>8} {date:>19}"
        f" {when:>15} {icount:>10}"
    )
