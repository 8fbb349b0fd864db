from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.qemu_opts import (
    OptionsError,
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
        ("a,,b,id=x", [("driver", "a,b"), ("id", "x")]),
        ("e1000,mq,,x=1", [("driver", "e1000"), ("mq", "on"), ("", "on"), ("x", "1")]),
        ("e1000,x=1,,,y=2", [("driver", "e1000"), ("x", "1,"), ("y", "2")]),
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
    found = parse_options(text, "driver").items
    assert [(option.key, option.value) for option in found] == options


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

    found = parse_options(",".join(items), "driver").items
    assert [(option.key, option.value) for option in found] == [("driver", first), *rest]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("e1000,id=a,mq=on,id=b,mq=off", {"id": "a", "driver": "e1000", "mq": "off"}),
        ("e1000,id=a,id=0", {"id": "a", "driver": "e1000"}),
        ("e1000,noid", {"id": "off", "driver": "e1000"}),
        ("id", {"id": "on", "driver": "id"}),
        ("a=1,driver=x", {"a": "1", "driver": "x"}),
    ],
)
def test_the_first_id_and_the_last_of_all_else(text: str, last: dict[str, str]) -> None:
    """QEMU looks for the id on its own, before it knows what the first item is."""
    assert parse_options(text, "driver").last() == last


def no_b(key: str, value: str) -> None:
    """Refuse the key b."""
    if key == "b":
        raise OptionsError("b!")


@pytest.mark.parametrize(
    ("text", "reason", "warned"),
    [
        ("x,a,b=1,c", "b!", ["a"]),
        ("x,b,c", "b!", ["b"]),
        ("x,a,help,b", "", ["a"]),
        ("x,?", "", []),
        ("x,id=1,a,b", "Parameter 'id' expects an identifier", []),
    ],
)
def test_where_keys_are_known(text: str, reason: str, warned: list[str]) -> None:
    """Each option is checked in its turn, and help ends the list."""
    with pytest.raises(OptionsError) as caught:
        parse_options(text, "x", no_b)

    assert str(caught.value) == reason
    advice = [line for line in caught.value.warnings if line.startswith("warning")]
    assert advice == [
        f"warning: short-form boolean option '{word}' deprecated" for word in warned
    ]


def test_what_is_said_about_switches() -> None:
    """A first item without key is none; delay is the opposite of its new name."""
    assert parse_options("x,mq,nodelay,delay,help", "t").warnings() == [
        "warning: short-form boolean option 'mq' deprecated",
        "Please use mq=on instead",
        "warning: short-form boolean option 'nodelay' deprecated",
        "Please use nodelay=on instead",
        "warning: short-form boolean option 'delay' deprecated",
        "Please use nodelay=off instead",
    ]


@given(text=st.text(st.sampled_from("ab01.,=?-_é \0")))
def test_any_text_is_options_or_an_error(text: str) -> None:
    """Nothing else is raised, and an error says why."""
    reason = "none"
    try:
        parse_options(text, "driver")
    except OptionsError as error:
        reason = str(error)

    assert reason
