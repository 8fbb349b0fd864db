"""Where the secret begins in words for another program: ``curl -u me:PASSWORD``.

``exec:`` addresses, pipes, ``!`` and the arguments of ``guest-exec`` hold such words. The
words count, whatever shell and quotes are around them; which letter of an option has a
password depends on the program. A word with the name of a secret announces it in the next
one, as in ``wg set wg0 private-key KEY``, and so does ``login``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hmp.qmp.secret_names import harmless_value, names_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

QUOTES = "\"'\\"
BLANKED = str.maketrans(dict.fromkeys(QUOTES, " "))

_ENDS = "!|;&()`"
_JOINTS = re.compile(r"(?<![\w.-])(?:[\w-]+\.){0,6}args?\.\d+=|(?<=\s),(?=\s)|\[(?=\s)")
"""What parts the words of a list, where quotes are blanks: ``arg.1=``, or JSON's comma."""
_WORD = re.compile(rf"[{_ENDS}]|[^\s{_ENDS}]+")
_HARMLESS = ("-", "<", ">", "file:", "env:", "fd:", "stdin", *_ENDS)
"""Beginnings of words that are not the secret of the option before them."""
_PROGRAM = re.compile(
    r"(?<!\S)!|[|;]|\bexec:|\bguest-exec\b|\bargs?(?:\.\d|[\"'\\\s]*[:=])"
)
"""What comes before the words for a program in a line."""
_LETTERS = (
    ("sshpass|ncftp(?:put|get)|mongo\\w*|login|racadm|rdesktop", "p"),
    ("(?:mysql|mariadb)[\\w-]*|7z[ar]?|(?:un)?rar", "p="),
    ("(?:un)?zip|ipmitool|mosquitto_\\w+|sqlcmd|tsql", "P"),
    ("ldap\\w+", "w"),
    ("ssh-keygen", "NP"),
    ("user(?:add|mod)", "p"),
    ("redis-cli|https?", "a"),
    ("openssl", "kK"),
    ("snmp\\w+", "AXc"),
    ("curl", "Eb"),
)
"""Programs and the letters of their options with a secret; ``=``: in the same word only."""
_PROGRAMS = "|".join(f"({pattern})" for pattern, _ in _LETTERS)
"""All of these in one pattern, since a line may have thousands of words."""
_SECRETS = re.compile(
    # user:password, with the comma of lftp or the percent sign of smbclient
    r"(?<!\S)(?:-[A-Za-z]{0,9}[uU]|--(?:proxy-)?(?:user|cert|auth))(?:=|\s*)"
    r"(?!\d+:\d|\w+://)[^\s:,%=+-][^\s:,%=]*[:,%](?!//)(?=\S)"
    r"|\b(?:user|proxyauth)\s*=\s*[^\s:,@/]{1,128}:(?=[^\s/])"
    r"|\bhtpasswd\s+-(?:nb|bn|\w{0,9}b\w{0,9}\s+\S+)\s+\S+\s+(?=\S)"
    r"|\bwpa_passphrase\s+\S+\s+(?=\S)"
    r"|\bBearer\s+(?=\S)"
    r"|(?<!\S)(?:/p|pass):(?=\S)"
    # what goes to a program that asks for a password
    r"|\b(?:echo|printf)\s+(?=[^|]{1,200}\|.{0,200}?"
    r"(?:\b(?:sudo|su|passwd|chpasswd|cryptsetup)\b|-stdin\b))"
    r"|<<<\s*(?=\S)"
)
_VERBS = re.compile(
    r"(?<![\w-])(?:login|logon|signin|unlock)\s+(?:-[^\s=]+=\S*\s+)*(?=[^-\s!|;&<>])"
)
"""Words before the secret, in words for a program."""


def secret_word(text: str, *, program: bool = False) -> int | None:
    """Return the position of the first secret among the words, or None.

    program: all of the text is for a program, not only what follows a mark such as ``!``.
    """
    mark = _PROGRAM.search(text)
    start = 0 if program else mark.end() if mark else len(text)
    plain = _JOINTS.sub(lambda match: " " * len(match[0]), text.translate(BLANKED))
    found = [match.end() for match in _SECRETS.finditer(plain)][:1]
    found += [match.end() for match in _VERBS.finditer(plain, start)][:1]
    found += _by_names(plain, start)
    return min(found, default=None)


def _by_names(plain: str, start: int) -> list[int]:
    """Return the position of the value of the first option with a secret, if any.

    start: from where on an ordinary word may announce a secret as well.
    """
    letters = ""
    words = list(_WORD.finditer(plain))
    for word, following in zip(words, [*words[1:], None], strict=True):
        text = word[0]
        name = re.split("[/:=]", text)[-1]
        # after a pipe or ";" the letters of the program before mean nothing
        if text in _ENDS:
            letters = ""
        elif text.startswith("-"):
            if (value := _value(word, name, following, letters)) is not None:
                return [value]
        elif _announces(word, start) and _is_secret(following, text):
            return [following.start()]
        else:
            letters = _letters(name) or letters
    return []


def _announces(word: re.Match[str], start: int) -> bool:
    """Return whether an ordinary word announces a secret; wpa_passphrase is a program."""
    named = word.start() >= start and names_secret(word[0])
    return named and not word[0].endswith("wpa_passphrase")


@lru_cache(1 << 14)
def _letters(name: str) -> str:
    """Return the letters of a program's options with a secret."""
    match = re.fullmatch(_PROGRAMS, name) if len(name) < 40 else None
    return _LETTERS[match.lastindex - 1][1] if match and match.lastindex else ""


def _value(
    word: re.Match[str], name: str, following: re.Match[str] | None, letters: str
) -> int | None:
    """Return the position of the secret value of an option, or None."""
    text = word[0]
    if text[1:2] in letters and len(text) > 2:
        return word.start() + 2
    alone = len(text) == 2 and text[1] in letters and "=" not in letters
    if not alone and not _names_secret(name):
        return None
    return following.start() if _is_secret(following, name) else None


def _is_secret(value: re.Match[str] | None, name: str) -> TypeGuard[re.Match[str]]:
    """Return whether a word is the secret that the name before it announces."""
    if value is None or value[0].startswith(_HARMLESS):
        return False
    return not harmless_value(name, value[0])


def _names_secret(word: str) -> bool:
    """Return whether a word announces a secret; curl's ``--key`` names a file."""
    option = word.lstrip("-")
    return option != "key" and names_secret(option)
