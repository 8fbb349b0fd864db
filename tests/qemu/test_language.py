"""Generated lines mean to our parser what they mean to QEMU's own monitor.

Each line is one that does no harm when it is accepted: devices and files in it do not
exist. QEMU ends what it prints with its advice to look at the help when a line does not
parse; then our error must be the same text, to the byte.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hmp.language.expression import ExpressionError, evaluate
from hmp.monitor.entry import READ
from hmp.monitor.line import parse_line
from tests.qemu.conftest import Session
from tests.qemu.differential import masked
from tests.qemu.lines import OWN
from tests.qemu.lines import generated as generated_lines

generated = settings(
    max_examples=1500,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

BLANKS = st.sampled_from([" ", "  ", "\t", " \t ", "\v", "\f"])
NUMBERS = st.one_of(
    st.integers(-300, 300).map(str),
    st.integers(0, 1 << 66).map(str),
    st.integers(0, 1 << 66).map(hex),
    st.sampled_from(["017", "08", "0x", "0xg", "'a'", "''", "'ab", "$nope", "$"]),
)
OPERATORS = st.sampled_from([*"+-*/%&|^~()", " ", "-", "+", "(", ")"])
EXPRESSIONS = st.lists(st.one_of(NUMBERS, OPERATORS), min_size=1, max_size=9).map("".join)
SIZES = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["0", "1", "7", "100", "1.5", "0.1", "1.", "007", "9999999999999", "x"]
    ),
    st.sampled_from([*"bBkKmMgGtTpPeEzs", "", "", "", "0"]),
    st.sampled_from(["", "", "", "k", " ", ".", "-"]),
)
PLAIN_WORDS = st.text(st.sampled_from("abcxyz019_-./:,=\\'*?#%é€"), min_size=1, max_size=8)
QUOTED_WORDS = st.lists(
    st.sampled_from([*"ab \\\"nr'\t/é", '\\"', "\\n", "\\\\", "\\'", "\\r", "\\x"]),
    max_size=6,
).map(lambda parts: '"' + "".join(parts) + '"')
WORDS = st.one_of(PLAIN_WORDS, QUOTED_WORDS, st.just('"open'), st.just('""'))
FLAGS = st.sampled_from(["-f", "-n", "-c", "-x", "-", "-fn", "--", "-v", "-a", "-d", "-b"])
FORMATS = st.sampled_from(
    ["/x", "/d", "/4xw", "/c", "/i", "/", "/99o", "/q", "/xg", "/wx", "/2ub", "/x4"]
)
COMMANDS = st.sampled_from(
    [
        "eject",
        "block_resize",
        "block_job_cancel",
        "block_job_set_speed",
        "set_link",
        "qom-get",
        "qom-list",
        "sendkey",
        "info block",
        "info registers",
        "info rocker",
        "info trace-events",
        "info lapic",
        "drive_mirror",
        "drive_backup",
        "stop",
        "s",
        "snapshot_blkdev",
        "snapshot_delete_blkdev_internal",
        "chardev-remove",
        "nmi",
        "set_password",
        "expire_password",
        "xp",
        "print",
        "p",
        "gva2gpa",
        "info status",
        "migrate_set_capability",
        "ringbuf_read",
        "cpu",
        "netdev_del",
        "info",
        "foo",
        "qom-set",
        "watchdog_action",
        "block_set_io_throttle",
        "info nope",
        "client_migrate_info",
        "info rocker-ports",
        "info rocker-of-dpa-flows",
        "device_del",
        "object_del",
        "info virtio-queue-status",
        "replay_break",
        "block_stream",
        "info mtree",
        "info sync-profile",
        "getfd",
        "closefd",
    ]
)
ARGUMENTS = st.lists(
    st.tuples(
        BLANKS | st.just(""),
        st.one_of(
            WORDS, EXPRESSIONS, SIZES, FLAGS, FORMATS, st.sampled_from(["on", "off"])
        ),
    ).map("".join),
    max_size=5,
).map("".join)
LINES = st.builds("{}{}{}{}".format, BLANKS | st.just(""), COMMANDS, BLANKS, ARGUMENTS)

_NEWER_SIZES = re.compile(r"0x|[^0-9]\.\d|\.\d+[eE]\d")
"""Sizes that QEMU 7.2 reads otherwise than all later releases."""
_BINARY = re.compile(r"0[bB][01]")
"""Binary literals, which QEMU reads if its C library does."""
_TRAP = re.compile(r"[/%]\s*(-|~|\()")
"""Where INT64_MIN / -1 may come of it, which kills the real QEMU."""


def is_parse_error(text: str) -> bool:
    """Whether QEMU's monitor refused to parse the line, or knows no such command."""
    return text.startswith("unknown command: ") or bool(
        re.search(r"Try \"help [^\n]*\" for more information\n\Z", text)
    )


def agrees(session: Session, line: str) -> None:
    """Check one line in both monitors."""
    ours = parse_line(line, session.monitor.commands)
    theirs = session.theirs(line)

    if is_parse_error(theirs):
        assert ours.error is not None, f"QEMU refuses {line!r}: {theirs!r}"
        assert ours.error.text == theirs
        assert 0 <= ours.error.column <= len(line)
    elif "not available until machine initialization" not in theirs:
        assert ours.error is None, f"QEMU takes {line!r}: {theirs!r}"


@generated
@given(line=LINES)
def test_generated_lines_parse_alike(full: Session, line: str) -> None:
    """Acceptance and message of any line are QEMU's."""
    assume(not _BINARY.search(line))
    assume(not _TRAP.search(line))
    assume(full.qemu.version >= (8, 1) or not _NEWER_SIZES.search(line))
    agrees(full, line)


ODD = st.sampled_from([*"\v\f\r\t\x01\x1b\x7fé€\u2028\xa0"])


@settings(generated, max_examples=400)
@given(data=st.data())
def test_odd_characters_anywhere_in_a_line(full: Session, data: st.DataObject) -> None:
    """Blanks of all kinds, and what is no ASCII, in a line of any command that reads."""
    lines = generated_lines(full.monitor.commands, full.connection, READ)
    line = data.draw(st.sampled_from(lines))
    for odd in data.draw(st.lists(ODD, min_size=1, max_size=2)):
        at = data.draw(st.integers(0, len(line)))
        line = line[:at] + odd + line[at:]
    words = line.split()
    assume(words and words[0] not in OWN and not re.match(r"info\s+(stats|migrate)", line))

    assert masked(full.ours(line), line.strip()) == masked(full.theirs(line), line.strip())


@generated
@given(text=EXPRESSIONS)
def test_generated_expressions_have_the_same_value(full: Session, text: str) -> None:
    """``print`` tells the value of an expression, or what is wrong with it."""
    assume(not _TRAP.search(text) and not text.lstrip().startswith("/"))
    assume(text.strip())
    said = full.theirs(f"print /d {text}").split("\n")[0]

    assert said in ours_of(text)


def ours_of(text: str) -> list[str]:
    """Return what ``print /d`` may say of an expression, by our reading of it."""
    try:
        value, end = evaluate(text, 0)
    except ExpressionError as error:
        return [error.message]
    extraneous = "print|p: extraneous characters at the end of line"
    return [str(value)] if end == len(text) else [extraneous]


@generated
@given(word=WORDS)
def test_generated_words_have_the_same_value(full: Session, word: str) -> None:
    """A word reaches the command as QEMU's monitor would hand it over."""
    line = f"ringbuf_write rb0 {word}"
    ours = parse_line(line, full.monitor.commands)
    theirs = full.theirs(line)
    if is_parse_error(theirs):
        assert ours.error is not None
        assert ours.error.text == theirs
        return

    reply: Any = full.qemu.oracle.qmp("ringbuf-read", device="rb0", size=65536)

    assert ours.error is None
    assert ours.args["data"] == reply["return"]


@pytest.mark.parametrize(
    "size",
    [
        "512B",
        "1k",
        "1.5k",
        "3",
        "0x10",
        "1.25M",
        "2.5g",
        "0.5G",
        "64K",
        "1.0",
        "33m",
        "1.75M",
    ],
)
def test_sizes_have_the_same_value(full: Session, size: str) -> None:
    """What a disk is resized to is the size that we read."""
    line = f"block_resize d0 {size}"
    ours = parse_line(line, full.monitor.commands)

    assert full.theirs(line) == ""
    (device,) = [
        entry
        for entry in full.qemu.oracle.qmp("query-block")["return"]
        if entry["device"] == "d0"
    ]
    assert ours.args["size"] == device["inserted"]["image"]["virtual-size"]


@pytest.mark.parametrize(
    "lines",
    [
        ["xp /4xw 0", "xp 0", "xp /b 0", "xp /2 0", "xp 0", "xp /i 0", "xp 0", "xp /x 0"],
        ["xp /3dh 16", "xp /2c 0", "xp 0", "print 65", "print /x 65", "xp /o 0", "print 9"],
        ["print /c 65", "print 66", "print /i 3", "print 5", "xp /3ug 0", "print -1"],
    ],
)
def test_formats_stick_as_in_qemu(twins: tuple[Session, Session], lines: list[str]) -> None:
    """What a format leaves out is what the last one said, on either monitor."""
    ours, theirs = twins

    for line in lines:
        assert (line, ours.ours(line)) == (line, theirs.theirs(line))
