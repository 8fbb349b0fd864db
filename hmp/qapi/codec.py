"""Whole values: from the wire's dicts and lists to Python's objects, and back.

Takes the types of a checked schema, and compiles each into conversion functions when it
is first needed; they are kept for the next use. `hmp.qapi.binding` applies them to the
arguments and return values of commands.

With a module of generated types (see `hmp.qapi.generate`) objects become instances of its
classes and enumerations members of its enums. Without, objects are dicts with the wire's
names, and enumerations strings; both are checked all the same.
"""

from __future__ import annotations

from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    BuiltinType,
    Command,
    EnumType,
    Member,
    ObjectType,
    Type,
)
from hmp.qapi.names import class_name, python_name
from hmp.qapi.python_types import UNION_BRANCH, is_nullable
from hmp.qapi.values import DECODERS, ENCODERS, NULL, Struct, ValueRejected, wrong_type

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
        self._objects: dict[str, _ObjectCodec] = {}

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

    def object(self, type_: ObjectType) -> _ObjectCodec:
        """Return the codec of an object type; its members follow on first use."""
        codec = self._objects.get(type_.name)
        if codec is None:
            class_ = self.class_of(type_)
            codec = (
                _ClassCodec(self, type_, class_) if class_ else _ObjectCodec(self, type_)
            )
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


def _unexpected(name: str) -> ValueRejected:
    return ValueRejected("Parameter '{}' is unexpected", name)


def _missing(name: str) -> ValueRejected:
    return ValueRejected("Parameter '{}' is missing", name)


def _enum_decoder(enum: EnumType, class_: Any) -> Converter:
    known = {value: class_(value) if class_ else value for value in enum.value_names()}

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            raise wrong_type("string")
        if value not in known:
            raise ValueRejected(
                f"Parameter '{{}}' does not accept value '{value}'", whole_path=False
            )
        return known[value]

    return convert


def _array(convert_element: Converter) -> Converter:
    def convert(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type("array")
        result = []
        try:
            for element in value:
                result.append(convert_element(element))
        except ValueRejected as rejected:
            rejected.path.append(len(result))
            raise
        return result

    return convert


def _member_decoder(codecs: Codecs, member: Member) -> Converter:
    """Return a member's decoder; where None means "absent", null becomes `NULL`."""
    decode = codecs.decoder(member.type)
    if member.optional and is_nullable(member.type):
        return lambda value: NULL if value is None else decode(value)
    return decode


def _decode_members(codecs: Codecs, arguments: ObjectType) -> Converter:
    """Return the function that makes a list of an object's members."""
    members = [
        (member.name, _member_decoder(codecs, member), member.optional)
        for member in arguments.members
    ]
    names = frozenset(member.name for member in arguments.members)

    def decode(wire: Any) -> list[Any]:
        if not isinstance(wire, dict):
            raise wrong_type("object")
        values = []
        present = 0
        for name, decode_member, optional in members:
            if name in wire:
                present += 1
                try:
                    values.append(decode_member(wire[name]))
                except ValueRejected as rejected:
                    rejected.path.append(name)
                    raise
            elif optional:
                values.append(None)
            else:
                raise _missing(name)
        if present != len(wire):
            raise _unexpected(next(name for name in wire if name not in names))
        return values

    return decode


class _ObjectCodec:
    """Conversion of one object type to and from a dict with the wire's names.

    The functions for its members are looked up on first use, not when the codec is made:
    a type may refer to itself.
    """

    def __init__(self, codecs: Codecs, type_: ObjectType) -> None:
        self.codecs = codecs
        self.type = type_
        self._ready = False
        self.decoders: list[tuple[str, str, Converter, bool]] = []
        self.encoders: list[tuple[str, str, Converter, bool]] = []
        self.branches: dict[str, _ObjectCodec] = {}
        tag = type_.discriminator
        self.tag = None if tag is None else self.key(tag)

    def key(self, member: Member) -> str:
        """Return what a member is called on the Python side."""
        return member.name

    def member_decoder(self, member: Member) -> Converter:
        """Return the function that decodes a member."""
        return self.codecs.decoder(member.type)

    def member_encoder(self, member: Member) -> Converter:
        """Return the function that encodes a member."""
        return self.codecs.encoder(member.type)

    def prepare(self) -> None:
        """Look up the functions of the members."""
        for member in self.type.members:
            names = member.name, self.key(member)
            self.decoders.append((*names, self.member_decoder(member), member.optional))
            self.encoders.append((*names, self.member_encoder(member), member.optional))
        for branch in self.type.branches:
            assert isinstance(branch.type, ObjectType)
            self.branches[branch.name] = self.codecs.object(branch.type)
        self._ready = True

    # From the wire

    def decode(self, wire: Any) -> Any:
        """Return the Python object for a wire object."""
        if not isinstance(wire, dict):
            raise wrong_type("object")
        used: list[str] = []
        value = self.take(wire, used)
        if len(used) != len(wire):
            raise _unexpected(next(name for name in wire if name not in used))
        return value

    def take(self, wire: dict[str, Any], used: list[str]) -> Any:
        """Return the object, and add to `used` the wire's members it is made of."""
        if not self._ready:
            self.prepare()
        values = {}
        for name, key, decode, optional in self.decoders:
            if name in wire:
                try:
                    values[key] = decode(wire[name])
                except ValueRejected as rejected:
                    rejected.path.append(name)
                    raise
                used.append(name)
            elif not optional:
                raise _missing(name)
        branch = None if self.tag is None else self.branches.get(values[self.tag])
        return self.build(values, None if branch is None else branch.take(wire, used))

    def build(self, values: dict[str, Any], branch: Any) -> Any:
        """Return the Python object with these members and the branch, if any."""
        if branch is not None:
            values.update(branch)
        return values

    # To the wire

    def encode(self, value: Any) -> dict[str, Any]:
        """Return the wire object for a Python object."""
        if not isinstance(value, dict):
            raise wrong_type("object")
        wire: dict[str, Any] = {}
        self.put(value, wire)
        if len(wire) != len(value):
            raise _unexpected(next(name for name in value if name not in wire))
        return wire

    def put(self, value: Any, wire: dict[str, Any]) -> None:
        """Add the members of a Python object to `wire`."""
        if not self._ready:
            self.prepare()
        for name, key, encode, optional in self.encoders:
            if self.has(value, key, optional):
                try:
                    wire[name] = encode(self.get(value, key))
                except ValueRejected as rejected:
                    rejected.path.append(name)
                    raise
            elif not optional:
                raise _missing(name)
        if self.tag is not None:
            self.put_branch(value, self.branches.get(self.get(value, self.tag)), wire)

    def has(self, value: Any, key: str, optional: bool) -> bool:
        """Tell whether the Python object has the member."""
        return key in value

    def get(self, value: Any, key: str) -> Any:
        """Return the member of the Python object."""
        return value[key]

    def put_branch(
        self, value: Any, branch: _ObjectCodec | None, wire: dict[str, Any]
    ) -> None:
        """Add the members of a union's branch to `wire`."""
        if branch is not None:
            branch.put(value, wire)


class _ClassCodec(_ObjectCodec):
    """Conversion of one object type to and from instances of its generated class."""

    def __init__(self, codecs: Codecs, type_: ObjectType, class_: Any) -> None:
        super().__init__(codecs, type_)
        self.class_ = class_

    def key(self, member: Member) -> str:
        return python_name(member.name)

    def member_decoder(self, member: Member) -> Converter:
        return _member_decoder(self.codecs, member)

    def member_encoder(self, member: Member) -> Converter:
        encode = self.codecs.encoder(member.type)
        if member.optional and is_nullable(member.type):
            return lambda value: None if value is NULL else encode(value)
        return encode

    def build(self, values: dict[str, Any], branch: Any) -> Any:
        if self.tag is not None:
            values[UNION_BRANCH] = branch
        return self.class_(**values)

    def encode(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, self.class_):
            raise wrong_type(self.class_.__name__)
        wire: dict[str, Any] = {}
        self.put(value, wire)
        return wire

    def has(self, value: Any, key: str, optional: bool) -> bool:
        return not optional or getattr(value, key) is not None

    def get(self, value: Any, key: str) -> Any:
        return getattr(value, key)

    def put_branch(
        self, value: Any, branch: _ObjectCodec | None, wire: dict[str, Any]
    ) -> None:
        inner = getattr(value, UNION_BRANCH)
        try:
            if branch is None and inner is not None:
                raise wrong_type("null")
            if branch is not None:
                wire.update(branch.encode(inner))
        except ValueRejected as rejected:
            if not rejected.path:
                rejected.path.append(UNION_BRANCH)
            raise


class _AlternateCodec:
    """Conversion of one alternate type: the value's JSON type selects the branch."""

    def __init__(self, codecs: Codecs, type_: AlternateType) -> None:
        self.codecs = codecs
        self.name = type_.name
        self.branches: dict[str, Type] = {}
        for branch in type_.branches:
            json_type = branch.type.json_type
            self.branches["number" if json_type == "int" else json_type] = branch.type

    def decode(self, wire: Any) -> Any:
        """Return the Python value for a wire value."""
        return self.codecs.decoder(self._branch(wire))(wire)

    def encode(self, value: Any) -> Any:
        """Return the wire value for a Python value."""
        return self.codecs.encoder(self._branch(value))(value)

    def _branch(self, value: Any) -> Type:
        for class_, json_type in _JSON_TYPES:
            if isinstance(value, class_):
                if json_type in self.branches:
                    return self.branches[json_type]
                break
        raise ValueRejected(
            f"Invalid parameter type for '{{}}', expected: {self.name}", whole_path=False
        )
