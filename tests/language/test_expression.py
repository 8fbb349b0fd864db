from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.language.expression import ExpressionError, evaluate, signed

LOW, HIGH = -(1 << 63), (1 << 63) - 1
DEEP = 100_000
LONG = 20_000


@pytest.mark.parametrize(
    ("value", "wrapped"),
    [(0, 0), (-1, -1), (HIGH, HIGH), (HIGH + 1, LOW), (LOW - 1, HIGH), (1 << 64, 0)],
)
def test_values_wrap_around_at_64_bits(value: int, wrapped: int) -> None:
    """An integer of any size becomes the int64_t with the same lower bits."""
    assert signed(value) == wrapped


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("42", 42),
        ("017", 15),
        ("00", 0),
        ("0x1F", 31),
        ("0Xff", 255),
        ("0b101", 5),
        ("0B11", 3),
        ("'a'", 97),
        ("' '", 32),
        ("'\x7f'", 127),
        ("'''", 39),
        ("'\"'", 34),
        ("18446744073709551615", -1),
        ("9223372036854775808", LOW),
        ("0xffffffffffffffff", -1),
        ("0x" + "0" * 5000 + "1", 1),
        ("0" * 5000 + "17", 15),
        ("-1", -1),
        ("+1", 1),
        ("~0", -1),
        ("--1", 1),
        ("-~+-1", 0),
        ("(1)", 1),
        (" ( 1 ) ", 1),
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("7&3+1", 4),
        ("7&(3+1)", 4),
        ("6&3+1", 3),
        ("6&(3+1)", 4),
        ("1-2*3", -5),
        ("1|2^2", 1),
        ("1|(2^2)", 1),
        ("5&2*3", 4),
        ("10-4-3", 3),
        ("100/10/5", 2),
        ("7%4%2", 1),
        ("-7/2", -3),
        ("7/-2", -3),
        ("-7%3", -1),
        ("7%-3", 1),
        ("0x8000000000000000/-1", LOW),
        ("0x8000000000000000%-1", 0),
        ("9223372036854775807+1", LOW),
        ("0x100000000*0x100000000", 0),
        ("2*-3", -6),
        ("1 + 2", 3),
        ("1\t+\v2\f", 3),
    ],
)
def test_values(text: str, value: int) -> None:
    """The whole text is an expression, and QEMU's value of it is ours."""
    assert evaluate(text, 0) == (value, len(text))


@pytest.mark.parametrize(
    ("text", "start", "value", "end"),
    [
        ("1 2", 0, 1, 2),
        ("x 1", 2, 1, 3),
        ("  1", 0, 1, 3),
        ("1)", 0, 1, 1),
        ("08", 0, 0, 1),
        ("0x", 0, 0, 1),
        ("0b2", 0, 0, 1),
        ("1x", 0, 1, 1),
        ("0x60.1", 0, 0x60, 4),
        ("1,2", 0, 1, 1),
        ("1~2", 0, 1, 1),
        ("1(2)", 0, 1, 1),
        ("1'a'", 0, 1, 1),
        ("1 /2", 0, 0, 4),
        ("5-", 0, None, 2),
    ],
)
def test_an_expression_ends_at_what_cannot_continue_it(
    text: str, start: int, value: int | None, end: int
) -> None:
    """The next argument begins at the first character that does not belong."""
    if value is None:
        with pytest.raises(ExpressionError):
            evaluate(text, start)
    else:
        assert evaluate(text, start) == (value, end)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "unexpected end of expression", 0),
        ("  ", "unexpected end of expression", 2),
        ("1+", "unexpected end of expression", 2),
        ("-", "unexpected end of expression", 1),
        ("(", "unexpected end of expression", 1),
        ("(1", "')' expected", 2),
        ("((1)", "')' expected", 4),
        ("(1 x", "')' expected", 3),
        ("()", "invalid char ')' in expression", 1),
        ("x", "invalid char 'x' in expression", 0),
        ("1+*2", "invalid char '*' in expression", 2),
        ("16 /tmp/x", "invalid char 't' in expression", 4),
        ("é", "invalid char '\ufffd' in expression", 0),
        ("'", "character constant expected", 1),
        ("'a", "missing terminating ' character", 2),
        ("'ab'", "missing terminating ' character", 2),
        ("''", "missing terminating ' character", 2),
        ("'é'", "missing terminating ' character", 2),
        ("18446744073709551616", "number too large", 0),
        ("1+0x10000000000000000", "number too large", 2),
        ("9" * 5000, "number too large", 0),
        ("1" + "0" * 5000, "number too large", 0),
        ("1/0", "division by zero", 1),
        ("1%0", "division by zero", 1),
        ("1/(2-2)", "division by zero", 1),
        ("1/0+x", "division by zero", 1),
        ("1/0*x", "division by zero", 1),
    ],
)
def test_errors_in_the_monitors_words(text: str, message: str, column: int) -> None:
    """Each error has QEMU's words and the column of what is wrong."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, 0)

    assert (caught.value.message, caught.value.column) == (message, column)
    assert caught.value.register is None


def test_registers_have_the_values_that_are_known() -> None:
    """A register's name is letters, digits, underscore and dot."""
    registers = {"rsp": 0x1000, "cs.base": 7, "r8_d": -1}

    assert evaluate("$rsp+8*2", 0, registers) == (0x1010, 8)
    assert evaluate("$cs.base - $r8_d", 0, registers) == (8, 16)
    assert evaluate("($rsp)", 0, registers) == (0x1000, 6)


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [("$rip", "rip", 0), ("1+$a.b+2", "a.b", 2), ("$", "", 0), ("$-1", "", 0)],
)
def test_an_unknown_register_is_named(text: str, name: str, column: int) -> None:
    """Who can ask the machine for a register learns which one is missing."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, 0, {"rsp": 1})

    assert caught.value.register == name
    assert caught.value.column == column
    assert caught.value.message == "unknown register"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(" * DEEP + "7" + ")" * DEEP, 7),
        ("-" * LONG + "7", 7),
        ("~" * (LONG + 1) + "7", -8),
        ("-(" * LONG + "7" + ")" * LONG, 7),
        ("1+(" * LONG + "0" + ")" * LONG, LONG),
        ("1+" * LONG + "1", LONG + 1),
        ("2-" * LONG + "2", 2 - 2 * LONG),
        ("1*" * LONG + "3", 3),
    ],
)
def test_depth_and_length_cost_no_frames(text: str, value: int) -> None:
    """Any number of parentheses, signs or operators is read like one."""
    assert evaluate(text, 0) == (value, len(text))


@pytest.mark.parametrize("text", ["(" * DEEP, "-" * LONG, "(" * DEEP + "1", "1+(" * LONG])
def test_depth_that_ends_too_early_is_an_error(text: str) -> None:
    """What is not closed is an error, however deep."""
    with pytest.raises(ExpressionError):
        evaluate(text, 0)


class I64:
    """The model: a 64-bit integer of C, for Python's eval to compute with."""

    def __init__(self, value: int) -> None:
        self.value = (value + (1 << 63)) % (1 << 64) - (1 << 63)

    def __add__(self, other: I64) -> I64:
        return I64(self.value + other.value)

    def __sub__(self, other: I64) -> I64:
        return I64(self.value - other.value)

    def __mul__(self, other: I64) -> I64:
        return I64(self.value * other.value)

    def __and__(self, other: I64) -> I64:
        return I64(self.value & other.value)

    def __or__(self, other: I64) -> I64:
        return I64(self.value | other.value)

    def __xor__(self, other: I64) -> I64:
        return I64(self.value ^ other.value)

    def __truediv__(self, other: I64) -> I64:
        return I64(math.trunc(Fraction(self.value, other.value)))

    def __mod__(self, other: I64) -> I64:
        return I64(self.value - other.value * (self / other).value)

    def __neg__(self) -> I64:
        return I64(-self.value)

    def __pos__(self) -> I64:
        return self

    def __invert__(self) -> I64:
        return I64(~self.value)


Chain = list[str]
"""Operands and binary operators in turn, as QEMU's language has them."""
CLASSES = ("+-", "&|^", "*/%")


def in_python(chain: Chain) -> str:
    """Parenthesise a chain by QEMU's precedences, which are not Python's."""
    for operators in CLASSES:
        for index in range(len(chain) - 2, 0, -2):
            if chain[index] in operators:
                left, right = in_python(chain[:index]), in_python(chain[index + 1 :])
                return f"({left}{chain[index]}{right})"
    return chain[0]


class Text:
    """An expression: as QEMU's monitor reads it, and as Python's eval does."""

    def __init__(self, ours: str, python: str) -> None:
        self.ours = ours
        self.python = python

    def __repr__(self) -> str:
        return f"{self.ours}  {self.python}"


def literal(value: int, write: Callable[[int], str]) -> Text:
    """Write a number."""
    return Text(write(value), f"I64({value})")


def in_c(value: int) -> str:
    """Write a number in octal."""
    return f"0{value:o}"


BLANK = st.sampled_from(["", "", "", " ", "\t", "  "])


def chains(operands: st.SearchStrategy[Text]) -> st.SearchStrategy[Text]:
    """Return chains of operands, with signs and blanks anywhere."""
    signed_operands = st.builds(
        lambda signs, operand: Text(
            "".join(signs) + operand.ours, f"({''.join(signs)}{operand.python})"
        ),
        st.lists(st.sampled_from(["+", "-", "~", "- "]), max_size=2),
        operands,
    )

    def chain(first: Text, rest: list[tuple[str, str, str, Text]]) -> Text:
        ours, parts = first.ours, [first.python]
        for before, operator, after, operand in rest:
            ours += before + operator + after + operand.ours
            parts += [operator, operand.python]
        return Text(ours, in_python(parts))

    step = st.tuples(BLANK, st.sampled_from("+-*/%&|^"), BLANK, signed_operands)
    return st.builds(chain, signed_operands, st.lists(step, max_size=6))


NUMBERS = st.builds(
    literal,
    st.one_of(st.integers(0, 9), st.integers(0, (1 << 64) - 1)),
    st.sampled_from([str, hex, in_c]),
)
EXPRESSIONS = chains(
    st.recursive(
        NUMBERS,
        lambda inner: chains(inner).map(
            lambda text: Text(f"({text.ours} )", f"({text.python})")
        ),
        max_leaves=8,
    )
)


@settings(deadline=None)
@given(text=EXPRESSIONS)
def test_random_expressions_have_the_models_value(text: Text) -> None:
    """Precedence, grouping, signs and wrap-around are QEMU's, whatever is combined."""
    try:
        expected: I64 = eval(text.python, {"I64": I64})
    except ZeroDivisionError:
        with pytest.raises(ExpressionError, match=r"^division by zero$"):
            evaluate(text.ours, 0)
        return

    assert evaluate(text.ours, 0) == (expected.value, len(text.ours))


@given(text=st.text(st.sampled_from("0189abxX'$()+-*/%&|^~ .\té")))
def test_any_text_is_a_value_or_an_expression_error(text: str) -> None:
    """Nothing else is raised, and both tell a place within the text."""
    try:
        value, place = evaluate(text, 0)
    except ExpressionError as error:
        value, place = 0, error.column

    assert LOW <= value <= HIGH
    assert 0 <= place <= len(text)
