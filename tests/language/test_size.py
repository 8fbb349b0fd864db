from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.size import SizeError, read_size, size_text

K, M, G = 1 << 10, 1 << 20, 1 << 30
MAXIMUM = (1 << 64) - 1


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1", 1),
        ("  7", 7),
        ("+7", 7),
        ("007", 7),
        ("1b", 1),
        ("1B", 1),
        ("1k", K),
        ("1K", K),
        ("1m", M),
        ("3G", 3 * G),
        ("1T", 1 << 40),
        ("1P", 1 << 50),
        ("1e", 1 << 60),
        ("15E", 15 << 60),
        ("1.5k", 1536),
        ("1.k", K),
        (".5k", 512),
        ("1.0", 1),
        ("1.", 1),
        ("0.0001k", 0),
        ("0.0005k", 1),
        ("1.0000000000000000000001k", K),
        ("0x10", 16),
        ("0X1f", 31),
        ("0xffffffffffffffff", MAXIMUM),
        ("18446744073709551615", MAXIMUM),
        ("0" * 5000 + "1", 1),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """A size in QEMU's notation is that many bytes, to its end."""
    assert read_size(text, 0) == (size, len(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a size is missing, such as 10G"),
        (" ", "not a number"),
        ("k", "not a number"),
        (".", "not a number"),
        (".k", "not a number"),
        ("+", "not a number"),
        ("-1", "not a number"),
        ("x", "not a number"),
        ("\u0661", "not a number"),
        ("1.5", "a fraction needs a unit"),
        ("1.5B", "a fraction needs a unit"),
        ("0x1k", "a hexadecimal number has neither fraction nor unit"),
        ("0x1.8", "a hexadecimal number has neither fraction nor unit"),
        ("18446744073709551616", "too large"),
        ("16E", "too large"),
        ("0x10000000000000000", "too large"),
        ("9" * 5000, "too large"),
        ("9" * 5000 + "k", "too large"),
        ("0x" + "f" * 5000, "too large"),
    ],
)
def test_what_is_no_size(text: str, reason: str) -> None:
    """What is no size is refused, and the reason is one for people."""
    with pytest.raises(SizeError, match=f"^{reason}$"):
        read_size(text, 0)


@pytest.mark.parametrize(
    ("text", "start", "size", "end"),
    [
        ("1 2", 0, M, 1),
        ("d0 20G", 2, 20 * G, 6),
        ("1x", 0, M, 1),
        ("1kk", 0, K, 2),
        ("0x1", 0, M, 3),
        ("0xg", 0, 0, 1),
        ("1.5 ", 0, 3 << 19, 3),
        ("1b", 0, 1, 2),
    ],
)
def test_a_size_ends_where_anything_may_follow(
    text: str, start: int, size: int, end: int
) -> None:
    """The default suffix is the bare number's; the index stands behind the size."""
    assert read_size(text, start, "M") == (size, end)


@pytest.mark.parametrize("text", [".5G", ".0", " +.5k", ".", "1.5e3", "1.E+1"])
def test_what_only_early_releases_refuse(text: str) -> None:
    """No digit before the point, or an exponent."""
    with pytest.raises(SizeError):
        read_size(text, 0, old=True)
    assert read_size("0.5G", 0, old=True) == (G >> 1, 4)


@pytest.mark.parametrize(
    ("text", "size", "end"),
    [("0x1k", K, 4), ("0x10M", 16 * M, 5), ("0x1B", 0x1B, 4), ("0x1kk", K, 4)],
)
def test_a_unit_after_a_hexadecimal_number(text: str, size: int, end: int) -> None:
    """Releases before 8.1 read it."""
    assert read_size(text, 0, old=True) == (size, end)
    if end == len(text) and not text.endswith("B"):
        with pytest.raises(SizeError):
            read_size(text, 0)


@given(
    whole=st.integers(0, 1 << 66),
    fraction=st.text("0123456789", max_size=12),
    suffix=st.sampled_from("bkmgtpeKMGTPE"),
)
def test_fractions_are_rounded_half_up(whole: int, fraction: str, suffix: str) -> None:
    """The value is the exact one of a fraction as a double, rounded half up."""
    power = "bkmgtpe".index(suffix.lower())
    part = Fraction(float(f"0.{fraction or 0}"))
    expected = math.floor((whole + part) * 1024**power + Fraction(1, 2))
    text = f"{whole}.{fraction}{suffix}"

    if expected > MAXIMUM or (power == 0 and part):
        with pytest.raises(SizeError):
            read_size(text, 0)
    else:
        assert read_size(text, 0) == (expected, len(text))


@given(text=st.text(), start=st.integers(0, 3), default=st.sampled_from("BKMGTPE"))
def test_any_text_is_a_size_or_a_size_error(text: str, start: int, default: str) -> None:
    """Nothing else is raised, and a size is never empty."""
    start = min(start, len(text))
    try:
        size, end = read_size(text, start, default)
    except SizeError:
        return
    assert 0 <= size <= MAXIMUM
    assert start < end <= len(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "0.977 KiB"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (64 * M, "64 MiB"),
        (1000 * K, "0.977 MiB"),
        (G + G // 3, "1.33 GiB"),
        (1 << 40, "1 TiB"),
        (1 << 50, "1 PiB"),
        (1 << 60, "1 EiB"),
        (MAXIMUM, "16 EiB"),
    ],
)
def test_sizes_for_people(size: int, text: str) -> None:
    """Three digits and a binary prefix, as QEMU writes it."""
    assert size_text(size) == text


def in_qemu(size: int) -> str:
    """Write a size by QEMU's own algorithm, with its frexp."""
    _, exponent = math.frexp(size / (1000.0 / 1024.0))
    index = int((exponent - 1) / 10)
    prefix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][index]
    return f"{size / (1 << (index * 10)):0.3g} {prefix}B"


@given(size=st.one_of(st.integers(0, MAXIMUM), st.integers(0, 70 * M)))
def test_sizes_for_people_follow_qemus_algorithm(size: int) -> None:
    """Any size reads as in QEMU's size_to_str."""
    assert size_text(size) == in_qemu(size)


@pytest.mark.parametrize("exponent", range(7))
@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 2])
def test_sizes_for_people_change_their_prefix_where_qemu_does(
    exponent: int, offset: int
) -> None:
    """Around 1000 of a unit the next unit begins, to the byte."""
    size = max(1000 * 1024**exponent + offset, 0)
    if size <= MAXIMUM:
        assert size_text(size) == in_qemu(size)
