"""QMP commands typed by hand: ``NAME key=value…`` or a JSON object.

The machine's own schema decides the type of a value: ``id=007`` stays a string if a string
is expected, ``0x10`` becomes a number if a number is. Dots in a key make nested objects,
and a value may be JSON unless a string is expected. If the schema allows any type, or is
missing, a value that parses as JSON is JSON, and any other a string. A quoted value is
always a string.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from math import isfinite
from typing import Any, NamedTuple

from hmp.language.keyval import nested
from hmp.language.qemu_opts import OptionsError
from hmp.language.words import BLANKS, WordError, read_word, skip_blanks
from hmp.monitor.coerce import read_json, read_switch
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.help import did_you_mean
from hmp.monitor.integers import CoercionError, check_member, read_member
from hmp.qmp.errors import BadReplyError, QMPError
from hmp.qmp.exchange import AsTyped
from hmp.qmp.shapes import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.qmp.connection import Connection
    from hmp.qmp.introspected import Introspected

_JSON_STARTS = ("{", "[")
# where JSON may go over several lines: a whole message, or the arguments of qmp NAME
_MESSAGE_START = re.compile(r"\s*(qmp\s+(?:[\w-]+\s+)?)?(?=\{)")
# a number of JSON, but leading zeroes are taken, too
_REAL = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
# the key of key=value; a quoted word is a value with any = in it
_KEY = re.compile(f'(?!")[^={BLANKS}]*+=')


class RawRequest(NamedTuple):
    """A QMP command, ready to be sent; oob: out-of-band."""

    name: str
    arguments: dict[str, Any]
    oob: bool = False


class Quoted(str):
    """A value that was typed in quotes, and is therefore a string."""

    __slots__ = ()


async def raw_request(qmp: Connection, text: str) -> RawRequest:
    """Read a request. Raises CommandFailedError, QMPError, MachineGoneError."""
    if text.startswith("{"):
        request = _message(text)
    else:
        name, rest = split_name(text)
        if rest.startswith("{"):
            request = RawRequest(name, _json_object(rest))
        else:
            request = RawRequest(name, await _arguments(qmp, name, split_pairs(rest)))
    await check(qmp, request.name, request.arguments)
    return request._replace(arguments=AsTyped(request.arguments))


def command_of(text: str) -> str:
    """Return the QMP command that a request names; empty if it cannot be read."""
    try:
        return _message(text).name if text.startswith("{") else split_name(text)[0]
    except CommandFailedError:
        return ""


async def _arguments(
    qmp: Connection, name: str, pairs: list[tuple[str, str]]
) -> dict[str, Any]:
    """Return the arguments, with the types of the machine's schema if it has one."""
    try:
        arguments = nested(pairs)
    except OptionsError as error:
        raise CommandFailedError(f"Error: {error}\n") from error
    if not arguments:
        return {}
    schema = await _schema(qmp)
    if schema is None:
        guessed: dict[str, Any] = _guessed(arguments)
        return guessed
    entry = schema.entries.get(name, {})
    typed: dict[str, Any] = _typed(schema, entry.get("arg-type", ""), arguments, "")
    # members outside of the schema are properties of the device, whose types it does not
    # give
    if name in _OPEN:
        members = schema.all_members(entry.get("arg-type", ""), arguments)
        return {
            key: typed[key] if key in members else _guessed(value)
            for key, value in arguments.items()
        }
    return typed


async def _schema(qmp: Connection) -> Introspected | None:
    """Return the machine's schema, or None when it has none."""
    try:
        schema = await qmp.schema()
    except (QMPError, BadReplyError):
        return None
    return schema if schema.commands() else None


def _guessed(value: Any) -> Any:
    """Return a value of unknown type: as JSON if it parses, else as a string."""
    if isinstance(value, dict):
        return {key: _guessed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_guessed(item) for item in value]
    if isinstance(value, Quoted):
        return str(value)
    try:
        return read_json(value)
    except ValueError:
        return value


_OPEN = ("device_add",)
"""Commands that accept more arguments than their schema lists."""
_NEGOTIATION = "qmp_capabilities"
"""A command that is not in the schema, but that the machine answers itself."""


async def check(qmp: Connection, name: str, arguments: dict[str, Any]) -> None:
    """Check a command and its arguments by the machine's schema, before it is sent.

    Raises CommandFailedError, which names the member. Without a schema nothing is checked.
    """
    schema = await _schema(qmp)
    if schema is None or name == _NEGOTIATION:
        return
    if schema.command(name) is None:
        raise _no_command(qmp, name, schema.commands())
    if name not in _OPEN:
        _check(schema, schema.entries[name]["arg-type"], arguments, "")


def _no_command(qmp: Connection, name: str, known: Iterable[str]) -> CommandFailedError:
    error = _wrong(f"no QMP command '{name}'", name, known)
    if qmp.demonstration and name in COMMANDS:
        error.hint = (
            f"This is {qmp.demonstration}. Its QMP commands: {', '.join(sorted(known))}"
        )
    return error


def _check(schema: Introspected, name: str, value: Any, path: str) -> None:
    """Check a value: its members, the words of enums, and the range of integers."""
    entry = schema.entries.get(name, {})
    meta = entry.get("meta-type")
    # not isinstance: True is an int to Python
    if entry.get("json-type") == "int" and type(value) is int:
        check_member(path, value)
    if meta == "enum" and isinstance(value, str) and value not in schema.values(entry):
        values = schema.values(entry)
        raise _wrong(f"'{value}' is not a value of '{path}'", value, values)
    if meta == "array" and isinstance(value, list):
        for index, item in enumerate(value):
            _check(schema, entry["element-type"], item, f"{path}[{index}]")
    if meta != "object" or not isinstance(value, dict):
        return
    members = {member["name"]: member for member in schema.members_for(name, value)}
    for key, item in value.items():
        if key not in members:
            raise _wrong(f"'{_below(path, key)}' is not expected", key, members)
        _check(schema, members[key]["type"], item, _below(path, key))
    for key, member in members.items():
        if "default" not in member and key not in value:
            raise CommandFailedError(f"Error: '{_below(path, key)}' is missing\n")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _wrong(text: str, word: str, words: Iterable[str]) -> CommandFailedError:
    error = CommandFailedError(f"Error: {text}\n")
    near = get_close_matches(word, words, 3, 0.6)
    if near:
        error.hint = did_you_mean(near)
    return error


def _message(text: str) -> RawRequest:
    """Read a whole QMP message. Raises CommandFailedError."""
    message = _json_object(text)
    for key in message:
        if key not in ("execute", "exec-oob", "arguments", "id"):
            raise CommandFailedError(f"Error: QMP input member '{key}' is unexpected\n")
    for key in ("execute", "exec-oob"):
        if isinstance(message.get(key), str):
            arguments = message.get("arguments", {})
            if not isinstance(arguments, dict):
                raise CommandFailedError('Error: "arguments" must be an object\n')
            return RawRequest(message[key], arguments, key == "exec-oob")
    raise CommandFailedError('Error: the object needs a member "execute": NAME\n')


def _json_object(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise CommandFailedError(f"Error: not valid JSON: {_reason(error)}\n") from error
    return found


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; QEMU refuses a repeated key, of which Python keeps the last."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"'{key}' is repeated")
        found[key] = value
    return found


def _reason(error: Exception) -> str:
    """Return what is wrong; single quotes, which QEMU takes as well, are named."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError) and error.doc[error.pos :][:1] == "'":
        return f"names and texts need double quotes, not ' (at character {error.pos + 1})"
    return str(error)


def split_name(text: str) -> tuple[str, str]:
    """Return the name of the command, and the rest. Raises CommandFailedError."""
    try:
        name, end = read_word(text, skip_blanks(text, 0))
    except WordError as error:
        raise CommandFailedError(f"Error: {error}\n") from error
    return name, text[end:].strip(BLANKS)


def split_pairs(text: str) -> list[tuple[str, str]]:
    """Split key=value at blanks; a value may be quoted, and JSON may contain blanks.

    Raises CommandFailedError.
    """
    pairs: list[tuple[str, str]] = []
    index = skip_blanks(text, 0)
    try:
        while index < len(text):
            key = _KEY.match(text, index)
            start = key.end() if key else index
            name = key[0][:-1] if key else ""
            if key and text.startswith(_JSON_STARTS, start):
                # JSON may contain blanks, so only its parser knows where it ends
                _, index = json.JSONDecoder().raw_decode(text, start)
                value = text[start:index]
            elif key and text.startswith('"', start):
                word, index = read_word(text, start)
                value = Quoted(word)
            else:
                # quotes around all of key=value quote the value as well
                quoted = text[index] == '"'
                word, index = read_word(text, index)
                name, equals, value = word.partition("=")
                value = Quoted(value) if quoted else value
                if not equals:
                    raise CommandFailedError(f"Error: '{word}' is not key=value\n")
                if value.startswith("'") and not quoted:
                    raise CommandFailedError(
                        f'Error: a value is quoted with double quotes: {name}="..."\n'
                    )
            pairs.append((name, value))
            index = skip_blanks(text, index)
    except (WordError, ValueError) as error:
        raise CommandFailedError(f"Error: {_reason(error)}\n") from error
    return pairs


def join_messages(lines: list[str]) -> list[str]:
    """Join the lines of each QMP message among pasted lines.

    A message without a command before it becomes a line of the command ``qmp``.
    """
    text = "\n".join(lines)
    joined: list[str] = []
    index = offset = 0
    while index < len(lines):
        end = offset + len(lines[index])
        match = _MESSAGE_START.match(lines[index])
        if match is not None:
            start = offset + match.end()
            value, stop = _decoded(text, start)
            begins_message = match[1] or {"execute", "exec-oob"} & value.keys()
            line_end = text.find("\n", stop)
            line_end = len(text) if line_end < 0 else line_end
            # more text after the object: not a message, but a line that contains one
            if begins_message and value and not text[stop:line_end].strip():
                # a line end within JSON is only a blank; strings cannot contain one
                message = text[start:stop].replace("\n", " ")
                joined.append(f"{match[1] or 'qmp '}{message}")
                index += text.count("\n", start, stop) + 1
                offset = line_end + 1
                continue
        joined.append(lines[index])
        index, offset = index + 1, end + 1
    return joined


def _decoded(text: str, start: int) -> tuple[dict[str, Any], int]:
    """Return the JSON object at an index and the index after it; empty without one."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}, start
    return value, end


def _typed(schema: Introspected, name: str, value: Any, path: str) -> Any:
    """Convert texts to the schema's type of that name."""
    entry = schema.entries.get(name, {})
    meta = entry.get("meta-type")
    if isinstance(value, dict) and meta in ("object", "alternate"):
        types = schema.all_members(name, value)
        return {
            key: _typed(schema, types.get(key, ""), item, f"{path}{key}.")
            for key, item in value.items()
        }
    if isinstance(value, list):
        element = entry.get("element-type", "")
        return [
            _typed(schema, element, item, f"{path}{i}.") for i, item in enumerate(value)
        ]
    if not isinstance(value, str):
        return _guessed(value) if entry.get("json-type") == "value" else value
    return _typed_text(schema, entry, value, path.rstrip("."))


_CONVERTED = ("boolean", "int", "number")
"""JSON types whose values are never texts."""


def _read(kind: str, name: str, text: str) -> Any:
    """Read the text of a member of a JSON type. Raises CoercionError."""
    if kind == "boolean":
        return read_switch(text)
    if kind != "number" or _REAL.fullmatch(text) is None:
        return read_member(name, text)
    number = float(text)
    if not isfinite(number):
        raise CoercionError("number")
    return number


def _typed_text(schema: Introspected, entry: dict[str, Any], text: str, path: str) -> Any:
    if isinstance(text, Quoted) and entry.get("json-type") in ("value", "string"):
        return str(text)
    if entry.get("json-type") == "value":
        return _guessed(text)
    meta, kind = entry.get("meta-type"), entry.get("json-type", "")
    if kind in _CONVERTED:
        try:
            return _read(kind, path.rpartition(".")[2], text)
        except CoercionError as error:
            raise CommandFailedError(
                f"Error: Parameter '{path}' expects {error}\n"
            ) from error
    takes_json = meta in ("object", "array", "alternate")
    if takes_json and (text.startswith(_JSON_STARTS) or meta == "alternate"):
        try:
            return read_json(text)
        except ValueError:
            return text
    if meta == "array":
        return [
            # a,b,c for a list, as nothing else in a text could make one
            _typed(schema, entry["element-type"], part, path)
            for part in text.split(",")
        ]
    return text
