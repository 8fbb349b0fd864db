"""The passwords of addresses, as in ``user:password@host``, wherever a text has one."""

from __future__ import annotations

import re

from hmp.qmp.secret_names import STARS

_URL = (
    # user:password@, also without its @
    r"(:(?:\\?/){2}[^\s/:\[\"'\\]*:)(?!\d*(?:[/,\s\"'\\]|$))"
    r"([^\s\"']{0,128}(?=@)|[^\s/,\"'\\]+)"
    # without its scheme, as errors of QEMU have it
    r"|((?<![^\s\"'(])//[^\s/:@\"'\\]*:)([^\s/\"'\\]{1,128})(?=@)"
    # a token in the place of the user
    r"|(\b(?:https?|ftps?):(?:\\?/){2})([^\s/:@\"'\\]+)"
    r"(?=@[^\s/@\"']{0,128}(?:[/,\s\"'\\]|$))"
    r"|(\b(?:iscsi|iser):(?:\\?/){2}[^\s/%@\"']*%)([^\s/\"']{0,128})(?=@)"
    r"|(\brbd:[^\s\"',]{0,128}?:(?:key|password)=)((?:\\.|[^\s:\"',\\])+)"
)
# each text with such a password has one of these, which are found far faster
_MARKS = ("//", ":\\/", "rbd:")
# user:password@ of an address without a scheme, or with a mistyped one; not host:port@
LOOSE = r"(?<![\w@.+%-])[\w.+%-]*:[ ,=]?(?!\d+@)([^\s:/@,=\"'\\]+)(?=@[\w\[])"


def mask_text(text: str) -> str:
    """Return any text with the passwords of addresses in it starred out."""
    if not any(mark in text for mark in _MARKS):
        return text
    return re.sub(_URL, lambda match: f"{_before(match)}{STARS}", text)


def mask_address(text: str) -> str:
    """Return an address, or a sentence about one, with its password starred out."""
    masked = mask_text(text)
    if masked != text or "@" not in text:
        return masked
    return re.sub(LOOSE, lambda match: f"{match[0].removesuffix(match[1])}{STARS}", text)


def passwords_of_addresses(text: str) -> list[str]:
    """Return the passwords of addresses in a text."""
    if not any(mark in text for mark in _MARKS):
        return []
    return [match[match.lastindex or 0] for match in re.finditer(_URL, text)]


def _before(match: re.Match[str]) -> str:
    return match[(match.lastindex or 1) - 1]
