"""What each command's example asks of a machine, alone and with each of its flags.

The machine answers queries as a recorded one, and all else with the least that it may.

``HMP_TEST_UPDATE=1 pytest tests/commands/test_examples.py`` writes the file anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.language.letters import Flag
from tests import golden
from tests.fakes import NEWEST, FakeSession
from tests.qemu.lines import entries
from tests.recordings import FOLDER, SUFFIX, read

RELEASES = (NEWEST, (7, 2, 0))
ELSEWHERE = (
    *("alias", "events", "source", "time", "top", "type", "unalias", "wait", "watch"),
    *("history", "info history"),
)
"""Commands of a session, which ask nothing by themselves, and one that takes time."""


@cache
def answers() -> dict[str, Any]:
    """Return the replies of a recorded machine to queries without arguments."""
    asked: dict[int, str] = {}
    found: dict[str, Any] = {}
    for record in read(FOLDER / f"10.0{SUFFIX}")["everything"]:
        request, reply = record.get("->", {}), record.get("<-", {})
        name = request.get("execute", "")
        if name.startswith(("query-", "x-query-")) and not request.get("arguments"):
            asked[request["id"]] = name
        elif "return" in reply and (name := asked.pop(reply.get("id"), "")):
            found.setdefault(name, reply["return"])
    found.pop("query-qmp-schema")  # to read it takes longer than all the rest
    return found


def lines() -> Iterator[str]:
    """Yield the examples, and their lines with each flag."""
    for name, entry in entries(load_tables()):
        if name in ELSEWHERE or (entry.parameters and not entry.example):
            continue
        line = re.sub(r"\{\$(\w+)\}", r"$\1", entry.example or name.partition("|")[0])
        line = re.sub(r"\{\w+\}", "drive0", line)
        yield line
        words = 2 if name.startswith("info ") else 1
        for flag in (each.type for each in entry.parameters if isinstance(each.type, Flag)):
            before, after = line.split(" ")[:words], line.split(" ")[words:]
            value = ["1"] if flag.takes_value else []
            yield " ".join([*before, f"-{flag.letter}", *value, *after])


def runs() -> Iterator[str]:
    """Yield each line, the commands that it sends to the releases, and what comes."""
    for line in dict.fromkeys(lines()):
        found = [run(line, release) for release in RELEASES]
        yield f"=== {line}\n{found[0]}"
        if found[1] != found[0]:
            yield f"--- {RELEASES[1][0]}.{RELEASES[1][1]}\n{found[1]}"


def run(line: str, release: tuple[int, int, int]) -> str:
    """Return the commands that a line sends, and its value or its error."""
    session = FakeSession(answers(), version=release)
    session.machine.otherwise = {}
    call = drive(session.monitor.run(line))
    assert call is not None
    asked = "".join(f"{name} {as_json(arguments)}\n" for name, arguments in session.calls)
    if call.error is not None:
        return f"{asked}! {call.error_text()}"
    return f"{asked}= {as_json(call.value)}\n"


def as_json(value: Any) -> str:
    """Return a value as JSON, at most its beginning."""
    return json.dumps(value, default=repr)[:300]


def test_examples_ask_what_they_asked() -> None:
    """And come to the same."""
    golden.check(Path(__file__).parent / "golden/examples.txt", "".join(runs()))
