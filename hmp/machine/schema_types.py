# ruff: noqa: A002, UP013
# fmt: off
"""The types of schema.json.

Written by `python -m hmp.qapi types`; change the schema instead of this file.
"""

from __future__ import annotations

from enum import StrEnum as _StrEnum

from hmp.qapi.values import Struct as _Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NotRequired, TypedDict


class ErrorClass(_StrEnum):
    """What an error is about, for programs; the description is for people."""

    GENERICERROR = "GenericError"
    COMMANDNOTFOUND = "CommandNotFound"
    DEVICENOTACTIVE = "DeviceNotActive"
    DEVICENOTFOUND = "DeviceNotFound"
    KVMMISSINGCAP = "KVMMissingCap"


class QMPCapability(_StrEnum):
    """What a client of QMP can switch on with qmp_capabilities."""

    OOB = "oob"


class VersionTriple(_Struct):
    """A version in three parts."""

    __slots__ = ("major", "micro", "minor")

    def __init__(
        self,
        *,
        major: int,
        minor: int,
        micro: int,
    ) -> None:
        self.major = major
        self.minor = minor
        self.micro = micro


class VersionInfo(_Struct):
    """The version of the program that runs the machine."""

    __slots__ = ("package", "qemu")

    def __init__(
        self,
        *,
        qemu: VersionTriple,
        package: str,
    ) -> None:
        self.qemu = qemu
        self.package = package


class NameInfo(_Struct):
    """The name of the machine."""

    __slots__ = ("name",)

    def __init__(
        self,
        *,
        name: str | None = None,
    ) -> None:
        self.name = name


class UuidInfo(_Struct):
    """The UUID of the machine."""

    __slots__ = ("UUID",)

    def __init__(
        self,
        *,
        UUID: str,
    ) -> None:
        self.UUID = UUID


class CommandInfo(_Struct):
    """A QMP command."""

    __slots__ = ("name",)

    def __init__(
        self,
        *,
        name: str,
    ) -> None:
        self.name = name


class EventInfo(_Struct):
    """An event."""

    __slots__ = ("name",)

    def __init__(
        self,
        *,
        name: str,
    ) -> None:
        self.name = name


class SchemaMetaType(_StrEnum):
    """What an entry describes."""

    BUILTIN = "builtin"
    ENUM = "enum"
    ARRAY = "array"
    OBJECT = "object"
    ALTERNATE = "alternate"
    COMMAND = "command"
    EVENT = "event"


class SchemaInfo(_Struct):
    """An entry: a command, an event or a type."""

    __slots__ = ("features", "meta_type", "name", "u")

    def __init__(
        self,
        *,
        name: str,
        meta_type: SchemaMetaType,
        features: list[str] | None = None,
        u: (
            SchemaInfoAlternate
            | SchemaInfoArray
            | SchemaInfoBuiltin
            | SchemaInfoCommand
            | SchemaInfoEnum
            | SchemaInfoEvent
            | SchemaInfoObject
        ),
    ) -> None:
        self.name = name
        self.meta_type = meta_type
        self.features = features
        self.u = u


class JSONType(_StrEnum):
    """The kinds of JSON values."""

    STRING = "string"
    NUMBER = "number"
    INT = "int"
    BOOLEAN = "boolean"
    NULL = "null"
    OBJECT = "object"
    ARRAY = "array"
    VALUE = "value"


class SchemaInfoBuiltin(_Struct):
    """A type that QAPI itself has."""

    __slots__ = ("json_type",)

    def __init__(
        self,
        *,
        json_type: JSONType,
    ) -> None:
        self.json_type = json_type


class SchemaInfoEnumMember(_Struct):
    """A value of an enumeration."""

    __slots__ = ("features", "name")

    def __init__(
        self,
        *,
        name: str,
        features: list[str] | None = None,
    ) -> None:
        self.name = name
        self.features = features


class SchemaInfoEnum(_Struct):
    """An enumeration."""

    __slots__ = ("members", "values")

    def __init__(
        self,
        *,
        members: list[SchemaInfoEnumMember],
        values: list[str],
    ) -> None:
        self.members = members
        self.values = values


class SchemaInfoArray(_Struct):
    """An array."""

    __slots__ = ("element_type",)

    def __init__(
        self,
        *,
        element_type: str,
    ) -> None:
        self.element_type = element_type


class SchemaInfoObjectMember(_Struct):
    """A member of an object."""

    __slots__ = ("default", "features", "name", "type")

    def __init__(
        self,
        *,
        name: str,
        type: str,
        default: object = None,
        features: list[str] | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.default = default
        self.features = features


class SchemaInfoObjectVariant(_Struct):
    """What a union has besides, for one value of its tag."""

    __slots__ = ("case", "type")

    def __init__(
        self,
        *,
        case: str,
        type: str,
    ) -> None:
        self.case = case
        self.type = type


class SchemaInfoObject(_Struct):
    """An object."""

    __slots__ = ("members", "tag", "variants")

    def __init__(
        self,
        *,
        members: list[SchemaInfoObjectMember],
        tag: str | None = None,
        variants: list[SchemaInfoObjectVariant] | None = None,
    ) -> None:
        self.members = members
        self.tag = tag
        self.variants = variants


class SchemaInfoAlternateMember(_Struct):
    """A type that an alternate can be."""

    __slots__ = ("type",)

    def __init__(
        self,
        *,
        type: str,
    ) -> None:
        self.type = type


class SchemaInfoAlternate(_Struct):
    """A choice of types that are told apart by their JSON type."""

    __slots__ = ("members",)

    def __init__(
        self,
        *,
        members: list[SchemaInfoAlternateMember],
    ) -> None:
        self.members = members


class SchemaInfoCommand(_Struct):
    """A command."""

    __slots__ = ("allow_oob", "arg_type", "ret_type")

    def __init__(
        self,
        *,
        arg_type: str,
        ret_type: str,
        allow_oob: bool | None = None,
    ) -> None:
        self.arg_type = arg_type
        self.ret_type = ret_type
        self.allow_oob = allow_oob


class SchemaInfoEvent(_Struct):
    """An event."""

    __slots__ = ("arg_type",)

    def __init__(
        self,
        *,
        arg_type: str,
    ) -> None:
        self.arg_type = arg_type


class RunState(_StrEnum):
    """What state the machine is in."""

    RUNNING = "running"
    PAUSED = "paused"
    SHUTDOWN = "shutdown"


class StatusInfo(_Struct):
    """The machine's run state."""

    __slots__ = ("running", "status")

    def __init__(
        self,
        *,
        running: bool,
        status: RunState,
    ) -> None:
        self.running = running
        self.status = status


class ShutdownCause(_StrEnum):
    """Why a machine was reset or ended."""

    HOST_QMP_QUIT = "host-qmp-quit"
    HOST_QMP_SYSTEM_RESET = "host-qmp-system-reset"
    HOST_SIGNAL = "host-signal"
    HOST_UI = "host-ui"


class AlarmMethodName(_StrEnum):
    """A way to be woken up when the machine's next timer is due."""

    DYNTICKS = "dynticks"
    UNIX = "unix"


class AlarmClock(_Struct):
    """The alarm timer in use."""

    __slots__ = ("clock_name", "next_deadline")

    def __init__(
        self,
        *,
        clock_name: AlarmMethodName,
        next_deadline: int | None = None,
    ) -> None:
        self.clock_name = clock_name
        self.next_deadline = next_deadline


class AlarmMethod(_Struct):
    """An alarm timer that this host has."""

    __slots__ = ("current", "method_name")

    def __init__(
        self,
        *,
        method_name: AlarmMethodName,
        current: bool,
    ) -> None:
        self.method_name = method_name
        self.current = current


if TYPE_CHECKING:
    VersionTripleWire = TypedDict(
        "VersionTripleWire",
        {
            "major": "int",
            "minor": "int",
            "micro": "int",
        },
    )
    VersionInfoWire = TypedDict(
        "VersionInfoWire",
        {
            "qemu": "VersionTripleWire",
            "package": "str",
        },
    )
    NameInfoWire = TypedDict(
        "NameInfoWire",
        {
            "name": "NotRequired[str]",
        },
    )
    UuidInfoWire = TypedDict(
        "UuidInfoWire",
        {
            "UUID": "str",
        },
    )
    CommandInfoWire = TypedDict(
        "CommandInfoWire",
        {
            "name": "str",
        },
    )
    EventInfoWire = TypedDict(
        "EventInfoWire",
        {
            "name": "str",
        },
    )
    SchemaInfoWire = TypedDict(
        "SchemaInfoWire",
        {
            "name": "str",
            "meta-type": "str",
            "features": "NotRequired[list[str]]",
            "json-type": "NotRequired[str]",
            "members": "NotRequired[object]",
            "values": "NotRequired[list[str]]",
            "element-type": "NotRequired[str]",
            "tag": "NotRequired[str]",
            "variants": "NotRequired[list[SchemaInfoObjectVariantWire]]",
            "arg-type": "NotRequired[str]",
            "ret-type": "NotRequired[str]",
            "allow-oob": "NotRequired[bool]",
        },
    )
    SchemaInfoBuiltinWire = TypedDict(
        "SchemaInfoBuiltinWire",
        {
            "json-type": "str",
        },
    )
    SchemaInfoEnumMemberWire = TypedDict(
        "SchemaInfoEnumMemberWire",
        {
            "name": "str",
            "features": "NotRequired[list[str]]",
        },
    )
    SchemaInfoEnumWire = TypedDict(
        "SchemaInfoEnumWire",
        {
            "members": "list[SchemaInfoEnumMemberWire]",
            "values": "list[str]",
        },
    )
    SchemaInfoArrayWire = TypedDict(
        "SchemaInfoArrayWire",
        {
            "element-type": "str",
        },
    )
    SchemaInfoObjectMemberWire = TypedDict(
        "SchemaInfoObjectMemberWire",
        {
            "name": "str",
            "type": "str",
            "default": "NotRequired[object]",
            "features": "NotRequired[list[str]]",
        },
    )
    SchemaInfoObjectVariantWire = TypedDict(
        "SchemaInfoObjectVariantWire",
        {
            "case": "str",
            "type": "str",
        },
    )
    SchemaInfoObjectWire = TypedDict(
        "SchemaInfoObjectWire",
        {
            "members": "list[SchemaInfoObjectMemberWire]",
            "tag": "NotRequired[str]",
            "variants": "NotRequired[list[SchemaInfoObjectVariantWire]]",
        },
    )
    SchemaInfoAlternateMemberWire = TypedDict(
        "SchemaInfoAlternateMemberWire",
        {
            "type": "str",
        },
    )
    SchemaInfoAlternateWire = TypedDict(
        "SchemaInfoAlternateWire",
        {
            "members": "list[SchemaInfoAlternateMemberWire]",
        },
    )
    SchemaInfoCommandWire = TypedDict(
        "SchemaInfoCommandWire",
        {
            "arg-type": "str",
            "ret-type": "str",
            "allow-oob": "NotRequired[bool]",
        },
    )
    SchemaInfoEventWire = TypedDict(
        "SchemaInfoEventWire",
        {
            "arg-type": "str",
        },
    )
    StatusInfoWire = TypedDict(
        "StatusInfoWire",
        {
            "running": "bool",
            "status": "str",
        },
    )
    AlarmClockWire = TypedDict(
        "AlarmClockWire",
        {
            "clock-name": "str",
            "next-deadline": "NotRequired[int]",
        },
    )
    AlarmMethodWire = TypedDict(
        "AlarmMethodWire",
        {
            "method-name": "str",
            "current": "bool",
        },
    )
