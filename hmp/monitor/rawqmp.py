"""QMP commands typed by hand: ``NAME key=value…`` or a JSON object.

Values are typed by the machine's own schema, never guessed: ``id=007`` stays a text where
a text is wanted, ``0x10`` is a number where one is. Dots lead into objects, ``key=`` with
JSON behind it is taken as JSON where no text is wanted.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hmp.language.keyval import nested
from hmp.language.options import OptionsError
from hmp.language.words import BLANKS, WordError, read_word, skip_blanks
from hmp.monitor.coerce import CoercionError, plain_size, read_integer, read_switch
from hmp.monitor.errors import CommandFailed
from hmp.monitor.help import did_you_mean
from hmp.qmp.errors import BadReply, QMPError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.introspected import Introspected

_JSON_STARTS = ("{", "[")
_key = re.compile(f'(?!")[^={BLANKS}]*+=')


async def raw_request(qmp: Connection, text: str) -> tuple[str, dict[str, Any]]:
    """Read a request; return the command and its arguments.

    Raises CommandFailed for what is none, QMPError and MachineGone.
    """
    if text.startswith("{"):
        name, arguments = _json_request(text)
        await check(qmp, name, arguments)
        return name, arguments
    words = _words(text)
    try:
        arguments = nested(word.partition("=")[::2] for word in words[1:] if "=" in word)
    except OptionsError as error:
        raise CommandFailed(f"Error: {error}\n") from error
    for word in words[1:]:
        if "=" not in word:
            raise CommandFailed(f"Error: '{word}' is not key=value\n")
    schema = await qmp.schema() if arguments else None
    if schema is not None:
        name = schema.entries.get(words[0], {}).get("arg-type", "")
        arguments = _typed(schema, name, arguments, "")
    await check(qmp, words[0], arguments)
    return words[0], arguments


_OPEN = ("device_add",)
"""Commands that take more than their schema says."""


async def check(qmp: Connection, name: str, arguments: Any) -> None:
    """Check a command and its arguments by the machine's schema, before it is sent.

    Raises CommandFailed, which says where. A machine without a schema is not guessed at.
    """
    try:
        schema = await qmp.schema()
    except (QMPError, BadReply):
        return
    if not schema.commands():
        return
    if schema.command(name) is None:
        raise _wrong(f"there is no QMP command '{name}'", name, schema.commands())
    if not isinstance(arguments, dict):
        raise CommandFailed('Error: "arguments" must be an object\n')
    if name not in _OPEN:
        _check(schema, schema.entries[name]["arg-type"], arguments, "")


def _check(schema: Introspected, name: str, value: Any, path: str) -> None:
    """Check a value: members that are unknown or missing, and words of an enum."""
    entry = schema.entries.get(name, {})
    meta = entry.get("meta-type")
    if meta == "enum" and isinstance(value, str) and value not in schema.values(entry):
        values = schema.values(entry)
        raise _wrong(f"'{value}' is no value of '{path}'", value, values)
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
            raise CommandFailed(f"Error: '{_below(path, key)}' is missing\n")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _wrong(text: str, word: str, words: Iterable[str]) -> CommandFailed:
    error = CommandFailed(f"Error: {text}\n")
    near = get_close_matches(word, words, 3, 0.6)
    if near:
        error.hint = did_you_mean(near)
    return error


def _json_request(text: str) -> tuple[str, dict[str, Any]]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandFailed(f"Error: that is no JSON: {error}\n") from error
    name = message.get("execute")
    if not isinstance(name, str):
        raise CommandFailed('Error: the object wants a member "execute": NAME\n')
    return name, message.get("arguments", {})


def _words(text: str) -> list[str]:
    """Split at blanks; a value may be quoted, and JSON may hold blanks."""
    words: list[str] = []
    index = skip_blanks(text, 0)
    try:
        while index < len(text):
            key = _key.match(text, index)
            start = key.end() if key else index
            if key and text.startswith(_JSON_STARTS, start):
                _, index = json.JSONDecoder().raw_decode(text, start)
                words.append(f"{key[0]}{text[start:index]}")
            elif key and text.startswith('"', start):
                value, index = read_word(text, start)
                words.append(f"{key[0]}{value}")
            else:
                word, index = read_word(text, index)
                words.append(word)
            index = skip_blanks(text, index)
    except (WordError, ValueError) as error:
        raise CommandFailed(f"Error: {error}\n") from error
    return words


def _typed(schema: Introspected, name: str, value: Any, path: str) -> Any:
    """Convert texts to what the schema's type of that name wants."""
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
        return value
    return _typed_text(schema, entry, value, path.rstrip("."))


def _integer(text: str) -> int:
    """Read an integer like C does, or a size with its unit. Raises CoercionError."""
    value = plain_size(text)
    return read_integer(text) if value is None else value


def _number(text: str) -> Any:
    try:
        return float(text) if set(text) & set(".eE") and text[:2] != "0x" else int(text)
    except ValueError:
        return _integer(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "boolean": read_switch,
    "int": _integer,
    "number": _number,
}
"""What reads a text, by the JSON type that is wanted."""


def _typed_text(schema: Introspected, entry: dict[str, Any], text: str, path: str) -> Any:
    meta, read = entry.get("meta-type"), _READERS.get(entry.get("json-type", ""))
    if read is not None:
        try:
            return read(text)
        except CoercionError as error:
            raise CommandFailed(f"Error: Parameter '{path}' expects {error}\n") from error
    takes_json = (
        meta in ("object", "array", "alternate") or entry.get("json-type") == "value"
    )
    if takes_json and (text.startswith(_JSON_STARTS) or meta == "alternate"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if meta == "array":
        return [
            _typed(schema, entry["element-type"], part, path) for part in text.split(",")
        ]
    return text
