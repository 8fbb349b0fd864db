"""The shapes of replies and events: the members that all supported releases of QEMU have.

Takes checked schemas of several releases and machines' answers to `query-qmp-schema`, and
joins them. A member is optional if one of them lacks it, or has it as optional, on a
condition or since a later release; where they contradict each other, any value is allowed.
The results are two texts: the module with which `hmp.qmp.shapes` checks replies, and its
stub with a `TypedDict` for each type, for type checkers.

A type is written as in the schema: `str`, `[Foo]`. All integers are `int` and all
enumerations `str`, since a newer machine may have more values.
"""

from __future__ import annotations

import keyword
import re

from hmp.qapi.entities import AlternateType, ArrayType, EnumType, ObjectType, Type
from hmp.qapi.names import class_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hmp.qapi.entities import Member
    from hmp.qapi.schema import Schema

    Info = dict[str, Any]

ANY = "any"
NOTHING = "{}"
"""The reply of a command without 'returns': an object without promised members."""

OLDEST = (4, 2)
"""The release whose replies still count; members that came later are optional."""
_LATER = {("q_obj_RTC_CHANGE-arg", "qom-path")}
"""Members, each with its type, that came after it though no documentation says so: 7.0."""
# "(since 8.1)" in the documentation, however it is spelled
_SINCE = re.compile(r"\(since:?\s+v?(\d+)\.(\d+)", re.IGNORECASE)
# types that need no shape
_SIMPLE = ("str", "int", "number", "bool", ANY, NOTHING)


class Shape:
    """An object type, or an alternate.

    members: type and whether it is optional, by name. tag, cases: the union's member that
    selects a branch, and the branches' types by its values. choices: the types of an
    alternate; None for an object.
    """

    def __init__(self) -> None:
        self.members: dict[str, tuple[str, bool]] = {}
        self.tag = ""
        self.cases: dict[str, str] = {}
        self.choices: list[str] | None = None

    def text(self) -> str:
        """Return the shape as the table has it."""
        if self.choices is not None:
            return "".join(f"|{choice}" for choice in self.choices)
        words = [
            f"{name}{'?' if optional else ''}:{type_}"
            for name, (type_, optional) in self.members.items()
        ]
        words += [f"{self.tag}={case}:{type_}" for case, type_ in self.cases.items()]
        return " ".join(words)


class Replies:
    """The types of replies by command, of data by event, and the types' shapes by name."""

    def __init__(self) -> None:
        self.commands: dict[str, str] = {}
        self.events: dict[str, str] = {}
        self.shapes: dict[str, Shape] = {}

    @classmethod
    def of(cls, schema: Schema) -> Replies:
        """Return the replies of one schema."""
        replies = cls()
        for command in schema.commands.values():
            type_ = command.returns
            replies.commands[command.name] = (
                NOTHING if type_ is None else replies._use(type_)
            )
        for event in schema.events.values():
            data = event.arguments
            replies.events[event.name] = replies._use(data) if data.members else NOTHING
        return replies

    @classmethod
    def parse(
        cls,
        commands: Mapping[str, str],
        events: Mapping[str, str],
        shapes: Mapping[str, str],
    ) -> Replies:
        """Return the replies and events in a table of `module`."""
        replies = cls()
        replies.commands = dict(commands)
        replies.events = dict(events)
        for name, text in shapes.items():
            shape = replies.shapes[name] = Shape()
            if text.startswith("|"):
                shape.choices = text[1:].split("|")
                continue
            for word in text.split():
                left, _, type_ = word.rpartition(":")
                tag, is_case, case = left.partition("=")
                if is_case:
                    shape.tag, shape.cases[case] = tag, type_
                else:
                    shape.members[left.removesuffix("?")] = type_, left.endswith("?")
        return replies

    def _use(self, type_: Type) -> str:
        """Return the spelling of a type, and add its shape."""
        if isinstance(type_, ArrayType):
            return f"[{self._use(type_.element)}]"
        if isinstance(type_, EnumType):
            return "str"
        if isinstance(type_, ObjectType | AlternateType):
            if type_.name not in self.shapes:
                self.shapes[type_.name] = shape = Shape()
                self._fill(shape, type_)
            return type_.name
        return type_.name if type_.json_type != "int" else "int"

    def _fill(self, shape: Shape, type_: ObjectType | AlternateType) -> None:
        if isinstance(type_, AlternateType):
            types = (self._use(branch.type) for branch in type_.branches)
            shape.choices = list(dict.fromkeys(types))
            return
        for member in type_.members:
            shape.members[member.name] = self._use(member.type), _may_lack(type_, member)
        if type_.discriminator is not None:
            shape.tag = type_.discriminator.name
            for branch in type_.branches:
                shape.cases[branch.name] = self._use(branch.type)

    # Joining

    def join(self, other: Replies) -> None:
        """Join the replies of another release."""
        for mine, theirs in (self.commands, other.commands), (self.events, other.events):
            for name, type_ in theirs.items():
                mine[name] = _common(mine.get(name, type_), type_)
        for name, shape in other.shapes.items():
            if name not in self.shapes:
                self.shapes[name] = shape
                continue
            # a union in one release and a plain object in another: their members can be
            # joined
            if bool(shape.cases) != bool(self.shapes[name].cases):
                self.flatten(self.shapes[name])
                other.flatten(shape)
            _join_shapes(self.shapes[name], shape)

    def flatten(self, shape: Shape) -> None:
        """Turn the members of a union's branches into its own optional members."""
        for case in shape.cases.values():
            for name, (type_, _) in self.shapes[case].members.items():
                mine, optional = shape.members.get(name, (type_, True))
                shape.members[name] = _common(mine, type_), optional
        shape.cases = {}

    def prune(self) -> None:
        """Drop the types that no command or event needs any more."""
        needed: dict[str, None] = {}
        # types may contain themselves, so what is needed is collected step by step
        waiting = [*self.commands.values(), *self.events.values()]
        while waiting:
            name = waiting.pop().strip("[]")
            if name in self.shapes and name not in needed:
                needed[name] = None
                shape = self.shapes[name]
                waiting += shape.choices or ()
                waiting += [type_ for type_, _ in shape.members.values()]
                waiting += shape.cases.values()
        self.shapes = {name: self.shapes[name] for name in sorted(needed)}


def _may_lack(type_: ObjectType, member: Member) -> bool:
    """Tell whether a machine may leave a member out, perhaps an older or a newer one."""
    if member.optional or member.condition is not None or member.has_feature("deprecated"):
        return True
    if (type_.name, member.name) in _LATER:
        return True
    holder: ObjectType | None = type_
    while holder is not None:
        section = holder.doc.members.get(member.name) if holder.doc else None
        if section is not None:
            since = _SINCE.search(section.text)
            return since is not None and (int(since[1]), int(since[2])) > OLDEST
        holder = holder.base
    return False


def _common(one: str, other: str) -> str:
    """Return a type that values of both types have."""
    if one == other:
        return one
    if one.startswith("[") and other.startswith("["):
        return f"[{_common(one[1:-1], other[1:-1])}]"
    return NOTHING if _is_object(one) and _is_object(other) else ANY


def _is_object(type_: str) -> bool:
    return type_ == NOTHING or not (type_ in _SIMPLE or type_.startswith("["))


def _join_shapes(mine: Shape, other: Shape) -> None:
    if mine.choices is not None or other.choices is not None:
        mine.choices = list(dict.fromkeys((mine.choices or []) + (other.choices or [])))
        return
    for name in {**mine.members, **other.members}:
        pair = [shape.members[name] for shape in (mine, other) if name in shape.members]
        optional = len(pair) < 2 or any(lacking for _, lacking in pair)
        mine.members[name] = _common(pair[0][0], pair[-1][0]), optional
    mine.tag = mine.tag or other.tag
    for case, type_ in other.cases.items():
        mine.cases[case] = _common(mine.cases.get(case, type_), type_)


# The texts

_HEADER = '''\
# fmt: off
# ruff: noqa: E501
"""The types of machines' replies and events, from the schemas of QEMU and our own machine.

Written by `python -m hmp.qapi replies`. `hmp.qmp.shapes` reads the three texts, a line for
each name, which load ten times as fast as dicts; for type checkers the stub beside this
module has a TypedDict for each type.
"""

'''


def module(replies: Replies) -> str:
    """Return the text of the tables: Python that is loaded at once."""
    shapes = {name: shape.text() for name, shape in replies.shapes.items()}
    tables = (
        ("COMMANDS", replies.commands, "The return type of each command."),
        ("EVENTS", replies.events, "The type of each event's data."),
        ("SHAPES", shapes, "The members of a type; the choices of an alternate."),
    )
    return _HEADER + "\n".join(
        f'{name} = """\\\n{lines_of(types)}"""\n"""{about}"""\n'
        for name, types, about in tables
    )


def lines_of(types: Mapping[str, str]) -> str:
    """Return a table as `hmp.qmp.shapes` reads it."""
    return "".join(f"{name} {text}\n" for name, text in sorted(types.items()))


def stub(replies: Replies) -> str:
    """Return the text of the stub for type checkers."""
    lines = [
        "# fmt: off",
        "# Written by `python -m hmp.qapi replies --stub`.",
        "from typing import NotRequired, TypeAlias, TypedDict",
        "",
        "COMMANDS: str",
        "EVENTS: str",
        "SHAPES: str",
    ]
    for name, shape in replies.shapes.items():
        lines += ["", *_stub_lines(class_name(name), shape, replies)]
    return "\n".join(lines) + "\n"


def overloads(replies: Replies) -> str:
    """Return the text of the stub of `hmp.qmp.executes`: each command's return type."""
    types = {name: _annotation(type_) for name, type_ in sorted(replies.commands.items())}
    used = {name for text in types.values() for name in re.findall(r"\w+", text)}
    names = sorted(used & {class_name(name) for name in replies.shapes})
    lines = [
        "# fmt: off",
        "# ruff: noqa: I001",
        "# Written by `python -m hmp.qapi replies --overloads`.",
        "from collections.abc import Mapping",
        "from typing import Any, Literal, TypeAlias, overload",
        "",
        "from hmp.qmp.reply_types import (",
        *(f"    {name}," for name in names),
        ")",
        "",
        "Empty: TypeAlias = dict[str, object]",
        "Silent: TypeAlias = Literal[",
        *(f'    "{name}",' for name, text in types.items() if text == _EMPTY),
        "]",
        "",
        "class Executes:",
    ]
    for name, text in types.items():
        if text not in ("object", _EMPTY):
            lines += _overload(f'Literal["{name}"]', text)
    lines += [*_overload("Silent", "Empty"), *_overload("str", "Any")]
    return "\n".join(lines) + "\n"


_EMPTY = "dict[str, object]"
"""The return annotation of a command without a result."""


def _overload(command: str, returns: str) -> list[str]:
    return [
        "    @overload",
        "    async def execute(",
        f"        self, command: {command},",
        "        arguments: Mapping[str, Any] | None = ..., /, **members: Any,",
        f"    ) -> {returns}: ...",
    ]


def _stub_lines(name: str, shape: Shape, replies: Replies) -> Iterator[str]:
    if shape.choices is not None:
        choices = " | ".join(_annotation(type_) for type_ in shape.choices)
        yield f"{name}: TypeAlias = {choices}"
        return
    members = _all_members(shape, replies)
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in members):
        yield f"class {name}(TypedDict):"
        yield from (f"    {key}: {text}" for key, text in members.items())
        if not members:
            yield "    pass"
        return
    yield f"{name} = TypedDict("
    yield f'    "{name}",'
    yield "    {"
    yield from (f'        "{key}": {text},' for key, text in members.items())
    yield "    },"
    yield ")"


def _all_members(shape: Shape, replies: Replies) -> dict[str, str]:
    """Return the annotation of each member, those of branches as not required."""
    members = {
        name: f"NotRequired[{_annotation(type_)}]" if optional else _annotation(type_)
        for name, (type_, optional) in shape.members.items()
    }
    for case in shape.cases.values():
        if case not in replies.shapes:
            continue
        for name, text in _all_members(replies.shapes[case], replies).items():
            text = text if text.startswith("NotRequired") else f"NotRequired[{text}]"
            # what differs between branches could be anything
            same = members.get(name, text) == text
            members[name] = text if same else "NotRequired[object]"
    return members


def _annotation(type_: str) -> str:
    if type_.startswith("["):
        return f"list[{_annotation(type_[1:-1])}]"
    if type_ in _SIMPLE:
        plain = {"number": "float", ANY: "object"}
        return plain.get(type_, "dict[str, object]" if type_ == NOTHING else type_)
    return class_name(type_)
