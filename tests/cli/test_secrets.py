"""No secret leaves the program, whatever the machine makes of a line that holds one."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import QMPError
from hmp.qmp.replay import open_recording
from tests.fakes import FakeServer, Message, Peer
from tests.program import run
from tests.qmp.secret_forms import FORMS, ORDINARY, SECRET, SPELT, mistyped
from tests.qmp.test_secret_lines import LOST

SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "4"))
MANY = 100_000 if os.environ.get("HMP_TEST_RANDOM_SECONDS") else 300
"""Mistyped lines that are tried."""
GET = '{"execute": "qom-get", "arguments": {"path": "s", "property": "%s"}}'
LIST = '{"execute": "qom-list-get", "arguments": {"paths": ["/objects/s"]}}'


def echoing(peer: Peer) -> None:
    """Answer everything by what was asked: in an error, or in the value."""
    peer.negotiate()
    number = 0
    while True:
        request = peer.read()
        number += 1
        asked = json.dumps(request)
        values = [str(v) for v in _leaves(request.get("arguments", {}))]
        if request.get("execute") == "query-commands":
            peer.reply(request, [{"name": "set_password"}])
        elif number % 3 == 0:
            peer.reply(request, {"echo": request.get("arguments"), "text": asked})
        elif number % 3 == 1:
            peer.reply(request, QMPError(f"cannot do {asked}: bad {values!r}"))
        else:
            peer.reply(request, f"Error: {' '.join(values)}\n")


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def lines_to_try() -> list[str]:
    """Return the forms, and some of what they are when they are mistyped."""
    wrong = [line for form in FORMS for line in mistyped(form)]
    wrong = [line for line in wrong if SECRET in line and LOST not in line]
    chosen = random.Random(SEED).sample(wrong, min(MANY, len(wrong)))
    lines = [*FORMS, *FORMS, *FORMS, *SPELT, *chosen]
    return [line for line in lines if "watch" not in line and "alias" not in line]


@pytest.mark.parametrize("style", ["json", "text", "rich"])
def test_no_secret_leaves_the_program(tmp_path: Path, style: str) -> None:
    """Results, errors, trace, recording: of any line, on a QEMU that echoes."""
    record = tmp_path / "record"
    lines = lines_to_try()
    with FakeServer(echoing) as server:
        options = ["--trace", "-o", style, "--record", str(record), "-f", "-"]
        result = run(*options, server.path, script="\n".join(lines))
    recorded = record.read_text()

    assert recorded.count('{"line"') == len(lines)
    assert "***" in result.stderr
    for text in (result.stdout, result.stderr, recorded):
        assert [line for line in text.splitlines() if SECRET in line] == []
    replayed = run(f"replay:{record}", script="\n".join(lines))
    assert replayed.returncode == 1
    assert "no reply to this" not in replayed.stderr
    assert SECRET not in replayed.stdout + replayed.stderr


ADDRESSES = (
    "ssh://u:{}@nohost.invalid/q",
    "qga:ssh://u:{}@nohost.invalid/q",
    "u:{}@nohost.invalid:/q",
    "gdb:u:{}@nohost.invalid:1",
    "qemu+tcp://u:{}@127.0.0.1:1/system/x",
    "qemu+nosuch://u:{}@127.0.0.1/system/x",
    "tcp:u:{}@localhost:1",
    "monitor:tcp:u:{}@localhost:1",
    "https://u:{}@localhost/x",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_in_a_target(address: str) -> None:
    """Whether it can be a target or not, of one machine or a set, in text or JSON."""
    target = address.format(SECRET)
    for options in ([], ["-o", "json"], ["./nosuch"], ["-o", "json", "-b", "./nosuch"]):
        done = run("--trace", "--timeout", "2", *options, "-c", "info name", target)
        said = done.stdout + done.stderr

        assert done.returncode == 3 or "hmp: " in done.stderr
        assert SECRET not in said


def test_ordinary_lines_are_shown_and_recorded_whole(tmp_path: Path) -> None:
    """What is no secret is not starred out."""
    record = tmp_path / "record"
    lines = [line for line in ORDINARY if line.strip() and line[0] not in "#"]
    lines.remove("quit")
    with FakeServer(echoing) as server:
        run("--record", str(record), server.path, script="\n".join(lines))

    recorded = [json.loads(line) for line in record.read_text().splitlines()]
    assert [x["line"] for x in recorded if "line" in x] == lines
    assert "***" not in record.read_text().replace('"return": "***"', "")


@pytest.mark.parametrize(
    ("line", "reply", "shown"),
    [
        ("qom-get /objects/s data", SECRET, '"***"'),
        (f"qmp {GET % 'data'}", SECRET, '"***"'),
        (f"qmp {GET % 'password'}", SECRET, '"***"'),
        ("qom-get /objects/s id", "s", '"s"'),
        ("qmp query-x", {"deep": [{"password": SECRET}]}, '"password": "***"'),
        ("qmp query-x", {"file": f"https://u:{SECRET}@h/x"}, "https://u:***@h/x"),
        (f"qmp {LIST}", [{"name": "data", "value": SECRET}], '"value": "***"'),
        ("qmp query-x", {"password": True, "passwd": ""}, '"password": true'),
        ("info version-of-mine", f"on https://u:{SECRET}@h/x\n", "on https://u:***@h/x"),
    ],
)
def test_a_secret_that_the_machine_tells(
    tmp_path: Path, line: str, reply: Any, shown: str
) -> None:
    """A property or a member that is one, or an address with one in it."""
    record = tmp_path / "record"

    def script(peer: Peer) -> None:
        peer.negotiate()
        while True:
            request = peer.read()
            schema = request["execute"] == "query-qmp-schema"
            peer.reply(request, QMPError("none") if schema else reply)

    with FakeServer(script) as server:
        result = run("--trace", "--record", str(record), "-c", line, server.path)

    assert shown in result.stdout
    assert SECRET not in result.stdout + result.stderr + record.read_text()


def test_a_recording_of_an_older_hmp_is_found_by_what_is_masked_now(tmp_path: Path) -> None:
    """It may hold more than is kept today."""
    record = tmp_path / "record"
    arguments = {"url": f"https://u:{SECRET}@h/x"}
    version = {"qemu": {"major": 9, "minor": 0, "micro": 0}, "package": ""}
    records: list[Message] = [
        {"<-": {"QMP": {"version": version, "capabilities": []}}},
        {"line": f"qmp x url=https://u:{SECRET}@h/x"},
        {"->": {"execute": "x", "arguments": arguments, "id": 1}},
        {"<-": {"return": 5, "id": 1}},
    ]
    record.write_text("".join(f"{json.dumps(item)}\n" for item in records))

    machine = open_recording(str(record))
    machine.begin_line("qmp x url=https://u:***@h/x")

    assert drive(machine.execute("x", arguments)) == 5
