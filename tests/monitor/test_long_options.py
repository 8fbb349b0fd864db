from __future__ import annotations

import pytest

from hmp.monitor.errors import CommandFailedError
from hmp.monitor.long_options import seconds, take_leading, take_options

KNOWN = {"-n": "interval", "--plot": "field"}


@pytest.mark.parametrize(
    ("text", "rest", "values"),
    [
        ("info block", "info block", {}),
        ("-n 1 info  block", "info block", {"interval": "1"}),
        ("info -n 1 block", "info block", {"interval": "1"}),
        ("STOP --plot x -n 2", "STOP", {"field": "x", "interval": "2"}),
        ("", "", {}),
    ],
)
def test_options_anywhere(text: str, rest: str, values: dict[str, str]) -> None:
    """They are taken out, wherever they stand."""
    assert take_options(text, KNOWN) == (rest, values)


@pytest.mark.parametrize(
    ("text", "rest", "values"),
    [
        ("info  block -n", "info  block -n", {}),
        ("  -n 1   info  block -n 2", "info  block -n 2", {"interval": "1"}),
        ("-n 1 --plot a[0].b x", "x", {"interval": "1", "field": "a[0].b"}),
        ('--plot "[0].b" x "y"', 'x "y"', {"field": "[0].b"}),
        ("-x 1", "-x 1", {}),
        ("-n 1", "", {"interval": "1"}),
    ],
)
def test_options_before_a_line(text: str, rest: str, values: dict[str, str]) -> None:
    """The line behind them stays as it is, options of its own and all."""
    assert take_leading(text, KNOWN) == (rest, values)


def test_a_value_whose_quote_stays_open() -> None:
    """It says why it cannot be read."""
    with pytest.raises(CommandFailedError, match="--plot: the string is not terminated"):
        take_leading('--plot "a x', KNOWN)


@pytest.mark.parametrize("take", [take_options, take_leading])
def test_an_option_without_value(take: object) -> None:
    """It says which."""
    assert callable(take)
    with pytest.raises(CommandFailedError, match="-n needs a value"):
        take("-n", KNOWN)


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("0.5", 0.5), ("1e3", 1000.0)])
def test_seconds(text: str, value: float) -> None:
    """Whole ones, and parts."""
    assert seconds(text, "-n") == value


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "nan", "inf"])
def test_what_are_no_seconds(text: str) -> None:
    """Neither nothing nor for ever."""
    with pytest.raises(CommandFailedError, match="-n needs a positive number of seconds"):
        seconds(text, "-n")
