from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from hmp.display.help_views import help_view
from hmp.display.richtext import render
from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.monitor.entry import DESTRUCTIVE, Entry, Table
from hmp.monitor.help import (
    describe,
    everything,
    find,
    help_lines,
    info_topic,
    is_part,
    nearest,
    search,
)
from hmp.monitor.help import topics as all_topics
from hmp.monitor.kinds import Kind
from tests.fakes import tables

if TYPE_CHECKING:
    from hmp.qmp.connection import Connection

KIND = Kind("colour", [("red", "like blood"), ("grey", "")])


async def _handler(mon: object, args: object) -> None:
    """Do nothing."""


def _table() -> Table:
    resize = Entry(
        "resize|rs",
        _handler,
        args_type="force:-f,mode:-ms,device:B,fmt:/,colour:s,shade:s,size:o?",
        help="change a size (-f: at once)",
        arguments={"colour": "the colour of the size"},
        about="It is done\nat once.\n\nAnd then again.",
        words="grow, make larger",
        effect=DESTRUCTIVE,
        qmp=["block_resize"],
        kinds={"colour": KIND, "shade": KIND},
        example="resize d0 1G",
    )
    passed: Entry[None] = Entry(
        "savevm", None, args_type="name:s?", params="tag", help="save it"
    )
    info = Entry("info", _handler, help="show things")
    status = Entry("status", _handler, help="show the state")
    for entry, category in ((resize, "Blocks"), (passed, "Snapshots"), (info, "Monitor")):
        entry.category = category
    status.category = "Machine"
    info.subtable = Table([status])
    return Table([resize, passed, info])


TABLE = _table()


def page(*words: str, width: int = 80) -> str:
    """Return the page that help shows."""
    topic = find(TABLE, words)
    assert topic is not None
    screen = Screen(-1, {})
    screen.width = width
    text = render(help_view(topic), screen)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["info", "resize", "savevm"]),
        (["info"], ["info status"]),
        (["resize"], None),
        (["rs"], None),
    ],
)
def test_topics(words: list[str], names: list[str] | None) -> None:
    """All commands, those of a sub-table, or one."""
    topic = find(TABLE, words)

    assert topic is not None
    found = [item["name"] for item in topic["commands"]] if "commands" in topic else None
    assert found == names


def test_a_subcommand_has_its_whole_name() -> None:
    """So one types it."""
    topic = find(TABLE, ["info", "status"])

    assert topic is not None
    assert (topic["name"], topic["label"]) == ("info status", "info status")


@pytest.mark.parametrize("words", [["nope"], ["info", "nope"], ["nope", "status"], [""]])
def test_what_is_no_command_is_no_topic(words: list[str]) -> None:
    """Whoever asks for it decides what to say."""
    assert find(TABLE, words) is None


def test_words_behind_a_command_do_not_matter() -> None:
    """QEMU looks no further."""
    assert find(TABLE, ["resize", "x", "y"]) == find(TABLE, ["resize"])


def test_info_has_a_topic_also_without_a_table() -> None:
    """It is empty then."""
    assert info_topic(Table()) == {"commands": []}
    assert len(info_topic(TABLE)["commands"]) == 1


def test_a_command_is_described_in_data() -> None:
    """JSON output shows it."""
    entry = TABLE.get("resize")
    assert entry is not None
    topic = describe(entry)
    arguments = {item["name"]: item for item in topic.pop("arguments")}

    assert topic == {
        "name": "resize",
        "aliases": ["rs"],
        "label": "resize|rs",
        "params": "[-f] [-m mode] device /fmt colour shade [size]",
        "help": "change a size (-f: at once)",
        "about": "It is done\nat once.\n\nAnd then again.",
        "words": "grow, make larger",
        "category": "Blocks",
        "effect": "destructive",
        "qmp": ["block_resize"],
        "passthrough": False,
        "needs": "",
        "example": "resize d0 1G",
    }
    assert {name: item["optional"] for name, item in arguments.items()} == {
        "-f": True,
        "-m": True,
        "device": False,
        "/fmt": False,
        "colour": False,
        "shade": False,
        "size": True,
    }
    assert arguments["colour"]["what"] == "the colour of the size"
    assert arguments["shade"]["what"] == "colour"
    assert arguments["shade"]["words"] == {"red": "like blood", "grey": ""}
    assert arguments["device"]["what"] == "block device"
    assert arguments["-f"]["what"] == "at once"
    assert [name for name, item in arguments.items() if item["flag"]] == ["-f", "-m"]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["savevm"], ["savevm tag -- save it"]),
        (["info", "status"], ["info status  -- show the state"]),
        (
            [],
            [
                "info  -- show things",
                "resize|rs [-f] [-m mode] device /fmt colour shade [size]"
                " -- change a size (-f: at once)",
                "savevm tag -- save it",
            ],
        ),
    ],
)
def test_lines_as_qemu_prints_them(words: list[str], lines: list[str]) -> None:
    """Two blanks stand where there are no parameters."""
    topic = find(TABLE, words)

    assert topic is not None
    assert list(help_lines(topic)) == lines


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["resiz"], "Did you mean 'resize'?"),
        (["save"], "Did you mean 'savevm'?"),
        (["vm"], "Did you mean 'savevm'?"),
        (["info", "stat"], "Did you mean 'info status'?"),
        (["status"], "Did you mean 'info status'?"),
        (["xyzzy"], ""),
        (["info", ""], ""),
        ([""], ""),
        ([], ""),
        (["info"], "Did you mean 'info'?"),
    ],
)
def test_the_nearest_commands(words: list[str], sentence: str) -> None:
    """Those that are spelled alike, or contain what was typed."""
    assert nearest(TABLE, words) == sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pause", "Did you mean 'stop'?"),
        ("Resume", "Did you mean 'cont'?"),
        ("start", "Did you mean 'cont'?"),
        ("reset", "Did you mean 'system_reset'?"),
        ("reboot", "Did you mean 'system_reset'?"),
        ("shutdown", "Did you mean 'system_powerdown'?"),
        ("power off", "Did you mean 'system_powerdown'?"),
        ("cls", "Did you mean 'clear'?"),
        ("info disk", "Did you mean 'info block'?"),
        ("show block", "Did you mean 'info block'?"),
        ("eject?", "Type 'help eject'"),
        ("info block?", "Type 'help info block'"),
        ("man info block", "Type 'help info block'"),
        ("man", "Did you mean 'help'?"),
        ("ls", ""),
        (r"\q", ""),
    ],
)
def test_the_words_of_other_programs(line: str, sentence: str) -> None:
    """What people say, and what other shells have; never a short form that ends things."""
    assert nearest(tables(), line.split()) == sentence


def test_the_nearest_are_three_at_most() -> None:
    """More would be no help."""
    table = Table(Entry(f"name{n}", _handler, help="do it") for n in range(9))

    assert nearest(table, ["name"]).count("'") == 6


def test_the_page_of_a_command() -> None:
    """How to write it, what each argument is, and what it calls."""
    lines = page("resize").splitlines()

    assert lines[0] == "resize [-f] [-m mode] device /fmt colour shade [size]"
    assert lines[1:6] == [
        "  change a size (-f: at once)",
        "",
        "  It is done at once.",
        "",
        "  And then again.",
    ]
    assert "  -f      at once" in lines
    assert "  device  block device" in lines
    assert "  colour  the colour of the size" in lines
    assert "  shade   colour: red, grey" in lines
    assert lines[-5:] == [
        "aliases   rs",
        "category  Blocks",
        "effect    destructive",
        "QMP       block_resize",
        "example   resize d0 1G",
    ]


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("block_job_set_speed", "per second (MiB unless a suffix is given)"),
        ("drive_mirror", "(-n: use an existing image"),
        ("drive_backup", "(-n: use an existing image"),
        ("log", "(none: stop logging)"),
        ("type", "with keys such as <enter>"),
        ("type", "assumes a US keyboard layout in the guest"),
        ("type", "20 by default)"),
        ("sendkey", "(100 by default)"),
        ("expire_password", "set when the VNC or SPICE password expires"),
        ("migrate_continue", "resume a migration that is waiting in STATE"),
        ("balloon", "ask the guest to shrink its memory to TARGET MiB"),
    ],
)
def test_summaries_in_the_words_of_the_field(name: str, summary: str) -> None:
    """What an administrator would say."""
    topic = find(tables(), [name])

    assert topic is not None
    assert summary in topic["help"]


@pytest.mark.parametrize(
    ("name", "category"),
    [("replay_break", "Debugging"), ("info replay", "Debugging"), ("clear", "Session")],
)
def test_the_category_is_where_people_look(name: str, category: str) -> None:
    """Not where the source of QEMU has it."""
    topic = find(tables(), name.split())

    assert topic is not None
    assert topic["category"] == category


def test_limits_of_throughput_say_their_units() -> None:
    """Not their types."""
    topic = find(tables(), ["block_set_io_throttle"])

    assert topic is not None
    text = render(help_view(topic), Screen(-1, {}))
    assert "bps      bytes per second, read and written; 0: no limit" in text


def test_the_page_of_what_only_qemu_can_do() -> None:
    """It says so."""
    assert "QMP       by QEMU's own monitor\n" in page("savevm")
    assert "QMP       none, the monitor's own\n" in page("info", "status")


def test_the_overview_is_by_category() -> None:
    """Each with its commands below it."""
    text = page()

    assert [text.index(name) for name in ("Blocks", "Monitor", "Snapshots")] == sorted(
        text.index(name) for name in ("Blocks", "Monitor", "Snapshots")
    )
    assert "  resize|rs  change a size (-f: at once)\n" in text
    assert text.endswith("help COMMAND explains a command.\n")


def test_documentation_follows_the_page() -> None:
    """As it is, with nothing in it taken for markup."""
    entry = TABLE.get("savevm")
    assert entry is not None
    topic = {**describe(entry), "documentation": {"a": "[bold]about a[/bold]"}}
    screen = Screen(-1, {})

    assert render(help_view(topic), screen).rstrip().endswith("[bold]about a[/bold]")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("stop", "stop"),
        ("s", "stop"),
        ("info block", "info block"),
        ("pause", "stop"),
        ("restart", "system_reset"),
        ("reboot", "system_reset"),
        ("screenshot", "screendump"),
        ("take a screenshot of the vm", "screendump"),
        ("pause vm", "stop"),
        ("how to grow a disk", "block_resize"),
        ("mount iso", "change"),
        ("usb stick", "device_add"),
        ("dump memory", "dump-guest-memory"),
        ("take out cd", "eject"),
        ("Resize Disk", "block_resize"),
        ("make a disk bigger", "block_resize"),
        ("slow down disk", "block_set_io_throttle"),
        ("reduce guest memory", "balloon"),
        ("list usb devices", "info usb"),
        ("hot-plug", "device_add"),
        ("hotplug", "device_add"),
        ("hot unplug", "device_del"),
        ("unplug", "device_del"),
        ("clone disk", "drive_backup"),
        ("take snapshot", "savevm"),
        ("revert", "loadvm"),
        ("power off", "system_powerdown"),
        ("port forwarding", "hostfwd_add"),
    ],
)
def test_a_search_finds_the_name_or_what_people_say_first(text: str, first: str) -> None:
    """Before commands that mention it in their summaries, arguments or documentation."""
    assert search(all_topics(tables()), text)[0]["name"] == first


def test_a_search_for_snapshots_finds_the_usual_ones_early() -> None:
    """Before those of single disks."""
    found = [topic["name"] for topic in search(all_topics(tables()), "snapshot")]

    assert set(found[:3]) == {"savevm", "loadvm", "delvm"}


def test_names_come_before_words_words_before_summaries() -> None:
    """And a whole word comes before the beginning of one."""
    names = [topic["name"] for topic in search(all_topics(TABLE), "s")]

    assert names == ["savevm", "info status", "resize", "info"], names
    assert [topic["name"] for topic in search(all_topics(TABLE), "larger")] == ["resize"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x-do", "takes no arguments"),
        ("x-do -> {a: int}", "takes no arguments"),
        ("x-do\n  a: int\n  b-c: a | b,\n      c, optional", "takes a, b-c"),
        ("x-do\n  a: int, optional (deprecated)\n  b: string", "takes [a], b"),
        ("command x\n\n    x()\n\nDo it\nwell. Then rest.\n\nSince: 1", "do it well"),
    ],
)
def test_the_summary_of_a_qmp_command(text: str, sentence: str) -> None:
    """Its documentation's first sentence, or else its arguments; never schema syntax."""

    class Machine:
        async def schema(self) -> object:
            return self

        def commands(self) -> list[str]:
            return ["x-do"]

        async def describe(self, name: str) -> str:
            return text

    topics = drive(everything(cast("Connection", Machine()), Table()))

    assert [topic["help"] for topic in topics] == [sentence]


@pytest.mark.parametrize(
    ("name", "flag", "meaning"),
    [
        ("device_del", None, None),
        ("drive_backup", "-n", "use an existing image"),
        ("drive_backup", "-c", "compress"),
        ("block_job_cancel", "-f", "immediately, even if it is ready or paused"),
        ("dump-guest-memory", "-z", "kdump format, compressed by zlib"),
    ],
)
def test_flags_mean_what_the_help_says(
    name: str, flag: str | None, meaning: str | None
) -> None:
    """Where it says it of one flag alone."""
    entry = tables().get(name)
    assert entry is not None
    flags = {a["name"]: a["what"] for a in describe(entry)["arguments"] if a["flag"]}

    assert flags.get(flag or "") == meaning


def test_a_search_for_what_there_is_not() -> None:
    """It finds nothing."""
    assert search(all_topics(tables()), "no-such-word") == []


@pytest.mark.parametrize(
    ("name", "usage", "found"),
    [
        ("device", "device [speed]", True),
        ("speed", "device [speed]", True),
        ("-f", "[-f] device", True),
        ("dev", "device [dev-id]", False),
        ("id", "[dev-id]", False),
        ("/fmt", "/fmt addr", True),
        ("[,...]", "a[,...]", True),
        ("x", "", False),
    ],
)
def test_parts_of_a_usage_line(name: str, usage: str, found: bool) -> None:
    """They are words, or signs."""
    assert is_part(name, usage) is found
