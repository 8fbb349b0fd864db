"""``guest``: what the agent is asked, and how its answers read."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from hmp.monitor.errors import CommandFailedError
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message


def agent(answers: Message) -> FakeSession:
    """Return a session with a guest agent."""
    session = FakeSession(answers)
    session.machine.is_agent = True
    session.machine.fills = False
    return session


def packed(text: str | bytes) -> str:
    """Return a text as the agent sends it."""
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


STARTED: Message = {"guest-exec": {"pid": 7}}


def ran(**status: Any) -> FakeSession:
    """Return a session whose programs end like this."""
    return agent({**STARTED, "guest-exec-status": {"exited": True, **status}})


def test_a_program_is_started_without_a_shell() -> None:
    """Quotes hold words together."""
    session = ran(exitcode=0)

    assert session.prints('guest exec echo "a b" c') == ""
    assert session.calls == [
        ("guest-exec", {"path": "echo", "arg": ["a b", "c"], "capture-output": True}),
        ("guest-exec-status", {"pid": 7}),
    ]


@pytest.mark.parametrize(
    ("status", "printed"),
    [
        ({"out-data": packed("a\nb\n"), "err-data": packed("oh\n")}, "a\nb\noh\n"),
        ({"out-data": packed("a"), "exitcode": 3}, "a\nexit status 3\n"),
        ({"signal": 9}, "ended by signal 9\n"),
        (
            {"out-truncated": True},
            "(the agent has dropped the rest of the output)\n",
        ),
        (
            {"err-truncated": True, "exitcode": 1},
            "(the agent has dropped the rest of the output)\nexit status 1\n",
        ),
        ({"out-data": packed(b"\xff\n")}, "\ufffd\n"),
        ({"err-data": packed(b"\xfe\n")}, "\ufffd\n"),
    ],
)
def test_how_a_program_ended(status: Message, printed: str) -> None:
    """Output, errors, and the end unless that was well."""
    assert ran(**status).prints("guest exec x") == printed


def test_a_program_is_waited_for() -> None:
    """Until it has ended."""
    answers = iter([{"exited": False}, {"exited": False}, {"exited": True, "exitcode": 0}])
    session = agent({**STARTED, "guest-exec-status": lambda arguments: next(answers)})
    call = session.call("guest exec x")

    assert call.error is None
    assert call.continues == ""
    assert call.value == {"exitcode": 0, "out": "", "err": ""}
    assert session.machine.pauses == 2


def test_a_program_that_takes_too_long() -> None:
    """It still runs; its number helps."""
    session = agent({**STARTED, "guest-exec-status": {"exited": False}})
    call = session.call("guest exec -t 0.01 x")

    assert call.error_text() == (
        "Error: the program has not ended within 0.01 s; it is process 7\n"
    )
    assert call.continues == "the program is still running in the guest, as process 7"


@pytest.mark.parametrize(
    ("line", "answers", "error"),
    [
        ("guest exec -t 5 ", {}, "Error: exec needs a program\n"),
        ('guest exec "a', {}, "Error: "),
        (
            "guest exec x",
            {**STARTED, "guest-exec-status": {"exited": True, "out-data": "?"}},
            "Error: the guest agent sent a text that is not base64\n",
        ),
    ],
)
def test_programs_that_do_not_run(line: str, answers: Message, error: str) -> None:
    """The error says why."""
    assert agent(answers).prints(line).startswith(error)


INTERFACES = [
    {
        "name": "eth0",
        "hardware-address": "52:54:00:12:34:56",
        "ip-addresses": [
            {"ip-address": "10.0.2.15", "prefix": 24, "ip-address-type": "ipv4"},
            {"ip-address": "fe80::1", "prefix": 64, "ip-address-type": "ipv6"},
        ],
    },
    {"name": "sit0"},
]
SYSTEMS: list[Message] = [
    {
        "mountpoint": "/",
        "name": "vda1",
        "type": "ext4",
        "total-bytes": 2 << 30,
        "used-bytes": 1 << 30,
        "disk": [],
    },
    {
        "mountpoint": "/new",
        "name": "vdb",
        "type": "xfs",
        "total-bytes": 1 << 20,
        "disk": [],
    },
    {"mountpoint": "/proc", "name": "proc", "type": "proc", "disk": []},
]
USERS: list[Message] = [
    {"user": "ada", "login-time": 1.5},
    {"user": "bob", "domain": "OFFICE", "login-time": 1e300},
]


@pytest.mark.parametrize(
    ("line", "command", "value", "printed"),
    [
        (
            "guest ip",
            "guest-network-get-interfaces",
            INTERFACES,
            "eth0: 52:54:00:12:34:56 10.0.2.15/24 fe80::1/64\nsit0:\n",
        ),
        (
            "guest fsinfo",
            "guest-get-fsinfo",
            SYSTEMS,
            "/: vda1 (ext4), 1 GiB of 2 GiB used\n"
            "/new: vdb (xfs), 0 B of 1 MiB used\n"
            "/proc: proc (proc)\n",
        ),
        (
            "guest users",
            "guest-get-users",
            USERS,
            "ada: logged in since 1970-01-01 00:00:01 UTC\n"
            "OFFICE\\bob: logged in since 1e+300\n",
        ),
    ],
)
def test_what_the_agent_knows(line: str, command: str, value: Any, printed: str) -> None:
    """As text; the tables are golden files."""
    session = agent({command: value})

    assert session.prints(line) == printed
    assert session.call(line).value == value


@pytest.mark.parametrize(
    ("line", "command", "count", "printed"),
    [
        ("guest freeze", "guest-fsfreeze-freeze", 1, "1 file system frozen\n"),
        ("guest thaw", "guest-fsfreeze-thaw", 2, "2 file systems thawed\n"),
    ],
)
def test_file_systems_are_counted(
    line: str, command: str, count: int, printed: str
) -> None:
    """One is not "systems"."""
    assert agent({command: count}).prints(line) == printed


@pytest.mark.parametrize(
    ("line", "arguments"),
    [("guest shutdown", {}), ("guest shutdown halt", {"mode": "halt"})],
)
def test_shutdown(line: str, arguments: Message) -> None:
    """By the agent's default or another mode."""
    session = agent({"guest-shutdown": {}})

    assert session.prints(line) == ""
    assert session.calls == [("guest-shutdown", arguments)]


FILES: Message = {"guest-file-open": 3, "guest-file-close": {}}


def file_of(*parts: bytes, end: bool = True) -> FakeSession:
    """Return a session with a file that is read in these parts."""
    left = [
        {"count": len(part), "buf-b64": packed(part), "eof": end and number == len(parts)}
        for number, part in enumerate(parts, 1)
    ]
    return agent({**FILES, "guest-file-read": lambda arguments: left.pop(0)})


def test_a_file_is_read_in_parts() -> None:
    """And closed."""
    session = file_of("ä".encode()[:1], "ä".encode()[1:] + b"\nb\n\n")

    assert session.prints("guest read /etc/motd") == "ä\nb\n\n"
    assert session.calls == [
        ("guest-file-open", {"path": "/etc/motd", "mode": "rb"}),
        ("guest-file-read", {"handle": 3, "count": 65536}),
        ("guest-file-read", {"handle": 3, "count": 65536}),
        ("guest-file-close", {"handle": 3}),
    ]


def test_files_that_are_special() -> None:
    """Empty, without an end, not text, and not readable."""
    assert file_of(b"").prints("guest read f") == ""
    assert file_of(b"a", b"", end=False).prints("guest read f") == "a\n"
    binary = file_of(b"\xff").call("guest read f")
    assert binary.value == {"base64": "/w=="}
    with pytest.raises(CommandFailedError, match="not UTF-8 text; -o json shows it in"):
        binary.text()
    broken = agent(
        {**FILES, "guest-file-read": QMPError("no"), "guest-file-close": QMPError}
    )
    assert broken.prints("guest read f") == "Error: no\n"
    assert broken.calls[-1] == ("guest-file-close", {"handle": 3})


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused once more has come than may be kept."""
    monkeypatch.setattr("commands.guest._READ_LIMIT", 4)
    session = file_of(b"abcd", b"e", b"f")

    assert session.prints("guest read f") == "Error: the file is larger than 4 B\n"
    assert session.calls[-1][0] == "guest-file-close"
    assert file_of(b"abcd", b"").prints("guest read f") == "abcd\n"


class Front(FrontEnd):
    """One that reads files of this host."""

    local = True

    async def read_file(self, path: str) -> bytes:
        """Read one."""
        return Path(path).read_bytes()


def written(source: Path, *counts: int) -> tuple[str, FakeSession]:
    """Write a file to a guest whose agent takes so many bytes at a time."""
    left = iter(counts)
    session = agent(
        {
            **FILES,
            "guest-file-write": lambda arguments: {"count": next(left), "eof": False},
            "guest-file-flush": {},
        }
    )
    session.monitor.front = Front()
    return session.prints(f"guest write /f {source}"), session


def test_a_file_is_written_in_parts(tmp_path: Path) -> None:
    """As many bytes as the agent has taken, from there on."""
    (tmp_path / "f").write_bytes(b"abc")
    printed, session = written(tmp_path / "f", 2, 1)

    assert printed == "3 bytes written\n"
    assert session.calls == [
        ("guest-file-open", {"path": "/f", "mode": "wb"}),
        ("guest-file-write", {"handle": 3, "buf-b64": packed("abc")}),
        ("guest-file-write", {"handle": 3, "buf-b64": packed("c")}),
        ("guest-file-flush", {"handle": 3}),
        ("guest-file-close", {"handle": 3}),
    ]


def test_a_large_file_is_written_in_chunks(tmp_path: Path) -> None:
    """Of 64 KiB, which every door carries."""
    (tmp_path / "f").write_bytes(bytes(65537))
    printed, session = written(tmp_path / "f", 65536, 1)

    assert printed == "65537 bytes written\n"
    sizes = [len(args["buf-b64"]) for name, args in session.calls if "write" in name]
    assert sizes == [len(packed(bytes(65536))), len(packed(b"0"))]


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    """The agent takes nothing, or the source cannot be read."""
    (tmp_path / "f").write_bytes(b"abc")
    printed, session = written(tmp_path / "f", 1, 0)
    assert printed == "Error: only 1 bytes were written\n"
    assert session.calls[-1] == ("guest-file-close", {"handle": 3})
    missing = tmp_path / "no"
    assert (
        written(missing)[0] == f"Error: cannot read {missing}: No such file or directory\n"
    )
    assert agent({}).prints("guest write /f f") == "Error: files cannot be read from here\n"


def test_only_an_agent_has_these_commands() -> None:
    """The error says how to reach one."""
    assert (
        FakeSession()
        .prints("guest ip")
        .startswith("Error: 'guest ip' needs a guest agent:")
    )
