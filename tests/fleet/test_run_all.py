from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hmp.fleet.run_all import Captured, Outcome, Plan, end_all
from hmp.fleet.sets import SetMember
from hmp.qmp.errors import QMPError
from tests.fakes import FakeServer, Peer, serving, tables
from tests.program import run

RUNNING = {"query-status": {"status": "running", "running": True}}
PAUSED = {"query-status": {"status": "paused", "running": False}}
BROKEN = {"query-status": QMPError("no status today")}


def deaf(peer: Peer) -> None:
    """Greet, and never answer."""
    peer.negotiate()
    peer.read()
    peer.socket.recv(1)  # until the client gives up


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Return a function that starts machines called a, b, c, ..., and returns a folder."""
    with ExitStack() as running:

        def begin(*answers: dict[str, Any] | FakeServer) -> Path:
            for name, served in zip("abcdefgh", answers, strict=False):
                server = served if isinstance(served, FakeServer) else serving(served)
                running.enter_context(server)
                (tmp_path / name).symlink_to(server.path)
            return tmp_path

        yield begin


def test_all_run_the_same_lines(start: Any) -> None:
    """Each line has its machine's name, and the machines are in the order of the set."""
    folder = start(RUNNING, PAUSED, RUNNING)
    done = run(
        "./c", "./a,./b", script="info status\n# a comment\ninfo status\n", cwd=folder
    )

    assert done.stdout.splitlines() == [
        f"./{name}: VM status: {status}"
        for name, status in (("c", "running"), ("a", "running"), ("b", "paused"))
        for _ in range(2)
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_trace_has_one_line_a_message(start: Any) -> None:
    """Whatever a machine is called: no name begins a line of its own."""
    folder = start(RUNNING, RUNNING)
    (folder / "b").rename(folder / "b\nhmp: c")
    done = run("--trace", "./a", "./b\nhmp: c", script="info status\n", cwd=folder)

    lines = done.stderr.splitlines()
    assert any(line.startswith(r"./b\nhmp: c: ") for line in lines)
    assert not any(line.startswith("hmp: c") for line in lines)


def test_an_event_of_a_wrong_shape(start: Any) -> None:
    """The warning names the machine that sent it, once, and no result is missing."""

    def wrongly(peer: Peer) -> None:
        peer.negotiate()
        request = peer.read()
        peer.send({"event": "STOP"}, {"event": "JOB_STATUS_CHANGE", "data": {"id": 1}})
        peer.reply(request, RUNNING["query-status"])
        peer.read()

    folder = start(RUNNING, FakeServer(wrongly))
    wrong = "hmp: the machine's event 'JOB_STATUS_CHANGE' does not match its schema: it"
    for targets, names in (["./b"], [""]), (["./a", "./b"], ["./a: ", "./b: "]):
        done = run(*targets, "-c", "info status", cwd=folder)

        assert done.stdout.splitlines() == [f"{name}VM status: running" for name in names]
        (line,) = done.stderr.splitlines()
        assert line.startswith(names[-1] + wrong)
        assert done.returncode == 0


def test_what_is_kept_has_a_reader() -> None:
    """So lines that follow events go on; it is kept in the order of both streams."""
    pieces: list[tuple[int, str]] = []
    results, errors = Captured(1, pieces), Captured(2, pieces)
    for sink, text in ((results, "a"), (errors, "b"), (results, ""), (results, "c")):
        sink.write(text)
        sink.flush()

    assert results.has_reader()
    assert pieces == [(1, "a"), (2, "b"), (1, "c")]


def test_one_target_is_no_set(start: Any) -> None:
    """Its results are as they were."""
    done = run("./a", "-c", "info status", cwd=start(RUNNING))

    assert done.stdout == "VM status: running\n"


def test_one_that_fails_holds_up_no_other(start: Any) -> None:
    """Nor one that hangs or is not there; each is named at the end."""
    folder = start(RUNNING, BROKEN, FakeServer(deaf), RUNNING)
    done = run(
        "./a",
        "./b",
        "./c",
        "./d",
        "./nowhere",
        "--timeout",
        "0.5",
        "-c",
        "info status",
        cwd=folder,
    )

    assert done.stdout == "./a: VM status: running\n./d: VM status: running\n"
    errors = done.stderr.splitlines()
    assert errors[0] == "./b: Error: no status today"
    assert errors[1] == "./c: Error: no reply to 'query-status' within 0.5 s"
    assert errors[2].startswith("./nowhere: cannot connect to ./nowhere: no such socket")
    assert errors[3:] == [
        "hmp: 2 of 5 failed: ./b,./c",
        "hmp: 1 of 5 could not be reached: ./nowhere",
    ]
    assert done.returncode == 3


def test_a_failure_stops_its_own_machine(start: Any) -> None:
    """With -e; the others run all lines."""
    lines = ["-c", "info status", "-c", "info name"]
    folder = start({**RUNNING, "query-name": {"name": "x"}}, BROKEN)
    done = run("./a", "./b", "-e", *lines, cwd=folder)

    assert done.stdout == "./a: VM status: running\n./a: x\n"
    assert done.stderr == "./b: Error: no status today\nhmp: 1 of 2 failed: ./b\n"
    assert done.returncode == 1


def test_equal_results_are_gathered(start: Any) -> None:
    """Under the names and the number of the machines."""
    folder = start(RUNNING, PAUSED, RUNNING)
    done = run("./a,./b,./c", "-b", "-c", "info status", cwd=folder)

    assert done.stdout == ("./a,./c (2)\nVM status: running\n./b (1)\nVM status: paused\n")


def test_differences_from_the_most_frequent_result(start: Any) -> None:
    """As of texts."""
    done = run(
        "./a,./b,./c", "--diff", "-c", "info status", cwd=start(PAUSED, RUNNING, RUNNING)
    )

    assert done.stdout == (
        "./b,./c (2)\nVM status: running\n"
        "--- ./b,./c (2)\n+++ ./a (1)\n@@ -1 +1 @@\n"
        "-VM status: running\n+VM status: paused\n"
    )


def test_json_names_the_target(start: Any) -> None:
    """In every object, that of a machine that cannot be reached as well."""
    folder = start(RUNNING, BROKEN)
    done = run("./a", "./b", "./no", "-o", "json", "-c", "info status", cwd=folder)
    objects = [json.loads(line) for line in done.stdout.splitlines()]

    assert [o["target"] for o in objects] == ["./a", "./b", "./no"]
    assert objects[0]["return"] == RUNNING["query-status"]
    assert objects[1]["error"] == {"class": "GenericError", "desc": "no status today"}
    assert "no such socket" in objects[2]["error"]["desc"]
    assert done.returncode == 3


@pytest.mark.parametrize(
    "line",
    [
        "stop",
        "system_reset",
        "qmp stop",
        'qmp {"execute": "stop"}',
        'qmp {"execute": ["query-status"]}',
        "source x",
        "time quit",
    ],
)
def test_what_changes_several_machines_needs_a_yes(start: Any, line: str) -> None:
    """Else nothing is sent, and the status is that of wrong usage."""
    folder = start(RUNNING, RUNNING)
    done = run("./a", "./b", "-c", "info status", "-c", line, cwd=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"hmp: '{line}' may change several machines; add -y to allow it\n"


def test_a_request_as_an_object_is_read(start: Any) -> None:
    """One that only reads needs no yes, as by its name."""
    folder = start(RUNNING, RUNNING)
    line = 'qmp {"execute": "query-status"}'

    assert run("./a", "./b", "-c", line, cwd=folder).returncode == 0


def test_an_unknown_command_is_called_that(start: Any) -> None:
    """It needs a yes as well, as a machine may have it."""
    folder = start(RUNNING, RUNNING)
    done = run("./a", "./b", "-c", "info status", "-c", "bogus x", cwd=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "hmp: unknown command 'bogus x': as it may change several machines, it needs -y\n"
    )


def test_a_line_for_a_session_is_explained(start: Any) -> None:
    """A set is chosen on the command line."""
    done = run("./a", "./b", "-c", "@c", cwd=start(RUNNING, RUNNING))

    assert done.returncode == 2
    assert "unknown command '@c': '@SET' and 'targets' are for a session" in done.stderr


def test_with_a_yes_it_runs(start: Any) -> None:
    """And reading needs none, by QMP either."""
    folder = start({"stop": {}, **RUNNING}, {"stop": {}, **PAUSED})

    assert run("./a", "./b", "-y", "-c", "stop", cwd=folder).returncode == 0
    done = run("./a", "./b", "-c", "qmp query-status", cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", ["migrate-to ./c", "time migrate-to ./c"])
def test_several_machines_do_not_compete_for_one(start: Any, line: str) -> None:
    """None of them reaches the machine to which only one guest could move."""
    folder = start(RUNNING, RUNNING, RUNNING)
    done = run("./a", "./b", "-y", "-c", line, cwd=folder)
    reason = "only one machine can move to another: name it alone"

    errors = [text for text in done.stderr.splitlines() if reason in text]
    assert errors == [f"./{name}: Error: {reason}" for name in "ab"]
    assert done.returncode == 1

    alone = run("./a", "./a", "-y", "-c", line, cwd=folder)
    assert "./c cannot receive a guest: it is running" in alone.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["x*", "-c", "info status"], "'x*' matches no machine; see hmp --list"),
        (["./a", "-x", "./a", "-c", "x"], "the set names no machine; see hmp --list"),
        (["./a", "info", "status"], "to run it: hmp ./a -c 'info status'"),
        (["./a b", "stop"], "to run it: hmp './a b' -c stop"),
        (["a", "b", "--fanout", "0", "-c", "x"], "'0' is not a number from 1 to 10000"),
        (["a", "b", "-qmp", "null"], "several"),
        (["v[1-2]", "-qmp", "null", "-c", "x"], "'v[1-2]' is a set, and the monitors"),
        (["a", "b", "--record", "r", "-c", "x"], "--record takes one machine"),
        (["a", "b", "-o", "json", "--query", "[", "-c", "x"], "--query"),
        (["vm[3-1]", "-c", "x"], "vm[3-1]"),
    ],
)
def test_wrong_usage(arguments: list[str], reason: str, tmp_path: Path) -> None:
    """It is found before any machine is asked."""
    done = run(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert reason in done.stderr


def test_a_small_fan_out_reaches_all(start: Any) -> None:
    """One after the other, if need be."""
    folder = start(*[RUNNING] * 6)
    words = [f"./{name}" for name in "abcdef"]
    done = run(*words, "--fanout", "1", "-c", "info status", cwd=folder)

    assert done.stdout.count("running") == 6


def test_codes_of_machines_do_not_reach_a_terminal(start: Any) -> None:
    """A pipe gets the text as it is."""
    folder = start({"query-name": {"name": "a\x1b[2Jb\nc"}}, {"query-name": {}})
    done = run("./a", "./b", "-c", "info name", cwd=folder)

    assert done.stdout == "./a: a\x1b[2Jb\n./a: c\n"


@pytest.mark.parametrize("style", ["text", "rich"])
def test_a_name_cannot_write_to_the_terminal(style: str, tmp_path: Path) -> None:
    """Nor end its line; every line of a reply stays one."""
    evil = "./x\x1b[2J\ny"
    answers = {"query-name": {"name": "a\x0bb\u2028c"}}
    with serving(answers) as server, serving(answers) as other:
        (tmp_path / evil).symlink_to(server.path)
        (tmp_path / "./z").symlink_to(other.path)
        done = run(
            evil, "./z", "--fanout", "1", "-o", style, "-c", "info name", cwd=tmp_path
        )

    assert "\x1b[2J" not in done.stdout
    assert done.stdout.count("\n") == 2
    assert done.stdout.startswith("./x\\x1b[2J\\ny: ")


def test_the_end_of_all_lets_no_further_line_run() -> None:
    """Threads that would begin one end instead; machines that are stopped end theirs."""
    plan = Plan([], tables())
    outcome = Outcome(SetMember("a"))
    outcome.done.set()
    plan.check()
    end_all([outcome], plan)

    with pytest.raises(SystemExit):
        plan.check()
