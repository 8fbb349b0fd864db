"""What reaches a guest, or may kill it: keys, dumps, jobs, and events, on real QEMUs."""

from __future__ import annotations

import os
import random
import shlex
import string
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.program import LIMIT, run
from tests.qemu.keyboard import KeyboardGuest, firmware_sector, typed
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

LONG = bool(os.environ.get("HMP_TEST_LONG"))
PRINTABLE = "".join(chr(code) for code in range(32, 127))


@contextmanager
def busy(loops: int = 3) -> Iterator[None]:
    """Have the processors busy beside what is tested."""
    with ExitStack() as stack:
        for _ in range(loops):
            loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(loop.wait)
            stack.callback(loop.kill)
        yield


@pytest.fixture
def guest(qemu_command: list[str], tmp_path: Path) -> Iterator[KeyboardGuest]:
    """A guest that writes down its keys."""
    machine = KeyboardGuest(qemu_command, tmp_path)
    yield machine
    machine.close()


def in_script(text: str) -> str:
    """Return a line that types a text, whatever it holds."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "<lt>")
    return f'type "{quoted}"'


def test_the_text_of_the_firmware_is_shown(qemu_command: list[str], tmp_path: Path) -> None:
    """A terminal without pictures shows what a screen in text mode says."""
    qemu = RunningQemu(qemu_command, ["-M", "pc", "-vga", "std", "-net", "none"])
    session = Terminal(qemu.path, lines=40, TERM="xterm", HMP_IMAGE="blocks")
    try:
        session.wait_for("(qemu")
        until = monotonic() + LIMIT
        while "SeaBIOS (version" not in session.text and monotonic() < until:
            session.type("screendump\r")
            session.wait(lambda: session.cursor_text.endswith(") "), "the prompt")
            session.read(0.5)

        assert "SeaBIOS (version" in session.text
        assert "▀" not in session.text
    finally:
        session.close()
        qemu.close()


def test_every_printable_character_arrives(guest: KeyboardGuest) -> None:
    """With its shift, and by a limit of the program that is shorter than it takes."""
    result = run("--timeout", "1", guest.path, script=in_script(PRINTABLE) + "\n")

    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert typed(guest.codes()) == (PRINTABLE, set())


def test_a_long_text_arrives(guest: KeyboardGuest) -> None:
    """More than QEMU's queue holds; when the line returns, the guest has had it all."""
    letters = random.Random(9).choices(string.ascii_letters, k=2000 if LONG else 250)
    text = "".join(letters)
    with busy():
        result = run("-c", f"type {text}", guest.path, limit=LIMIT * (5 if LONG else 1))
        codes = guest.codes()

    assert result.returncode == 0, result.stderr
    assert typed(codes) == (text, set())


def test_a_usb_keyboard_loses_nothing(qemu_command: list[str], tmp_path: Path) -> None:
    """It shows nobody what is unread, and the firmware reads one event in 8 or 10 ms."""
    text = "".join(random.Random(9).choices(string.ascii_letters, k=80)) + "AAAABBBB"
    usb = ("-usb", "-device", "usb-kbd")
    guest = KeyboardGuest(qemu_command, tmp_path, *usb, sector=firmware_sector())
    try:
        assert run("-c", f"type -d 0 {text}", guest.path).returncode == 0
        until = monotonic() + LIMIT
        while len(guest.codes()) <= len(text) and monotonic() < until:
            guest.oracle.qmp("query-status")
        assert guest.codes()[1:].decode() == text
    finally:
        guest.close()


def test_a_key_is_held_shortly_however_long_the_pause(guest: KeyboardGuest) -> None:
    """Else a guest with an autorepeat of its own has it many times."""
    begun = monotonic()
    result = run("-c", "type -d 300 aab", guest.path)

    assert result.returncode == 0
    assert monotonic() - begun > 0.9
    assert typed(guest.codes()) == ("aab", set())


@pytest.mark.parametrize("line", ["type ab<nosuch>cd", "type abé"])
def test_nothing_is_typed_of_what_cannot_be(guest: KeyboardGuest, line: str) -> None:
    """The whole text is looked at first."""
    assert run("-c", line, guest.path).returncode == 1
    assert run("-c", "type z", guest.path).returncode == 0
    assert typed(guest.codes()) == ("z", set())


def test_a_paused_guest_has_no_keys(guest: KeyboardGuest) -> None:
    """QEMU would drop them."""
    lines = ("stop", "type ab", "cont", "type c")
    result = run(*[word for line in lines for word in ("-c", line)], guest.path)

    assert result.stderr == "Error: the guest is not running\n"
    assert typed(guest.codes()) == ("c", set())


def test_typing_that_is_given_up_leaves_no_key_down(guest: KeyboardGuest) -> None:
    """QEMU releases what it has pressed."""
    session = Terminal("-c", f"type {'B' * 500}", guest.path)
    while b"\x30" not in guest.codes():
        guest.oracle.qmp("query-status")
    session.interrupt()
    assert session.wait_end() == 130
    session.close()
    assert run("-c", "type c", guest.path).returncode == 0

    text, down = typed(guest.codes())
    assert text.strip("B") == "c"
    assert down == set()


DEVICES = (
    "-device virtio-balloon-pci,id=bal -device virtio-rng-pci,id=rng -device pvpanic-pci"
    " -vga std -drive if=none,id=d0,file=disk.qcow2,format=qcow2"
)
REPEATED = {
    "dump-guest-memory -z dump": [],
    "dump-guest-memory dump": [],
    "savevm one": [],
    "savevm one\nloadvm one": [],
    "savevm one\ndelvm one": [],
    "migrate exec:cat>/dev/null\ncont": [],
    "migrate -d exec:cat>/dev/null": [
        "There's a migration process in progress",
        "paused due to previous migration",
    ],
    "commit d0": [],
    "drive_backup -f d0 copy.qcow2": [],
    "block_stream d0": ["is busy"],
    "block_stream d0\nblock_job_cancel d0": ["Block job 'd0' not found", "is busy"],
    "block_stream d0\ndrive_backup -f d0 copy.qcow2": ["is busy"],
    "calc_dirty_rate 1": ["the dirty rate is already being measured"],
    "screendump picture": [],
    "announce_self": [],
    "device_add usb-ehci,id=new\ndevice_del new": ["Duplicate device ID 'new'"],
    "stop\ncont\nsystem_reset": [],
}
"""Lines that may follow themselves at once, and what QEMU may have against that."""
TIMES = 40 if LONG else 12
DUMPS = 40 if LONG else 20


@pytest.fixture
def target(qemu_command: list[str], tmp_path: Path) -> Iterator[KeyboardGuest]:
    """A machine with a disk, for lines that are repeated."""
    for command in (
        "qemu-img create -q -f qcow2 base.qcow2 1M",
        "qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2",
    ):
        subprocess.run(shlex.split(command), check=True, cwd=tmp_path)
    machine = KeyboardGuest(qemu_command, tmp_path, *shlex.split(DEVICES))
    yield machine
    machine.close()


@pytest.mark.parametrize("lines", REPEATED)
def test_what_follows_itself_at_once(target: KeyboardGuest, lines: str) -> None:
    """Each time QEMU is ready for it, or says that it is not; it never dies of it."""
    with busy():
        result = run(
            target.path, script=f"{lines}\n" * (DUMPS if "dump" in lines else TIMES)
        )

    unexpected = [
        line
        for line in result.stderr.splitlines()
        if not any(known in line for known in REPEATED[lines])
    ]
    assert unexpected == []
    assert target.process.poll() is None
    assert "return" in target.oracle.qmp("query-status")


def test_dumps_of_a_session_follow_each_other(
    target: KeyboardGuest, tmp_path: Path
) -> None:
    """Pasted, and from a file; QEMU writes them beside its other work."""
    (tmp_path / "lines").write_text("dump-guest-memory -z dump\n" * 5 + "!echo done\n")
    session = Terminal("--yes", target.path, columns=120)
    try:
        session.wait_for("(qemu")
        with busy():
            session.type(f"source {tmp_path}/lines\r")
            session.wait_for("\ndone")
        assert "Error" not in session.text
    finally:
        session.close()
    assert target.process.poll() is None
    assert target.oracle.qmp("query-dump")["return"]["status"] == "completed"


def test_a_device_that_is_gone_is_the_one(qemu_command: list[str], tmp_path: Path) -> None:
    """Not another one that is gone as well; and none that is still there."""
    devices = "-device qemu-xhci -device usb-mouse,id=other -device usb-tablet,id=bal"
    machine = KeyboardGuest(qemu_command, tmp_path, *shlex.split(devices))
    try:
        lines = ("device_del other", "device_del bal", "info name")
        waits = ("wait DEVICE_DELETED device=bal", "wait DEVICE_DELETED device=mouse")
        words = [word for line in (*lines, *waits) for word in ("-c", line)]
        result = run("--timeout", "2", *words, machine.path)

        [gone] = result.stdout.splitlines()
        assert "DEVICE_DELETED  device=bal path=/machine/peripheral/bal" in gone
        assert result.stderr == "Error: no DEVICE_DELETED device=mouse within 2 s\n"
    finally:
        machine.close()
