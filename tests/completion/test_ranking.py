from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hmp.completion.ranking import MOST, common_beginning, rank
from hmp.monitor.kinds import natural


@given(st.lists(st.text("ab", min_size=1), min_size=1), st.integers(0, MOST))
def test_what_is_left_out_counts_for_the_common_beginning(
    names: list[str], more: int
) -> None:
    """It is that of all words, not that of the first few hundred."""
    words = [*(f"aab{n}" for n in range(more)), *names]
    found = [word for word, _ in rank("", [(word, "") for word in words])]

    assert len(found) == min(len(words), MOST)
    assert common_beginning(found) == common_beginning(words)


def test_numbers_are_in_the_order_of_their_size() -> None:
    """Also several in a name, and longer ones than a number of the language may be."""
    names = ["node1", "node2", "node10", "node10.1", "node10.02", "node" + "9" * 5000]

    assert [name for name, _ in natural((n, "") for n in reversed(names))] == names
