"""Phrases that read badly in English may only become fewer.

Each pattern has a debt: the number of its uses in comments, strings and documentation when
the pattern was added or last counted. New text must not use the phrases. Whoever removes
some lowers the number; `python -m tests.test_prose` prints the current counts.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections import Counter
from functools import cache

import pytest

from tests.program import ROOT

PACKAGES = ("hmp", "commands", "info", "completions")
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md")
DEBTS = {
    r"\bnobody\b": 0,
    r"\bbehind\b": 1,
    r"\btold\b": 4,
    r"\bis no (?!longer\b|more\b)": 1,
    r"\bis none\b": 12,
    r"\bthere (?:is|are)\b": 17,
    r"\bgo(?:es)? on\b": 0,
    r"\bis said\b": 0,
    r"\bunder way\b": 0,
    r"\bstands\b": 9,
    r"\bmend(?:ed|s)?\b": 0,
    r"\bparted by\b": 0,
    r"\blest\b": 0,
    r"\btakes? leave\b": 0,
    r"\bholds? up no\b": 0,
    r"\bthat long\b": 0,
    r"\ball the same\b": 3,
    r"\bthat is there\b": 0,
    r"\bnot done\b": 0,
    r"\blacks the QMP command\b": 0,
    r"\bkeys as\b": 0,
    r"\btaken for a US\b": 0,
    r"\bmake do\b": 0,
    r"\bjoined by\b": 0,
    r"\bof the lines were\b": 0,
    r"\bmust be a text\b": 0,
    r"\bnothing fits\b": 0,
    r"\bWho reaches\b": 0,
}
"""The highest allowed number of uses by pattern."""
_TEXT = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}


def count_phrases(text: str) -> Counter[str]:
    """Return how often each pattern occurs in a text, which may span lines."""
    text = re.sub(r"\s+", " ", text)
    return Counter({pattern: len(re.findall(pattern, text, re.I)) for pattern in DEBTS})


def _prose(source: str) -> str:
    """Return the comments and strings of a module."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return "\n".join(token.string for token in tokens if token.type in _TEXT)


@cache
def _counts() -> Counter[str]:
    found: Counter[str] = Counter()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            found.update(count_phrases(_prose(path.read_text())))
    for pattern in PAGES:
        for path in ROOT.glob(pattern):
            found.update(count_phrases(path.read_text()))
    return found


@pytest.mark.parametrize("pattern", DEBTS)
def test_a_phrase_is_not_used_more_often(pattern: str) -> None:
    """A higher count means that new text uses the phrase: reword that text."""
    assert _counts()[pattern] <= DEBTS[pattern]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("nobody listens", [r"\bnobody\b"]),
        ("it is no\n    socket", [r"\bis no (?!longer\b|more\b)"]),
        ("it is no longer open", []),
        ("Whoever mends it", [r"\bmend(?:ed|s)?\b"]),
        ("recommended", []),
    ],
)
def test_what_is_counted(text: str, patterns: list[str]) -> None:
    """Whole words, in any case, across the ends of lines."""
    found = count_phrases(text)
    assert [pattern for pattern in DEBTS if found[pattern]] == patterns


if __name__ == "__main__":
    for pattern in DEBTS:
        sys.stdout.write(f"{_counts()[pattern]:4} of {DEBTS[pattern]:4}  {pattern}\n")
