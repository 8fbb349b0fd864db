from __future__ import annotations

from hmp.frontends.parsing import LineParser
from tests.terminal.fakes import idle_monitor


def test_a_line_is_parsed_once() -> None:
    """Colours and history look at the same one; many lines are not kept for ever."""
    parse = LineParser(idle_monitor())
    line = parse("info status")

    assert parse("info status") is line
    for number in range(20):
        parse(f"eject {number}")
    assert parse("info status") is not line


def test_what_leads_elsewhere_is_no_argument() -> None:
    """A pipe is not the monitor's."""
    parse = LineParser(idle_monitor())

    assert parse("info status | cat").error is None


def test_aliases_are_known() -> None:
    """By the first word."""
    parse = LineParser(idle_monitor(), {"r": ["system_reset"]})

    assert parse.is_alias("r now")
    assert parse.is_alias("  r")
    assert not parse.is_alias("rr")
    assert not parse.is_alias("")
