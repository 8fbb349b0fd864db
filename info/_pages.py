"""The pages of ``info tlb``, joined into runs."""

from __future__ import annotations

import re

Page = tuple[str, str, str]
"""The virtual address, the physical address and the flags of a page."""

_PAGE = re.compile(r"([0-9a-f]+): ([0-9a-f]+) (\S+)")


def page_runs(text: str) -> list[list[Page]]:
    """Return the runs of pages with equal flags whose addresses grow in equal steps.

    An empty list for a text that has other lines, too.
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
    """Return whether a page continues a run."""
    virtual, physical = _step(run[-1], page)
    if page[2] != run[-1][2] or virtual != physical:
        return False
    # the size of a page is not in the text: the first two pages of a run give the step
    return len(run) == 1 or _step(run[-2], run[-1]) == (virtual, physical)


def _step(one: Page, other: Page) -> tuple[int, int]:
    return int(other[0], 16) - int(one[0], 16), int(other[1], 16) - int(one[1], 16)
