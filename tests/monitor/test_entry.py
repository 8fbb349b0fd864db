from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from hmp.monitor.entry import DESTRUCTIVE, Entry, TableError
from hmp.monitor.kinds import Kind

TYPES = "the types are / B F M O S T b i l o s; see hmp/language/letters.py"


async def handler(mon: object, args: object) -> Any:
    """Do nothing."""


def plain(mon: object, args: object) -> Any:
    """Do nothing, and not asynchronously."""


async def too_few(mon: object) -> Any:
    """Take one argument only."""


async def generator(mon: object, args: object) -> Any:
    """Be no coroutine."""
    yield 1


class Callback:
    """A callable object that is not a function."""

    async def __call__(self, mon: object, args: object) -> Any:
        """Do nothing."""


def entry(name: str = "test", **fields: Any) -> Entry[Any]:
    """Return an entry with what it must have."""
    return Entry(name, fields.pop("handler", handler), **{"help": "do it", **fields})


def test_an_entry_knows_all_that_was_declared() -> None:
    """Names, parameters, parameters' display and the rest are there to be read."""
    kind = Kind("block device")
    found = entry(
        "block_resize|br",
        args_type="device:B,size:o?",
        effect=DESTRUCTIVE,
        qmp=["block_resize"],
        kinds={"device": kind},
        secrets=["size"],
        example="block_resize d0 1G",
    )

    assert found.names == ("block_resize", "br")
    assert [parameter.key for parameter in found.parameters] == ["device", "size"]
    assert found.params == "device [size]"
    assert found.qmp == ("block_resize",)
    assert found.kinds == {"device": kind}
    assert found.secrets == ("size",)
    assert found.effect == DESTRUCTIVE
    assert not found.passthrough
    assert repr(found) == "Entry('block_resize|br')"


def test_params_can_be_worded_otherwise() -> None:
    """The display of the parameters is the table's own where it says so."""
    assert entry(args_type="a:s", params="what").params == "what"
    assert entry(args_type="a:s", params="").params == ""


@pytest.mark.parametrize("name", ["a", "a-b_c9", "?", "help|?", "_x", "X"])
def test_names(name: str) -> None:
    """Words that a user can type are names, aliases behind a bar."""
    assert entry(name).names == tuple(name.split("|"))


@pytest.mark.parametrize(
    "name", ["", "a|", "|a", "a b", "9a", "a/b", "a.b", "-a", "é", "a\n"]
)
def test_bad_names(name: str) -> None:
    """What cannot be typed as a word is no name."""
    with pytest.raises(TableError, match="is not a valid command name"):
        entry(name)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"help": ""}, "help must be one line, and not empty"),
        ({"help": "a\nb"}, "help must be one line, and not empty"),
        ({"help": 3}, "help must be a string"),
        ({"args_type": None}, "args_type must be a string"),
        ({"qmp": "query-x"}, "qmp must be a list of strings"),
        ({"qmp": [1]}, "qmp must be a list of strings"),
        ({"secrets": "a", "args_type": "a:s"}, "secrets must be a list of strings"),
        ({"kinds": ["a"], "args_type": "a:s"}, "kinds must map argument keys to kinds"),
        ({"samples": ["a"]}, "samples must map argument keys to kinds"),
        ({"samples": {"a": "x"}}, "the kind of 'a' is not a Kind, but 'x'"),
        ({"arguments": ["a"]}, "arguments must map parts of params to explanations"),
        ({"checks": "yes"}, "checks must be True or False"),
        (
            {"kinds": {"a": "x"}, "args_type": "a:s"},
            "the kind of 'a' is not a Kind, but 'x'",
        ),
        (
            {"failure": "("},
            "failure is not a regular expression: "
            "missing ), unterminated subpattern at position 0",
        ),
        (
            {"effect": "harmless"},
            "unknown effect 'harmless';"
            " the effects are READ, CHANGE and DESTRUCTIVE of hmp.authoring",
        ),
        ({"kinds": {"x": Kind("x")}}, "kinds: no argument 'x' in args_type"),
        (
            {"args_type": "device:B", "kinds": {"devise": Kind("x")}},
            "kinds: no argument 'devise' in args_type; did you mean 'device'?",
        ),
        ({"secrets": ["x"]}, "secrets: no argument 'x' in args_type"),
        ({"args_type": "a"}, "args_type 'a': no 'key:T' with a known type at column 1"),
        ({"args_type": "a:q"}, f"args_type 'a:q': unknown type 'q'; {TYPES}"),
        ({"handler": plain}, "the handler must be 'async def (mon, args)'"),
        ({"handler": too_few}, "the handler must be 'async def (mon, args)'"),
        ({"handler": generator}, "the handler must be 'async def (mon, args)'"),
        ({"handler": Callback()}, "the handler must be 'async def (mon, args)'"),
        ({"handler": partial(handler)}, "the handler must be 'async def (mon, args)'"),
        ({"handler": print}, "the handler must be 'async def (mon, args)'"),
        ({"handler": "handler"}, "the handler must be 'async def (mon, args)'"),
    ],
)
def test_bad_entries(fields: dict[str, Any], reason: str) -> None:
    """An entry that is not right is refused when it is made, by its name."""
    with pytest.raises(TableError) as caught:
        entry(**fields)

    assert str(caught.value) == f"'test': {reason}"


def test_an_entry_with_one_name_twice_is_refused() -> None:
    """Within one entry a name stands once."""
    with pytest.raises(TableError, match="'a\\|a': a name is given twice"):
        entry("a|a")
