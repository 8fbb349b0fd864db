from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.qjson.strings import StringError, decode_string, decode_utf8, shown

INVALID = "invalid UTF-8 sequence in string"
ESCAPE = "invalid escape sequence in string"


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (b'""', ""),
        (b"''", ""),
        (b'"abc"', "abc"),
        (b"'it\\'s'", "it's"),
        (b'"it\'s"', "it's"),
        (b"'\"'", '"'),
        (rb'"\b\f\n\r\t\/\\\""', '\b\f\n\r\t/\\"'),
        (rb'"\u0041\u00e9\u20AC"', "A\xe9\u20ac"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud800\udc00"', "\U00010000"),
        (rb'"\udbff\udffd"', "\U0010fffd"),
        (rb'"\ud7ff"', "\ud7ff"),
        (rb'"\ue000"', "\ue000"),
        (rb'"\u0000"', "\0"),
        (b'"\xc0\x80"', "\0"),
        ('"é€😀"'.encode(), "é€😀"),
        (b'"\x7f"', "\x7f"),
        (rb'"\ufdf0\ufffd"', "\ufdf0\ufffd"),
    ],
)
def test_strings_are_what_qemu_takes_them_for(token: bytes, text: str) -> None:
    """Both kinds of quotes, the escapes, UTF-8 with a NUL of two bytes."""
    assert decode_string(token) == text


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        *((b'"' + data + b'"', INVALID) for data in (
            b"\xc3", b"\xe2\x82", b"\x80", b"\xc0\xaf", b"\xe0\x80\x80", b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xef\xbf\xbf", b"\xef\xb7\x90",
            b"\xf0\x9f\xbf\xbf", b"a\xe9b",
        )),
        *((rf'"\{char}"'.encode(), ESCAPE) for char in "xva0U8"),
        (b'"\\\xc3\xa9"', ESCAPE),
        (rb'"\ud83d\ue000"', r"\ud83d is not a valid Unicode character"),
        (rb'"\ud83d\udbff"', r"\ud83d is not a valid Unicode character"),
        (rb'"\udc00\udc00"', r"\udc00 is not a valid Unicode character"),
        (rb'"\udfff"', r"\udfff is not a valid Unicode character"),
        (rb'"\ud83d"', r"\ud83d is not a valid Unicode character"),
        (rb'"\uDE00"', r"\uDE00 is not a valid Unicode character"),
        (rb'"\ud83d\u0041"', r"\ud83d is not a valid Unicode character"),
        (rb'"\ud83d\ude"', r"\ud83d is not a valid Unicode character"),
        (rb'"\uffff"', r"\uffff is not a valid Unicode character"),
        (rb'"\ufdd0"', r"\ufdd0 is not a valid Unicode character"),
        (rb'"\udbff\udfff"', r"\udbff\udfff is not a valid Unicode character"),
        (rb'"\u12"', r'\u12" is not a valid Unicode character'),
        (rb'"\u12\x"', r"\u12\x is not a valid Unicode character"),
        (rb'"\u+123"', r"\u+123 is not a valid Unicode character"),
        (b'"\\u000\xc3\xa9"', "\\u000\ufffd is not a valid Unicode character"),
        ('"\\u€"'.encode(), '\\u€" is not a valid Unicode character'),
        # the first of several
        (b'"\\x\xc3"', ESCAPE),
        (b'"\xc3\\x"', INVALID),
    ],
)  # fmt: skip
def test_what_qemu_refuses_has_its_reason(token: bytes, reason: str) -> None:
    """In its words."""
    with pytest.raises(StringError) as caught:
        decode_string(token)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"abc", "abc"),
        (b"a\0b", "a"),
        (b"\xc3\xa9", "\xe9"),
        (b"\xc0\x80x", "\0x"),
        (b"\xc3x", "\ufffdx"),
        (b"\x80\x80", "\ufffd\ufffd"),
        (b"\xe2\x82x", "\ufffdx"),
        (b"\xed\xa0\x80", "\ufffd"),
        (b"\xf8\x88\x80\x80\x80", "\ufffd"),
        (b"\xfd\x80\x80\x80\x80\x80", "\ufffd"),
        (b"\xf0\xff", "\ufffd\ufffd"),
        (b"\xef\xbf\xbf", "\ufffd"),
    ],
)
def test_any_bytes_can_be_shown(data: bytes, text: str) -> None:
    """A sequence that is wrong is one character, up to the first NUL."""
    assert shown(data) == text


@given(st.text())
def test_python_and_we_agree_on_proper_strings(text: str) -> None:
    """Written by Python with and without escapes, they read back."""
    for ascii_only in (True, False):
        try:
            token = json.dumps(text, ensure_ascii=ascii_only).encode()
            decoded = decode_string(token)
        except (StringError, UnicodeEncodeError):
            with pytest.raises((StringError, UnicodeEncodeError)):
                decode_utf8(text.encode())
        else:
            assert decoded == text


# a token's backslash is never its last byte: a quote behind one is part of the string
_INSIDES = st.lists(
    st.binary().map(lambda data: data.replace(b"\\", b""))
    | st.binary(min_size=1, max_size=1).map(lambda data: b"\\" + data)
).map(b"".join)


@given(_INSIDES)
def test_nothing_else_is_ever_raised(data: bytes) -> None:
    """Whatever the bytes are."""
    shown(data)
    with suppress(StringError):
        decode_string(b'"' + data + b'"')
