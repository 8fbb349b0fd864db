from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls
from tests.shapes import filled_event


@pytest.mark.parametrize(
    ("line", "value"),
    [("balloon 512", 512 << 20), ("balloon 1+1", 2 << 20), ("balloon 0", 0)],
)
def test_balloon_is_in_mib(line: str, value: int) -> None:
    """QMP takes bytes."""
    assert qmp_calls(line) == [("balloon", {"value": value})]


def test_balloon_below_nothing() -> None:
    """It is refused here, as by QEMU."""
    session = FakeSession({"balloon": {}})

    assert session.prints("balloon -1").startswith("enter a positive value\n")
    assert "balloon" not in dict(session.calls)


@pytest.mark.parametrize(
    ("line", "command", "value"),
    [
        ('memsave 0x1000 16 "f"', "memsave", 0x1000),
        ('memsave 0xffffffff80000000 16 "f"', "memsave", -(1 << 31)),
        ('pmemsave 1+1 16 "f"', "pmemsave", 2),
    ],
)
def test_saving_memory(line: str, command: str, value: int) -> None:
    """Addresses are of 64 bits, with a sign."""
    assert qmp_calls(line) == [(command, {"val": value, "size": 16, "filename": "f"})]


BAD_CPU = QMPError("Parameter 'cpu-index' expects a CPU number")


def test_saving_memory_as_the_current_cpu_sees_it() -> None:
    """One that was unplugged is forgotten; without any QEMU says so."""
    session = FakeSession({"memsave": lambda args: BAD_CPU if "cpu-index" in args else {}})
    session.monitor.cpu = 3

    assert session.prints("memsave 0 1 f") == ""
    assert [args.get("cpu-index") for _, args in session.calls] == [3, None]
    assert session.monitor.cpu is None
    assert FakeSession({"memsave": BAD_CPU}).prints("memsave 0 1 f") == (
        "No CPU available\n"
    )
    session = FakeSession({"memsave": QMPError("another")})
    session.monitor.cpu = 3
    assert session.prints("memsave 0 1 f") == "Error: another\n"
    assert session.monitor.cpu == 3


DUMP = "dump-guest-memory"


@pytest.mark.parametrize(
    ("flags", "members"),
    [
        ("-d", {"format": "elf"}),
        ("-p -d", {"format": "elf", "paging": True}),
        ("-d -w", {"format": "win-dmp"}),
        ("-d -z", {"format": "kdump-zlib"}),
        ("-d -l", {"format": "kdump-lzo"}),
        ("-d -s", {"format": "kdump-snappy"}),
        ("-d -s -R", {"format": "kdump-raw-snappy"}),
        ("-d -R", {"format": "elf"}),
    ],
)
def test_dump_formats(flags: str, members: Message) -> None:
    """Each flag is one of QMP's formats."""
    calls = qmp_calls(f"{DUMP} {flags} f", {"query-qmp-schema": schema("kdump-raw-zlib")})

    assert calls[-1] == (
        DUMP,
        {"paging": False, "detach": True, "protocol": "file:f", **members},
    )


def schema(*formats: str) -> list[dict[str, Any]]:
    """Return a schema with some formats for dumps."""
    return [
        {"name": DUMP, "meta-type": "command", "arg-type": "a", "ret-type": "a"},
        {
            "name": "a",
            "meta-type": "object",
            "members": [{"name": "format", "type": "f"}],
        },
        {"name": "f", "meta-type": "enum", "values": ["elf", *formats]},
    ]


def test_dump_flags_that_do_not_go() -> None:
    """Two formats, or one that an older machine does not have."""
    assert FakeSession().prints(f"{DUMP} -z -l f") == (
        "Error: only one of '-z|-l|-s|-w' can be set\n"
    )
    assert FakeSession({"query-qmp-schema": schema("kdump-zlib")}).prints(
        f"{DUMP} -z -R f"
    ) == (f'{DUMP}: unsupported option -R\nTry "help {DUMP}" for more information\n')


def state(status: str, completed: int = 0) -> Message:
    """Return how far a dump is."""
    return {"status": status, "completed": completed, "total": 100}


def test_a_script_has_a_dump_made_as_qemus_monitor_does() -> None:
    """QEMU does nothing else, and can begin the next one when it answers."""
    [(name, arguments)] = qmp_calls(f"{DUMP} -z f 0 4096")

    assert (name, arguments["detach"], arguments["length"]) == (DUMP, False, 4096)


def dumping(
    looks: Iterator[Message], blocked: Iterator[list[str]] | None = None
) -> FakeSession:
    """Return a session in which somebody sits, on a machine whose dump goes that way.

    blocked: by look, why it cannot be migrated.
    """
    session = FakeSession({DUMP: {}})
    session.monitor.front.interactive = True
    answers = session.machine.answers

    def query(args: Message) -> Message:
        result = next(looks)
        if result["status"] != "active":
            data = {
                "result": result,
                **({"error": "why"} if "failed" in str(result) else {}),
            }
            session.machine.on_event(
                filled_event({"event": "DUMP_COMPLETED", "data": data})
            )
        return result

    answers["query-dump"] = query
    answers["query-migrate"] = lambda args: {
        "blocked-reasons": next(blocked or iter([]), [])
    }
    return session


def test_a_session_waits_for_a_dump() -> None:
    """With how far it is."""
    session = dumping(iter([state("active", 50), state("completed", 100)]))
    shown: list[tuple[str, int, int]] = []
    session.monitor.front.progress = (  # type: ignore[method-assign]  # a fake
        lambda what, done, total: shown.append((what, done, total))
    )

    assert session.prints(f"{DUMP} f 0 4096") == ""
    assert session.calls[0][1]["detach"] is True
    assert shown[0] == ("dump", 50, 100)
    assert session.monitor.listeners == []


def test_a_dump_that_fails_is_a_command_that_fails() -> None:
    """With the reason that its event has."""
    assert dumping(iter([state("failed")])).prints(f"{DUMP} f") == "Error: why\n"


def test_a_dump_whose_event_does_not_come() -> None:
    """It is over all the same."""
    session = FakeSession({DUMP: {}, "query-dump": state("failed"), "query-migrate": {}})
    session.monitor.front.interactive = True

    assert session.prints(f"{DUMP} f") == "Error: the dump failed\n"


def test_a_dump_is_over_when_qemu_has_tidied_up() -> None:
    """Its thread still does after the event, and the next dump would kill QEMU."""
    why = ["a device", "Live migration disabled: dump-guest-memory in progress"]
    blocked = iter([why, why, why[:1]])
    session = dumping(iter([state("completed")]), blocked)

    assert session.prints(f"{DUMP} f") == ""
    assert next(blocked, None) is None


def test_waiting_for_a_detached_dump_waits_for_that_too() -> None:
    """The event comes before."""
    blocked = iter([["dump-guest-memory in progress"], []])
    session = dumping(iter([]), blocked)
    session.machine.on_event(
        filled_event({"event": "DUMP_COMPLETED", "data": {"result": {}}})
    )

    assert session.call("wait DUMP_*").error is None
    assert next(blocked, None) is None


ELSEWHERE = QMPError("Storage keys information not available for this architecture")


def test_storage_keys() -> None:
    """Other machines than s390x have none, and their own monitors say so."""
    assert qmp_calls("dump-skeys f") == [("dump-skeys", {"filename": "f"})]
    bad = FakeSession({"dump-skeys": QMPError("Could not open 'f': x")})
    assert bad.prints("dump-skeys f") == "Could not open 'f': x\n"
    text = "Command 'dump-skeys' not available until machine initialization"
    other = FakeSession({"dump-skeys": ELSEWHERE}, {"dump-skeys f": f"{text}\r\n"})
    assert other.prints("dump-skeys f") == f"{text}\n"
    alone = FakeSession({"dump-skeys": ELSEWHERE}, has_hmp=False)
    assert alone.prints("dump-skeys f") == f"{ELSEWHERE.desc}\n"


BYTES = "0000000000000000: 0x48 0x69 0x00 0x7f\r\n"


def look(text: str, again: str = "") -> str:
    """Return what memory looks like, at the second look when there is one."""
    session = FakeSession(lines={"x /4xb 0": text})
    if again:
        drive(session.monitor.run("x/4xb 0"))
        session.machine.lines["x /4xb 0"] = again
    session.monitor.print_defaults = ("x", 1)
    return session.looks("x/4xb 0")


def test_memory_has_its_characters_beside_it() -> None:
    """Those of bytes, where they have any."""
    assert look(BYTES) == (
        "  0000000000000000  0x48 0x69 0x00 0x7f                      Hi..\n"
    )


def test_memory_that_changed_is_marked() -> None:
    """The line, for those who see no colours."""
    changed = BYTES.replace("0x69", "0x6f")

    assert look(BYTES, changed).startswith("● 0000000000000000  0x48 0x6f")
    assert look(BYTES, BYTES).startswith("  0000000000000000  0x48 0x69")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "0x000ffff0:  ea 5b e0 00 f0           ljmpw    $0xf000:$0xe05b\r\n",
            "  0x000ffff0  ea 5b e0 00 f0           ljmpw    $0xf000:$0xe05b\n",
        ),
        ("0000: ' ' '\\n' '\\'' 'a'\r\n", "  0000  ' ' '\\n' '\\'' 'a'\n"),
    ],
)
def test_other_forms_of_memory(text: str, shown: str) -> None:
    """Instructions and characters."""
    assert look(text) == shown
