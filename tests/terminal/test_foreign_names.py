"""Names from elsewhere, completed: the line means the name, whatever it holds.

HMP_TEST_RANDOM_SECONDS, set to anything, makes the random names many.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from completions.block import BLOCK_DEVICE_OR_NODE, REMOVABLE
from completions.chardev import CHARDEV_ID
from completions.defaults import KINDS
from completions.device import DEVICE_OPTIONS, NETDEV_OPTIONS
from completions.file import FILE, OUR_FILE
from completions.log import LOG_ITEMS
from completions.qmp import RAW_QMP
from completions.qom import QOM_PATH, QOM_VALUE
from completions.snapshot import MACHINE_SNAPSHOT, SNAPSHOT, SNAPSHOT_ID
from hmp.completion.cache import WordCache
from hmp.completion.candidates import kind_of
from hmp.display.sanitise import one_line
from hmp.frontends.session_runner import PromptFrontEnd, SessionRunner
from hmp.frontends.shell import Redirect, expand_alias
from hmp.language.keyval import parse_keyval
from hmp.language.scan import Parameter
from hmp.monitor.call import Call
from hmp.monitor.entry import Table
from hmp.monitor.help import did_you_mean
from hmp.monitor.kinds import Kind
from hmp.monitor.line import Line
from hmp.monitor.raw_qmp import split_name, split_pairs
from hmp.terminal.completer import LineCompleter
from tests.terminal.fakes import idle_monitor
from tests.terminal.machine import ScriptedMachine
from tests.terminal.test_browser import FOOT, SCHEMA
from tests.terminal.test_session import Start

MONITOR = idle_monitor()
MANY = 2_000 if os.environ.get("HMP_TEST_RANDOM_SECONDS") else 0
EVENT = CompleteEvent(completion_requested=True)
ALIASES = {"loadvm": ["loadvm $1"], "chardev-remove": ["stop", "chardev-remove $*"]}


def _qmp(name: str, given: dict[str, Any], key: str) -> str:
    return json.dumps([name, given, "", key])


# where a name can stand: what is typed before it, its kind and context, and the argument
# that it becomes, with what stands before it there
PLACES: dict[str, tuple[Kind, str, str, str]] = {
    "eject ": (REMOVABLE, "", "device", ""),
    "eject -f ": (REMOVABLE, "", "device", ""),
    'eject "': (REMOVABLE, "", "device", ""),
    "loadvm ": (MACHINE_SNAPSHOT, "", "name", ""),
    "delvm ": (SNAPSHOT, "", "name", ""),
    'delvm "': (SNAPSHOT, "", "name", ""),
    "chardev-remove ": (CHARDEV_ID, "", "id", ""),
    'snapshot_delete_blkdev_internal "a|b" ': (SNAPSHOT, "", "name", ""),
    'snapshot_delete_blkdev_internal a"b "': (SNAPSHOT, "", "name", ""),
    "snapshot_delete_blkdev_internal it's ": (SNAPSHOT, "", "name", ""),
    "snapshot_delete_blkdev_internal d0 t ": (SNAPSHOT_ID, "", "id", ""),
    "watch eject ": (REMOVABLE, "", "device", ""),
    "time delvm ": (SNAPSHOT, "", "name", ""),
    'watch -n 3 eject "': (REMOVABLE, "", "device", ""),
    "device_add ": (DEVICE_OPTIONS, "", "driver", ""),
    "device_add e1000,drive=": (DEVICE_OPTIONS, "e1000,drive", "drive", ""),
    'device_add "e1000,drive=': (DEVICE_OPTIONS, "e1000,drive", "drive", ""),
    "netdev_add tap,ifname=": (NETDEV_OPTIONS, "tap,ifname", "ifname", ""),
    "object_add secret,file=": (FILE, "", "object", ""),
    "qom-set /a b ": (QOM_VALUE, "/a,b", "value", ""),
    "log ": (LOG_ITEMS, "", "items", ""),
    "qom-list /machine/": (QOM_PATH, "/machine", "path", "/machine/"),
    'qom-list "/machine/': (QOM_PATH, "/machine", "path", "/machine/"),
    "memsave 0 100 ": (FILE, "", "filename", ""),
    "memsave 0 100 /": (FILE, "/", "filename", "/"),
    "source ": (OUR_FILE, "", "file", ""),
    "screendump /tmp/": (FILE, "/tmp/", "filename", "/tmp/"),
    'screendump "/tmp/a b/': (FILE, "/tmp/a b/", "filename", "/tmp/a b/"),
    "block_stream ": (BLOCK_DEVICE_OR_NODE, "", "device", ""),
    "qmp ": (RAW_QMP, _qmp("", {}, ""), "word", ""),
    "qmp x node-name=": (RAW_QMP, _qmp("x", {}, "node-name"), "word", "node-name="),
    'qmp x "node-name=': (RAW_QMP, _qmp("x", {}, "node-name"), "word", "node-name="),
    "info name > ./": (OUR_FILE, "./", ">", "./"),
    "info name >./": (OUR_FILE, "./", ">", "./"),
    "info name >> /tmp/a b/": (OUR_FILE, "/tmp/a b/", ">>", "/tmp/a b/"),
}


class Ran(PromptFrontEnd):
    """Takes what a session would do with a line: what runs, and where results go."""

    local = True

    def __init__(self) -> None:
        super().__init__()
        self.aliases.update(ALIASES)
        self.lines: list[str] = []
        self.redirects: list[Redirect] = []
        self.commands: list[str] = []

    async def shell(self, command: str) -> str:
        """Take note of a shell command."""
        self.commands.append(command)
        return ""

    async def say(self, text: str) -> None:
        """Show nothing."""

    async def text(self, call: Call) -> str:
        """Return nothing."""
        return ""

    async def send(self, text: str, redirect: Redirect) -> str:
        """Take note of where a result goes."""
        self.redirects.append(redirect)
        return ""

    def parse(self, text: str) -> Line:
        """Return a parsed line."""
        return MONITOR.parse(text)

    async def run(self, line: str) -> Any:
        """Take note of a line of the monitor's."""
        self.lines.append(line)
        return Call(MONITOR.parse(""), (0, 0, 0), 0)

    async def present(self, call: Call, typed: bool) -> str:
        """Show nothing."""
        return ""


def ran(line: str) -> Ran:
    """Return what Enter does with a line, the lines that it holds among it."""
    done = Ran()
    monitor: Any = done  # it only runs lines here
    runner = SessionRunner(monitor, done, WordCache(), KINDS)
    asyncio.run(runner.run_typed(line))
    for text in list(done.lines):
        inner = re.fullmatch(r"(?:watch(?: -n 3)?|time) (.*)", text, re.DOTALL)
        if inner:
            asyncio.run(runner.run(inner[1]))
    return done


def offered(typed: str, kind: Kind, context: str, name: str) -> list[str]:
    """Return the lines that Tab makes of what is typed, where it puts in the name."""

    def lines(words: list[str]) -> list[str]:
        word_cache = WordCache()
        word_cache.store(kind, context, tuple((word, "") for word in words))
        completer = LineCompleter(MONITOR, word_cache, KINDS, aliases=ALIASES)
        found = completer.get_completions(Document(typed), EVENT)
        return [typed[: len(typed) + c.start_position] + c.text for c in found]

    without = lines([])
    return [line for line in lines([name]) if line not in without]


def meaning(line: Line, key: str) -> Any:
    """Return what an argument means, the last word of one of several."""
    if key == "word":
        name, rest = split_name(line.args["request"])
        return "=".join(split_pairs(rest)[-1]) if rest else name
    value = line.args[key]
    return parse_keyval(value, "qom-type").members["file"] if key == "object" else value


HOSTILE = [
    'd1"|touch${IFS}/tmp/x',
    "base|touch${IFS}/tmp/x",
    "a b",
    "x\ntouch y",
    "-f",
    "!sh",
    "#c",
    "$1",
    "$*",
    ">f",
    "a > f",
    "it's",
    "a'b'c",
    "\\",
    'a"',
    'a\\"|x',
    ",",
    "a,b=c",
    "é",
    "a\u200bb",
    "\x1b[2J",
    "{",
    "[1",
    "a=b",
    "~root",
    "~",
    " a",
    "a ",
    "\xa0",
    "|x",
    "/etc",
    "a/b",
    "+1",
    "*2",
    "%eax",
    ".5",
    "help",
    "?",
    "a\tb",
    "a\rb",
    "'",
    "''",
    '"',
]
NAMES = (
    st.sampled_from(HOSTILE)
    | st.text(st.sampled_from("ab1 \t\n\r\"'\\|>!;#$*,=-/.~[{+\x1b\u200b\xa0é"), min_size=1)
    | st.text(min_size=1)
)
ODD = st.text(st.sampled_from("ab1 \n\"'\\|>"), min_size=1, max_size=8)
"""More often than the others what a line's quotes and pipes are made of."""


@pytest.mark.parametrize("typed", PLACES)
@settings(max_examples=MANY or 100)
@given(name=NAMES)
def test_a_completed_line_means_the_name_and_nothing_else(typed: str, name: str) -> None:
    """As Enter runs it; or the name is not offered."""
    kind, context, key, before = PLACES[typed]
    if kind in (FILE, OUR_FILE, QOM_PATH) and (
        "/" in name or "\0" in name or name in (".", "..")
    ):
        return  # no name of a file
    for line in offered(typed, kind, context, name):
        assert one_line(line) == line
        done = ran(line)
        assert done.commands == []
        if key in (">", ">>"):
            assert done.redirects == [Redirect(key, before + name)]
            continue
        assert done.redirects == []
        parsed = MONITOR.parse(done.lines[-1])
        assert parsed.error is None or parsed.unfinished
        assert meaning(parsed, key) == before + name


DUMMIES = {"i": "1", "l": "1", "M": "1", "o": "1", "T": "1", "b": "on", "/": "/x"}
"""Arguments before the one that is completed, by their letter."""


def everywhere() -> Iterator[tuple[str, Parameter, Kind]]:
    """Yield where the words of a machine can stand: a line up to there, what comes."""
    for table, before in ((MONITOR.commands, ""), (info_table(), "info ")):
        for entry in table:
            line = before + entry.names[0]
            for parameter in entry.parameters:
                kind = kind_of(entry, parameter, KINDS)
                flag = f" -{parameter.type.letter}" if parameter.is_flag else ""
                if kind is not None and kind.fetch is not None and not kind.line:
                    yield f"{line}{flag} ", parameter, kind
                if not parameter.is_flag and not parameter.dotted:
                    line += f" {DUMMIES.get(parameter.type.letter, 'x')}"


def info_table() -> Table:
    """Return the table of the ``info`` subcommands."""
    info = MONITOR.commands.get("info")
    assert info is not None
    assert info.subtable is not None
    return info.subtable


EVERYWHERE = list(everywhere())


@pytest.mark.parametrize(
    ("typed", "parameter", "kind"), EVERYWHERE, ids=[typed for typed, _, _ in EVERYWHERE]
)
@settings(max_examples=MANY or 40)
@given(name=NAMES)
def test_wherever_a_machine_has_words(
    typed: str, parameter: Parameter, kind: Kind, name: str
) -> None:
    """In every argument of every command: no shell gets any of it, nor what is next."""
    if kind in (FILE, OUR_FILE, QOM_PATH) and ("/" in name or "\0" in name):
        return  # no name of a file
    _, context = kind.place("", MONITOR.parse(typed).args)
    for line in offered(typed, kind, context, name):
        assert one_line(line) == line
        done = ran(line)
        assert (done.commands, done.redirects) == ([], [])
        (text,) = done.lines[-1:]
        parsed = MONITOR.parse(text)
        if re.fullmatch(r"\$\w+", name):
            continue  # a register, if there is one of that name
        if parsed.error is not None and "32-bit" in str(parsed.error):
            continue  # a number that no CPU has
        assert parsed.error is None or parsed.unfinished
        begin, end, last = parsed.tokens[-1]
        assert text[begin:end].endswith(text[len(typed) :])
        assert last is parameter
        if parameter.type.letter in "sFB":
            assert parsed.args[parameter.key] == name


@pytest.mark.parametrize(
    ("typed", "context", "end"),
    [
        ('{"execute": "', _qmp("", {}, ""), '"}'),
        ('{"execute": "x", "arguments": {"node-name": "', None, '"}}'),
    ],
)
@given(name=NAMES)
def test_names_in_json(typed: str, context: str | None, end: str, name: str) -> None:
    """They are the whole text that is open there."""
    line = f"qmp {typed}"
    if context is None:
        request = MONITOR.parse(line.rpartition(" ")[0] + " ").args
        _, context = RAW_QMP.place('"', request)
    for whole in offered(line, RAW_QMP, context, name):
        done = ran(whole)
        assert (done.commands, done.redirects) == ([], [])
        message = json.loads(whole.removeprefix("qmp ") + end)
        assert name in (message["execute"], message.get("arguments", {}).get("node-name"))


@pytest.mark.parametrize("typed", [t for t in PLACES if ">" not in t])
@settings(max_examples=MANY or 40)
@given(name=NAMES | ODD)
@example(name="'|~").via("half of it is a pipe behind an odd quote of the user's")
@example(name="'|'a")
def test_the_common_part_of_names_runs_nothing(typed: str, name: str) -> None:
    """Half a name is put in where several begin so; Enter there runs no shell."""
    kind, context, _, _ = PLACES[typed]
    ends = ("1", "2x", "'3'")
    lines = [line for e in ends for line in offered(typed, kind, context, name + e)]
    for length in range(len(typed), min(map(len, lines), default=0)):
        half = lines[0][:length]
        if all(line.startswith(half) for line in lines):
            done = ran(half)
            assert (done.commands, done.redirects) == ([], [])


@pytest.mark.parametrize("typed", PLACES)
def test_plain_names_are_offered(typed: str) -> None:
    """What holds nothing else than letters, digits and the like is put in as it is."""
    kind, context, _, _ = PLACES[typed]
    if "it's" in typed or 'a"b' in typed:
        return
    for name in ("drive0", "a.b_c", "x-1"):
        line = 'memsave 0 100 "/' if typed == "memsave 0 100 /" else typed
        end = '"' if line.count('"') % 2 else ""
        assert offered(typed, kind, context, name) == [f"{line}{name}{end}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_can_be_typed(name: str) -> None:
    """Unless a character of theirs has no way into a line."""
    found = offered("eject ", REMOVABLE, "", name)
    rest = name.replace("\n", "").replace("\r", "")

    assert len(found) == (one_line(rest) == rest)


@given(name=NAMES, before=st.sampled_from(["", "info "]))
def test_what_is_suggested_can_be_typed(name: str, before: str) -> None:
    """A sentence shows a name as one argument, and no character that drives anything."""
    text = did_you_mean([name], before)

    assert one_line(text) == text


@pytest.mark.parametrize(
    ("typed", "command", "key"),
    [
        ('eject -f "d', "eject", "device"),
        ("eject -f d", "eject", "device"),
        ("snapshot_delete_blkdev_internal drive0 ba", "", "name"),
        ('snapshot_delete_blkdev_internal drive0 "ba', "", "name"),
    ],
)
def test_a_session_runs_nothing_of_a_name(
    terminal: Start,
    machine: ScriptedMachine,
    tmp_path: Path,
    typed: str,
    command: str,
    key: str,
) -> None:
    """Tab and Enter send the whole name to the machine, and no shell gets any of it."""
    command = command or "blockdev-snapshot-delete-internal-sync"
    start = 'd1"' if key == "device" else "base"
    name = f"{start}|touch${{IFS}}{tmp_path}/x;touch {tmp_path}/y|sh"
    other = {"locked": False, "removable": True, "type": "unknown"}
    image = {"snapshots": [{"name": name, "id": "1"}]}
    machine.answers |= {
        "query-block": [{"device": name if key == "device" else "drive0", **other}],
        "query-named-block-nodes": [
            {"node-name": "n", "drv": "raw", "file": "f", "image": image}
        ],
        command: {},
    }
    session = terminal("-y", machine.path, columns=250)
    session.wait_prompt("(qemu vm) ")
    session.type(f"{typed}\t")
    session.wait_for("/y|sh")
    session.type("\r")
    machine.wait_for(command)
    session.wait_prompt("(qemu vm) ")

    request = next(r for r in machine.requests if r["execute"] == command)
    assert request["arguments"][key] == name
    assert [path.name for path in tmp_path.iterdir() if path.name in "xy"] == []


def test_the_help_browser_puts_in_one_line(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """Of a QMP command whose name has several; one with an escape code is not put in."""
    name = f"x-thing\n!touch {tmp_path}/x\n"
    command = {"meta-type": "command", "arg-type": "args", "ret-type": "none"}
    machine.answers["query-qmp-schema"] = [
        *SCHEMA[:-1],
        {**command, "name": name},
        {**command, "name": "y-thing\x1b[2J"},
    ]
    session = terminal(machine.path, columns=200)
    session.wait_prompt("(qemu vm) ")
    session.type("\x1bOPx-thing")
    session.wait_for(FOOT)
    session.wait_for("qmp x-thing")
    session.type("\t")
    session.wait_row(f'(qemu vm) qmp "x-thing\\n!touch {tmp_path}/x\\n"')
    session.type("\r")
    session.wait_prompt("(qemu vm) ")
    assert not (tmp_path / "x").exists()
    session.type("\x1bOPy-thing")
    session.wait_for("qmp y-thing\\x1b[2J")
    session.type("\t")

    session.wait_prompt("(qemu vm) ")


def test_aliases_part_words_as_the_monitor_does() -> None:
    """What is quoted stays one word."""
    line = 'r "a b|c" "d \\" e" f'

    assert expand_alias(line, {"r": ["x $2 $1 $3"]}) == ['x "d \\" e" "a b|c" f']
