"""Where the secret begins in words for another program: ``curl -u me:PASSWORD``.

``exec:`` addresses, pipes, ``!`` and the arguments of ``guest-exec`` hold such words. The
words count, whatever shell and quotes are around them; which letter of an option has a
password depends on the program.
"""

from __future__ import annotations

import re

from hmp.qmp.secret_names import harmless_value, names_secret

QUOTES = "\"'\\"
BLANKED = str.maketrans(dict.fromkeys(QUOTES, " "))

_ENDS = "!|;&()`"
_JOINTS = re.compile(r"(?<![\w.-])(?:[\w-]+\.){0,6}args?\.\d+=|(?<=\s),(?=\s)|\[(?=\s)")
"""What parts the words of a list, where quotes are blanks: ``arg.1=``, or JSON's comma."""
_WORD = re.compile(rf"[{_ENDS}]|[^\s{_ENDS}]+")
_HARMLESS = ("-", "<", ">", "file:", "env:", "fd:", "stdin", *_ENDS)
"""Beginnings of words that are not the secret of the option before them."""
_NAMED = re.compile(r"\w+_key")
_LETTERS = (
    ("sshpass|ncftp(?:put|get)|mongo\\w*|login", "p"),
    ("(?:mysql|mariadb)[\\w-]*|7z[ar]?|(?:un)?rar", "p="),
    ("(?:un)?zip|ipmitool|mosquitto_\\w+|sqlcmd|tsql", "P"),
    ("ldap\\w+", "w"),
    ("user(?:add|mod)", "p"),
    ("redis-cli|https?", "a"),
    ("openssl", "kK"),
    ("snmp\\w+", "AXc"),
    ("curl", "Eb"),
)
"""Programs and the letters of their options with a secret; ``=``: in the same word only."""
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
    r"|\b(?:sudo|su|passwd|chpasswd|cryptsetup|ftp)\s[^|]{0,200}?<<<\s*(?=\S)"
)


def secret_word(text: str) -> int | None:
    """Return the position of the first secret among the words, or None."""
    plain = _JOINTS.sub(lambda match: " " * len(match[0]), text.translate(BLANKED))
    found = [match.end() for match in _SECRETS.finditer(plain)][:1]
    found += _by_options(plain)
    return min(found, default=None)


def _by_options(plain: str) -> list[int]:
    """Return the position of the value of the first option with a secret, if any."""
    letters = ""
    words = list(_WORD.finditer(plain))
    for word, following in zip(words, [*words[1:], None], strict=True):
        text = word[0]
        name = re.split("[/:=]", text)[-1]
        # after a pipe or ";" the letters of the program before mean nothing
        if text in _ENDS:
            letters = ""
        elif not text.startswith("-") and _NAMED.fullmatch(name) is None:
            letters = _letters(name) or letters
        elif (start := _value(word, name, following, letters)) is not None:
            return [start]
    return []


def _letters(name: str) -> str:
    """Return the letters of a program's options with a secret."""
    for pattern, letters in _LETTERS:
        if len(name) < 40 and re.fullmatch(pattern, name):
            return letters
    return ""


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
    if following is None or following[0].startswith(_HARMLESS):
        return None
    if harmless_value(name, following[0]):
        return None
    return following.start()


def _names_secret(word: str) -> bool:
    """Return whether a word announces a secret; curl's ``--key`` names a file."""
    option = word.lstrip("-")
    return not option.startswith("key") and names_secret(option)
