"""Integer expressions of the monitor, as in ``x/4xw $rsp+8*2``.

QEMU's grammar, which is not C's: ``* / %`` bind tightest, then ``& | ^``, then
``+ -``; all are left associative, and values are 64-bit and signed, wrapping
around. Operands are C integer literals, ``'c'`` character constants, ``$name``
registers and parentheses, with the unary operators ``+ - ~``. An expression ends
at the first character that cannot continue it; the next argument begins there.
Registers come in as a mapping: nothing here asks a machine.

Binary literals (``0b101``) are read if the caller says so: QEMU reads them when its C
library does (glibc from 2.38 on).
"""

import re
from collections.abc import Mapping

from hmp.language.words import first_byte, skip_blanks

_BITS = 64
_MASK = (1 << _BITS) - 1
_NUMBER = r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*"
_BINARY = r"0[bB][01]+"
_REGISTER = r"[A-Za-z0-9_.]*"
# how tightly they bind; unlike in C, & | ^ do so more than + and -
_OPERATORS = {"*": 3, "/": 3, "%": 3, "&": 2, "|": 2, "^": 2, "+": 1, "-": 1}


class ExpressionError(ValueError):
    """An error in an expression, in the monitor's words.

    column: an index into the line. register: the name of the register that has no value
    here, if that is the error.
    """

    def __init__(self, message: str, column: int, register: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.register = register


def signed(value: int) -> int:
    """Wrap an integer into the range of int64_t."""
    value &= _MASK
    return value - (1 << _BITS) if value >> (_BITS - 1) else value


def evaluate(
    text: str,
    start: int,
    registers: Mapping[str, int] | None = None,
    *,
    binary: bool = True,
) -> tuple[int, int]:
    """Evaluate the expression at start.

    Returns its value (int64_t) and the index after it and any blanks. registers: the
    values of the known registers, by name without the ``$``. binary: whether to read
    binary literals. Raises ExpressionError.
    """
    number = f"{_BINARY}|{_NUMBER}" if binary else _NUMBER
    return _Evaluation(text, start, registers or {}, number).run()


class _Evaluation:
    """Evaluates one expression with two stacks, so that nesting needs no recursion."""

    def __init__(
        self, text: str, start: int, registers: Mapping[str, int], number: str
    ) -> None:
        self.text = text
        self.number = number
        self.index = skip_blanks(text, start)
        self.registers = registers
        self.values: list[int] = []
        self.operators: list[tuple[str, int]] = []
        self.open = 0

    def run(self) -> tuple[int, int]:
        while True:
            self._prefixes()
            self.values.append(signed(self._operand()))
            self._unary()
            self._close()
            operator = self.text[self.index : self.index + 1]
            if operator not in _OPERATORS or not operator:
                break
            self._reduce(_OPERATORS[operator])
            self._push(operator)
        if self.open:
            raise ExpressionError("')' expected", self.index)
        self._reduce(0)
        return self.values[0], self.index

    def _push(self, operator: str) -> None:
        self.operators.append((operator, self.index))
        self.index = skip_blanks(self.text, self.index + 1)

    def _prefixes(self) -> None:
        # "u-" and its like bind the operand only; without the letter they would be the
        # operators
        while (char := self.text[self.index : self.index + 1]) and char in "+-~(":
            self.open += char == "("
            self._push(char if char == "(" else "u" + char)

    def _operand(self) -> int:
        char = self.text[self.index : self.index + 1]
        if char == "":
            raise ExpressionError("unexpected end of expression", self.index)
        if char == "'":
            return self._character()
        if char == "$":
            return self._register()
        match = re.compile(self.number).match(self.text, self.index)
        if match is None:
            message = f"invalid char '{first_byte(char)}' in expression"
            raise ExpressionError(message, self.index)
        value = _literal(match.group())
        if value > _MASK:
            raise ExpressionError("number too large", self.index)
        self.index = skip_blanks(self.text, match.end())
        return value

    def _character(self) -> int:
        char, close = self.text[self.index + 1 : self.index + 2], self.index + 2
        if not char:
            raise ExpressionError("character constant expected", self.index + 1)
        # QEMU takes one byte, so a character beyond ASCII is not closed by the quote
        if self.text[close : close + 1] != "'" or ord(char) > 127:
            raise ExpressionError("missing terminating ' character", close)
        self.index = skip_blanks(self.text, close + 1)
        return ord(char)

    def _register(self) -> int:
        match = re.compile(_REGISTER).match(self.text, self.index + 1)
        name = match.group() if match else ""
        if name not in self.registers:
            # not final: the monitor asks the machine for it, and parses the line again
            raise ExpressionError("unknown register", self.index, name)
        self.index = skip_blanks(self.text, self.index + 1 + len(name))
        return self.registers[name]

    def _unary(self) -> None:
        """Apply the unary operators before an operand, then a ``* / %`` that waited for it.

        A division is done as soon as its divisor is known, so that division by zero is
        reported rather than a later error.
        """
        while self.operators and self.operators[-1][0][0] == "u":
            operator = self.operators.pop()[0]
            if operator == "u-":
                self.values[-1] = signed(-self.values[-1])
            elif operator == "u~":
                self.values[-1] = ~self.values[-1]
        self._reduce(3)

    def _close(self) -> None:
        while self.open and self.text[self.index : self.index + 1] == ")":
            self._reduce(0)
            self.operators.pop()
            self.open -= 1
            self.index = skip_blanks(self.text, self.index + 1)
            self._unary()

    def _reduce(self, precedence: int) -> None:
        """Apply the operators on top that bind at least as tightly as precedence."""
        while self.operators:
            operator, column = self.operators[-1]
            if operator == "(" or _OPERATORS.get(operator, 0) < precedence:
                return
            self.operators.pop()
            right = self.values.pop()
            self.values[-1] = _apply(operator, self.values[-1], right, column)


def _literal(digits: str) -> int:
    prefix = digits[:2].lower()
    if prefix == "0x":
        return int(digits, 16)
    if prefix == "0b":
        return int(digits, 2)
    if digits[0] == "0":
        return int(digits, 8)
    # 21 digits already exceed 64 bits; Python refuses to convert thousands
    return int(digits[:21])


def _apply(operator: str, left: int, right: int, column: int) -> int:
    if operator in "/%":
        if right == 0:
            raise ExpressionError("division by zero", column)
        # C rounds towards zero, but Python's // down
        quotient = abs(left) // abs(right)
        if (left < 0) != (right < 0):
            quotient = -quotient
        return signed(quotient if operator == "/" else left - quotient * right)
    return signed(_COMPUTE[operator](left, right))


_COMPUTE = {
    "*": int.__mul__,
    "&": int.__and__,
    "|": int.__or__,
    "^": int.__xor__,
    "+": int.__add__,
    "-": int.__sub__,
}
