"""Structs and unions converted member by member, for `hmp.qapi.conversion`.

`ObjectCodec` makes dicts with the wire's names of them, `ClassCodec` instances of the
generated classes.
"""

from __future__ import annotations

from hmp.qapi.entities import Member, ObjectType
from hmp.qapi.names import python_name
from hmp.qapi.python_types import UNION_BRANCH, is_nullable
from hmp.qapi.values import NULL, RejectedValueError, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from hmp.qapi.entities import Type
    from hmp.qapi.values import Converter

    class Converters(Protocol):
        """Has the conversions of all types; see `hmp.qapi.conversion.Codecs`."""

        def decoder(self, type_: Type) -> Converter:
            """Return what converts wire values of a type."""
            ...

        def encoder(self, type_: Type) -> Converter:
            """Return what converts Python values of a type."""
            ...

        def object(self, type_: ObjectType) -> ObjectCodec:
            """Return the codec of a type."""
            ...


def unexpected(name: str) -> RejectedValueError:
    """Return the error that an object has a member it shouldn't have."""
    return RejectedValueError("Parameter '{}' is unexpected", name)


def missing(name: str) -> RejectedValueError:
    """Return the error that an object lacks a member."""
    return RejectedValueError("Parameter '{}' is missing", name)


def member_decoder(codecs: Converters, member: Member) -> Converter:
    """Return a member's decoder; where None means "absent", null becomes `NULL`."""
    decode = codecs.decoder(member.type)
    if member.optional and is_nullable(member.type):
        # None already means an absent member
        return lambda value: NULL if value is None else decode(value)
    return decode


class ObjectCodec:
    """Conversion of one object type to and from a dict with the wire's names.

    The functions for its members are looked up on first use, not when the codec is made:
    a type may refer to itself.
    """

    def __init__(self, codecs: Converters, type_: ObjectType) -> None:
        self.codecs = codecs
        self.type = type_
        self._ready = False
        self.decoders: list[tuple[str, str, Converter, bool]] = []
        self.encoders: list[tuple[str, str, Converter, bool]] = []
        self.branches: dict[str, ObjectCodec] = {}
        tag = type_.discriminator
        self.tag = None if tag is None else self._key(tag)

    def _key(self, member: Member) -> str:
        """Return the Python name of a member."""
        return member.name

    def _member_decoder(self, member: Member) -> Converter:
        """Return the function that decodes a member."""
        return self.codecs.decoder(member.type)

    def _member_encoder(self, member: Member) -> Converter:
        """Return the function that encodes a member."""
        return self.codecs.encoder(member.type)

    def _prepare(self) -> None:
        """Look up the functions of the members."""
        for member in self.type.members:
            names = member.name, self._key(member)
            self.decoders.append((*names, self._member_decoder(member), member.optional))
            self.encoders.append((*names, self._member_encoder(member), member.optional))
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
            raise unexpected(next(name for name in wire if name not in used))
        return value

    def take(self, wire: dict[str, Any], used: list[str]) -> Any:
        """Return the object, and add the wire's members in it to `used`."""
        if not self._ready:
            self._prepare()
        values: dict[str, Any] = {}
        for name, key, decode, optional in self.decoders:
            if name in wire:
                try:
                    values[key] = decode(wire[name])
                except RejectedValueError as rejected:
                    rejected.path.append(name)
                    raise
                # names of the wire, by which the caller finds those that no member has
                # taken
                used.append(name)
            elif not optional:
                raise missing(name)
        branch = None if self.tag is None else self.branches.get(values[self.tag])
        return self._build(values, None if branch is None else branch.take(wire, used))

    def _build(self, values: dict[str, Any], branch: Any) -> Any:
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
            raise unexpected(next(name for name in value if name not in wire))
        return wire

    def put(self, value: Any, wire: dict[str, Any]) -> None:
        """Add the members of a Python object to `wire`."""
        if not self._ready:
            self._prepare()
        for name, key, encode, optional in self.encoders:
            if self._has(value, key, optional):
                try:
                    wire[name] = encode(self._get(value, key))
                except RejectedValueError as rejected:
                    rejected.path.append(name)
                    raise
            elif not optional:
                raise missing(name)
        if self.tag is not None:
            self._put_branch(value, self.branches.get(self._get(value, self.tag)), wire)

    def _has(self, value: Any, key: str, optional: bool) -> bool:
        """Tell whether the Python object has the member."""
        return key in value

    def _get(self, value: Any, key: str) -> Any:
        """Return the member of the Python object."""
        return value[key]

    def _put_branch(
        self, value: Any, branch: ObjectCodec | None, wire: dict[str, Any]
    ) -> None:
        """Add the members of a union's branch to `wire`."""
        if branch is not None:
            branch.put(value, wire)


class ClassCodec(ObjectCodec):
    """Conversion of one object type to and from instances of its generated class."""

    def __init__(self, codecs: Converters, type_: ObjectType, class_: Any) -> None:
        super().__init__(codecs, type_)
        self.class_ = class_

    def _key(self, member: Member) -> str:
        return python_name(member.name)

    def _member_decoder(self, member: Member) -> Converter:
        return member_decoder(self.codecs, member)

    def _member_encoder(self, member: Member) -> Converter:
        encode = self.codecs.encoder(member.type)
        if member.optional and is_nullable(member.type):
            return lambda value: None if value is NULL else encode(value)
        return encode

    def _build(self, values: dict[str, Any], branch: Any) -> Any:
        if self.tag is not None:
            values[UNION_BRANCH] = branch
        return self.class_(**values)

    def encode(self, value: Any) -> dict[str, Any]:
        """Return the wire object for an instance of the class."""
        if not isinstance(value, self.class_):
            raise wrong_type(self.class_.__name__)
        wire: dict[str, Any] = {}
        self.put(value, wire)
        return wire

    def _has(self, value: Any, key: str, optional: bool) -> bool:
        return not optional or getattr(value, key) is not None

    def _get(self, value: Any, key: str) -> Any:
        return getattr(value, key)

    def _put_branch(
        self, value: Any, branch: ObjectCodec | None, wire: dict[str, Any]
    ) -> None:
        inner = getattr(value, UNION_BRANCH)
        try:
            if branch is None and inner is not None:
                raise wrong_type("null")
            if branch is not None:
                wire.update(branch.encode(inner))
        except RejectedValueError as rejected:
            if not rejected.path:
                rejected.path.append(UNION_BRANCH)
            raise
