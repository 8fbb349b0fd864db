"""Whatever a machine puts into its texts, nothing of it drives the terminal."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from hmp.authoring import READ
from hmp.builtin import load_tables
from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.monitor.monitor import Monitor
from hmp.qmp.replay import ReplayConnection
from tests.recordings import kept, read

LONGEST = 1250
"""Items of a list that are kept: all of a schema, but not all trace events."""
BAD = "\x1b]0;owned\x07\x9b2J\u202e"
LIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


def spoilt(value: Any, chance: random.Random) -> Any:
    """Return a value with control codes in some of its strings."""
    if isinstance(value, dict):
        return {key: spoilt(item, chance) for key, item in value.items()}
    if isinstance(value, list):
        return [spoilt(item, chance) for item in value[:LONGEST]]
    if isinstance(value, str) and chance.random() < 0.3:
        place = chance.randrange(len(value) + 1)
        return value[:place] + BAD + value[place:]
    return value


@pytest.mark.parametrize("path", kept(), ids=lambda path: path.name.partition(".j")[0])
def test_no_control_code_comes_through(path: Path) -> None:
    """Of no recorded line that only looks, in its view, its text or its error."""
    chance = random.Random(path.name)
    screen = Screen(-1, {"NO_COLOR": "1"})
    live, shown = [], 0
    for machine, records in read(path).items():
        for record in records:
            reply = record.get("<-", {})
            if "return" in reply:
                reply["return"] = spoilt(reply["return"], chance)
        monitor = Monitor(ReplayConnection(records, machine), load_tables())
        for line in (record["line"] for record in records if "line" in record):
            entry = monitor.parse(line).entry
            if entry is None or entry.effect != READ:
                continue
            call = drive(monitor.run(line))
            assert call is not None
            text = present(call, screen)
            shown += "\\x1b]0;owned" in text
            if LIVE.search(text):
                live.append(line)

    assert live == []
    assert shown > 50
