from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.script import drive
from hmp.monitor.call import Text
from hmp.monitor.entry import Entry, Table
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.passthrough import failed, forward_line, read_register, run_line
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, tables

TRY = 'Try "help x" for more information\n'
SHORT_FORM = "warning: short-form boolean option 'x' deprecated\nPlease use x=on instead\n"


EXTRANEOUS = (
    '{}: extraneous characters at the end of line\nTry "help {}" for more information\n'
)


@pytest.mark.parametrize(
    "text",
    [
        "Error: no such device\n",
        "warning: old\nError: no such device\n",
        "warning: old\nwarning: older\nError: no\n",
        "unknown command: 'x'\n",
        "Command 'x' not available until machine initialization has completed.\n",
        'Command "info usbhost" is not available.\n',
        f"x: string expected\n{TRY}",
        TRY,
        f"x: unsupported option -{TRY}",
        f"invalid size\n{TRY}",
    ],
)
def test_failures_of_any_command(text: str) -> None:
    """What QEMU's monitor prints for a failure is known by its form."""
    assert failed(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "OK\n",
        "warning: old\n",
        "the word Error: in the middle\n",
        "  Error: indented\n",
        "name: Error: x\n",
        "error: small\n",
        f"{TRY}more\n",
        'Try "help x" for nothing\n',
        "Command line\n",
    ],
)
def test_texts_that_are_no_failure(text: str) -> None:
    """The machine's own words may look like an error, elsewhere."""
    assert not failed(text)


FAILURES = [
    ("info qom-tree x", "Path 'x' could not be resolved.\n"),
    ("info trace-events x 9", "invalid vCPU index 9\n"),
    ("info snapshots", "no block device can store vmstate for snapshot\n"),
    ("info tpm", "TPM device not supported\n"),
    ("info pci", "PCI devices not supported\n"),
    ("change vnc x", "Expected 'password' after 'vnc'\n"),
    ("change vnc password a raw", "Parameter 'read-only-mode' is invalid for VNC\n"),
    ("cpu 9", "invalid CPU index\n"),
    ("sendkey x", "invalid parameter: x\n"),
    ("logfile x", "Error opening logfile /nope/x: No such file or directory\n"),
    ("log x", "Log items (comma separated):\nnone            remove all logs\n"),
    ("info trace-events x", 'unknown event "nope"\n'),
    ("trace-event x on", 'unknown event "nope"\n'),
    ("gdbserver x", "'x' is not a valid char driver\nCould not open gdbserver on device"),
    ("gdbserver x", "gdbstub: meaningless to attach gdb to a machine without any CPU.\n"),
    ("info sgx", "No EPC regions defined, SGX not available\n"),
    ("info sgx", "SGX is only supported on PC machines\n"),
    ("dump-skeys x", "Could not open '/nope'\n"),
    ("info mem", "No CPU available\n"),
    ("info tlb", "No CPU available\n"),
    ("info lapic", "No CPU available\n"),
    ("info lapic", "No local APIC\n"),
    ("info registers", "CPU#7 not available\n"),
    ("info registers", "No CPU available\n"),
    ("wavcapture x a", "Audiodev 'a' not found\n"),
    ("wavcapture x a", "warning: 'wavcapture' is deprecated since v10.2\nno audiodev\n"),
    ("wavcapture x a", "Failed to add wave capture\n"),
    ("mce 0 1 2 3 4 5", "Invalid MCE status code\n"),
    ("mouse_set 9", "Mouse at index '9' not found\n"),
    ("boot_set x", "Invalid boot device 'z'\n"),
    ("boot_set x", "no function defined to set boot device list for this architecture\n"),
    ("one-insn-per-tb x", "unexpected option x\n"),
    ("one-insn-per-tb on", "This accelerator does not support setting one-insn-per-tb\n"),
    ("singlestep x", "unexpected option x\n"),
    ("replay_break 1", "setting the breakpoint is allowed only in play mode\n"),
    ("replay_delete_break", "replay breakpoint is not set\n"),
    ("replay_seek 1", "replay seek is available only in play mode\n"),
    ("info stats x", "invalid stats target x\n"),
    ("info stats vm a b", "invalid stats provider b\n"),
    ("x 0", "Can not dump without CPU\n"),
    ("memsave 0 1 x", "No CPU available\n"),
    ("gva2gpa 0", "No cpu\n"),
    ("gpa2hva 0", "No memory is mapped at address 0xffffffffffff\n"),
    ("gpa2hpa 0", "No memory is mapped at address 0x0\n"),
    ("commit x", "Device 'nope' not found\n"),
    ("chardev-add vc,cols=x", "Parameter 'cols' expects a number\nError: Parsing\n"),
    ("chardev-change a vc,cols=x", "Parameter 'cols' expects\nError: Parsing\n"),
    ("commit x", "'commit' error for 'd0': Read-only\n"),
    ("drive_del x", "Device 'nope' not found\n"),
    ("drive_add 0 x", f"{SHORT_FORM}Must specify either driver or file\n"),
    ("drive_add -n 0 x", "'node-name' needs to be specified\n"),
    ("hostfwd_add x", "Invalid host forwarding rule 'x' (No : separators)\n"),
    ("hostfwd_remove x", "invalid format\n"),
    ("hostfwd_remove x", "unrecognized netdev id 'net0'\n"),
    ("hostfwd_remove x", "host forwarding rule for tcp::1 not found\n"),
    ("pcie_aer_inject_error x y", "id or pci device path is invalid or device not found."),
    ("calc_dirty_rate 0", "Incorrect period length specified!\n"),
    ("calc_dirty_rate -r -b 1", "Either dirty ring or dirty bitmap can be specified!\n"),
    ("xen-event-inject 1", "Xen event channel emulation not enabled\n"),
    ("sync-profile x", "Invalid parameter 'x'\n"),
    ("device_add nope,help", "Device 'nope' not found\n"),
    (
        "device_add iothread,help",
        "Parameter 'typename' expects a non-abstract device type\n",
    ),
    ("info via", "MOS6522 VIA is not available in this QEMU\n"),
    ("x 0", "dead: 0x00000000\ndeae: Cannot access memory\n"),
    ("xp 0", "f00000000000: Cannot access memory\n"),
]
SUCCESSES = [
    ("logfile x", ""),
    ("log none", ""),
    ("info trace-events", "unknown_thing : state 0\n"),
    ("trace-event x on", ""),
    ("gdbserver", "Waiting for gdb connection on device 'tcp::1234'\n"),
    ("gdbserver none", "Disabled gdbserver\n"),
    ("info sgx", "SGX support: enabled\nSGX1 support: enabled\n"),
    ("info mem", "PG disabled\n"),
    ("info tlb", "PG disabled\n"),
    ("info lapic", "dumping local APIC state for CPU 0 \n"),
    ("info registers", "\nCPU#0\nEAX=0\n"),
    ("wavcapture x a", ""),
    ("wavcapture x a", "warning: 'wavcapture' is deprecated since v10.2, to be removed\n"),
    ("stopcapture 1", "warning: 'stopcapture' is deprecated since v10.2\n"),
    ("mce 0 1 2 3 4 5", ""),
    ("mouse_set 0", ""),
    ("boot_set cdn", "boot device list now set to cdn\n"),
    ("one-insn-per-tb on", ""),
    ("info stats vm", "provider: kvm\n"),
    ("x 0", "0000000000000000: 0xf000ff53\n"),
    ("gva2gpa 0", "Unmapped\n"),
    ("gpa2hva 0", "Host virtual address for 0x0 (pc.ram) is 0x7f0000000000\n"),
    ("gpa2hpa 0", "Host physical address for 0x0 (pc.ram) is 0x131400000\n"),
    ("commit all", ""),
    ("drive_del x", ""),
    ("drive_add 0 x", "OK\n"),
    ("drive_add 0 x", f"{SHORT_FORM}OK\n"),
    ("drive_add -n 0 x", ""),
    ("drive_add -n 0 x", SHORT_FORM),
    ("hostfwd_add x", ""),
    ("hostfwd_remove x", "host forwarding rule for tcp::2222 removed\n"),
    ("pcie_aer_inject_error x y", "OK id: rp0 root bus: pcie.0, bus: 0 devfn: 1.0\n"),
    ("xen-event-inject 1", "Delivered port 1\n"),
    ("info usernet", "Hub 0 (#net1):\n"),
    ("info sev", "SEV is not enabled\n"),
    ("sum 0 1", "00083\n"),
]


def entry_of(line: str) -> Entry[Any]:
    """Return the entry of a line."""
    entry = FakeSession().monitor.parse(line).entry
    assert entry is not None
    return entry


@pytest.mark.parametrize(("line", "text"), FAILURES)
def test_failures_that_qemu_prints_without_a_mark(line: str, text: str) -> None:
    """Some commands word their errors freely; their entries know how."""
    assert failed(text, entry_of(line).failure)


@pytest.mark.parametrize(("line", "text"), SUCCESSES)
def test_what_the_same_commands_print_when_they_succeed(line: str, text: str) -> None:
    """A result is not taken for a failure."""
    assert not failed(text, entry_of(line).failure)


def test_every_failure_pattern_has_a_case() -> None:
    """Each entry with a pattern of its own stands in the table of failures."""
    info = tables().get("info")
    assert info is not None
    assert info.subtable is not None
    entries = [*tables(), *info.subtable]
    covered = {entry_of(line).name for line, _ in FAILURES}

    assert {entry.name for entry in entries if entry.failure} - covered == set()


@given(text=st.text())
def test_any_text_is_judged(text: str) -> None:
    """No pattern of any entry fails on any text."""
    for entry in tables():
        assert failed(text, entry.failure) in (True, False)


def test_line_ends_become_plain() -> None:
    """QEMU ends its lines with a carriage return as well; lone ones stay."""
    session = FakeSession(lines={"info roms": "a\r\nb\rc\r\n"})

    reply = drive(run_line(session.monitor, "info roms"))

    assert reply == "a\nb\rc\n"
    assert isinstance(reply, Text)


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("0\r\n", 0),
        ("-1\r\n", -1),
        ("18446744073709551615\r\n", (1 << 64) - 1),
        ("unknown register\r\n", None),
        ("0x10\r\n", None),
        ("", None),
    ],
)
def test_registers_are_decimal_numbers(reply: str, value: int | None) -> None:
    """Anything else than a number means that there is no such register."""
    session = FakeSession(lines={"print /d $pc": reply})

    assert drive(read_register(session.monitor, "pc")) == value


def test_a_misspelt_qmp_command_is_no_unknown_command(tmp_path: Path) -> None:
    """QEMU's monitor knows neither; that the author's command is unknown misleads."""
    path = tmp_path / "x.py"
    path.write_text(
        "from hmp.authoring import command\n"
        "mine = command.direct('mine', 'query-nosuch', help='…')\n"
    )
    table = Table([run_path(str(path))["mine"]])
    session = FakeSession(lines={"mine": "unknown command: 'mine'\r\n"}, table=table)

    assert "no release that hmp knows has it (declared at " in session.prints("mine")


def test_a_handler_can_give_its_line_to_qemu() -> None:
    """For forms that only QEMU can answer; its failures are failures."""
    session = FakeSession(lines={"stop": "text\r\n"})
    session.monitor.line = session.monitor.parse("stop")

    assert drive(forward_line(session.monitor)) == "text\n"
    session.machine.lines["stop"] = "Error: no\r\n"
    with pytest.raises(CommandFailedError) as caught:
        drive(forward_line(session.monitor))
    assert (caught.value.text, caught.value.desc) == ("Error: no\n", "no")


def test_a_line_cannot_be_given_to_a_machine_without_a_monitor() -> None:
    """The error says what is missing."""
    session = FakeSession(has_hmp=False)
    session.monitor.line = session.monitor.parse("stop")

    with pytest.raises(QMPError, match="'stop' needs the monitor of a real QEMU"):
        drive(forward_line(session.monitor))


@pytest.mark.parametrize("line", ["info block", "savevm s1", "info snapshots", "info jit"])
def test_a_demonstration_says_how_to_reach_a_real_machine(line: str) -> None:
    """Beneath the error of a line that it cannot run, which names no debugging command."""
    session = FakeSession(has_hmp=False)
    assert session.call(line).hint == ""

    session.monitor.connection.demonstration = "a demonstration machine; hmp VM"
    call = session.call(line)

    assert "x-debug" not in call.error_text()
    assert call.hint == "This is a demonstration machine; hmp VM"


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("x 0", "x /1xw 0"),
        ("x/ 0", "x /1xw 0"),
        ("  x/2i  $pc+1 ", "  x /2i $pc+1 "),
        ("i /b 0x60.1", "i /1xb 0x60.1"),
        ("o/h 1 2", "o /1xh 1 2"),
        ("xp /3dg\t0", "xp /3dg 0"),
        ("x $pc", "x /1xw $pc"),
        ("x /q $pc", "x /q $pc"),
        ("info roms", "info roms"),
        ("sum  0  1", "sum  0  1"),
    ],
)
def test_formats_are_written_out_in_full(line: str, sent: str) -> None:
    """What a line leaves out is our default, not whatever QEMU used last."""
    session = FakeSession({"human-monitor-command": "", "x": 1})

    session.call(line)

    assert session.machine.typed[-1] == sent


def test_a_text_is_a_string_that_says_where_it_is_from() -> None:
    """JSON output tells text from a QMP value that is a string."""
    text: Any = Text("a\n")

    assert text == "a\n"
    assert type(text) is Text


TOO_EARLY = "Command 'x' not available until machine initialization has completed.\n"


@pytest.mark.parametrize(
    ("line", "reply", "hint"),
    [
        (
            "info tlb",
            "unknown command: 'info tlb'\n",
            "QEMU 10.2.2 does not have this command",
        ),
        ("info skeys 0", TOO_EARLY, "It is for other machine types"),
        ("nope", "unknown command: 'nope'\n", ""),
        ("info tlb", "No CPU available\n", ""),
    ],
)
def test_why_a_command_is_not_there(line: str, reply: str, hint: str) -> None:
    """Said to people only, of what we know that others have."""
    session = FakeSession(lines={line: reply.replace("\n", "\r\n")})
    call = session.call(line)

    assert call.hint.startswith(hint)
    assert bool(call.hint) == bool(hint)
    assert hint == "" or hint not in call.error_text()


@given(st.text(st.sampled_from("ab\r\n"), max_size=40))
def test_line_ends_of_a_long_text(text: str) -> None:
    """Whatever stands where a piece ends, as half a line end."""
    session = FakeSession({"human-monitor-command": text})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hmp.monitor.passthrough._PIECE", 3)
        shown = drive(run_line(session.monitor, "x"))

    assert shown == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("line", "asked", "read", "unread"),
    [
        ("print 0b11", True, "0x3\n", EXTRANEOUS.format("print|p", "print")),
        ("print 1+0B1", True, "0x2\n", EXTRANEOUS.format("print|p", "print")),
        ("balloon 0b11", True, "", EXTRANEOUS.format("balloon", "balloon")),
        ("cpu 0b0", True, "", EXTRANEOUS.format("cpu", "cpu")),
        ("print 3", False, "0x3\n", "0x3\n"),
        ("print 0x0b1", False, "0xb1\n", "0xb1\n"),
    ],
)
def test_binary_numbers_are_read_as_the_machine_reads_them(
    line: str, asked: bool, read: str, unread: str
) -> None:
    """Its C library decides, so it is asked, once."""
    probe = ("human-monitor-command", {"command-line": "print 0b1"})
    answers = {"balloon": {}, "query-cpus-fast": [{"cpu-index": 0, "thread-id": 1}]}
    for reply, expected in (("0x1\n", read), (EXTRANEOUS, unread)):
        session = FakeSession(answers, {"print 0b1": reply})
        assert [session.prints(line), session.prints(line)] == [expected] * 2
        assert session.calls.count(probe) == asked


def test_a_machine_without_a_monitor_reads_binary_numbers() -> None:
    """Nothing could read them otherwise."""
    session = FakeSession(has_hmp=False)

    assert session.prints("print 0b11") == "0x3\n"
