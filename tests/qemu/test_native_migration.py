"""Migration: what our monitor says and does is what QEMU's own says and does."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from subprocess import run
from time import monotonic
from typing import Any

import pytest

from tests.fakes import LIMIT
from tests.qemu.conftest import Session
from tests.qemu.pairs import (
    assert_same_effect,
    assert_same_text,
    commands_sent,
    hide,
    sessions,
    twins,
)

MACHINE = "-M q35 -m 64 -S -nodefaults"
STATE = ["info migrate_capabilities", "info migrate_parameters", "info status"]

VALUES = [
    "5",
    "x",
    "-1",
    "-0",
    "-1k",
    "1.5k",
    "1.5",
    "300",
    "0x10",
    "010",
    "08",
    "+5",
    "1M",
    "on",
    "off",
    "yes",
    "n",
    "TRUE",
    "maybe",
    '"a b"',
    "a b",
    "5 ",
    '"5',
    '5" ',
    '""',
    "99999999999",
    "18446744073709551615",
    "18446744073709551616",
    "1E",
    "16E",
    "1.",
    "-18446744073709551615",
    "18446744073709551616x",
    "none",
    "zlib",
    "normal",
    "0x",
    "legacy",
    "cpr-reboot",
    "1 2 'a b' c\\ d",
    "'a",
    "a \\",
    'a "b',
    "a #b",
    "1KB",
]
PLAIN = ["5", "300", "0x10", "1M", "99999999999"]


@pytest.fixture(scope="module")
def pair(qemu_command: list[str]) -> Iterator[tuple[Session, Session]]:
    """Two machines that nobody migrates."""
    with twins(qemu_command, MACHINE) as found:
        yield found


def test_every_parameter_takes_and_refuses_the_same(
    pair: tuple[Session, Session],
) -> None:
    """Sizes, integers, switches, words and lists, good and bad ones."""
    schema = pair[0].qemu.oracle.qmp("query-qmp-schema")["return"]
    entries = {entry["name"]: entry for entry in schema}
    members = entries[entries["migrate-set-parameters"]["arg-type"]]["members"]
    sent = commands_sent(pair[0])
    for member in members:
        name, entry = member["name"], entries.get(member["type"], {})
        for values, given in ((PLAIN, (0,)), (VALUES, _given(name, entry))):
            lines = [f"migrate_set_parameter {name} {value}" for value in values]
            sent.clear()
            assert_same_effect(pair, lines, ["info migrate_parameters"])
            assert sent.count("human-monitor-command") in given, name


def _given(name: str, entry: dict[str, Any]) -> Container[int]:
    """Return how many of the values of a parameter QEMU's monitor may be given.

    entry: of its type. Each release reads sizes in its own way, but for plain ones. A list
    with a comment in it, or one that does not end, is QEMU's to split. All others we read.
    """
    if entry.get("json-type") == "int":
        return range(len(VALUES))
    return (6,) if name == "cpr-exec-command" else (0,)


LINES = [
    "migrate_set_parameter",
    "migrate_set_parameter nope",
    "migrate_set_parameter nope 1",
    "migrate_set_capability",
    "migrate_set_capability events",
    "migrate_cancel x",
    "migrate_set_capability events maybe",
    "migrate_set_capability nope on",
    "migrate_set_capability xbzrle on",
    "migrate_set_capability xbzrle off",
    "migrate_set_capability events on",
    "migrate_set_capability postcopy-ram on",
    "migrate_set_capability x-colo on",
    "migrate_set_capability compress on",
    "migrate_set_capability multifd on",
    "migrate_set_capability postcopy-preempt on",
    "migrate_continue",
    "migrate_continue nope",
    "migrate_continue active",
    "migrate_continue pre-switchover",
    "migrate_continue failed",
    "migrate_pause",
    "migrate_pause x",
    "migrate_recover",
    "migrate_recover tcp:x",
    "migrate_cancel",
    "migrate_incoming",
    "migrate_incoming tcp:1:2",
    "migrate_start_postcopy",
    "x_colo_lost_heartbeat",
    "migrate",
    "migrate -d",
    "migrate -x tcp:x",
    "migrate nope",
    "migrate nope:1",
    "migrate tcp:x",
    "migrate tcp",
    "migrate -r tcp:localhost:1",
    "migrate fd:nope",
    "migrate unix:",
    "migrate -d -r x",
    "migrate -b nope:1",
    "migrate -i nope:1",
    "migrate -d -b -i nope:1",
    "migrate -R x",
    "migration_mode 1",
    "migrate_set_parameter multifd-channels 3",
]


def test_what_can_be_set_and_what_fails_at_once(pair: tuple[Session, Session]) -> None:
    """Names, states and addresses that are not, or not now."""
    assert_same_effect(pair, LINES, STATE)


def test_reading_a_machine_that_was_never_migrated(pair: tuple[Session, Session]) -> None:
    """Nothing, but what it is set to."""
    assert_same_text(pair[0], ["info migrate", "info migrate -a", "info migrate x", *STATE])


READS = ["info migrate", "info migrate -a", "info status"]
TIMES = hide(r"total=\d+|total time: \d+")


def status(session: Session) -> Any:
    """Return QMP's state of a machine's migration."""
    return session.qemu.oracle.qmp("query-migrate")["return"].get("status")


def until(session: Session, *states: str) -> None:
    """Wait until a migration is in one of some states."""
    end = monotonic() + LIMIT
    while status(session) not in states:
        assert monotonic() < end, f"{status(session)} instead of {states}"
        session.qemu.oracle.qmp("query-version")


@pytest.fixture
def ends(qemu_command: list[str]) -> Iterator[tuple[Session, Session]]:
    """A machine to migrate, and one that waits for being told where to listen."""
    with sessions(qemu_command, MACHINE, f"{MACHINE} -incoming defer") as (source, target):
        yield source, target


def listen(target: Session, scheme: str = "unix") -> str:
    """Have the target listen; return where."""
    if scheme == "unix":
        uri = f"unix:{target.qemu.folder}/in"
        assert target.ours(f"migrate_incoming {uri}") == ""
        return uri
    assert target.ours("migrate_incoming tcp:127.0.0.1:0") == ""
    address = target.qemu.oracle.qmp("query-migrate")["return"]["socket-address"][0]
    return f"tcp:{address['host']}:{address['port']}"


def test_a_migration_is_waited_for_until_its_real_end(
    ends: tuple[Session, Session],
) -> None:
    """The guest is there then; both ends say so, and say all there is to know."""
    source, target = ends
    uri = listen(target, "tcp")
    assert_same_text(target, READS)
    sent = commands_sent(source)

    call = source.call(f"migrate {uri}")

    assert (call.error, call.value["status"], call.text()) == (None, "completed", "")
    assert sent.count("migrate") == 1
    assert set(sent) == {"migrate", "query-migrate", "query-yank"}
    until(target, "completed")
    for end in ends:
        assert_same_text(end, READS)


def test_a_migration_that_pauses_before_the_switchover(
    ends: tuple[Session, Session],
) -> None:
    """That is no end, but nothing more happens by itself."""
    source, target = ends
    assert source.ours("migrate_set_capability pause-before-switchover on") == ""

    call = source.call(f"migrate {listen(target)}")

    assert call.error is None
    assert call.value["status"] == "pre-switchover"
    assert_same_text(source, READS, TIMES)
    assert source.ours("migrate_continue device") == source.theirs(
        "migrate_continue device"
    )
    assert source.ours("migrate_continue pre-switchover") == ""
    until(source, "completed")
    assert_same_text(source, READS)


@pytest.mark.parametrize("capability", ["xbzrle", "multifd", "postcopy-blocktime"])
def test_what_capabilities_add(ends: tuple[Session, Session], capability: str) -> None:
    """A cache, channels, times: each has its lines."""
    source, target = ends
    capabilities = [capability, *(["postcopy-ram"] if "postcopy" in capability else [])]
    for end in ends:
        for name in capabilities:
            assert end.ours(f"migrate_set_capability {name} on") == ""

    assert source.call(f"migrate {listen(target)}").error is None

    until(target, "completed")
    for end in ends:
        assert_same_text(end, READS)


@pytest.mark.parametrize("uri", ["unix:nowhere", '"exec:exit 3"', "tcp:127.0.0.1:1"])
def test_a_migration_that_fails_is_a_command_that_fails(
    ends: tuple[Session, Session], uri: str
) -> None:
    """With the migration's own reason, where QEMU tells one."""
    source, _ = ends

    call = source.call(f"migrate {uri}")

    assert call.error is not None
    told = source.qemu.oracle.qmp("query-migrate")["return"]
    assert told["status"] == "failed"
    assert call.error.desc == told.get("error-desc", call.error.desc)
    assert call.error_text() == f"Error: {call.error.desc}\n"
    assert_same_text(source, READS)


def test_a_detached_migration_goes_on_by_itself(ends: tuple[Session, Session]) -> None:
    """Until it is cancelled; the same lines are read on the way."""
    source, target = ends
    assert source.ours("migrate_set_parameter max-bandwidth 4096B") == ""

    assert source.ours(f"migrate -d {listen(target)}") == ""

    until(source, "active")
    numbers = hide(r"[\d.]+( [KM]i?B| B)?", r"(dirty pages rate|precopy ram).*\n")
    assert_same_text(source, READS, numbers)
    assert_same_text(source, ["migrate -d tcp:127.0.0.1:1", "migrate_incoming tcp:0:0"])
    assert source.ours("migrate_cancel") == ""
    until(source, "cancelled")
    assert_same_text(source, READS)


def test_a_postcopy_migration_is_paused_and_recovered(qemu_command: list[str]) -> None:
    """The target waits for memory meanwhile, and only hears what comes out-of-band."""
    machine = MACHINE.replace("-S ", "")
    with sessions(qemu_command, machine, f"{machine} -incoming defer") as ends:
        source, target = ends
        for end in ends:
            assert end.ours("migrate_set_capability postcopy-ram on") == ""
        for name in ("max-bandwidth", "max-postcopy-bandwidth"):
            assert source.ours(f"migrate_set_parameter {name} 4096B") == ""
        assert source.ours(f"migrate -d {listen(target)}") == ""
        until(source, "active")
        assert source.ours("migrate_start_postcopy") == ""
        for end in ends:
            until(end, "postcopy-active")

        assert source.ours("migrate_pause") == ""

        until(source, "postcopy-paused")
        sent = commands_sent(target)
        uri = f"unix:{target.qemu.folder}/again"
        recover(target, uri)
        assert set(sent) == {"migrate-recover"}
        assert source.ours("migrate_set_parameter max-postcopy-bandwidth 0") == ""
        call = source.call(f"migrate -r {uri}")
        assert call.error is None
        assert call.value["status"] in ("postcopy-active", "completed")
        until(source, "completed")
        until(target, "completed")
        for end in ends:
            assert_same_text(end, READS)


def recover(target: Session, uri: str) -> None:
    """Have the target listen again, as soon as it knows that its source is gone."""
    end = monotonic() + LIMIT
    while target.ours(f"migrate_recover {uri}"):
        assert monotonic() < end, target.ours(f"migrate_recover {uri}")


def test_a_target_stays_when_nonsense_comes_in(ends: tuple[Session, Session]) -> None:
    """Where QEMU can be told to stay, its own monitor and ours both do."""
    _, target = ends
    entries = {e["name"]: e for e in target.qemu.oracle.qmp("query-qmp-schema")["return"]}
    members = entries[entries["migrate-incoming"]["arg-type"]]["members"]
    if "exit-on-error" not in {member["name"] for member in members}:
        assert target.ours("migrate_incoming tcp:x") == target.theirs(
            "migrate_incoming tcp:x"
        )
        return

    assert target.ours('migrate_incoming "exec:echo nonsense"') == ""

    until(target, "failed")
    assert_same_text(target, [*READS, "migrate_incoming tcp:0:0"])


def test_what_blocks_a_migration_is_told(qemu_command: list[str], tmp_path: Path) -> None:
    """Both in what is read and in why it does not start."""
    image = tmp_path / "disk.vdi"
    run(["qemu-img", "create", "-q", "-f", "vdi", str(image), "1M"], check=True)
    machine = f"{MACHINE} -drive if=none,id=d0,file={image},format=vdi"
    with sessions(qemu_command, machine) as (session,):
        assert "blocked" in session.theirs("info migrate")
        assert_same_text(session, [*READS, "migrate tcp:127.0.0.1:1"])


BAD = [
    "",
    "1",
    "h",
    "[::1]",
    "[::1:5",
    "h:",
    "[]:1",
    f"{'h' * 65}:1",
    "h:1,to=",
    "h:1,id=1",
]
GOOD = ["h:1", ":1", "[::1]:1", "h:1,to=5", "h:1,ipv4", "h:1,ipv6=off", "h:1,"]


def test_addresses_that_kill_qemu_are_not_sent(ends: tuple[Session, Session]) -> None:
    """They are refused in the words of a QEMU that lives on."""
    source, target = ends
    for session, command in (
        (source, "migrate"),
        (source, "migrate -d"),
        (target, "migrate_incoming"),
        (target, "migrate_recover"),
    ):
        judged = session.qemu.version < (8, 0)
        for address in BAD:
            line = f"{command} rdma:{address}"
            refusal = f"Error: RDMA ERROR: bad RDMA migration address '{address}'\n"
            assert session.ours(line) == (session.theirs(line) if judged else refusal)
        assert session.theirs("info status") != ""


def test_addresses_that_qemu_can_read_are_sent(ends: tuple[Session, Session]) -> None:
    """It then finds no RDMA here, or no host."""
    source, target = ends
    for address in GOOD:
        line = f"migrate -d rdma:{address}"
        assert source.ours(line) == source.theirs(line)
        assert "RDMA ERROR" in source.theirs(line)
    assert "RDMA ERROR: could not" in target.ours("migrate_incoming rdma:h:1")
