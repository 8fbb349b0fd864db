"""``hmp --top`` in this process: its clock, its texts, and the session of one machine."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from hmp.cli import top
from hmp.cli.options import Options
from hmp.fleet.sample import unanswered
from hmp.fleet.sets import SetMember
from hmp.qmp.errors import MachineGoneError
from tests.fakes import FakeConnection

if TYPE_CHECKING:
    from hmp.fleet.sample import Reading

RUNNING: Reading = {"target": "a", "state": "running"}


class Clock:
    """A clock that only looks and sleeps move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(round(seconds, 3))
        self.now += seconds


class Gauges:
    """Machines whose readings are given; a look takes half a second."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.readings: Sequence[Reading] = [RUNNING]
        self.twins: list[tuple[str, str]] = []
        self.patience: list[float | None] = []
        self.ended = 0

    def look(self, patience: float | None = None) -> Sequence[Reading]:
        """Return the readings."""
        self.patience.append(patience)
        self.clock.now += 0.5
        return self.readings

    def end(self) -> None:
        """Count the end."""
        self.ended += 1


@pytest.fixture
def gauges(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gauges]:
    """The machines that `run_top` looks at."""
    clock = Clock()
    made = Gauges(clock)
    monkeypatch.setattr(top, "Gauges", lambda members, connect: made)
    monkeypatch.setattr(top, "members_of", lambda options: [])
    monkeypatch.setattr(top, "end_in_order", lambda: None)
    monkeypatch.setattr(top, "monotonic", lambda: clock.now)
    monkeypatch.setattr(top, "sleep", clock.sleep)
    monkeypatch.setattr(top, "time", lambda: 1234.56789)
    collects = gc.isenabled()
    yield made
    (gc.enable if collects else gc.disable)()


def options(**values: Any) -> Options:
    """Return the options of a command line."""
    made = Options()
    made.targets = ["a"]
    for name, value in values.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("values", "slept", "last"),
    [
        ({"count": 1}, [1.5], 6.0),
        ({"count": 3}, [1.5, 1.5, 1.5], 6.0),
        ({"count": 2, "interval": 0.7}, [0.2, 0.2], 6.0),
        ({"count": 2, "interval": 0.2}, [0.0, 0.0], 6.0),
        ({"count": 1, "timeout": 9.0}, [1.5], 10.0),
    ],
)
def test_looks_are_an_interval_apart(
    gauges: Gauges, values: dict[str, Any], slept: list[float], last: float
) -> None:
    """By the clock; only the last one waits for all, to learn the reasons of failures."""
    assert top.run_top(options(**values)) == 0
    assert gauges.clock.slept == slept
    assert gauges.patience == [None] * len(slept) + [last]
    assert gauges.ended == 1


def test_tables_and_objects(gauges: Gauges, capfd: pytest.CaptureFixture[str]) -> None:
    """One for each look but the first, whose rates are not known."""
    top.run_top(options(count=2, output="json"))
    lines = capfd.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"time": 1234.568, "machines": [RUNNING]}
    ] * 2

    for output in (None, "rich", "text"):
        top.run_top(options(count=2, output=output))
        table = "MACHINE STATE   CPU% MEMORY READ/s WRITE/s\na       running    -      -"
        out = capfd.readouterr().out
        assert out == f"{table}      -       -\n\n" * 2


def test_the_end_says_what_is_missing(
    gauges: Gauges, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each machine that failed, with its reason, and the second sockets of others."""
    gauges.readings = [RUNNING, unanswered("b\n", "it has\nended"), unanswered("c", "no")]
    gauges.twins = [("a2", "a")]

    assert top.run_top(options(count=1)) == 3
    assert capfd.readouterr().err.splitlines() == [
        "hmp: left out a2, which is the same machine as a",
        "b\\n: it has\\nended",
        "c: no",
    ]


def test_without_targets_it_shows_all(gauges: Gauges) -> None:
    """Of this host; a run that may take days collects its garbage."""
    gc.disable()
    few, every = options(count=1), options(count=1, targets=[])
    for each in (few, every):
        top.run_top(each)

    assert (few.all, every.all) == (False, True)
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("values", "terminals", "dumb", "drawn"),
    [
        ({}, (0, 1), False, True),
        ({"output": "rich"}, (0, 1), False, True),
        ({"output": "json"}, (0, 1), False, False),
        ({"count": 1}, (0, 1), False, False),
        ({"output": "rich", "count": 1}, (0, 1), False, False),
        ({}, (0, 1), True, False),
        ({}, (0,), False, False),
        ({}, (1,), False, False),
    ],
)
def test_when_it_has_the_screen(
    gauges: Gauges,
    monkeypatch: pytest.MonkeyPatch,
    values: dict[str, Any],
    terminals: tuple[int, ...],
    dumb: bool,
    drawn: bool,
) -> None:
    """With a keyboard and a screen, unless a number of looks or JSON is asked for."""
    monkeypatch.setattr(os, "isatty", lambda fd: fd in terminals)
    monkeypatch.setattr(top, "Screen", lambda fd, environment: SimpleNamespace(dumb=dumb))
    monkeypatch.setattr(top, "_on_screen", lambda *arguments: 42)
    monkeypatch.setattr(top, "_as_text", lambda *arguments: 43)

    assert top.run_top(options(**values)) == (42 if drawn else 43)
    assert gauges.ended == 1


@pytest.mark.parametrize("hold", [False, True])
def test_how_the_machines_are_reached(monkeypatch: pytest.MonkeyPatch, hold: bool) -> None:
    """By the options of the line; a private monitor leaves the socket to others."""
    asked: list[dict[str, Any]] = []

    connection = FakeConnection()

    def reach(member: SetMember, **how: Any) -> tuple[FakeConnection, bool]:
        asked.append({"member": member, **how})
        return connection, False

    monkeypatch.setattr(top, "reach", reach)
    member = SetMember("a")
    connect = top._connect(options(timeout=3.0, config="f", hold=hold))

    assert connect(member) is connection
    how = {"timeout": 3.0, "config": "f", "limit": 5.0, "private": not hold}
    assert asked == [{"member": member, **how}]


@pytest.mark.parametrize(
    ("member", "read_only", "target", "protected"),
    [
        (SetMember("a", "/run/a"), False, "/run/a", False),
        (SetMember("a"), False, "a", False),
        (SetMember("a", "/run/a", read_only=True), False, "/run/a", True),
        (SetMember("a", "/run/a"), True, "/run/a", True),
    ],
)
def test_the_session_of_one_machine(
    monkeypatch: pytest.MonkeyPatch,
    member: SetMember,
    read_only: bool,
    target: str,
    protected: bool,
) -> None:
    """It has the options of the line, but for those of the set."""
    ran: list[Options] = []

    def run(own: Options) -> int:
        ran.append(own)
        return 7

    monkeypatch.setattr("hmp.cli.run.run", run)
    given = options(
        top=True, all=True, exclude=["b"], timeout=4.0, read_only=read_only, targets=["x"]
    )

    assert top._open(member, given) == 7
    (own,) = ran
    changed = {"target": target, "targets": [target], "read_only": protected}
    assert vars(own) == {
        **vars(given),
        **changed,
        "top": False,
        "all": False,
        "exclude": [],
    }
    assert (given.targets, given.top, given.exclude) == (["x"], True, ["b"])


def test_a_session_that_fails_goes_back_to_the_list(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The user has read the reason first."""
    keys: list[tuple[int, int]] = []

    def read(fd: int, count: int) -> bytes:
        keys.append((fd, count))
        return b"\n"

    def run(own: Options) -> int:
        raise MachineGoneError("no such socket")

    monkeypatch.setattr("hmp.cli.run.run", run)
    monkeypatch.setattr(os, "read", read)

    assert top._open(SetMember("a"), options()) == 3
    assert capfd.readouterr().err == ("hmp: no such socket\nhmp: press Enter to go back\n")
    assert keys == [(0, 1024)]
