from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.monitor.call import Call, Text, blame
from hmp.monitor.declare import Declare
from hmp.monitor.entry import CHANGE, READ, Table
from hmp.monitor.errors import CommandError, CommandFailedError, LineError
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import MachineGoneError, NoReplyError, QMPError
from tests.fakes import FakeConnection, FakeSession

BAD_CPU = QMPError("Parameter 'cpu-index' expects a CPU number")


def make_table() -> Table:
    """Return a table with an entry of each kind."""
    command, info = Declare(CHANGE), Declare(READ)

    @command("native|n", args_type="word:s?,number:l?", help="call it", qmp=["native"])
    async def native(mon: Monitor, args: QDict) -> Any:
        return await mon.qmp.execute("native", args)

    @native.text
    def native_text(value: Any, call: Call) -> Iterator[str]:
        yield f"value {value} of {call.args}"
        yield f"version {call.version[0]} cpu {call.cpu}"

    @command("silent", help="print nothing")
    async def silent(mon: Monitor, args: QDict) -> Any:
        return {"some": "value"}

    @command("cpu", args_type="index:i", help="set the CPU")
    async def cpu(mon: Monitor, args: QDict) -> Any:
        mon.cpu = args["index"]

    @command("login", args_type="password:s,more:s?", help="log in", secrets=["password"])
    async def login(mon: Monitor, args: QDict) -> Any:
        raise CommandFailedError("no entry\n")

    @info("sub", help="be a subcommand")
    async def sub(mon: Monitor, args: QDict) -> Any:
        return None

    @command("info", args_type="item:s?", help="have subcommands")
    async def top(mon: Monitor, args: QDict) -> Any:
        return None

    top.subtable = Table([sub])
    passed = (
        command.passthrough("savevm", args_type="name:s?", help="pass it on"),
        command.passthrough("x", args_type="fmt:/,addr:l", help="pass it on"),
        command.passthrough("boot", args_type="word:s", help="pass", failure=r"\Abad"),
    )
    return Table([native, silent, cpu, login, top, *passed])


def session(
    answers: dict[str, Any] | None = None,
    lines: dict[str, str] | None = None,
    has_hmp: bool = True,
) -> FakeSession:
    """Return a monitor with this file's table on a fake machine."""
    return FakeSession(answers, lines, has_hmp=has_hmp, table=make_table())


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_a_blank_line_asks_the_machine_nothing(text: str) -> None:
    """It is no call at all."""
    found = session()

    assert drive(found.monitor.run(text)) is None
    assert found.calls == []


def test_a_native_command_calls_its_handler() -> None:
    """Value, arguments, version and CPU are in the call; its text is the entry's."""
    found = session({"native": 7})
    found.monitor.cpu = 3

    call = found.call("n word 1+1")

    assert (call.value, call.error) == (7, None)
    assert call.args == {"word": "word", "number": 2}
    assert (call.version, call.cpu) == ((10, 2, 2), 3)
    assert found.calls == [("native", {"word": "word", "number": 2})]
    assert call.text() == ("value 7 of {'word': 'word', 'number': 2}\nversion 10 cpu 3\n")
    assert call.error_text() == ""


def test_a_command_without_a_text_prints_nothing() -> None:
    """Success is silent where the entry has no words for it."""
    call = session().call("silent")

    assert call.value == {"some": "value"}
    assert call.text() == ""


def test_the_line_that_runs_is_the_monitors() -> None:
    """A handler can look at the line that it is called for."""
    found = session({"native": 1})
    found.call("native a")

    assert found.monitor.line.text == "native a"


@pytest.mark.parametrize(
    ("error", "printed", "error_class"),
    [
        (QMPError("no such thing", "DeviceNotFound"), "Error: no such thing\n", None),
        (NoReplyError("no reply"), "Error: no reply\n", "GenericError"),
        (CommandError("invalid\n"), "invalid\n", "GenericError"),
        (CommandFailedError("Error: a\nhint\n", "a"), "Error: a\nhint\n", "GenericError"),
    ],
)
def test_an_error_of_the_machine_or_handler_is_in_the_call(
    error: QMPError | CommandError, printed: str, error_class: str | None
) -> None:
    """The monitor lives on, and the call says what went wrong."""
    found = session({"native": error})

    call = found.call("native")

    assert call.error is error
    assert call.error_text() == printed
    assert error.error_class == (error_class or "DeviceNotFound")
    assert found.call("silent").error is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("status"), "KeyError: 'status'"),
        (TypeError("not a list"), "TypeError: not a list"),
        (RecursionError("too deep"), "RecursionError: too deep"),
    ],
)
def test_any_other_exception_becomes_a_clear_error(error: Exception, said: str) -> None:
    """A bug does not end the session."""
    call = session({"native": error}).call("native")

    assert call.error_text().startswith(f"Error: bug in command 'native|n': {said} at ")


def test_a_machine_that_is_gone_ends_the_line() -> None:
    """That is no failure of the command; it goes to whoever runs the session."""
    found = session({"native": MachineGoneError("it closed the connection")})

    with pytest.raises(MachineGoneError, match="it closed the connection"):
        found.call("native")


def test_a_line_that_does_not_parse_is_not_run() -> None:
    """The machine is asked no more than what it has; the error is the one of the line."""
    found = session({"native": 1, "query-commands": [{"name": "native"}]})

    call = found.call("native a b")

    assert isinstance(call.error, LineError)
    assert call.error.column == 9
    assert found.calls == [("query-commands", {})]


def test_what_the_machine_lacks_is_told_before_what_is_wrong() -> None:
    """QEMU's own monitor knows no such command, whatever stands behind it."""
    text = "unknown command: 'native'\r\n"
    found = session({"query-commands": []}, {"native a b": text})

    assert found.prints("native a b") == "unknown command: 'native'\n"


def test_a_subcommand_has_its_own_entry() -> None:
    """``info`` looks the next word up in its own table."""
    found = session()

    call = found.call("info sub")

    assert call.entry is not None
    assert call.entry.name == "sub"
    assert found.call("info nope").error_text() == "unknown command: 'info nope'\n"


def test_a_passthrough_is_sent_on_as_it_was_typed() -> None:
    """To the byte, quotes and blanks included; line ends come back plain."""
    line = '  savevm  "a b" '
    found = session(lines={line: "done\r\nwell\r\n"})

    call = found.call(line)

    assert found.calls == [("human-monitor-command", {"command-line": line})]
    assert isinstance(call.value, Text)
    assert call.text() == "done\nwell\n"


@pytest.mark.parametrize("line", ["nope", "info nope x", "savevm a b", "x/q 0"])
def test_qemu_has_the_last_word_on_what_we_do_not_know(line: str) -> None:
    """A newer QEMU may know the command, or an argument, that we do not."""
    found = session(lines={line: "fine\r\n"})

    assert found.prints(line) == "fine\n"
    assert found.machine.typed == [line]


@pytest.mark.parametrize(
    ("line", "reply", "fails"),
    [
        ("savevm", "", False),
        ("savevm", "Error: no\r\n", True),
        ("boot c", "bad disk\r\n", True),
        ("savevm", "bad disk\r\n", False),
        ("nope", "unknown command: 'nope'\r\n", True),
    ],
)
def test_a_passthrough_fails_by_its_text(line: str, reply: str, fails: bool) -> None:
    """What marks a failure is printed, as it stands, as an error."""
    call = session(lines={line: reply}).call(line)

    assert (call.error is not None) is fails
    assert (call.error_text() if fails else call.text()) == reply.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("line", "printed", "error_class"),
    [
        ("savevm", "Error: 'savevm' needs the monitor of a real QEMU\n", "CommandNotFound"),
        ("nope x", "unknown command: 'nope'\n", "CommandNotFound"),
        ("info nope", "unknown command: 'info nope'\n", "CommandNotFound"),
        (
            "savevm a b",
            "savevm: extraneous characters at the end of line\n"
            'Try "help savevm" for more information\n',
            "GenericError",
        ),
    ],
)
def test_a_machine_without_a_monitor_takes_no_passthrough(
    line: str, printed: str, error_class: str
) -> None:
    """The error is ours then, and nothing is sent."""
    found = session(has_hmp=False)

    call = found.call(line)

    assert call.error is not None
    assert call.error_text() == printed
    assert call.error.error_class == error_class
    assert found.calls == []


@pytest.mark.parametrize("reply", [None, {}, [], 7])
def test_a_reply_of_the_monitor_that_is_no_text(reply: Any) -> None:
    """It is a clear error, not a traceback."""
    call = session({"human-monitor-command": reply}).call("savevm")

    assert call.error_text() == (
        "Error: the machine's reply to 'human-monitor-command' does not match its schema:"
        " it must be a string\n"
    )


def test_the_current_cpu_goes_along() -> None:
    """QEMU keeps none between two lines; ours has none until it is chosen."""
    found = session({"human-monitor-command": "ok\r\n"})

    for line in ("savevm", "cpu 2", "savevm", "nope"):
        found.call(line)

    assert [arguments.get("cpu-index") for _, arguments in found.calls] == [None, 2, 2]


def test_a_cpu_that_was_unplugged_is_forgotten() -> None:
    """The line is sent again without it, since QEMU takes its first one then."""
    found = session(
        {
            "human-monitor-command": lambda arguments: (
                BAD_CPU if "cpu-index" in arguments else "first\r\n"
            )
        }
    )
    found.call("cpu 2")

    assert found.prints("savevm") == "first\n"
    assert found.monitor.cpu is None
    assert [arguments.get("cpu-index") for _, arguments in found.calls] == [2, None]


def test_the_error_about_a_cpu_without_any_is_an_error() -> None:
    """It is not asked for ever."""
    found = session({"human-monitor-command": BAD_CPU})

    assert found.prints("savevm") == f"Error: {BAD_CPU.desc}\n"
    assert len(found.calls) == 1


def test_registers_are_read_from_the_machine() -> None:
    """Each once, in decimal and signed, on the current CPU; then the handler runs."""
    found = session(
        {"native": 1}, {"print /d $sp": "16\r\n", "print /d $cs.base": "-1\r\n"}
    )
    found.monitor.cpu = 1

    call = found.call("native a $sp+$cs.base*$sp")

    assert call.args["number"] == 0
    assert [command for command, _ in found.calls[:2]] == ["human-monitor-command"] * 2
    assert found.machine.typed == ["print /d $sp", "print /d $cs.base"]
    assert found.calls[0][1]["cpu-index"] == 1
    assert found.calls[2] == ("native", {"word": "a", "number": 0})


@pytest.mark.parametrize("reply", ["unknown register\r\nTry ...\r\n", "", "0x10", "1 2"])
def test_a_register_that_the_machine_does_not_know(reply: str) -> None:
    """The error is the one of the line."""
    found = session({"native": 1}, {"print /d $pc": reply})

    assert found.prints("native a $pc") == (
        'unknown register\nTry "help native" for more information\n'
    )
    assert found.machine.typed == ["print /d $pc"]


def test_a_machine_without_a_monitor_has_no_registers() -> None:
    """It is not asked for them."""
    found = session({"native": 1}, has_hmp=False)

    assert found.prints("native a $pc").startswith("unknown register\n")
    assert found.calls == []


def test_an_error_behind_a_register_is_found_too() -> None:
    """The line is parsed again with the register's value."""
    found = session({"native": 1}, {"print /d $pc": "0\r\n"})

    assert found.prints("native a 1/$pc").startswith("division by zero\n")


def test_formats_are_written_out_and_kept_from_line_to_line() -> None:
    """QEMU's defaults are its process's; ours are this session's."""
    found = session({"human-monitor-command": "ok\r\n"})

    for line in ("x 0", "x/3dh  1", "x 2", "x /i 3", "x 4", "x /b 5", "silent", "x 6"):
        found.call(line)

    assert found.machine.typed == [
        "x /1xw 0",
        "x /3dh 1",
        "x /1dh 2",
        "x /1i 3",
        "x /1i 4",
        "x /1ib 5",
        "x /1i 6",
    ]


@pytest.mark.parametrize("line", ["x/q 0", "x/4xw", "x/4xw nope"])
def test_a_format_on_a_line_that_does_not_parse_stays_as_it_is(line: str) -> None:
    """QEMU is to see what was typed."""
    found = session({"human-monitor-command": "no\r\n"})

    found.call(line)

    assert found.machine.typed == [line]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("login hunter2", "login ***"),
        ("login hunter2 x", "login *** x"),
        ("login hunter2 x y", "login *** x y"),
        ("set_password vnc hunter2", "set_password vnc ***"),
        ("silent", "silent"),
    ],
)
def test_the_line_is_shown_without_its_passwords(line: str, shown: str) -> None:
    """Also one that fails, and one that only QEMU knows."""
    found = session({"human-monitor-command": "no\r\n"})

    assert found.call(line).shown_line == shown


def test_what_the_machine_supports_is_asked_once() -> None:
    """... and kept."""
    machine = FakeConnection({"query-commands": [{"name": "stop"}, {"name": "cont"}]})
    monitor = Monitor(machine, Table())

    assert drive(monitor.supports("stop"))
    assert not drive(monitor.supports("quit"))
    assert len(machine.calls) == 1


def test_a_bug_of_ours_in_an_unknown_command() -> None:
    """The error names the line where there is no entry to name."""
    call = Call(session().monitor.parse(" nope x"), (1, 0, 0), 0)
    try:
        raise KeyError("a")
    except KeyError as error:
        blame(call, error)

    assert call.error_text().startswith("Error: bug in command 'nope x': KeyError: 'a' at ")
