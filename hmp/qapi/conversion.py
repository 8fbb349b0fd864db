"""Whole values: from the wire's dicts and lists to Python's objects, and back.

Takes the types of a checked schema, and compiles each into conversion functions when it
is first needed; they are kept for the next use. `hmp.qapi.binding` applies them to the
arguments and return values of commands.

With a module of generated types (see `hmp.qapi.generate`) objects become instances of its
classes and enumerations members of its enums. Without, objects are dicts with the wire's
names, and enumerations strings; both are checked anyway.
"""

from __future__ import annotations

from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    BuiltinType,
    Command,
    EnumType,
    ObjectType,
    Type,
)
from hmp.qapi.names import class_name
from hmp.qapi.object_codec import (
    ClassCodec,
    ObjectCodec,
    member_decoder,
    missing,
    unexpected,
)
from hmp.qapi.values import DECODERS, ENCODERS, RejectedValueError, Struct, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from hmp.qapi.values import Converter

# The JSON type of a Python value, from the wire or to go there.
_JSON_TYPES = (
    (str, "string"),
    (bool, "boolean"),  # before int, which it is too
    ((int, float), "number"),
    ((dict, Struct), "object"),
    (list, "array"),
    (type(None), "null"),
)


class Codecs:
    """The conversion functions of one schema, each made on first use."""

    def __init__(self, types: ModuleType | None = None) -> None:
        self.types = types
        self._decoders: dict[str, Converter] = {}
        self._encoders: dict[str, Converter] = {}
        self._objects: dict[str, ObjectCodec] = {}

    def decoder(self, type_: Type) -> Converter:
        """Return the function that converts wire values of `type_` to Python."""
        decoder = self._decoders.get(type_.name)
        if decoder is None:
            decoder = self._decoders[type_.name] = self._make_decoder(type_)
        return decoder

    def encoder(self, type_: Type) -> Converter:
        """Return the function that converts Python values of `type_` to the wire's."""
        encoder = self._encoders.get(type_.name)
        if encoder is None:
            encoder = self._encoders[type_.name] = self._make_encoder(type_)
        return encoder

    def arguments(self, command: Command) -> Converter:
        """Return the function that converts the "arguments" of a request.

        It takes the dict and returns a list with a value for each member in the schema's
        order, None for those that are absent; for a boxed command with the one object,
        and for one with 'gen': false with the dict as it came.
        """
        if not command.gen:
            return _as_one(_object_as_it_is)
        if command.boxed:
            return _as_one(self.decoder(command.arguments))
        return _decode_members(self, command.arguments)

    def object(self, type_: ObjectType) -> ObjectCodec:
        """Return the codec of an object type; its members follow on first use."""
        codec = self._objects.get(type_.name)
        if codec is None:
            class_ = self.class_of(type_)
            codec = ClassCodec(self, type_, class_) if class_ else ObjectCodec(self, type_)
            self._objects[type_.name] = codec
        return codec

    def class_of(self, type_: Type) -> Any:
        """Return the generated class of a type; None without generated types."""
        if self.types is None or (isinstance(type_, ObjectType) and type_.implicit):
            return None
        return getattr(self.types, class_name(type_.name))

    def _make_decoder(self, type_: Type) -> Converter:
        if isinstance(type_, BuiltinType):
            return DECODERS[type_.name]
        if isinstance(type_, EnumType):
            return _enum_decoder(type_, self.class_of(type_))
        if isinstance(type_, ArrayType):
            return _array(self.decoder(type_.element))
        if isinstance(type_, AlternateType):
            return _AlternateCodec(self, type_).decode
        assert isinstance(type_, ObjectType)
        return self.object(type_).decode

    def _make_encoder(self, type_: Type) -> Converter:
        if isinstance(type_, BuiltinType):
            return ENCODERS[type_.name]
        if isinstance(type_, EnumType):
            # a StrEnum is its own text on the wire, so only the check is needed
            return _enum_decoder(type_, None)
        if isinstance(type_, ArrayType):
            return _array(self.encoder(type_.element))
        if isinstance(type_, AlternateType):
            return _AlternateCodec(self, type_).encode
        assert isinstance(type_, ObjectType)
        return self.object(type_).encode


def _object_as_it_is(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong_type("object")
    return value


def _as_one(decode: Converter) -> Converter:
    """Return a function of arguments that gives `decode`'s result as the only value."""
    return lambda wire: [decode(wire)]


def _enum_decoder(enum: EnumType, class_: Any) -> Converter:
    known = {value: class_(value) if class_ else value for value in enum.value_names()}

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            raise wrong_type("string")
        if value not in known:
            raise RejectedValueError(
                f"Parameter '{{}}' does not accept value '{value}'", whole_path=False
            )
        return known[value]

    return convert


def _array(convert_element: Converter) -> Converter:
    def convert(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type("array")
        result: list[Any] = []
        try:
            for element in value:
                result.append(convert_element(element))
        except RejectedValueError as rejected:
            # from the inside out: QEMU names the whole path, as in a.b[2]
            rejected.path.append(len(result))
            raise
        return result

    return convert


def _decode_members(codecs: Codecs, arguments: ObjectType) -> Converter:
    """Return the function that makes a list of an object's members."""
    members = [
        (member.name, member_decoder(codecs, member), member.optional)
        for member in arguments.members
    ]
    names = frozenset(member.name for member in arguments.members)

    def decode(wire: Any) -> list[Any]:
        if not isinstance(wire, dict):
            raise wrong_type("object")
        values: list[Any] = []
        present = 0
        for name, decode_member, optional in members:
            if name in wire:
                present += 1
                try:
                    values.append(decode_member(wire[name]))
                except RejectedValueError as rejected:
                    rejected.path.append(name)
                    raise
            elif optional:
                values.append(None)
            else:
                raise missing(name)
        # a count is enough, and cheaper than to look each name up
        if present != len(wire):
            raise unexpected(next(name for name in wire if name not in names))
        return values

    return decode


class _AlternateCodec:
    """Conversion of one alternate type: the value's JSON type selects the branch."""

    def __init__(self, codecs: Codecs, type_: AlternateType) -> None:
        self.codecs = codecs
        self.name = type_.name
        self.branches: dict[str, Type] = {}
        for branch in type_.branches:
            json_type = branch.type.json_type
            # JSON has one kind of number only
            self.branches["number" if json_type == "int" else json_type] = branch.type

    def decode(self, wire: Any) -> Any:
        """Return the Python value for a wire value."""
        return self.codecs.decoder(self._branch(wire))(wire)

    def encode(self, value: Any) -> Any:
        """Return the wire value for a Python value."""
        return self.codecs.encoder(self._branch(value))(value)

    def _branch(self, value: Any) -> Type:
        # the first that fits, since in Python a bool is an int as well
        for class_, json_type in _JSON_TYPES:
            if isinstance(value, class_):
                if json_type in self.branches:
                    return self.branches[json_type]
                break
        raise RejectedValueError(
            f"Invalid parameter type for '{{}}', expected: {self.name}", whole_path=False
        )
