"""A walk over every command, with each of its QMP calls answered by chance.

HMP_TEST_RANDOM_SECONDS says for how long, HMP_TEST_RANDOM_SEED where chance begins.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from hmp.display import make_writer
from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.display.sink import Sink
from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.monitor.call import Call
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.shapes import check_reply
from tests.fakes import PATIENCE, FakeConnection, FakeSession, tables
from tests.qemu.lines import entries, generated
from tests.shapes import Maker

SECONDS = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "10"))
SEED = os.environ.get("HMP_TEST_RANDOM_SEED", "1")
VERSIONS = [(6, 2, 0), (7, 2, 0), (9, 0, 0), (10, 0, 0), (10, 2, 2), (11, 1, 0)]
STYLES = ("text", "rich", "json")

OWN_LINES = (
    "explain info block",
    "time info status",
    "wait STOP --timeout 1",
    "type a<enter>",
    "qmp query-block",
    'qmp {"execute": "query-cpus-fast"}',
    "qmp block_resize size=1",
    "help block_resize",
    "help info block",
    "help query-block",
    "alias",
    "events",
    "trace on",
    "info history",
    "cpu 1",
    "cont",
    "hello-world x",
    "info alarmclock",
    "watch info name",
    "info alarm_methods",
    "p $pc",
    "x /2i $pc",
    "nope",
    "info nope",
    "wait job x",
)
RUN_OTHERS = ("qmp", "source", "explain", "time", "help", "wait")
"""Commands that ask what they are given, or for what helps."""
FORGIVES = ("help", "qmp", "explain", "qom-tree")
"""Commands that show what they can, or whatever comes, whatever its shape; or whose other
requests may fail first."""


class Chance(FakeConnection):
    """A machine that answers by chance.

    spoils: how likely a reply is of the wrong shape. wrong: the commands that got one.
    """

    fills = False

    def __init__(self, chance: random.Random, spoils: float) -> None:
        super().__init__(version=chance.choice(VERSIONS))
        self.chance = chance
        self.spoils = spoils
        self.maker = Maker(chance)
        self.wrong: list[str] = []

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Give a reply of some shape, an error now and then."""
        self.calls.append((command, dict(without_none(arguments, members))))
        if len(self.calls) > 20 * PATIENCE:
            raise MachineGoneError("it has asked enough")
        if self.chance.random() < 0.03:
            classes = ["GenericError", "CommandNotFound", "DeviceNotFound"]
            raise QMPError(f"no {command}", self.chance.choice(classes))
        if self.chance.random() >= self.spoils:
            return self.maker.reply(command)
        reply = self.maker.wrong(command)
        try:
            check_reply(command, reply)
        except BadReplyError:
            self.wrong.append(command)
        return reply


@cache
def lines() -> list[str]:
    """Return lines for every command of both tables."""
    table = tables()
    quiet = FakeConnection()
    made = generated(table, quiet, "read", "change", "destructive")
    examples = [entry.example for _, entry in entries(table) if entry.example]
    native = [line for line in (*made, *examples, *OWN_LINES) if "gdbserver" not in line]
    return list(dict.fromkeys(native))


def walk(seed: str) -> Iterator[tuple[Chance, str, str]]:
    """Yield machines, lines to run there and styles to show them in, for a while."""
    end = time.monotonic() + SECONDS / 2
    chance = random.Random(seed)
    rounds = 0
    while True:
        order = lines()[:]
        chance.shuffle(order)
        for line in order:
            if rounds and time.monotonic() > end:
                return
            spoils = chance.choice([0.0, 0.0, 0.2, 1.0])
            yield Chance(chance, spoils), line, chance.choice(STYLES)
        rounds += 1


def shown(call: Call, style: str, folder: str) -> str:
    """Show a call as the program does; return all that there is to see."""
    if style == "rich":
        return present(call, Screen(-1, {"LANG": "C.UTF-8", "COLUMNS": "100"}))
    path = os.path.join(folder, "shown")
    with open(path, "w+b") as file:
        writer = make_writer(style, Sink(file.fileno()), Sink(file.fileno()))
        writer.show(call)
        writer.flush()
        file.seek(0)
        return file.read().decode()


def complaint(machine: Chance, line: str, style: str, folder: str) -> str:
    """Run a line; return what is wrong with how it ends, or nothing."""
    monitor = Monitor(machine, tables())
    monitor.initialised = True  # what is asked for that is of no interest here
    try:
        call = drive(monitor.run(line))
    except MachineGoneError:
        return ""  # what waits for its end waits in vain
    assert call is not None
    text = shown(call, style, folder)
    error = call.error_text() if call.error is not None else ""
    if "bug in command" in error or "Traceback" in error:
        return error
    name = call.entry.name if call.entry else ""
    if style == "json":
        record = json.loads(text)
        if ("error" in record) != (call.error is not None):
            return f"JSON says {text}"
    if machine.wrong and name.partition("|")[0] not in FORGIVES:
        wanted = (
            f"Error: the machine's reply to '{machine.wrong[0]}' does not match its schema"
        )
        if not error.startswith(wanted) or error.count("\n") != 1:
            return f"a wrong reply to {machine.wrong[0]} ends in {error or text!r}"
    # where QEMU's own monitor says nothing, text says nothing
    silent = style == "text" and call.error is not None and call.error.desc
    if call.error is not None and not text.strip() and not silent:
        return "an error without a word"
    return ""


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_every_line_ends_in_a_result_or_one_clear_line(tmp_path: Any) -> None:
    """Never in a traceback, a bug of ours, or nothing where a reply was wrong."""
    found: dict[str, str] = {}
    count = 0
    for machine, line, style in walk(SEED):
        count += 1
        problem = complaint(machine, line, style, str(tmp_path))
        if problem:
            key = problem.partition(" (HMP")[0].rpartition(" at ")[2]
            found.setdefault(key, f"{line!r} ({style}): {problem.strip()}")
    assert not found, f"{len(found)} in {count}:\n" + "\n".join(found.values())


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_no_kind_of_words_fails_on_a_right_reply() -> None:
    """And a wrong one is an error that completion is silent about."""
    kinds = {
        id(kind): kind
        for _, entry in entries(tables())
        for kind in entry.kinds.values()
        if kind.fetch is not None and not kind.local
    }
    chance = random.Random(SEED)
    end = time.monotonic() + SECONDS / 4
    found: dict[str, str] = {}
    while time.monotonic() < end:
        for kind in kinds.values():
            machine = Chance(chance, chance.choice([0.0, 1.0]))
            monitor = Monitor(machine, tables())
            typed = chance.choice(["", "a", "virtio-blk,", "x,", "x,bus=", "$", "/machine"])
            _, context = kind.place(typed, QDict())
            assert kind.fetch is not None
            try:
                words = list(drive(kind.fetch(monitor.qmp, context)))
            except (QMPError, MachineGoneError):
                continue
            except Exception as error:
                if machine.wrong and type(error).__name__ == "BadReplyError":
                    continue
                found.setdefault(f"{kind.name} {error!r:.80}", repr(error))
                continue
            for text, about in words:
                assert isinstance(text, str)
                assert isinstance(about, str)
    assert not found, "\n".join(found)


def test_the_state_of_the_prompt_keeps_what_it_knows() -> None:
    """Name and status of a machine that answers nonsense stay as they were."""
    from hmp.frontends.state import MachineState

    chance = random.Random(SEED)
    for _ in range(200):
        state = MachineState(Monitor(Chance(chance, 0.5), tables()))
        drive(state.look_up())
        assert isinstance(state.name, str)
        assert isinstance(state.status, str)


def test_a_native_command_calls_only_what_it_declares() -> None:
    """Besides QEMU's own monitor, which older releases fall back on."""
    found: dict[str, set[str]] = {}
    chance = random.Random(SEED)
    for line in lines():
        for _ in range(3):
            machine = Chance(chance, 0.0)
            session = FakeSession(table=tables())
            session.monitor.attach(machine)
            session.monitor.initialised = True
            try:
                call = drive(session.monitor.run(line))
            except MachineGoneError:
                continue
            entry = call.entry if call else None
            if entry is None or entry.names[0] in RUN_OTHERS:
                continue
            called = {command for command, _ in machine.calls}
            extra = called - {*entry.qmp, "human-monitor-command", "query-commands"}
            if extra:
                found.setdefault(entry.name, set()).update(extra)
    assert not found
