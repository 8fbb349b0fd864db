"""The pages of ``info tlb``, gathered into runs."""

from __future__ import annotations

import re

Page = tuple[str, str, str]
"""Virtual address, physical address, flags."""

_PAGE = re.compile(r"([0-9a-f]+): ([0-9a-f]+) (\S+)")


def page_runs(text: str) -> list[list[Page]]:
    """Return the runs of pages in which both addresses grow alike, with the same flags.

    Nothing for a text that is not of pages only.
    """
    runs: list[list[Page]] = []
    for line in text.splitlines():
        match = _PAGE.fullmatch(line)
        if match is None:
            return []
        page = (match[1], match[2], match[3])
        if runs and _follows(runs[-1], page):
            runs[-1].append(page)
        else:
            runs.append([page])
    return runs


def _follows(run: list[Page], page: Page) -> bool:
    """Return whether a page goes on where a run ends."""
    virtual, physical = _step(run[-1], page)
    if page[2] != run[-1][2] or virtual != physical:
        return False
    return len(run) == 1 or _step(run[-2], run[-1]) == (virtual, physical)


def _step(one: Page, other: Page) -> tuple[int, int]:
    return int(other[0], 16) - int(one[0], 16), int(other[1], 16) - int(one[1], 16)
