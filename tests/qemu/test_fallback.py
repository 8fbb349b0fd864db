"""A QEMU that does not do over QMP what we would have it do: its own monitor still does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.qemu.conftest import Session
from tests.qemu.pairs import assert_same_text, commands_sent, sessions

STRICT = (
    "-M q35 -nodefaults -S -device qemu-xhci"
    " -drive if=none,id=d0,driver=null-co,read-zeroes=on"
    " -compat unstable-input=reject,deprecated-input=reject"
)


@pytest.fixture(scope="module")
def strict(qemu_command: list[str]) -> Iterator[Session]:
    """A machine that refuses what may change one day."""
    with sessions(qemu_command, STRICT) as (session,):
        yield session


LINES = [
    "info roms",
    "info usb",
    "info irq",
    "info numa",
    "info jit",
    "info ramblock",
    "info virtio",
    "info snapshots",
    "info kvm",
    "nbd_server_add d0",
    "nbd_server_remove d0",
    "drive_backup nope x",
    "exit_preconfig",
    "x_colo_lost_heartbeat",
    "block_job_pause nope",
]


def test_its_monitor_stands_in(strict: Session) -> None:
    """The text is the same as ever."""
    sent = commands_sent(strict)
    assert_same_text(strict, LINES)

    assert sent.count("human-monitor-command") >= len(LINES) // 2


def test_help_does_not_call_it_missing(strict: Session) -> None:
    """It can be done."""
    strict.monitor.front.detailed = True
    topic = strict.call("help info roms").value

    assert "unavailable" not in topic
