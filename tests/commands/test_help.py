from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.words import as_argument
from hmp.monitor.help import find
from tests.fakes import FakeSession, joined, tables


@pytest.mark.parametrize("line", ["help", "?", "help  "])
def test_help_lists_all_commands(line: str) -> None:
    """A line each, in bytewise order; the machine is asked whether it has a monitor."""
    session = FakeSession()
    # the parameters of drive_add have line ends of their own
    lines = session.prints(line).replace("\n[", " [").replace("\n,", " ,").splitlines()

    assert [entry.partition(" ")[0] for entry in lines] == [
        entry.name for entry in tables()
    ]
    assert "stop|s  -- pause the machine" in lines
    assert session.calls == [("query-commands", {})]


@pytest.mark.parametrize("line", ["help info", "info", "? info", "info  "])
def test_help_lists_all_subcommands(line: str) -> None:
    """With ``info`` before each."""
    lines = FakeSession().prints(line).splitlines()

    assert "info status  -- show whether the machine runs, and why not" in lines
    assert all(entry.startswith("info ") for entry in lines)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("help s", "stop|s  -- pause the machine\n"),
        ("help eject", "eject [-f] device -- take the medium out of a removable"),
        ("help info block", "info block [-n] [-v] [device] -- show block devices"),
        ("help   info   uuid ", "info uuid  -- show the machine's UUID\n"),
        ("help stop now", "stop|s  -- pause the machine\n"),
        ('help "info" "uuid"', "info uuid  -- show the machine's UUID\n"),
        ('help "stop"now', "stop|s  -- pause the machine\n"),
        ("help info" + " uuid" * 15, "info uuid  -- show the machine's UUID\n"),
    ],
)
def test_help_explains_one_command(line: str, text: str) -> None:
    """By its name or alias; two blanks stand where there are no parameters."""
    printed = FakeSession().prints(line)

    assert printed.startswith(text)
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "words", "hint"),
    [
        ("help nope", "nope", ""),
        ("help info nope", "info nope", ""),
        ("help nope x", "nope", ""),
        ('help "a b"', "a b", ""),
        ('help info ""', "info ", ""),
        ("help stopp", "stopp", "Did you mean 'stop' or 'top' or 'stopcapture'?"),
        (
            "help info stat",
            "info stat",
            "Did you mean 'info stats' or 'info status' or 'info blockstats'?",
        ),
    ],
)
def test_help_for_what_is_no_command(line: str, words: str, hint: str) -> None:
    """QEMU's words, and for people what comes nearest."""
    call = FakeSession().call(line)
    error: Any = call.error

    assert call.error_text() == f"unknown command: '{words}'\n"
    assert error.hint == hint


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("help -s", "Error: help -s needs words to search for\n", ""),
        (
            "help keys",
            "unknown command: 'keys'\n",
            "'help' ends with the keys of a line; docs/session.md has them all",
        ),
        (
            "help stop cont",
            "help explains one command at a time: 'stop' and then 'cont'\n",
            "",
        ),
        (
            "help info status x",
            "help explains one command at a time: 'info status' and then 'x'\n",
            "",
        ),
    ],
)
def test_help_for_people_says_what_it_cannot_show(line: str, error: str, hint: str) -> None:
    """A second command, which QEMU ignores, is refused; keys are explained elsewhere."""
    session = FakeSession()
    session.monitor.front.detailed = True
    call = session.call(line)
    found: Any = call.error

    assert call.error_text() == error
    assert found.hint == hint


def test_help_in_detail_has_the_schemas_documentation() -> None:
    """Where somebody reads more than QEMU's own text."""
    entries = [
        {"name": "stop", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
        {"name": "0", "meta-type": "object", "members": []},
    ]
    session = FakeSession({"query-qmp-schema": entries})
    session.monitor.front.detailed = True

    assert session.call("help stop").value["documentation"] == {"stop": "stop"}
    assert session.call("help cont").value["documentation"] == {}
    assert "documentation" not in session.call("help").value
    schemas = [command for command, _ in session.calls if command == "query-qmp-schema"]
    assert len(schemas) == 1


def test_help_is_as_long_as_its_topic() -> None:
    """Plain text stays QEMU's in any case."""
    session = FakeSession({"query-qmp-schema": []})
    before = session.prints("help stop")
    session.monitor.front.detailed = True

    assert session.prints("help stop") == before == joined([before.rstrip("\n")])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('help "info', "the string is not terminated"),
        ('help "\\x"', "unknown escape sequence in the string"),
        ("help" + " a" * 17, "more than 16 words"),
    ],
)
def test_words_that_cannot_be_read_fail_in_silence(line: str, reason: str) -> None:
    """QEMU's monitor prints nothing; the reason is there for those who ask."""
    call = FakeSession().call(line)

    assert call.error is not None
    assert (call.error_text(), call.error.desc) == ("", reason)


_TYPED = st.characters(codec="ascii", exclude_categories=["Cc"]) | st.sampled_from("\n\r")


@given(
    st.lists(st.text(_TYPED, max_size=8), max_size=16),
    st.sampled_from([" ", "\t", "\v", "  \f"]),
)
def test_any_words_are_words_of_help(words: list[str], blank: str) -> None:
    """Quoted, whatever is in them, they are what the answer is about."""
    line = blank.join(["help", *(str(as_argument(word)) for word in words)])

    call = FakeSession().call(line)

    known = find(tables(), words)
    if known is None:
        assert call.error is not None
        assert call.error_text().startswith(f"unknown command: '{words[0]}")
    elif words[:1] not in (["-s"], ["-i"]):
        assert call.value == known


def test_found_commands_are_in_a_table() -> None:
    """Each with what it does."""
    rows = FakeSession().looks("help -s eject").splitlines()

    assert rows[0].split("   ")[0] == "command"
    assert "eject" in rows[2]
    assert "take the medium out of a removable device" in " ".join(rows)
