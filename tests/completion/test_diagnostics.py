from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completions.block import BLOCK_DEVICE_OR_NODE, REMOVABLE
from completions.defaults import KINDS
from completions.device import DEVICE_OPTIONS
from completions.migration import MIGRATION_CAPABILITY
from completions.snapshot import SNAPSHOT, SNAPSHOT_TO_SAVE
from hmp.completion.diagnostics import Diagnostic, diagnose
from hmp.monitor.kinds import Kind, Word
from hmp.monitor.line import parse_line
from tests.fakes import tables

KNOWN: dict[tuple[Kind, str], list[Word]] = {
    (REMOVABLE, ""): [("drive0", "disk"), ("cd0", "CD")],
    (BLOCK_DEVICE_OR_NODE, ""): [("drive0", "disk"), ("node1", "node")],
    (MIGRATION_CAPABILITY, ""): [("multifd", "off")],
    (SNAPSHOT, ""): [("first", "in a node")],
    (SNAPSHOT_TO_SAVE, ""): [("first", "in a node")],
    (DEVICE_OPTIONS, ""): [("e1000", "card"), ("virtio-blk-pci", "disk")],
    (DEVICE_OPTIONS, "e1000"): [("id=", ""), ("mac=", "str"), ("bootindex=", "int")],
    (DEVICE_OPTIONS, "virtio-blk-pci"): [("drive=", ""), ("werror=", ""), ("mq=", "")],
    (DEVICE_OPTIONS, "virtio-blk-pci,drive"): [("", "str"), ("drive0", "disk")],
    (DEVICE_OPTIONS, "virtio-blk-pci,werror"): [("report", ""), ("stop", "")],
    (DEVICE_OPTIONS, "virtio-blk-pci,mq"): [("on", ""), ("off", "")],
}


def look(kind: Kind, context: str) -> Iterable[Word]:
    """Return what is known of a kind."""
    return [*kind.words, *KNOWN.get((kind, context), [])]


def marked(text: str) -> str:
    """Return the part of a line that is doubtful."""
    found = diagnose(parse_line(text, tables()), look, KINDS)
    return text[found.start : found.end] if found else ""


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("nonsense", ""),
        ("eject drive0", ""),
        ("eject dr", ""),
        ("eject dr ", "dr"),
        ("eject -f nope", "nope"),
        ("eject x", "x"),
        ('eject "x"', ""),
        ("nbd_server_add node1 x", ""),
        ("nbd_server_add nod1 x", "nod1"),
        ("migrate_set_capability mutlifd on", "mutlifd"),
        ("migrate_set_capability multifd o", ""),
        ("watchdog_action pase", "pase"),
        ("watchdog_action pau", ""),
        ("screendump f -f gif", "gif"),
        ("screendump f -f png", ""),
        ("loadvm anything", ""),  # nothing is known of snapshots
        ("delvm second", "second"),
        ("savevm second", ""),  # it makes one
        ("info trace-events virtio*", ""),
        ("device_add e1000", ""),
        ("device_add e1", ""),
        ("device_add e1 ", "e1"),
        ("device_add e1,", "e1"),
        ("device_add driver=e1,", "e1"),
        ("device_add e1000,mca=x", "mca"),
        ("device_add e1000,ma", ""),
        ("device_add e1000,mac=anything", ""),
        ("device_add e1000,mac=x,bootindx=1", "bootindx"),
        ("device_add virtio-blk-pci,drive=drive0,mq=yes", ""),
        ("device_add virtio-blk-pci,mq=maybe", "maybe"),
        ("device_add virtio-blk-pci,drive=drive1,id=x", "drive1"),
        ("device_add virtio-blk-pci,drive=driv", ""),
        ("device_add virtio-blk-pci,drive=/path", ""),
        ("device_add virtio-blk-pci,werror=halt", "halt"),
        ("device_add virtio-blk-pci,file.x=1", ""),
    ],
)
def test_what_is_doubted(text: str, part: str) -> None:
    """Words that name nothing there is, unless they can still become right."""
    assert marked(text) == part


def test_a_doubt_in_words() -> None:
    """What is wrong, and what comes near."""
    found = diagnose(parse_line("eject driev0", tables()), look, KINDS)
    assert found is not None
    assert found.said == "no removable block device 'driev0'; did you mean drive0?"
    found = diagnose(parse_line("eject zzz", tables()), look, KINDS)
    assert found is not None

    assert found.said == "no removable block device 'zzz'"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("nod77", "node77 or nod7 or node7"),
        ("onde77", "node77"),
        ("node777x", "node777 or node7779 or node7778"),
        ("nofe77", "node77"),
        ("edon77", ""),
        ("node99999", "node9999"),
    ],
)
def test_close_matches_among_many_words(typed: str, near: str) -> None:
    """One edit away, which is found as fast as it is typed."""
    words = [*(f"node{number}" for number in range(10_000)), "nod7"]

    found = Diagnostic(0, len(typed), "no node", typed, words).said

    assert found == (f"no node; did you mean {near}?" if near else "no node")


@given(st.text(st.sampled_from('ejct device_add-,=o"0/* '), max_size=30))
def test_any_line_can_be_judged(text: str) -> None:
    """Nothing is raised, and what is marked stands in the line."""
    for line in (text, f"eject {text}", f"device_add {text}"):
        found = diagnose(parse_line(line, tables()), look, KINDS)
        assert found is None or 0 <= found.start <= found.end <= len(line)
