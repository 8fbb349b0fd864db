from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.qjson import tokens as lexer
from hmp.qmp.qjson.tokens import KEYWORD, NUMBER, STRING, STRUCTURE, Lexer, MalformedError

Found = tuple[int, bytes] | str
"""A token, or what an error says."""


def lexed(data: bytes, size: int | None = None) -> list[Found]:
    """Return the tokens and errors in pieces of a size, or all in one piece."""
    taker = Lexer()
    found: list[Found] = []
    for start in range(0, len(data), size or len(data)):
        taker.feed(data[start : start + (size or len(data))])
        while True:
            try:
                token = taker.take()
            except MalformedError as error:
                found.append(str(error).removeprefix("JSON parse error, "))
                continue
            if token is None:
                break
            found.append(token)
        assert taker.position == len(data[start : start + (size or len(data))])
    return found


TOKENS: list[tuple[bytes, list[Found]]] = [
    (b"{ }\t[\r\n]:,", [(STRUCTURE, bytes((byte,))) for byte in b"{}[]:,"]),
    (b"\"a\" 'b'", [(STRING, b'"a"'), (STRING, b"'b'")]),
    (rb'"\"" "\\"', [(STRING, rb'"\""'), (STRING, rb'"\\"')]),
    (rb"'\''", [(STRING, rb"'\''")]),
    (rb'"\x"', [(STRING, rb'"\x"')]),  # wrong, but not for the lexer
    (b'"\x7f\x80\xfd"', [(STRING, b'"\x7f\x80\xfd"')]),
    (b"0 -0 1 -12 1.5 -0.5e-3 1E+5 2e7 ", [
        *((NUMBER, text) for text in b"0 -0 1 -12 1.5 -0.5e-3 1E+5 2e7".split()),
    ]),
    (b"true nul ", [(KEYWORD, b"true"), (KEYWORD, b"nul")]),
    (b"1-2 ", [(NUMBER, b"1"), (NUMBER, b"-2")]),
    (b"0e1 ", [(NUMBER, b"0"), (KEYWORD, b"e"), (NUMBER, b"1")]),
    (b"0x1 ", [(NUMBER, b"0"), (KEYWORD, b"x"), (NUMBER, b"1")]),
    (b"1e5e5 ", [(NUMBER, b"1e5"), (KEYWORD, b"e"), (NUMBER, b"5")]),
    (b"a1b ", [(KEYWORD, b"a"), (NUMBER, b"1"), (KEYWORD, b"b")]),
    (b'a"b"c{', [(KEYWORD, b"a"), (STRING, b'"b"'), (KEYWORD, b"c"), (STRUCTURE, b"{")]),
    # what is not over yet
    *((data, []) for data in (b"", b" ", b"1", b"-", b"1.", b"1e", b"1e+", b"true")),
    *((data, []) for data in (b'"', b'"a', b'"\\', b"'", b'\'"')),
]  # fmt: skip

STRAYS: list[tuple[bytes, list[Found]]] = [
    (b"01", ["stray '01'"]),
    (b"-01", ["stray '-01'"]),
    (b"-}", ["stray '-}'"]),
    (b"--1", ["stray '--'"]),
    (b"1.}", ["stray '1.}'"]),
    (b"1.e5", ["stray '1.e'"]),
    (b"1e}", ["stray '1e}'"]),
    (b"1e+}", ["stray '1e+}'"]),
    (b".5", ["stray '.'"]),
    (b"+1", ["stray '+'"]),
    (b"1.5.5", [(NUMBER, b"1.5"), "stray '.'"]),
    (b"True", ["stray 'T'"]),
    (b"a_b", [(KEYWORD, b"a"), "stray '_'"]),
    (b"%d", ["stray '%'"]),
    (b"# x", ["stray '#'"]),
    (b"\x00", ["stray ''"]),
    (b'"a\x00', ["stray '\"a'"]),
    (b'"a\nb"', ["stray '\"a\n'"]),
    (b'"\t"', ["stray '\"\t'"]),
    (b'"\\\n', ["stray '\"\\\n'"]),
    (b"'\x01", ["stray ''\x01'"]),
    (b'"\xff"', ["stray '\"\ufffd'"]),
    (b"\xc3\xa9", ["stray '\ufffd'"]),
    (b'"\xc3\xa9\x01', ["stray '\"\xe9\x01'"]),
    # what is skipped behind an error, and what is not
    (b'@ a "b" 1', ["stray '@'"]),
    (b"@ a{", ["stray '@'", (STRUCTURE, b"{")]),
    (b'@"a,b" ', ["stray '@'", (STRUCTURE, b","), (KEYWORD, b"b")]),
    (b"@\n1 ", ["stray '@'", (NUMBER, b"1")]),
    (b"@\r1 ", ["stray '@'", (NUMBER, b"1")]),
    (b"@\t1 ", ["stray '@'"]),
    (b"@\x01 \x1f", ["stray '@'", "stray '\x01'", "stray '\x1f'"]),
    (b"@\xfd\xfe\xff", ["stray '@'", "stray '\ufffd'", "stray '\ufffd'"]),
    (b"@\x7f\x0c", ["stray '@'", "stray '\x0c'"]),
    (b"-\n@ ", ["stray '-\n'"]),  # the line's end is in the token
]


@pytest.mark.parametrize(("data", "found"), [*TOKENS, *STRAYS])
@pytest.mark.parametrize("size", [None, 1, 2, 3])
def test_tokens_and_errors_are_those_of_qemu(
    data: bytes, found: list[Found], size: int | None
) -> None:
    """In whatever pieces they come; QEMU 7.2 and 10.0 were asked."""
    if data:
        assert lexed(data, size) == found


@given(st.binary(max_size=40), st.integers(1, 5))
def test_pieces_make_no_difference(data: bytes, size: int) -> None:
    """For any bytes at all."""
    assert lexed(data + b"\n", size) == lexed(data + b"\n")


@given(st.text(alphabet="{}[]:,\"'\\ue0123456789.-+truefalsn \n\x01@", max_size=40))
def test_pieces_of_what_looks_like_json_make_no_difference(text: str) -> None:
    """The long way, byte by byte, is the same as the short one."""
    data = text.encode() + b"\n"
    assert lexed(data, 1) == lexed(data)


@pytest.mark.parametrize("quote", [b'"', b""])
def test_a_token_has_a_limit(monkeypatch: pytest.MonkeyPatch, quote: bytes) -> None:
    """What is behind it is taken for another token, as QEMU does."""
    monkeypatch.setattr(lexer, "TOKEN_LIMIT", 10)
    data = quote + b"a" * (11 - len(quote)) + b"bc "

    assert lexed(data, 4) == ["JSON token size limit exceeded", (KEYWORD, b"bc")]


def test_it_knows_whether_it_is_between_tokens() -> None:
    """Not within one, and not while it skips."""
    taker = Lexer()
    for data, between in ((b" ", True), (b"tr", False), (b"ue,", True), (b"@", False)):
        taker.feed(data)
        try:
            while taker.take():
                pass
        except MalformedError:
            taker.take()
        assert taker.between is between, data
