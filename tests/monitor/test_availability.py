from __future__ import annotations

import re
from typing import Any

import pytest

from hmp.display.help_views import help_view
from hmp.display.richtext import render
from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.monitor.availability import mark_unavailable
from hmp.monitor.declare import Declare
from hmp.monitor.entry import CHANGE, READ, Table
from hmp.monitor.help import topics
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, FakeSession

command, info = Declare(CHANGE), Declare(READ)
INFO = command.direct("info", "x", help="show")
INFO.qmp = ()
INFO.subtable = Table(
    [
        info.passthrough("tlb", help="show it"),
        info.report("roms", "x-query-roms", help="show them"),
    ]
)
TABLE = Table(
    [
        INFO,
        command.direct("stop|s", "stop", help="pause"),
        command.passthrough("boot|b", help="boot"),
        command.direct("mine", "query-mine", help="mine"),
    ]
)
HMP = "human-monitor-command"
HELP = {
    "help": "boot|b  -- boot\r\ninfo [subcommand] -- show\r\nmine x -- do it\r\n",
    "help info": "info tlb  -- show\r\n",
}


def marked(answers: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """Return the topics of the table as a machine marks them."""
    found = topics(TABLE)
    drive(
        mark_unavailable(FakeSession(answers, HELP, table=TABLE, **fields).monitor, found)
    )
    return found


def reasons(*native: str, **fields: Any) -> dict[str, str]:
    """Return why a machine with certain QMP commands cannot do what it cannot."""
    names = [{"name": name} for name in native]
    found = marked({"query-commands": names}, **fields)
    return {t["name"]: t["unavailable"] for t in found if "unavailable" in t}


ALONE = {
    "boot": "it has no QEMU monitor",
    "info tlb": "it has no QEMU monitor",
    "mine": "it lacks query-mine",
    "info roms": "it lacks x-query-roms",
}


def test_a_machine_without_a_monitor_of_its_own() -> None:
    """It does what it has QMP commands for, and what needs none."""
    assert reasons("stop") == ALONE


def test_a_machine_whose_monitor_is_ours() -> None:
    """The embedded one: what it passes on comes back here."""
    assert reasons("stop", HMP, has_hmp=False) == ALONE


def test_a_monitor_of_its_own_stands_in() -> None:
    """It does what it lists in its help; what neither it nor QMP has is not there."""
    assert reasons(HMP) == {
        "stop": "it lacks stop",
        "info roms": "it lacks x-query-roms",
    }


@pytest.mark.parametrize("answers", [{}, {"query-commands": QMPError("no")}])
def test_a_machine_that_does_not_tell(answers: dict[str, Any]) -> None:
    """It is taken at its best."""
    assert not any("unavailable" in topic for topic in marked(answers))


def test_help_shows_it_without_colours() -> None:
    """By a mark behind the name, and in words on the command's own page."""
    found = marked({"query-commands": [{"name": "stop"}]})
    screen = Screen(-1, {"LANG": "C.UTF-8"})
    screen.width = 80
    overview = render(help_view({"commands": found}), screen)
    page = render(help_view(next(t for t in found if t["name"] == "boot")), screen)

    assert re.search("^  stop\\|s  +pause", overview, re.MULTILINE)
    assert re.search("^  boot\\|b -  +boot", overview, re.MULTILINE)
    assert "not on this machine: it has no QEMU monitor" in page


class Lines(FakeConnection):
    """A human monitor that is reached without QMP."""

    door = "QEMU's human monitor"
    takes_qmp = False
    sends_events = False


async def _nothing(mon: Monitor, args: QDict) -> None:
    """Do nothing."""


def test_a_door_for_lines_only() -> None:
    """QEMU's monitor says what it has; our own commands say what they need."""
    table = Table(
        [
            *TABLE,
            command("watch", help="repeat")(_nothing),
            command("wait", help="wait", needs="events")(_nothing),
            command("qmp", help="send", needs="qmp")(_nothing),
        ]
    )
    found = topics(table)
    drive(mark_unavailable(Monitor(Lines(lines=HELP), table), found))

    assert {t["name"]: t["unavailable"] for t in found if "unavailable" in t} == {
        "info roms": "QEMU's monitor lacks it",
        "stop": "QEMU's monitor lacks it",
        "wait": "'wait' needs events, which QEMU's human monitor does not send",
        "qmp": "'qmp' needs QMP commands, which QEMU's human monitor does not take",
    }
