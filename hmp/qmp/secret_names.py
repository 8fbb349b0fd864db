"""Which members, options, properties and commands are secret, by their names.

Names are judged even when they are mistyped: QEMU refuses such a line, but the password in
it is real. `hmp.qmp.secrets` and `hmp.qmp.secret_lines` star out the values.
"""

from __future__ import annotations

import re
from functools import lru_cache

STARS = "***"

HARMLESS_OPTIONS = frozenset(
    (
        "qom-type",
        "id",
        "format",
        "file",
        "keyid",
        "iv",
        "loaded",
        "serial",
        "endpoint",
        "dir",
        "verify-peer",
        "priority",
        "sanity-check",
        "username",
        "passwordid",
        "execute",
        "exec-oob",
        "arguments",
        "props",
    )
)
"""Options of secrets and TLS credentials that are harmless."""
HARMLESS_ARGUMENTS = frozenset(("protocol", "connected", "display"))
"""Arguments of password commands that are not the password."""
_PASSWORD_COMMANDS = ("set_password", "change-vnc-password", "block_passwd")
_KEEPERS = ("secret", "tls", "cred")
_TOLD = ("on", "off", "yes", "no", "true", "false", "null")
"""Values of an option that only switches passwords on or off."""

_AUTH = "auth"
"""A secret in requests, if it is not a way to authenticate, which replies show."""
_SENT = (_AUTH, "buf-b64", "input-data")
"""Secret in requests only; the last two are the guest agent's, for files and programs."""
_WAYS = (
    r"(?i)agent|any|basic|bearer|cephx|cert|certificate|chap|digest|external|gssapi|hmac"
    r"|jwt|kerberos|key|krb5|ldap|login|md5|mtls|negotiate|none|ntlm|oauth2?|oidc|otp|pam"
    r"|password|peer|plain|psk|publickey|radius|saml|sasl|scram(?:-[\w-]*)?|spice|ssh|ssl"
    r"|tls|token|totp|trust|unix|vencrypt|vnc|x509"
)
_WIRE = r"\d{1,3}"
"""The pin of a device; one that is a secret has four digits at least."""

NAMES = {
    "pass": r"passw(?:or)?d|pass[-_]?(?:word|phrase|code)|(?:key|require|ssh|store)?pass",
    "pw": "pwd?",
    "cookie": "(?:[rt]x)?cookie|cookies",
    "token": "token",
    "psk": "psk",
    "bearer": "bearer",
    "jwt": "jwt",
    "key": "(?:account|api|access|application|auth|encryption|master|priv|private|secret"
    "|shared|storage)[-_]?key",
    "secret": "client[-_]?secret",
    "authorization": "authorization",
    "credential": "credentials?",
    "sig": "sig|signature",
    "otp": "totp",
    "pin": "(?:card|security|so|user)[-_]?pin|pin[-_]?(?:code|value)",
}
"""Names of secrets, by the part that names them, in small letters: all that follows here
contains one, so that texts without these parts need not be looked at.
"""
_WORDS = r"passw(?:or)?d|passphrase|passcode|token"
# they only look like names of secrets
_NOT_SECRET = ("passed", "passwordid")
# Most scripts need none of the next ones: `re` compiles each when it is first used.
_NAME = (
    rf"(?i)(?:.*[-_.])?(?:{'|'.join(NAMES.values())})|(?:.*[._])?(?:secret|key)|(?:.*\.)?(?:pin|otp)"
    rf"|.*(?:{_WORDS})s?(?:[-_]?(?:hash|value|\d{{1,3}}))?"
)
# where a word begins within camelCase
_CAPITAL = r"(?<=[a-z0-9])(?=[A-Z])"
# no name is as long, and comparing letter by letter would take time
_LONGEST_NAME = 100


@lru_cache(4096)
def resembles(word: str, name: str, edits: int) -> bool:
    """Return whether a word is a name with at most `edits` letters changed.

    Letters may be wrong, missing, added, or swapped with their neighbour.
    """
    # this alone decides nearly all calls, and the rest takes length times length
    if abs(len(word) - len(name)) > edits:
        return False
    before: list[int] = []
    row = list(range(len(name) + 1))
    for i, char in enumerate(word):
        older, before, row = before, row, [i + 1]
        for j, wanted in enumerate(name):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (char != wanted))
            # two letters in the wrong order are one change, as they are one slip of the
            # fingers
            if i and j and char == name[j - 1] and word[i - 1] == wanted:
                cost = min(cost, older[j - 1] + 1)
            row.append(cost)
    return row[-1] <= edits


def matches_secret(key: str) -> bool:
    """Return whether a member of a reply has the name of a secret, correctly spelt."""
    # as in userPassword and apiKey
    return re.fullmatch(_NAME, re.sub(_CAPITAL, "-", key)) is not None


def may_name_secret(text: str) -> bool:
    """Return whether a text may contain the name of a secret; most do not."""
    low = text.lower()
    return any(part in low for part in (*NAMES, *_SENT))


@lru_cache(4096)
def names_secret(key: str) -> bool:
    """Return whether a member or option of this name is secret, even if mistyped.

    A name that ends in ``-secret`` is not: its value is the id of a secret object.
    """
    # no member has such a name; it is text, and comparing it letter by letter would take
    # long
    if len(key) > _LONGEST_NAME:
        return "passw" in key
    last = key.rpartition(".")[2].lower()
    if last in _NOT_SECRET:
        return False
    if matches_secret(key) or last in _SENT:
        return True
    # also as the end of proxy-password
    ends = [last, *(last[match.end() :] for match in re.finditer("[-_]", last))]
    if ends[-1] in _NOT_SECRET:
        return False
    return any(resembles(end, "password", 2) or resembles(end, "passwd", 1) for end in ends)


def harmless_value(key: str, value: object) -> bool:
    """Return whether a value is known to be none: ``auth=none``, or ``pin=3`` of a chip."""
    low = key.lower()
    known = _WAYS if low.endswith(_AUTH) else _WIRE if low.endswith("pin") else ""
    return bool(known) and re.fullmatch(known, str(value)) is not None


def secret_property(name: object) -> bool:
    """Return whether a QOM property is secret, such as the data of a secret object."""
    return isinstance(name, str) and (name == "data" or names_secret(name))


def secret_type(name: object) -> bool:
    """Return whether objects of a QOM type hold secrets, even if it is mistyped."""
    if not isinstance(name, str):
        return name is None  # assume the worst
    low = name.lower()
    begins = any(resembles(low[:size], "secret", 1) for size in (5, 6, 7))
    return begins or resembles(low, "secret", 2) or any(n in low for n in _KEEPERS)


def sets_password(command: str) -> bool:
    """Return whether a command takes a password, even if its name is mistyped."""
    return any(resembles(command, name, 2) for name in _PASSWORD_COMMANDS)


def tells_nothing(value: object) -> bool:
    """Return whether a value says only if a secret is set."""
    return value is None or isinstance(value, bool) or value in ("", STARS, *_TOLD)


def odd_command(command: object) -> bool:
    """Return whether a command's name is really a mistyped line or JSON."""
    return isinstance(command, str) and ('"' in command or " " in command)
