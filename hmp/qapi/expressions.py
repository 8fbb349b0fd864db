"""The second stage: the shape of each definition by itself.

Takes the expressions of `hmp.qapi.parser` and checks each without looking at others:
kind and name, documentation of the same name, keys, the JSON types of values, names and
conditions. Returns `Definition`s in normal form: members of structs, branches, enum
values and features are always objects ('type' or 'name', 'if', 'features'), never the
shorthand strings. `hmp.qapi.linking` is next: it makes sense of names of types.
"""

from __future__ import annotations

from hmp.qapi import names
from hmp.qapi.conditions import check_condition
from hmp.qapi.doc import ERRORS, RETURNS, Doc
from hmp.qapi.edition import Edition
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.parser import Expression, Source
from hmp.qapi.pragmas import Pragmas

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

KINDS = ("enum", "struct", "union", "alternate", "command", "event")

# Required and optional keys of each kind.
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "enum": (("enum", "data"), ("if", "features", "prefix")),
    "struct": (("struct", "data"), ("base", "if", "features")),
    "union": (("union", "base", "discriminator", "data"), ("if", "features")),
    "alternate": (("alternate", "data"), ("if", "features")),
    "command": (
        ("command",),
        (
            "data", "returns", "boxed", "if", "features", "gen", "success-response",
            "allow-oob", "allow-preconfig", "coroutine",
        ),
    ),
    "event": (("event",), ("data", "boxed", "if", "features")),
}  # fmt: skip
# members that QEMU refuses with the value that they have by default
_ONLY_TRUE = ("boxed", "allow-oob", "allow-preconfig", "coroutine")
_ONLY_FALSE = ("gen", "success-response")


class Definition:
    """A definition in normal form: `data` is the JSON object, `doc` its comment."""

    __slots__ = ("data", "doc", "kind", "name", "place")

    def __init__(
        self, kind: str, name: str, data: dict[str, Any], place: Place, doc: Doc | None
    ) -> None:
        self.kind = kind
        self.name = name
        self.data = data
        self.place = place
        self.doc = doc

    def __repr__(self) -> str:
        return f"Definition({self.kind!r}, {self.name!r}, {self.place})"


def check_expressions(source: Source) -> list[Definition]:
    """Return the definitions of `source` in normal form.

    Raises QAPIError for the first expression that isn't well-formed.
    """
    return [
        _check(expression, source.pragmas, source.edition)
        for expression in source.expressions
    ]


def _check(expression: Expression, pragmas: Pragmas, edition: Edition) -> Definition:
    data, place, doc = expression.data, expression.place, expression.doc
    kind = _kind(data, place)
    name = data[kind]
    if not isinstance(name, str):
        raise QAPIError(place, f"the value of '{kind}' must be a string, the name")
    place = place.within(f"{kind} '{name}'")
    _check_doc(name, doc, place, pragmas)
    _check_name(name, kind, place, pragmas)
    _check_keys(data, kind, place, *_KEYS[kind])
    _CHECKS[kind](_Shape(kind, name, data, place, pragmas))
    if doc is not None:
        _check_sections(kind, data, doc, edition.strict_docs)
    return Definition(kind, name, data, place, doc)


def _kind(data: dict[str, Any], place: Place) -> str:
    """Return the kind of a definition; the older 'type' becomes 'struct'."""
    kinds = [kind for kind in KINDS if kind in data]
    # before QEMU 2.4 a struct began with 'type', which is a key of members today
    if not kinds and "type" in data:
        data["struct"] = data.pop("type")
        return "struct"
    if len(kinds) != 1:
        raise QAPIError(
            place, "a definition must have exactly one of the keys " + _listed(KINDS)
        )
    return kinds[0]


def _check_doc(name: str, doc: Doc | None, place: Place, pragmas: Pragmas) -> None:
    if doc is not None:
        if doc.symbol != name:
            raise QAPIError(place, f"the comment before it documents '{doc.symbol}'")
    elif pragmas.doc_required:
        raise QAPIError(place, "a documentation comment is required before it")


def _check_sections(kind: str, data: dict[str, Any], doc: Doc, strict: bool) -> None:
    """Check that the tagged sections of a comment make sense for the definition."""
    for section in doc.sections:
        if section.kind not in (RETURNS, ERRORS):
            continue
        place = doc.place.at(section.line) if strict else doc.place
        if kind != "command":
            raise QAPIError(place, f"a section '{section.kind}:' is only for commands")
        if strict and section.kind == RETURNS and "returns" not in data:
            raise QAPIError(place, "a section 'Returns:', but the command returns nothing")


def _check_name(name: str, kind: str, place: Place, pragmas: Pragmas) -> None:
    stem = names.stem(name)
    if stem is None:
        raise QAPIError(place, f"the {kind} has an invalid name")
    if kind == "event":
        fault = names.upper_case_fault(stem)
    elif kind == "command":
        # names that are older than the rule, which QEMU lists in a pragma
        exempt = name in pragmas.command_name_exceptions
        fault = names.lower_case_fault(stem, False, exempt)
    else:
        fault = names.camel_case_fault(stem)
        if name.endswith("List"):
            fault = "must not end in 'List', arrays have such names"
    if fault is not None:
        raise QAPIError(place, f"the name of the {kind} {fault}")


def _check_keys(
    data: dict[str, Any],
    what: str,
    place: Place,
    required: Iterable[str],
    optional: Iterable[str],
) -> None:
    for key in required:
        if key not in data:
            raise QAPIError(place, f"{what} misses the key '{key}'")
    known = {*required, *optional}
    if not known.issuperset(data):
        unknown = _listed(key for key in data if key not in known)
        raise QAPIError(
            place, f"{what} has unknown keys {unknown}; known are {_listed(sorted(known))}"
        )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class _Shape:
    """The checks of one definition; they rewrite `data` to its normal form."""

    def __init__(
        self, kind: str, name: str, data: dict[str, Any], place: Place, pragmas: Pragmas
    ) -> None:
        self.kind = kind
        self.data = data
        self.place = place
        is_type = kind not in ("command", "event")
        self.exempt = is_type and name in pragmas.member_name_exceptions

    def error(self, message: str) -> QAPIError:
        """Return an error about the definition."""
        return QAPIError(self.place, message)

    def common(self) -> None:
        """Check the members that all definitions may have: 'if' and 'features'."""
        self.condition(self.data, f"the {self.kind}")
        self.features(self.data, "")

    def condition(self, holder: dict[str, Any], what: str) -> None:
        """Check the 'if' member of `holder`, if it has one."""
        if "if" in holder:
            check_condition(holder["if"], self.place, what)

    def features(self, holder: dict[str, Any], of: str) -> None:
        """Check the 'features' member of `holder`, if it has one."""
        if "features" not in holder:
            return
        features = holder["features"]
        if not isinstance(features, list):
            raise self.error(f"'features'{of} must be an array")
        features = [self.named(item, f"a member of 'features'{of}") for item in features]
        holder["features"] = features
        for feature in features:
            what = f"the feature '{feature['name']}'{of}"
            _check_keys(feature, what, self.place, ("name",), ("if",))
            self.lower_name(feature["name"], what, exempt=False)
            self.condition(feature, what)

    def named(self, item: Any, what: str) -> dict[str, Any]:
        """Return an item of a list of names, strings or objects, as an object."""
        if isinstance(item, str):
            return {"name": item}
        if not isinstance(item, dict):
            raise self.error(f"{what} must be a string or an object")
        if not isinstance(item.get("name"), str):
            raise self.error(f"{what} needs a 'name', a string")
        return item

    def lower_name(self, name: str, what: str, exempt: bool) -> None:
        """Check the name of a member, branch or feature."""
        stem = names.stem(name)
        if stem is None:
            raise self.error(f"{what} has an invalid name")
        fault = names.lower_case_fault(stem, exempt, exempt)
        if fault is not None:
            raise self.error(f"the name of {what} {fault}")

    def members(self, key: str) -> None:
        """Check the object of members at `key`: a struct's, or arguments."""
        members = self.data[key]
        for shown, value in members.items():
            what = f"the member '{shown}' of '{key}'"
            name = shown.removeprefix("*")
            self.lower_name(name, what, self.exempt)
            if names.is_reserved_member(name):
                raise self.error(f"{what} has a reserved name")
            members[shown] = value = self.typed(value, what, ("if", "features"))
            self.condition(value, what)
            self.features(value, f" of {what}")
            self.type_name(value["type"], what, arrays=True)

    def typed(self, value: Any, what: str, optional: Iterable[str]) -> dict[str, Any]:
        """Return a member's value, short or long, in its long form."""
        if isinstance(value, dict):
            _check_keys(value, what, self.place, ("type",), optional)
            return value
        return {"type": value}

    def type_name(self, value: Any, what: str, *, arrays: bool) -> None:
        """Check that `value` names a type, or where `arrays` are fine an array."""
        if isinstance(value, str):
            return
        if not isinstance(value, list) or not arrays:
            kind = "a type's name or an array" if arrays else "a type's name"
            raise self.error(f"{what} must be {kind}")
        if len(value) != 1 or not isinstance(value[0], str):
            raise self.error(f"{what}: an array must contain one name of a type")

    def flags(self) -> None:
        """Check the members of a command that can only have one value."""
        for flags, only in ((_ONLY_TRUE, True), (_ONLY_FALSE, False)):
            for flag in flags:
                if flag in self.data and self.data[flag] is not only:
                    raise self.error(f"'{flag}' may only be {str(only).lower()}")
        if "allow-oob" in self.data and "coroutine" in self.data:
            raise self.error("'allow-oob' and 'coroutine' do not go together")

    def arguments(self) -> None:
        """Check 'data' of a command or an event."""
        data = self.data.get("data")
        if "boxed" in self.data:
            if data is None:
                raise self.error("'boxed': true needs 'data', the name of a type")
            self.type_name(data, "'data' with 'boxed'", arrays=False)
        elif isinstance(data, dict):
            self.members("data")
        elif data is not None and not isinstance(data, str):
            raise self.error("'data' must be an object or a type's name")


def _check_enum(shape: _Shape) -> None:
    values = shape.data["data"]
    if not isinstance(values, list):
        raise shape.error("'data' must be an array")
    if not isinstance(shape.data.get("prefix", ""), str):
        raise shape.error("'prefix' must be a string")
    values = [shape.named(value, "a value in 'data'") for value in values]
    shape.data["data"] = values
    for value in values:
        name = value["name"]
        what = f"the value '{name}'"
        _check_keys(value, what, shape.place, ("name",), ("if", "features"))
        # Values may begin with a digit; a letter before it doesn't change the rest.
        start = "d" if name[:1].isdigit() else ""
        shape.lower_name(start + name, what, shape.exempt)
        shape.condition(value, what)
        shape.features(value, f" of {what}")
    shape.common()


def _check_struct(shape: _Shape) -> None:
    if not isinstance(shape.data["data"], dict):
        raise shape.error("'data' must be an object")
    shape.members("data")
    if "base" in shape.data:
        shape.type_name(shape.data["base"], "'base'", arrays=False)
    shape.common()


def _check_union(shape: _Shape) -> None:
    data = shape.data
    if isinstance(data["base"], dict):
        shape.members("base")
    else:
        shape.type_name(data["base"], "'base'", arrays=False)
    if not isinstance(data["discriminator"], str):
        raise shape.error("'discriminator' must be a string, the name of a member")
    if not isinstance(data["data"], dict):
        raise shape.error("'data' must be an object")
    _check_branches(shape, arrays=False)
    shape.common()


def _check_alternate(shape: _Shape) -> None:
    if not isinstance(shape.data["data"], dict):
        raise shape.error("'data' must be an object")
    if not shape.data["data"]:
        raise shape.error("'data' must have at least one branch")
    _check_branches(shape, arrays=True)
    shape.common()


def _check_branches(shape: _Shape, *, arrays: bool) -> None:
    branches = shape.data["data"]
    for name, value in branches.items():
        what = f"the branch '{name}'"
        if shape.kind == "alternate":
            shape.lower_name(name, what, exempt=False)
        branches[name] = value = shape.typed(value, what, ("if",))
        shape.condition(value, what)
        shape.type_name(value["type"], what, arrays=arrays)


def _check_command(shape: _Shape) -> None:
    shape.arguments()
    if "returns" in shape.data:
        shape.type_name(shape.data["returns"], "'returns'", arrays=True)
    shape.flags()
    shape.common()


def _check_event(shape: _Shape) -> None:
    shape.arguments()
    shape.flags()
    shape.common()


_CHECKS = {
    "enum": _check_enum,
    "struct": _check_struct,
    "union": _check_union,
    "alternate": _check_alternate,
    "command": _check_command,
    "event": _check_event,
}
