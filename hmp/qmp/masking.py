"""The careful way to star out secrets, for messages and texts that may have some.

`hmp.qmp.secrets` sorts out the others. `hmp.qmp.secret_names` decides which names mean a
secret, `hmp.qmp.secret_addresses` finds the passwords of addresses, `hmp.qmp.secret_lines`
those of monitor lines, well-formed or not.
"""

from __future__ import annotations

import re

from hmp.qmp import RUN_LINE
from hmp.qmp.secret_addresses import mask_text, passwords_of_addresses
from hmp.qmp.secret_lines import analysed, words_analysed
from hmp.qmp.secret_names import (
    HARMLESS_ARGUMENTS,
    HARMLESS_OPTIONS,
    STARS,
    harmless_value,
    matches_secret,
    may_name_secret,
    names_secret,
    odd_command,
    resembles,
    secret_property,
    secret_type,
    sets_password,
    tells_nothing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# a secret like this may be an ordinary word, so only whole words are starred out
_OWN_WORD = r"..?|[A-Za-z]?[a-z]{1,9}"
_JSON_FILE = r"\bjson:\s*\{"
_JSON_MEMBER = r'("([^"\\]+)"\s*:\s*")((?:[^"\\]|\\.)*)'


class Sensitive:
    """The secrets that the reply to a request may contain.

    values: the secret texts. whole: the entire value is secret.
    """

    __slots__ = ("values", "whole")

    def __init__(self, values: list[str], whole: bool) -> None:
        self.values = [form for value in values for form in _forms(value)]
        self.whole = whole

    def mask(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Return the reply with the secrets masked."""
        value = reply.get("return")
        if self.whole and not (tells_nothing(value) or _is_error(value)):
            end = "\n" if isinstance(value, str) and value.endswith("\n") else ""
            reply = {**reply, "return": STARS + end}
        hidden = _each_text(reply, lambda text: hide(text, self.values))
        masked: dict[str, Any] = masked_reply(hidden)
        return masked


def _is_error(value: object) -> bool:
    """Return whether this is the text of an error of QEMU's monitor, and not a value."""
    return isinstance(value, str) and value.startswith("Error: ")


def masked_request(message: dict[str, Any], also: Sequence[str]) -> dict[str, Any]:
    """Return a request, masked; see `hmp.qmp.secrets.mask`."""
    shown = _Masking().request(message)
    if not also:
        return shown
    # a password that is also the name of a command must not make the command unreadable
    kept = {key: shown[key] for key in ("execute", "exec-oob") if key in shown}
    return {**_each_text(shown, lambda text: hide(text, also)), **kept}


def secrets_of(command: str, arguments: Any, also: Sequence[str]) -> Sensitive | None:
    """Return the secrets in the reply; see `hmp.qmp.secrets.sensitive`."""
    whole = _is_secret(command, arguments)
    masking = _Masking()
    masking.request({"execute": command, "arguments": arguments})
    masking.found += also
    if whole or masking.found or command == "qom-list-get":
        return Sensitive(masking.found, whole)
    return None


def _is_secret(command: str, arguments: Any) -> bool:
    """Return whether the entire reply to a request is a secret."""
    if command == "qom-get":
        return secret_property(arguments.get("property"))
    if command != RUN_LINE or not isinstance(arguments, dict):
        return False
    # QEMU's monitor takes quotes around any word
    words = str(arguments.get("command-line")).replace('"', "").split()
    return words[:1] == ["qom-get"] and secret_property(words[-1])


def masked_reply(value: Any) -> Any:
    """Return a reply, event or part of one, masked; see `hmp.qmp.secrets.mask_reply`."""
    if isinstance(value, str):
        return _mask_filename(mask_text(value))
    if isinstance(value, list):
        return [masked_reply(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: STARS
        if isinstance(item, str)  # a number with such a name counts, as in MIGRATION_PASS
        and matches_secret(key)
        and not (tells_nothing(item) or harmless_value(key, item))
        else masked_reply(item)
        for key, item in value.items()
    }
    if "value" in found and secret_property(found.get("name")):
        found["value"] = STARS
    return found


def _mask_filename(text: str) -> str:
    """Return a text with the secrets starred out of what QEMU calls a file in it: JSON."""
    if "json:" not in text or re.search(_JSON_FILE, text) is None:
        return text
    return re.sub(
        _JSON_MEMBER,
        lambda m: f"{m[1]}{STARS if matches_secret(m[2]) and m[3] else m[3]}",
        text,
    )


def masked_program(text: str) -> str:
    """Return the command line of a program, masked; see `hmp.qmp.secrets.mask_target`."""
    import shlex

    try:
        words = shlex.split(text)
    except ValueError:
        # an open quote: masked as a line is, which needs no words
        return analysed(text)[0]
    masked, _ = words_analysed(words)
    return mask_text(text if masked == words else " ".join(masked))


def hide(text: str, values: Sequence[str]) -> str:
    """Return a text with secret values in it starred out.

    A short secret, or one that may be an ordinary word, is replaced only as a whole word,
    which a member of a name, as in ``rules.1.policy``, is not.
    """
    # the longest first, since a secret may contain another
    for value in sorted(set(values), key=len, reverse=True):
        if not value or value not in text:
            continue
        if re.fullmatch(_OWN_WORD, value):
            whole = rf"(?<![\w-])(?<!\w\.){re.escape(value)}(?![\w-]|\.\w)"
            text = re.sub(whole, STARS, text)
        else:
            text = text.replace(value, STARS)
    return text


def _forms(value: str) -> set[str]:
    """Return a secret as it may be quoted: bare, and as JSON writes it."""
    bare = value.strip(" \t\"'\\{}")
    return {value, bare, value.replace("\\", "\\\\").replace('"', '\\"')}


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {change(key): _each_text(item, change) for key, item in value.items()}
    return value


class _Masking:
    """Masks one request; found: its secret texts."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def request(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the masked request."""
        command = str(message.get("execute", message.get("exec-oob", "")))
        arguments = message.get("arguments", {})
        # a line typed where a command belongs may hold a password
        if odd_command(command):
            name = "execute" if "execute" in message else "exec-oob"
            message = {**message, name: self._line(command)}
        if command == RUN_LINE:
            masked = _each_text(arguments, self._line)
        elif sets_password(command):
            masked = self._options(arguments, HARMLESS_ARGUMENTS)
        elif resembles(command, "object-add", 2) and isinstance(arguments, dict):
            masked = self._object(arguments)
        else:
            masked = self._any(arguments)
        return {**message, "arguments": masked} if "arguments" in message else message

    def _object(self, arguments: dict[str, Any]) -> Any:
        if secret_type(arguments.get("qom-type")):
            return self._options(arguments, HARMLESS_OPTIONS)
        return self._any(arguments)

    def _options(self, arguments: Any, harmless: frozenset[str]) -> Any:
        """Mask every value that is not known to be harmless."""
        if not isinstance(arguments, dict):
            return self._star(arguments)
        return {
            key: self._any(item)
            if key in harmless and not isinstance(item, dict)
            else self._options(item, harmless)
            for key, item in arguments.items()
        }

    def _any(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return self._items(value)
        if not isinstance(value, dict):
            return value
        members: dict[str, Any] = value
        if "qom-type" in members and secret_type(members["qom-type"]):
            return self._options(members, HARMLESS_OPTIONS)
        setting = "value" in members and _sets_secret(members)
        return {
            key: self._star(item)
            if (names_secret(str(key)) and not _names_something(key, item))
            or (setting and key == "value")
            else self._line(item)
            if key == "command-line" and isinstance(item, str)
            else self._items(item, str(members.get("path", "")))
            if key == "arg" and isinstance(item, list)  # of guest-exec
            else self._any(item)
            for key, item in members.items()
        }

    def _items(self, items: list[Any], program: str = "") -> list[Any]:
        """Mask a list, which may hold the words for a program."""
        if not all(isinstance(item, str) for item in items):
            return [self._any(item) for item in items]
        if len(items) == 1 and items[0].isalnum():  # as in each negotiation
            return items
        masked, found = words_analysed([program, *items])
        self.found += found
        return [self._text(item) for item in masked[1:]]

    def _star(self, value: Any) -> Any:
        """Star out a value of any type."""
        if tells_nothing(value):
            return value
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                self._star(item)
        else:
            self.found.append(str(value))
        return STARS

    def _text(self, text: str) -> str:
        self.found += passwords_of_addresses(text)
        # "json:": of what QEMU calls a file
        if text.startswith(("exec:", "json:")) or "%" in text or may_name_secret(text):
            return self._line(text)
        return mask_text(text)

    def _line(self, line: str) -> str:
        masked, found = analysed(line)
        self.found += found
        return masked


def _names_something(name: str, value: Any) -> bool:
    """Return whether a member is the key of an input event, or its value is harmless."""
    return (name == "key" and isinstance(value, dict)) or harmless_value(name, value)


def _sets_secret(arguments: dict[str, Any]) -> bool:
    """Return whether these are qom-set's arguments for a secret."""
    name = arguments.get("property")
    own = str(arguments.get("path", "")).startswith(("/objects/", "objects/"))
    return secret_property(name) or (
        own and isinstance(name, str) and resembles(name, "data", 1)
    )
