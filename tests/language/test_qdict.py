from __future__ import annotations

import pytest

from hmp.language.qdict import QDict


def test_it_is_a_dict_in_the_order_of_reading() -> None:
    """Values come back by key, and keys in the order in which they were read."""
    args = QDict()
    args["device"] = "d0"
    args["size"] = 1 << 30

    assert list(args.items()) == [("device", "d0"), ("size", 1 << 30)]
    assert args == {"device": "d0", "size": 1 << 30}


def test_an_absent_optional_is_none() -> None:
    """What was not typed has no key, and ``get`` gives the QMP layer's None."""
    assert "size" not in QDict()
    assert QDict().get("size") is None


@pytest.mark.parametrize(
    ("args", "given"),
    [(QDict(force=True), True), (QDict(), None), (QDict(force=False), None)],
)
def test_a_flag_is_true_or_absent(args: QDict, given: bool | None) -> None:
    """A flag that was not typed is left out of the request, not false."""
    assert args.given("force") is given
