from __future__ import annotations

import pytest

from hmp.language.args_type import (
    ArgsTypeError,
    compile_args_type,
    derive_params,
    read_arguments,
)
from hmp.language.scan import ArgumentError, Scan

TYPES = "the types are / B F M O S T b i l o s; see hmp/language/letters.py"


def read(args_type: str, text: str) -> dict[str, object]:
    """Read a line's arguments, the command's name aside."""
    scan = Scan(text, 0, "test", {}, ("x", 4))
    read_arguments(compile_args_type(args_type), scan)
    return dict(scan.args)


def test_an_empty_string_has_no_parameters() -> None:
    """A command without arguments has an empty args_type."""
    assert compile_args_type("") == ()


def test_parameters_are_in_their_order_with_their_marks() -> None:
    """Each entry becomes a parameter that knows its key, letter and marks."""
    found = compile_args_type("force:-f,format:-gs,fmt:/,addr:l,index:i.,size:o?,rest:S?")

    assert [
        (item.key, item.type.letter, item.optional, item.dotted, item.is_flag)
        for item in found
    ] == [
        ("force", "f", False, False, True),
        ("format", "g", False, False, True),
        ("fmt", "/", False, False, False),
        ("addr", "l", False, False, False),
        ("index", "i", False, True, False),
        ("size", "o", True, False, False),
        ("rest", "S", True, False, False),
    ]
    assert [item.skippable for item in found] == [True] * 3 + [False, True, False, False]


@pytest.mark.parametrize("letter", [*"sFBSilMoTb/", "-x", "-xs"])
def test_every_letter_of_qemu_is_known(letter: str) -> None:
    """All letters that QEMU's tables may use compile."""
    (parameter,) = compile_args_type(f"key:{letter}")

    assert parameter.key == "key"


@pytest.mark.parametrize("key", ["device", "netdev", "object"])
def test_option_lists_are_named_by_their_list(key: str) -> None:
    """``O`` has a key that says which first key is implied."""
    (parameter,) = compile_args_type(f"{key}:O")

    assert parameter.type.letter == "O"


@pytest.mark.parametrize(
    ("args_type", "reason"),
    [
        ("a", "no 'key:T' with a known type at column 1"),
        ("a:", "no 'key:T' with a known type at column 1"),
        (":s", "no 'key:T' with a known type at column 1"),
        ("a:s,b", "no 'key:T' with a known type at column 5"),
        ("a:s b:s", "no 'key:T' with a known type at column 1"),
        ("a:s,,b:s", "no 'key:T' with a known type at column 5"),
        ("a:s, b:s", "no 'key:T' with a known type at column 5"),
        ("1a:s", "no 'key:T' with a known type at column 1"),
        ("a:ss", "no 'key:T' with a known type at column 1"),
        ("a:s??", "no 'key:T' with a known type at column 1"),
        ("a:-", "no 'key:T' with a known type at column 1"),
        ("a:-fx", "no 'key:T' with a known type at column 1"),
        ("a:-1", "no 'key:T' with a known type at column 1"),
        ("a:*", "no 'key:T' with a known type at column 1"),
        (
            "-a,device:B?",
            "no 'key:T' with a known type at column 1;"
            " a flag has a key, too, as in 'all:-a'",
        ),
        ("a:s,", "nothing after the last ','"),
        ("a:q", f"unknown type 'q'; {TYPES}"),
        ("a:f", f"unknown type 'f'; {TYPES}"),
        ("a:s,a:s", "'a' comes twice"),
        ("a:-a,b:s,a:i", "'a' comes twice"),
        ("all:-a,any:-a", "'-a' comes twice"),
        ("all:-a,any:-as", "'-a' comes twice"),
        ("a:s?,b:s", "'b' must be optional since 'a' before it is"),
        ("a:i?,b:-f,c:l", "'c' must be optional since 'a' before it is"),
        ("a:S,b:s", "nothing can follow an 'S'"),
        ("a:S?,b:s?", "nothing can follow an 'S'"),
        ("a:S,b:-f", "nothing can follow an 'S'"),
        ("a:-f?", "'a' cannot have '?'"),
        ("a:-fs?", "'a' cannot have '?'"),
        ("a:-f.", "'a' cannot have '.'"),
        ("fmt:/?", "'fmt' cannot have '?'"),
        ("fmt:/.", "'fmt' cannot have '.'"),
        ("device:O?", "'device' cannot have '?'"),
        ("a:s.", "'a' cannot have '.'"),
        ("a:o.", "'a' cannot have '.'"),
        ("a:b.", "'a' cannot have '.'"),
        ("a:S.", "'a' cannot have '.'"),
        ("a:T.", "'a' cannot have '.'"),
        ("options:O", "'options:O' must be one of device, netdev, object"),
    ],
)
def test_an_args_type_that_means_nothing(args_type: str, reason: str) -> None:
    """It is refused when the entry is made, and the text says where it is wrong."""
    with pytest.raises(ArgsTypeError) as caught:
        compile_args_type(args_type)

    assert str(caught.value) == f"args_type {args_type!r}: {reason}"


@pytest.mark.parametrize(
    ("args_type", "text", "args"),
    [
        ("", "", {}),
        ("", "  ", {}),
        ("a:s", "x", {"a": "x"}),
        ("a:s,b:s?", "x", {"a": "x"}),
        ("a:s,b:s?", "x y", {"a": "x", "b": "y"}),
        ("f:-f,a:s", "x", {"a": "x"}),
        ("f:-f,a:s", "-f x", {"f": True, "a": "x"}),
        ("f:-f,g:-g,a:s", "-g x", {"g": True, "a": "x"}),
        ("f:-f,g:-g,a:s", "-f -g x", {"f": True, "g": True, "a": "x"}),
        ("f:-f,g:-g,a:s", "-fx", {"f": True, "a": "x"}),
        ("f:-f,g:-g,a:s", "-g -f", {"g": True, "a": "-f"}),
        ("a:s,f:-fs,b:s?", "x -f y z", {"a": "x", "f": "y", "b": "z"}),
        ("a:s,f:-fs,b:s?", "x z", {"a": "x", "b": "z"}),
        ("a:i,b:i.", "5", {"a": 5}),
        ("a:i,b:i.", "5.6", {"a": 5, "b": 6}),
        ("a:i,b:i.,c:i?", "5 6", {"a": 5, "c": 6}),
        ("a:B,s:S", "d0   x  y ", {"a": "d0", "s": "x  y "}),
    ],
)
def test_arguments_are_read_in_the_order_of_the_table(
    args_type: str, text: str, args: dict[str, object]
) -> None:
    """Flags may be left out, optional arguments only at the end."""
    assert read(args_type, text) == args


@pytest.mark.parametrize(
    ("args_type", "text", "message", "column"),
    [
        ("", "x", "test: extraneous characters at the end of line", 0),
        ("a:s", "x  y", "test: extraneous characters at the end of line", 3),
        ("a:i", "1 2", "test: extraneous characters at the end of line", 2),
        ("a:s", "", "test: string expected", 0),
    ],
)
def test_arguments_that_are_not_there_or_too_many(
    args_type: str, text: str, message: str, column: int
) -> None:
    """What is missing or left over is refused."""
    with pytest.raises(ArgumentError) as caught:
        read(args_type, text)

    assert (caught.value.message, caught.value.column) == (message, column)


@pytest.mark.parametrize(
    ("args_type", "params"),
    [
        ("", ""),
        ("device:B", "device"),
        ("force:-f,device:B,size:o?", "[-f] device [size]"),
        ("file:F,format:-fs", "file [-f format]"),
        ("fmt:/,addr:l", "/fmt addr"),
        ("addr:i,index:i.", "addr [.index]"),
    ],
)
def test_params_as_help_shows_them(args_type: str, params: str) -> None:
    """What the table does not word itself is derived from the args_type."""
    assert derive_params(compile_args_type(args_type)) == params
