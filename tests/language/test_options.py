from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.options import (
    OptionsError,
    parse_keyval,
    parse_options,
    split_items,
    well_formed_id,
)

LETTERS = "abcxyzABC019"
WORDS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=5)
VALUES = st.text(max_size=8).filter(lambda text: "\0" not in text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a,,b", ["a,b"]),
        ("a,,,b", ["a,", "b"]),
        ("a,,,,b", ["a,,b"]),
        (",a", ["", "a"]),
        (",,a", [",a"]),
        ("a,", ["a", ""]),
    ],
)
def test_a_doubled_comma_is_a_comma(text: str, items: list[str]) -> None:
    """Items are parted by single commas, and pairs are taken from the left."""
    assert split_items(text) == items


@given(items=st.lists(VALUES.filter(lambda item: item[:1] not in ("", ",")), min_size=1))
def test_items_come_back_from_their_list(items: list[str]) -> None:
    """Any items, their commas doubled, are those that are split off again.

    Empty ones aside, and those that begin with a comma: three commas in a row can be
    read in two ways.
    """
    assert split_items(",".join(item.replace(",", ",,") for item in items)) == items


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("a", True),
        ("net0", True),
        ("A.b-c_d", True),
        ("", False),
        ("0", False),
        ("_a", False),
        ("a b", False),
        ("a/b", False),
        ("é", False),
        ("aé", False),
        ("a\n", False),
    ],
)
def test_ids(text: str, well_formed: bool) -> None:
    """An id is an ASCII letter and then letters, digits and three signs."""
    assert well_formed_id(text) is well_formed


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", []),
        ("e1000", [("driver", "e1000")]),
        ("driver=e1000", [("driver", "e1000")]),
        ("e1000,id=n0", [("driver", "e1000"), ("id", "n0")]),
        ("e1000,mq", [("driver", "e1000"), ("mq", "on")]),
        ("e1000,nomq", [("driver", "e1000"), ("mq", "off")]),
        ("e1000,id", [("driver", "e1000"), ("id", "on")]),
        ("e1000,no", [("driver", "e1000"), ("", "off")]),
        ("a=1,a=2", [("a", "1"), ("a", "2")]),
        ("x=,y=1", [("x", ""), ("y", "1")]),
        ("x=a=b", [("x", "a=b")]),
        ("x=a,,b,y=c", [("x", "a,b"), ("y", "c")]),
        ("help", [("driver", "help")]),
        ("e1000,help", [("driver", "e1000"), ("help", "on")]),
        ("e1000,", [("driver", "e1000")]),
        (",id=x", [("driver", ""), ("id", "x")]),
        ("=x", [("", "x")]),
    ],
)
def test_qemu_opts(text: str, options: list[tuple[str, str]]) -> None:
    """The first item may leave out its key; others without a value are switches."""
    assert parse_options(text, "driver") == options


@pytest.mark.parametrize("text", ["id=1", "null,id=", "id=a b", "e1000,id=é"])
def test_qemu_opts_with_a_bad_id(text: str) -> None:
    """An id is checked where the list is parsed."""
    with pytest.raises(OptionsError, match=r"^Parameter 'id' expects an identifier$"):
        parse_options(text, "driver")


@given(
    first=WORDS,
    rest=st.lists(st.tuples(WORDS.filter(lambda key: key != "id"), VALUES)),
)
def test_qemu_opts_come_back(first: str, rest: list[tuple[str, str]]) -> None:
    """Any keys and values, written as a list, are read as they were."""
    items = [first, *(f"{key}={value}".replace(",", ",,") for key, value in rest)]

    assert parse_options(",".join(items), "driver") == [("driver", first), *rest]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", {}),
        ("iothread", {"qom-type": "iothread"}),
        ("qom-type=iothread,id=a", {"qom-type": "iothread", "id": "a"}),
        ("t,a=1,a=2", {"qom-type": "t", "a": "2"}),
        ("t,a.b=1,a.c=2", {"qom-type": "t", "a": {"b": "1", "c": "2"}}),
        ("t,n.0=x,n.1=y", {"qom-type": "t", "n": ["x", "y"]}),
        ("t,n.1=y,n.0=x", {"qom-type": "t", "n": ["x", "y"]}),
        ("t,a.0.b=1,a.1.b=2", {"qom-type": "t", "a": [{"b": "1"}, {"b": "2"}]}),
        ("t,a=x,,y", {"qom-type": "t", "a": "x,y"}),
        ("t,a=", {"qom-type": "t", "a": ""}),
        ("t,a=b=c", {"qom-type": "t", "a": "b=c"}),
        ("t,", {"qom-type": "t"}),
        ("help", {"help": True}),
        ("?", {"help": True}),
        ("t,help", {"qom-type": "t", "help": True}),
        ("t,?", {"qom-type": "t", "help": True}),
        ("0=x", {"0": "x"}),
        ("x-y_z.a=1", {"x-y_z": {"a": "1"}}),
    ],
)
def test_keyval(text: str, members: dict[str, Any]) -> None:
    """Dotted keys are nested, and numbers among them are places in a list."""
    assert parse_keyval(text, "qom-type") == members


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("t,x", "Expected '=' after parameter 'x'"),
        ("t,noopt", "Expected '=' after parameter 'noopt'"),
        (",a=1", "Invalid parameter ''"),
        ("=x", "Invalid parameter ''"),
        ("t,.a=1", "Invalid parameter '.a'"),
        ("t,a.=1", "Invalid parameter 'a.'"),
        ("t,a..b=1", "Invalid parameter 'a..b'"),
        ("t,a b=1", "Invalid parameter 'a b'"),
        ("t,é=1", "Invalid parameter 'é'"),
        ("t,a=1,a.b=2", "Parameters 'a.*' used inconsistently"),
        ("t,a.b=2,a=1", "Parameters 'a.*' used inconsistently"),
        ("t,a.b.c=2,a.b=1", "Parameters 'a.b.*' used inconsistently"),
        ("t,a.0=1,a.b=2", "Parameters 'a.*' used inconsistently"),
        ("t,a.1=1", "Parameter 'a.0' is missing"),
        ("t,a.0=1,a.2=2", "Parameter 'a.1' is missing"),
        ("t,a.99999999999999999999=1", "Parameter 'a.0' is missing"),
    ],
)
def test_keyval_errors(text: str, reason: str) -> None:
    """What does not fit together is refused in QEMU's words."""
    with pytest.raises(OptionsError) as caught:
        parse_keyval(text, "qom-type")

    assert str(caught.value) == reason


NESTED = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(
            WORDS.filter(lambda key: not key.isdigit()), inner, min_size=1, max_size=3
        ),
    ),
    max_leaves=8,
)


def items_of(value: Any, path: str) -> list[str]:
    """Write a value as items of a keyval list."""
    if isinstance(value, str):
        return [f"{path}={value}".replace(",", ",,")]
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    prefix = f"{path}." if path else ""
    return [item for key, child in pairs for item in items_of(child, f"{prefix}{key}")]


@given(members=st.dictionaries(WORDS, NESTED, min_size=1, max_size=4))
def test_keyval_comes_back(members: dict[str, Any]) -> None:
    """Any nested value, written with dotted keys, is read as it was."""
    assert parse_keyval(",".join(items_of(members, "")), "qom-type") == members


@given(
    text=st.text(st.sampled_from("ab01.,=?-_é \0")),
    parse=st.sampled_from([parse_options, parse_keyval]),
)
def test_any_text_is_options_or_an_error(
    text: str, parse: Callable[[str, str], object]
) -> None:
    """Neither dialect raises anything else, and an error says why."""
    reason = "none"
    try:
        parse(text, "driver")
    except OptionsError as error:
        reason = str(error)

    assert reason
