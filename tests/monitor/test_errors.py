from __future__ import annotations

import pytest

from hmp.language.scan import ArgumentError
from hmp.monitor.entry import Table
from hmp.monitor.error_blocks import known_word
from hmp.monitor.errors import (
    CommandError,
    CommandFailedError,
    LineError,
    UnknownCommandError,
    UsageError,
)
from hmp.monitor.line import Line
from hmp.qmp.errors import QMPError

LINE = Line("netdev_add x", Table())
LINE.start = len("netdev_add ")


@pytest.mark.parametrize(
    ("text", "desc", "found"),
    [
        ("Error: no device\n", "", "no device"),
        ("no device\n", "", "no device"),
        ("a\nb\n", "", "a\nb"),
        ("Error: a\nhint\n", "a", "a"),
        ("", "", ""),
    ],
)
def test_the_description_is_the_text_unless_it_is_given(
    text: str, desc: str, found: str
) -> None:
    """QMP's description is the monitor's text without its mark and end."""
    error = CommandError(text, desc)

    assert (error.text, error.desc) == (text, found)
    assert (error.error_class, error.hint) == ("GenericError", "")


@pytest.mark.parametrize(
    ("argument", "text", "desc"),
    [
        (
            ArgumentError("invalid size", 4, "too large"),
            'invalid size\nTry "help x" for more information\n',
            "invalid size: too large",
        ),
        (
            ArgumentError("x: string expected", 4),
            'x: string expected\nTry "help x" for more information\n',
            "x: string expected",
        ),
        (
            ArgumentError("", 4, "bad id"),
            'Try "help x" for more information\n',
            "bad id",
        ),
        (
            ArgumentError("x: unsupported option -", 4),
            'x: unsupported option -Try "help x" for more information\n',
            "x: unsupported option -",
        ),
    ],
)
def test_a_line_error_has_qemus_advice(
    argument: ArgumentError, text: str, desc: str
) -> None:
    """What QEMU does not say is in the description, and its odd line end is kept."""
    error = LineError(argument, "x")

    assert (error.text, error.desc) == (text, desc)
    assert (error.column, error.reason) == (4, argument.reason)


def test_a_line_error_names_a_missing_register() -> None:
    """It is all that is wrong with the line then."""
    argument = ArgumentError("unknown register", 2, register="pc")

    assert LineError(argument, "x").register == "pc"


def test_an_unknown_command_has_a_class_of_its_own() -> None:
    """QMP has one for that, and there is no advice."""
    error = UnknownCommandError("info nope", 5)

    assert error.text == "unknown command: 'info nope'\n"
    assert error.desc == "unknown command: 'info nope'"
    assert error.error_class == "CommandNotFound"
    assert (error.column, error.reason, error.register) == (5, "", None)


def test_a_usage_error_keeps_the_reason_for_those_who_ask() -> None:
    """QEMU prints only its advice."""
    error = UsageError("netdev_add", "Duplicate ID 'a'")

    assert error.text == 'Try "help netdev_add" for more information\n'
    assert error.desc == "Duplicate ID 'a'"


def test_a_usage_error_shows_what_qemu_says_before_its_advice() -> None:
    """Where it says something."""
    error = UsageError("netdev_add", "netdev_add: unsupported option -b", shown=True)

    assert error.text == (
        'netdev_add: unsupported option -b\nTry "help netdev_add" for more information\n'
    )
    assert error.desc == "netdev_add: unsupported option -b"


def test_an_unknown_word_is_told_as_qemus_monitor_tells_it() -> None:
    """QMP names the parameter, the monitor only the word."""
    refusal = QMPError("Parameter 'state' does not accept value 'nope'")

    with pytest.raises(CommandFailedError) as caught, known_word("nope"):
        raise refusal

    assert caught.value.text == "Error: invalid parameter value: nope\n"
    assert caught.value.desc == "invalid parameter value: nope"


@pytest.mark.parametrize(
    "desc", ["Parameter 'state' does not accept value 'other'", "Migration is over"]
)
def test_other_errors_stay_as_they_are(desc: str) -> None:
    """A word that another command knows is no business of this one."""
    with pytest.raises(QMPError) as caught, known_word("nope"):
        raise QMPError(desc)

    assert caught.value.desc == desc


def test_all_are_caught_as_one() -> None:
    """There is one root."""
    errors = [
        CommandFailedError("x\n"),
        UsageError("netdev_add", "y"),
        UnknownCommandError("x", 0),
        LineError(ArgumentError("x", 0), "x"),
    ]

    assert all(isinstance(error, CommandError) for error in errors)
    assert all(str(error) for error in errors)
