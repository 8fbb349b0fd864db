"""QMP commands typed by hand: ``NAME key=value…`` or a JSON object.

Values are typed by the machine's own schema, never guessed: ``id=007`` stays a text where
a text is wanted, ``0x10`` is a number where one is. Dots lead into objects, ``key=`` with
JSON behind it is taken as JSON where no text is wanted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hmp.errors import CommandFailed
from hmp.options import OptionsError, nested
from hmp.typed import Unconvertible, convert
from hmp.words import BLANKS, WordError, read_word, skip_blanks

if TYPE_CHECKING:
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.introspected import Introspected

_JSON_STARTS = ("{", "[")
_WANTED = {"boolean": "boolean", "int": "integer", "number": "number"}


async def raw_request(qmp: Connection, text: str) -> tuple[str, dict[str, Any]]:
    """Read a request; return the command and its arguments.

    Raises CommandFailed for what is none, QMPError and MachineGone.
    """
    if text.startswith("{"):
        return _json_request(text)
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
    return words[0], arguments


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
            key, equals, rest = text[index:].partition("=")
            if equals and rest.startswith(_JSON_STARTS) and not set(key) & set(BLANKS):
                _, end = json.JSONDecoder().raw_decode(rest)
                words.append(f"{key}={rest[:end]}")
                index += len(key) + 1 + end
            elif equals and rest.startswith('"') and not set(key) & set(BLANKS):
                value, index = read_word(text, index + len(key) + 1)
                words.append(f"{key}={value}")
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
    if isinstance(value, dict) and meta == "object":
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


def _typed_text(schema: Introspected, entry: dict[str, Any], text: str, path: str) -> Any:
    meta, wanted = entry.get("meta-type"), _WANTED.get(entry.get("json-type", ""))
    if wanted is not None:
        try:
            return convert(text, wanted)
        except Unconvertible as error:
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
