"""The list of what pyright finds can only shrink; the gate runs pyright itself."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.program import ROOT
from tests.typing.pyright import DEBTS, compare, read_debts, write_debts


def _finding(file: str, rule: str, line: int) -> dict[str, Any]:
    return {
        "file": file,
        "rule": rule,
        "message": "wrong",
        "range": {"start": {"line": line}},
    }


def test_a_new_finding_is_told_with_its_place() -> None:
    """A finding above the debt fails, and the findings of its file and rule are printed."""
    found = [_finding("a.py", "reportX", 6), _finding("b.py", "reportX", 1)]

    text = compare(found, Counter({("b.py", "reportX"): 1}))

    assert text.startswith("a.py:7: wrong\n")
    assert "b.py" not in text


def test_a_paid_debt_must_leave_the_list() -> None:
    """The list may not allow more than is found, so that a debt cannot grow again."""
    text = compare([_finding("a.py", "reportX", 6)], Counter({("a.py", "reportX"): 3}))

    assert "a.py: reportX: 2 fewer" in text
    assert "--update" in text


def test_a_list_that_agrees_is_silent() -> None:
    """As many findings as the list allows are no error."""
    assert compare([_finding("a.py", "reportX", 6)], read_debts("a.py reportX 1\n")) == ""


def test_the_list_is_sorted_and_names_files_that_exist() -> None:
    """The list is as `write_debts` writes it, and no file in it is gone."""
    debts = read_debts(DEBTS.read_text())

    assert DEBTS.read_text() == write_debts(debts)
    assert all((ROOT / file).is_file() for file, _ in debts)


def test_a_suppression_has_a_reason() -> None:
    """A comment that hides a finding says why beside it."""
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("hmp", "commands", "info", "completions")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"# pyright: *ignore(\[[\w, ]+\])?(?!\[)(?! +# \S)", line)
    ]

    assert bare == []
