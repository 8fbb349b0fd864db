"""The limits that the documentation promises, each with its sentence."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter

import pytest

from tests.program import ROOT

LIMITS = [
    (60.0, "agents.tools._LIMIT", "agents", "A line ends after 60 seconds unless"),
    (60.0, "fleet.at_once.LIMIT", "fleets", "seconds for a reply, 60 by default"),
    (60.0, "fleet.at_once.LIMIT", "client", "may take `timeout` seconds, 60 by default"),
    (64, "fleet.at_once.FANOUT", "fleets", "asked `--fanout N` (64) at a time"),
    (2.0, "fleet.gauges.INTERVAL", "fleets", "`-d SECONDS` sets the interval (2)"),
    (20, "fleet.question.TYPED", "fleets", "from 20 machines on their number has to be"),
    (
        0.2,
        "fleet.fleet_event_log.FleetEventLog.GATHERED",
        "fleets",
        "Equal events within 0.2 seconds are one line",
    ),
    (
        10_000,
        "fleet.fleet_event_log.FleetEventLog.LIMIT",
        "fleets",
        "Of more than 10,000 events at once, the rest is only counted",
    ),
    (100_000, "fleet.sets._MOST", "fleets", "may name at most 100,000 machines"),
    (64 << 20, "frontends.lines.LONGEST", "scripts", "A line may have 64 MiB"),
    (
        2.0,
        "frontends.base_session._PATIENCE",
        "session",
        "without an answer for two seconds",
    ),
    (
        10.0,
        "terminal.completer._LIMIT",
        "session",
        "has not listed after 10 seconds is not offered",
    ),
    (5.0, "serving.relay_client._PATIENCE", "serving", "within 5 seconds is closed"),
    (10_000, "display.views.LINES", "session", "more than 10,000 lines or cells"),
    (10_000, "display.views.CELLS", "session", "more than 10,000 lines or cells"),
    (30.0, "targets.diagnosis._STARTING", "targets", "has run for less than half a minute"),
    (30.0, "targets.exec_target.ExecTarget.connect_limit", "targets", "at most 30 seconds"),
    (0.5, "targets.exec_target._GRACE", "targets", "half a second later it gets a SIGTERM"),
    (2.0, "targets.companion._END_LIMIT", "targets", "and 2 seconds later a SIGKILL"),
]


@pytest.mark.parametrize(("value", "limit", "page", "sentence"), LIMITS)
def test_a_limit_is_as_documented(
    value: float, limit: str, page: str, sentence: str
) -> None:
    """The program holds what its page says."""
    room, module, name = limit.split(".", 2)

    assert attrgetter(name)(import_module(f"hmp.{room}.{module}")) == value
    assert sentence in " ".join((ROOT / f"docs/{page}.md").read_text().split())
