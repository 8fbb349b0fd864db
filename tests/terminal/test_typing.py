"""Completion of arguments, and guidance, while a line is typed on a terminal."""

from __future__ import annotations

import shlex
import termios
from pathlib import Path
from time import monotonic

import pytest
from prompt_toolkit.document import Document

from hmp.display.theme import GREEN, HEX, RED
from hmp.qmp.errors import QMPError
from hmp.terminal.prompt import _several
from tests.program import HMP
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("eject dr\t", "eject drive0"),
        ("block_resize driv\t1G", "block_resize drive0 1G"),
        ("loadvm f\t", "loadvm first"),
        ("log in\t", "log int"),
        ("log none,in\t", "log none,int"),
        ("device_add scs\t", "device_add scsi-hd"),
        ("device_add virtio-blk-pci,dri\t", "device_add virtio-blk-pci,drive="),
        ("device_add virtio-blk-pci,drive=dri\t", "device_add virtio-blk-pci,drive=drive0"),
        ("watchdog_action inj\t", "watchdog_action inject-nmi"),
        ("explain eject dr\t", "explain eject drive0"),
        ("watch -n 1 info statu\t", "watch -n 1 info status"),
    ],
)
def test_tab_completes_an_argument(
    terminal: Start, machine: ScriptedMachine, typed: str, line: str
) -> None:
    """What is unique is put in, also where the machine has to be asked first."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    before, tab, behind = typed.partition("\t")
    session.type(before + tab)
    session.wait(
        lambda: session.row.startswith(f"{PROMPT}{line.removesuffix(behind).rstrip()}")
    )
    session.type(behind)

    session.wait(lambda: session.row == f"{PROMPT}{line}", line)


def test_candidates_are_described(terminal: Start, machine: ScriptedMachine) -> None:
    """The menu says of each what it is; what users cannot plug in is not among them."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("device_add \t")
    session.wait_for("virtual SCSI disk, on SCSI")
    session.wait_for("virtio-blk-pci")

    assert "virtio-blk-device" not in session.text


def test_the_bar_tells_kind_unit_and_default(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """What is expected where the cursor is; of a property what the machine tells."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("block_resize drive0 ")
    session.wait_for("size: the new size, in MiB or with a suffix such as G")
    session.type("\x15block_resize drive0")
    session.wait_for("device: block device: qcow2: disk.qcow2")
    session.type("\x15device_add virtio-blk-pci,num-queues=")

    session.wait_for("num-queues: uint16, default 65535")


@pytest.mark.parametrize(
    ("line", "complaint", "marked"),
    [
        (
            "eject driev0 ",
            "no removable block device 'driev0'; did you mean drive0?",
            "driev0",
        ),
        ("watchdog_action pase", "did you mean pause?", "pase"),
        ("device_add virtio-blk-pci,drvie=x", "no option 'drvie'", "drvie"),
        ("device_add virtio-blk-pci,write-cache=maybe", "'maybe' is not valid", "maybe"),
        ("set_link n maybe", "Expected 'on' or 'off'", "maybe"),
        ("explain eject driev0 ", "no removable block device 'driev0'", "driev0"),
        ("ejcet ", "unknown command: 'ejcet'  Did you mean 'eject'?", "ejcet"),
    ],
)
def test_what_is_wrong_is_marked_before_enter(
    terminal: Start, machine: ScriptedMachine, line: str, complaint: str, marked: str
) -> None:
    """In the line, and in words in the bar."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type(line)
    session.wait_for(complaint)

    session.wait(lambda: session.style(marked) == {HEX[RED][1:]}, "the mark")


def test_a_word_that_can_become_right_is_not_marked(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """The beginning of a name is no mistake while it is being typed."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("eject nope ")
    session.wait_for("no removable block device")
    session.type("\x15eject driv")
    session.wait_for("eject [-f] device")

    assert session.style("driv") == {HEX[GREEN][1:]}


def test_did_you_mean_for_ids(terminal: Start, machine: ScriptedMachine) -> None:
    """A device that is not there is refused with the one that comes near."""
    machine.answers["eject"] = QMPError("Device 'driev0' not found", "DeviceNotFound")
    session = terminal("-y", machine.path)
    session.wait_prompt(PROMPT)
    session.run("eject driev0", PROMPT)

    assert "Did you mean 'drive0'?" in session.rows


def test_no_key_waits_for_the_machine(terminal: Start, machine: ScriptedMachine) -> None:
    """While the machine owes an answer, each key is drawn, and Tab opens nothing."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    machine.hold()
    for count, key in enumerate("eject drive0", 1):
        line = f"{PROMPT}{'eject drive0'[:count]}"
        session.type(key)
        session.wait_row(line)
    session.type("\x15eject \t")
    session.wait_row(f"{PROMPT}eject")
    machine.wait_for("query-block")
    assert "cd0" not in session.text
    machine.release()

    session.wait_for("cd0")  # the menu that was asked for


def test_pasted_lines_do_not_end_in_one_another(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """What is typed after a line that does not parse is a line of its own, however soon."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("stop now\rinfo status\r")
    session.wait_for("● running")
    session.wait_prompt(PROMPT)
    session.type("cont now\r")
    session.wait_for("(press Up to fix the line)")
    session.run("info status", PROMPT)

    assert session.text.count("● running") == 2
    assert not {"stop", "cont"} & set(machine.commands)


def test_files_behind_a_redirection(
    terminal: Start, machine: ScriptedMachine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Tab knows that a file of this host comes there."""
    folder = tmp_path_factory.mktemp("f")
    (folder / "output.txt").write_text("")
    session = terminal(machine.path, columns=120)
    session.wait_prompt(PROMPT)
    session.type(f"info status > {folder}/outp\t")

    session.wait(lambda: session.row == f"{PROMPT}info status > {folder}/output.txt")
    assert "goes to a file on this host" in session.rows[-1]


def test_a_menu_while_typing_puts_nothing_in(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """It opens by itself where that is wanted, also when the words come late."""
    config = tmp_path / "config.toml"
    config.write_text("[session]\ncomplete_while_typing = true\n")
    session = terminal("--config", str(config), machine.path)
    session.wait_prompt(PROMPT)
    session.type("eject d")
    session.wait_for("qcow2: disk.qcow2")
    session.wait_row(f"{PROMPT}eject d")
    session.type("rive0\x15loadvm ")
    session.wait_for("in node1")

    session.wait_row(f"{PROMPT}loadvm")


def test_a_paste_of_several_lines(terminal: Start, machine: ScriptedMachine) -> None:
    """They run one after the other, and none behind one that fails."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("\x1b[200~info status\ninfo name\n\x1b[201~")
    session.wait_for("2 lines; Enter runs them")
    assert "running" not in session.text
    session.type("\r")
    session.wait_for(f"● running\n{PROMPT}info name\nvm\n")
    session.wait_prompt(PROMPT)
    session.type("\x1b[200~stop now\ninfo name\ncont\n\x1b[201~\r")
    session.wait_for("2 lines were not run")

    assert "cont" not in machine.commands


@pytest.mark.parametrize("seconds", [0, 0.2])
@pytest.mark.parametrize(
    "keys", ["\x03\x03\x0cinfo name\r", "info name\rinfo status\r\x0cinfo name\r"]
)
def test_the_answers_of_the_terminal_are_not_shown(
    terminal: Start, machine: ScriptedMachine, keys: str, seconds: float
) -> None:
    """Nor where the cursor is asked for by a key that was typed ahead."""
    session = terminal(machine.path)
    answers: list[tuple[float, str]] = []
    session.screen.answer = lambda text: answers.append((monotonic() + seconds, text))

    def answered() -> bool:
        while answers and answers[0][0] <= monotonic():
            session.type(answers.pop(0)[1])
        return not answers

    session.wait(lambda: answered() and PROMPT in session.cursor_text)
    session.type(keys)
    session.wait(lambda: answered() and "info name\nvm\n" in session.text)
    session.wait(lambda: answered() and session.cursor_text == PROMPT)

    assert b"^[[" not in session.raw


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("info status\ninfo name\nbogus\n", "3 lines; Enter runs them"),
        ("info status\ninfo name\nbogus", "3 lines; Enter runs them"),
        ("# both\ninfo status\n\n# and\ninfo name", "2 lines; Enter runs them"),
        ("info status\n", "1 line; Enter runs it"),
        ("# one\n# two", "comments, which are not run"),
        ('{"execute":\n"query-name"}', "a QMP message of several lines; Enter runs it"),
        ('{"execute":\n"query-name"}\nstop\n', "2 lines; Enter runs them"),
    ],
)
def test_the_bar_counts_the_lines_of_a_paste(pasted: str, said: str) -> None:
    """Without comments and blank lines; a QMP message is one line."""
    assert _several(Document(pasted)) == said


def test_the_line_that_the_cursor_is_in_has_its_own_bar() -> None:
    """So that it can be changed."""
    assert _several(Document("stop now\ninfo name", 3)) == ""


def test_a_pasted_message_of_qmp(terminal: Start, machine: ScriptedMachine) -> None:
    """Its lines are one message."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type('\x1b[200~{\n  "execute":\n    "query-name"\n}\n\x1b[201~\r')
    session.wait_for('"name": "vm"')
    session.wait_prompt(PROMPT)

    assert "query-name" in machine.commands


def test_what_a_result_has_shown_comes_first(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """It is what one is likely to type next."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("loadvm \t")
    session.wait(lambda: session.text.count("in node1") == 2)
    menu = [row.split()[0] for row in session.rows if "in node1" in row]
    assert menu == ["first", "last"]
    session.type("\x15")
    session.wait_row(PROMPT)
    machine.answers["query-name"] = {"name": "last"}
    session.run("info name", PROMPT)
    session.type("loadvm \t")
    session.wait(lambda: session.text.count("in node1") == 2)

    menu = [row.split()[0] for row in session.rows if "in node1" in row]
    assert menu == ["last", "first"]


NETDEVS = [
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "kind", "meta-type": "enum", "values": ["user"]},
    {"name": "netdev_add", "meta-type": "command", "arg-type": "args", "ret-type": "user"},
    {
        "name": "args",
        "meta-type": "object",
        "tag": "type",
        "members": [{"name": "type", "type": "kind"}, {"name": "id", "type": "str"}],
        "variants": [{"case": "user", "type": "user"}],
    },
    {
        "name": "user",
        "meta-type": "object",
        "members": [{"name": "ipv4", "type": "str"}, {"name": "ipv6", "type": "str"}],
    },
]
"""A schema in which `netdev_add` takes an id and two members besides."""


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("inf\tstat", "info stat"),
        ("info statu\t#", "info status #"),
        ("eject dr\t#", "eject drive0 #"),
        ('eject "c\t#', 'eject "cd0" #'),
        ("device_add scs\t#", "device_add scsi-hd#"),
        ("device_add virtio-blk-pci,dri\t#", "device_add virtio-blk-pci,drive=#"),
        (
            "device_add virtio-blk-pci,drive=dri\t#",
            "device_add virtio-blk-pci,drive=drive0#",
        ),
        ("log in\t#", "log int#"),
        ("block_job_cancel \t#", "block_job_cancel #"),
        ("block_job_cancel -\t#", "block_job_cancel -f #"),
        ("device_add irtio\t#", "device_add irtio#"),
        ("help -\t#", "help -#"),
        ("commit al\t#", "commit all #"),
        ("netdev_add user,id=n,i\t#", "netdev_add user,id=n,ipv#"),
        ("netdev_add user,id=n,ipv4=on,i\t#", "netdev_add user,id=n,ipv4=on,ipv6=#"),
        (
            "netdev_add user,id=n,ipv4=on,ipv6=on,i\t#",
            "netdev_add user,id=n,ipv4=on,ipv6=on,i#",
        ),
    ],
)
def test_what_tab_puts_in(
    terminal: Start, machine: ScriptedMachine, typed: str, line: str
) -> None:
    """A blank after what is unique and whole; no flag for nothing, nothing replaced."""
    machine.answers["query-block-jobs"] = []
    machine.answers["query-qmp-schema"] = NETDEVS
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    before, _, behind = typed.partition("\t")
    session.type(f"{before}\t")
    kept = line.removesuffix(behind)
    session.wait(lambda: session.cursor_text == f"{PROMPT}{kept}", kept)
    session.type(behind)
    session.wait_row(f"{PROMPT}{line}")


def test_all_candidates_count(terminal: Start, machine: ScriptedMachine) -> None:
    """The menu has the first few hundred; what all of them begin with is put in."""
    names = [*(f"a_event_{n}" for n in range(1000)), "b_event"]
    machine.answers["trace-event-get-state"] = [
        {"name": name, "state": "disabled", "vcpu": False} for name in names
    ]
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("trace-event \t")
    session.wait_for("a_event_2 ")
    assert session.cursor_text == f"{PROMPT}trace-event "
    session.type("a\t")

    session.wait(lambda: session.cursor_text == f"{PROMPT}trace-event a_event_")


def test_the_help_has_options(terminal: Start, machine: ScriptedMachine) -> None:
    """Tab shows them after a dash."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("help -\t")
    session.wait_for("search for words")

    assert "browse" in session.text


def test_up_searches_for_what_is_typed(terminal: Start, machine: ScriptedMachine) -> None:
    """The newest line that begins with it."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("info name", PROMPT)
    session.run("print 1", PROMPT)
    session.type("info\x1b[A")

    session.wait_row(f"{PROMPT}info name")


def test_up_leaves_a_line_that_is_to_be_fixed(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """It is not searched for, unless it is edited."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("info name", PROMPT)
    session.run("print 1", PROMPT)
    session.type("info name x\r")
    session.wait_for("(press Up to fix")
    session.type("\x1b[A")
    session.wait_row(f"{PROMPT}info name x")
    session.type("\x1b[A")
    session.wait_row(f"{PROMPT}print 1")
    session.type("\x1b[A")
    session.wait_row(f"{PROMPT}info name")
    session.type("\x03")
    session.wait_prompt(PROMPT)
    session.type("info name x\r")
    session.wait_for("(press Up to fix")
    session.type("\x1b[A\x05" + "\x7f" * 5 + "\x1b[A")

    session.wait_row(f"{PROMPT}info name x")


def test_the_line_is_edited_by_a_program(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """C-x C-e opens it in $EDITOR."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "info name" > "$1"\n')
    editor.chmod(0o755)
    session = terminal(machine.path, EDITOR=str(editor), VISUAL="")
    session.wait_prompt(PROMPT)
    session.type("stop\x18\x05")

    session.wait_row(f"{PROMPT}info name")


def test_the_session_can_be_suspended(terminal: Start, machine: ScriptedMachine) -> None:
    """Ctrl-Z gives the terminal back to the shell."""
    session = terminal(command=["/bin/bash", "--norc", "-i"], PS1="$ ")
    session.wait_prompt("$ ")
    session.type(f"{shlex.join(HMP)} {machine.path}\r")
    session.wait_prompt(PROMPT)
    session.type("\x1a")
    session.wait_for("Stopped")
    session.wait_prompt("$ ")
    session.type("fg\r")
    session.wait_prompt(PROMPT)

    session.run("info name", PROMPT)


def test_vi_shows_its_mode(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """In the bar, at once."""
    config = tmp_path / "config.toml"
    config.write_text('[session]\nediting = "vi"\n')
    session = terminal("--config", str(config), machine.path)
    session.wait_prompt(PROMPT)
    session.wait_for("insert  Tab")
    session.type("\x1b")

    session.wait_for("normal  Tab")


def test_pasted_lines_are_shown_before_their_results(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """With the prompt; what the documentation had before them is taken off."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    text = "(qemu) info name\nvm\n(qemu) info status\nVM status: running"
    session.type(f"\x1b[200~{text}\x1b[201~")
    session.wait_for("info status")
    assert "running" not in session.text
    session.type("\r")
    session.wait_for("● running")
    session.wait_prompt(PROMPT)

    shown = [row for row in session.rows if row]
    assert f"{PROMPT}info name" in shown
    assert shown[shown.index(f"{PROMPT}info status") - 1] == "vm"
    assert session.text.count("info name") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "info block -",
        "migrate -",
        "in",
        "info block |",
        "info block >>",
        "sum 0 0x",
        "set_link n of",
        '{"execute": ',
        "\x1b[200~info status\ninfo name\x1b[201~",
        '\x1b[200~{\n"execute":\n"query-name"\n}\x1b[201~',
    ],
)
def test_what_is_good_so_far_is_not_marked(
    terminal: Start, machine: ScriptedMachine, typed: str
) -> None:
    """Neither in the line nor in the bar."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type(typed)
    last = typed.removesuffix("\x1b[201~").split("\n")[-1].removeprefix("\x1b[200~")
    session.wait(lambda: session.cursor_text.endswith(last))
    session.type(" \x7f")
    session.read(0.3)

    assert not marked(session), session.text


def test_what_is_wrong_is_marked(terminal: Start, machine: ScriptedMachine) -> None:
    """Both in the line and in the bar, so that the test above would see it."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("stop now")

    session.wait(lambda: {"n", "s"} <= marked(session), "the marks")
    assert session.row.endswith("stop now")


def marked(session: Terminal) -> set[str]:
    """Return the characters of a screen that are in the style of an error."""
    red = HEX[RED].removeprefix("#")
    cells = (cell for row in session.screen.buffer.values() for cell in row.values())
    return {cell.data for cell in cells if cell.bg == red or cell.underscore}


def test_an_alias_completes_like_its_command(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """Words after it, and words in the place of its arguments."""
    config = tmp_path / "config.toml"
    config.write_text('[aliases]\nej = "eject -f"\nsnap = ["stop", "loadvm $1"]\n')
    session = terminal("--config", str(config), machine.path)
    session.wait_prompt(PROMPT)
    session.type("ej dri\t")
    session.wait(lambda: session.cursor_text == f"{PROMPT}ej drive0 ")
    session.type("\x15snap fi\t")

    session.wait(lambda: session.cursor_text == f"{PROMPT}snap first ")


def test_the_embedded_machine_offers_what_it_has(terminal: Start) -> None:
    """Most commands are none of its own."""
    session = terminal()
    session.wait_prompt("(hmp) ")
    session.run("info name", "(hmp) ")
    session.type("info \t")
    session.wait_for("alarm_methods")

    assert "show the machine's name" in session.text
    assert "blockstats" not in session.text


def test_arguments_of_qmp_that_are_given_are_not_offered_again(terminal: Start) -> None:
    """The list has those that are left."""
    session = terminal()
    session.wait_prompt("(hmp) ")
    session.type("qmp hello-world \t")
    session.wait_for("hello-world message=")
    session.type("a \t#")

    session.wait_row("(hmp) qmp hello-world message=a #")


def test_arguments_are_explained_by_the_schema(terminal: Start) -> None:
    """By its sentence, where the machine has one."""
    session = terminal()
    session.wait_prompt("(hmp) ")
    session.type("qmp hello-world \t")

    session.wait_for("what to print instead of")


def test_what_is_typed_ahead_is_in_the_prompt_only(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """The terminal echoes it at once; neither result nor prompt comes after that."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    machine.hold()
    session.type("info name\r")
    session.wait(lambda: bool(termios.tcgetattr(session.fd)[3] & termios.ECHO))
    session.type("info uu")
    session.wait_row("info uu")
    machine.release()
    session.wait_row(f"{PROMPT}info uu")

    assert session.rows[1:4] == [f"{PROMPT}info name", "vm", f"{PROMPT}info uu"]


def test_ctrl_d_while_a_line_runs(terminal: Start, machine: ScriptedMachine) -> None:
    """Is a key for the next prompt, as whatever is typed ahead; programs end by it."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("!echo up; cat; stty -a | grep -o 'eof = ..'\r")
    session.wait(lambda: "up" in session.rows)
    session.type("x\r\x04")
    session.wait_for("eof = ^D")
    session.wait_prompt(PROMPT)
    machine.hold()
    session.type("info name\r")
    session.wait(lambda: bool(termios.tcgetattr(session.fd)[3] & termios.ICANON))
    session.type("info status\r\x04")
    machine.release()

    assert session.wait_end() == 0
    assert "● running" in session.rows
    assert termios.tcgetattr(session.fd)[6][termios.VEOF] == b"\x04"
