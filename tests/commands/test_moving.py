"""``migrate-to``: what it asks both machines, and its errors when something fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from commands.moving import migrate_to_text
from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.commands.test_migration import OLD_SCHEMA
from tests.fakes import FakeConnection, FakeServer, FakeSession, Message, Peer, serving
from tests.program import run

HERE = {
    "query-status": {"status": "running", "running": True},
    "query-name": {"name": "vm"},
}


def leaving(peer: Peer) -> None:
    """Greet, and go when asked."""
    peer.negotiate()
    peer.read()


def test_the_other_machine_goes_away() -> None:
    """That is an error of the line: this machine is still there."""
    with serving(HERE) as here, FakeServer(leaving) as there:
        lines = ("-c", f"migrate-to {there.path}", "-c", "info name")
        done = run("-y", *lines, here.path)

    assert (done.returncode, done.stdout) == (1, "vm\n")
    assert done.stderr.startswith(f"Error: {there.path} has gone: ")
    assert done.stderr.count("\n") == 1


class Machine(FakeConnection):
    """One of the two; passed: the names under which it was given descriptors."""

    passes_descriptors = True

    def __init__(self, answers: Message) -> None:
        super().__init__(answers)
        self.passed: list[str] = []

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Keep the name."""
        assert (command, len(descriptors)) == ("getfd", 1)
        self.passed.append(arguments["fdname"])
        return {}

    def sent(self, command: str) -> list[Message]:
        """Return the arguments of all such commands."""
        return [arguments for name, arguments in self.calls if name == command]


def status(word: str) -> Message:
    """Return a machine's state."""
    return {"status": word, "running": word == "running"}


def in_turn(*values: Any) -> Callable[[Message], Any]:
    """Return an answer that gives one value after the other, and then the last again."""
    left = list(values)
    return lambda arguments: left.pop(0) if len(left) > 1 else left[0]


NO_CPUS: Message = {
    "query-cpus-fast": [],
    "query-pci": [],
    "query-block": [],
    "query-memory-size-summary": {"base-memory": 1 << 20},
    "qom-list": [],
    "query-yank": [],
    "migrate-set-capabilities": {},
    "query-qmp-schema": OLD_SCHEMA,
}
DONE = {
    "status": "completed",
    "total-time": 1500,
    "downtime": 7,
    "ram": {"transferred": 3 << 20, "total": 4 << 20, "remaining": 0, "mbps": 8.0},
}
SENDER: Message = {
    **NO_CPUS,
    "query-status": status("running"),
    "query-migrate": in_turn({}, {}, DONE),
    "query-migrate-capabilities": [
        {"capability": "xbzrle", "state": True},
        {"capability": "events", "state": False},
    ],
    "migrate": {},
    "cont": {},
    "stop": {},
}
RECEIVER: Message = {
    **NO_CPUS,
    "query-status": in_turn(status("inmigrate"), status("running")),
    "query-migrate": {},
    "migrate-incoming": {},
    "cont": {},
}


class Pair:
    """A session with one machine, from which the other one can be reached."""

    def __init__(self, here: Message | None = None, there: Message | None = None) -> None:
        self.here = Machine(
            {**SENDER, "query-migrate": in_turn({}, {}, DONE), **(here or {})}
        )
        self.there = Machine(
            {
                **RECEIVER,
                "query-status": in_turn(status("inmigrate"), status("running")),
                **(there or {}),
            }
        )
        self.session = FakeSession()
        self.session.machine = self.here
        self.session.monitor.attach(self.here)
        self.session.monitor.reach = self._reach

    async def _reach(self, target: str) -> tuple[list[Any], bool]:
        assert target == "b"
        return [self.there], False

    def prints(self, line: str = "migrate-to b") -> str:
        """Return what the line prints; the other connection is closed in any case."""
        printed = self.session.prints(line)
        assert self.there.closed == 1
        return printed

    def outcome(self) -> str:
        """Return what would be asked before the line."""
        entry = self.session.monitor.commands.get("migrate-to")
        assert entry is not None
        assert entry.foreseen is not None
        return drive(entry.foreseen(self.session.monitor, QDict({"target": "b"})))


def test_a_guest_moves() -> None:
    """Over a pair of sockets, with the capabilities of this side on both."""
    pair = Pair()

    assert pair.prints() == "moved: 3 MiB in 1.5 s\nthe guest was stopped for 7 ms\n"
    switches = [
        {"capability": "xbzrle", "state": True},
        {"capability": "return-path", "state": True},
    ]
    for machine in (pair.here, pair.there):
        assert machine.sent("migrate-set-capabilities") == [{"capabilities": switches}]
        assert machine.passed == ["hmp-migrate-to"]
    assert pair.there.sent("migrate-incoming") == [{"uri": "fd:hmp-migrate-to"}]
    assert pair.here.sent("migrate") == [{"uri": "fd:hmp-migrate-to"}]
    assert not pair.there.sent("cont")


def test_a_guest_moves_by_an_address() -> None:
    """No sockets are passed."""
    pair = Pair(here={"query-migrate": in_turn({}, {}, {"status": "completed"})})
    pair.here.passes_descriptors = False

    assert pair.prints("migrate-to b tcp:h:1") == "moved: 0.0 s\n"
    assert pair.here.sent("migrate") == [{"uri": "tcp:h:1"}]
    assert pair.there.sent("migrate-incoming") == [{"uri": "tcp:h:1"}]
    assert pair.here.passed == pair.there.passed == []


@pytest.mark.parametrize(
    ("running", "starts"), [(True, True), (False, False)], ids=["ran", "was paused"]
)
def test_a_guest_that_does_not_start_by_itself(running: bool, starts: bool) -> None:
    """It is started if it ran here, and the other machine was given -S."""
    word = "running" if running else "paused"
    pair = Pair(
        here={"query-status": status(word)},
        there={
            "query-status": in_turn(*map(status, ["inmigrate", "paused"]), status(word))
        },
    )

    assert pair.prints().startswith("moved: ")
    assert bool(pair.there.sent("cont")) is starts


def test_the_other_machine_takes_a_moment() -> None:
    """It is waited for."""
    waits = [{"status": "active"}] * 2
    pair = Pair(there={"query-migrate": in_turn({}, *waits, {"status": "completed"})})

    assert pair.prints().startswith("moved: ")
    assert pair.there.pauses == 2


def test_what_will_happen() -> None:
    """The question says it."""
    pair = Pair()
    assert pair.outcome() == (
        "the guest with 1 MiB of memory moves to b, QEMU 10.2.2, and stops here"
    )
    assert pair.there.closed == 1
    image = {"virtual-size": 5}
    blocks = [{"device": "d", "inserted": {"image": image, "file": name}} for name in "ab"]
    pair = Pair(
        here={"query-block": blocks[:1], "query-memory-size-summary": QMPError("no")},
        there={"query-block": blocks[1:]},
    )
    pair.there.version = (10, 2, 1)
    assert pair.outcome() == (
        "the guest moves to b, QEMU 10.2.1, and stops here;"
        " its disk d is b there and a here;"
        " that QEMU is older than this one, and may refuse the guest"
    )


ADVICE = "say where it shall listen: migrate-to b tcp:HOST:PORT"
DEFER = "start it with -incoming defer"
GONE = MachineGoneError("it has gone")
THREADS = [{"thread-id": 7}]


def capable(*names: str) -> Message:
    """Return an answer about capabilities, of which these are set."""
    return {
        "query-migrate-capabilities": [
            {"capability": name, "state": True} for name in names
        ]
    }


@pytest.mark.parametrize(
    ("here", "there", "error"),
    [
        (
            {},
            {"query-status": status("running")},
            f"b cannot receive a guest: it is running; {DEFER}",
        ),
        (
            {},
            {"query-migrate": {"status": "failed"}},
            f"b receives another guest, or did: its migration is failed; {DEFER}",
        ),
        (
            {"query-migrate": {"status": "active"}},
            {},
            "this machine migrates already: its migration is active",
        ),
        (
            {"query-status": status("inmigrate")},
            {},
            "this machine has no guest to move: it is inmigrate",
        ),
        (
            {
                "query-status": status("postmigrate"),
                "query-migrate": {"status": "completed"},
            },
            {},
            "this machine has no guest to move: it is postmigrate",
        ),
        (
            {"query-migrate": {"blocked-reasons": ["x", "y"]}},
            {},
            "this machine cannot migrate: x; y",
        ),
        (
            {},
            {"query-memory-size-summary": {"base-memory": 2 << 20}},
            "b does not fit: the memory is 1 MiB here and 2 MiB there",
        ),
        (
            {"qom-list": [{"name": f"d{n}", "type": "child<x>"} for n in range(9)]},
            {},
            "b does not fit: "
            + "".join(f"the device d{n} is x here and missing there; " for n in range(8))
            + "1 more",
        ),
        (
            capable("pause-before-switchover"),
            {},
            "pause-before-switchover would stop the move halfway; first type"
            " 'migrate_set_capability pause-before-switchover off'",
        ),
        (capable("multifd"), {}, f"multifd needs an address; {ADVICE}"),
        (capable("rdma-pin-all"), {}, f"rdma-pin-all needs an address; {ADVICE}"),
        (capable("zero-copy-send"), {}, f"zero-copy-send needs an address; {ADVICE}"),
        (capable("postcopy-preempt"), {}, f"postcopy-preempt needs an address; {ADVICE}"),
        ({}, {"query-pci": GONE}, "b has gone: it has gone"),
        ({}, {"migrate-set-capabilities": GONE}, "b has gone: it has gone"),
        ({}, {"migrate-incoming": QMPError("bad")}, "bad"),
        (
            {"migrate": QMPError("bad")},
            {},
            "bad; the guest stays here, and b has to be started again",
        ),
        (
            {"query-migrate": in_turn({}, {}, {"status": "failed", "error-desc": "bad"})},
            {"query-status": status("inmigrate")},
            "bad; the guest stays here, and b has to be started again",
        ),
        (
            {"query-migrate": in_turn({}, {}, {"status": "cancelled"})},
            {"query-status": status("inmigrate")},
            "migration cancelled; the guest stays here, and b has to be started again",
        ),
    ],
)
def test_why_a_guest_stays(here: Message, there: Message, error: str) -> None:
    """The error says it, and what helps; the guest is not stopped here."""
    pair = Pair(here, there)

    assert pair.prints() == f"Error: {error}\n"
    assert not pair.here.sent("stop")
    assert not pair.there.sent("cont")
    if "has to be started again" not in error:
        assert not pair.here.sent("migrate")


def test_eight_reasons_are_all_said() -> None:
    """And nothing is "0 more"."""
    devices = [{"name": f"d{n}", "type": "child<x>"} for n in range(8)]

    assert "more" not in Pair({"qom-list": devices}).prints()


@pytest.mark.parametrize(
    ("pids", "threads", "same"),
    [
        ((5, 5), (THREADS, THREADS), True),
        ((5, 6), (THREADS, THREADS), False),
        ((0, 0), (THREADS, THREADS), False),
        ((5, 5), (THREADS, [{"thread-id": 8}]), False),
        ((5, 5), ([], []), False),
        ((5, 5), (THREADS, QMPError("no")), False),
    ],
)
def test_the_machine_itself(
    pids: tuple[int, int], threads: tuple[Any, Any], same: bool
) -> None:
    """By its process, and the threads of its CPUs: in a container, pids are others."""
    pair = Pair(
        {"query-cpus-fast": threads[0]},
        {"query-cpus-fast": threads[1], "query-status": status("running")},
    )
    pair.here.pid, pair.there.pid = pids

    assert ("b is this machine itself; name another one" in pair.prints()) is same


@pytest.mark.parametrize("side", ["here", "there"])
def test_a_side_that_takes_no_descriptors(side: str) -> None:
    """An address is needed."""
    pair = Pair()
    getattr(pair, side).passes_descriptors = False

    assert pair.prints() == f"Error: b and this machine need an address; {ADVICE}\n"


def test_a_door_without_qmp() -> None:
    """Nothing is asked."""
    pair = Pair()
    pair.there.takes_qmp = False

    assert pair.prints() == (
        "Error: b: 'migrate-to' needs QMP commands, which QMP does not take\n"
    )
    assert pair.there.calls == []


def test_this_machine_goes_away_before() -> None:
    """That is not the other one's end."""
    pair = Pair({"query-status": GONE}, {"query-status": GONE})

    with pytest.raises(MachineGoneError, match=r"^it has gone$"):
        pair.prints()


MOVED = "Error: the guest, running before, has moved, but b is"
BACK = "only once b has ended, 'cont' takes the guest back to where it was here"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (GONE, "gone"),
        (QMPError("no"), "silent"),
        (status("inmigrate"), "inmigrate"),
        (status("shutdown"), "shutdown"),
    ],
)
def test_the_other_machine_has_it_and_does_not_run(answer: Any, state: str) -> None:
    """The guest must not run here by itself."""
    pair = Pair({}, {"query-status": in_turn(status("inmigrate"), answer)})

    assert pair.prints() == f"{MOVED} {state}; {BACK}\n"
    assert not pair.here.sent("cont")


@pytest.mark.parametrize(
    ("answer", "after", "state"),
    [
        (GONE, GONE, "gone; "),
        (QMPError("no"), QMPError("no"), "silent: no; "),
        (
            QMPError("no lock"),
            status("paused"),
            "paused: no lock; 'cont' there resumes it; ",
        ),
    ],
)
def test_the_other_machine_does_not_start(
    answer: Exception, after: Any, state: str
) -> None:
    """As above."""
    waits = in_turn(status("inmigrate"), status("paused"), after)
    pair = Pair({}, {"query-status": waits, "cont": answer})

    assert pair.prints() == f"{MOVED} {state}{BACK}\n"
    assert not pair.here.sent("cont")


def test_a_part_of_the_memory_is_missing() -> None:
    """A connection that breaks while the guest runs there can be made again."""
    paused = {"status": "postcopy-paused"}
    pair = Pair({"query-migrate": in_turn({}, {}, paused)})

    assert pair.prints() == (
        "Error: migration postcopy-paused; b is without all of its memory:"
        " 'migrate_recover URI' there, and then 'migrate -r URI' here, move the rest\n"
    )
    assert not pair.here.sent("stop")
    with pytest.raises(MachineGoneError, match=r"; b is without all of its memory$"):
        dying(status("running"), paused).prints()


@pytest.mark.parametrize("refused", ["cont", "stop"])
def test_this_machine_does_not_obey(refused: str) -> None:
    """Both states are in the error."""
    there = status("running" if refused == "stop" else "inmigrate")
    pair = failing(there)
    pair.here.answers[refused] = QMPError("busy")

    assert pair.prints() == (
        f"Error: busy; this machine is postmigrate, and b is {there['status']};"
        " see 'info status' and 'info migrate' of both before you continue either\n"
    )


def failing(there: Any, here: str = "postmigrate") -> Pair:
    """Return a pair whose migration fails, when it is in these states."""
    return Pair(
        {
            "query-migrate": in_turn({}, {}, {"status": "failed", "error-desc": "bad"}),
            "query-status": in_turn(*[status("running")] * 2, status(here)),
        },
        {"query-status": in_turn(status("inmigrate"), there)},
    )


def test_only_its_word_was_lost() -> None:
    """The guest runs there: it is stopped here."""
    pair = failing(status("running"))

    assert pair.prints() == "Error: the guest runs in b, and is stopped here\n"
    assert pair.here.sent("stop")
    assert not pair.here.sent("cont")


def test_the_guest_runs_here_again() -> None:
    """If it has been stopped for the move."""
    pair = failing(status("inmigrate"))

    assert pair.prints().startswith("Error: bad; the guest stays here")
    assert pair.here.sent("cont")
    pair = failing(GONE)
    assert pair.prints().startswith("Error: bad; the guest stays here")
    assert pair.here.sent("cont")
    pair = failing(status("inmigrate"), "running")
    assert pair.prints().startswith("Error: bad; the guest stays here")
    assert not pair.here.sent("cont")


def test_a_paused_guest_stays_paused() -> None:
    """Whatever has failed."""
    pair = failing(status("inmigrate"))
    pair.here.answers["query-status"] = status("paused")

    assert pair.prints().startswith("Error: bad; the guest stays here")
    assert not pair.here.sent("cont")


def test_it_is_not_known_where_the_guest_runs() -> None:
    """It must not run in both."""
    pair = failing(QMPError("no"))

    states = "the guest is postmigrate here, and b is silent"
    assert pair.prints() == f"Error: bad; {states}; {BACK}\n"
    assert not pair.here.sent("cont")
    states = "the guest is running here, and b is silent"
    ends = "end b, which may have it as well"
    assert failing(QMPError("no"), "running").prints() == f"Error: bad; {states}; {ends}\n"
    pair = failing(status("running"))
    pair.there.answers["query-migrate"] = in_turn({}, {"status": "postcopy-paused"})
    states = "the guest is postmigrate here, and b is without all of its memory"
    assert pair.prints() == f"Error: bad; {states}; {BACK}\n"


def dying(there: Any, state: Message | None = None) -> Pair:
    """Return a pair whose sender goes away while it migrates."""
    return Pair(
        {"query-migrate": in_turn({}, {}, GONE)},
        {
            "query-status": in_turn(status("inmigrate"), there),
            "query-migrate": in_turn({}, state or {"status": "failed"}),
        },
    )


def test_this_machine_dies_and_the_other_one_has_it() -> None:
    """The line has done what it should."""
    moved = {"status": "completed", "total-time": 100}

    assert dying(status("running"), moved).prints() == "moved: 0.1 s\n"


@pytest.mark.parametrize(
    ("there", "error"),
    [
        (QMPError("no"), "it has gone; b is silent"),
        (GONE, "it has gone; b has not got all of the guest, which runs nowhere"),
        (
            status("inmigrate"),
            "it has gone; b has not got all of the guest, which runs nowhere",
        ),
    ],
)
def test_this_machine_dies_too_early(there: Any, error: str) -> None:
    """The guest is lost."""
    with pytest.raises(MachineGoneError, match=rf"^{error}$"):
        dying(there).prints()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "moved: 0.0 s\n"),
        ({"total-time": 99_990}, "moved: 100.0 s\n"),
        (
            {"total-time": 1500, "downtime": 0},
            "moved: 1.5 s\nthe guest was stopped for 0 ms\n",
        ),
        ({"ram": {"transferred": 3 << 20}}, "moved: 3 MiB in 0.0 s\n"),
    ],
)
def test_what_is_said_of_a_move(value: Any, text: str) -> None:
    """As far as the machine has told it."""
    assert "".join(f"{line}\n" for line in migrate_to_text(value)) == text
