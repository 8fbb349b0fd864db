"""What can stand at the end of a line from a prompt, and what Tab makes of it."""

from __future__ import annotations

import pytest

from hmp.completion.candidates import Candidate
from hmp.frontends.line_candidates import fill, insertion, line_candidates
from hmp.monitor.kinds import Kind, Word
from tests.fakes import tables

FILES = Kind("file", place=lambda typed, args: (typed.rfind("/") + 1, typed), local=True)
ALIASES = {"st": ["info status"], "stop2": ["stop", "info status"], "b": ["info block"]}


def offered(text: str, *, files: bool = True) -> list[str]:
    """Return the whole lines that are offered, each with its explanation."""

    def look(kind: Kind, context: str) -> list[Word]:
        return [("disk 1", "a file"), ("disk$", ""), ("sub/", "folder"), ("dir|x", "")]

    defaults = {">": FILES} if files else {}
    found = line_candidates(text, tables(), ALIASES, look, defaults)
    return [f"{text[: each.start]}{each.text} -- {each.about}" for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# st", []),
        ("st", ["st -- = info status", "stop2 -- = stop; info status"]),
        ("  sto", ["  stop2 -- = stop; info status"]),
        ("!cat /x/di", ["!cat /x/disk\\ 1 -- a file", "!cat /x/disk\\$ -- "]),
        ("!cat '/x/di", []),
        ("!cat $di", []),
        ("!cat /a\\ b/su", ["!cat /a\\ b/sub/ -- folder"]),
        ("!cat <su", ["!cat <sub/ -- folder"]),
        ("info status | tee su", ["info status | tee sub/ -- folder"]),
        ("info status > su", ["info status > sub/ -- folder"]),
        ("info status >> /x/su", ["info status >> /x/sub/ -- folder"]),
    ],
)
def test_offers(text: str, expected: list[str]) -> None:
    """Aliases, files of the shell and of a redirection; nothing in a comment."""
    assert offered(text)[: len(expected) or None] == expected


@pytest.mark.parametrize("text", ["!cat su", "info status > su", "info status | tee su"])
def test_files_need_a_kind(text: str) -> None:
    """A table that has none offers none."""
    assert offered(text, files=False) == []


def test_the_rest_of_an_alias_is_completed_as_its_command() -> None:
    """From where its argument stands in the line."""
    assert offered("  b -")[0].startswith("  b -")
    assert offered("b -") == [each.strip() for each in offered("  b -")]


@pytest.mark.parametrize(
    ("text", "start", "before", "after", "inserted"),
    [
        ("info", 0, "in", "", "info"),
        ("a\x1b", 0, "a", "", None),
        ('"my disk"', 7, 'change "my', '"', '"my disk'),
        ('"my disk"', 7, 'change "my', "", '"my disk"'),
        ("a|b", 7, "change a", "", None),
        ("a |b", 7, "change a", "", None),
        ("a >b", 7, "change a", "", None),
        ('"a |b"', 7, "change a", "", '"a |b"'),
        ("x" * 300 + " |b", 0, "x", "", None),
        ("disk", 14, "info status | d", "", "disk"),
        ("a |b", 14, "info status | a", "", "a |b"),
    ],
)
def test_what_is_inserted(
    text: str, start: int, before: str, after: str, inserted: str | None
) -> None:
    """Nothing that no key types, or of which a half would begin a pipe or a file."""
    found = insertion(Candidate(text, start, "", name="x"), before, after)

    assert found == inserted


def candidate(text: str, *, begins: bool = True, ends: bool = True) -> Candidate:
    """Return a candidate for the first word of ``x di``."""
    return Candidate(text, 2, "", begins=begins, ends=ends)


@pytest.mark.parametrize(
    ("candidates", "before", "after", "filled"),
    [
        ([], "x di", "", "x di"),
        ([candidate("disk")], "x di", "", "x disk "),
        ([candidate("disk")], "x di", "y", "x disk"),
        ([candidate("disk/", ends=False)], "x di", "", "x disk/"),
        ([candidate("disk1"), candidate("disk2")], "x di", "", "x disk"),
        ([candidate("disk1"), candidate("other")], "x di", "", "x di"),
        ([candidate("adi", begins=False)], "x di", "", "x di"),
        ([candidate("-f"), candidate("disk")], "x ", "", "x disk "),
        ([candidate("-f")], "x -", "", "x -f "),
        ([candidate("-f")], "x ", "", "x "),
    ],
)
def test_what_tab_fills_in(
    candidates: list[Candidate], before: str, after: str, filled: str
) -> None:
    """What all have in common; a blank after the only one that is complete."""
    assert fill([(each, each.text) for each in candidates], before, after) == filled
