"""``hmp --top`` without a terminal: tables and objects, one an interval."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from tests.fakes import FakeServer, serving
from tests.fleet.test_run_all import PAUSED, RUNNING, deaf, start
from tests.program import HMP, ROOT, run

__all__ = ["start"]
SOON = ("-d", "0.2")


def test_a_table_each_interval(start: Any) -> None:
    """With all machines, the one that is not there included."""
    done = run("./a,./b,./c", "--top", *SOON, "-n", "2", cwd=start(RUNNING, PAUSED))

    tables = done.stdout.split("\n\n")
    assert [len(table.splitlines()) for table in tables] == [4, 4, 0]
    assert tables[0].splitlines()[1].split() == ["./a", "running", "-", "-", "-", "-"]
    assert tables[1].splitlines()[2].split() == ["./b", "paused", "-", "-", "-", "-"]
    assert "no answer" in tables[1].splitlines()[3]
    assert done.returncode == 3
    assert done.stderr.startswith("./c: cannot connect to ./c: no such socket; is the")
    assert done.stderr.count("\n") == 1


def test_an_object_each_interval(start: Any) -> None:
    """With every machine's reading, and why one has none."""
    disk = {"stats": {"rd_bytes": 5}}
    folder = start({**RUNNING, "query-blockstats": [disk]})
    done = run("./a", "./b", "--top", *SOON, "-n", "2", "-o", "json", cwd=folder)
    objects = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(objects) == 2
    assert objects[1]["time"] > objects[0]["time"]
    first, second = objects[0]["machines"]
    assert (first["target"], first["state"], first["read"]) == ("./a", "running", 0)
    assert second["state"] == "no answer"
    assert "no such socket" in second["error"]


def test_one_that_hangs_holds_up_no_other(start: Any) -> None:
    """The others have their rates in every table; the last one waits for the reason."""
    folder = start({**RUNNING, "query-blockstats": []}, FakeServer(deaf))
    limit = ("--timeout", "2")
    done = run("./a", "./b", "--top", *SOON, "-n", "3", "-o", "json", *limit, cwd=folder)
    objects = [json.loads(line) for line in done.stdout.splitlines()]

    assert [[m["state"] for m in each["machines"]] for each in objects] == [
        ["running", "no answer"]
    ] * 3
    assert all("read" in each["machines"][0] for each in objects)
    assert "within 2 s" in objects[2]["machines"][1]["error"]
    assert done.stderr.count("within 2 s") == 1


def test_it_ends_with_its_reader(start: Any) -> None:
    """As every program in a pipe; else it goes on until Ctrl-C."""
    arguments = ["./a", "--top", *SOON, "-o", "json"]
    folder = start(RUNNING)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Popen([*HMP, *arguments], stdout=PIPE, cwd=folder, env=environment) as top:
        assert top.stdout is not None
        top.stdout.readline()
        top.stdout.close()
        assert top.wait(20) == 141
    with Popen([*HMP, *arguments], stdout=PIPE, cwd=folder, env=environment) as top:
        assert top.stdout is not None
        top.stdout.readline()
        top.send_signal(signal.SIGINT)
        assert top.wait(20) == 130


def test_names_are_one_line(tmp_path: Path) -> None:
    """Nor do they hold terminal codes."""
    evil = "./x\x1b[2J\ny"
    with serving(RUNNING) as server:
        (tmp_path / evil).symlink_to(server.path)
        done = run(evil, "--top", *SOON, "-n", "1", cwd=tmp_path)

    assert done.stdout.splitlines()[1].startswith("./x\\x1b[2J\\ny running")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--top", "-c", "stop"], "--top does not work with -c and -f"),
        (["--top", "--list"], "--top does not work with --list"),
        (["--top", "a", "-b"], "--top does not work with -b and --diff"),
        (["--top", "--", "qemu"], "--top does not work with a command after '--'"),
        (["--top", "-d", "0"], "'0' is not a positive number of seconds"),
        (["--top", "-n", "0"], "'0' is not a number from 1 to 10000"),
        (["-n", "3"], "--interval and --count work with --top only"),
        (["--top", "x*"], "'x*' matches no machine; see hmp --list"),
        (["--top", "a", "-x", "a"], "the set names no machine"),
    ],
)
def test_wrong_usage(arguments: list[str], reason: str, tmp_path: Path) -> None:
    """It is found at once."""
    done = run(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert reason in done.stderr


def test_a_script_has_no_screen(start: Any) -> None:
    """The command says what has."""
    done = run("./a", "-c", "top", cwd=start(RUNNING))

    assert done.returncode == 1
    assert "hmp --top" in done.stderr
