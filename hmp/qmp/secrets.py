"""How secrets are starred out of requests, replies and texts.

`hmp.qmp.secret_names` decides which names mean a secret, and `hmp.qmp.secret_addresses`
finds the passwords of addresses. `mask` masks QMP requests.
`Sensitive` holds the secrets that a request may bring into its reply, so that no password
leaves the connection, neither quoted in an error nor as the value of a property.
`hmp.qmp.secret_lines` masks monitor lines, well-formed or not.
"""

from __future__ import annotations

import re

from hmp.qmp.secret_addresses import LOOSE, mask_text, passwords_of_addresses
from hmp.qmp.secret_names import (
    HARMLESS_ARGUMENTS,
    HARMLESS_OPTIONS,
    NAMES,
    STARS,
    harmless_value,
    matches_secret,
    names_secret,
    resembles,
    secret_property,
    secret_type,
    sets_password,
    tells_nothing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_TELLING = {
    b"//": b"//",
    b":\\": rb":\\+/",
    b"rbd": b"rbd:",
    **{name.encode(): name.encode() + rb'[\w-]*\\*"\s*:' for name in NAMES},
}
"""Patterns for possible addresses with a password, and members with secret names, by a
part that is found faster.
"""
_NEGOTIATION = {"enable": ["oob"]}
"""What every connection sends; the patterns of secrets take long to compile for it."""
_OWN_WORD = r"..?|[A-Za-z]?[a-z]{1,9}"
_JSON_FILE = r"\bjson:\s*\{"
_JSON_MEMBER = r'("([^"\\]+)"\s*:\s*")((?:[^"\\]|\\.)*)'


def mask(message: dict[str, Any], also: Sequence[str] = ()) -> dict[str, Any]:
    """Return a request with its secrets starred out; the same object if it has none.

    also: the secrets of the line that makes the request.
    """
    if also:
        shown = mask(message)
        # a password that is also the name of a command must not make the command unreadable
        kept = {key: shown[key] for key in ("execute", "exec-oob") if key in shown}
        return {**_each_text(shown, lambda text: hide(text, also)), **kept}
    command = message.get("execute", message.get("exec-oob"))
    if "arguments" not in message and not _odd(command):
        return message
    return _Masking().request(message)


def mask_line(line: str) -> str:
    """Return a monitor line with its secrets starred out."""
    if _holds_none(line):
        return line
    from hmp.qmp.secret_lines import analysed  # late: most scripts never need it

    return analysed(line)[0]


def secrets_in(line: str) -> tuple[str, ...]:
    """Return the parts of a line that are secret or contain a part of a secret."""
    if _holds_none(line):
        return ()
    from hmp.qmp.secret_lines import analysed

    return analysed(line)[1]


def _holds_none(line: str) -> bool:
    """Return whether a line is one of the most common, which cannot contain a secret."""
    return line.startswith("info ") and not (
        "=" in line or ":" in line or "@" in line or "{" in line or "|" in line
    )


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
        if self.whole and not tells_nothing(reply.get("return")):
            reply = {**reply, "return": STARS}
        masked: dict[str, Any] = _each_text(reply, lambda text: hide(text, self.values))
        return mask_reply(masked)


def sensitive(command: str, arguments: Any, also: Sequence[str] = ()) -> Sensitive | None:
    """Return the secrets in the reply to a request, or None.

    also: as for `mask`.
    """
    if arguments == _NEGOTIATION or not (arguments or _odd(command)):
        return None
    whole = _is_secret(command, arguments)
    masking = _Masking()
    masking.request({"execute": command, "arguments": arguments or {}})
    masking.found += also
    if whole or masking.found or command == "qom-list-get":
        return Sensitive(masking.found, whole)
    return None


def _is_secret(command: str, arguments: Any) -> bool:
    """Return whether the entire reply to a request is a secret."""
    if command == "qom-get":
        return secret_property(arguments.get("property"))
    if command != "human-monitor-command" or not isinstance(arguments, dict):
        return False
    # QEMU's monitor takes quotes around any word
    words = str(arguments.get("command-line")).replace('"', "").split()
    return words[:1] == ["qom-get"] and secret_property(words[-1])


def _odd(command: object) -> bool:
    """Return whether a command's name is really a mistyped line or JSON."""
    return isinstance(command, str) and not command.isalnum() and '"' in command


def tells_secrets(data: bytes) -> bool:
    """Return whether replies of these bytes may contain secrets for `mask_reply`.

    Few do, and masking all of them would cost too much time.
    """
    low = data.lower()
    for part in _TELLING:  # noqa: SIM110 - a generator costs each reply more
        if part in low and re.search(_TELLING[part], low):
            return True
    return False


def mask_reply(message: dict[str, Any]) -> dict[str, Any]:
    """Return a reply or event with values of secret names or shapes starred out."""
    masked: dict[str, Any] = _mask_reply(message)
    return masked


def _mask_reply(value: Any) -> Any:
    if isinstance(value, str):
        return _mask_filename(mask_text(value))
    if isinstance(value, list):
        return [_mask_reply(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: STARS
        if isinstance(item, str)  # a number with such a name counts, as in MIGRATION_PASS
        and matches_secret(key)
        and not (tells_nothing(item) or harmless_value(key, item))
        else _mask_reply(item)
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


def mask_address(text: str) -> str:
    """Return an address, or a sentence about one, with its password starred out."""
    masked = mask_text(text)
    if masked != text or "@" not in text:
        return masked
    return re.sub(LOOSE, lambda match: f"{match[0].removesuffix(match[1])}{STARS}", text)


def mask_target(text: str) -> str:
    """Return a TARGET of the command line with its password starred out."""
    if not text.startswith("exec:"):
        return mask_address(text)
    import shlex

    from hmp.qmp.secret_lines import words_analysed

    try:
        words = shlex.split(text)
    except ValueError:
        # an open quote: masked as a line is, which needs no words
        return mask_line(text)
    masked, _ = words_analysed(words)
    return mask_text(text if masked == words else " ".join(masked))


def _forms(value: str) -> set[str]:
    """Return a secret as it may be quoted: bare, and as JSON writes it."""
    bare = value.strip(" \t\"'\\{}")
    return {value, bare, value.replace("\\", "\\\\").replace('"', '\\"')}


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


def _each_text(value: Any, change: Any) -> Any:
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
        if _odd(command):
            name = "execute" if "execute" in message else "exec-oob"
            message = {**message, name: self._line(command)}
        if command == "human-monitor-command":
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
        from hmp.qmp.secret_lines import words_analysed

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
        if text.startswith("exec:") or re.search(_JSON_FILE, text):
            return self._line(text)
        return mask_text(text)

    def _line(self, line: str) -> str:
        self.found += secrets_in(line)
        return mask_line(line)


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
