from __future__ import annotations

import pytest

from hmp.display.sink import Sink
from hmp.fleet.report import (
    Report,
    difference_text,
    gathered,
    gathered_text,
    summary,
)
from hmp.fleet.run_all import Outcome
from hmp.fleet.sets import SetMember


def outcome(
    name: str, *, failed: bool = False, gone: bool = False, done: bool = True
) -> Outcome:
    """Return what a machine has answered."""
    made = Outcome(SetMember(name))
    made.failed = failed
    made.gone = "gone" if gone else None
    if done:
        made.done.set()
    return made


@pytest.mark.parametrize(
    ("outcomes", "lines"),
    [
        ([outcome("vm1"), outcome("vm2")], []),
        (
            [outcome("vm1", failed=True), outcome("vm2"), outcome("vm3", failed=True)],
            ["hmp: 2 of 3 failed: vm[1,3]\n"],
        ),
        ([outcome("vm1", gone=True)], ["hmp: 1 of 1 could not be reached: vm1\n"]),
        (
            [outcome("vm1"), outcome("vm2", done=False)],
            ["hmp: 1 of 2 did not answer in time: vm2\n"],
        ),
        (
            [outcome("a", failed=True), outcome("b", gone=True), outcome("c", done=False)],
            [
                "hmp: 1 of 3 failed: a\n",
                "hmp: 1 of 3 could not be reached: b\n",
                "hmp: 1 of 3 did not answer in time: c\n",
            ],
        ),
        ([outcome("a\x1b[2J", failed=True)], ["hmp: 1 of 1 failed: a\\x1b[2J\n"]),
    ],
)
def test_the_end_of_a_run(outcomes: list[Outcome], lines: list[str]) -> None:
    """One line for those that failed, were not reached, and have not answered."""
    assert list(summary(outcomes)) == lines


def answering(name: str, *pieces: tuple[int, str], gone: str | None = None) -> Outcome:
    """Return a machine that has answered with these pieces."""
    made = outcome(name)
    made.pieces.extend(pieces)
    made.gone = gone
    return made


class Kept(Sink):
    """What is written, and whether it may hold terminal codes."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__(1)
        self.texts = texts

    def write(self, text: str, ours: bool = False) -> None:
        """Keep it."""
        self.texts.append(f"ours {text}" if ours else text)

    def flush(self) -> None:
        """Write nothing."""


def reported(outcomes: list[Outcome], style: str = "text") -> tuple[list[str], list[str]]:
    """Return what a report writes to standard output and standard error."""
    out: list[str] = []
    err: list[str] = []
    report = Report(outcomes, style, None, Kept(out), Kept(err))
    report.follow()
    report.finish()
    return out, err


def test_each_result_is_shown_once() -> None:
    """After the name of its machine; errors go to standard error."""
    outcomes = [
        answering("a", (1, "x\ny\n"), (2, "bad\n")),
        answering("b", gone="it has\ngone"),
    ]

    assert reported(outcomes) == (
        ["a: x\na: y\n"],
        ["a: bad\n", "b: it has\\ngone\n", "hmp: 1 of 2 could not be reached: b\n"],
    )
    assert reported(outcomes[:1], "rich")[0] == ["ours a: x\na: y\n"]
    out, err = reported([answering("a", (1, "{}\n")), answering("b", gone="gone")], "json")
    assert out == [
        "{}\n",
        '{"target": "b", "error": {"class": "GenericError", "desc": "gone"}}\n',
    ]
    assert err == ["hmp: 1 of 2 could not be reached: b\n"]


def test_what_was_not_followed_is_shown_at_the_end() -> None:
    """After Ctrl-C, of those that have answered since."""
    late, never = answering("a", (1, "x\n")), outcome("b", done=False)
    out: list[str] = []
    Report([late, never], "text", None, Kept(out), Kept([])).finish()

    assert out == ["a: x\n"]


def test_all_has_been_written_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    """The program may exit then without another look at its buffers."""
    outcomes = [answering("a", (1, "x\n")), outcome("b", failed=True)]
    Report(outcomes, "text", None, Sink(1), Sink(2)).finish()

    assert capfd.readouterr() == ("a: x\n", "hmp: 1 of 2 failed: b\n")


def test_equal_results_are_gathered() -> None:
    """In the order of their first machines; one that said nothing has no group."""
    outcomes = [
        answering("vm1", (1, "x\n")),
        answering("vm2", (1, "y\n")),
        answering("vm3", (1, "x\n")),
        answering("vm4", gone="gone"),
    ]

    groups = gathered(outcomes)
    assert groups == [(["vm1", "vm3"], "x\n"), (["vm2"], "y\n")]
    assert [*gathered_text(groups)] == ["vm[1,3] (2)\nx\n", "vm2 (1)\ny\n"]
    shown: list[str] = []
    together = Report(outcomes, "text", gathered_text, Kept(shown), Kept([]))
    together.follow()
    together.finish()
    assert shown == ["vm[1,3] (2)\nx\n", "vm2 (1)\ny\n"]


def test_generated_names_are_no_difference() -> None:
    """QEMU makes them up; whoever has one of its own text keeps it."""
    outcomes = [
        answering("vm1", (1, "a (#block147): x\n")),
        answering("vm2", (1, "a (#block1195): x\n")),
        answering("vm3", (1, "a (#block163): y\n")),
        answering("vm4", (1, "a (#block163): y\n")),
        answering("vm5", (1, "a (#block121): x\nb\n")),
    ]

    groups = gathered(outcomes)
    assert groups == [
        (["vm1", "vm2"], "a (#block*): x\n"),
        (["vm3", "vm4"], "a (#block163): y\n"),
        (["vm5"], "a (#block121): x\nb\n"),
    ]
    changes = [
        [line for line in text.splitlines() if line[:1] in "+-" and line[1:2] not in "+-"]
        for text in difference_text(groups)
    ]
    assert changes == [[], ["-a (#block*): x", "+a (#block*): y"], ["+b"]]


def memory(*lines: str) -> tuple[int, str]:
    """Return a text as of ``info mtree``."""
    return 1, "\n".join(["address-space: a", " 0-1: ram", "", *lines, ""])


def test_the_order_of_pointers_is_no_difference() -> None:
    """The first order is shown; what is indented otherwise is another tree."""
    outcomes = [
        answering("vm1", memory("address-space: b", "address-space: c", " 0-2: io")),
        answering("vm2", memory("address-space: c", "address-space: b", " 0-2: io")),
        answering("vm3", memory("address-space: c", "address-space: b", "  0-2: io")),
    ]
    assert [names for names, _ in gathered(outcomes)] == [["vm1", "vm2"], ["vm3"]]
    assert gathered(outcomes)[0][1] == outcomes[0].text
    plain = [answering("vm1", (1, "a\nb\n")), answering("vm2", (1, "b\na\n"))]
    assert len(gathered(plain)) == 2


def test_only_addresses_in_qemu_are_left_out() -> None:
    """What a guest's memory holds is a difference."""
    row = "pc.ram 4 KiB 0x0000000000000000 0x0000000000000000 0x00007f{}1be00000  rw\n"
    blocks = [answering(f"vm{n}", (1, row.format(f"0{n}"))) for n in (1, 2)]
    assert [names for names, _ in gathered(blocks)] == [["vm1", "vm2"]]
    guest = "0000000000001000: 0x00007f{}1be00000 0x0000000000000000\n"
    words = [answering(f"vm{n}", (1, guest.format(f"0{n}"))) for n in (1, 2)]
    assert [names for names, _ in gathered(words)] == [["vm1"], ["vm2"]]
