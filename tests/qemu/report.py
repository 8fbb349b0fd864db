"""What came of lines that both monitors answered, and what is left without a reason."""

from __future__ import annotations

from tests.qemu.differential import Answer
from tests.qemu.exceptions import FORWARDED, Exempt

ENOUGH = 0.99
"""The share of the lines that must be equal."""


class Report:
    """What came of the lines of one configuration on one release of QEMU.

    different: which lines may differ. used: which exceptions were needed. unexplained:
    answers that differ without a reason; leaked: lines that QEMU's monitor was given.
    """

    def __init__(
        self, release: str, answers: list[Answer], different: list[Exempt]
    ) -> None:
        self.lines = len(answers)
        unequal = [answer for answer in answers if not answer.equal]
        self.equal = self.lines - len(unequal)
        self.used: set[Exempt] = set()
        self.unexplained = self._left(unequal, different, release)
        # what QEMU does not have at all its monitor has to say
        forwarded = [a for a in answers if a.forwarded and not _unknown(a)]
        self.leaked = self._left(forwarded, FORWARDED, release)

    def _left(
        self, answers: list[Answer], table: list[Exempt], release: str
    ) -> list[Answer]:
        """Return what the table does not cover; keep which entries were needed."""
        left = []
        for answer in answers:
            found = [exempt for exempt in table if exempt.covers(answer, release)]
            self.used.update(found)
            if not found:
                left.append(answer)
        return left

    def __str__(self) -> str:
        share = self.equal / self.lines
        return f"{self.lines} lines, {self.equal} equal ({share:.2%})"


def _unknown(answer: Answer) -> bool:
    return answer.theirs.startswith(("unknown command: ", "Command "))
