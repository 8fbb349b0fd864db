from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.shell import (
    AliasError,
    Redirect,
    before_argument,
    expand_alias,
    expand_near,
    needs_session,
    split_output,
    unfinished_output,
)
from hmp.monitor.line import parse_line
from tests.fakes import tables


@pytest.mark.parametrize(
    ("text", "command", "redirect"),
    [
        ("info block", "info block", None),
        ("info block | grep cd", "info block", Redirect("|", "grep cd")),
        ("info block|grep cd", "info block", Redirect("|", "grep cd")),
        ("info block | grep a | wc -l", "info block", Redirect("|", "grep a | wc -l")),
        ("info block | ./filter", "info block", Redirect("|", "./filter")),
        ("info block | ~/filter", "info block", Redirect("|", "~/filter")),
        ("info block > f", "info block", Redirect(">", "f")),
        ("info block >> f", "info block", Redirect(">>", "f")),
        ("info block >f", "info block", Redirect(">", "f")),
        ("info block > a b", "info block", Redirect(">", "a b")),
        ("print 6 | 1", "print 6 | 1", None),
        ("print 6 |0x1", "print 6 |0x1", None),
        ("print 6 | $eax", "print 6 | $eax", None),
        ("print (6 | 1) | cat", "print (6 | 1)", Redirect("|", "cat")),
        ("print 6 | 'a'", "print 6 | 'a'", None),
        ('x "a | b"', 'x "a | b"', None),
        ('x "a \\" | b" | c', 'x "a \\" | b"', Redirect("|", "c")),
        ("x 'a | b'", "x 'a | b'", None),
        ("print '|' | cat", "print '|'", Redirect("|", "cat")),
        ("a>b", "a>b", None),
        ("info block >", "info block >", None),
        ("info block |", "info block |", None),
        ('qmp x a={"b": "c > d"} > f', 'qmp x a={"b": "c > d"}', Redirect(">", "f")),
    ],
)
def test_where_output_goes(text: str, command: str, redirect: Redirect | None) -> None:
    """An operator's operand never begins with a letter; quotes hide what is in them."""
    assert split_output(text) == (command, redirect)


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("info block", ["info block"]),
        ("r", ["system_reset"]),
        ("  r", ["system_reset"]),
        ("b d0", ["info block d0"]),
        ("two", ["stop", "cont"]),
        ("swap a b", ["x b a"]),
        ("swap a", ["x  a"]),
        ("all a  b c", ["y a  b c z"]),
        ("deep", ["stop", "cont"]),
        ("info", ["info"]),
        ("eject d0", ["eject -f d0"]),
        ("save x", ["stop", "savevm x", "cont"]),
        ("save", ["stop", "savevm", "cont"]),
        ("saved x", ["stop", "savevm x", "cont"]),
    ],
)
def test_aliases(line: str, lines: list[str]) -> None:
    """Words behind go to their places, or to the end; aliases may name others."""
    aliases = {
        "r": ["system_reset"],
        "b": ["info block"],
        "two": ["stop", "cont"],
        "deep": ["two"],
        "swap": ["x $2 $1"],
        "all": ["y $* z"],
        "eject": ["eject -f"],
        "save": ["stop", "savevm $1", "cont"],
        "saved": ["save $*"],
    }

    assert expand_alias(line, aliases) == lines


@pytest.mark.parametrize("line", ["two x", "deep x", "  two  x y"])
def test_words_that_an_alias_has_no_place_for(line: str) -> None:
    """Several lines cannot all take them; nothing is run, and the error says what to do."""
    aliases = {"two": ["stop", "cont"], "deep": ["two"]}
    with pytest.raises(AliasError) as caught:
        expand_alias(line, aliases)

    assert str(caught.value) == (
        "the alias 'two' has 2 lines: write $1 or $* in it where its words belong"
    )
    assert before_argument(f"{line} ", aliases) is None
    assert expand_near(line, aliases) == [line]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("s ", ("info block ", "")),
        ("s d", ("info block ", "d")),
        ("s d0 -", ("info block d0 ", "-")),
        ("r ", ("block_resize ", "")),
        ("r d0 1", ("block_resize d0 ", "1")),
        ("r d0 1 x", None),
        ("swap a b", ("x ", "b")),
        ("swap a", ("x  y ", "a")),
        ("all a b", ("x a ", "b")),
        ("deep d", ("info block ", "d")),
        ('s "a b', ("info block ", '"a b')),
        ("stop x", None),
        ("s", None),
        ("", None),
    ],
)
def test_where_a_word_of_an_alias_belongs(text: str, meant: tuple[str, str] | None) -> None:
    """For completion: the line as if it had no alias, up to the word, and the word."""
    aliases = {
        "s": ["info block"],
        "r": ["block_resize $1 $2"],
        "swap": ["x $2 y $1"],
        "all": ["x $*"],
        "deep": ["s"],
    }

    assert before_argument(text, aliases) == meant


def test_aliases_that_lead_back() -> None:
    """They are found out, however far they lead."""
    with pytest.raises(AliasError, match="leads back to itself"):
        expand_alias("a", {"a": ["b"], "b": ["a x"]})


@given(st.text("ab |>'\"\\$", max_size=20))
def test_any_line_can_be_split(text: str) -> None:
    """What is cut off stood there."""
    command, redirect = split_output(text)

    assert text.startswith(command)
    assert redirect is None or redirect.target in text


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("info block |", "|"),
        ("info block > ", ">"),
        ("info block >>", ">>"),
        ("watch info block |", "|"),
        ("info block | tee >", ""),
        ("info block | grep a", ""),
        ('x "a |', ""),
        ("print 6|", ""),
        ("info block", ""),
    ],
)
def test_what_is_unfinished(text: str, sign: str) -> None:
    """A pipe or a file with nothing after it; in a shell command, the shell judges."""
    assert unfinished_output(text) == sign


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("info status | grep run", "'|' and '>' in a line are for a session"),
        ("stop > file", "'|' and '>' in a line are for a session"),
        ("@vm7", "'@SET' and 'targets' are for a session"),
        ("targets", "'@SET' and 'targets' are for a session"),
        ("nope", ""),
        ("stop foo", ""),
        ("print 1 | 2", ""),
    ],
)
def test_what_only_a_session_understands(text: str, begin: str) -> None:
    """Only a line that works in a session gets the advice; other mistakes do not."""
    found = needs_session(parse_line(text, tables()))
    assert found.startswith(begin)
    assert bool(found) == bool(begin)
