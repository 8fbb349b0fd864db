"""Python values of QAPI types: the base of generated types, and scalars.

`hmp.qapi.conversion` builds on this to convert whole arguments. A conversion function
takes a value and returns it in the other form or raises `RejectedValueError`; the rules
and words are those of the visitors that QEMU 7.2 and 10.0 use on QMP input, found by
asking both.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeAlias

    Converter: TypeAlias = Callable[[Any], Any]

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1
_UINT64_MAX = (1 << 64) - 1


class Null:
    """The type of `NULL`, which is JSON's null where None means an absent value.

    That is in optional members; elsewhere null is None. It is false in conditions.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"

    def __bool__(self) -> bool:
        return False


NULL: Final = Null()


class Struct:
    """Base class of the classes that `hmp.qapi.generate` writes.

    Values of the same class with equal members are equal; they can be changed, and so
    have no hash.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # as Python itself does for __eq__

    def _members(self) -> list[tuple[str, Any]]:
        return [
            (name, getattr(self, name))
            for class_ in reversed(type(self).__mro__[:-1])
            for name in class_.__dict__.get("__slots__", ())
        ]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._members() == other._members()

    def __repr__(self) -> str:
        """Return the constructor's call, without the members that aren't there."""
        members = ", ".join(
            f"{name}={value!r}" for name, value in self._members() if value is not None
        )
        return f"{type(self).__name__}({members})"


class RejectedValueError(ValueError):
    """A value is not one of the type it should have.

    `desc` says so in QEMU's words. `path` names the value in what contains it, from the
    inside out, which is the order in which conversion functions learn it.
    """

    def __init__(self, words: str, *path: str | int, whole_path: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.path = list(path)
        self.whole_path = whole_path

    @property
    def desc(self) -> str:
        """The description, as QEMU would send it."""
        return self.words.replace("{}", self._name(), 1)

    def _name(self) -> str:
        if not self.whole_path:
            # QEMU has no name for an array's element, and prints null.
            last = self.path[0] if self.path else 0
            return last if isinstance(last, str) else "null"
        text = ""
        for part in reversed(self.path):
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += f".{part}" if text else part
        return text if self.path else "null"

    def __str__(self) -> str:
        return self.desc


def wrong_type(expected: str) -> RejectedValueError:
    """Return the error that a value has another JSON type than `expected`."""
    return RejectedValueError(f"Invalid parameter type for '{{}}', expected: {expected}")


def convert_str(value: Any) -> str:
    """Return a `str` value."""
    if isinstance(value, str):
        return value
    raise wrong_type("string")


def convert_bool(value: Any) -> bool:
    """Return a `bool` value."""
    if value is True or value is False:
        return value
    raise wrong_type("boolean")


def convert_null(value: Any) -> None:
    """Return the one value of `null`."""
    if value is not None:
        raise wrong_type("null")


def convert_any(value: Any) -> Any:
    """Return any value unchanged."""
    return value


def convert_number(value: Any) -> float:
    """Return a `number` as a float, integers too."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:  # beyond what C's double can hold
            raise wrong_type("number") from None
    raise wrong_type("number")


def convert_int64(value: Any) -> int:
    """Return an `int` or `int64` value."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("integer")
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise wrong_type("integer")
    return value


def decode_uint64(value: Any) -> int:
    """Return a `uint64` or `size` value; negative ones wrap, as they do in QEMU."""
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= _UINT64_MAX:
            return value
        if _INT64_MIN <= value < 0:
            return value + _UINT64_MAX + 1
    raise RejectedValueError("Parameter '{}' expects uint64")


def encode_uint64(value: Any) -> int:
    """Return a `uint64` or `size` value of this program, which must not wrap."""
    if isinstance(value, int) and value < 0:
        raise RejectedValueError("Parameter '{}' expects uint64")
    return decode_uint64(value)


def _ranged(base: Converter, low: int, high: int, c_type: str) -> Converter:
    """Return `base` with a narrower range."""
    words = f"Parameter '{{}}' expects {c_type}"

    def convert(value: Any) -> int:
        number: int = base(value)
        if low <= number <= high:
            return number
        raise RejectedValueError(words, whole_path=False)

    return convert


def _integers(uint64: Converter) -> dict[str, Converter]:
    converters = {
        "int": convert_int64,
        "int64": convert_int64,
        "uint64": uint64,
        "size": uint64,
    }
    for bits in (8, 16, 32):
        high = 1 << (bits - 1)
        name = f"int{bits}"
        converters[name] = _ranged(convert_int64, -high, high - 1, f"{name}_t")
        converters[f"u{name}"] = _ranged(uint64, 0, 2 * high - 1, f"u{name}_t")
    return converters


_SCALARS: dict[str, Converter] = {
    "str": convert_str,
    "bool": convert_bool,
    "null": convert_null,
    "any": convert_any,
    "number": convert_number,
}
# From the wire to Python, and from Python to the wire.
DECODERS = {**_SCALARS, **_integers(decode_uint64)}
ENCODERS = {**_SCALARS, **_integers(encode_uint64)}
