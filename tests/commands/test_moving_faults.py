"""``migrate-to`` between machines that die, are silent or are late at any of its steps.

The machines are models of QEMU's: their guest runs where a real one's would. Whatever
happens, hmp makes no second one run, reports success only if the guest is there as it was
here, and otherwise says where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from commands import moving
from hmp.qmp.errors import MachineGoneError, NoReplyError, QMPError
from tests.commands.test_moving import NO_CPUS, status
from tests.fakes import FakeConnection, FakeSession, Message

RUN = ("running", "suspended")
PATIENCE = 0.02
STEPS = 2
"""Looks at a migration until it is over."""


class Side(FakeConnection):
    """A machine of a move. dead: it has ended. silent: requests that it will not answer."""

    passes_descriptors = True

    def __init__(self, world: World, state: str) -> None:
        super().__init__(NO_CPUS)
        self.world = world
        self.state = state
        self.migration = "none"
        self.dead = False
        self.silent = 0

    async def execute(self, command: str, arguments: Any = None, /, **members: Any) -> Any:
        """Let something happen first, and then answer."""
        self.world.happen()
        if self.dead:
            raise MachineGoneError("it has gone")
        if command == "query-migrate":
            self.world.advance()
        self.answers |= self.world.answers(self)
        answer = await super().execute(command, arguments, **members)
        if self.silent:
            self.silent -= 1
            raise NoReplyError("no reply in time")
        return answer

    async def pause(self, seconds: float) -> None:
        """Take no time."""

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Take them."""
        return {}


class World:
    """Two machines, of which one has a guest; and what happens at one request.

    before: the state of the guest. waits: whether the other machine was started with -S.
    fault: what happens, in words; at: before which request. late: looks at the migration
    until the other machine takes over, once it has everything.
    """

    def __init__(
        self, before: str = "running", waits: bool = False, fault: str = "", at: int = -1
    ) -> None:
        self.here, self.there = Side(self, before), Side(self, "inmigrate")
        self.before, self.waits = before, waits
        self.fault, self.at = fault, at
        self.requests = self.switched = 0
        self.steps = 0
        self.late = 0
        self.happened = False

    def happen(self) -> None:
        """Let the fault happen if it is its time."""
        if self.requests == self.at:
            self.happened = True
            _FAULTS[self.fault](self)
        self.requests += 1

    # The migration

    def answers(self, side: Side) -> Message:
        """Return what a machine answers now."""
        return {
            "query-status": status(side.state),
            "query-migrate": {"status": side.migration},
            "query-migrate-capabilities": [],
            "migrate-incoming": lambda arguments: self._listen(),
            "migrate": lambda arguments: self._migrate(),
            "cont": lambda arguments: self._cont(side),
            "stop": lambda arguments: self._stop(side),
        }

    def _listen(self) -> Message:
        self.there.migration = "setup"
        return {}

    def _migrate(self) -> Message:
        self.here.migration = "active"
        if self.there.dead:
            self.fail()
        else:
            self.there.migration = "active"
        return {}

    def _cont(self, side: Side) -> Any:
        if side.state == "finish-migrate":
            return QMPError("Migration is not finalized yet")
        if side.state == "inmigrate":
            self.waits = False
        else:
            side.state = "running"
        return {}

    def _stop(self, side: Side) -> Message:
        side.state = "paused"
        return {}

    def advance(self) -> None:
        """Go on with the migration, if it is under way, and with what the other owes."""
        if self.there.migration == "active" and self.here.migration == "completed":
            self.late -= 1
            if self.late < 0 and not self.there.dead:
                self._take_over()
        if self.here.migration != "active" or self.here.dead:
            return
        self.steps += 1
        if self.steps >= STEPS:
            self.before, self.switched = self.here.state, self.requests - 1
            self.here.state, self.here.migration = "postmigrate", "completed"
            if not self.late:
                self._take_over()

    def _take_over(self) -> None:
        runs = self.before in RUN
        self.there.state = "paused" if runs and self.waits else self.before
        self.there.migration = "completed"

    def fail(self) -> None:
        """End the migration in failure, where it is under way."""
        if self.here.migration == "active":
            self.here.migration = "failed"
            self.here.state = self.before
        if self.there.migration == "active":
            self.there.migration = "failed"

    def die(self, side: Side) -> None:
        """End a machine."""
        side.dead = True
        self.fail()

    def lose_its_word(self) -> None:
        """Let the other machine take over, while this one takes that for a failure."""
        if self.here.migration == "active":
            self._take_over()
            self.fail()

    def be_late(self) -> None:
        """Let the other machine take over only after some more looks."""
        self.late = 3


def _silence(side: str, requests: int) -> Any:
    return lambda world: setattr(getattr(world, side), "silent", requests)


_FAULTS: dict[str, Any] = {
    "this one dies": lambda world: world.die(world.here),
    "the other one dies": lambda world: world.die(world.there),
    "both die": lambda world: (world.die(world.here), world.die(world.there)),
    "the connection breaks": World.fail,
    "its word is lost": World.lose_its_word,
    "the other one is late": World.be_late,
    "this one is silent for a moment": _silence("here", 1),
    "the other one is silent for a moment": _silence("there", 1),
    "this one is silent": _silence("here", 99),
    "the other one is silent": _silence("there", 99),
    "this one is stopped": lambda world: (
        world.here.state in RUN and world._stop(world.here)
    ),
}


def move(world: World) -> tuple[str, str]:
    """Move the guest; return what is printed, and the error of this machine's end."""
    session = FakeSession()
    session.machine = world.here
    session.monitor.attach(world.here)

    async def reach(target: str) -> tuple[list[Any], bool]:
        return [world.there], False

    session.monitor.reach = reach
    try:
        return session.prints("migrate-to b"), ""
    except MachineGoneError as gone:
        return "", str(gone)


def worlds(fault: str) -> Iterator[World]:
    """Yield worlds in which that happens, before one request after the other."""
    for before in ("running", "paused"):
        for waits in (False, True):
            at = 0
            while True:
                world = World(before, waits, fault, at)
                yield world
                if not world.happened:
                    break
                at += 1


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_before_any_request(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guest is in one machine, and hmp says in which, or that it cannot know."""
    monkeypatch.setattr(moving, "_PATIENCE", PATIENCE)
    for world in worlds(fault):
        printed, gone = move(world)
        here, there = world.here, world.there
        found = (
            f"{world.before}, -S {world.waits}, {fault} before {world.at}:"
            f" {here.state} {here.migration} {here.dead},"
            f" {there.state} {there.migration} {there.dead}: {printed}{gone}"
        )
        as_before = RUN if world.before in RUN else (world.before,)
        if printed.startswith("moved: "):
            assert not there.dead, found
            # in the last moment, its stop cannot be told from that of the migration
            unseen = world.at == world.switched and fault == "this one is stopped"
            assert unseen or there.state in as_before, found
        else:
            assert printed.startswith("Error: ") or gone, found
            assert printed.count("\n") == (0 if gone else 1), found
        running = [each for each in (here, there) if not each.dead and each.state in RUN]
        assert len(running) < 2 or "silent" in printed, found
        answering = not (here.dead or there.dead or here.silent or there.silent)
        if answering and world.before in RUN:
            assert running or "'cont'" in printed or moving._LOOK in printed, found


def test_nothing_happens() -> None:
    """Then the guest is there as it was here."""
    for before in ("running", "paused", "suspended", "prelaunch"):
        for waits in (False, True):
            world = World(before, waits)
            printed, gone = move(world)
            assert printed.startswith("moved: "), printed
            assert not gone
            wanted = "running" if waits and before in RUN else before
            assert (world.there.state, world.here.state) == (wanted, "postmigrate")
