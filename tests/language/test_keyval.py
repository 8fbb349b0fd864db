from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.keyval import AmbiguousIndexError, parse_keyval
from hmp.language.qemu_opts import OptionsError

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,4}", fullmatch=True)
VALUES = st.text(max_size=8).filter(lambda text: "\0" not in text)


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
        ("t,n.01=y,n.0=x", {"qom-type": "t", "n": ["x", "y"]}),
        ("t,__org.x_a.b=1", {"qom-type": "t", "__org.x_a": {"b": "1"}}),
        ("x-y_z.a=1", {"x-y_z": {"a": "1"}}),
    ],
)
def test_keyval(text: str, members: dict[str, Any]) -> None:
    """Dotted keys are nested, and numbers among them are places in a list."""
    assert parse_keyval(text, "qom-type") == (members, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("t,x", "Expected '=' after parameter 'x'"),
        ("t,noopt", "Expected '=' after parameter 'noopt'"),
        (",a=1", "Invalid parameter ''"),
        ("t,0=x", "Invalid parameter '0'"),
        ("t,a,,b=1", "Expected '=' after parameter 'a'"),
        ("t,,,id=x", "Invalid parameter ''"),
        ("t,,id=x", "Invalid parameter ''"),
        ("t,_a=1", "Invalid parameter '_a'"),
        ("t,a.-1=1", "Invalid parameter 'a.-1'"),
        ("t,a.0x=1", "Invalid parameter 'a.0x'"),
        (f"t,{'a' * 128}=1", f"Parameter '{'a' * 128}' is too long"),
        (f"t,a.{'b' * 128}=1", f"Parameter fragment '{'b' * 128}' is too long"),
        (f"t,{'a.' * 3000}b=1", f"Parameter '{'a.' * 3000}b' has too many parts"),
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
        ("t,a.1=1", "Parameter 'a.0' missing"),
        ("t,a.0=1,a.2=2", "Parameter 'a.1' missing"),
        ("t,a.99999999999999999999=1", "Parameter 'a.0' missing"),
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
    assert parse_keyval(",".join(items_of(members, "")), "qom-type").members == members


@pytest.mark.parametrize("text", ["help", "?", "t,help", "t,?", "a=1,help,b=2"])
def test_a_wish_for_help(text: str) -> None:
    """It may stand anywhere, even first."""
    assert parse_keyval(text, "qom-type").help


@pytest.mark.parametrize("text", ["t,l.0=a,l.00=b", "t,l.1.x=1,l.00=a,l.0=b,l.01.y=2"])
def test_one_place_in_two_spellings(text: str) -> None:
    """Which of both QEMU takes, only it knows: its hash tables decide."""
    with pytest.raises(AmbiguousIndexError):
        parse_keyval(text, "qom-type")


@given(text=st.text(st.sampled_from("ab01.,=?-_é \0")))
def test_any_text_is_members_or_an_error(text: str) -> None:
    """Nothing else is raised, and an error says why."""
    reason = "none"
    try:
        parse_keyval(text, "qom-type")
    except OptionsError as error:
        reason = str(error)

    assert reason
