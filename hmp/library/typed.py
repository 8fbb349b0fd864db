"""What typed clients run on, which ``python -m hmp.qapi client SCHEMA`` writes.

A method's annotations say what its values are; they are resolved when it is first called.
Values of a newer QEMU than the schema's are taken as they are: an unknown member is left
out, an unknown word of an enum stays a string.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from hmp.qapi.names import python_name
from hmp.qapi.values import NULL, Null

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar

    from hmp.library.machines import Machine

    EventType = TypeVar("EventType", bound="TypedEvent")

__all__ = ["NULL", "Null", "TypedClient", "TypedEvent", "TypedStruct", "UnknownEvent"]

_BRANCH = "u"
"""The field of a union with the members that its tag selects."""


class TypedStruct:
    """The base of the dataclasses.

    _names: the QMP names of fields that differ. _tag: the field that selects a union's
    branch, from _branches.
    """

    _names: ClassVar[dict[str, str]] = {}
    _tag: ClassVar[str] = ""
    _branches: ClassVar[dict[str, str]] = {}


class TypedEvent(TypedStruct):
    """The base of the events' dataclasses."""


@dataclass(kw_only=True)
class UnknownEvent(TypedEvent):
    """An event that the schema does not have."""

    event: str
    data: dict[str, Any]


class TypedClient:
    """The base of the clients; vm: the machine, which stays open when they go.

    _events: the classes of the schema's events, by name.
    """

    _events: ClassVar[dict[str, type[TypedEvent]]] = {}

    def __init__(self, vm: Machine) -> None:
        self.vm = vm

    def wait(
        self, event: type[EventType], *, timeout: float | None = None, **data: Any
    ) -> EventType:
        """Return the next event of a class, with these members; see `Machine.wait`."""
        # by identity: the names of classes are not those of events
        (name,) = (name for name, class_ in self._events.items() if class_ is event)
        found = self.vm.wait(name, timeout=timeout, **data)
        decoded: EventType = decode(event, found.get("data", {}))
        return decoded

    def events(self, timeout: float | None = None) -> Iterator[TypedEvent]:
        """Yield the events since connecting as they come; see `Machine.events`."""
        for found in self.vm.events(timeout):
            name, data = found["event"], found.get("data", {})
            class_ = self._events.get(name)
            yield decode(class_, data) if class_ else UnknownEvent(event=name, data=data)

    def _call(self, command: str, arguments: Mapping[str, Any] | TypedStruct) -> Any:
        """Run a command; return its value as the method's annotation has it."""
        if not isinstance(arguments, TypedStruct):
            arguments = {key: v for key, v in arguments.items() if v is not None}
        value = self.vm.qmp(command, encode(arguments))
        method = getattr(type(self), python_name(command))
        return decode(_hints(method)["return"], value)


# to resolve annotations takes far longer than to read a reply
_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(item: Any) -> dict[str, Any]:
    """Return the annotations of a class or method, resolved once."""
    found = _HINTS.get(item)
    if found is None:
        found = _HINTS[item] = get_type_hints(item)
    return found


def encode(value: Any) -> Any:
    """Return a value as QMP has it; absent members of dataclasses are left out."""
    if isinstance(value, TypedStruct):
        return _encoded(value)
    # None in a dataclass means that the member is absent, so null has a value of its own
    if value is NULL:
        return None
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def _encoded(value: TypedStruct) -> dict[str, Any]:
    assert is_dataclass(value)
    found: dict[str, Any] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        if item is None and field.default is None:
            continue  # absent; without a default it is null
        if field.name == _BRANCH:
            found |= encode(item)
        else:
            found[value._names.get(field.name, field.name)] = encode(item)
    return found


def decode(hint: Any, value: Any) -> Any:
    """Return a QMP value as an annotation has it. Raises TypeError if it does not fit."""
    if hint is NoneType:
        return None
    origin = get_origin(hint)
    if origin is list:
        (element,) = get_args(hint)
        return [decode(element, item) for item in value]
    if origin in (Union, UnionType):
        return _decoded_alternative(get_args(hint), value)
    if isinstance(hint, type) and issubclass(hint, TypedStruct):
        return _decoded(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            return value  # an enum of a newer QEMU may have more words
    return float(value) if hint is float else value


def _decoded_alternative(hints: tuple[Any, ...], value: Any) -> Any:
    """Return a value as the first alternative has it that is of its JSON type."""
    if value is None:
        return NULL if Null in hints else None
    for hint in hints:
        # QAPI allows no two alternatives of one JSON type, so the type alone decides
        if isinstance(value, _json_type(hint)):
            return decode(hint, value)
    return value


def _json_type(hint: Any) -> tuple[type, ...]:
    """Return the Python types of the JSON values that an annotation takes."""
    if get_origin(hint) is list:
        return (list,)
    if issubclass(hint, TypedStruct):
        return (dict,)
    if issubclass(hint, StrEnum):
        return (str,)
    # JSON does not tell 1 from 1.0
    return (int, float) if hint is float else (hint,)


def _decoded(class_: type[TypedStruct], value: Any) -> Any:
    """Return an object as its dataclass."""
    if not isinstance(value, dict):
        raise TypeError(f"{class_.__name__} is an object, not {value!r}")
    assert is_dataclass(class_)
    hints = _hints(class_)
    found: dict[str, Any] = {}
    for field in fields(class_):
        name = class_._names.get(field.name, field.name)
        if field.name != _BRANCH and name in value:
            item = decode(hints[field.name], value[name])
            # where None means absent, null is NULL
            absent = item is None and field.default is None
            found[field.name] = NULL if absent else item
    if class_._tag and (branch := class_._branches.get(str(found.get(class_._tag)))):
        module = sys.modules[class_.__module__]
        found[_BRANCH] = _decoded(getattr(module, branch), value)
    return class_(**found)
